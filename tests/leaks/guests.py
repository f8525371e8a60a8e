"""Association rules in plain words, as the guide says them: whom a write brings to a record and takes off. Nothing here
looks at the gateway.

Made worlds have association rules without days.
"""

from collections.abc import Mapping
from typing import Any

from schema.association_rule import AssociationRule
from schema.names import CompanyId
from spaces.change import Participation
from tests.leaks.ruled import Held, meets
from tests.leaks.settings import Setting
from tests.leaks.state import LIVE, Part, Rec, Side, State, may_invite

Places = dict[CompanyId, Part]


def after_write(state: State, record: Rec, company: CompanyId, *, joint: bool) -> tuple[Participation, ...]:
    """The participants whom association rules move, once a company has written the record's joint fields (`joint`) or
    its side of it, which hold already what it wrote."""
    setting = state.setting
    ruled = bool(setting.associating[company])
    if not joint and not ruled:
        return ()
    places = {each: _copy(part) for each, part in record.parts.items()}
    for other in dict.fromkeys([*([company] if ruled else []), *_whose(places)]):
        own = other == company
        named = named_by(setting, record, other, own=own) if may_invite(places.get(other)) else {}
        _take_off(places, other, named)
        if own:
            _bring(places, other, named)
    while any(_take_off(places, other, {}) for other in _whose(places) if not may_invite(places.get(other))):
        pass
    return tuple(
        Participation(each, part.role, part.status, part.message, part.by)
        for each, part in places.items()
        if each not in record.parts or _standing(part) != _standing(record.parts[each])
    )


def is_settled(state: State) -> bool:
    """Whether all who are on records by rules are so as the rules say it today."""
    for record in state.records.values():
        for company, part in record.parts.items():
            if part.by and part.status in LIVE:
                rule = named_by(state.setting, record, part.by, own=True).get(company)
                if rule is None or rule.role != part.role:
                    return False
    return True


def named_by(setting: Setting, record: Rec, company: CompanyId, *, own: bool) -> dict[CompanyId, AssociationRule]:
    """Whom a company's rules name, each with the first rule that does. `own`: its side is looked at; else it might hold
    anything."""
    found: dict[CompanyId, AssociationRule] = {}
    for rule in setting.associating[company]:
        if rule.kind == record.kind.name and all(truths(setting, record, rule, own=own)):
            found = {**dict.fromkeys(rule.companies, rule), **found}
    return found


def truths(setting: Setting, record: Rec, rule: AssociationRule, *, own: bool) -> list[bool | None]:
    """Of each condition of a rule whether it holds; one on a field that the side no longer has does not. Where the side
    is not looked at, what tests it does."""
    side = record.sides.get(rule.company, Side())
    held = Held(setting.kind(rule.company, record.kind.name), record.id, record.joint, side.values)
    return [
        False if each.field_in(held.kind) is None else (own is False and each.of == "side") or meets(each, held)
        for each in rule.conditions
    ]


def known_of(setting: Setting, record: Rec, company: CompanyId, *, leads: bool) -> list[Any]:
    """What somebody of a company that takes part may come to know by its own writes: whom its own rules brought and
    which of their conditions hold, and what of the record keeps the guests of others. All companies whose rules bring
    somebody have said so themselves."""
    ruled = bool(setting.associating[company])
    found: list[Any] = [sorted((c, part.status) for c, part in record.parts.items() if part.by == company)]
    if leads and ruled:
        mine = [rule for rule in setting.associating[company] if rule.kind == record.kind.name]
        found += [(rule.id, truths(setting, record, rule, own=True)) for rule in mine]
    for guest, part in record.parts.items() if leads or ruled else ():
        if part.by in (None, company) or part.status not in LIVE:
            continue
        keeping = []
        for rule in setting.associating[part.by or company]:
            if rule.kind == record.kind.name and guest in rule.companies:
                holding = truths(setting, record, rule, own=False)
                tests = zip(rule.conditions, holding, strict=True)
                keeping.append([(c.field, c.op, c.value, true) for c, true in tests if c.of == "record" or not true])
        found.append((guest, part.by, keeping))
    return found


def _whose(places: Places) -> list[CompanyId]:
    return sorted({part.by for part in places.values() if part.by and part.status in LIVE})


def _take_off(places: Places, by: CompanyId, named: Mapping[CompanyId, AssociationRule]) -> bool:
    gone = [part for c, part in places.items() if part.by == by and part.status in LIVE and c not in named]
    for part in gone:
        part.status, part.message = "WITHDRAWN", None
    return bool(gone)


def _bring(places: Places, by: CompanyId, named: Mapping[CompanyId, AssociationRule]) -> None:
    for company, rule in named.items():
        part = places.get(company)
        if part and part.by == by and part.status in LIVE:
            part.role = rule.role
        elif part is None or (part.by and part.status not in LIVE):
            places[company] = Part(rule.role, "INVITED", 0, "", None, rule.message, by)


def _copy(part: Part) -> Part:
    return Part(part.role, part.status, part.added, part.touched, part.accepted, part.message, part.by)


def _standing(part: Part) -> tuple[Any, ...]:
    return part.role, part.status, part.message, part.by
