"""Residuals: which JSON terms are read as tests, and which are refused."""

from typing import Any

import pytest

from policies.residual import FIELD, REASON, Unsupported, read
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
    return read({"c_" + name: term}, FIELDS, TYPES).tests


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
        return read({FIELD: term, REASON: text("why")}, FIELDS, TYPES).fields

    assert fields(text("a")) == ("a",)
    assert fields(text("unknown")) == ()
    assert fields({"value": {"Variable": FIELD}}) == FIELDS
    assert fields(expression("And", expression("Neq", THIS, text("a")))) == ("exists", "b")
    assert read({FIELD: text("a")}, FIELDS, TYPES).reason == ""
    assert read({FIELD: text("a"), REASON: {"value": {"Variable": REASON}}}, FIELDS, TYPES).reason == ""
    assert read({FIELD: text("a"), REASON: text("why")}, FIELDS, TYPES).reason == "why"


def test_a_missing_column_is_refused_when_it_matters() -> None:
    assert read({"x_none": {"value": {"Variable": "x_none"}}}, FIELDS, TYPES).tests == ()
    with pytest.raises(Unsupported, match="does not have"):
        read({"x_none": text("a")}, FIELDS, TYPES)
