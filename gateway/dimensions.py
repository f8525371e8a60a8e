"""What groups are made by and what is measured in them, as a client names it; and the way back from a group to its
records.

A dimension has a name, e.g. "customer.industry", "mine.stage", "partners.company": the path of its filter in `where`,
quantifiers left out. Of a group's value it makes the text that is shown, and the condition that just the members of
the group meet.
"""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from gateway.filters import plain
from gateway.numbers import decimal_text
from gateway.orders import only_one
from schema.errors import BadInput
from schema.field import Base, Field, FieldType
from schema.kind import Kind
from schema.queryable import COMPANY, STANDING, TIMES, groupable, measurable
from spaces.fetch import Dimension

MOST_KEYS = 5
MOST_MEASURES = 10

_PREFIX = {"field": "joint.", "mine": "mine.", "partners": "partners."}
_TIME = FieldType("DateTime", Base.DATETIME)
_WORD = FieldType("Text", Base.TEXT)
_COMPANY = FieldType("Company", Base.COMPANY)
_BUCKETS: Mapping[str, Literal["month", "quarter", "year"]] = {"MONTH": "month", "QUARTER": "quarter", "YEAR": "year"}


@dataclass(frozen=True, slots=True)
class GroupBy:
    """One dimension. `part` is "field", "mine" or "partners"; `path` is where its filter stands in that part."""

    part: str
    path: tuple[str, ...]
    type: FieldType
    dimension: Dimension

    @property
    def name(self) -> str:
        """What it is called in answers."""
        return ".".join(self.path if self.part == "field" else (self.part, *self.path))

    def show(self, value: Any) -> str | None:
        """A group's value as text, None for none."""
        if value is None:
            return None
        if self.type.base is Base.BOOLEAN:
            return "true" if value else "false"
        if self.type.base in (Base.INTEGER, Base.NUMBER):
            return decimal_text(value)
        return str(value)

    def condition(self, value: Any) -> dict[str, Any]:
        """The filter, within its part, that is true of just the rows with this value."""
        tests: Any = _tests(self.type, self.dimension.bucket, value)
        for name in reversed(self.path):
            tests = {name: tests}
        found: dict[str, Any] = tests
        return found


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure: its part and field, and the column that holds its number."""

    part: str
    field: Field

    @property
    def name(self) -> str:
        """What it is called in answers."""
        return ".".join(_path(self.field) if self.part == "field" else (self.part, self.field.name))

    @property
    def column(self) -> str:
        """The column of the fetch."""
        return _PREFIX[self.part] + self.field.columns[0]


def read_keys(kind: Kind, given: Sequence[Mapping[str, Any]]) -> tuple[GroupBy, ...]:
    """The dimensions of `by`; by none, all is one group. Raises BadInput for more than five, for one that does not
    name just one of `field`, `mine` and `partners`, and for a bucket of what is no date or time."""
    if len(given) > MOST_KEYS:
        raise BadInput(f"Group by at most {MOST_KEYS} keys.", field=("by",))
    return tuple(_key(kind, plain(each), ("by", str(index))) for index, each in enumerate(given))


def _key(kind: Kind, given: Mapping[str, Any], path: tuple[str, ...]) -> GroupBy:
    part, name = only_one(given, path)
    bucket = given.get("bucket")
    key = _unbucketed(kind, part, name, None if bucket is None else _BUCKETS[bucket])
    if bucket is not None and key.type.base not in (Base.DATE, Base.DATETIME):
        raise BadInput("Just dates and times have a `bucket`.", field=(*path, "bucket"))
    return key


def _unbucketed(kind: Kind, part: str, name: str, bucket: Literal["month", "quarter", "year"] | None) -> GroupBy:
    if part == "field" and name in TIMES:
        return GroupBy(part, (TIMES[name],), _TIME, Dimension(name.lower(), bucket))
    if part == "field" and name in STANDING:
        return GroupBy(part, (STANDING[name],), _WORD, Dimension(name.removeprefix("MY_").lower(), bucket))
    if part == "partners" and name == COMPANY:
        return GroupBy(part, ("company",), _COMPANY, Dimension("partners.company", bucket))
    field = groupable(kind.joint if part == "field" else kind.side)[name]
    return GroupBy(part, _path(field), field.type, Dimension(_PREFIX[part] + field.column, bucket))


def read_measures(kind: Kind, given: Sequence[Mapping[str, Any]] | None) -> tuple[Measure, ...]:
    """The measures. Raises BadInput for more than ten, and for one that does not name just one of `field`, `mine`
    and `partners`."""
    keys = plain(list(given or ()))
    if len(keys) > MOST_MEASURES:
        raise BadInput(f"Measure at most {MOST_MEASURES} fields.", field=("measures",))
    named = [only_one(key, ("measures", str(index))) for index, key in enumerate(keys)]
    return tuple(Measure(part, measurable(kind.joint if part == "field" else kind.side)[name]) for part, name in named)


def _path(field: Field) -> tuple[str, ...]:
    return (field.group, field.key or "") if field.group else (field.name,)


def drill_down(
    asked: Mapping[str, Any] | None, keys: Sequence[GroupBy], values: Sequence[Any], *, pairs: bool
) -> dict[str, Any]:
    """The `where` that lists the records of one group: those of the `where` that was asked for that meet all
    conditions of the group; where pairs are grouped, those with at least one partner's side that meets all
    conditions on it."""
    parts: dict[str, list[dict[str, Any]]] = {"field": [], "mine": [], "partners": []}
    for key, value in zip(keys, values, strict=True):
        parts[key.part].append(key.condition(value))
    found = [dict(asked)] if asked else []
    found += parts["field"]
    if parts["mine"]:
        found.append({"mine": _together(parts["mine"])})
    if pairs:
        found.append({"partners": {"some": _together(parts["partners"])}})
    return _together(found)


def _together(conditions: list[dict[str, Any]]) -> dict[str, Any]:
    """All conditions as one: side by side where no two of them name the same, else under `and`."""
    joined: dict[str, Any] = {}
    for condition in conditions:
        joined |= condition
    return joined if len(joined) == sum(map(len, conditions)) else {"and": conditions}


def _tests(type_: FieldType, bucket: str | None, value: Any) -> dict[str, Any]:
    if value is None:
        return {"isNull": True}
    if bucket is not None:
        return {"between": list(_bounds(type_, str(value)))}
    if type_.base is Base.BOOLEAN:
        return {"eq": bool(value)}
    return {"eq": value}


def _bounds(type_: FieldType, bucket: str) -> tuple[str, str]:
    """The first and the last date or instant of a month `2026-11`, a quarter `2026-Q4` or a year `2026`."""
    year, _, rest = bucket.partition("-")
    if rest.startswith("Q"):
        last = 3 * int(rest[1:])
        first = last - 2
    else:
        first, last = (int(rest), int(rest)) if rest else (1, 12)
    start = f"{year}-{first:02}-01"
    end = f"{year}-{last:02}-{monthrange(int(year), last)[1]:02}"
    if type_.base is Base.DATE:
        return start, end
    return f"{start}T00:00:00.000000Z", f"{end}T23:59:59.999999Z"
