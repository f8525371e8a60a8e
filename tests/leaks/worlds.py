"""Random worlds as lists of changes, from tiny domains: collisions find leaks.

A world is what was committed, in order; `state.py` turns it into plain values. Texts that look like `canary-…` are
unique: a scan finds each of them.
"""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from schema.field import Base, Field
from schema.kind import Kind
from schema.money import Money
from schema.names import CompanyId, RecordId
from schema.sharing import NO_OVERRIDES, PARTICIPANTS, PRIVATE, Audience, Sharing
from schema.values import natural_key
from spaces.change import Change, Participation
from tests.leaks.cast import ACME, AT_HOME, BASE, COMPANIES, record_id
from tests.leaks.families import family
from tests.leaks.settings import JOINT, PLAIN, Setting
from tests.leaks.state import State, replay


@cache
def _sharings(number: int, company: CompanyId, kind: str) -> list[tuple[Sharing, frozenset[CompanyId]]]:
    """Some sharings of a company's sides of a kind in the settings of a family, each with the companies that it names,
    by themselves or by their people."""
    rng, found = random.Random(f"{number} {company} {kind}"), []
    setting = PLAIN if number < 0 else family(number)[0]
    fields = setting.filled(company, kind) + tuple(f for f in setting.kind(company, kind).custom if not f.is_written)
    for each in range(14):
        companies = COMPANIES[1:] if each % 2 else COMPANIES
        overrides: dict[str, Audience] = {}
        named: set[CompanyId] = set()
        for chosen in rng.sample(fields, k=rng.randint(1, min(4, len(fields)))):
            other = rng.choice(companies)
            overrides[chosen.ident] = rng.choice(
                (
                    PRIVATE,
                    PARTICIPANTS,
                    Audience("selected", (other,), ()),
                    Audience("selected", (), (rng.choice(AT_HOME[other]),)),
                )
            )
            if each in (0, 2, 4):  # each person of the viewers' company is named somewhere
                other = ACME
                overrides[chosen.ident] = Audience("selected", (), (AT_HOME[ACME][each // 2],))
            named |= {other} if overrides[chosen.ident].kind == "selected" else set()
        found.append((NO_OVERRIDES.changed(overrides), frozenset(named)))
    return found


class Maker:
    """Makes changes of one random world. Side fields are named by their idents."""

    def __init__(self, rng: random.Random, setting: Setting = PLAIN, serial: int = 0) -> None:
        self.rng = rng
        self.setting = setting
        self.records: dict[RecordId, Kind] = {}
        self.keys: dict[tuple[CompanyId, str, str], RecordId] = {}
        self._serial = serial
        self._numbers: Counter[str] = Counter()

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
            case Base.URL:
                return rng.choice(("https://red.example/", f"https://canary-{self.fresh()}.example/"))
            case Base.BOOLEAN:
                return rng.choice((True, False))
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
        """Used fields of a side by ident: all, or one or two."""
        fields = [f for f in self.setting.filled(company, kind.name) if f.ident != kind.natural_key]
        return {
            f.ident: self.value(f, company)
            for f in (self.rng.sample(fields, k=min(2, len(fields))) if some else fields)
        }

    def key(self, kind: Kind, company: CompanyId, record: RecordId) -> dict[str, Any]:
        """A natural key that is free in the company's space, or none."""
        declared = kind.side_by_name[kind.natural_key or ""]
        value = self.value(declared, company)
        text = natural_key(kind, {declared.name: value}) or ""
        if not text or self.keys.setdefault((company, kind.name, text), record) != record:
            return {}
        return {declared.name: value}

    def sharing(self, kind: Kind, company: CompanyId, *, without: frozenset[CompanyId] = frozenset()) -> Sharing:
        """One of few sharings, so that sides share classes; `without` are companies that it does not name."""
        found = _sharings(self.setting.family, company, kind.name)
        return self.rng.choice([s for s, named in found if named.isdisjoint(without)])

    def record(self, kind: Kind, standing: dict[CompanyId, tuple[str, str]], minute: int) -> list[Change]:
        """The changes that open a record: first of `standing` is the owner."""
        self._numbers[kind.prefix] += 1
        record = record_id(kind.prefix, self._numbers[kind.prefix])
        owner = next(iter(standing))
        opening = tuple(
            Participation(c, *place, self.message(place[1]), self.host(kind, standing, c))
            for c, place in standing.items()
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
                    sharing=self.sharing(kind, company) if self.rng.random() < 0.5 else None,
                    participants=opening if first else (),
                    natural_key=natural_key(kind, side),
                )
            )
        return changes

    def message(self, status: str) -> str | None:
        """What an invitation says."""
        return f"canary-{self.fresh()}-x" if status == "INVITED" else None

    def host(self, kind: Kind, standing: Mapping[CompanyId, tuple[str, str]], company: CompanyId) -> CompanyId | None:
        """Now and then the company by whose association rules alone this one is on the record."""
        role, status = standing[company]
        rules = self.setting.associations
        hosts = [r.company for r in rules if r.kind == kind.name and company in r.companies and r.company in standing]
        hosts = [c for c in hosts if standing[c][0] in ("OWNER", "COLLABORATOR") and standing[c][1] == "ACCEPTED"]
        if role == "OWNER" or status == "DECLINED" or not hosts or self.rng.random() < 0.4:
            return None
        return self.rng.choice(hosts)

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
            return replace(made, side={}, sharing=self.sharing(kind, company))
        if what == 3 and part.status == "ACCEPTED" and part.role in ("OWNER", "COLLABORATOR"):
            chosen = rng.choice(JOINT[kind.name])
            return replace(made, joint={chosen.name: self.value(chosen, company)})
        if what == 4 and part.role != "OWNER" and part.status in ("ACCEPTED", "INVITED"):
            status = "WITHDRAWN" if part.status == "ACCEPTED" else rng.choice(("DECLINED", "ACCEPTED"))
            by = part.by if status == "ACCEPTED" else None
            return replace(made, side={}, participants=(Participation(company, part.role, status, None, by),))
        return None


def make_world(maker: Maker) -> list[Change]:
    """The changes of a random world."""
    rng, changes, minute = maker.rng, [], 0
    plan = ["solution"] * rng.randint(1, 2) + ["opportunity"] * rng.randint(3, 5) + ["lead"] * rng.randint(0, 2)
    for name in plan:
        inside = rng.sample(COMPANIES, k=rng.randint(1, 4))
        if ACME not in inside and rng.random() < 0.6:
            inside.append(ACME)
        changes += maker.record(BASE.by_name[name], maker.standing(inside), minute)
        minute += rng.randint(0, 1)
    state, _ = replay(changes, maker.setting)
    for _ in range(rng.randint(0, 8)):
        if change := maker.later(state, minute):
            changes.append(change)
            state.apply(change)
        minute += rng.randint(0, 1)
    return changes
