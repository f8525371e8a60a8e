"""What a template may say, what is made of it, and what is refused and where."""

from dataclasses import replace
from typing import Any

import pytest

from schema.errors import BadInput
from schema.field import Base
from schema.kind import Kind
from schema.money import Money
from schema.names import random_id
from schema.template import PLAIN_TYPES, TYPE_WORDS, Section, type_word
from schema.template_read import content_of, define, read_content, show
from tests.schema.templates import (
    KIND,
    KINDS,
    OTHER,
    OWN,
    PARTNER,
    TEMPLATE,
    custom,
    defined,
    field,
    id_at,
    ids,
    refining,
    template,
)


def refused(content: Any, place: str, why: str, kinds: dict[str, Kind] = KINDS) -> None:
    """The input is refused with these words at this place, in words and as a path."""
    with pytest.raises(BadInput) as caught:
        define(content, kinds, TEMPLATE, OWN, ids())
    assert caught.value.message == (f"{place}: {why}" if place else why)
    assert caught.value.field == tuple(key for key in place.replace("[", ".").replace("]", "").split(".") if key)


def test_a_template_says_what_its_fields_are() -> None:
    read = defined(
        field("dealColour", "PICKLIST", help="Which one.", section="look", default="BLUE", required=True),
        field("code", "TEXT", maxLength=20, minLength=2, pattern="[A-Z]+", audience="PARTICIPANTS"),
        help="What we add.",
        sections=[{"key": "look", "label": " The look "}],
        sharedWith=[OTHER, PARTNER],
    )
    assert (read.id, read.company, read.version, read.kind) == (TEMPLATE, OWN, 1, "opportunity")
    assert (read.key, read.label, read.help) == ("deal", "Deal", "What we add.")
    assert read.sections == (Section("look", "The look"),)
    assert read.shared_with == (PARTNER, OTHER)
    colour, code = read.fields
    assert (colour.name, colour.part, colour.doc, colour.audience) == ("dealColour", "side", "Which one.", "private")
    assert (colour.required, colour.type.base, colour.type.options) == (True, Base.PICKLIST, ("RED", "BLUE"))
    assert colour.type.name == "DealColour_100000"
    assert colour.custom
    assert (colour.custom.id, colour.custom.template) == (id_at("cf", 1), TEMPLATE)
    assert (colour.custom.section, colour.custom.default) == ("look", "BLUE")
    assert colour.custom.labels == ("Red", "Blue")
    assert (code.audience, code.type.max_length, code.ident) == ("participants", 20, id_at("cf", 2))
    assert code.custom
    assert (code.custom.min_length, code.custom.pattern) == (2, "[A-Z]+")
    assert read.defined == (id_at("cf", 1), id_at("cf", 2))


@pytest.mark.parametrize("word", TYPE_WORDS)
def test_every_type_of_field_is_read_and_told(word: str) -> None:
    read = custom(type_=word)
    assert type_word(read) == word
    assert read.type == PLAIN_TYPES.get(word, read.type)
    assert read.type.many is (word == "MULTI_PICKLIST")


@pytest.mark.parametrize(
    ("word", "given", "stored"),
    [
        ("TEXT", "Cafe\u0301", "Café"),
        ("INTEGER", 3, 3),
        ("NUMBER", 3, 3.0),
        ("MONEY", {"amount": "1.5", "currency": "EUR"}, Money(150, "EUR")),
        ("DATE", "2026-01-31", "2026-01-31"),
        ("DATE_TIME", "2026-01-31T00:00:00Z", "2026-01-31T00:00:00.000000Z"),
        ("BOOLEAN", False, False),
        ("PICKLIST", "RED", "RED"),
        ("MULTI_PICKLIST", ["RED"], ("RED",)),
        ("PHONE", "+49 30 1234567", "+49301234567"),
    ],
)
def test_a_default_is_kept_as_it_would_be_stored(word: str, given: object, stored: object) -> None:
    read = custom(type_=word, default=given)
    assert read.custom
    assert (type(read.custom.default), read.custom.default) == (type(stored), stored)


def test_a_template_may_be_empty() -> None:
    read = define({"kind": "lead", "key": "a", "label": "A"}, KINDS, TEMPLATE, OWN, ids())
    assert (read.fields, read.defined, read.sections, read.shared_with) == ((), (), (), ())


def test_null_is_as_left_out() -> None:
    nothing: dict[str, Any] = dict.fromkeys(
        ("help", "section", "required", "default", "audience", "low", "options", "formula")
    )
    assert custom(**nothing) == custom()
    assert defined(field(), help=None, sections=None, sharedWith=None) == defined(field())


@pytest.mark.parametrize(
    ("content", "place", "why"),
    [
        (None, "", "An object is expected."),
        ([], "", "An object is expected."),
        ({1: 2}, "", "An object is expected."),
        (template(colour=1), "colour", "There is no such key."),
        (template(kind="offer"), "kind", "There is no such kind."),
        (template(kind=None), "kind", "This is required."),
        (template(key="Deal"), "key", "A key must be a camelCase name of at most 40 letters and digits."),
        (template(key="k" * 99), "key", "A key must be a camelCase name of at most 40 letters and digits."),
        (template(label=" "), "label", "This may not be blank."),
        (template(label=3), "label", "A text is expected."),
        (template(label="x" * 101), "label", "This is longer than 100 characters."),
        (template(label="a\u202eb"), "label", "This has a character that cannot be printed."),
        (template(help="a\x07b"), "help", "This has a character that cannot be printed."),
        (template(help="x" * 1_001), "help", "This is longer than 1,000 characters."),
        (template(fields={}), "fields", "A list is expected."),
        (template(fields=[3]), "fields[0]", "An object is expected."),
        (template(*[field(f"a{i}") for i in range(201)]), "fields", "These are more than 200."),
        (template(sections=[{"key": "a", "label": "A", "x": 1}]), "sections[0].x", "There is no such key."),
        (template(sections=[{"key": "a", "label": "A"}] * 2), "sections[1].key", "Another section has this key."),
        (template(sharedWith=[OWN]), "sharedWith[0]", "This is your own company."),
        (template(sharedWith=["co_1"]), "sharedWith[0]", "This is not the id of a company."),
        (template(sharedWith=[PARTNER, PARTNER]), "sharedWith[1]", "This stands here twice."),
        (template(sharedWith=[3]), "sharedWith[0]", "A text is expected."),
    ],
)
def test_a_bad_template_is_refused(content: object, place: str, why: str) -> None:
    refused(content, place, why)


NO_SUCH = "A field of the type {} does not have this."


@pytest.mark.parametrize(
    ("given", "place", "why"),
    [
        (field(color=1), "color", "There is no such key."),
        (field("Colour"), "key", "A key must be a camelCase name of at most 40 letters and digits."),
        (field("x" * 41), "key", "A key must be a camelCase name of at most 40 letters and digits."),
        (field("__typename"), "key", "A key must be a camelCase name of at most 40 letters and digits."),
        (field("customFields"), "key", "This key is reserved."),
        (field("version"), "key", "This key is reserved."),
        (field("not"), "key", "This key is reserved."),
        (field("true"), "key", "This key is reserved."),
        (field("amount"), "key", "The kind has a field of this name."),
        (field(type_="STRING"), "type", f"This is none of the types {', '.join(TYPE_WORDS)}."),
        (field(label=None), "label", "This is required."),
        (field(section="look"), "section", "There is no such section."),
        (field(audience="ALL"), "audience", "This is either PRIVATE or PARTICIPANTS."),
        (field(required=1), "required", "True or false is expected."),
        (field(type_="BOOLEAN", low=1), "low", NO_SUCH.format("BOOLEAN")),
        (field(type_="NUMBER", pattern="a"), "pattern", NO_SUCH.format("NUMBER")),
        (field(type_="TEXT", options=[]), "options", NO_SUCH.format("TEXT")),
        (field(type_="PERSON", default=id_at("pe", 1)), "default", NO_SUCH.format("PERSON")),
        (field(type_="COMPANY", default=OWN), "default", NO_SUCH.format("COMPANY")),
        (field(type_="FORMULA", required=True), "required", NO_SUCH.format("FORMULA")),
        (field(type_="FORMULA", editableIn=["QUALIFIED"]), "editableIn", NO_SUCH.format("FORMULA")),
        (field(formula="1"), "formula", NO_SUCH.format("TEXT")),
        (field(type_="FORMULA", formula=None), "formula", "This is required."),
        (field(type_="NUMBER", low="1"), "low", "A number is expected."),
        (field(type_="NUMBER", low=float("nan")), "low", "A finite number is expected."),
        (field(type_="INTEGER", low=1.5), "low", "A whole number is expected."),
        (field(type_="INTEGER", high=2.5), "high", "A whole number is expected."),
        (field(type_="NUMBER", low=2, high=1), "high", "This is less than `low`."),
        (field(maxLength=0), "maxLength", "A whole number from 1 to 255 is expected."),
        (field(maxLength=256), "maxLength", "A whole number from 1 to 255 is expected."),
        (field(maxLength=True), "maxLength", "A whole number from 1 to 255 is expected."),
        (field(maxLength=5, minLength=6), "minLength", "A whole number from 1 to 5 is expected."),
        (field(pattern="a" * 201), "pattern", "This is longer than 200 characters."),
        (field(pattern=" a"), "pattern", "Write a blank at the beginning or the end as [ ]."),
        (field(pattern="(a"), "pattern", "Character 3 of this pattern: A closing bracket is missing."),
        (
            field(type_="LONG_TEXT", pattern="[a-z]{20}"),
            "pattern",
            "This pattern is too large for texts of that length; set a smaller `maxLength`.",
        ),
        (field(type_="PICKLIST", options=[]), "options", "A picklist needs options."),
        (field(type_="PICKLIST", options=[{}]), "options[0].value", "This is required."),
        (
            field(type_="PICKLIST", options=[{"value": "A", "label": "A", "x": 1}]),
            "options[0].x",
            "There is no such key.",
        ),
        (
            field(type_="PICKLIST", options=[{"value": "red", "label": "Red"}]),
            "options[0].value",
            "A value is written in UPPER_SNAKE, in at most 80 letters and digits.",
        ),
        (
            field(type_="PICKLIST", options=[{"value": "A", "label": "A"}] * 2),
            "options[1].value",
            "Another option has this value.",
        ),
        (
            field(type_="PICKLIST", options=[{"value": f"A{i}", "label": "A"} for i in range(251)]),
            "options",
            "These are more than 250.",
        ),
        (field(editableIn=[]), "editableIn", "Name a state, or leave this out."),
        (field(editableIn=["SOLD"]), "editableIn[0]", "This is no state of the kind's lifecycle."),
        (field(type_="PICKLIST", default="GREEN"), "default", "This is none of the options RED, BLUE."),
        (field(type_="INTEGER", default=5, high=4), "default", "This is more than 4."),
        (field(default=" ", required=True), "default", "This field is required."),
        (
            field(type_="MONEY", default={"amount": "1", "currency": "EURO"}),
            "default.currency",
            "This is not an ISO 4217 currency.",
        ),
        (field(type_="FORMULA", formula="it"), "formula", "These formulas read each other: it, it."),
    ],
)
def test_a_bad_field_is_refused(given: dict[str, Any], place: str, why: str) -> None:
    refused(template(field("first"), given), f"fields[1].{place}", why)


def test_no_two_fields_have_one_key() -> None:
    refused(template(field("a"), field("b"), field("a")), "fields[2].key", "Another field has this key.")


def test_states_are_those_of_the_record_where_the_side_has_none() -> None:
    given = template(field(editableIn=["RESEARCH"]), kind="lead")
    assert define(given, KINDS, TEMPLATE, OWN, ids()).fields[0].custom is not None
    given = template(field(editableIn=["PROSPECT"]), kind="lead")
    refused(given, "fields[0].editableIn[0]", "This is no state of the kind's lifecycle.")


def without_lifecycle(**more: Any) -> dict[str, Kind]:
    return {"opportunity": replace(KIND, lifecycles=(), **more)}


def test_a_kind_without_lifecycle_has_no_states() -> None:
    given = template(field(editableIn=["QUALIFIED"]))
    refused(given, "fields[0].editableIn", "This kind has no lifecycle.", without_lifecycle())


NO_PICKLIST = "This is no picklist of the kind's own side that can be refined."


def test_a_picklist_refines_one_of_the_kind() -> None:
    step = defined(refining(PILOT="QUALIFIED", TRIAL="QUALIFIED", LIVE="LAUNCHED")).fields[0]
    assert step.custom
    assert step.custom.refines == "stage"
    assert step.type.options == ("PILOT", "TRIAL", "LIVE")
    assert dict(step.type.standard) == {"PILOT": "QUALIFIED", "TRIAL": "QUALIFIED", "LIVE": "LAUNCHED"}


@pytest.mark.parametrize(
    ("given", "place", "why"),
    [
        (refining("engagementStage", A="B"), "refines", NO_PICKLIST),
        (refining("amount", A="B"), "refines", NO_PICKLIST),
        (refining("primaryNeeds", A="B"), "refines", NO_PICKLIST),
        (refining("nothing", A="B"), "refines", NO_PICKLIST),
        (
            refining(pilot="QUALIFIED"),
            "options[0].value",
            "A value is written in UPPER_SNAKE, in at most 80 letters and digits.",
        ),
        (refining(PILOT="SOLD"), "options[0].standard", "This is no value of stage."),
        (refining(A="QUALIFIED", B="A"), "options[1].standard", "This is no value of stage."),
        (field("step", "PICKLIST", refines="stage"), "options[0].standard", "This is required."),
        (
            field("step", "PICKLIST", options=[{"value": "A", "label": "A", "standard": "QUALIFIED"}]),
            "options[0].standard",
            "This is for fields with `refines`.",
        ),
        (
            field("step", "MULTI_PICKLIST", refines="stage"),
            "refines",
            "A field of the type MULTI_PICKLIST does not have this.",
        ),
    ],
)
def test_a_bad_refinement_is_refused(given: dict[str, Any], place: str, why: str) -> None:
    refused(template(given), f"fields[0].{place}", why)


WHOLE = defined(
    field("colour", "PICKLIST", default="RED", section="look", help="Which."),
    field("colours", "MULTI_PICKLIST", default=["RED"]),
    field("code", "TEXT", maxLength=20, minLength=2, pattern="[A-Z]+", editableIn=["LAUNCHED"]),
    refining(PILOT="QUALIFIED"),
    field("spent", "MONEY", low=0.1, high=5, default={"amount": "1.50", "currency": "EUR"}),
    field("left", "FORMULA", formula="spent + amount  + half"),
    field("half", "FORMULA", formula="spent / 2", audience="PARTICIPANTS"),
    field("notes2", "LONG_TEXT", required=True),
    help="Help.",
    sections=[{"key": "look", "label": "The look"}],
    sharedWith=[PARTNER],
)


def test_a_template_is_kept_and_read_again() -> None:
    assert read_content(content_of(WHOLE), KINDS, TEMPLATE, OWN, 1) == WHOLE
    assert define(show(WHOLE), KINDS, TEMPLATE, OWN, ids()) == WHOLE
    assert read_content(content_of(WHOLE), KINDS, TEMPLATE, OWN, 7).version == 7


def test_a_formula_is_kept_by_ids_and_shown_by_keys() -> None:
    left = WHOLE.fields[5]
    assert left.custom
    assert left.custom.formula == f"{id_at('cf', 5)} + amount  + {id_at('cf', 7)}"
    assert left.type.base is Base.MONEY
    assert show(WHOLE)["fields"][5]["formula"] == "spent + amount  + half"


def test_what_is_kept_is_read_after_its_kind_has_grown() -> None:
    kept = content_of(defined(field("spent"), refining(PILOT="QUALIFIED")))
    grown = tuple(
        replace(f, type=replace(f.type, options=(*f.type.options, "PILOT"))) if f.name == "stage" else f
        for f in KIND.side
    )
    grown = (*grown, replace(KIND.side_by_name["notes"], name="spent", index=len(grown) + 1))
    kinds = {"opportunity": replace(KIND, side=grown)}
    assert read_content(kept, kinds, TEMPLATE, OWN, 1).fields[0].name == "spent"
    with pytest.raises(BadInput, match="The kind has a field of this name"):
        define(template(field("spent")), kinds, TEMPLATE, OWN, random_id)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "This is not the content of a template."),
        ("[" * 100_000, "This is not the content of a template."),
        ("[]", "An object is expected."),
        ("{}", "An object is expected."),
        (
            '{"given":{"kind":"lead","key":"a","label":"A","fields":[{"key":"a","type":"TEXT"}]}}',
            "ids: A field has no id.",
        ),
        ('{"ids":3}', "ids: A list is expected."),
    ],
)
def test_what_is_no_template_is_refused(content: str, why: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_content(content, KINDS, TEMPLATE, OWN, 1)
    assert caught.value.message == why
