"""Loading declarations: a kind is a TOML file and no Python, and each mistake is one sentence with file and key."""

from pathlib import Path

import pytest

from schema.catalog import OWN, load_catalog
from schema.errors import BadDeclaration
from schema.field import Base

PLAN = """
kind = "plan"
plural = "plans"
type = "Plan"
prefix = "plan"
doc = "What companies plan together."
title = "topic"
natural_key = "code"

[joint]
topic = { type = "Text", required = true, audience = "invited", doc = "What it is about." }
phase = { type = "Phase", doc = "How far it is." }
place = { type = "Country", group = "where.country", doc = "Where it happens." }
deals = { type = "[opportunity]", doc = "What came of it." }

[side]
code = { type = "Text", max_length = 20, doc = "Our number." }
budget = { type = "Money", doc = "What it may cost." }
step = { type = "Text", audience = "participants", doc = "What comes next." }
steps = { type = "[HistoryEntry]", history_of = "step", doc = "What came before." }
ref = { type = "CrmRef", doc = "Where it is kept." }
trend = { type = "Pair", doc = "Two numbers." }

[lifecycle.phase]
part = "joint"
initial = "DRAFT"
moves.DRAFT = ["READY"]
"""
PICKLISTS = """
[Phase]
doc = "How far a plan is."
DRAFT = "Draft"
READY = "Ready"
"""
STRUCTS = """
[Pair]
doc = "Two numbers."
low = { type = "Number", required = true, doc = "The lower." }
high = { type = "Number", doc = "The higher." }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "extra"
    (place / "picklists").mkdir(parents=True)
    (place / "structs").mkdir()
    write(place, PLAN, PICKLISTS, STRUCTS)
    return place


def write(folder: Path, plan: str, picklists: str, structs: str) -> None:
    (folder / "plan.toml").write_text(plan)
    (folder / "picklists/phase.toml").write_text(picklists)
    (folder / "structs/pair.toml").write_text(structs)


def test_a_folder_adds_a_kind(folder: Path) -> None:
    catalog = load_catalog([folder])
    assert [kind.name for kind in catalog.kinds] == ["lead", "opportunity", "plan", "solution"]
    plan = catalog.by_name["plan"]
    assert [(f.name, f.index, f.audience) for f in plan.joint] == [
        ("topic", 1, "invited"),
        ("phase", 2, "participants"),
        ("place", 3, "participants"),
        ("deals", 4, "participants"),
    ]
    assert [(f.name, f.index, f.audience) for f in plan.side][:3] == [
        ("code", 1, "private"),
        ("budget", 2, "private"),
        ("step", 3, "participants"),
    ]
    place, deals, code = plan.joint[2], plan.joint[3], plan.side_by_name["code"]
    assert (place.group, place.key, place.type.base) == ("where", "country", Base.COUNTRY)
    assert (deals.type.name, deals.type.base, deals.type.many, deals.type.target) == (
        "opportunity",
        Base.RECORD,
        True,
        "opportunity",
    )
    assert (code.type.max_length, plan.joint[0].type.max_length) == (20, 255)
    assert dict(catalog.structs)["Pair"].required == ("low",)
    assert dict(catalog.picklists)["Phase"] == ("DRAFT", "READY")
    assert [(kind, field.name) for kind, field in catalog.linked_from["opportunity"]] == [("plan", "deals")]


def test_kinds_may_stand_in_a_folder_of_their_own(folder: Path) -> None:
    flat = load_catalog([folder])
    (folder / "kinds").mkdir()
    (folder / "plan.toml").rename(folder / "kinds/plan.toml")
    assert load_catalog([folder]) == flat


def test_the_digest_changes_with_the_content_and_with_nothing_else(folder: Path) -> None:
    own, more = load_catalog(), load_catalog([folder])
    assert load_catalog([]) == own
    assert load_catalog([folder]).digest == more.digest != own.digest
    write(folder, PLAN.replace("What it is about.", "What it is all about."), PICKLISTS, STRUCTS)
    assert load_catalog([folder]).digest != more.digest
    write(folder, PLAN, PICKLISTS.replace('"Ready"', '"Done"'), STRUCTS)
    assert load_catalog([folder]).digest != more.digest
    write(folder, "# a comment\n" + PLAN, PICKLISTS, STRUCTS)
    assert load_catalog([folder]).digest == more.digest


def test_kinds_may_have_a_group_in_common(folder: Path) -> None:
    opportunity = (OWN / "kinds/opportunity.toml").read_text().splitlines()
    customer = "\n".join(line for line in opportunity if "customer." in line)
    write(folder, PLAN.replace("[joint]", "[joint]\n" + customer), PICKLISTS, STRUCTS)
    assert [f.key for f in load_catalog([folder]).by_name["plan"].joint if f.group == "customer"] == [
        "name",
        "industry",
        "region",
        "country",
        "segment",
    ]


def refusal(folder: Path) -> str:
    with pytest.raises(BadDeclaration) as caught:
        load_catalog([folder])
    return caught.value.message


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        # the head
        ('kind = "plan"\n', "", "kind: must be a text."),
        ('kind = "plan"', 'kind = "Plan"', "kind: must be a camelCase name."),
        ('kind = "plan"', 'kind = "lead"', 'kind: the name "lead" is taken by kinds/lead.toml.'),
        ('kind = "plan"', 'kind = "viewer"', 'kind: the name "viewer" is taken by the core schema.'),
        ('"plans"', '"leads"', 'plural: the name "leads" is taken by kinds/lead.toml.'),
        ('"plans"', '"plan"', 'plural: the name "plan" is taken by extra/plan.toml.'),
        ('"plans"', "7", "plural: must be a text."),
        ('"Plan"', '"Lead"', 'type: the name "Lead" is taken by kinds/lead.toml.'),
        ('"Plan"', '"Industry"', 'type: the name "Industry" is taken by picklists/standard.toml.'),
        ('"Plan"', '"Money"', 'type: the name "Money" is taken by the core schema.'),
        (
            '"Plan"',
            '"LeadSide"',
            "type: must be a PascalCase name that ends in none of Side, Where, Filter, Input, Payload, Connection, "
            "Edge, Order, OrderField, GroupBy, GroupField, Measure, MeasureField.",
        ),
        ('prefix = "plan"', 'prefix = "opp"', 'prefix: the name "opp" is taken by kinds/opportunity.toml.'),
        ('prefix = "plan"', 'prefix = "pe"', 'prefix: the name "pe" is taken by the core schema.'),
        ('prefix = "plan"', 'prefix = "P1"', "prefix: must be 2 to 8 lower-case letters."),
        ('doc = "What companies plan together."', 'doc = " "', "doc: must be a text."),
        ("natural_key", "naturalKey", "naturalKey: there is no such key."),
        ('"code"\n', '"nothing"\n', "natural_key: must name a side field: a text, or a struct with required members."),
        ('"code"\n', '"budget"\n', "natural_key: must name a side field: a text, or a struct with required members."),
        ('"code"\n', '"steps"\n', "natural_key: must name a side field: a text, or a struct with required members."),
        *(
            (
                before,
                after,
                'title: must name a required joint field of type Text with the audience "invited".',
            )
            for before, after in [
                ('title = "topic"', 'title = "step"'),
                ("required = true, ", ""),
                ('audience = "invited", ', ""),
                ('"Text", required', '"[Text]", required'),
                ('"Text", required', '"Url", required'),
                ('"Text", required', '"Text", group = "a.b", required'),
            ]
        ),
        # fields
        ("[joint]", "[[joint]]", "joint: must be a table."),
        ("phase = {", 'phase = "x"\nx = {', "joint.phase: must be a table."),
        ("phase = {", "PHASE = {", "joint.PHASE: must be a camelCase name of at most 40 letters and digits."),
        ("phase = {", "mine = {", "joint.mine: this name is reserved."),
        ("phase = {", "name = {", "joint.name: this name is reserved."),
        ("budget = {", "version = {", "side.version: this name is reserved."),
        ("budget = {", "viewerStatus = {", "side.viewerStatus: this name is reserved."),
        (
            'code = { type = "Text", ',
            'budgetMinor = { type = "Text", ',
            "side.budget: another field has a column of this name.",
        ),
        ('"Phase"', '"Faze"', 'joint.phase.type: there is no type "Faze".'),
        ('"[opportunity]"', '"[deal]"', 'joint.deals.type: there is no type "deal".'),
        ('"Phase", ', '"Phase", colour = 1, ', "joint.phase.colour: there is no such key."),
        ('type = "Phase", ', "", "joint.phase.type: must be a text."),
        ('"How far it is."', '""', "joint.phase.doc: must be a text."),
        ('"Phase", ', '"Phase", required = false, ', "joint.phase.required: must be true, or be left out."),
        (
            '"Phase", ',
            '"Phase", audience = "participants", ',
            "joint.phase.audience: this is the default, leave it out.",
        ),
        ('"Phase", ', '"Phase", audience = "private", ', 'joint.phase.audience: must be "invited", or be left out.'),
        (
            '"Money", ',
            '"Money", audience = "invited", ',
            'side.budget.audience: must be "participants", or be left out.',
        ),
        (
            "max_length = 20",
            "max_length = 255",
            "side.code.max_length: must be a number from 1 that is not the usual one.",
        ),
        (
            "max_length = 20",
            "max_length = 0",
            "side.code.max_length: must be a number from 1 that is not the usual one.",
        ),
        (
            "max_length = 20",
            "max_length = true",
            "side.code.max_length: must be a number from 1 that is not the usual one.",
        ),
        ('"Money", ', '"Money", max_length = 9, ', "side.budget.max_length: only a text has one."),
        # groups
        ('"where.country"', '"where"', 'joint.place.group: must be two names, as in "customer.industry".'),
        ('"where.country"', '"phase.country"', "joint.place.group: a group may not be named like a field."),
        ('"where.country"', '"owner.country"', "joint.place.group: a group may not be named like a field."),
        (
            '"Phase", ',
            '"Phase", group = "where.country", ',
            "joint.place.group: another field has this place in the group.",
        ),
        (
            "deals = {",
            "whereCountry = {",
            "joint.place.group: a field has this name without the dot, and both would be sorted by it.",
        ),
        ('"Money", ', '"Money", group = "a.b", ', "side.budget.group: only joint fields stand in groups."),
        ('"where.country"', '"money.country"', 'joint.place.group: the name "Money" is taken by the core schema.'),
        (
            '"where.country"',
            '"customer.country"',
            'joint.place.group: the group "customer" must have the same keys and types as in kinds/opportunity.toml.',
        ),
        # histories
        ('history_of = "step"', 'history_of = "stop"', "side.steps.history_of: there is no such field to watch."),
        ('history_of = "step"', 'history_of = "steps"', "side.steps.history_of: there is no such field to watch."),
        (
            'history_of = "step"',
            'history_of = "budget"',
            "side.steps.type: must be a list of structs {at: DateTime, value} of the watched type.",
        ),
        (
            '"[HistoryEntry]"',
            '"HistoryEntry"',
            "side.steps.type: must be a list of structs {at: DateTime, value} of the watched type.",
        ),
        # lifecycles
        (
            "[lifecycle.phase]",
            "[lifecycle.faze]",
            "lifecycle.faze: there is no joint field of this name with a picklist.",
        ),
        ('part = "joint"\n', "", "lifecycle.phase: there is no side field of this name with a picklist."),
        ('part = "joint"\n', 'part = "side"\n', 'lifecycle.phase.part: must be "joint", or be left out.'),
        ('part = "joint"\n', 'part = "both"\n', 'lifecycle.phase.part: must be "joint", or be left out.'),
        ('"Phase"', '"[Phase]"', "lifecycle.phase: there is no joint field of this name with a picklist."),
        (
            "[lifecycle.phase]",
            "[lifecycle.topic]",
            "lifecycle.topic: there is no joint field of this name with a picklist.",
        ),
        ('initial = "DRAFT"', 'initial = "OPEN"', "lifecycle.phase.initial: this is not a value of Phase."),
        ('initial = "DRAFT"', "begin = 1", "lifecycle.phase.begin: there is no such key."),
        ('moves.DRAFT = ["READY"]', "", "lifecycle.phase.moves: a lifecycle needs moves."),
        ('["READY"]', '["OPEN"]', 'lifecycle.phase.moves.DRAFT: "OPEN" is not a value of Phase.'),
        ("moves.DRAFT", "moves.OPEN", 'lifecycle.phase.moves.OPEN: "OPEN" is not a value of Phase.'),
        ('["READY"]', '["DRAFT"]', "lifecycle.phase.moves.DRAFT: staying is always allowed, leave it out."),
        ('["READY"]', '["READY", "READY"]', "lifecycle.phase.moves.DRAFT: names something twice."),
        ('["READY"]', "[]", "lifecycle.phase.moves.DRAFT: must be a list of texts."),
        ('["READY"]', "[1]", "lifecycle.phase.moves.DRAFT: must be a list of texts."),
        # without a mistake
        ('initial = "DRAFT"\n', "", None),
        ('natural_key = "code"\n', "", None),
        ('natural_key = "code"', 'natural_key = "ref"', None),
        ('[lifecycle.phase]\npart = "joint"\ninitial = "DRAFT"\nmoves.DRAFT = ["READY"]\n', "", None),
    ],
)
def test_a_bad_kind_is_refused_in_one_sentence(folder: Path, before: str, after: str, message: str | None) -> None:
    assert before in PLAN
    write(folder, PLAN.replace(before, after, 1), PICKLISTS, STRUCTS)
    if message is None:
        assert "plan" in load_catalog([folder]).by_name
    else:
        assert refusal(folder) == f"extra/plan.toml: {message}"


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("[Phase]", "[phase]", "picklists/phase.toml: phase: must be a PascalCase name"),
        ("[Phase]", "[Industry]", "picklists/phase.toml: Industry: this name is taken by picklists/standard.toml."),
        ("[Phase]", "[Contact]", "structs/structs.toml: Contact: the name"),
        ("[Phase]", "[Viewer]", "picklists/phase.toml: "),
        ("DRAFT =", "Draft =", "picklists/phase.toml: Phase.Draft: a value is written in UPPER_SNAKE letters."),
        ('"Draft"', "1", "picklists/phase.toml: Phase.DRAFT: must be a text."),
        ('doc = "How far a plan is."', "", "picklists/phase.toml: Phase.doc: must be a text."),
        ('DRAFT = "Draft"\nREADY = "Ready"', "", "picklists/phase.toml: Phase: a picklist needs values."),
        ("[Phase]", "x = 1\n[Phase]", "picklists/phase.toml: x: must be a table."),
        ("[Pair]", "[PairInput]", "structs/pair.toml: PairInput: must be a PascalCase name"),
        ("[Pair]", "[Contact]", "structs/pair.toml: Contact: this name is taken by structs/structs.toml."),
        ('doc = "Two numbers."', "", "structs/pair.toml: Pair.doc: must be a text."),
        ('"The lower."', '""', "structs/pair.toml: Pair.low.doc: must be a text."),
        ('low = { type = "Number"', 'low = { type = "Contact"', "structs/pair.toml: Pair.low.type: there is no type"),
        (
            'low = { type = "Number"',
            'low = { type = "Person"',
            "structs/pair.toml: Pair.low.type: a member of a struct is a plain value: no struct, no link, no id.",
        ),
        ("required = true", "audience = 1", "structs/pair.toml: Pair.low.audience: there is no such key."),
        ("low =", "Low =", "structs/pair.toml: Pair.Low: must be a camelCase name"),
    ],
)
def test_a_bad_picklist_or_struct_is_refused(folder: Path, before: str, after: str, message: str) -> None:
    assert before in PICKLISTS + STRUCTS
    write(folder, "", PICKLISTS.replace(before, after, 1), STRUCTS.replace(before, after, 1))
    (folder / "plan.toml").unlink()
    assert refusal(folder).startswith(message)


def test_a_struct_needs_members(folder: Path) -> None:
    write(folder, PLAN, PICKLISTS, '[Pair]\ndoc = "Nothing."\n')
    assert refusal(folder) == "structs/pair.toml: Pair: a struct needs members."


def test_what_is_no_toml_is_refused_with_its_line(folder: Path) -> None:
    write(folder, PLAN.replace('plural = "plans"', "plural = plans"), PICKLISTS, STRUCTS)
    message = refusal(folder)
    assert message.startswith("extra/plan.toml: this is not a readable TOML file: ")
    assert "line 3" in message


def test_a_field_declared_twice_is_refused_with_its_line(folder: Path) -> None:
    write(folder, PLAN.replace("phase = {", "topic = {"), PICKLISTS, STRUCTS)
    assert "line 12" in refusal(folder)


def test_what_is_no_text_is_refused(folder: Path) -> None:
    (folder / "plan.toml").write_bytes(b"\xff")
    assert refusal(folder).startswith("extra/plan.toml: this is not a readable TOML file: 'utf-8'")


def test_what_cannot_be_read_is_refused(folder: Path) -> None:
    (folder / "odd.toml").mkdir()
    assert refusal(folder) == "extra/odd.toml: this is not a readable TOML file: Is a directory."


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "nowhere") == "nowhere: there is no such folder."


def test_a_refusal_carries_the_path_of_the_key(folder: Path) -> None:
    write(folder, PLAN.replace('"Phase"', '"Faze"'), PICKLISTS, STRUCTS)
    with pytest.raises(BadDeclaration) as caught:
        load_catalog([folder])
    assert (caught.value.code, caught.value.field) == ("BAD_DECLARATION", ("joint", "phase", "type"))
