"""The readers of `Where` agree: a row is found by SQL, in each engine, just where `matches` says so."""

import sqlite3
from functools import cache
from typing import Any

import psycopg
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from psycopg import pq

from schema.errors import Fault
from schema.matching import matches
from schema.values import canonical_json
from schema.where import ALWAYS, NEVER, Comparison, Quantified, Where
from spaces.postgres.dialect import POSTGRES
from spaces.postgres.placeholders import in_order, numbered
from spaces.postgres.sent import sent
from spaces.sql.where import FALSE, TRUE, Bindings, Column, both, condition, either
from spaces.sqlite.dialect import SQLITE
from tests.postgres import server

FAMILIES: dict[str, type] = {"text": str, "whole": float, "real": float, "flag": bool, "list": str}
TYPES = {"text": "TEXT", "whole": "INTEGER", "real": "REAL", "flag": "INTEGER", "list": "TEXT"}
_TEXT = 'text COLLATE "C"'
POSTGRES_TYPES = {"text": _TEXT, "whole": "bigint", "real": "double precision", "flag": "boolean", "list": _TEXT}
WORDS = [
    "",
    "a",
    "A",
    "ab",
    "aB%",
    "a_b",
    "%",
    "_",
    "\\",
    "'",
    '"',
    "é",
    "É",
    "\U0001f600",
    "\uffff",
    "i\u0130",
    "1",
    " a",
]

words = st.sampled_from(WORDS) | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=3)
wholes = st.integers(-3, 3) | st.sampled_from([2**63 - 1, -(2**63), 2**53 + 1])
reals = st.sampled_from([0.0, 0.1, -1.5, 2.0, 1e300]) | st.floats(allow_nan=False, allow_infinity=False)
numbers = wholes | reals
values = {"text": words, "whole": numbers, "real": numbers, "flag": st.booleans(), "list": words}
TEXT_OPS = ["contains", "excludes", "starts", "nstarts"]


@st.composite
def comparisons(draw: st.DrawFn) -> Comparison:
    column = draw(st.sampled_from(list(FAMILIES)))
    alike = values[column]
    value = draw(alike | st.one_of(*values.values())) if draw(st.integers(0, 9)) == 0 else draw(alike)
    ops = [
        "eq",
        "ne",
        "lt",
        "lte",
        "gt",
        "gte",
        "in",
        "nin",
        "null",
        *TEXT_OPS,
        *(["has", "lacks"] if column == "list" else []),
    ]
    op: Any = draw(st.sampled_from(ops))
    if op == "null":
        return Comparison(column, op, draw(st.booleans()))
    if op in ("in", "nin"):
        return Comparison(column, op, (value, *draw(st.lists(alike, max_size=2)))[draw(st.integers(0, 1)) :])
    return Comparison(column, op, value)


wheres = st.builds(
    lambda ands: Where(tuple(map(tuple, ands))), st.lists(st.lists(comparisons(), max_size=3), max_size=3)
)
rows = st.fixed_dictionaries(
    {
        "text": st.none() | words,
        "whole": st.none() | wholes,
        "real": st.none() | reals,
        "flag": st.none() | st.booleans(),
        "list": st.none() | st.lists(words, max_size=3).map(canonical_json),
    }
)


def found(where: Where, row: dict[str, Any], *, wrapped: bool = False) -> bool:
    """Whether both engines find the row."""
    in_sqlite, in_postgres = _in_sqlite(where, row, wrapped=wrapped), _in_postgres(where, row, wrapped=wrapped)
    assert in_sqlite == in_postgres
    return in_sqlite


@cache
def _postgres() -> "psycopg.Connection[Any]":
    return server().connect("postgres")


def _in_postgres(where: Where, row: dict[str, Any], *, wrapped: bool) -> bool:
    bindings = Bindings(POSTGRES)
    form = "CASE WHEN TRUE THEN {} END" if wrapped else "{}"
    sql = condition(where, lambda name: Column(form.format(name), FAMILIES[name], name == "whole"), bindings)
    given = ", ".join(f":{name}::{POSTGRES_TYPES[name]} AS {name}" for name in row)
    text, names = numbered(f"SELECT count(*) FILTER (WHERE {sql}) FROM (SELECT {given}) AS t")
    values = [sent(value) for value in in_order(names, {**row, **bindings.values})]
    result = _postgres().pgconn.exec_params(text.encode(), values)
    assert result.status == pq.ExecStatus.TUPLES_OK, result.error_message
    return result.get_value(0, 0) == b"1"


def _in_sqlite(where: Where, row: dict[str, Any], *, wrapped: bool) -> bool:
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute(f"CREATE TABLE t ({', '.join(f'{name} {type_}' for name, type_ in TYPES.items())})")
        connection.execute(f"INSERT INTO t ({', '.join(row)}) VALUES (?, ?, ?, ?, ?)", tuple(row.values()))
        bindings = Bindings(SQLITE)
        form = "CASE WHEN TRUE THEN {} END" if wrapped else "{}"
        sql = condition(where, lambda name: Column(form.format(name), FAMILIES[name], name == "whole"), bindings)
        (count,) = connection.execute(f"SELECT count(*) FROM t WHERE {sql}", bindings.values).fetchone()
        (cases,) = connection.execute(f"SELECT CASE WHEN {sql} THEN 1 ELSE 0 END FROM t", bindings.values).fetchone()
        assert count == cases
        return bool(count)
    finally:
        connection.close()


@settings(max_examples=400, deadline=None)
@given(wheres, rows, st.booleans())
@example(
    Where(((Comparison("text", "nin", ()),),)),
    {"text": None, "whole": 1, "real": 1.0, "flag": None, "list": "[]"},
    True,
)
@example(
    Where(((Comparison("whole", "ne", "1"),),)),
    {"text": "1", "whole": 1, "real": 1.0, "flag": None, "list": "[]"},
    False,
)
@example(
    Where(((Comparison("flag", "eq", 1),),)), {"text": "1", "whole": 1, "real": 1.0, "flag": True, "list": "[]"}, False
)
def test_sql_finds_what_matches(where: Where, row: dict[str, Any], wrapped: bool) -> None:
    assert found(where, row, wrapped=wrapped) == matches(where, row)


def row_of(**given: Any) -> dict[str, Any]:
    return {"text": None, "whole": None, "real": None, "flag": None, "list": None, **given}


@pytest.mark.parametrize(
    ("op", "value", "text", "expected"),
    [
        ("contains", "B%", "ab%c", True),
        ("contains", "%", "abc", False),
        ("contains", "_", "abc", False),
        ("contains", "É", "é", False),
        ("excludes", "b", "ABC", False),
        ("excludes", "x", None, False),
        ("starts", "AB", "abc", True),
        ("starts", "bc", "abc", False),
        ("nstarts", "bc", "abc", True),
        ("nstarts", "bc", None, False),
        ("ne", "a", None, False),
        ("nin", (), None, False),
        ("nin", (), "a", True),
        ("in", (), "a", False),
        ("lt", "\U0001f600", "\uffff", True),
    ],
)
def test_text(op: Any, value: Any, text: str | None, expected: bool) -> None:
    where = Where(((Comparison("text", op, value),),))
    assert found(where, row_of(text=text)) is expected
    assert matches(where, row_of(text=text)) is expected


@pytest.mark.parametrize(
    ("op", "listed", "expected"),
    [
        ("has", '["a"]', True),
        ("has", '["ab"]', False),
        ("lacks", '["b"]', True),
        ("lacks", "[]", True),
        ("lacks", None, False),
        ("has", None, False),
    ],
)
def test_lists(op: Any, listed: str | None, expected: bool) -> None:
    where = Where(((Comparison("list", op, "a"),),))
    assert found(where, row_of(list=listed)) is expected
    assert matches(where, row_of(list=listed)) is expected


def test_constants() -> None:
    assert condition(ALWAYS, lambda _: Column("x", str), Bindings(SQLITE)) == TRUE
    assert condition(NEVER, lambda _: Column("x", str), Bindings(SQLITE)) == FALSE
    assert both([TRUE, "a", "a"]) == "a"
    assert both(["a", FALSE]) == FALSE
    assert either([FALSE]) == FALSE
    assert either(["a", "b", TRUE]) == TRUE


def test_the_longest_filter_is_not_too_deep() -> None:
    many = tuple((Comparison("whole", "eq", i),) for i in range(1_000))
    assert found(Where(many), row_of(whole=999))
    assert not found(Where(many), row_of(whole=-1))
    assert found(Where((tuple(Comparison("whole", "ne", i) for i in range(1_000)),)), row_of(whole=-1))


def test_equal_values_share_a_binding_and_unlike_ones_do_not() -> None:
    bindings = Bindings(SQLITE)
    assert [bindings.bind(value) for value in (1, "1", 1, True, 1.0)] == [":v0", ":v1", ":v0", ":v2", ":v3"]
    assert list(bindings.values.values()) == [1, "1", True, 1.0]


def test_related_rows_are_tested_by_who_knows_them() -> None:
    where = Where(((Quantified("partners", "some", ALWAYS), Comparison("whole", "eq", 1)),))
    with pytest.raises(Fault):
        condition(where, lambda name: Column(name, float), Bindings(SQLITE))
    made = condition(
        where, lambda name: Column(name, float), Bindings(SQLITE), lambda test: f"{test.quantifier}_{test.relation}"
    )
    assert made == "(some_partners AND whole = :v0)"
