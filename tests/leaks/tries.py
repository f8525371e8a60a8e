"""What a client would name: ids, filters, sort keys, texts and inputs, drawn from the cells that differ between the
worlds. An argument that is a `Ref` is filled in from what the viewer was given before."""

import random
from dataclasses import dataclass
from typing import Any, NamedTuple

from schema.field import Base, Field
from schema.kind import Kind
from schema.queryable import sortable
from schema.shapes_where import filter_name
from schema.words import words
from tests.leaks.cast import ACME, COMPANIES, PEOPLE, made_id
from tests.leaks.cells import Cell, given_as, hidden_cells
from tests.leaks.documents import Pool
from tests.leaks.model import texts_of
from tests.leaks.perturb import Pair
from tests.leaks.settings import JOINT
from tests.leaks.state import LIVE, State, may_invite


class Ref(NamedTuple):
    """The n-th newest of what the viewer was given."""

    sort: str
    number: int


@dataclass(frozen=True, slots=True)
class Operation:
    """One request. `probe` names the probe that made it."""

    probe: str
    text: str
    variables: dict[str, Any]


class Tries:
    """Makes the operations of one scenario."""

    def __init__(self, rng: random.Random, pair: Pair, pool: Pool, *, accepting: bool, unhiding: bool) -> None:
        self.rng = rng
        self.pair = pair
        self.pool = pool
        self.accepting = accepting
        self.unhiding = unhiding
        self.cells, self.hidden, self.keys = hidden_cells(pair)
        self.known = list(pair.known["records"])
        self._near = [cell for cell in self.cells if cell.record in pair.of_viewer]
        records = [pair.state.records[id_] for id_ in self.known]
        self.visited = [
            record.id
            for record in records
            if may_invite(record.parts[ACME])
            and any(p.by not in (None, ACME) and p.status in LIVE for p in record.parts.values())
        ]
        """Records that the viewer's company may write, with guests of others' association rules."""
        self.catalog = pair.setting.catalog(ACME)

    # what a client would name

    def id(self, *prefixes: str) -> str:
        """An id, mostly of a hidden record."""
        rng = self.rng
        choice = rng.random()
        fit: list[str] = [i for i in self.hidden if not prefixes or i.partition("_")[0] in prefixes]
        if choice < 0.6 and fit:
            return rng.choice(fit)
        seen: list[str] = [i for i in self.known if not prefixes or i.partition("_")[0] in prefixes]
        if choice < 0.85 and seen:
            return rng.choice(seen)
        if choice < 0.9:
            return rng.choice((*COMPANIES, *(row.id for row in PEOPLE)))
        return made_id(rng.choice(("opp", "lead", "sol")), f"never {rng.randrange(3)}")

    def looked_at(self) -> str:
        """An id of a record: as often as not of one that the viewer sees, in which something hidden differs."""
        cell = self.near() if self.rng.random() < 0.5 else None
        return cell.record if cell else self.id()

    def near(self, *parts: str) -> Cell | None:
        """A cell of these parts that differs in a record that the viewer sees."""
        found = [cell for cell in self._near if not parts or cell.part in parts]
        return self.rng.choice(found) if found else None

    def cell(self) -> Cell:
        """A cell, mostly one that differs."""
        rng = self.rng
        if self.cells and rng.random() < 0.85:
            cells = self._near if self._near and rng.random() < 0.7 else self.cells
            custom = [cell for cell in cells if cell.field.custom]
            return rng.choice(custom if custom and rng.random() < 0.35 else cells)
        kind = rng.choice(self.catalog.kinds)
        part = rng.choice(("joint", "mine", "partners"))
        field = rng.choice(JOINT[kind.name] if part == "joint" else self.used(kind))
        states: tuple[State, ...] = (self.pair.state, self.pair.other)
        values = [
            value
            for state in states
            for record in state.records.values()
            if record.kind.name == kind.name
            for held in ((record.joint,) if part == "joint" else tuple(s.values for s in record.sides.values()))
            if (value := held.get(field.ident)) is not None
        ]
        return Cell(kind, part, field, rng.choice(values) if values else None, "")

    def used(self, kind: Kind) -> tuple[Field, ...]:
        """The side fields of the viewer's kind that have values."""
        return self.pair.setting.used(ACME, kind.name)

    def test(self, cell: Cell) -> dict[str, Any] | None:
        """A test of a field against the cell's value."""
        rng, field = self.rng, cell.field
        name = filter_name(field.type, self.catalog.by_name)
        if name is None:
            return None
        if cell.value is None or rng.random() < 0.12:
            return {"isNull": rng.choice((True, False))}
        value = given_as(cell.value)
        if field.type.many:
            value = value or [made_id("sol", "never")] if field.type.target else value
            if not value:
                return {"isNull": False}
            op = rng.choice(("has", "any", "all"))
            return {op: rng.choice(value) if op == "has" else value}
        ops = ["eq", "eq", "ne"] + ([] if field.type.base is Base.BOOLEAN else ["in"])
        if field.type.base in (Base.INTEGER, Base.MONEY, Base.DATE, Base.DATETIME):
            ops += ["lt", "lte", "gt", "gte", "between"]
        if field.type.base is Base.TEXT:
            ops += ["contains", "startsWith"]
        op = rng.choice(ops)
        if op in ("contains", "startsWith"):
            value = value[: rng.randint(1, len(value))]
        return {op: [value] if op == "in" else [value, value] if op == "between" else value}

    def where(self, cell: Cell, depth: int = 1) -> dict[str, Any] | None:
        """A filter on the cell."""
        rng = self.rng
        test = self.test(cell)
        if test is None:
            return None
        field = cell.field
        named = {field.group: {field.key: test}} if field.group else {field.name: test}
        if cell.part == "mine":
            named = {"mine": {"not": named} if rng.random() < 0.2 else named}
        elif cell.part == "partners":
            row = {"not": named} if rng.random() < 0.2 else named
            named = {"partners": {rng.choice(("some", "every", "none")): row}}
        if depth and rng.random() < 0.3:
            op = rng.choice(("not", "and", "or"))
            cell2 = self.cell()
            same = self.where(cell2, depth - 1) if cell2.kind is cell.kind else None
            other = same or {"myStatus": {"eq": "ACCEPTED"}}
            return {op: named if op == "not" else [named, other]}
        return named

    def order(self, cell: Cell) -> dict[str, Any] | None:
        """A sort key on the cell's field."""
        fields = cell.kind.joint if cell.part == "joint" else cell.kind.side
        names = [n for n, f in sortable(fields).items() if f is cell.field]
        direction = self.rng.choice(("ASC", "DESC"))
        if self.rng.random() < 0.12:
            return {"field": self.rng.choice(("UPDATED_AT", "CREATED_AT")), "direction": direction}
        if not names:
            return None
        if cell.part == "partners":
            return {"partners": names[0], "aggregate": self.rng.choice(("MAX", "MIN")), "direction": direction}
        return {"field" if cell.part == "joint" else "mine": names[0], "direction": direction}

    def text(self) -> str:
        """What to search for: a word of a hidden text, its beginning, or three letters of it; now and then two."""
        rng = self.rng
        parts = sorted({cell.part for cell in self.cells if texts_of(cell.field.type, cell.value)}) or [""]
        part = "mine" if "mine" in parts and rng.random() < 0.5 else rng.choice(parts)  # few, and they have an index
        texts = [text for cell in self.cells if cell.part == part for text in texts_of(cell.field.type, cell.value)]
        text = rng.choice(texts) if texts and rng.random() < 0.8 else rng.choice(("Red", "blue", "b", "x example"))
        found = rng.choice(words(text))
        how = rng.random()
        if how < 0.3:
            found = found[: rng.randint(1, len(found))]
        elif how < 0.5:
            start = rng.randrange(max(len(text) - 2, 1))
            found = text[start : start + 3]
        return f"{found} {rng.choice(('red', 'blue', 'canary', 'x'))}" if rng.random() < 0.25 else found

    def window(self) -> dict[str, Any]:
        """Which rows of a page."""
        size = self.rng.choice((1, 2, 3, 20))
        found: dict[str, Any] = {"first": size} if self.rng.random() < 0.75 else {"last": size}
        return found

    def side_input(self, kind: Kind, count: int = 2) -> dict[str, Any]:
        """Input for an own side."""
        fields = [f for f in self.used(kind) if f.name != kind.natural_key and f.is_written]
        given: dict[str, Any] = {}
        for field in self.rng.sample(fields, k=min(count, len(fields))):
            given[field.name] = given_as(self.pair.maker.value(field, ACME))
        if self.rng.random() < 0.3:
            same = [v for k, v in self.keys if k.name == kind.name]
            if same or self.rng.random() < 0.5:
                given[kind.natural_key or ""] = self.rng.choice(same or [{"system": "crm", "id": "k1"}])
        return given

    def kind_of(self, id_: str) -> Kind:
        return self.catalog.by_prefix.get(id_.partition("_")[0]) or self.rng.choice(self.catalog.kinds)

    def mutate(self, probe: str, name: str, given: Any) -> Operation:
        """A mutation with its input."""
        if isinstance(given, dict) and self.rng.random() < 0.2:
            given["clientMutationId"] = self.rng.choice(("one", "two"))
        return Operation(probe, self.rng.choice(self.pool.mutations[name]), {"given": given})
