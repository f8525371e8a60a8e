"""Companies' sharing rules: what is defined, and what of it is in force, compiled into their policies.

Rules in force hang on three things: what is defined, the day, and the company's kinds with the fields of its templates.
Whoever pins is given policies and templates of one state; what moved since the last one, a midnight or a template, is
compiled first. What a company changes is compiled before it is acknowledged.

Rules that cannot be compiled close their company's sides to all others, with an alarm.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from gateway.definitions import SHARING_RULE, receipt_of, rule_of
from gateway.models import Models, PinnedModels
from policies.authority import Policies
from policies.decide import Decisions
from policies.epoch import CompanyRules
from policies.rules_text import CLOSED, check_together, rules_text
from schema.errors import BadDeclaration, BadInput
from schema.kind import Catalog
from schema.names import CompanyId, PersonId
from schema.sharing_rule import SharingRule
from spaces.definition import Definition

log = logging.getLogger("multiway.gateway")

Rules: TypeAlias = tuple[SharingRule, ...]


@dataclass(frozen=True, slots=True)
class Pinned:
    """Policies, templates and rules as they are at one moment."""

    decisions: Decisions
    models: PinnedModels
    rules: Mapping[CompanyId, Rules]
    """All rules that are defined, in force or not, in the order in which they were made."""
    day: str
    """The day (UTC) whose rules are in force, where any rule has days."""


class SharingRules:
    """All companies' rules, and the one door to a pinned state. Used from one thread."""

    def __init__(self, policies: Policies, models: Models, now: Callable[[], str]) -> None:
        self._policies = policies
        self._models = models
        self._now = now
        self._definitions: dict[str, Definition] = {}
        self._rules: Mapping[CompanyId, Rules] = {}
        self._dated = False
        self._compiled: dict[CompanyId, tuple[Rules, str]] = {}  # what is in force, under which kinds
        self._state: tuple[str, object] = ("", models.templates)  # the day and the templates of `_compiled`

    def take_all(self, definitions: Iterable[Definition]) -> None:
        """Takes the newest version of every definition that there is, in the order in which they were made."""
        for definition in definitions:
            if definition.sort == SHARING_RULE:
                self._definitions[definition.id] = definition
        companies = {definition.company for definition in self._definitions.values()}
        self._rules = {company: self._read(company) for company in companies}
        self._put_in_force(companies)

    def take(self, definition: Definition) -> None:
        """Takes one new version: it holds for whoever pins from now on."""
        self._definitions[definition.id] = definition
        self._rules = {**self._rules, definition.company: self._read(definition.company)}
        self._put_in_force([definition.company])

    def _read(self, company: CompanyId) -> Rules:
        mine = [each for each in self._definitions.values() if each.company == company]
        return tuple(rule for rule in map(rule_of, mine) if rule is not None)

    def done(self, company: CompanyId, person: PersonId, key: str) -> tuple[str, str] | None:
        """The rule that the newest version with this idempotency key is of, and the hash of the request."""
        for definition in self._definitions.values():
            receipt = receipt_of(definition) if definition.company == company else None
            if receipt is not None and receipt[:2] == (person, key):
                return definition.id, receipt[2]
        return None

    def pin(self) -> Pinned:
        """Everything as it is now, for one request: later changes do not reach it."""
        if self._rules and self._state != self._present():
            self._put_in_force(self._rules)
        return Pinned(self._policies.pin(), self._models.pin(), self._rules, self._state[0])

    def _present(self) -> tuple[str, object]:
        return self._now()[:10] if self._dated else "", self._models.templates

    def _put_in_force(self, companies: Iterable[CompanyId]) -> None:
        """Compiles the rules of these companies, and of all others where day or templates have moved."""
        rules = [rule for found in self._rules.values() for rule in found]
        self._dated = any(rule.since or rule.until for rule in rules)
        present = self._present()
        for company in companies if present == self._state else self._rules:
            self._compile(company, present[0])
        self._state = present

    def _compile(self, company: CompanyId, day: str) -> None:
        catalog = self._models.pin().catalog(company)
        rules = tuple(rule for rule in self._rules[company] if rule.in_force(day))
        made_of = (rules, catalog.digest)
        if self._compiled.get(company, ((), catalog.digest)) == made_of:
            return
        try:
            self._policies.replace_rules(company, compiled(rules, catalog))
        except BadDeclaration as error:
            log.error("sharing rules closed the sides of %s: %s", company, error.message)
            self._policies.replace_rules(company, CompanyRules(CLOSED, catalog))
        self._compiled[company] = made_of

    def aside(self, company: CompanyId, rules: Rules, catalog: Catalog) -> Decisions:
        """The policies as they would be with these rules of the company in force. Raises BadInput."""
        try:
            return self._policies.with_rules(company, compiled(rules, catalog))
        except BadDeclaration as error:
            raise BadInput(f"These rules cannot be compiled: {error.message}") from None

    def check(self, company: CompanyId, rules: Rules, catalog: Catalog) -> None:
        """Refuses rules that could not be in force together, whichever of them are at a time. Raises BadInput."""
        check_together(rules, catalog.by_name)
        self.aside(company, rules, catalog)


def compiled(rules: Rules, catalog: Catalog) -> CompanyRules | None:
    """The rules in force of a company whose kinds these are, as its policies take them. Raises BadDeclaration."""
    text = rules_text(rules, catalog.by_name)
    return CompanyRules(text, catalog) if text else None
