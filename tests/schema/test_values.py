"""Values on their way in and out: what is stored, what is printed, what is refused and where."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schema.amounts import read_money, show_amount
from schema.catalog import load_catalog
from schema.codes import COUNTRIES, MINOR_DIGITS
from schema.errors import BadInput
from schema.field import Base, Field, FieldType
from schema.field_types import BASE_TYPES
from schema.money import Money
from schema.values import MAX_ITEMS, canonical_json, flatten, natural_key, parse, parse_field, wire

CATALOG = load_catalog()
STRUCTS = dict(CATALOG.structs)
DEAL_TYPE = FieldType("DealType", Base.PICKLIST, options=("NET_NEW", "RENEWAL"))
LINK = FieldType("solution", Base.RECORD, target="solution")
NESTED = FieldType(
    "Nested", Base.STRUCT, members=(("tags", FieldType("Text", Base.TEXT, many=True)), ("on", BASE_TYPES["Boolean"]))
)
TYPES = {**BASE_TYPES, **STRUCTS, "DealType": DEAL_TYPE, "solution": LINK, "Nested": NESTED}
ID = "0123456789abcdefghjkmnpqrs"


def type_of(name: str) -> FieldType:
    """The type that a kind file would write so, e.g. "[Money]"."""
    plain = TYPES[name.strip("[]")]
    return replace(plain, many=name.startswith("["))


def field_of(type_: FieldType, **more: Any) -> Field:
    return Field(name="it", part="side", type=type_, doc="It.", index=1, audience="private", **more)


def check(type_name: str, given: object, columns: tuple[object, ...], shown: object) -> None:
    """`given` is kept as `columns` and shown as `shown`, with the same types, and what is shown may be given."""
    type_ = type_of(type_name)
    kept = flatten(field_of(type_), parse(type_, given, ("it",)))
    assert [(type(c), c) for c in kept] == [(type(c), c) for c in columns]
    assert wire(type_, kept) == shown
    assert flatten(field_of(type_), parse(type_, shown, ("it",))) == kept


@pytest.mark.parametrize(
    ("type_name", "given", "columns", "shown"),
    [
        ("Text", None, (None,), None),
        ("Text", "", ("",), ""),
        ("Text", "Cafe\u0301", ("Café",), "Café"),
        ("Text", "x" * 255, ("x" * 255,), "x" * 255),
        ("Text", "e\u0301" * 255, ("é" * 255,), "é" * 255),
        ("LongText", "x" * 65_536, ("x" * 65_536,), "x" * 65_536),
        ("[Text]", ["b", "a", "é"], ('["b","a","é"]',), ["b", "a", "é"]),
        ("[Text]", ("b",), ('["b"]',), ["b"]),
        ("[Text]", [], ("[]",), []),
        ("[Text]", None, (None,), None),
        ("[Text]", ["a"] * 250, (canonical_json(["a"] * 250),), ["a"] * 250),
        ("Url", "https://a.example/b?c=d#e", ("https://a.example/b?c=d#e",), "https://a.example/b?c=d#e"),
        ("Url", "HTTP://a.example:80", ("HTTP://a.example:80",), "HTTP://a.example:80"),
        ("Email", "jo.o'k+1@mail.example.org", ("jo.o'k+1@mail.example.org",), "jo.o'k+1@mail.example.org"),
        ("Phone", "+49 30-123 4567", ("+49301234567",), "+49301234567"),
        ("Phone", "+123456789012345", ("+123456789012345",), "+123456789012345"),
        ("Integer", -(2**31), (-(2**31),), -(2**31)),
        ("Percent", 0, (0,), 0),
        ("Percent", 100, (100,), 100),
        ("Number", 3, (3.0,), 3.0),
        ("Number", -2.5, (-2.5,), -2.5),
        ("Boolean", True, (True,), True),
        ("Boolean", False, (False,), False),
        ("[Boolean]", [True, False], ("[true,false]",), [True, False]),
        ("Money", None, (None, None), None),
        ("Money", {"amount": "123.4", "currency": "USD"}, (12340, "USD"), {"amount": "123.40", "currency": "USD"}),
        ("Money", {"amount": 7, "currency": "EUR"}, (700, "EUR"), {"amount": "7.00", "currency": "EUR"}),
        ("Money", {"amount": "-0.05", "currency": "GBP"}, (-5, "GBP"), {"amount": "-0.05", "currency": "GBP"}),
        ("Money", {"amount": "-0", "currency": "GBP"}, (0, "GBP"), {"amount": "0.00", "currency": "GBP"}),
        ("Money", {"amount": "1500", "currency": "JPY"}, (1500, "JPY"), {"amount": "1500", "currency": "JPY"}),
        ("Money", {"amount": "1.234", "currency": "KWD"}, (1234, "KWD"), {"amount": "1.234", "currency": "KWD"}),
        (
            "Money",
            {"amount": "-92233720368547758.08", "currency": "USD"},
            (-(2**63), "USD"),
            {"amount": "-92233720368547758.08", "currency": "USD"},
        ),
        (
            "[Money]",
            [{"amount": "1", "currency": "USD"}],
            ('[{"currency":"USD","minor":100}]',),
            [{"amount": "1.00", "currency": "USD"}],
        ),
        ("Date", "2024-02-29", ("2024-02-29",), "2024-02-29"),
        ("DateTime", "2024-02-29T12:00:00Z", ("2024-02-29T12:00:00.000000Z",), "2024-02-29T12:00:00.000000Z"),
        ("DateTime", "2024-01-01T00:30:00.5+02:00", ("2023-12-31T22:30:00.500000Z",), "2023-12-31T22:30:00.500000Z"),
        ("DealType", "RENEWAL", ("RENEWAL",), "RENEWAL"),
        ("[DealType]", ["RENEWAL", "NET_NEW"], ('["RENEWAL","NET_NEW"]',), ["RENEWAL", "NET_NEW"]),
        ("[DealType]", ["RENEWAL", "RENEWAL"], ('["RENEWAL"]',), ["RENEWAL"]),
        ("Country", "DE", ("DE",), "DE"),
        ("Person", f"pe_{ID}", (f"pe_{ID}",), f"pe_{ID}"),
        ("Company", f"co_{ID}", (f"co_{ID}",), f"co_{ID}"),
        ("[solution]", [f"sol_{ID}"], (f'["sol_{ID}"]',), [f"sol_{ID}"]),
        (
            "Contact",
            {"name": "Jo", "phone": None, "email": "jo@mail.example"},
            ('{"email":"jo@mail.example","name":"Jo"}',),
            {"name": "Jo", "email": "jo@mail.example", "phone": None, "title": None},
        ),
        (
            "[LineItem]",
            [{"name": "Box", "quantity": 2, "unitPrice": {"amount": "1.5", "currency": "USD"}}],
            ('[{"name":"Box","quantity":2.0,"unitPrice":{"currency":"USD","minor":150}}]',),
            [
                {
                    "name": "Box",
                    "quantity": 2.0,
                    "unitPrice": {"amount": "1.50", "currency": "USD"},
                    "total": None,
                }
            ],
        ),
        ("Nested", {"tags": ["a"], "on": False}, ('{"on":false,"tags":["a"]}',), {"tags": ["a"], "on": False}),
        ("Nested", {}, ("{}",), {"tags": None, "on": None}),
    ],
)
def test_a_value_is_kept_and_shown(type_name: str, given: object, columns: tuple[object, ...], shown: object) -> None:
    check(type_name, given, columns, shown)


NO_CURRENCIES: list[object] = ["usd", "XXX", "", None, 1, []]
TEXT, LIST = "A text is expected.", "A list is expected."
AMOUNT, CURRENCY = 'An amount is a decimal string, e.g. "123.45".', "This is not an ISO 4217 currency."
LARGE = "This amount is too large."
DATE = "A date is written YYYY-MM-DD."
TIME = "A time is written YYYY-MM-DDTHH:MM:SS, with up to 6 decimals and with Z or an offset like +02:00."
EMAIL, URL = "This is not an e-mail address.", "This is not an http or https address."
PHONE = "A telephone number is written with its country code, e.g. +49 30 1234567."
UNKNOWN, REQUIRED = "There is no such field.", "This field is required."
PERCENT = "A whole number from 0 to 100 is expected."


@pytest.mark.parametrize(
    ("type_name", "given", "place", "message"),
    [
        ("Text", 7, "", TEXT),
        ("Text", ["a"], "", TEXT),
        ("Text", "a\0b", "", "This text has a character that cannot be stored."),
        ("Text", "a\ud800", "", "This text has a character that cannot be stored."),
        ("Text", "x" * 256, "", "This text is longer than 255 characters."),
        ("LongText", "x" * 65_537, "", "This text is longer than 65,536 characters."),
        ("[Text]", "a", "", LIST),
        ("[Text]", {"a": 1}, "", LIST),
        ("[Text]", ["a"] * 251, "", "This list has more than 250 items."),
        ("[Text]", ["a", None], "1", TEXT),
        ("[Text]", [["a"]], "0", TEXT),
        *(("Url", url, "", URL) for url in ["a.example", "javascript:alert(1)", "http://", "ftp://a.example", "x"]),
        *(
            ("Url", url, "", URL)
            for url in ["https://a b", "https://a\n", "https://u@a", "https://a/<b>", "https://a\\b"]
        ),
        ("Url", "https://a.example/" + "x" * 2048, "", "This text is longer than 2,048 characters."),
        *(("Email", mail, "", EMAIL) for mail in ["a", "a@b", "@b.c", "a@b.", "a@.c", "a@b..c", "a b@c.d", "a@b@c.d"]),
        *(("Phone", number, "", PHONE) for number in ["", "030 1234567", "+0301234567", "+123456"]),
        *(("Phone", number, "", PHONE) for number in ["+49 (30) 1234567", "+49x1234567", "+4930123456\u0667"]),
        ("Phone", "+1234567890123456", "", "This text is longer than 16 characters."),
        ("Phone", 49301234567, "", "A text is expected."),
        *(("Email", mail, "", EMAIL) for mail in ["Jo <jo@b.c>", "a@b.c\n", "a,b@c.d"]),
        *(("Integer", number, "", "A whole number is expected.") for number in [True, 1.0, "1"]),
        ("Integer", 2**31, "", f"A whole number from {-(2**31)} to {2**31 - 1} is expected."),
        ("Percent", -1, "", PERCENT),
        ("Percent", 101, "", PERCENT),
        *(("Number", number, "", "A number is expected.") for number in [True, "1"]),
        *(("Number", x, "", "A finite number is expected.") for x in [float("nan"), float("-inf"), 10**400]),
        *(("Boolean", truth, "", "True or false is expected.") for truth in [0, 1, "true"]),
        ("Money", "1 USD", "", "An object with amount, currency is expected."),
        ("Money", {"amount": "1", "currency": "USD", "unit": 1}, "unit", UNKNOWN),
        ("Money", {}, "currency", CURRENCY),
        *(("Money", {"amount": "1", "currency": code}, "currency", CURRENCY) for code in NO_CURRENCIES),
        *(
            ("Money", {"amount": amount, "currency": "USD"}, "amount", AMOUNT)
            for amount in ["", "1e3", "+1", " 1", "1.", ".5", "NaN", "1,000", "0x1", "--1", "1" * 21, "1\n", "\u0661"]
        ),
        *(("Money", {"amount": a, "currency": "USD"}, "amount", AMOUNT) for a in [1.5, True, None, 10**5000, 2**63]),
        ("Money", {"amount": "1.234", "currency": "USD"}, "amount", "An amount in USD has at most 2 decimals."),
        ("Money", {"amount": "1.0", "currency": "JPY"}, "amount", "An amount in JPY has at most 0 decimals."),
        ("Money", {"amount": "92233720368547758.08", "currency": "USD"}, "amount", LARGE),
        ("Money", {"amount": "-92233720368547758.09", "currency": "USD"}, "amount", LARGE),
        ("[Money]", [{"amount": "x", "currency": "USD"}], "0.amount", AMOUNT),
        *(
            ("Date", day, "", DATE)
            for day in ["2023-02-29", "2024-1-1", "20240101", "2024-01-01T00:00:00Z", "0000-01-01"]
        ),
        ("Date", 20240101, "", TEXT),
        *(
            ("DateTime", moment, "", TIME)
            for moment in [
                "2024-01-01",
                "2024-01-01T00:00:00",
                "2024-01-01 00:00:00Z",
                "2024-01-01T24:00:00Z",
                "2024-01-01T00:00:60Z",
                "2024-01-01T00:00:00.1234567Z",
                "2024-01-01T00:00:00+24:00",
                "2024-01-01T00:00:00z",
                "0001-01-01T00:00:00+01:00",
                "9999-12-31T23:59:59-01:00",
            ]
        ),
        ("DealType", "net_new", "", "This is not a value of DealType."),
        ("DealType", 1, "", TEXT),
        *(("Country", code, "", "This is not an ISO 3166 alpha-2 country code.") for code in ["UK", "de", "DEU", ""]),
        *(("Person", who, "", "This is not the id of a person.") for who in [f"co_{ID}", "pe_1", 7]),
        *(("Company", who, "", "This is not the id of a company.") for who in [f"pe_{ID}", f"CO_{ID}", None or 0]),
        *(("solution", it, "", "This is not the id of a record.") for it in [f"pe_{ID}", f"co_{ID}", ID, 7]),
        ("Contact", "Jo", "", "An object with name, email, phone, title is expected."),
        ("Contact", {"email": "jo@mail.example"}, "name", REQUIRED),
        ("Contact", {"name": "Jo", "fax": "1"}, "fax", UNKNOWN),
        ("Contact", {"name": "Jo", "email": "jo"}, "email", EMAIL),
        ("Contact", {"name": "Jo", "phone": "1" * 41}, "phone", "This text is longer than 40 characters."),
        (
            "[LineItem]",
            [{"name": "a"}, {"name": "b", "total": {"amount": "", "currency": "EUR"}}],
            "1.total.amount",
            AMOUNT,
        ),
    ],
)
def test_a_bad_value_is_refused_with_its_place(type_name: str, given: object, place: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse(type_of(type_name), given, ("mine", "it"))
    path = ("mine", "it", *place.split(".")) if place else ("mine", "it")
    assert (caught.value.code, caught.value.message, caught.value.field) == ("BAD_INPUT", message, path)


def test_a_whole_number_without_bounds_has_64_bits() -> None:
    wide = FieldType("Wide", Base.INTEGER)
    assert [parse(wide, number, ()) for number in (2**63 - 1, -(2**63))] == [2**63 - 1, -(2**63)]
    for number in (2**63, -(2**63) - 1):
        with pytest.raises(BadInput):
            parse(wide, number, ())


def test_a_text_without_bounds_is_kept_whole() -> None:
    assert parse(FieldType("Any", Base.TEXT), "x" * 70_000, ()) == "x" * 70_000


@pytest.mark.parametrize(
    ("field", "given", "expected"),
    [
        (field_of(BASE_TYPES["Text"]), None, None),
        (field_of(BASE_TYPES["Text"]), " ", " "),
        (field_of(BASE_TYPES["Text"], required=True), "a", "a"),
        (field_of(BASE_TYPES["Percent"], required=True), 0, 0),
    ],
)
def test_what_a_caller_may_give_a_field(field: Field, given: object, expected: object) -> None:
    assert parse_field(field, given, ("mine", "it")) == expected


@pytest.mark.parametrize(
    ("field", "given", "message"),
    [
        (field_of(BASE_TYPES["Text"], required=True), None, REQUIRED),
        (field_of(BASE_TYPES["Text"], required=True), " \n", REQUIRED),
        (field_of(type_of("[Text]"), required=True), [], REQUIRED),
        (field_of(type_of("[HistoryEntry]"), history_of="other"), [], "This field is read-only."),
        (field_of(type_of("[HistoryEntry]"), history_of="other"), None, "This field is read-only."),
    ],
)
def test_what_a_caller_may_not_give_a_field(field: Field, given: object, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_field(field, given, ("mine", "it"))
    assert (caught.value.message, caught.value.field) == (message, ("mine", "it"))


def test_stored_values() -> None:
    assert parse(type_of("Money"), {"amount": "1.50", "currency": "USD"}, ()) == Money(150, "USD")
    assert parse(type_of("[Text]"), ["b", "a"], ()) == ("b", "a")
    assert parse(type_of("Contact"), {"title": None, "name": "Jo"}, ()) == {"name": "Jo"}


@pytest.mark.parametrize(
    ("kind", "side", "expected"),
    [
        ("opportunity", {}, None),
        ("opportunity", {"crmRef": None}, ""),
        ("opportunity", {"crmRef": {"system": "crm", "id": "1"}}, '["crm","1"]'),
        ("opportunity", {"crmRef": {"id": "1", "system": "crm", "url": "https://a.example"}}, '["crm","1"]'),
    ],
)
def test_natural_key(kind: str, side: dict[str, Any], expected: str | None) -> None:
    assert natural_key(CATALOG.by_name[kind], side) == expected


def test_the_natural_key_of_a_text_is_the_text() -> None:
    kind = replace(CATALOG.by_name["opportunity"], natural_key="competitor")
    assert natural_key(kind, {"competitor": "AC-1"}) == "AC-1"
    assert natural_key(replace(kind, natural_key=None), {"competitor": "AC-1"}) is None


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
IDS = st.text("0123456789abcdefghjkmnpqrstvwxyz", min_size=26, max_size=26)


@st.composite
def amounts(draw: st.DrawFn) -> dict[str, str]:
    currency = draw(st.sampled_from(sorted(MINOR_DIGITS)))
    minor = draw(st.integers(-(2**63), 2**63 - 1) | st.integers(-200, 200))
    return {"amount": show_amount(minor, currency), "currency": currency}


PLAIN: dict[Base, st.SearchStrategy[Any]] = {
    Base.TEXT: TEXTS,
    Base.URL: st.from_regex(r"https://[a-z]{1,9}\.example(/[a-z]*)?", fullmatch=True),
    Base.EMAIL: st.from_regex(r"[a-z.]{1,9}@[a-z]{1,9}\.example", fullmatch=True),
    Base.PHONE: st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True),
    Base.NUMBER: st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**9), 10**9),
    Base.BOOLEAN: st.booleans(),
    Base.MONEY: amounts(),
    Base.DATE: st.dates().map(str),
    Base.DATETIME: st.datetimes().map(lambda moment: moment.isoformat(timespec="microseconds") + "Z"),
    Base.COUNTRY: st.sampled_from(sorted(COUNTRIES)),
    Base.PERSON: IDS.map("pe_".__add__),
    Base.COMPANY: IDS.map("co_".__add__),
    Base.RECORD: IDS.map("sol_".__add__),
}


def inputs(type_: FieldType) -> st.SearchStrategy[Any]:
    """Any valid input of a type, null aside."""
    one: st.SearchStrategy[Any]
    if type_.base is Base.STRUCT:
        members = {name: inputs(member) for name, member in type_.members}
        optional = {name: value | st.none() for name, value in members.items() if name not in type_.required}
        one = st.fixed_dictionaries({name: members[name] for name in type_.required}, optional=optional)
    elif type_.base is Base.PICKLIST:
        one = st.sampled_from(type_.options)
    elif type_.base is Base.INTEGER:
        one = st.integers(-(2**31) if type_.low is None else type_.low, 2**31 - 1 if type_.high is None else type_.high)
    else:
        one = PLAIN[type_.base]
    return st.lists(one, max_size=4) if type_.many else one


FIELDS = [field for kind in CATALOG.kinds for field in kind.joint + kind.side]
VALUES = st.sampled_from([*FIELDS, *(field_of(type_of(f"[{name}]")) for name in TYPES)]).flatmap(
    lambda field: st.tuples(st.just(field), st.none() | inputs(field.type))
)


@given(VALUES)
@settings(max_examples=300, deadline=None)
def test_what_is_shown_may_be_given_back_and_is_kept_alike(case: tuple[Field, Any]) -> None:
    field, given = case
    columns = flatten(field, parse(field.type, given, ("it",)))
    assert len(columns) == len(field.columns)
    assert {type(column) for column in columns} <= {str, int, float, bool, type(None)}
    shown = wire(field.type, columns)
    assert (shown is None) is (given is None)
    assert flatten(field, parse(field.type, shown, ("it",))) == columns


@given(amounts())
def test_money_keeps_its_amount_to_the_last_unit(money: dict[str, str]) -> None:
    stored = read_money(money["amount"], money["currency"], ())
    assert show_amount(stored.minor, stored.currency) == money["amount"]
    _, _, decimals = money["amount"].partition(".")
    assert len(decimals) == MINOR_DIGITS[money["currency"]]


@given(
    st.sampled_from(sorted(TYPES)),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=6,
    ),
)
@settings(max_examples=300, deadline=None)
def test_any_input_is_kept_or_refused_never_an_error(name: str, given: object) -> None:
    for type_ in (type_of(name), type_of(f"[{name}]")):
        with suppress(BadInput):
            wire(type_, flatten(field_of(type_), parse(type_, given, ("it",))))


def test_lists_are_as_long_as_limits_say() -> None:
    assert MAX_ITEMS == 250
