"""What others do in the second world alone, none of which the viewer may know of: they write, share, open records, and
define templates and rules."""

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from schema.queryable import upper_snake
from schema.sharing import Audience
from schema.sharing_rule import show
from spaces.change import Change
from spaces.fetch import PersonRow
from tests.leaks.cast import ACME, AT_HOME, BASE, BY_NAME, COMPANIES, PEOPLE
from tests.leaks.cells import given_as
from tests.leaks.guests import after_write, is_settled
from tests.leaks.perturb import Pair
from tests.leaks.random_rules import random_rule
from tests.leaks.settings import JOINT
from tests.leaks.state import Rec, replay
from tests.leaks.tries import Operation

Act = tuple[PersonRow, str, dict[str, Any]]
ADMINS = (BY_NAME["bud"], BY_NAME["cam"])


class Others:
    """What others do in the second world alone. What hangs on hidden values is tried on the plain world first."""

    def __init__(self, rng: random.Random, pair: Pair) -> None:
        self._rng = rng
        self._pair = pair

    def acts(self, following: Operation) -> Sequence[Act]:
        """At most one act; reading is what the viewer is about to read."""
        rng = self._rng
        if rng.random() < 0.7:
            return ()
        if rng.random() < 0.4:
            person = rng.choice([row for row in PEOPLE if row.id != self._pair.viewer.id])
            return ((person, following.text, following.variables),) if following.text.startswith("query") else ()
        chosen = (self._write, self._write, self._share, self._open, self._joint, self._rule, self._template)
        act = rng.choice(chosen)()
        if act and rng.random() < 0.3:
            act[2]["input"]["clientMutationId"] = "one"
        return (act,) if act else ()

    def _side(self) -> tuple[Rec, Any, PersonRow] | None:
        rng = self._rng
        record = rng.choice(list(self._pair.other.records.values()))
        inside = [c for c, p in record.parts.items() if c != ACME and p.status == "ACCEPTED" and c in record.sides]
        if not inside:
            return None
        company = rng.choice(inside)
        return record, company, next(row for row in PEOPLE if row.company == company)

    def _hidden(self, record: Rec, company: Any, **change: Any) -> bool:
        """Whether the viewer may know nothing of this change; then it holds from now on."""
        at, pair = self._pair.maker.at(59), self._pair
        made = Change(record.kind, record.id, company, AT_HOME[company][0], at, **change)
        if made.side or made.joint:  # then association rules are asked, of what was written
            state, _ = replay([*pair.made, made], pair.other.setting)
            moved = after_write(state, state.records[record.id], company, joint=bool(made.joint))
            made = replace(made, participants=moved)
        return pair.try_([*pair.made, made], pair.other.setting)

    def _write(self) -> Act | None:
        found = self._side()
        if found is None:
            return None
        record, company, person = found
        kind = self._pair.other.setting.kind(company, record.kind.name)
        used = [f for f in self._pair.other.setting.used(company, kind.name) if f.is_written]
        field = self._rng.choice(used)
        if field.name == kind.natural_key:
            return None
        value = self._pair.maker.value(field, company)
        if not self._hidden(record, company, side={field.ident: value}):
            return None
        given = {"id": record.id, "mine": {field.name: given_as(value)}}
        return _mutation(person, f"update{kind.type_name}", given)

    def _share(self) -> Act | None:
        found = self._side()
        if found is None:
            return None
        record, company, person = found
        setting = self._pair.other.setting
        field = self._rng.choice(setting.used(company, record.kind.name))
        other = self._rng.choice([c for c in COMPANIES if c not in (ACME, company)])
        sharing = record.sides[company].sharing.changed({field.ident: Audience("selected", (other,), ())})
        if not self._hidden(record, company, side={}, sharing=sharing):
            return None
        audience = {"kind": "SELECTED", "companies": [other]}
        given = {"recordId": record.id, "fields": [field.name], "audience": audience}
        return _mutation(person, "shareFields", given)

    def _joint(self) -> Act | None:
        """A joint field that the viewer does not see: its company is not on the record, or just invited, or keeps the
        field from it."""
        rng, found = self._rng, []
        for record in self._pair.other.records.values():
            writers = [c for c, p in record.parts.items() if p.role in ("OWNER", "COLLABORATOR") and c != ACME]
            writers = [company for company in writers if record.parts[company].status == "ACCEPTED"]
            known = self._pair.known["records"].get(record.id)
            fields = [f for f in JOINT[record.kind.name] if not f.group]
            hidden = [f for f in fields if not known or known["joint"][f.name] != record.joint.get(f.name)]
            found += [(record, company, hidden) for company in writers if hidden]
        if not found:
            return None
        record, company, fields = rng.choice(found)
        field = rng.choice(fields)
        stored = self._pair.maker.value(field, company)
        if stored == record.joint.get(field.name):
            return None
        if not self._hidden(record, company, joint={field.name: stored}):
            return None
        person = next(row for row in PEOPLE if row.company == company)
        given = {"id": record.id, "joint": {field.name: given_as(stored)}}
        return _mutation(person, f"update{record.kind.type_name}", given)

    def _open(self) -> Act | None:
        rng = self._rng
        kind = rng.choice(BASE.kinds)
        person = rng.choice([row for row in PEOPLE if row.company != ACME])
        brought = self._pair.other.setting.associating[person.company]
        if any(rule.kind == kind.name and ACME in rule.companies for rule in brought):
            return None
        invited = [c for c in COMPANIES if c not in (ACME, person.company)]
        given = {kind.title: "Red", "invite": rng.sample(invited, k=1), "mine": {}}
        return _mutation(person, f"create{kind.type_name}", given)

    def _rule(self) -> Act | None:
        """A rule that changes nothing of what the viewer may see."""
        person, setting = self._rng.choice(ADMINS), self._pair.other.setting
        rule = random_rule(self._rng, person.company, setting, without=ACME if self._rng.random() < 0.5 else None)
        kind = setting.kind(person.company, rule.kind)
        known = kind.side_by_ident
        if any(ident not in known for ident in rule.fields) or not all(c.field_in(kind) for c in rule.conditions):
            return None
        if not self._pair.try_(self._pair.made, replace(setting, rules=(*setting.rules, rule), _kept={})):
            return None
        given = {**show(rule, kind), "kind": upper_snake(rule.kind)}
        return _mutation(person, "defineSharingRule", {n: v for n, v in given.items() if v is not None})

    def _template(self) -> Act | None:
        """A template of another company's own. All companies' guests are looked at then."""
        if not is_settled(self._pair.other):
            return None
        rng, person = self._rng, self._rng.choice(ADMINS)
        fields = [{"key": key, "type": "TEXT", "label": f"canary-{self._pair.maker.fresh()}-l"} for key in ("aa", "ab")]
        kind = upper_snake(rng.choice(BASE.kinds).name)
        return _mutation(person, "defineTemplate", {"kind": kind, "key": "late", "label": "Late", "fields": fields})


def _mutation(person: PersonRow, name: str, given: dict[str, Any]) -> Act:
    type_name = name[0].upper() + name[1:] + "Input"
    text = f"mutation($input: {type_name}!) {{ {name}(input: $input) {{ userErrors {{ code }} }} }}"
    return person, text, {"input": given}
