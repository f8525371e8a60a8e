"""What companies define that bears on records: sharing rules and access policies, and what of these is in force,
compiled into their policies; association rules, which mutations read.

What is in force hangs on three things: what is defined, the day, and the company's kinds with the fields of its
templates. Whoever pins is given policies and templates of one state; what moved since the last one, a midnight or a
template, is compiled first. What a company changes is compiled before it is acknowledged. Rules and policies of
a company go into one epoch in one step, so that nobody sees by the one without the other.

Rules that cannot be compiled close their company's sides to all others, policies its records to its own people, with an
alarm.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar

from gateway.definitions import ACCESS_POLICIES, ASSOCIATION_RULES, SHARING_RULES, Sort, is_known, made_of, receipt_of
from gateway.models import Models, PinnedModels
from policies.access_text import CLOSED_OWN, access_of, access_text, check_policies, lines_about
from policies.authority import Policies
from policies.decide import Decisions
from policies.epoch import CompanyRules
from policies.rules_text import CLOSED, check_together, rules_text
from schema.access_policy import AccessPolicy
from schema.association_rule import AssociationRule
from schema.errors import BadDeclaration, BadInput
from schema.kind import Catalog
from schema.names import CompanyId, PersonId
from schema.sharing_rule import SharingRule
from spaces.definition import Definition

log = logging.getLogger("multiway.gateway")

Rules: TypeAlias = tuple[SharingRule, ...]
AccessPolicies: TypeAlias = tuple[AccessPolicy, ...]
AssociationRules: TypeAlias = tuple[AssociationRule, ...]
D = TypeVar("D", SharingRule, AccessPolicy, AssociationRule)
SORTS = (SHARING_RULES.name, ACCESS_POLICIES.name, ASSOCIATION_RULES.name)


@dataclass(frozen=True, slots=True)
class Defined:
    """What a company has defined, in force or not, in the order in which it was made."""

    rules: Rules = ()
    policies: AccessPolicies = ()
    associations: AssociationRules = ()

    def in_force(self, day: str) -> "Defined":
        """What of it holds on this day."""
        return Defined(_of_day(self.rules, day), _of_day(self.policies, day), _of_day(self.associations, day))

    @property
    def is_dated(self) -> bool:
        """Whether the day matters to anything of it."""
        found: tuple[SharingRule | AccessPolicy | AssociationRule, ...]
        found = (*self.rules, *self.policies, *self.associations)
        return any(each.since or each.until for each in found)


NOTHING = Defined()
_TOO_MUCH = (
    "Your rules and policies come to more than can be in force together: name fewer fields, records or values in this "
    "one, or retire others."
)


@dataclass(frozen=True, slots=True)
class Pinned:
    """Policies, templates and what companies have defined, as they are at one moment."""

    decisions: Decisions
    models: PinnedModels
    defined: Mapping[CompanyId, Defined]
    day: str
    """The day (UTC) whose rules are in force, where anything has days."""

    def of(self, company: CompanyId) -> Defined:
        """What the company has defined."""
        return self.defined.get(company, NOTHING)


class RulesInForce:
    """All companies' rules and policies, and the one door to a pinned state. Used from one thread."""

    def __init__(self, policies: Policies, models: Models, now: Callable[[], str]) -> None:
        self._policies = policies
        self._models = models
        self._now = now
        self._definitions: dict[str, Definition] = {}
        self._defined: Mapping[CompanyId, Defined] = {}
        self._dated = False
        self._associating: Mapping[CompanyId, PersonId] = {}
        self._associates_by_day = False
        self._compiled: dict[CompanyId, tuple[Defined, str]] = {}  # what is in force, under which kinds
        self._state: tuple[str, object] = ("", models.templates)  # the day and the templates of `_compiled`

    def take_all(self, definitions: Iterable[Definition]) -> None:
        """Takes the newest version of every definition that there is, in the order in which they were made."""
        for definition in definitions:
            if definition.sort in SORTS:
                self._definitions[definition.id] = definition
        companies = {definition.company for definition in self._definitions.values()}
        self._defined = {company: self._read(company) for company in companies}
        self._note_associations(self._definitions.values())
        self._put_in_force(companies)

    def take(self, definition: Definition) -> None:
        """Takes one new version: it holds for whoever pins from now on. One that is not newer than what is known
        changes nothing."""
        if definition.sort not in SORTS or is_known(definition, self._definitions):
            return
        self._definitions[definition.id] = definition
        self._defined = {**self._defined, definition.company: self._read(definition.company)}
        self._note_associations([definition])
        self._put_in_force([definition.company])

    def _read(self, company: CompanyId) -> Defined:
        mine = [each for each in self._definitions.values() if each.company == company]
        return Defined(_made(SHARING_RULES, mine), _made(ACCESS_POLICIES, mine), _made(ASSOCIATION_RULES, mine))

    def _note_associations(self, definitions: Iterable[Definition]) -> None:
        new = {each.company: each.person for each in definitions if each.sort == ASSOCIATION_RULES.name}
        if new:
            self._associating = {**self._associating, **new}
            rules = (rule for company in self._associating for rule in self._defined[company].associations)
            self._associates_by_day = any(rule.since or rule.until for rule in rules)

    @property
    def associating(self) -> Mapping[CompanyId, PersonId]:
        """The companies that ever had association rules, each with somebody who defined one: records may stand by
        them."""
        return self._associating

    def association_day(self) -> str:
        """Today (UTC), where any association rule has days; else nothing."""
        return self._now()[:10] if self._associates_by_day else ""

    def associations(self, company: CompanyId) -> AssociationRules:
        """The company's association rules in force at this very moment, whatever a request has pinned: what is decided
        by them is committed later."""
        defined = self._defined.get(company, NOTHING)
        return _of_day(defined.associations, self._now()[:10]) if defined.associations else ()

    def done(self, company: CompanyId, person: PersonId, key: str) -> tuple[str, str] | None:
        """The definition that the newest version with this idempotency key is of, and the hash of the request."""
        for definition in self._definitions.values():
            receipt = receipt_of(definition) if definition.company == company else None
            if receipt is not None and receipt[:2] == (person, key):
                return definition.id, receipt[2]
        return None

    def pin(self) -> Pinned:
        """Everything as it is now, for one request: later changes do not reach it."""
        if self._defined and self._state != self._present():
            self._put_in_force(self._defined)
        return Pinned(self._policies.pin(), self._models.pin(), self._defined, self._state[0])

    def _present(self) -> tuple[str, object]:
        return self._now()[:10] if self._dated else "", self._models.templates

    def _put_in_force(self, companies: Iterable[CompanyId]) -> None:
        """Compiles what these companies defined, and of all others where day or templates have moved."""
        self._dated = any(each.is_dated for each in self._defined.values())
        present = self._present()
        for company in companies if present == self._state else self._defined:
            self._compile(company, present[0])
        self._state = present

    def _compile(self, company: CompanyId, day: str) -> None:
        catalog = self._models.pin().catalog(company)
        defined = replace(self._defined[company].in_force(day), associations=())
        made_of = (defined, catalog.digest)
        if self._compiled.get(company, (NOTHING, catalog.digest)) == made_of:
            return
        try:
            self._policies.replace_rules(company, compiled(company, defined, catalog))
        except BadDeclaration:  # its message quotes what was defined, which is not for the log
            log.error("what %s defined cannot be understood any more, and closed its sides", company)
            closed = CLOSED + (CLOSED_OWN if defined.policies else "")
            self._policies.replace_rules(company, CompanyRules(closed, catalog))
        self._compiled[company] = made_of

    def aside(self, company: CompanyId, defined: Defined, catalog: Catalog) -> Decisions:
        """The policies as they would be with this of the company in force. Raises BadInput."""
        try:
            return self._policies.with_rules(company, compiled(company, defined, catalog))
        except BadDeclaration:  # its message is about a text that nobody wrote
            raise BadInput(_TOO_MUCH) from None

    def check(self, company: CompanyId, defined: Defined, catalog: Catalog) -> None:
        """Refuses what could not be in force together, whatever of it is at a time. Raises BadInput."""
        partners = [policy for policy in defined.policies if policy.people is None]
        check_together(defined.rules, catalog.by_name, lines_about(partners, catalog.by_name))
        check_policies(defined.policies, catalog.by_name)
        self.aside(company, defined, catalog)

    def check_kinds(self, company: CompanyId, held: Catalog, wanted: Catalog) -> None:
        """Refuses kinds that the company wants in the place of those it has, where what it defined could not be in
        force with them any more. Raises BadInput."""
        defined = self._defined.get(company, NOTHING)
        if not self._fits(company, defined, wanted) and self._fits(company, defined, held):
            raise BadInput("With these fields your sharing rules and access policies would come to too much.")

    def _fits(self, company: CompanyId, defined: Defined, catalog: Catalog) -> bool:
        try:
            self.check(company, defined, catalog)
        except BadInput:
            return False
        return True


def compiled(company: CompanyId, defined: Defined, catalog: Catalog) -> CompanyRules | None:
    """What is in force of a company whose kinds these are, as its policies take it. Raises BadDeclaration."""
    kinds = catalog.by_name
    text = rules_text(defined.rules, kinds) + access_text(defined.policies, kinds)
    access = access_of(company, defined.policies, kinds)
    return CompanyRules(text, catalog, access) if text or defined.policies else None


def _of_day(found: tuple[D, ...], day: str) -> tuple[D, ...]:
    return tuple(each for each in found if each.in_force(day))


def _made(sort: Sort[D], definitions: Iterable[Definition]) -> tuple[D, ...]:
    found = (made_of(sort, each) for each in definitions if each.sort == sort.name)
    return tuple(each for each in found if each is not None)
