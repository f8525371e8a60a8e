"""Reads the sharing rules that admins give, with every mistake told at its place.

1. the head: kind, label, effect, the days on which it is in force;
2. the fields, by name, kept by ident;
3. the audience;
4. the conditions, each with a value of its field's type;
5. the records, as far as an id can be told to be wrong by itself.
"""

import re
from collections.abc import Mapping
from typing import Any, cast

from schema.errors import BadInput
from schema.field import Base, Field, FieldType
from schema.field_types import BASE_TYPES
from schema.given import Given, given, refusal
from schema.kind import Kind
from schema.names import COMPANY_PREFIX, PERSON_PREFIX, CompanyId, PersonId, RecordId, prefix_of
from schema.sharing import PARTICIPANTS, Audience
from schema.sharing_rule import Condition, RuleOp, RuleValue, SharingRule, Subject, name_in_rule
from schema.values import parse
from schema.where import Scalar

MOST_FIELDS = 50
MOST_NAMED = 250
"""Companies and people of one rule."""
MOST_CONDITIONS = 8
MOST_VALUES = 50
"""Values of all conditions of one rule with IN."""
LONGEST_LABEL = 100
LONGEST_VALUE = 200
"""Of a text, in characters."""
MOST_RECORDS = 100
"""Records of one rule."""

EFFECTS = ("ALLOW", "DENY")
SUBJECTS: Mapping[str, Subject] = {"SIDE": "side", "RECORD": "record"}
OPERATORS: Mapping[str, RuleOp] = {
    "EQ": "eq",
    "NE": "ne",
    "IN": "in",
    "LT": "lt",
    "LTE": "lte",
    "GT": "gt",
    "GTE": "gte",
}
_ORDERED = (Base.INTEGER, Base.NUMBER, Base.MONEY, Base.DATE, Base.DATETIME)
_EQUALITY = frozenset({"EQ", "NE", "IN"})
_OF_MONEY = frozenset({"EQ", "LT", "LTE", "GT", "GTE"})
_UNWRITABLE = re.compile(r"[\x00-\x1f]")


def define(content: object, kinds: Mapping[str, Kind], id_: str, company: CompanyId, version: int = 1) -> SharingRule:
    """The rule that an input like `show` gives it says. `kinds` are those of the company, by name, with its custom
    fields. Raises BadInput: what is wrong, and where."""
    table = given(content)
    table.allow("kind", "label", "effect", "fields", "audience", "conditions", "recordIds", "from", "until")
    kind = kinds.get(table.text("kind", LONGEST_LABEL))
    if kind is None:
        table.refuse("There is no such kind.", "kind")
    since, until = days_of(table)
    return SharingRule(
        id=id_,
        company=company,
        version=version,
        kind=kind.name,
        label=table.text("label", LONGEST_LABEL),
        effect="ALLOW" if one_of(table, "effect", EFFECTS) == "ALLOW" else "DENY",
        fields=_fields(table, kind),
        audience=_audience(table, company),
        conditions=conditions_of(table, kind),
        since=since,
        until=until,
        records=records_of(table, kind),
    )


def one_of(table: Given, key: str, known: tuple[str, ...]) -> str:
    """The one of these words that stands under `key`."""
    word = table.text(key, LONGEST_LABEL)
    if word not in known:
        table.refuse(f"One of {', '.join(known)} is expected.", key)
    return word


def days_of(table: Given) -> tuple[str | None, str | None]:
    """The first and the last day, under `from` and `until`; None for what is left out."""
    since, until = _day(table, "from"), _day(table, "until")
    if since is not None and until is not None and until < since:
        table.refuse("The last day is before the first.", "until")
    return since, until


def _day(table: Given, key: str) -> str | None:
    value = table.keys.get(key)
    return None if value is None else str(parsed(table, BASE_TYPES["Date"], value, key))


def parsed(table: Given, type_: FieldType, value: object, *place: str) -> Any:
    """The stored value of a type; a refusal names the place as those of `given.py` do."""
    try:
        return parse(type_, value, (*table.path, *place))
    except BadInput as error:
        raise refusal(error.field, error.message) from None


def _fields(table: Given, kind: Kind) -> tuple[str, ...]:
    found = []
    for place, name in enumerate(table.texts("fields", MOST_FIELDS)):
        field = kind.side_by_name.get(name)
        if field is None:
            table.refuse("Sides of this kind have no such field.", "fields", str(place))
        found.append(field.ident)
    if not found:
        table.refuse("Name at least one field.", "fields")
    return tuple(found)


def _audience(table: Given, company: CompanyId) -> Audience:
    inner = given(table.keys.get("audience"), (*table.path, "audience"))
    inner.allow("kind", "companies", "people")
    kind = one_of(inner, "kind", ("PARTICIPANTS", "SELECTED"))
    companies = _ids(inner, "companies", COMPANY_PREFIX, "This is not the id of a company.")
    people = _ids(inner, "people", PERSON_PREFIX, "This is not the id of a person.")
    if company in companies:
        inner.refuse("This is your own company; rules are about partners.", "companies", str(companies.index(company)))
    if kind == "PARTICIPANTS":
        if companies or people:
            inner.refuse("Companies and people go with SELECTED only.", "kind")
        return PARTICIPANTS
    if not 1 <= len(companies) + len(people) <= MOST_NAMED:
        inner.refuse(f"Select 1 to {MOST_NAMED} companies and people.", "companies")
    return Audience("selected", tuple(sorted(map(CompanyId, companies))), tuple(sorted(map(PersonId, people))))


def records_of(table: Given, kind: Kind) -> tuple[RecordId, ...]:
    """The records. A rule that is given none is about all, so an empty list is refused: it may have been meant so."""
    found = _ids(table, "recordIds", kind.prefix, "This is not the id of a record of this kind.", MOST_RECORDS)
    if not found and table.keys.get("recordIds") is not None:
        table.refuse("Name at least one record, or leave `recordIds` out: the rule is then about all.", "recordIds")
    return tuple(sorted(map(RecordId, found)))


def _ids(table: Given, key: str, prefix: str, rule: str, most: int = MOST_NAMED) -> tuple[str, ...]:
    found = table.texts(key, most)
    for place, id_ in enumerate(found):
        if prefix_of(id_) != prefix:
            table.refuse(rule, key, str(place))
    return found


def conditions_of(table: Given, kind: Kind) -> tuple[Condition, ...]:
    """The tests of sides of this kind, or of their records, under `conditions`."""
    found = []
    values = 0
    for item in table.objects("conditions", MOST_CONDITIONS):
        item.allow("of", "field", "op", "value")
        of = SUBJECTS[one_of(item, "of", tuple(SUBJECTS))] if item.keys.get("of") is not None else "side"
        named = {name_in_rule(field): field for field in kind.fields("side" if of == "side" else "joint")}
        field = named.get(item.text("field", LONGEST_LABEL))
        if field is None:
            what = "Sides" if of == "side" else "Records"
            item.refuse(f"{what} of this kind have no such field.", "field")
        if field.type.many or field.type.base is Base.STRUCT or field.type.name == "LongText":
            item.refuse("Rules cannot test this field: it holds a list, a structure or a long text.", "field")
        word = one_of(item, "op", tuple(OPERATORS))
        if word not in _operators(field):
            known = ", ".join(each for each in OPERATORS if each in _operators(field))
            item.refuse(f"This field is tested with one of {known}.", "op")
        value = _several(item, field) if word == "IN" else _value(item, field, item.keys.get("value"), "value")
        values += len(value) if isinstance(value, tuple) else 0
        if values > MOST_VALUES:
            item.refuse(f"The conditions have more than {MOST_VALUES} values with IN.", "value")
        found.append(Condition(field.ident, OPERATORS[word], value, of))
    return tuple(found)


def _operators(field: Field) -> frozenset[str]:
    if field.type.base is Base.MONEY:
        return _OF_MONEY
    return frozenset(OPERATORS) if field.type.base in _ORDERED else _EQUALITY


def _several(table: Given, field: Field) -> tuple[Scalar, ...]:
    found: dict[Scalar, None] = {}
    for place, item in enumerate(table.items("value", MOST_VALUES)):
        found[cast(Scalar, _value(table, field, item, "value", str(place)))] = None  # money is not tested so
    if not found:
        table.refuse("A list of values is expected.", "value")
    return tuple(found)


def _value(table: Given, field: Field, value: object, *place: str) -> RuleValue:
    if value is None:
        table.refuse("A value is expected.", *place)
    stored: RuleValue = parsed(table, field.type, value, *place)
    if isinstance(stored, str) and (len(stored) > LONGEST_VALUE or _UNWRITABLE.search(stored)):
        table.refuse(f"At most {LONGEST_VALUE} characters in one line are expected.", *place)
    return stored
