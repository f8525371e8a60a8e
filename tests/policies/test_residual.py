"""Residuals: which JSON terms are read as tests, and which are refused."""

from typing import Any

import pytest

from policies.residual import FIELD, REASON, OpenAnswer, Unsupported, read
from schema.where import Comparison

TYPES = {"n": int, "x": float, "t": str, "b": bool}
FIELDS = ("exists", "a", "b")
THIS = {"value": {"Variable": "_this"}}


def text(value: str) -> dict[str, Any]:
    return {"value": {"String": value}}


def number(value: object, of: str = "Integer") -> dict[str, Any]:
    return {"value": {"Number": {of: value}}}


def expression(operator: str, *args: object) -> dict[str, Any]:
    return {"value": {"Expression": {"operator": operator, "args": list(args)}}}


NOT_ONE = expression("Neq", THIS, number(1))


def read_one(name: str, term: dict[str, Any]) -> tuple[Comparison, ...]:
    return read({"c_" + name: term}, TYPES).tests


@pytest.mark.parametrize(
    ("name", "term", "expected"),
    [
        ("t", text("a"), [("eq", "a")]),
        ("t", {"value": {"Variable": "c_t"}}, []),
        ("n", expression("And"), []),
        ("n", expression("Unify", THIS, number(1)), [("eq", 1)]),
        ("n", expression("And", expression("And", expression("Eq", number(1), THIS))), [("eq", 1)]),
        (
            "n",
            expression("And", NOT_ONE, expression("Lt", number(0), THIS)),
            [("ne", 1), ("gt", 0)],
        ),
        ("x", expression("Leq", number(0.5, "Float"), THIS), [("gte", 0.5)]),
        ("x", expression("Gt", number(1), THIS), [("lt", 1)]),
        ("x", expression("Geq", number(1), THIS), [("lte", 1)]),
        ("t", expression("In", THIS, {"value": {"List": [text("a"), text("b")]}}), [("in", ("a", "b"))]),
        ("b", expression("Neq", THIS, {"value": {"Boolean": True}}), [("ne", True)]),
        ("b", expression("In", THIS, {"value": {"List": [{"value": {"Boolean": True}}]}}), [("in", (True,))]),
    ],
)
def test_read(name: str, term: dict[str, Any], expected: list[tuple[str, object]]) -> None:
    assert [(t.column, t.op, t.value) for t in read_one(name, term)] == [(name, *e) for e in expected]


@pytest.mark.parametrize(
    ("name", "term"),
    [
        ("t", {"value": {"Variable": "c_n"}}),
        ("t", {"value": {"List": [text("a")]}}),
        ("t", {"value": {"ExternalInstance": {"instance_id": 1}}}),
        ("t", number(1)),
        ("n", text("1")),
        ("n", number(1.0, "Float")),
        ("n", {"value": {"Boolean": True}}),
        ("b", number(1)),
        ("x", number("NaN", "Float")),
        ("x", number("Infinity", "Float")),
        ("b", expression("Lt", THIS, {"value": {"Boolean": True}})),
        ("t", expression("And", THIS)),
        ("t", expression("Or", expression("Eq", THIS, text("a")))),
        ("t", expression("Not", expression("Eq", THIS, text("a")))),
        ("t", expression("Isa", THIS, text("a"))),
        ("t", expression("Eq", THIS)),
        ("t", expression("Eq", text("a"), text("a"))),
        ("t", expression("Eq", THIS, {"value": {"Variable": "_this"}})),
        ("t", expression("Eq", THIS, {"value": {"Variable": "c_n"}})),
        ("t", expression("In", text("a"), THIS)),
        ("t", expression("In", THIS, {"value": {"Variable": "c_n"}})),
        ("t", expression("In", THIS, {"value": {"List": [text("a"), THIS]}})),
        ("t", expression("In", THIS, {"value": {"List": [text("a"), number(1)]}})),
    ],
)
def test_refused(name: str, term: dict[str, Any]) -> None:
    with pytest.raises(Unsupported):
        read_one(name, term)


def test_fields_and_reasons() -> None:
    def fields(term: dict[str, Any]) -> tuple[str, ...]:
        return read({FIELD: term, REASON: text("why")}, TYPES).under(FIELDS, {}).fields

    assert fields(text("a")) == ("a",)
    assert fields(text("unknown")) == ()
    assert fields({"value": {"Variable": FIELD}}) == FIELDS
    assert fields(expression("And", expression("Neq", THIS, text("a")))) == ("exists", "b")
    assert read({FIELD: text("a")}, TYPES).reason == ""
    assert read({FIELD: text("a"), REASON: {"value": {"Variable": REASON}}}, TYPES).reason == ""
    assert read({FIELD: text("a"), REASON: text("why")}, TYPES).reason == "why"


def test_a_missing_column_is_refused_when_it_matters() -> None:
    assert read({"x_none": {"value": {"Variable": "x_none"}}}, TYPES).tests == ()
    with pytest.raises(Unsupported, match="does not have"):
        read({"x_none": text("a")}, TYPES)


HELD = {"shared": {"a"}, "to_company": {"a", "b"}, "to_person": set[str]()}


def answer(**bindings: dict[str, Any]) -> OpenAnswer:
    return read({FIELD if name == "field" else "s_" + name: term for name, term in bindings.items()}, TYPES)


def variable(name: str) -> dict[str, Any]:
    return {"value": {"Variable": name}}


def holds_field(grant: str) -> dict[str, Any]:
    """What a binding of the field says where `grant` must hold it."""
    return expression("In", THIS, variable("s_" + grant))


IS_HELD = expression("And", expression("In", variable(FIELD), THIS))


def test_a_grant_that_must_hold_the_field() -> None:
    one = answer(field=expression("And", holds_field("to_company")), to_company=IS_HELD)
    assert one.under(FIELDS, HELD).fields == ("a", "b")
    two = answer(
        field=expression("And", holds_field("to_company"), holds_field("shared"), expression("Neq", THIS, text("b"))),
        to_company=IS_HELD,
        shared=expression("And", expression("Neq", variable(FIELD), text("b")), IS_HELD),
    )
    assert two.under(FIELDS, HELD).fields == ("a",)
    assert two.under(FIELDS, {**HELD, "shared": set()}).fields == ()


def test_a_grant_that_must_hold_a_field_by_name() -> None:
    found = answer(field=text("b"), shared=expression("And", expression("In", text("a"), THIS)))
    assert found.under(FIELDS, HELD).fields == ("b",)
    assert found.under(FIELDS, {**HELD, "shared": {"b"}}).fields == ()
    assert answer(field=text("b"), shared=variable("s_shared")).under(FIELDS, HELD).fields == ("b",)


@pytest.mark.parametrize(
    "term",
    [
        {"value": {"List": [text("a")]}},
        expression("And", expression("In", variable("x"), THIS)),
        expression("And", expression("In", number(1), THIS)),
        expression("And", expression("In", THIS, variable(FIELD))),
        expression("And", expression("Eq", THIS, variable("s_to_company"))),
        expression("And", expression("Not", expression("In", variable(FIELD), THIS))),
        expression("And", expression("Neq", text("a"), text("b"))),
        variable("s_to_company"),
    ],
)
def test_any_other_question_about_a_grant_is_refused(term: dict[str, Any]) -> None:
    with pytest.raises(Unsupported, match="set"):
        answer(field=variable(FIELD), shared=term)


def test_what_a_binding_says_of_another_grant_is_heard() -> None:
    """Unknowns that are tied to each other are told in each other's bindings."""
    both = expression("And", holds_field("shared"), expression("In", text("b"), variable("s_to_company")))
    found = answer(field=both, shared=IS_HELD)
    assert (found.held, found.needed) == (("shared",), (("to_company", "b"),))
    told = expression("And", expression("In", variable(FIELD), variable("s_shared")))
    assert answer(field=variable(FIELD), to_company=told).held == ("shared",)
