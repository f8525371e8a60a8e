"""What a viewer tries: random reads and writes, and probes drawn from the cells that differ between the worlds.

Each probe has a quota of its own (`PROBES`), for pure random queries miss planted leaks. An argument that is a
`Ref` is filled in from what the viewer was given before: a cursor, or the version of a side.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from schema.field import Base
from schema.kind import Kind
from schema.queryable import groupable, measurable, sortable
from schema.shapes_search import kinds_by_value
from schema.shapes_where import filter_name
from schema.words import words
from tests.leaks.cells import Cell, given_as, hidden_cells
from tests.leaks.documents import Pool
from tests.leaks.model import texts_of
from tests.leaks.perturb import Pair
from tests.leaks.worlds import ACME, CATALOG, COMPANIES, JOINT, PEOPLE, SIDE, State, made_id


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

    def make(self, count: int) -> list[Operation]:
        """So many operations."""
        names = self.rng.choices(list(PROBES), weights=[w for w, _ in PROBES.values()], k=count)
        return [made for name in names if (made := PROBES[name][1](self, name))]

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

    def cell(self) -> Cell:
        """A cell, mostly one that differs."""
        rng = self.rng
        if self.cells and rng.random() < 0.85:
            return rng.choice(self.cells)
        kind = rng.choice(CATALOG.kinds)
        part = rng.choice(("joint", "mine", "partners"))
        field = rng.choice((JOINT if part == "joint" else SIDE)[kind.name])
        states: tuple[State, ...] = (self.pair.state, self.pair.other)
        values = [
            value
            for state in states
            for record in state.records.values()
            if record.kind is kind
            for held in ((record.joint,) if part == "joint" else tuple(s.values for s in record.sides.values()))
            if (value := held.get(field.name)) is not None
        ]
        return Cell(kind, part, field, rng.choice(values) if values else None, "")

    def test(self, cell: Cell) -> dict[str, Any] | None:
        """A test of a field against the cell's value."""
        rng, field = self.rng, cell.field
        name = filter_name(field.type, CATALOG.by_name)
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
        part = rng.choice(sorted({cell.part for cell in self.cells}) or [""])  # own texts are few, and have an index
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
        fields = [f for f in SIDE[kind.name] if f.name != kind.natural_key]
        given: dict[str, Any] = {}
        for field in self.rng.sample(fields, k=min(count, len(fields))):
            given[field.name] = given_as(self.pair._maker.value(field, ACME))
        if self.rng.random() < 0.3:
            same = [v for k, v in self.keys if k is kind]
            if same or self.rng.random() < 0.5:
                given[kind.natural_key or ""] = self.rng.choice(same or [{"system": "crm", "id": "k1"}])
        return given

    def kind_of(self, id_: str) -> Kind:
        return CATALOG.by_prefix.get(id_.partition("_")[0]) or self.rng.choice(CATALOG.kinds)

    def mutate(self, probe: str, name: str, given: Any) -> Operation:
        """A mutation with its input."""
        if isinstance(given, dict) and self.rng.random() < 0.2:
            given["clientMutationId"] = self.rng.choice(("one", "two"))
        return Operation(probe, self.rng.choice(self.pool.mutations[name]), {"given": given})


def _filter(tries: Tries, probe: str) -> Operation | None:
    cell = tries.cell()
    where = tries.where(cell)
    if where is None:
        return None
    variables = {"where": where, **tries.window()}
    return Operation(probe, tries.rng.choice(tries.pool.pages[cell.kind.name]), variables)


def _sort(tries: Tries, probe: str) -> Operation | None:
    cell = tries.cell()
    order = tries.order(cell)
    if order is None:
        return None
    variables: dict[str, Any] = {"orderBy": [order], **tries.window()}
    if tries.rng.random() < 0.4:
        variables["after" if "first" in variables else "before"] = Ref("cursor", tries.rng.randrange(3))
    return Operation(probe, tries.rng.choice(tries.pool.pages[cell.kind.name]), variables)


def _walk(tries: Tries, probe: str) -> Operation | None:
    kind = tries.rng.choice(CATALOG.kinds)
    variables: dict[str, Any] = tries.window()
    if tries.rng.random() < 0.6:
        cursor: Any = Ref("cursor", tries.rng.randrange(2))
        variables[tries.rng.choice(("after", "before"))] = cursor
    return Operation(probe, tries.rng.choice(tries.pool.pages[kind.name]), variables)


def _page(tries: Tries, probe: str) -> Operation | None:
    kind = tries.rng.choice(CATALOG.kinds)
    variables: dict[str, Any] = {"first": 20}
    if tries.rng.random() < 0.3:
        variables["companies"] = tries.rng.sample(COMPANIES, k=2)
    return Operation(probe, tries.rng.choice(tries.pool.pages[kind.name]), variables)


def _one(tries: Tries, probe: str) -> Operation | None:
    id_ = tries.id()
    return Operation(probe, tries.rng.choice(tries.pool.ones[tries.kind_of(id_).name]), {"id": id_})


def _node(tries: Tries, probe: str) -> Operation | None:
    id_ = tries.id()
    return Operation(probe, tries.rng.choice(tries.pool.nodes), {"id": id_, "ids": [id_, tries.id(), tries.id()]})


def _joined(tries: Tries, probe: str) -> Operation | None:
    rng = tries.rng
    row: dict[str, Any] = {"company": {"eq": rng.choice(COMPANIES)}}
    if rng.random() < 0.6:
        row["status"] = {rng.choice(("eq", "ne")): rng.choice(("DECLINED", "WITHDRAWN", "INVITED", "ACCEPTED"))}
    if rng.random() < 0.3:
        row["role"] = {"eq": rng.choice(("VIEWER", "COLLABORATOR", "PARTICIPANT"))}
    where: dict[str, Any] = {"participants": {rng.choice(("some", "every", "none")): row}}
    if rng.random() < 0.3:
        where = {"partners": {rng.choice(("some", "every", "none")): {"company": {"eq": rng.choice(COMPANIES)}}}}
    kind = rng.choice(CATALOG.kinds)
    return Operation(probe, rng.choice(tries.pool.pages[kind.name]), {"where": where, **tries.window()})


def _group(tries: Tries, probe: str) -> Operation | None:
    cell, rng = tries.cell(), tries.rng
    key = {"joint": "field", "mine": "mine", "partners": "partners"}[cell.part]
    fields = cell.kind.joint if cell.part == "joint" else cell.kind.side
    groups = [n for n, f in groupable(fields).items() if f is cell.field]
    measures = [n for n, f in measurable(cell.kind.side).items() if f is cell.field] if cell.part != "joint" else []
    by: dict[str, Any] = {key: groups[0]} if groups else rng.choice(({"field": "MY_ROLE"}, {"partners": "COMPANY"}))
    if groups and cell.field.type.base in (Base.DATE, Base.DATETIME):
        by["bucket"] = rng.choice(("MONTH", "YEAR"))
    variables: dict[str, Any] = {"by": [by], "first": rng.choice((1, 20, 100))}
    if rng.random() < 0.4:
        variables["by"].append({"field": rng.choice(("MY_STATUS", "MY_ROLE"))})
    if measures:
        variables["measures"] = [{key: measures[0]}]
    if rng.random() < 0.4 and (where := tries.where(cell)):
        variables["where"] = where
    return Operation(probe, tries.pool.groups[cell.kind.name], variables)


def _search(tries: Tries, probe: str) -> Operation | None:
    rng = tries.rng
    variables: dict[str, Any] = {"text": tries.text(), **tries.window()}
    if rng.random() < 0.3:
        variables["kinds"] = rng.sample(sorted(kinds_by_value(CATALOG)), k=rng.randint(0, 2))
    if rng.random() < 0.3:
        variables["after" if "first" in variables else "before"] = Ref("cursor", rng.randrange(3))
    return Operation(probe, rng.choice(tries.pool.searches), variables)


def _foreign(tries: Tries, probe: str) -> Operation | None:
    rng = tries.rng
    kind = rng.choice(CATALOG.kinds)
    if rng.random() < 0.6:
        variables = {**tries.window(), rng.choice(("after", "before")): Ref("foreign cursor", rng.randrange(4))}
        return Operation(probe, rng.choice(tries.pool.pages[kind.name]), variables)
    id_ = tries.id()
    given = {
        "id": id_,
        "mine": tries.side_input(tries.kind_of(id_)),
        "ifVersion": Ref("foreign version", rng.randrange(4)),
    }
    return tries.mutate(probe, f"update{tries.kind_of(id_).type_name}", given)


def _link(tries: Tries, probe: str) -> Operation | None:
    where: dict[str, Any] = {"complementary": {tries.rng.choice(("any", "all")): [tries.id("sol")]}}
    name = "solution"
    if tries.rng.random() < 0.5:  # links cannot be filtered by, and so it is said, whatever is asked for
        where, name = {"mine": {"solutions": {"has": tries.id("sol")}}}, "opportunity"
    return Operation(probe, tries.rng.choice(tries.pool.pages[name]), {"where": where, **tries.window()})


def _create(tries: Tries, probe: str) -> Operation | None:
    kind = tries.rng.choice(CATALOG.kinds)
    given: dict[str, Any] = {kind.title: "Red", "mine": tries.side_input(kind)}
    if kind.name == "solution" and tries.rng.random() < 0.5:
        given["complementary"] = [tries.id("sol")]
    if kind.name == "opportunity" and tries.rng.random() < 0.5:
        given["mine"]["solutions"] = [tries.id("sol")]
    if tries.rng.random() < 0.4:
        given["invite"] = [tries.rng.choice(COMPANIES)]
    return tries.mutate(probe, f"create{kind.type_name}", given)


def _update(tries: Tries, probe: str) -> Operation | None:
    id_ = tries.id()
    kind = tries.kind_of(id_)
    given: dict[str, Any] = {"id": id_}
    if tries.rng.random() < 0.7:
        given["mine"] = tries.side_input(kind)
    if tries.rng.random() < 0.4:
        field = tries.rng.choice([f for f in JOINT[kind.name] if not f.group])
        given["joint"] = {field.name: given_as(tries.pair._maker.value(field, ACME))}
    if tries.rng.random() < 0.4:
        given["ifVersion"] = Ref("version", tries.rng.randrange(2))
    return tries.mutate(probe, f"update{kind.type_name}", given)


def _invite(tries: Tries, probe: str) -> Operation | None:
    companies = tries.rng.sample(COMPANIES, k=tries.rng.randint(1, 2))
    given = {"recordId": tries.id(), "companyIds": companies, "role": tries.rng.choice(("VIEWER", "COLLABORATOR"))}
    return tries.mutate(probe, "inviteCompanies", given)


def _respond(tries: Tries, probe: str) -> Operation | None:
    given = {"recordId": tries.id(), "accept": tries.accepting and tries.rng.random() < 0.8}
    return tries.mutate(probe, "respondToInvitation", given)


def _withdraw(tries: Tries, probe: str) -> Operation | None:
    return tries.mutate(probe, "withdraw", {"recordId": tries.id()})


def _share(tries: Tries, probe: str) -> Operation | None:
    id_ = tries.id()
    names = [f.name for f in SIDE[tries.kind_of(id_).name]]
    audience = tries.rng.choice(
        (
            {"kind": "PRIVATE"},
            {"kind": "PARTICIPANTS"},
            {"kind": "SELECTED", "companies": [tries.rng.choice(COMPANIES)]},
            {"kind": "SELECTED", "people": [tries.rng.choice(PEOPLE).id]},
        )
    )
    given = {"recordId": id_, "fields": tries.rng.sample(names, k=1), "audience": audience}
    return tries.mutate(probe, "shareFields", given)


def _hide(tries: Tries, probe: str) -> Operation | None:
    if not tries.unhiding:
        return None
    return Operation(
        probe,
        tries.rng.choice(tries.pool.mutations["setHidePrivateFields"]),
        {"given": tries.rng.choice((True, False))},
    )


PROBES: dict[str, tuple[int, Callable[[Tries, str], Operation | None]]] = {
    "filter": (20, _filter),
    "sort": (14, _sort),
    "walk": (8, _walk),
    "page": (10, _page),
    "one": (8, _one),
    "node": (9, _node),
    "link": (4, _link),
    "joined": (4, _joined),
    "group": (10, _group),
    "search": (16, _search),
    "foreign": (3, _foreign),
    "create": (6, _create),
    "update": (9, _update),
    "invite": (4, _invite),
    "respond": (3, _respond),
    "withdraw": (2, _withdraw),
    "share": (4, _share),
    "hide": (1, _hide),
}
"""Each probe's quota and its maker."""
