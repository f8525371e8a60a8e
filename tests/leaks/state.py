"""Worlds as plain values: what was committed, replayed in order under what the companies have defined.

The changes of a world name side fields by their idents and records by kinds of the catalog, so that they mean the same
whatever is defined; `replay` makes of them the changes that a space takes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, NamedTuple

from schema.formula_fields import Formulas, formulas
from schema.kind import Kind
from schema.names import CompanyId, PersonId, RecordId
from schema.sharing import NO_OVERRIDES, Sharing
from spaces.change import Change, Participation
from spaces.fetch import PersonRow
from tests.leaks.narrowed import closed_joint
from tests.leaks.ruled import Held
from tests.leaks.rules import knows_participant, sees_joint
from tests.leaks.settings import PLAIN, Setting


@dataclass(slots=True)
class Part:
    """A company on a record. `place` sorts those who accepted first, in that order, then the others as added."""

    role: str
    status: str
    added: int
    touched: str
    accepted: int | None = None
    message: str | None = None
    by: CompanyId | None = None  # whose association rules alone brought it

    def place(self) -> tuple[bool, int]:
        return (self.accepted is None, self.accepted or self.added)


@dataclass(slots=True)
class Side:
    """A company's own side of a record: stored values and the times of their last change, by the fields' idents."""

    values: dict[str, Any] = field(default_factory=dict)
    stamps: dict[str, str] = field(default_factory=dict)
    sharing: Sharing = NO_OVERRIDES
    version: int = 0
    updated: str = ""
    key: str | None = None


LIVE = ("INVITED", "ACCEPTED")


def may_invite(part: Part | None) -> bool:
    """Whether a company that stands so on a record may invite to it."""
    return part is not None and part.status == "ACCEPTED" and part.role in ("OWNER", "COLLABORATOR")


class Event(NamedTuple):
    """One thing that a company's change changed, which history keeps: a JOINT field by name, a FIELD of its side or the
    SHARING of it by ident, a PARTICIPANT by company, the begin of a SIDE."""

    what: str
    company: CompanyId
    key: str
    at: str
    before: Any = None
    after: Any = None


@dataclass(slots=True)
class Rec:
    """A record with everything that hangs on it. `kind` is the catalog's."""

    id: RecordId
    kind: Kind
    owner: CompanyId
    created: str
    joint: dict[str, Any] = field(default_factory=dict)
    parts: dict[CompanyId, Part] = field(default_factory=dict)
    sides: dict[CompanyId, Side] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    founders: frozenset[CompanyId] = frozenset()
    """Who has taken part from the beginning."""

    def happens(self, what: str, change: Change, key: str, before: Any = None, after: Any = None) -> None:
        """Keeps what a change changed; of one key each event lies behind the one before."""
        if before != after or what == "SIDE":
            same = [e for e in self.events if e.what == what and e.key == key]
            mine = [e.at for e in same if what in ("JOINT", "PARTICIPANT") or e.company == change.company]
            self.events.append(Event(what, change.company, key, max([change.at, *mine]), before, after))


@dataclass(slots=True)
class State:
    """All of a world as plain values, under what is defined in it."""

    setting: Setting = PLAIN
    records: dict[RecordId, Rec] = field(default_factory=dict)

    def apply(self, change: Change) -> Change:
        """Carries out one change; gives it as a space takes it, with `touched` and the values of formulas."""
        if change.creates:
            self.records[change.record] = Rec(change.record, change.kind, change.company, change.at)
        record = self.records[change.record]
        before = {c: (p.role, p.status) for c, p in record.parts.items()}
        joint = dict(record.joint)
        for name, value in change.joint.items():
            if not change.creates:
                record.happens("JOINT", change, name, record.joint.get(name), value)
            record.joint[name] = value
        for each in change.participants:
            _participate(record, each, change.at)
        gone = _without_hosts(record, change.at) if change.participants else ()
        moved = [c for c, p in record.parts.items() if before.get(c) != (p.role, p.status)]
        if change.creates:
            record.founders = frozenset(c for c in moved if record.parts[c].status == "ACCEPTED")
        for company in moved:
            part = record.parts[company]
            record.happens("PARTICIPANT", change, company, before.get(company), (part.role, part.status))
        touched = tuple(c for c in record.parts if self._told(record, c, before, moved, change.joint, joint))
        for company in touched:
            record.parts[company].touched = change.at
        kind = self.setting.written(change.company, change.kind.name)
        known = kind.side_by_ident
        side = None if change.side is None else {i: v for i, v in change.side.items() if i in known}
        if side:
            side |= _refined(kind, side, record.sides.get(change.company, Side()).values)
        if side is not None or change.sharing is not None or change.natural_key is not None:
            held = record.sides.setdefault(change.company, Side())
            if side:
                side |= _computed(self.setting.kind(change.company, change.kind.name)).values({**held.values, **side})
            _keep(record, held, kind, change, side or {})
            _write(held, change, side or {})
        named = None if side is None else {known[ident].name: value for ident, value in side.items()}
        moves = (*(p for p in change.participants if p.company not in {g.company for g in gone}), *gone)
        return replace(change, kind=kind, side=named, participants=moves, touched=touched)

    def _told(
        self,
        record: Rec,
        company: CompanyId,
        before: Any,
        moved: Sequence[CompanyId],
        written: Mapping[str, Any],
        joint: Mapping[str, Any],
    ) -> bool:
        """Whether the record changed for the company: a joint field (which held `joint`) that all of its people see
        before or after it, or a participant that it knows of."""
        mine = record.parts[company]
        seen = {name for name in written if sees_joint(mine.status, record.kind.joint_by_name[name])}
        for values in (joint, record.joint) if seen else ():
            known = {n: v for n, v in values.items() if sees_joint(mine.status, record.kind.joint_by_name[n])}
            held = Held(record.kind, record.id, known)
            policies = self.setting.keeping(company, record.kind.name, "READ", joint=True)
            closed = closed_joint(policies, held, _EVERYBODY, "READ")
            if seen - closed.fields:
                return True
        for other in moved:
            states = (before.get(other, (None, None)), (record.parts[other].role, record.parts[other].status))
            if any(knows_participant(company, mine.role, mine.status, other, *each) for each in states):
                return True
        return False


_EVERYBODY = PersonRow(PersonId(""), CompanyId(""), "", "", (), False, True)


def _refined(kind: Kind, side: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
    """What follows for picklists that refine others: the option gives the value of the other one, and one that stands
    for another value is cleared."""
    refining = [
        (f.ident, f.custom.refines, dict(f.type.standard)) for f in kind.custom if f.custom and f.custom.refines
    ]
    found: dict[str, Any] = {refined: standard[side[i]] for i, refined, standard in refining if side.get(i) is not None}
    after = {**held, **side, **found}
    for ident, refined, standard in refining:
        if after.get(ident) is not None and standard[after[ident]] != after.get(refined):
            found[ident] = None
    return found


@cache
def _computed(kind: Kind) -> Formulas:
    return formulas(kind)


def _participate(record: Rec, new: Participation, at: str) -> None:
    following = 1 + max((max(p.added, p.accepted or 0) for p in record.parts.values()), default=0)
    part = record.parts.setdefault(new.company, Part(new.role, new.status, following, at))
    part.role, part.status, part.message, part.by = new.role, new.status, new.message, new.associated
    part.accepted = (part.accepted or following) if new.status == "ACCEPTED" else None


def _without_hosts(record: Rec, at: str) -> tuple[Participation, ...]:
    """Who goes, for the company whose rules brought it may not invite any more; and who had come by those that go."""
    found: dict[CompanyId, Participation] = {}
    while gone := [
        (c, p) for c, p in record.parts.items() if p.by and p.status in LIVE and not may_invite(record.parts.get(p.by))
    ]:
        for company, part in gone:
            found[company] = Participation(company, part.role, "WITHDRAWN", None, part.by)
            _participate(record, found[company], at)
    return tuple(found.values())


def _keep(record: Rec, side: Side, kind: Kind, change: Change, written: Mapping[str, Any]) -> None:
    """Notes what a change is about to change of a side."""
    if side.version == 0:
        record.happens("SIDE", change, "")
    for ident, value in written.items() if side.version else ():
        if kind.side_by_ident[ident].is_written:
            record.happens("FIELD", change, ident, side.values.get(ident), value)
    after = side.sharing if change.sharing is None else change.sharing
    if after is side.sharing:
        return
    for ident in {**dict(side.sharing.overrides), **dict(after.overrides)}:
        if ident in kind.side_by_ident:
            was, now = (each.audience(kind, ident) for each in (side.sharing, after))
            record.happens("SHARING", change, ident, was, now)


def _write(side: Side, change: Change, written: Mapping[str, Any]) -> None:
    for name, value in written.items():
        if side.values.get(name) != value:
            side.values[name], side.stamps[name] = value, change.at
    if side.version == 0 or written or change.sharing is not None:
        side.version, side.updated = side.version + 1, change.at
    side.sharing = side.sharing if change.sharing is None else change.sharing
    side.key = side.key if change.natural_key is None else change.natural_key


def replay(changes: Iterable[Change], setting: Setting = PLAIN) -> tuple[State, list[Change]]:
    """The state after all changes, and the changes as a space takes them."""
    state = State(setting)
    return state, [state.apply(change) for change in changes]
