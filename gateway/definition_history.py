"""Past versions of definitions, as objects of a level: what each said, in the words of the input that defines it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import orjson

from gateway.definitions import ACCESS_POLICIES, ASSOCIATION_RULES, SHARING_RULES, TEMPLATE, Sort, made_of
from gateway.seal import Seal
from schema.access_policy import AccessPolicy
from schema.access_policy import show as show_policy
from schema.association_rule import AssociationRule
from schema.association_rule import show as show_association
from schema.kind import Kind
from schema.names import PersonId
from schema.queryable import upper_snake
from schema.sharing_rule import SharingRule
from schema.sharing_rule import show as show_rule
from spaces.definition import Definition, VersionsPage

Declared: TypeAlias = SharingRule | AccessPolicy | AssociationRule
SORTS: Mapping[str, Sort[Any]] = {each.name: each for each in (SHARING_RULES, ACCESS_POLICIES, ASSOCIATION_RULES)}
"""All sorts of definitions but templates."""


@dataclass(frozen=True, slots=True)
class Words:
    """What versions are told in: the company's `kinds` by name, and of the records that rules name those `seen`, which
    exist for who asks. Fields have their names of today, and those that are gone their ids."""

    kinds: Mapping[str, Kind]
    seen: Collection[str] = ()

    def said(self, definition: Definition | None) -> Any:
        """What a version said, as JSON; None where there is none, and where it took the definition back."""
        if definition is None:
            return None
        if definition.sort == TEMPLATE:
            kept = orjson.loads(definition.content)["template"] if definition.content else None
            if kept is None:
                return None
            given: dict[str, Any] = orjson.loads(kept)["given"]
            return {"fields": [], **given, "kind": upper_snake(given["kind"])}  # which the input demands
        made = _made(definition)
        if made is None:
            return None
        shown = {**self._shown(made)}
        shown["kind"] = shown["kind"] and upper_snake(shown["kind"])
        if "recordIds" in shown:
            shown["recordIds"] = [i for i in shown["recordIds"] if i in self.seen] if shown["recordIds"] else None
        return shown

    def _shown(self, made: Declared) -> Mapping[str, Any]:
        if isinstance(made, AccessPolicy):
            return show_policy(made, self.kinds)
        kind = self.kinds.get(made.kind)
        return show_association(made, kind) if isinstance(made, AssociationRule) else show_rule(made, kind)


def _made(definition: Definition) -> Declared | None:
    sort = SORTS[definition.sort]
    found: Declared | None = made_of(sort, definition)
    return found


def naming_records(pages: Iterable[VersionsPage]) -> list[SharingRule | AccessPolicy]:
    """What of all the versions may name records."""
    versions = [each for page in pages for pair in page.rows for each in pair if each and each.sort in SORTS]
    return [made for made in map(_made, versions) if isinstance(made, SharingRule | AccessPolicy)]


class DefinitionChangeObject:
    """A version of a definition, and what it changed."""

    __slots__ = ("_before", "_words", "version_kept")
    type_name = "DefinitionChange"

    def __init__(self, version: Definition, before: Definition | None, words: Words) -> None:
        self.version_kept = version
        self._before = before
        self._words = words

    @property
    def definition(self) -> str:
        """Which one it is of."""
        return self.version_kept.id

    @property
    def sort(self) -> str:
        """What that is."""
        return upper_snake(self.version_kept.sort)

    @property
    def version(self) -> int:
        """Counts its changes."""
        return self.version_kept.version

    @property
    def at(self) -> str:
        """When."""
        return self.version_kept.at

    @property
    def person(self) -> PersonId:
        """Who made it."""
        return self.version_kept.person

    @property
    def was(self) -> Any:
        """As it was before."""
        return self._words.said(self._before)

    @property
    def became(self) -> Any:
        """As it was from then on."""
        return self._words.said(self.version_kept)


@dataclass(frozen=True, slots=True)
class DefinitionHistoryObject:
    """A page of past versions. `scope` is what a cursor is bound to: viewer and definition."""

    records: Sequence[DefinitionChangeObject]
    page: VersionsPage
    seal: Seal
    scope: list[Any]
    type_name: str = "DefinitionHistoryConnection"

    @property
    def total_count(self) -> int:
        """Versions on all pages."""
        return self.page.total

    def cursor_of(self, change: DefinitionChangeObject) -> str:
        """The sealed position of a version."""
        return self.seal.close(self.scope, change.version_kept.position)
