"""Pairs of worlds: the second is the first, changed only in what the viewer may not know."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from schema.field import Base, Field
from schema.names import CompanyId
from spaces.change import Change, Participation
from spaces.fetch import PersonRow
from tests.leaks.cast import ACME, AT_HOME, BASE, COMPANIES, OWN_SCREEN, Screen
from tests.leaks.families import family
from tests.leaks.project import project
from tests.leaks.settings import Setting
from tests.leaks.state import State, may_invite, replay
from tests.leaks.worlds import Maker

Changes = list[Change]


class Pair:
    """A world, its hidden variation, and how each looks: `known` is what the viewer may know of both. `made` are the
    changes of the second as a `Maker` makes them, `first` and `second` those that spaces take."""

    def __init__(
        self,
        maker: Maker,
        first: Changes,
        viewer: PersonRow,
        screen: Screen = OWN_SCREEN,
        *,
        accepting: bool,
        unhiding: bool,
    ) -> None:
        self.viewer = viewer
        self.screen = screen
        self._looks = [(False, False)]
        self._looks += [(True, False)] if accepting else []
        self._looks += [(a, True) for a, _ in self._looks] if unhiding else []
        self.setting = maker.setting
        self.state, self.first = replay(first, maker.setting)
        self.known = project(self.state, viewer, screen)
        self.of_viewer = self.known["records"].keys()
        if screen.partners or viewer.presenting:  # what it would see by itself
            self.of_viewer = project(self.state, viewer._replace(presenting=()))["records"].keys()
        self._all_known = [project(self.state, viewer, screen, accepted=a, shown=s) for a, s in self._looks]
        self.made = first
        self.other, self.second = self.state, self.first
        self.steps = 0
        self.maker = maker
        if maker.setting.family >= 0 and maker.rng.random() < 0.6:
            self.try_(first, maker.rng.choice(family(maker.setting.family)[1]))
        for _ in range(maker.rng.randint(2, 7)):
            changed = maker.rng.choice(MUTATIONS)(maker, self.made, self.other)
            if changed is not None:
                self.try_(changed, self.other.setting)

    def views(self) -> list[Any]:
        """All that the viewer may come to know of the first world by what it does itself."""
        looks = ((accepted, shown) for accepted in (False, True) for shown in (False, True))
        return [project(self.state, self.viewer, self.screen, accepted=a, shown=s) for a, s in looks]

    def try_(self, made: Changes, setting: Setting) -> bool:
        """Puts this in the place of the second world where nothing of it may be known."""
        try:
            state, second = replay(made, setting)
        except KeyError:  # what came later needs what was taken away
            return False
        looks = zip(self._looks, self._all_known, strict=True)
        same = (project(state, self.viewer, self.screen, accepted=a, shown=s) == known for (a, s), known in looks)
        if not _sound(state) or not all(same):
            return False
        self.made, self.other, self.second = made, state, second
        self.steps += 1
        return True


def _sound(state: State) -> bool:
    """Natural keys are unique in their space."""
    seen = [(c, r.kind.name, s.key) for r in state.records.values() for c, s in r.sides.items() if s.key]
    return len(seen) == len(set(seen))


def _another_value(maker: Maker, changes: Changes, state: State) -> Changes | None:
    """One value of a side, another value."""
    places = [i for i, c in enumerate(changes) if c.side]
    if not places:
        return None
    at = maker.rng.choice(places)
    change = changes[at]
    names = [n for n in change.side or {} if n != change.kind.natural_key]
    if not names:
        return None
    chosen = _field(maker, change, maker.rng.choice(names))
    side = {**(change.side or {}), chosen.ident: maker.value(chosen, change.company)}
    return [*changes[:at], replace(change, side=side), *changes[at + 1 :]]


def _field(maker: Maker, change: Change, ident: str) -> Field:
    return maker.setting.written(change.company, change.kind.name).side_by_ident[ident]


def _at_home(maker: Maker, changes: Changes, state: State) -> Changes | None:
    """One text of a side of the viewer's own company, another text: who hides private fields does not see it."""
    places = [
        (i, name)
        for i, c in enumerate(changes)
        if c.company == ACME
        for name in c.side or {}
        if name != c.kind.natural_key and _field(maker, c, name).type.base is Base.TEXT
    ]
    if not places:
        return None
    closed = {ident for policy in maker.setting.narrowing[ACME] for ident in policy.fields}
    near = [place for place in places if place[1] in closed]
    at, name = maker.rng.choice(near if near and maker.rng.random() < 0.5 else places)
    change = changes[at]
    side = {**(change.side or {}), name: maker.value(_field(maker, change, name), ACME)}
    return [*changes[:at], replace(change, side=side), *changes[at + 1 :]]


def _all_values(maker: Maker, changes: Changes, state: State) -> Changes | None:
    """All values of one company's sides of a kind, others."""
    company = maker.rng.choice(COMPANIES)
    kind = maker.rng.choice([change.kind for change in changes])
    fields = maker.setting.filled(company, kind.name)
    ruled = {i for rule in maker.setting.by_company[company] if rule.kind == kind.name for i in rule.fields}
    about = [f for f in fields if f.ident in ruled]
    chosen = maker.rng.choice(about if about and maker.rng.random() < 0.6 else fields)
    out = []
    for change in changes:
        here = (change.company, change.kind) == (company, kind) and chosen.ident in (change.side or {})
        if here and chosen.ident != kind.natural_key:
            change = replace(change, side={**(change.side or {}), chosen.ident: maker.value(chosen, company)})
        out.append(change)
    return out


def _what_keeps_guests(maker: Maker, changes: Changes, state: State) -> Changes | None:
    """One value of a side that its company's association rules test, another value."""
    tested = {(r.company, r.kind, c.field) for r in maker.setting.associations for c in r.conditions if c.of == "side"}
    places = [(i, n) for i, c in enumerate(changes) for n in c.side or {} if (c.company, c.kind.name, n) in tested]
    hosts = {(id_, part.by) for id_, record in state.records.items() for part in record.parts.values()}
    places = [place for place in places if (changes[place[0]].record, changes[place[0]].company) in hosts] or places
    if not places:
        return None
    at, name = maker.rng.choice(places)
    change = changes[at]
    side = {**(change.side or {}), name: maker.value(_field(maker, change, name), change.company)}
    return [*changes[:at], replace(change, side=side), *changes[at + 1 :]]


def _another_joint_value(maker: Maker, changes: Changes, state: State) -> Changes | None:
    """One joint value, another value."""
    at = maker.rng.choice([i for i, c in enumerate(changes) if c.joint])
    change = changes[at]
    chosen = change.kind.joint_by_name[maker.rng.choice(list(change.joint))]
    return [
        *changes[:at],
        replace(change, joint={**change.joint, chosen.name: maker.value(chosen, ACME)}),
        *changes[at + 1 :],
    ]


def _another_record(maker: Maker, changes: Changes, state: State) -> Changes | None:
    """A record that the viewer has no part in, or not any more."""
    rng = maker.rng
    inside: Sequence[CompanyId] = rng.sample(COMPANIES[1:], k=rng.randint(1, 3))
    standing = maker.standing(inside)
    if rng.random() < 0.4:
        standing[ACME] = ("PARTICIPANT", rng.choice(("DECLINED", "WITHDRAWN")))
    return [*changes, *maker.record(rng.choice(BASE.kinds), standing, rng.randint(0, 12))]


def _without_a_record(maker: Maker, changes: Changes, state: State) -> Changes | None:
    """A record less."""
    record = maker.rng.choice(list(state.records))
    return [c for c in changes if c.record != record] or None


def _gone_participant(maker: Maker, changes: Changes, state: State) -> Changes | None:
    """Somebody more who declined or left, with or without a side."""
    rng = maker.rng
    record = rng.choice(list(state.records.values()))
    outside = [c for c in COMPANIES[1:] if c not in record.parts]
    if not outside:
        return None
    company = rng.choice(outside)
    status = rng.choice(("DECLINED", "WITHDRAWN", "INVITED"))
    part = Participation(company, rng.choice(("VIEWER", "COLLABORATOR")), status)
    side = maker.side(record.kind, company) if status == "WITHDRAWN" else None
    person = AT_HOME[company][0]
    return [
        *changes,
        Change(record.kind, record.id, company, person, changes[-1].at, side=side, participants=(part,)),
    ]


def _later_write(maker: Maker, changes: Changes, state: State) -> Changes | None:
    """One more write, the newest of all."""
    record = maker.rng.choice(list(state.records.values()))
    company = maker.rng.choice(list(record.sides))
    side = maker.side(record.kind, company, some=True)
    if company == ACME:  # mostly what its own policies close to some
        closed = {ident for policy in maker.setting.narrowing[ACME] for ident in policy.fields}
        near = [f for f in maker.setting.filled(ACME, record.kind.name) if f.ident in closed]
        side = {f.ident: maker.value(f, ACME) for f in near[:1]}
        if not side:
            return None
    return [*changes, Change(record.kind, record.id, company, AT_HOME[company][0], maker.at(59), side=side)]


def _another_sharing(maker: Maker, changes: Changes, state: State) -> Changes | None:
    """A side shared otherwise, mostly with others than the viewer."""
    rng = maker.rng
    record = rng.choice(list(state.records.values()))
    company = rng.choice(list(record.sides))
    sharing = maker.sharing(record.kind, company, without=frozenset({ACME}) if rng.random() < 0.8 else frozenset())
    person = AT_HOME[company][0]
    return [
        *changes,
        Change(record.kind, record.id, company, person, maker.at(59), side={}, sharing=sharing),
    ]


def _another_link(maker: Maker, changes: Changes, state: State) -> Changes | None:
    """A link more, to any record."""
    rng = maker.rng
    linked = [(i, p, n) for i, c in enumerate(changes) for p, n in _links(c)]
    if not linked or not maker.records:
        return None
    at, part, name = rng.choice(linked)
    change = changes[at]
    field = change.kind.side_by_name.get(name) if part == "side" else change.kind.joint_by_name[name]
    known = [r for r in state.records.values() if field and r.kind.name == field.type.target]
    known = [r for r in known if ACME not in r.parts] or known
    if not known:
        return None
    values = dict(change.side or {}) if part == "side" else dict(change.joint)
    links = dict.fromkeys((*(values[name] or ()), rng.choice(known).id))
    values[name] = tuple(rng.sample(list(links), k=len(links)))
    changed = replace(change, side=values) if part == "side" else replace(change, joint=values)
    return [*changes[:at], changed, *changes[at + 1 :]]


def _links(change: Change) -> list[tuple[str, str]]:
    known = change.kind.side_by_ident
    side = [("side", n) for n in change.side or {} if n in known and known[n].type.target]
    return side + [("joint", n) for n in change.joint if change.kind.joint_by_name[n].type.target]


def _other_keys(maker: Maker, changes: Changes, state: State) -> Changes | None:
    """A company's natural keys taken away, or moved to another record."""
    company = maker.rng.choice(COMPANIES)
    return [
        replace(c, natural_key=None, side={n: v for n, v in (c.side or {}).items() if n != c.kind.natural_key})
        if c.company == company and c.natural_key
        else c
        for c in changes
    ]


def _other_message(maker: Maker, changes: Changes, state: State) -> Changes | None:
    """What invitations say, other words."""
    at = maker.rng.randrange(len(changes))
    parts = tuple(_say(part) for part in changes[at].participants)
    return [*changes[:at], replace(changes[at], participants=parts), *changes[at + 1 :]]


def _other_hosts(maker: Maker, changes: Changes, state: State) -> Changes | None:
    """Whose association rules brought somebody, otherwise."""
    rng = maker.rng
    places = [(i, part) for i, c in enumerate(changes) for part in c.participants if part.role != "OWNER"]
    if not places:
        return None
    at, part = rng.choice(places)
    record = state.records[changes[at].record]
    hosts = [c for c, p in record.parts.items() if may_invite(p) and c != part.company]
    other = replace(part, associated=rng.choice((None, *hosts)))
    parts = tuple(other if each is part else each for each in changes[at].participants)
    return [*changes[:at], replace(changes[at], participants=parts), *changes[at + 1 :]]


def _say(part: Participation) -> Participation:
    return replace(part, message="Blue") if part.status == "INVITED" else part


MUTATIONS: tuple[Callable[[Maker, Changes, State], Changes | None], ...] = (
    _another_value,
    _another_value,
    _at_home,
    _at_home,
    _all_values,
    _all_values,
    _what_keeps_guests,
    _another_joint_value,
    _another_record,
    _another_record,
    _without_a_record,
    _gone_participant,
    _later_write,
    _later_write,
    _another_sharing,
    _another_sharing,
    _another_link,
    _another_link,
    _another_link,
    _other_keys,
    _other_message,
    _other_hosts,
)
