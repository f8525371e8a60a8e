"""Formulas: what they mean, what type they have, and what is refused and where."""

from contextlib import suppress
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schema.errors import BadInput
from schema.field import Base
from schema.formula import HIGHEST, names, parse, renamed
from schema.formula_types import FUNCTIONS, infer
from schema.formula_values import evaluate
from schema.money import Money
from schema.values import flatten, parse_field
from tests.schema.templates import custom

SCOPE = {
    "n": Base.NUMBER,
    "m": Base.NUMBER,
    "none": Base.NUMBER,
    "eur": Base.MONEY,
    "usd": Base.MONEY,
    "yen": Base.MONEY,
    "yes": Base.BOOLEAN,
    "no": Base.BOOLEAN,
    "unknown": Base.BOOLEAN,
    "word": Base.TEXT,
    "day": Base.DATE,
    "at": Base.DATETIME,
}
SIDE: dict[str, Any] = {
    "n": 6,
    "m": 0.1,
    "none": None,
    "eur": Money(1050, "EUR"),
    "usd": Money(200, "USD"),
    "yen": Money(7, "JPY"),
    "yes": True,
    "no": False,
    "unknown": None,
    "word": "red",
    "day": "2026-01-31",
    "at": "2026-02-01T23:59:59.000000Z",
}


def value(text: str, side: dict[str, Any] = SIDE) -> Any:
    """What a formula comes to."""
    tree = parse(text, ())
    return evaluate(tree, infer(tree, SCOPE, ()), side.get)


def refused(text: str, at: int, why: str) -> None:
    with pytest.raises(BadInput) as caught:
        infer(parse(text, ("formula",)), SCOPE, ("formula",))
    assert caught.value.message == f"formula: Character {at} of this formula: {why}"
    assert caught.value.field == ("formula",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", 1.0),
        ("1.25", 1.25),
        ("true", True),
        ("false", False),
        ('"a \\"b\\" \\\\"', 'a "b" \\'),
        ("n", 6.0),
        ("word", "red"),
        ("at", "2026-02-01T23:59:59.000000Z"),
        ("1 + 2 * 3", 7.0),
        ("(1 + 2) * 3", 9.0),
        ("10 - 2 - 3", 5.0),
        ("8 / 4 / 2", 1.0),
        ("-n + 1", -5.0),
        ("- - n", 6.0),
        ("-2 * -3", 6.0),
        ("m + 0.2 = 0.3", True),
        ("1 / 3 * 3 = 1", True),
        ("n / 0", None),
        ("eur / 0", None),
        ("eur / (usd - usd)", None),
        ("1 < 2", True),
        ("2 <= 1", False),
        ("2 > 1", True),
        ("1 >= 2", False),
        ("1 != 2", True),
        ('word = "red"', True),
        ('word < "rose"', True),
        ("yes = no", False),
        ("yes != no", True),
        ('day < date("2026-02-01")', True),
        ("not yes", False),
        ("not 1 = 2", True),
        ("not not yes", True),
        ("yes or no and no", True),
        ("not no and no", False),
        ("unknown and no", False),
        ("unknown and yes", None),
        ("yes and yes", True),
        ("unknown or yes", True),
        ("unknown or no", None),
        ("no or no", False),
        ("not unknown", None),
        ("none + 1", None),
        ("-none", None),
        ("none = none", None),
        ("if(yes, 1, 2)", 1.0),
        ("if(no, 1, 2)", 2.0),
        ("if(unknown, 1, 2)", None),
        ("if(yes, 1, none)", 1.0),
        ("if(n > 5, n, 1 / 0)", 6.0),
        ("min(3, n, 2)", 2.0),
        ("max(3, n, 2)", 6.0),
        ("max(3, none)", None),
        ('max(day, date("2025-01-01"))', "2026-01-31"),
        ("coalesce(none, n, 1)", 6.0),
        ("coalesce(none, none)", None),
        ("round(2.5)", 3.0),
        ("round(-2.5)", -3.0),
        ("round(2.4999)", 2.0),
        ("round(1.005, 2)", 1.01),
        ("round(10 / 3, 2)", 3.33),
        ("round(eur / 4)", Money(300, "EUR")),
        ("round(eur / 4, 1)", Money(260, "EUR")),
        ('days(day, date("2026-03-01"))', 29.0),
        ("days(day, at)", 1.0),
        ("days(at, day)", -1.0),
        ('concat(word, "-", word)', "red-red"),
        ("concat(word, if(unknown, word, word))", None),
        ("eur + eur", Money(2100, "EUR")),
        ("eur - eur / 2", Money(525, "EUR")),
        ("eur * 0.001", Money(1, "EUR")),
        ("2 * eur", Money(2100, "EUR")),
        ("-eur", Money(-1050, "EUR")),
        ("eur / eur", 1.0),
        ("eur / 3 * 3 = eur", True),
        ("eur + usd", None),
        ("eur / usd", None),
        ("eur < usd", None),
        ("max(eur, usd)", None),
        ('max(eur, money(20, "EUR"))', Money(2000, "EUR")),
        ('min(eur, money(20, "EUR"))', Money(1050, "EUR")),
        ('eur > money(10, "EUR")', True),
        ("yen / 2", Money(4, "JPY")),
        ("if(yes, eur, usd)", Money(1050, "EUR")),
        ("coalesce(eur, usd)", Money(1050, "EUR")),
        ("min ( 1 , 2 )", 1.0),
        (" 1 ", 1.0),
    ],
)
def test_a_formula_means_this(text: str, expected: object) -> None:
    found = value(text)
    assert (type(found), found) == (type(expected), expected)


@pytest.mark.parametrize(
    ("text", "side"),
    [
        ("n * n", {"n": 1e300}),
        ("n * n * n * n * n * n * n", {"n": 1.7e308}),
        ("n / m", {"n": 1e308, "m": 1e-308}),
        ("eur * 1000000", {"eur": Money(2**62, "EUR")}),
        ("concat(word, word)", {"word": "x" * 128}),
        ('if(concat(word, word) = "a", 1, 2)', {"word": "x" * 65_536}),
    ],
)
def test_what_fits_nowhere_is_null(text: str, side: dict[str, Any]) -> None:
    assert value(text, side) is None


@pytest.mark.parametrize(
    ("text", "side", "expected"),
    [
        ("concat(word, word)", {"word": "x" * 127}, "x" * 254),
        ("n / m", {"n": 1e308, "m": 1e307}, 10.0),
        ("n", {"n": 5e-324}, 5e-324),
        ("eur - eur + eur", {"eur": Money(2**63 - 1, "EUR")}, Money(2**63 - 1, "EUR")),
    ],
)
def test_what_just_fits_is_kept(text: str, side: dict[str, Any], expected: object) -> None:
    assert value(text, side) == expected


NOT_HERE = "This cannot stand in a formula."
VALUE = "A value is expected here."


@pytest.mark.parametrize(
    ("text", "at", "why"),
    [
        ("", 1, VALUE),
        ("  ", 1, VALUE),
        ("1 +", 4, VALUE),
        ("1 + # 2", 5, NOT_HERE),
        ('"open', 1, NOT_HERE),
        ("'a'", 1, NOT_HERE),
        ("1 2", 3, "An operator is expected here."),
        ("n.m", 2, NOT_HERE),
        ("1234567890123456", 16, "An operator is expected here."),
        ("n == 1", 4, VALUE),
        ("and", 1, VALUE),
        ("*1", 1, VALUE),
        ("(1", 3, "A closing bracket is expected here."),
        ("min(1, 2", 9, "A closing bracket is expected here."),
        ("min()", 5, VALUE),
        ("1)", 2, "An operator is expected here."),
        ("1 < n < 3", 7, "Comparisons do not chain; write `and` between two of them."),
        ("1 = n and 2 = n = 3", 17, "Comparisons do not chain; write `and` between two of them."),
        (f"min({'1,' * 50}1)", 106, "A function takes at most 50 values."),
        ("(" * 41 + "1" + ")" * 41, 42, "This nests too deeply."),
        ("-" * 41 + "1", 42, "This nests too deeply."),
        (
            "1" + " + 1" * 101,
            403,
            "More than 100 operations hang on each other; use brackets, or another field.",
        ),
        ("amount", 1, "The kind's side and this template have no field `amount` that it can read."),
        ("now()", 5, VALUE),
        ("sum(1, 2)", 1, f"There is no such function; there are {', '.join(FUNCTIONS)}."),
        ("neg(1)", 1, f"There is no such function; there are {', '.join(FUNCTIONS)}."),
        ("1 + yes", 3, "`+` does not go with a number and true or false."),
        ("eur + 1", 5, "`+` does not go with an amount of money and a number."),
        ("eur * eur", 5, "`*` does not go with an amount of money and an amount of money."),
        ("1 / eur", 3, "`/` does not go with a number and an amount of money."),
        ('"a" + "b"', 5, "`+` does not go with a text and a text."),
        ("day = at", 5, "`=` does not go with a date and a time."),
        ("yes < no", 5, "`<` does not go with true or false and true or false."),
        ("yes and 1", 5, "`and` does not go with true or false and a number."),
        ("not 1", 1, "`not` does not go with a number."),
        ("-yes", 1, "`-` does not go with true or false."),
        ("if(1, 2, 3)", 1, "`if` takes a condition and two values."),
        ("if(yes, 1)", 1, "`if` takes a condition and two values."),
        ('if(yes, 1, "a")', 1, "`if` does not go with a number and a text together."),
        ("min(1)", 1, "`min` does not take this number of values."),
        ("min(word, word)", 1, "`min` does not go with a text."),
        ("max(1, eur)", 1, "`max` does not go with a number and an amount of money together."),
        ("coalesce(1)", 1, "`coalesce` does not take this number of values."),
        ("round(word)", 1, "`round` does not go with a text."),
        ("round(1, n)", 1, "`round` takes a number of decimals from 0 to 9, written out."),
        ("round(1, 10)", 1, "`round` takes a number of decimals from 0 to 9, written out."),
        ("round(1, 0.5)", 1, "`round` takes a number of decimals from 0 to 9, written out."),
        ("round(1, true)", 1, "`round` takes a number of decimals from 0 to 9, written out."),
        ("round(1, 1, 1)", 1, "`round` does not take this number of values."),
        ("days(day)", 1, "`days` takes two dates or times."),
        ("days(day, 1)", 1, "`days` takes two dates or times."),
        ("concat(word)", 1, "`concat` does not take this number of values."),
        ("concat(word, 1)", 1, "`concat` does not go with a number."),
        ("money(1, word)", 1, 'It is written like money(1000, "EUR"), with an ISO 4217 code.'),
        ('money(1, "EURO")', 1, 'It is written like money(1000, "EUR"), with an ISO 4217 code.'),
        ('money("EUR")', 1, 'It is written like money(1000, "EUR"), with an ISO 4217 code.'),
        ('date("2026-02-30")', 1, 'It is written like date("2026-01-31").'),
        ("date(word)", 1, 'It is written like date("2026-01-31").'),
        ("date(1)", 1, 'It is written like date("2026-01-31").'),
        ('date("2026-01-31", 1)', 1, 'It is written like date("2026-01-31").'),
    ],
)
def test_what_is_no_formula_is_refused_with_its_place(text: str, at: int, why: str) -> None:
    refused(text, at, why)


def test_a_formula_may_be_so_high() -> None:
    assert value("1" + " + 1" * HIGHEST) == 101.0
    assert value("(" * 40 + "1" + ")" * 40) == 1.0


def test_names_are_read_and_renamed_where_they_are_fields() -> None:
    text = 'if(min > 1, min(a , b), "a") + a'
    assert names(parse(text, ())) == ("min", "a", "b")
    assert renamed(text, {"min": "cf_1", "a": "cf_22", "x": "y"}) == 'if(cf_1 > 1, min(cf_22 , b), "a") + cf_22'
    assert renamed("a ", {}) == "a "


# Whatever is written, and whatever values there are

NUMBERS = st.sampled_from(["n", "m", "none", "0", "1.5", "3"])
LEAVES = NUMBERS | st.sampled_from(["eur", "usd", "yen", "yes", "no", "unknown", "word", '"x"', "day", "at"])
CALLS = st.sampled_from([*FUNCTIONS, "+", "-", "*", "/", "=", "<", ">=", "and", "or", "not", "neg"])


def call(name: str, values: list[str]) -> str:
    if name in ("not", "neg"):
        return f"({'-' if name == 'neg' else 'not '}{values[0]})"
    if name in FUNCTIONS:
        return f"{name}({', '.join(values)})"
    return f"({f' {name} '.join(values[:2])})"


FORMULAS = st.recursive(
    LEAVES, lambda inner: st.builds(call, CALLS, st.lists(inner, min_size=1, max_size=3)), max_leaves=8
)
MONIES = st.builds(Money, st.integers(-(2**63), 2**63 - 1), st.sampled_from(["EUR", "JPY", "KWD"]))
OF_BASE: dict[Base, st.SearchStrategy[Any]] = {
    Base.NUMBER: st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**31), 2**31 - 1),
    Base.MONEY: MONIES,
    Base.BOOLEAN: st.booleans(),
    Base.TEXT: st.text(max_size=300),
    Base.DATE: st.dates().map(str),
    Base.DATETIME: st.datetimes().map(lambda moment: moment.isoformat(timespec="microseconds") + "Z"),
}
SIDES_OF_ALL = st.fixed_dictionaries({name: st.none() | OF_BASE[base] for name, base in SCOPE.items()})


@given(FORMULAS, SIDES_OF_ALL)
@settings(max_examples=500, deadline=None)
def test_any_formula_has_a_value_that_its_field_can_hold(text: str, side: dict[str, Any]) -> None:
    with suppress(BadInput):
        tree = parse(text, ())
        base = infer(tree, SCOPE, ())
        found = evaluate(tree, base, side.get)
        made = custom("it", {v: k for k, v in WORDS.items()}[base])
        flatten(made, found)
        if found is not None and base is not Base.MONEY:
            assert parse_field(made, found, ()) == found
        if base is Base.MONEY and found is not None:
            assert -(2**63) <= found.minor < 2**63


WORDS = {
    "NUMBER": Base.NUMBER,
    "MONEY": Base.MONEY,
    "BOOLEAN": Base.BOOLEAN,
    "TEXT": Base.TEXT,
    "DATE": Base.DATE,
    "DATE_TIME": Base.DATETIME,
}


@given(st.text(st.sampled_from('nif(),."\\+-*/<=>! 12andortue_é'), max_size=30))
@settings(max_examples=500, deadline=None)
def test_any_text_is_a_formula_or_refused(text: str) -> None:
    with suppress(BadInput):
        tree = parse(text, ())
        evaluate(tree, infer(tree, SCOPE, ()), SIDE.get)
        assert renamed(renamed(text, {"n": "cf_9"}), {"cf_9": "n"}) == text


ARITHMETIC = st.recursive(
    st.sampled_from(["1", "2", "0.5", "7"]),
    lambda inner: st.builds(lambda a, op, b: f"({a} {op} {b})", inner, st.sampled_from("+-*/"), inner),
    max_leaves=10,
)


@given(ARITHMETIC)
@settings(max_examples=200, deadline=None)
def test_numbers_are_exact(text: str) -> None:
    spelled = text.replace("0.5", "half").replace("1", "one").replace("2", "two").replace("7", "seven")
    known = {"half": Fraction(1, 2), "one": Fraction(1), "two": Fraction(2), "seven": Fraction(7)}
    try:
        exact: Fraction | None = eval(spelled, {}, known)  # noqa: S307 # the text is made above
    except ZeroDivisionError:
        exact = None
    assert value(text) == (None if exact is None else exact.numerator / exact.denominator)
    assert value(f"{text} = {text}") is (None if exact is None else True)
