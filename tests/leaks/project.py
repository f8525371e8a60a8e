"""`project(state, viewer)`: all that a viewer may know of a world, as plain values. Written from the vocabulary.

What it holds besides what queries show (declassified outputs; adding one needs a reviewed diff of this file):
- `keys`: the natural keys of the company's own space, also of records that it left;
- `moves`: where the own lifecycle fields that it may write stand, which decides which moves are legal, also where it
  hides them;
- `guests`: of a record that it may write, who is there by association rules, which conditions of its own company's
  hold, and what of the record keeps the guests of others: a write may bring some and take others off;
- `may`: which of its writes its company's policies refuse, whatever it sees of what these test.
The first two matter only to people who hide private fields from themselves, which they can undo by themselves, and
to companies that left a record, whose space still holds their own side.
"""

from dataclasses import replace
from typing import Any, NamedTuple

from schema.access_policy import ON_FIELDS, ON_RECORD, AccessAction
from schema.field import Base
from schema.kind import Kind
from schema.names import CompanyId, PersonId, RecordId
from schema.sharing import Audience
from schema.template import type_word
from spaces.fetch import PersonRow
from tests.leaks.cast import OWN_SCREEN, Screen
from tests.leaks.guests import known_of
from tests.leaks.narrowed import Closed, closed_joint, closed_side, closed_to_partners
from tests.leaks.ruled import Held, closed, closed_at_home, opened
from tests.leaks.rules import knows_participant, reads_message, record_exists, sees_joint, sees_own, sees_partners
from tests.leaks.settings import Setting
from tests.leaks.state import Rec, Side, State

Projected = dict[str, Any]


class Sight(NamedTuple):
    """How a viewer looks: what it hides from itself, and to which companies it shows its screen."""

    person: PersonRow
    hides: bool
    partners: tuple[CompanyId, ...]

    @property
    def company(self) -> CompanyId:
        return self.person.company


def project(
    state: State, viewer: PersonRow, screen: Screen = OWN_SCREEN, *, accepted: bool = False, shown: bool = False
) -> Projected:
    """What `viewer` may know, by requests that say `screen`: `records` by id, each as it exists for it. `accepted`
    gives what it may know once its company accepts its invitations, `shown` once it hides nothing from itself and
    presents to nobody."""
    own, setting = viewer.company, state.setting
    presented = {*screen.partners, *(() if shown else viewer.presenting)}
    sight = Sight(viewer, screen.hides or (viewer.hide_private and not shown), tuple(sorted(presented)))
    inside = {
        r.id: "ACCEPTED" if accepted else r.parts[own].status
        for r in state.records.values()
        if own in r.parts and record_exists(r.parts[own].status)
    }
    inside = {
        id_: status
        for id_, status in inside.items()
        if not _closed_record(state.records[id_], setting, viewer, status).whole
        and _is_for_all(state.records[id_], status, sight)
    }
    records = {id_: _record(state.records[id_], setting, sight, status, inside) for id_, status in inside.items()}
    keys = {
        (r.kind.name, r.sides[own].key): r.id if r.id in inside else None
        for r in state.records.values()
        if own in r.sides and r.sides[own].key
    }
    return {"records": records, "keys": keys, **_defined(setting, own)}


def _is_for_all(record: Rec, status: str, sight: Sight) -> bool:
    """Whether all accepted, as far as the viewer knows, to whom it shows its screen."""
    own, role = sight.company, record.parts[sight.company].role
    parts = [(company, record.parts.get(company)) for company in sight.partners]
    return all(
        p is not None and p.status == "ACCEPTED" and knows_participant(own, role, status, c, p.role, p.status)
        for c, p in parts
    )


def _closed_record(
    record: Rec, setting: Setting, viewer: PersonRow, status: str, action: AccessAction = "READ"
) -> Closed:
    """What its company's policies close of it. What they test and an invited company does not see is as not set."""
    seen = {f.name: record.joint.get(f.name) for f in record.kind.joint if sees_joint(status, f)}
    held = Held(record.kind, record.id, seen)
    policies = setting.keeping(viewer.company, record.kind.name, action, joint=True)
    return closed_joint(policies, held, viewer, action)


def _defined(setting: Setting, own: CompanyId) -> Projected:
    """What is defined, as a company's people may know it: the templates that apply to its sides (of another company's
    neither version nor with whom else it is shared), and its own rules and policies."""
    applying = [t for t in setting.templates if t.serves(own)]
    templates = [t if t.company == own else replace(t, version=0, shared_with=(own,)) for t in applying]
    mine = {"policies": setting.narrowing[own], "associations": setting.associating[own]}
    return {"templates": templates, "rules": setting.by_company[own], **mine}


def _record(record: Rec, setting: Setting, sight: Sight, status: str, inside: dict[RecordId, str]) -> Projected:
    own, viewer = sight.company, sight.person
    part, kind = record.parts[own], record.kind
    found: Projected = {"id": record.id, "kind": kind.name, "owner": record.owner, "created": record.created}
    found |= {"role": part.role, "status": status, "mine": None, "partners": [], "moves": None, "history": []}
    closed = _closed_record(record, setting, viewer, status).fields
    found["joint"] = {
        f.name: _linked(f, record.joint.get(f.name), inside) if sees_joint(status, f) and f.name not in closed else None
        for f in kind.joint
    }
    found["may"] = _may(record, setting, viewer, status)
    in_order = sorted(record.parts.items(), key=lambda item: item[1].place())
    alone = not sight.partners  # a screen shows of participants what any of them knows
    found["participants"] = [
        (c, p.role, p.status, p.message if alone and reads_message(own, part.role, status, c, p.status) else None)
        for c, p in in_order
        if knows_participant(own, part.role, status, c, p.role, p.status)
        and (alone or p.status in ("ACCEPTED", "INVITED"))
    ]
    stamps: list[Any] = [part.touched]
    if status == "ACCEPTED":
        mine = record.sides.get(own)
        fixed = found["may"].get("UPDATE", (None, {f.ident for f in kind.side}))[1]
        moves = [life.field for life in kind.lifecycles if life.part == "side" and life.field not in fixed]
        found["moves"] = mine and {name: mine.values.get(name) for name in moves}
        found["mine"] = mine and _own(record, setting, sight, mine, inside)
        if "reader" not in viewer.roles:
            found["guests"] = known_of(setting, record, own, leads=part.role in ("OWNER", "COLLABORATOR"))
        stamps += [found["mine"] and found["mine"]["updated"]]
        others = [c for c, p in in_order if p.status == "ACCEPTED" and c != own]
        found["history"] = _history(record, viewer, found, closed, inside) if alone else []
        found["partners"] = [_partner(record, setting, c, sight, inside) for c in others]
    found["updated"] = max(s for s in stamps if s)
    return found


def _may(record: Rec, setting: Setting, viewer: PersonRow, status: str) -> Projected:
    """What its company's policies keep the viewer from doing, in as far as its place on the record lets it: of each
    action on fields the joint ones and those of the own side, of each on the record whether it is closed."""
    found: Projected = {}
    role, own = record.parts[viewer.company].role, record.sides.get(viewer.company, Side())
    held = Held(setting.kind(viewer.company, record.kind.name), record.id, record.joint, own.values)
    if "reader" in viewer.roles:
        return found
    if status == "ACCEPTED":
        leads = role in ("OWNER", "COLLABORATOR")
        for action in ON_FIELDS[1:]:
            policies = setting.keeping(viewer.company, record.kind.name, action, joint=False)
            side = closed_side(policies, held, viewer, action).fields
            found[action] = (_closed_record(record, setting, viewer, status, action).fields if leads else None, side)
    for action in ON_RECORD:
        may = {"INVITE": status == "ACCEPTED" and role in ("OWNER", "COLLABORATOR"), "RESPOND": status == "INVITED"}
        if may.get(action, status == "ACCEPTED" and role != "OWNER"):
            found[action] = _closed_record(record, setting, viewer, status, action).whole
    return found


def _history(
    record: Rec, viewer: PersonRow, found: Projected, closed: frozenset[str], inside: dict[RecordId, str]
) -> list[tuple[Any, ...]]:
    """What was changed, in as far as it is about what shows now: of the own side all of its time, of the record what
    came after the company's last acceptance. Who hides private fields has no history of the side."""
    own, part = viewer.company, record.parts[viewer.company]
    known = {company for company, *_ in found["participants"]}
    accepted = [
        e.at
        for e in record.events
        if e.what == "PARTICIPANT" and e.key == own and (e.after or ("", ""))[1] == "ACCEPTED"
    ]
    since = max(accepted[own in record.founders :], default="")  # who began it has all of its time
    fields = {f.ident: f for f in (*record.kind.joint, *record.kind.side)}
    told = []
    for event in record.events:
        if event.what in ("FIELD", "SHARING", "SIDE"):
            seen = found["mine"]["seen"] if found["mine"] else frozenset()
            shows = event.company == own and (event.key in seen or (event.what == "SIDE" and bool(seen)))
        elif event.what == "JOINT":
            shows = event.at > since and event.key not in closed
        else:
            states = [state for state in (event.before, event.after) if state]
            told_of = [knows_participant(own, part.role, part.status, CompanyId(event.key), *s) for s in states]
            shows = event.at >= since and event.key in known and all(told_of)
        before, after = event.before, event.after
        if event.what in ("FIELD", "JOINT") and event.key in fields:
            before, after = (_linked(fields[event.key], value, inside) for value in (before, after))
        if shows and (before != after or event.what == "SIDE"):
            who = event.company if event.company in known else None
            told.append((event.what, event.key, event.at, before, after, who))
    return sorted(told, key=lambda each: each[:3])


def _own(record: Rec, setting: Setting, sight: Sight, side: Side, inside: dict[RecordId, str]) -> Projected | None:
    own, viewer = sight.company, sight.person
    kind, policies = setting.kind(own, record.kind.name), setting.narrowing[own]
    held = Held(kind, record.id, record.joint, side.values)
    seen = {f.ident for f in kind.side if sees_own(kind, side.sharing, f.ident, hides=sight.hides)}
    if sight.hides:
        seen -= closed_at_home(setting.by_company[own], held)
        seen -= closed_to_partners(policies, held)
    closed = closed_side(setting.keeping(own, kind.name, "READ", joint=False), held, viewer, "READ")
    if closed.whole:
        return None
    seen -= closed.fields
    audiences = {f.name: side.sharing.audience(kind, f.ident) for f in kind.side if f.ident in seen}
    screen: Projected = {}
    if sight.partners:
        # Of a field that a rule opens by what it tests, the screen shows less: just where the viewer sees what is
        # tested. That hangs on what is shared with whom; so it is held alike, though nobody is shown it.
        to = {n: (a.kind != "private", [_reaches(a, c) for c in sight.partners]) for n, a in audiences.items()}
        screen = {"of": sorted(seen), "to": to}
        for company in sight.partners:
            seen &= _seen_by(held, setting, side, own, (company, PersonId("")))
        screen |= {"stamps": {ident: at for ident, at in side.stamps.items() if ident in seen}}
    whole = len(seen) == len(kind.side)
    newest = max((side.stamps[ident] for ident in seen & side.stamps.keys()), default=None)
    return {
        "values": _values(kind, seen, side, inside),
        "custom": _custom(setting, kind, kind, own, seen, side),
        "updated": side.updated if whole else newest,
        "version": side.version if whole else newest,
        "sharing": None if sight.partners else audiences,
        "overridden": None if sight.partners else seen & {ident for ident, _ in side.sharing.overrides},
        "seen": frozenset() if sight.hides else frozenset(seen),
        "screen": screen,
    }


def _reaches(audience: Audience, company: CompanyId) -> bool:
    return audience.kind == "participants" or company in audience.companies


def _seen_by(held: Held, setting: Setting, side: Side, owner: CompanyId, who: tuple[CompanyId, PersonId]) -> set[str]:
    """The idents of the fields of an owner's side that somebody of another accepted participant sees."""
    rules, kind = setting.by_company[owner], held.kind
    seen = {f.ident for f in kind.side if sees_partners(kind, side.sharing, f.ident, *who)}
    seen |= opened(rules, held, *who) & kind.side_by_ident.keys()
    return seen - closed(rules, held, *who) - closed_to_partners(setting.narrowing[owner], held)


def _partner(record: Rec, setting: Setting, company: CompanyId, sight: Sight, inside: dict[RecordId, str]) -> Projected:
    kind, side = setting.kind(company, record.kind.name), record.sides.get(company, Side())
    held = Held(kind, record.id, record.joint, side.values)
    seen = _seen_by(held, setting, side, company, (sight.company, sight.person.id))
    if sight.partners not in ((), (company,)):  # a screen for others as well shows that there is a side
        seen = set()
    newest = max((side.stamps[ident] for ident in seen & side.stamps.keys()), default=None)
    typed = setting.kind(sight.company, record.kind.name)
    return {
        "company": company,
        "values": _values(typed, seen, side, inside),
        "custom": _custom(setting, kind, typed, company, seen, side),
        "updated": newest,
    }


def _values(kind: Kind, seen: set[str], side: Side, inside: dict[RecordId, str]) -> Projected:
    """What is seen, by the names of the viewer's kind. A field that the side does not have is not in `seen`."""
    return {f.name: _linked(f, side.values.get(f.ident), inside) if f.ident in seen else None for f in kind.side}


def _custom(
    setting: Setting, kind: Kind, typed: Kind, owner: CompanyId, seen: set[str], side: Side
) -> list[tuple[str, str, str, Any]]:
    """The custom values of a side that are seen: key, label, type and value. A key is the name that the viewer's own
    kind has for the field, else the key in its template, with a part of the id where that name is another field's or
    the template another company's."""
    keys = {f.ident: (f.name, t.company) for t in setting.templates for f in t.fields}
    found = []
    for field in kind.custom:
        value = side.values.get(field.ident)
        if field.ident not in seen or value is None or not field.custom:
            continue
        key, company = keys[field.ident]
        if field.ident in typed.side_by_ident:
            key = typed.side_by_ident[field.ident].name
        elif company != owner or key in typed.side_by_name:
            key = f"{key}_{field.ident.partition('_')[2][:6]}"
        found.append((key, field.custom.label, type_word(field), value))
    return found


def _linked(field: Any, value: Any, inside: dict[RecordId, str]) -> Any:
    """A link names the records that exist for the viewer, and no others; a list of none is as one never set."""
    if field.type.base is not Base.RECORD or value is None:
        return value
    if field.type.many:
        return tuple(v for v in value if v in inside) or None
    return value if value in inside else None
