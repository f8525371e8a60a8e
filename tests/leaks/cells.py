"""The cells in which two worlds differ: what probes ask for."""

from typing import Any, NamedTuple

from schema.amounts import show_amount
from schema.field import Field
from schema.kind import Kind
from schema.money import Money
from schema.names import RecordId
from tests.leaks.perturb import Pair


class Cell(NamedTuple):
    """A place of the world, and a value that stands there in one of the two worlds."""

    kind: Kind
    part: str  # joint, mine or partners
    field: Field
    value: Any
    record: str


def hidden_cells(pair: Pair) -> tuple[list[Cell], list[RecordId], list[tuple[Kind, Any]]]:
    """Where the two worlds differ, in fields that the viewer's company has types for: cells, ids of records that are
    hidden, and natural keys."""
    kinds = pair.setting.catalog(pair.viewer.company).by_name
    cells: list[Cell] = []
    keys: list[tuple[Kind, Any]] = []
    for one, two in ((pair.state, pair.other), (pair.other, pair.state)):
        for id_, record in one.records.items():
            same = two.records.get(id_)
            kind = kinds[record.kind.name]
            for name, value in record.joint.items():
                if value is not None and (same is None or same.joint.get(name) != value):
                    cells.append(Cell(kind, "joint", kind.joint_by_name[name], value, id_))
            for company, side in record.sides.items():
                other = same.sides.get(company) if same else None
                part = "mine" if company == pair.viewer.company else "partners"
                for name, value in side.values.items():
                    field = kind.side_by_ident.get(name)
                    if field and value is not None and (other is None or other.values.get(name) != value):
                        cells.append(Cell(kind, part, field, value, id_))
                        if name == kind.natural_key:
                            keys.append((kind, value))
    known = pair.known["records"]
    ids = [i for i in {**pair.state.records, **pair.other.records} if i not in known]
    return cells, ids, keys


def given_as(value: Any) -> Any:
    """A stored value as a client gives it."""
    if isinstance(value, Money):
        return {"amount": show_amount(value.minor, value.currency), "currency": value.currency}
    if isinstance(value, tuple):
        return [given_as(item) for item in value]
    if isinstance(value, dict):
        return {name: given_as(item) for name, item in value.items()}
    return value
