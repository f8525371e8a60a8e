"""The kind that a company makes of a kind by its templates, and of those shared with it."""

from dataclasses import replace

from schema.custom_values import editable, lifecycle_of, missing_required
from schema.effective import extended_kind
from schema.field import Field
from schema.names import CompanyId
from schema.template import Template
from schema.template_read import changed, define
from tests.schema.templates import KIND, KINDS, OTHER, OWN, PARTNER, defined, field, id_at, ids, template


def check(company: CompanyId, *templates: Template) -> list[str]:
    """The names of the custom fields of a company."""
    kind = extended_kind(KIND, company, templates)
    assert kind.side[: len(KIND.side)] == KIND.side
    assert [f.index for f in kind.side] == list(range(1, len(kind.side) + 1))
    assert len(kind.side_by_name) == len(kind.side_by_ident) == len(kind.side)
    return [f.name for f in kind.custom]


MINE = defined(field("b"), field("a"))
SHARED = defined(field("c"), company=PARTNER, id_=id_at("tpl", 2), start=10, sharedWith=[OWN])


def test_own_fields_come_first_then_those_that_are_shared() -> None:
    assert check(OWN, SHARED, MINE) == ["b", "a", "c"]
    assert check(PARTNER, SHARED, MINE) == ["c"]
    assert check(OTHER, SHARED, MINE) == []
    assert check(OWN) == []


def test_templates_of_other_kinds_are_left_aside() -> None:
    assert check(OWN, define(template(field(), kind="lead"), KINDS, id_at("tpl", 3), OWN, ids())) == []


def test_fields_stand_in_the_order_in_which_they_were_defined() -> None:
    later = changed(MINE, template(field("new"), field("a"), field("b")), KINDS, ids(30))
    assert [f.name for f in later.fields] == ["new", "a", "b"]
    assert check(OWN, later) == ["b", "a", "new"]


def test_a_key_that_is_taken_is_told_apart_by_the_id() -> None:
    theirs = defined(field("a"), field("c"), company=PARTNER, id_=id_at("tpl", 2), start=10, sharedWith=[OWN])
    assert check(OWN, theirs, MINE) == ["b", "a", "a_a00000", "c"]
    assert check(PARTNER, theirs, MINE) == ["a", "c"]


def test_names_stay_apart_whatever_keys_are_made_up() -> None:
    """The second template's fields are named so as to meet the new name of the first one's, in capitals too."""
    start = 10 + (11 << 5)  # ids that begin with letters: ab…
    rest = id_at("cf", start + 1).partition("_")[2]
    crafted = defined(
        field("a" + rest[0].upper() + rest[1:6]),
        field("a" + rest[0].upper() + rest[1:]),
        company=PARTNER,
        id_=id_at("tpl", 2),
        start=40,
        sharedWith=[OWN],
    )
    met = defined(field("x"), field("a"), company=OTHER, id_=id_at("tpl", 3), start=start, sharedWith=[OWN])
    names = check(OWN, MINE, crafted, met)
    assert names[-1] == f"a_{rest}_2"
    assert len({name.replace("_", "").lower() for name in names}) == len(names)


def test_a_field_of_the_kind_that_came_later_keeps_its_name() -> None:
    grown = replace(KIND, side=(*KIND.side, named(KIND.side_by_name["notes"], "a")))
    assert [f.name for f in extended_kind(grown, OWN, [MINE]).custom] == ["b", "a_200000"]


def named(field_: Field, name: str) -> Field:
    return replace(field_, name=name, index=len(KIND.side) + 1)


def test_a_field_may_be_changed_in_its_states() -> None:
    mine = defined(
        field("a", editableIn=["QUALIFIED"]),
        field("b", editableIn=["LAUNCHED", "PROSPECT"]),
        field("c"),
    )
    kind = extended_kind(KIND, OWN, [mine])

    def states(name: str) -> list[str]:
        return [s for s in kind.side_by_name["stage"].type.options if editable(kind, kind.side_by_name[name], s)]

    assert states("a") == ["QUALIFIED"]
    assert states("b") == ["PROSPECT", "LAUNCHED"]
    assert states("c") == states("amount") == list(kind.side_by_name["stage"].type.options)
    assert editable(kind, kind.side_by_name["b"], None)


def test_states_of_the_record_count_where_the_side_has_none() -> None:
    lead = KINDS["lead"]
    life = lifecycle_of(lead)
    assert life
    assert life.part == "joint"
    own = define(template(field("a", editableIn=["RESEARCH"]), kind="lead"), KINDS, id_at("tpl", 3), OWN, ids())
    kind = extended_kind(lead, OWN, [own])
    assert editable(kind, kind.side_by_name["a"], "RESEARCH")
    assert not editable(kind, kind.side_by_name["a"], "OPEN")


def test_required_fields_are_missed() -> None:
    kind = extended_kind(
        KIND,
        OWN,
        [
            defined(
                field("a", required=True),
                field("b", "MULTI_PICKLIST", required=True),
                field("c", "BOOLEAN", required=True),
                field("d"),
            )
        ],
    )
    a, b, c = (id_at("cf", n) for n in (1, 2, 3))
    assert missing_required(kind, {}) == (a, b, c)
    assert missing_required(kind, {"a": " ", "b": (), "c": False}) == (a, b)
    assert missing_required(kind, {"a": "x", "b": ("RED",), "c": False}) == ()
    assert missing_required(KIND, {}) == ()
