"""Groups of what a viewer may see, in plain Python: rows of `model.py`, filtered, then grouped and summed up."""

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Any

from schema.codes import MINOR_DIGITS
from schema.field import Base, Field
from schema.kind import Kind
from schema.queryable import groupable, measurable
from tests.gateway import model
from tests.gateway.model import Row

_OWN_NAMES = {"CREATED_AT": "createdAt", "UPDATED_AT": "updatedAt", "MY_ROLE": "myRole", "MY_STATUS": "myStatus"}


def groups(kind: Kind, arguments: Mapping[str, Any], rows: list[Row]) -> dict[str, Any]:
    """`totalCount` and `nodes` with keys (name and value), count, and totals."""
    by, measures = arguments["by"], arguments.get("measures") or []
    found: list[tuple[Row, Row]] = [(row, {}) for row in rows if model.matches(kind, arguments.get("where"), row)]
    if any("partners" in key for key in (*by, *measures)):
        found = [(row, partner) for row, _ in found for partner in row["partners"]]
    members: dict[tuple[Any, ...], list[tuple[Row, Row]]] = {}
    for pair in found:
        members.setdefault(tuple(value(kind, key, pair) for key in by), []).append(pair)
    ordered = sorted(members.items(), key=lambda item: (-len(item[1]), [(v is not None, v or 0) for v in item[0]]))
    nodes = [
        {
            "keys": [{"name": _name(kind, key), "value": shown(v)} for key, v in zip(by, values, strict=True)],
            "count": len(pairs),
            "totals": [total for measure in measures for total in _totals(kind, measure, pairs)],
        }
        for values, pairs in ordered
    ]
    return {"totalCount": len(nodes), "nodes": nodes[: arguments.get("first", 100)]}


def _part(key: Mapping[str, Any]) -> str:
    return next(part for part in ("field", "mine", "partners") if part in key)


def _field(kind: Kind, key: Mapping[str, Any], known: Any) -> Field:
    found: Field = known(kind.joint if "field" in key else kind.side)[key[_part(key)]]
    return found


def _cells(field: Field, part: str, pair: tuple[Row, Row]) -> tuple[Any, ...]:
    row = pair[1] if part == "partners" else pair[0]
    return tuple(row["joint" if part == "field" else "mine", field.name])


def value(kind: Kind, key: Mapping[str, Any], pair: tuple[Row, Row]) -> Any:
    """The value of one dimension of a record and, where partners are grouped, one of its partners' sides."""
    part = _part(key)
    if part == "field" and key["field"] in _OWN_NAMES:
        cell = pair[0][_OWN_NAMES[key["field"]]]
    elif part == "partners" and key["partners"] == "COMPANY":
        cell = pair[1]["company"]
    else:
        (cell,) = _cells(_field(kind, key, groupable), part, pair)
    if cell is None or "bucket" not in key:
        return cell
    year, month = cell[:4], cell[5:7]
    quarter = {1: "Q1", 2: "Q2", 3: "Q3", 4: "Q4"}[-(-int(month) // 3)]
    return {"YEAR": year, "MONTH": f"{year}-{month}", "QUARTER": f"{year}-{quarter}"}[key["bucket"]]


def _name(kind: Kind, key: Mapping[str, Any]) -> str:
    part = _part(key)
    if key[part] == "COMPANY":
        return "partners.company"
    if part == "field" and key["field"] in _OWN_NAMES:
        return _OWN_NAMES[key["field"]]
    return _named(_field(kind, key, groupable), part)


def _named(field: Field, part: str) -> str:
    if part != "field":
        return f"{part}.{field.name}"
    return f"{field.group}.{field.key}" if field.group else field.name


def shown(cell: Any) -> str | None:
    """A value as answers show it."""
    if cell is None:
        return None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return _plain(Fraction(str(cell))) if isinstance(cell, int | float) else str(cell)


def _totals(kind: Kind, measure: Mapping[str, Any], pairs: list[tuple[Row, Row]]) -> list[dict[str, Any]]:
    field, part = _field(kind, measure, measurable), _part(measure)
    money = field.type.base is Base.MONEY
    values: dict[Any, list[Any]] = {}
    for pair in pairs:
        cells = _cells(field, part, pair)
        if cells[0] is not None:
            values.setdefault(cells[1] if money else None, []).append(cells[0])
    found = []
    for currency in sorted(values, key=str):
        numbers = [Fraction(str(v)) for v in values[currency]]
        summed = {"sum": sum(numbers), "average": sum(numbers) / len(numbers), "min": min(numbers), "max": max(numbers)}
        texts = {name: _money(v, currency) if money else _plain(v) for name, v in summed.items()}
        found.append({"name": _named(field, part), "currency": currency, "number": len(numbers), **texts})
    return found


def _money(minor: Any, currency: str) -> str:
    digits = MINOR_DIGITS[currency]
    return f"{Decimal(round(Fraction(minor))).scaleb(-digits):.{digits}f}"


def _plain(number: Any) -> str:
    exact = Fraction(number)
    rounded = Decimal(round(exact * 10**6)).scaleb(-6).quantize(Decimal("0.000001"), ROUND_HALF_EVEN)
    text = f"{rounded:f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
