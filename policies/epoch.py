"""An epoch: one company's policy, loaded, with its cache. Immutable; a change of policy makes a new one.

All companies without a text of their own share one epoch, so their decisions, and Oso's memory, are shared too.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from policies.access import NO_ACCESS, Access
from policies.alarm import alarm
from policies.check import Reads, Vocabulary, check
from policies.compile import compile_mask
from policies.engine import Rules, Unknown
from policies.facts import (
    BOOLEAN_COLUMNS,
    COLUMNS,
    EXISTS_NAME,
    GROUND,
    MESSAGE_NAME,
    SETS,
    Facts,
    Given,
    Question,
    chosen,
    column_types,
    is_set,
    record_column_types,
    record_facts,
    side_facts,
    side_sets,
)
from policies.invited import closing, hidden_columns, opening
from policies.residual import COLUMN_PREFIX, FIELD, MISSING_PREFIX, REASON, SET_PREFIX, OpenAnswer, Unsupported, read
from policies.side_rules import SideRules
from schema.field import Field
from schema.kind import Catalog, Kind
from schema.mask import EXISTS, MESSAGE, MaskProgram
from schema.names import CompanyId, PersonId
from schema.sharing import Sharing
from schema.viewer import Viewer

BASE = Path(__file__).with_name("network.polar").read_text(encoding="utf-8")
_ALLOW = {
    "side": "side_field",
    "record": "joint_field",
    "participant": "participant_field",
    "company": "company_field",
}
_DENY = {"side": "deny_side_field", "record": "deny_joint_field"}
_QUESTIONS = 8_192  # questions whose answers an epoch keeps, some 2 kB each
_SETS = 8_192  # sets of sharing classes, for viewers
_KINDS = 4_096  # kinds, extended for companies, that were compared with the catalog's
_VIEWERS = 512  # viewers whose programs are kept by sharing class, for one kind, action and owner
_CLASSES = 2_048  # sharing classes of each of them, some 100 bytes each


@dataclass(frozen=True, slots=True)
class CompanyRules:
    """What a company defined that is in force, as a policy text (see rules_text.py, access_text.py), the kinds as its
    own sides have them, with the custom fields that the text may name, and what its access policies leave open."""

    text: str
    catalog: Catalog
    access: Access = NO_ACCESS


class Epoch:
    """Decides questions under the base policy, one company's text, and its sharing rules."""

    def __init__(
        self, catalog: Catalog, text: str = "", rules: CompanyRules | None = None, *, cache: bool = True
    ) -> None:
        """Checks and loads the texts. Raises BadDeclaration with line and word."""
        self.access = rules.access if rules else NO_ACCESS
        self._kinds = (rules.catalog if rules else catalog).by_name
        self._types: dict[str, dict[str, Mapping[str, type]]] = {"side": {}, "record": {}}
        for name, kind in self._kinds.items():
            self._types["record"][name] = record_column_types(kind)
            self._types["side"][name] = {**column_types(kind), **record_column_types(kind)}
        words, base = _network(catalog)
        texts = [base, check(text, words, company=True)]
        if rules is not None:
            texts.append(check(rules.text, vocabulary(rules.catalog, rules.access.names), company=True, compiled=True))
        self.reads: Reads = {name: frozenset().union(*(read[name] for read in texts)) for name in texts[0]}
        self._columns = {name: self.reads["side"] & types.keys() for name, types in self._types["side"].items()}
        self.tells_owners = "owned_by" in self.reads["side"]
        self._rules = Rules(*dict.fromkeys((BASE, text, rules.text if rules else "")))  # Oso takes none twice
        self.decide = lru_cache(_QUESTIONS)(self._decide) if cache else self._decide
        self.side_rules = lru_cache(_QUESTIONS)(self._side_rules) if cache else self._side_rules
        self._sets = lru_cache(_SETS)(self._side_sets) if cache else self._side_sets
        self._is_ours = lru_cache(_KINDS)(self._is_of_catalog)
        self._by_class = lru_cache(_VIEWERS)(_no_programs) if cache else _no_programs

    def viewer_given(self, facts: Facts) -> Given:
        """Of a viewer's facts those that the text reads."""
        return chosen(facts, self.reads["viewer"])

    def record_given(self, kind: Kind) -> Given:
        """The facts of a record that the text reads. Raises BadFact."""
        return chosen(record_facts(kind, self.access), self.reads["record"])

    def side_question(self, viewer: Facts, kind: Kind, owner: CompanyId, action: str) -> Question:
        """The question about `owner`'s sides of a kind, with the facts that the text reads. Raises BadFact."""
        facts = side_facts(kind, self.owner_fact(owner), owner == viewer["company"])
        given = chosen(facts, self.reads["side"])
        return Question("side", action, kind.name, self.viewer_given(viewer), given)

    def side_sets(self, kind: Kind, sharing: Sharing, viewer: Viewer) -> Given:
        """The sets of sides of the owner's kind with this sharing that the text reads, for this viewer."""
        return self._sets(kind, sharing, viewer.company, viewer.person)

    def side_programs(self, viewer: Facts, kind: Kind, owner: CompanyId, action: str) -> dict[Sharing, MaskProgram]:
        """The programs of such sides met before, by sharing class: for whoever asks to add to. All facts from which
        a question is made are told apart, so that a class has one answer here. They are checked ones: in them no
        True equals a 1."""
        own = viewer["company"] == owner
        found = self._by_class(chosen(viewer, frozenset(viewer)), kind, self.owner_fact(owner), own, action)
        if len(found) > _CLASSES:
            found.clear()
        return found

    def owner_fact(self, owner: CompanyId) -> CompanyId | None:
        """The owner's id where the text reads it; else None, and no decision can tell owners apart by it."""
        return owner if self.tells_owners else None

    def _side_sets(self, kind: Kind, sharing: Sharing, company: CompanyId, person: PersonId) -> Given:
        sets = side_sets(kind, sharing.grants(kind, company, person), self.access)
        return tuple(each for each in sets if each[0] in self.reads["side"])

    def _side_rules(self, question: Question) -> SideRules:
        """What the text says of sides. Raises what asking raises; the caller denies."""
        try:
            allows, denies = self.answers(question)
        except Unsupported as reason:
            alarm(f"everything, for a deny rule has {reason}", question.subject, question.action, question.kind)
            allows, denies = [], []
        return SideRules(question, allows, denies)

    def _decide(self, question: Question) -> MaskProgram:
        """The mask program of a question about records or participants. Raises what asking raises; the caller
        denies."""
        columns = COLUMNS[question.subject]
        try:
            bits = self._bits(question)
            allows, denies = ([each.under(bits, {}) for each in found] for found in self._told(question))
            return compile_mask(allows, denies, bits, columns)
        except Unsupported as reason:
            alarm(f"everything, for a deny rule has {reason}", question.subject, question.action, question.kind)
            return MaskProgram(0, (), columns)

    def _told(self, question: Question) -> tuple[Iterable[OpenAnswer], Iterable[OpenAnswer]]:
        """What allows and what denies, of a record without what its tests would tell who has not accepted."""
        allows, denies = self.answers(question)
        if question.subject != "record":
            return allows, denies
        hidden = hidden_columns(self._kinds[question.kind])
        return opening(allows, hidden), closing(denies, hidden)

    def answers(self, question: Question) -> tuple[list[OpenAnswer], list[OpenAnswer]]:
        """What allows and what denies. An allow whose condition is not column by column is left out, with an
        alarm; such a deny raises Unsupported."""
        subject = question.subject
        types: dict[str, type] = {c: bool if c in BOOLEAN_COLUMNS else str for c in COLUMNS[subject]}
        if subject in self._types:
            types.update(self._types[subject][question.kind])
        facts: dict[str, object] = {c: Unknown(COLUMN_PREFIX + c) for c in COLUMNS[subject]}
        for name in self.reads[subject] - GROUND[subject].keys() - facts.keys():
            prefix = COLUMN_PREFIX if name in types else MISSING_PREFIX
            facts[name] = Unknown((SET_PREFIX if subject == "side" and is_set(name) else prefix) + name)
        facts.update(question.given)
        asked = (dict(question.viewer), question.action, facts, Unknown(FIELD), Unknown(REASON))
        denies: list[OpenAnswer] = []
        if subject in _DENY:
            denies = [read(found, types) for found in self._rules.ask(_DENY[subject], *asked)]
        allows: list[OpenAnswer] = []
        for found in self._rules.ask(_ALLOW[subject], *asked):
            try:
                allows.append(read(found, types))
            except Unsupported as reason:
                alarm(f"one answer, an allow rule has {reason}", subject, question.action, question.kind)
        return allows, denies

    def _bits(self, question: Question) -> Mapping[str, int]:
        """The bit of each joint field by name, and of "exists"; of participants those that they have."""
        if question.subject in ("participant", "company"):
            return {EXISTS_NAME: EXISTS, MESSAGE_NAME: MESSAGE}
        return {EXISTS_NAME: EXISTS} | {field.name: field.bit for field in self._kinds[question.kind].joint}

    def side_columns(self, kind: Kind) -> frozenset[str]:
        """The columns of this kind's sides, own ones and the record's, that the text reads; none where the kind is not
        known."""
        return self._columns.get(kind.name, frozenset())

    def knows(self, kind: Kind) -> bool:
        """Whether this kind is in the catalog, or one of it extended, so that names and bits agree."""
        return self._kinds.get(kind.name) is kind or self._is_ours(kind)

    def _is_of_catalog(self, kind: Kind) -> bool:
        known = self._kinds.get(kind.name)
        return known is not None and all(
            [(f.name, f.index) for f in mine] == [(f.name, f.index) for f in theirs]
            for mine, theirs in ((known.joint, kind.joint), (_not_custom(known), _not_custom(kind)))
        )


@lru_cache(8)
def _network(catalog: Catalog) -> tuple[Vocabulary, Reads]:
    """What a policy of this catalog may name, and what the base policy reads. Once for all companies' epochs."""
    words = vocabulary(catalog)
    return words, check(BASE, words, company=False)


def _not_custom(kind: Kind) -> tuple[Field, ...]:
    return kind.side[: len(kind.side) - len(kind.custom)]


def _no_programs(*_facts: object) -> dict[Sharing, MaskProgram]:
    return {}


def vocabulary(catalog: Catalog, sets: frozenset[str] = frozenset()) -> Vocabulary:
    """What a policy of this catalog may name; `sets` are those of its sides that a compiled text may ask."""
    side_columns = frozenset(column for kind in catalog.kinds for column in column_types(kind))
    of_record = frozenset(column for kind in catalog.kinds for column in record_column_types(kind))
    fixed = {name: frozenset(facts) | frozenset(COLUMNS.get(name, ())) for name, facts in GROUND.items()}
    fixed["side"] |= of_record | frozenset(SETS) | sets
    fixed["record"] |= of_record
    names = {field.ident for kind in catalog.kinds for field in (*kind.joint, *kind.side)}
    return Vocabulary(
        attributes={name: known | side_columns if name == "side" else known for name, known in fixed.items()},
        ambiguous={name: known & side_columns if name == "side" else frozenset() for name, known in fixed.items()},
        fields=frozenset(names | {EXISTS_NAME, MESSAGE_NAME}),
    )
