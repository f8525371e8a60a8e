"""Random settings. A family is one setting and its neighbours, each of which differs from it in one thing that mostly
the viewer's company may not know of: another rule, a field more in a template that is not shared with it, other labels,
a template that is retired or shared with somebody else.

There are few, made when first asked for: kinds, schemas and compiled rules are costly, and gateways keep them.
"""

import random
from collections.abc import Callable
from dataclasses import replace
from functools import cache

from schema.access_policy import ALL_JOINT, ALL_SIDE, JOINT_PREFIX, ON_RECORD, AccessAction, AccessPolicy
from schema.association_rule import AssociationRule
from schema.field import Base, Field
from schema.names import CompanyId
from schema.sharing import PARTICIPANTS, Audience
from schema.sharing_rule import SharingRule
from schema.template import Template
from schema.template_read import changed, define, show
from schema.values import canonical_json
from tests.leaks.cast import ACME, AT_HOME, BASE, COMPANIES, PEOPLE, made_id
from tests.leaks.random_fields import WORDS, some_fields
from tests.leaks.random_rules import KINDS, random_rule, some_conditions, some_records
from tests.leaks.settings import JOINT, Setting

FAMILIES = 6
NEIGHBOURS = 12
_LABELS = 9_000_000  # labels are canaries of their own numbers


class _Family:
    """Makes the settings of one family, the same ones every time."""

    def __init__(self, number: int) -> None:
        self.rng = random.Random(f"family {number}")
        self.number = number
        self._made = 0

    def fresh(self) -> int:
        """A number not given before, in any family."""
        self._made += 1
        return self.number * 10_000 + self._made

    def new_id(self, prefix: str) -> str:
        return made_id(prefix, f"made {self.fresh()}")

    def label(self) -> str:
        return f"canary-{_LABELS + self.fresh()}-l"

    def some(self, companies: tuple[CompanyId, ...], most: int) -> tuple[CompanyId, ...]:
        return tuple(self.rng.sample(companies, k=self.rng.randint(0, min(most, len(companies)))))

    def template(self, company: CompanyId, kind: str, shared: tuple[CompanyId, ...], key: str = "own") -> Template:
        """A new template of a company's."""
        fields = some_fields(self.rng, self.label, self.rng.randint(2, 4), kind)
        if key != "own":  # a key is unique among a company's templates of a kind
            fields = [{**f, "key": f"{f['key']}{key.title()}"} for f in fields if f["type"] != "FORMULA"]
        content = {"kind": kind, "key": key, "label": self.label(), "fields": fields, "sharedWith": shared}
        return define(content, BASE.by_name, self.new_id("tpl"), company, self.new_id)

    def rule(self, company: CompanyId, known: Setting, *, without: CompanyId | None = None) -> SharingRule:
        """A new rule of a company's; not about `without` by name, nor about everybody."""
        made = random_rule(self.rng, company, known, without=without)
        return replace(made, id=self.new_id("shr"), label=self.label())

    def policy(self, company: CompanyId, known: Setting) -> AccessPolicy:
        """A new access policy of a company's: who of its own people reads some fields, or that no partner does."""
        rng, rule = self.rng, self.rule(company, known)
        own = [row for row in PEOPLE if row.company == company]
        chosen = tuple(sorted(row.id for row in rng.sample(own, k=rng.randint(1, len(own)))))
        people = canonical_json(rng.choice(({"id": {"in": chosen}}, {"role": {"eq": rng.choice(("reader", "admin"))}})))
        effect = rng.choice(("ALLOW", "DENY"))
        return AccessPolicy(
            id=self.new_id("acp"),
            company=company,
            version=1,
            kind=rule.kind,
            label=self.label(),
            effect=effect,  # type: ignore[arg-type] # one of the two
            actions=("READ",),
            fields=rule.fields[:2],
            people=None if effect == "DENY" and rng.random() < 0.5 else people,
            conditions=rule.conditions,
            since=rule.since,
            until=rule.until,
            records=rule.records,
        )

    def association(self, company: CompanyId, known: Setting) -> AssociationRule:
        """A new association rule of a company's, which brings one or two others."""
        rng = self.rng
        kind = rng.choice(("opportunity", "opportunity", rng.choice(KINDS)))
        others = [each for each in COMPANIES if each != company]
        tested = some_conditions(rng, known.filled(company, kind), rng.choice((0, 1, 1)))
        return AssociationRule(
            id=self.new_id("asr"),
            company=company,
            version=1,
            kind=kind,
            label=self.label(),
            companies=tuple(sorted(rng.sample(others, k=rng.randint(1, 2)))),
            role=rng.choice(("VIEWER", "PARTICIPANT", "COLLABORATOR")),
            message=rng.choice((None, self.label())),
            conditions=tested + some_conditions(rng, JOINT[kind], rng.choice((0, 1)), of="record"),
        )

    def narrowing(self, known: Setting) -> list[AccessPolicy]:
        """What the viewers' company takes from some of its people: joint fields, records, whole sides, and writing."""
        rng, found = self.rng, []

        def taken(kind: str, *fields: str, actions: tuple[AccessAction, ...] = ("READ",), limited: bool) -> None:
            made = replace(self.policy(ACME, known), kind=kind, effect="DENY", since=None, until=None, actions=actions)
            named = {"id": {"in": sorted(rng.sample(AT_HOME[ACME], k=rng.randint(1, 2)))}}
            of_record = some_conditions(rng, JOINT[kind], 1, of="record") if limited and rng.random() < 0.6 else ()
            records = some_records(rng, BASE.by_name[kind].prefix) if limited and not of_record else ()
            made = replace(made, fields=fields, conditions=of_record, records=records)
            found.append(replace(made, people=canonical_json(named)))

        for number in range(2):
            kind = rng.choice(("opportunity", rng.choice(KINDS)))
            joint = [JOINT_PREFIX + f.name for f in JOINT[kind] if f.name != BASE.by_name[kind].title]
            chosen = rng.sample(joint, k=rng.randint(1, 2))
            taken(kind, *chosen, limited=rng.random() < 0.3)
            if number and rng.random() < 0.5:  # left to whom it was taken from
                found[-1] = replace(found[-1], effect="ALLOW")
        taken(rng.choice(KINDS), ALL_JOINT, limited=True)
        if rng.random() < 0.6:
            taken("opportunity", ALL_SIDE, limited=True)
        if any(f.custom and f.custom.refines for f in known.kind(ACME, "opportunity").custom):
            taken("opportunity", "stage", limited=False)
        kind = rng.choice(KINDS)
        side = [f.ident for f in rng.sample(known.filled(ACME, kind), k=2)]
        taken(kind, *side, actions=(rng.choice(("UPDATE", "SHARE")),), limited=rng.random() < 0.6)
        taken("opportunity", JOINT_PREFIX + "engagementStage", actions=("UPDATE",), limited=rng.random() < 0.6)
        on_record = tuple(action for action in ON_RECORD if rng.random() < 0.5)
        if on_record:
            taken(rng.choice(KINDS), ALL_SIDE, ALL_JOINT, actions=on_record, limited=True)
        return found

    def closing(self, company: CompanyId, known: Setting, rules: list[SharingRule]) -> AccessPolicy:
        """A policy that always closes something: to some of the viewers, or what its company's rules open."""
        rng, made = self.rng, self.policy(company, known)
        made = replace(made, effect="DENY", conditions=(), since=None, until=None, records=())
        if company == ACME:
            kept = [f for f in known.filled(ACME, "opportunity") if f.type.base is Base.TEXT]
            named = canonical_json({"id": {"in": rng.sample(AT_HOME[ACME], k=2)}})
            return replace(made, kind="opportunity", fields=tuple(f.ident for f in kept[:2]), people=named)
        opens = [rule for rule in rules if rule.company == company and rule.effect == "ALLOW"]
        if not opens:
            return replace(made, people=None)
        rule = rng.choice(opens)
        return replace(made, kind=rule.kind, fields=rule.fields[:1], people=None)

    def disputed(self, company: CompanyId, known: Setting) -> list[SharingRule]:
        """Rules that open fields to the viewers' company or its people, and others that close some of them."""
        rng, found = self.rng, []
        for number in range(rng.randint(1, 2)):
            opens, closes = self.rule(company, known), self.rule(company, known)
            audience = rng.choice((Audience("selected", (ACME,), ()), Audience("selected", (), AT_HOME[ACME][:1])))
            opens = replace(opens, effect="ALLOW", audience=audience, since=None)
            if number == 0:  # always in force, and about those who look
                opens = replace(opens, until=None, conditions=(), records=())
                closes = replace(closes, since=None, until=None, audience=rng.choice((audience, PARTICIPANTS)))
            kept = closes.conditions if closes.kind == opens.kind else ()
            fields = tuple(rng.sample(opens.fields, k=1))
            about = closes.records if closes.kind == opens.kind else ()
            closes = replace(closes, kind=opens.kind, effect="DENY", fields=fields, conditions=kept, records=about)
            found += [opens, closes]
        return found

    def limited(self, company: CompanyId, known: Setting) -> SharingRule:
        """A rule that opens fields to the viewers' company on some records, and on those alone."""
        rng, rule = self.rng, self.rule(company, known)
        by_id = rng.random() < 0.4
        records = some_records(rng, BASE.by_name[rule.kind].prefix) if by_id else ()
        conditions = () if by_id else some_conditions(rng, JOINT[rule.kind], 1, of="record")
        rule = replace(rule, effect="ALLOW", audience=Audience("selected", (ACME,), ()), since=None, until=None)
        return replace(rule, conditions=conditions, records=records)

    def setting(self) -> Setting:
        """The family's first setting."""
        rng = self.rng
        templates: list[Template] = []
        for kind in KINDS:
            templates.append(self.template(ACME, kind, tuple(rng.sample(COMPANIES[1:], k=rng.randint(1, 3)))))
            for company in COMPANIES[1:]:
                if rng.random() < (0.9 if kind == "opportunity" else 0.5):
                    known = (ACME,) if rng.random() < 0.5 else ()
                    others = self.some(tuple(c for c in COMPANIES[1:] if c != company), 1)
                    templates.append(self.template(company, kind, (*known, *others)))
        rng.shuffle(templates)
        dropped: list[Template] = []
        for at, template in enumerate(templates):
            free = [f for f in template.fields if f.name not in ("seats", "budget", "ratio")]  # no formula reads it
            if free and rng.random() < 0.4:
                gone = rng.choice(free)
                dropped.append(_alone(template, gone))
                kept = [f for f in template.fields if f is not gone]
                defined = tuple(f.ident for f in kept)
                templates[at] = replace(template, version=2, fields=tuple(kept), defined=defined)
        if rng.random() < 0.5:
            dropped.append(templates.pop(rng.randrange(len(templates))))
        plain = Setting(self.number, tuple(templates), tuple(dropped))
        rules = [self.rule(company, plain) for company in COMPANIES for _ in range(rng.randint(0, 2))]
        for company in COMPANIES[1:]:
            rules += self.disputed(company, plain)
            rules += [self.limited(company, plain)]
        policies = [self.policy(company, plain) for company in COMPANIES for _ in range(rng.randint(0, 2))]
        policies += [self.closing(company, plain, rules) for company in COMPANIES]
        policies += self.narrowing(plain)
        associations = [self.association(company, plain) for company in COMPANIES for _ in range(rng.randint(0, 2))]
        found = replace(plain, rules=tuple(rules), policies=tuple(policies), associations=tuple(associations))
        return replace(found, _kept={})

    def neighbour(self, first: Setting) -> Setting | None:
        """The setting with one thing changed, or None where there is nothing of the sort."""
        change = self.rng.choice(_CHANGES)
        found = change(self, first)
        return found and replace(found, _kept={})


def _alone(template: Template, field: Field) -> Template:
    """A template of the past that holds one field, which the present one holds no more."""
    ident = made_id("tpl", f"dropped {field.ident}")
    own = replace(field, custom=field.custom and replace(field.custom, template=ident))
    return replace(template, id=ident, fields=(own,), defined=(field.ident,))


def _other(family: _Family) -> CompanyId:
    return family.rng.choice(COMPANIES[1:])


def _another_rule(family: _Family, first: Setting) -> Setting | None:
    without = ACME if family.rng.random() < 0.7 else None
    return replace(first, rules=(*first.rules, family.rule(_other(family), first, without=without)))


def _fewer_rules(family: _Family, first: Setting) -> Setting | None:
    theirs = [rule for rule in first.rules if rule.company != ACME]
    return replace(first, rules=tuple(r for r in first.rules if r is not family.rng.choice(theirs))) if theirs else None


def _another_policy(family: _Family, first: Setting) -> Setting | None:
    return replace(first, policies=(*first.policies, family.policy(_other(family), first)))


def _another_association(family: _Family, first: Setting) -> Setting | None:
    return replace(first, associations=(*first.associations, family.association(_other(family), first)))


def _fewer_associations(family: _Family, first: Setting) -> Setting | None:
    theirs = [rule for rule in first.associations if rule.company != ACME]
    if not theirs:
        return None
    gone = family.rng.choice(theirs)
    return replace(first, associations=tuple(r for r in first.associations if r is not gone))


def _unshared(family: _Family, first: Setting) -> list[Template]:
    return [t for t in first.templates if not t.serves(ACME)]


def _put(first: Setting, before: Template, after: Template) -> Setting:
    return replace(first, templates=tuple(after if t is before else t for t in first.templates))


def _another_field(family: _Family, first: Setting) -> Setting | None:
    templates = _unshared(family, first)
    if not templates:
        return None
    before = family.rng.choice(templates)
    content = show(before)
    mine = [t for t in first.templates if t.company == before.company and t.kind == before.kind]
    taken = {f.name for t in mine for f in t.fields}
    key = family.rng.choice([key for key in WORDS if key not in taken] or ["more"])
    more = {"key": key, "type": "TEXT", "label": family.label()}
    fields = [more, *content["fields"]] if family.rng.random() < 0.5 else [*content["fields"], more]
    after = changed(before, {**content, "fields": fields}, BASE.by_name, family.new_id)
    return _put(first, before, replace(after, version=family.fresh()))


def _colliding(family: _Family, first: Setting) -> Setting | None:
    """A company has a field of its own, of a key that a template has which another one shares with it."""
    shared = [(t, c) for t in first.templates for c in t.shared_with if c != ACME]
    if not shared:
        return None
    theirs, company = family.rng.choice(shared)
    mine = {f.name for t in first.templates if (t.company, t.kind) == (company, theirs.kind) for f in t.fields}
    keys = [f.name for f in theirs.fields if f.name not in mine]
    if not keys:
        return None
    fields = [{"key": key, "type": "TEXT", "label": family.label()} for key in keys]
    content = {"kind": theirs.kind, "key": "colliding", "label": family.label(), "fields": fields}
    made = define(content, BASE.by_name, family.new_id("tpl"), company, family.new_id)
    return replace(first, templates=(*first.templates, made))


def _other_labels(family: _Family, first: Setting) -> Setting | None:
    templates = _unshared(family, first)
    if not templates:
        return None
    before = family.rng.choice(templates)
    content = show(before)
    fields = [{**each, "label": family.label()} for each in content["fields"]]
    after = changed(before, {**content, "fields": fields}, BASE.by_name, family.new_id)
    return _put(first, before, replace(after, version=family.fresh()))


def _another_template(family: _Family, first: Setting) -> Setting | None:
    company, kind = _other(family), family.rng.choice(KINDS)
    made = family.template(company, kind, (), key="second")
    at = family.rng.randint(0, len(first.templates))
    return replace(first, templates=(*first.templates[:at], made, *first.templates[at:]))


def _retired(family: _Family, first: Setting) -> Setting | None:
    templates = _unshared(family, first)
    if not templates:
        return None
    gone = family.rng.choice(templates)
    kept = tuple(t for t in first.templates if t is not gone)
    return replace(first, templates=kept, dropped=(*first.dropped, gone))


def _shared_otherwise(family: _Family, first: Setting) -> Setting | None:
    before = family.rng.choice([t for t in first.templates if t.company != ACME])
    other = family.rng.choice([c for c in COMPANIES[1:] if c != before.company])
    after = set(before.shared_with) ^ {other}
    return _put(first, before, replace(before, version=family.fresh(), shared_with=tuple(sorted(after))))


_CHANGES: tuple[Callable[[_Family, Setting], Setting | None], ...] = (
    _another_rule,
    _another_rule,
    _fewer_rules,
    _another_policy,
    _another_association,
    _fewer_associations,
    _another_field,
    _colliding,
    _colliding,
    _other_labels,
    _another_template,
    _retired,
    _shared_otherwise,
    _shared_otherwise,
)


@cache
def family(number: int) -> tuple[Setting, tuple[Setting, ...]]:
    """The first setting of a family, and its neighbours."""
    made = _Family(number)
    first = made.setting()
    found: list[Setting] = []
    while len(found) < NEIGHBOURS:
        if (neighbour := made.neighbour(first)) is not None:
            found.append(neighbour)
    return first, tuple(found)
