"""Definitions as the spaces keep them, and what they say: a template, a sharing rule, an access policy or an
association rule in its canonical JSON, and the receipt of the request that made this version."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

import orjson

from schema.access_policy import AccessPolicy
from schema.access_policy import content_of as content_of_policy
from schema.access_policy import read_content as read_policy
from schema.association_rule import AssociationRule
from schema.association_rule import content_of as content_of_association
from schema.association_rule import read_content as read_association
from schema.kind import Kind
from schema.names import CompanyId, PersonId
from schema.sharing_rule import SharingRule
from schema.sharing_rule import content_of as content_of_rule
from schema.sharing_rule import read_content as read_rule
from schema.template import Template
from schema.template_read import content_of, read_content
from spaces.definition import Definition

TEMPLATE = "template"

Receipt: TypeAlias = tuple[str, str, str]
"""Person, idempotency key, and the hash of the request."""


class Made(Protocol):
    """What a company defines, as one version of it."""

    @property
    def id(self) -> str:
        """Its public id."""
        ...

    @property
    def company(self) -> CompanyId:
        """Whose it is."""
        ...

    @property
    def version(self) -> int:
        """Counts its versions from 1."""
        ...


M = TypeVar("M", bound=Made)


@dataclass(frozen=True, slots=True)
class Sort(Generic[M]):
    """A sort of definition. `name` is that of the sort, `key` the one under which its content stands; `write` makes the
    canonical JSON, `read` the value from it, the id, the company and the version."""

    name: str
    key: str
    write: Callable[[M], str]
    read: Callable[[str, str, CompanyId, int], M]


SHARING_RULES: Sort[SharingRule] = Sort("sharingRule", "rule", content_of_rule, read_rule)
ACCESS_POLICIES: Sort[AccessPolicy] = Sort("accessPolicy", "policy", content_of_policy, read_policy)
ASSOCIATION_RULES: Sort[AssociationRule] = Sort("associationRule", "rule", content_of_association, read_association)


def definition_of(made: Template, person: PersonId, at: str, receipt: Receipt | None, *, stands: bool) -> Definition:
    """The definition that keeps this version of a template; of one that was taken back nothing but the receipt."""
    kept: dict[str, Any] = {"template": content_of(made) if stands else None, "receipt": receipt}
    return _definition(made, TEMPLATE, person, at, kept)


def template_of(definition: Definition, kinds: Mapping[str, Kind]) -> Template | None:
    """The template that a definition keeps; None where it was taken back. Raises BadInput for a broken one."""
    content = orjson.loads(definition.content)["template"] if definition.content else None
    if content is None:
        return None
    return read_content(content, kinds, definition.id, definition.company, definition.version)


def definition_made(
    sort: Sort[M], made: M, person: PersonId, at: str, receipt: Receipt | None, *, stands: bool
) -> Definition:
    """The definition that keeps this version; of one that was taken back nothing but the receipt."""
    return _definition(
        made, sort.name, person, at, {sort.key: sort.write(made) if stands else None, "receipt": receipt}
    )


def made_of(sort: Sort[M], definition: Definition) -> M | None:
    """What a definition of this sort keeps; None where it was taken back. Raises BadInput for a broken one."""
    content = orjson.loads(definition.content)[sort.key] if definition.content else None
    return None if content is None else sort.read(content, definition.id, definition.company, definition.version)


def _definition(made: Made, sort: str, person: PersonId, at: str, kept: Mapping[str, Any]) -> Definition:
    content = orjson.dumps(kept, option=orjson.OPT_SORT_KEYS).decode()
    return Definition(made.company, sort, made.id, made.version, person, at, content)


def receipt_of(definition: Definition) -> Receipt | None:
    """The receipt of the request that made this version."""
    found = orjson.loads(definition.content)["receipt"] if definition.content else None
    return None if found is None else (found[0], found[1], found[2])


def is_known(definition: Definition, known: Mapping[str, Definition]) -> bool:
    """Whether this version or a newer one is among those known, by id."""
    held = known.get(definition.id)
    return held is not None and held.version >= definition.version
