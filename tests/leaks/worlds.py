"""Random worlds as lists of changes, from tiny domains: collisions find leaks.

A world is what was committed, in order. `replay` turns it into plain values, and says of each change who is told
(`touched`), by the rules of `project.py`. Texts that look like `canary-…` are unique: a scan finds each of them.
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from gateway.definitions import definition_of
from gateway.models import catalog_of
from schema.catalog import load_catalog
from schema.field import Base, Field
from schema.kind import Kind
from schema.money import Money
from schema.names import CompanyId, PersonId, RecordId
from schema.sharing import NO_OVERRIDES, PARTICIPANTS, PRIVATE, Audience, Sharing
from schema.template_read import define
from schema.values import natural_key
from spaces.change import Change, Participation
from spaces.definition import Definition
from spaces.fetch import PersonRow
from tests.leaks.rules import knows_participant, sees_joint

BASE = load_catalog()
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_KNOWN_IDS: dict[tuple[str, str], str] = {}


def made_id(prefix: str, name: str) -> str:
    """The same well-formed id for the same name, every time."""
    found = _KNOWN_IDS.get((prefix, name))
    if found is None:
        rng = random.Random(f"{prefix}/{name}")
        found = _KNOWN_IDS[prefix, name] = prefix + "_" + "".join(rng.choices(_ALPHABET, k=26))
    return found


COMPANIES = tuple(CompanyId(made_id("co", n)) for n in ("acme", "bolt", "core", "dune"))
ACME, BOLT, CORE, DUNE = COMPANIES
NAMES = dict(zip(COMPANIES, ("Acme", "Bolt", "Core", "Dune"), strict=True))


def _person(name: str, company: CompanyId, *roles: str, hide: bool = False) -> PersonRow:
    id_ = PersonId(made_id("pe", name))
    return PersonRow(id_, company, f"{name}@{NAMES[company].lower()}.example", name.title(), roles, hide, True)


PEOPLE = (
    _person("ann", ACME),
    _person("amy", ACME, hide=True),
    _person("abe", ACME, "reader"),
    _person("bob", BOLT),
    _person("bea", BOLT),
    _person("cat", CORE),
    _person("dan", DUNE),
)
BY_NAME = {row.name.lower(): row for row in PEOPLE}
AT_HOME = {company: tuple(row.id for row in PEOPLE if row.company == company) for company in COMPANIES}

_FIELDS = (
    {"key": "remark", "type": "TEXT", "label": "Remark"},
    {"key": "budget", "type": "MONEY", "label": "Budget"},
    {"key": "seats", "type": "INTEGER", "label": "Seats", "audience": "PARTICIPANTS"},
    {
        "key": "risk",
        "type": "PICKLIST",
        "label": "Risk",
        "audience": "PARTICIPANTS",
        "options": [{"value": value, "label": value} for value in ("LOW", "MIDDLE", "HIGH")],
    },
)


def _template(kind: str) -> Definition:
    content = {"kind": kind, "key": "made", "label": "Made", "fields": _FIELDS, "sharedWith": COMPANIES[1:]}
    number = count()
    made = define(content, BASE.by_name, made_id("tpl", kind), ACME, lambda p: made_id(p, f"{kind} {next(number)}"))
    return definition_of(made, AT_HOME[ACME][0], "2025-05-01T00:00:00.000000Z", None, in_force=True)


DEFINITIONS = tuple(_template(kind.name) for kind in BASE.kinds)
"""A template of each kind, which all companies share: so all have the same kinds, with custom fields."""
CATALOG = catalog_of(BASE, ACME, DEFINITIONS)

USED: dict[str, tuple[str, ...]] = {
    "opportunity": (
        *("name", "industry", "segment", "engagementStage", "sourcedBy", "influencedBy"),
        *("stage", "amount", "probability", "notes", "crmRef", "owner"),
        *("nextStep", "targetCloseDate", "primaryNeeds", "solutions", "teamContact"),
    ),
    "lead": ("companyName", "industry", "status", "contactName", "contactEmail", "score", "estimatedValue", "crmRef"),
    "solution": ("name", "status", "products", "complementary", "margin", "investment", "roadmap", "crmRef"),
}
"""The fields that made worlds fill; the others stay unset, and are read all the same."""

_CUSTOM = tuple(str(field["key"]) for field in _FIELDS)
JOINT = {k.name: tuple(f for f in k.joint if f.name in USED[k.name]) for k in CATALOG.kinds}
SIDE = {k.name: tuple(f for f in k.side if f.name in (*USED[k.name], *_CUSTOM)) for k in CATALOG.kinds}


@dataclass(slots=True)
class Part:
    """A company on a record. `place` sorts those who accepted first, in that order, then the others as added."""

    role: str
    status: str
    added: int
    touched: str
    accepted: int | None = None
    message: str | None = None

    def place(self) -> tuple[bool, int]:
        return (self.accepted is None, self.accepted or self.added)


@dataclass(slots=True)
class Side:
    """A company's own side of a record, stored values and the times of their last change."""

    values: dict[str, Any] = field(default_factory=dict)
    stamps: dict[str, str] = field(default_factory=dict)
    sharing: Sharing = NO_OVERRIDES
    version: int = 0
    updated: str = ""
    key: str | None = None


@dataclass(slots=True)
class Rec:
    """A record with everything that hangs on it."""

    id: RecordId
    kind: Kind
    owner: CompanyId
    created: str
    joint: dict[str, Any] = field(default_factory=dict)
    parts: dict[CompanyId, Part] = field(default_factory=dict)
    sides: dict[CompanyId, Side] = field(default_factory=dict)


@dataclass(slots=True)
class State:
    """All of a world as plain values."""

    records: dict[RecordId, Rec] = field(default_factory=dict)

    def apply(self, change: Change) -> Change:
        """Carries out one change; gives it with `touched` filled in."""
        if change.creates:
            self.records[change.record] = Rec(change.record, change.kind, change.company, change.at)
        record = self.records[change.record]
        before = {c: (p.role, p.status) for c, p in record.parts.items()}
        record.joint.update(change.joint)
        for each in change.participants:
            _participate(record, each, change.at)
        moved = [c for c, p in record.parts.items() if before.get(c) != (p.role, p.status)]
        touched = tuple(c for c in record.parts if _told(record, c, before, moved, change))
        for company in touched:
            record.parts[company].touched = change.at
        if change.side is not None or change.sharing is not None or change.natural_key is not None:
            _write(record.sides.setdefault(change.company, Side()), change)
        return replace(change, touched=touched)


def _told(record: Rec, company: CompanyId, before: Any, moved: Sequence[CompanyId], change: Change) -> bool:
    mine = record.parts[company]
    if any(sees_joint(mine.status, record.kind.joint_by_name[name]) for name in change.joint):
        return True
    for other in moved:
        for role, status in (before.get(other, (None, None)), (record.parts[other].role, record.parts[other].status)):
            if knows_participant(company, mine.role, mine.status, other, role, status):
                return True
    return False


def _participate(record: Rec, new: Participation, at: str) -> None:
    following = 1 + max((max(p.added, p.accepted or 0) for p in record.parts.values()), default=0)
    part = record.parts.setdefault(new.company, Part(new.role, new.status, following, at))
    part.role, part.status, part.message = new.role, new.status, new.message
    part.accepted = (part.accepted or following) if new.status == "ACCEPTED" else None


def _write(side: Side, change: Change) -> None:
    for name, value in (change.side or {}).items():
        if side.values.get(name) != value:
            side.values[name], side.stamps[name] = value, change.at
    if side.version == 0 or change.side or change.sharing is not None:
        side.version, side.updated = side.version + 1, change.at
    side.sharing = side.sharing if change.sharing is None else change.sharing
    side.key = side.key if change.natural_key is None else change.natural_key


def replay(changes: Iterable[Change]) -> tuple[State, list[Change]]:
    """The state after all changes, and the changes with `touched` filled in."""
    state = State()
    return state, [state.apply(change) for change in changes]


def _sharings(kind: Kind) -> list[tuple[Sharing, frozenset[CompanyId]]]:
    """Some sharings of a kind's sides, each with the companies that it names, by themselves or by their people."""
    rng, found = random.Random(kind.name), []
    for number in range(14):
        companies = COMPANIES[1:] if number % 2 else COMPANIES
        overrides: dict[str, Audience] = {}
        named: set[CompanyId] = set()
        for chosen in rng.sample(SIDE[kind.name], k=rng.randint(1, 3)):
            company = rng.choice(companies)
            overrides[chosen.ident] = rng.choice(
                (
                    PRIVATE,
                    PARTICIPANTS,
                    Audience("selected", (company,), ()),
                    Audience("selected", (), (rng.choice(AT_HOME[company]),)),
                )
            )
            if number in (0, 2, 4):  # each person of the viewers' company is named somewhere
                company = ACME
                overrides[chosen.ident] = Audience("selected", (), (AT_HOME[ACME][number // 2],))
            named |= {company} if overrides[chosen.ident].kind == "selected" else set()
        found.append((NO_OVERRIDES.changed(overrides), frozenset(named)))
    return found


SHARINGS = {kind.name: _sharings(kind) for kind in CATALOG.kinds}


class Maker:
    """Makes changes of one random world."""

    def __init__(self, rng: random.Random, serial: int = 0) -> None:
        self.rng = rng
        self.records: dict[RecordId, Kind] = {}
        self.keys: dict[tuple[CompanyId, str, str], RecordId] = {}
        self._serial = serial

    def fresh(self) -> int:
        """A number not given before."""
        self._serial += 1
        return self._serial

    def at(self, minute: int) -> str:
        """A time of the past; coarse, so that times collide."""
        return f"2025-06-01T00:{minute:02}:00.000000Z"

    def value(self, field_: Field, company: CompanyId) -> Any:
        """A stored value of a field, or None."""
        rng, type_ = self.rng, field_.type
        if not field_.required and rng.random() < 0.25:
            return None
        if type_.many:
            return tuple(v for v in {self.one(field_, company): 0 for _ in range(rng.randint(0, 2))} if v is not None)
        return self.one(field_, company)

    def one(self, field_: Field, company: CompanyId) -> Any:
        """One stored element of a field's type; never a struct, save those that are known here."""
        rng, type_ = self.rng, field_.type
        match type_.base:
            case Base.EMAIL:
                return rng.choice(("red@x.example", "blue@x.example", f"canary-{self.fresh()}@x.example"))
            case Base.TEXT:
                return rng.choice(("Red", "red", "Blue", f"canary-{self.fresh()}-x"))
            case Base.INTEGER:
                return rng.choice((0, 1, 50, 100))
            case Base.MONEY:
                return rng.choice((Money(1050, "USD"), Money(700, "USD"), Money(700, "JPY")))
            case Base.DATE:
                return rng.choice(("2025-01-31", "2025-06-30"))
            case Base.PICKLIST:
                return rng.choice(type_.options[:3])
            case Base.COMPANY:
                return rng.choice(COMPANIES)
            case Base.PERSON:
                return rng.choice(AT_HOME[company])
            case Base.RECORD:
                return rng.choice([i for i, k in self.records.items() if k.name == type_.target] or [None])
            case Base.STRUCT if "system" in dict(type_.members):
                return {"system": "crm", "id": rng.choice(("k1", "k2", "k3", f"canary-{self.fresh()}-x"))}
            case Base.STRUCT:
                return {"email": f"canary-{self.fresh()}@x.example", "name": rng.choice(("Red", "Blue"))}
        raise AssertionError(type_)

    def joint(self, kind: Kind) -> dict[str, Any]:
        """All used joint fields of a new record."""
        return {f.name: self.value(f, ACME) for f in JOINT[kind.name]}

    def side(self, kind: Kind, company: CompanyId, *, some: bool = False) -> dict[str, Any]:
        """Used fields of a side: all, or one or two."""
        fields = [f for f in SIDE[kind.name] if f.name != kind.natural_key]
        return {
            f.name: self.value(f, company) for f in (self.rng.sample(fields, k=min(2, len(fields))) if some else fields)
        }

    def key(self, kind: Kind, company: CompanyId, record: RecordId) -> dict[str, Any]:
        """A natural key that is free in the company's space, or none."""
        declared = kind.side_by_name[kind.natural_key or ""]
        value = self.value(declared, company)
        text = natural_key(kind, {declared.name: value}) or ""
        if not text or self.keys.setdefault((company, kind.name, text), record) != record:
            return {}
        return {declared.name: value}

    def sharing(self, kind: Kind, *, without: frozenset[CompanyId] = frozenset()) -> Sharing:
        """One of few sharings, so that sides share classes; `without` are companies that it does not name."""
        return self.rng.choice([s for s, named in SHARINGS[kind.name] if named.isdisjoint(without)])

    def record(self, kind: Kind, standing: dict[CompanyId, tuple[str, str]], minute: int) -> list[Change]:
        """The changes that open a record: first of `standing` is the owner."""
        record = RecordId(made_id(kind.prefix, f"made {self.fresh()}"))
        owner = next(iter(standing))
        opening = tuple(
            Participation(c, role, status, f"canary-{self.fresh()}-x" if status == "INVITED" else None)
            for c, (role, status) in standing.items()
        )
        joint, changes = self.joint(kind), []
        self.records[record] = kind
        for company, (_, status) in standing.items():
            if status not in ("ACCEPTED", "WITHDRAWN"):
                continue
            first = company == owner
            side = {**self.side(kind, company), **self.key(kind, company, record)}
            changes.append(
                Change(
                    kind,
                    record,
                    company,
                    AT_HOME[company][0],
                    self.at(minute),
                    creates=first,
                    joint=joint if first else {},
                    side=side,
                    sharing=self.sharing(kind) if self.rng.random() < 0.5 else None,
                    participants=opening if first else (),
                    natural_key=natural_key(kind, side),
                )
            )
        return changes

    def standing(self, inside: Sequence[CompanyId]) -> dict[CompanyId, tuple[str, str]]:
        """Who takes part, in random order, roles and statuses; the first owns the record."""
        rng = self.rng
        order = rng.sample(list(inside), k=len(inside))
        found = {order[0]: ("OWNER", "ACCEPTED")}
        for company in order[1:]:
            role = rng.choice(("COLLABORATOR", "VIEWER", "PARTICIPANT"))
            found[company] = (role, rng.choice(("ACCEPTED",) * 4 + ("INVITED", "DECLINED", "WITHDRAWN")))
        return found

    def later(self, state: State, minute: int) -> Change | None:
        """Some later change of a record: a side is written or shared, a joint field changes, somebody leaves."""
        rng = self.rng
        record = rng.choice(list(state.records.values()))
        kind = record.kind
        company = rng.choice(list(record.parts))
        part = record.parts[company]
        made = Change(kind, record.id, company, AT_HOME[company][0], self.at(minute))
        what = rng.randrange(5)
        if what <= 1 and part.status in ("ACCEPTED", "WITHDRAWN"):
            return replace(made, side=self.side(kind, company, some=True))
        if what == 2 and part.status == "ACCEPTED":
            return replace(made, side={}, sharing=self.sharing(kind))
        if what == 3 and part.status == "ACCEPTED" and part.role in ("OWNER", "COLLABORATOR"):
            chosen = rng.choice(JOINT[kind.name])
            return replace(made, joint={chosen.name: self.value(chosen, company)})
        if what == 4 and part.role != "OWNER" and part.status in ("ACCEPTED", "INVITED"):
            status = "WITHDRAWN" if part.status == "ACCEPTED" else rng.choice(("DECLINED", "ACCEPTED"))
            return replace(made, side={}, participants=(Participation(company, part.role, status),))
        return None


def make_world(maker: Maker) -> list[Change]:
    """The changes of a random world."""
    rng, changes, minute = maker.rng, [], 0
    plan = ["solution"] * rng.randint(1, 2) + ["opportunity"] * rng.randint(3, 5) + ["lead"] * rng.randint(0, 2)
    for name in plan:
        inside = rng.sample(COMPANIES, k=rng.randint(1, 4))
        if ACME not in inside and rng.random() < 0.6:
            inside.append(ACME)
        changes += maker.record(CATALOG.by_name[name], maker.standing(inside), minute)
        minute += rng.randint(0, 1)
    state, _ = replay(changes)
    for _ in range(rng.randint(0, 8)):
        if change := maker.later(state, minute):
            changes.append(change)
            state.apply(change)
        minute += rng.randint(0, 1)
    return changes
