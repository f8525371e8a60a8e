"""A kind: a sort of business object, declared as data. Frozen values; `schema/catalog.py` reads them from TOML."""

from dataclasses import dataclass, replace
from functools import cached_property

from schema.field import Field, FieldType


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The moves that one picklist field may make. `moves[a]` are the values that may follow `a`; a value that is
    not a key may go nowhere. A record starts at `initial` where none is given; from unset any value is allowed."""

    field: str
    part: str
    initial: str | None
    moves: tuple[tuple[str, tuple[str, ...]], ...]

    def allows(self, before: str | None, after: str | None) -> bool:
        """Whether `before -> after` is a legal move. Staying is always legal; clearing only from unset."""
        if before == after or before is None:
            return True
        return any(source == before and after in targets for source, targets in self.moves)


@dataclass(frozen=True)
class Kind:
    """One kind. `joint` and `side` hold the fields in order of declaration; field names are unique in each part."""

    name: str  # camelCase singular, also the GraphQL query field: "opportunity"
    plural: str  # "opportunities"
    type_name: str  # "Opportunity"
    prefix: str  # of its public ids: "opp"
    doc: str
    title: str  # the joint field behind `name` of the Record interface
    joint: tuple[Field, ...]
    side: tuple[Field, ...]
    lifecycles: tuple[Lifecycle, ...] = ()
    natural_key: str | None = None  # side field by which an import finds the record again, unique per space

    @cached_property
    def noun(self) -> str:
        """Its name with its article, as sentences have it."""
        return f"{'an' if self.name[0] in 'aeiou' else 'a'} {self.name}"

    @cached_property
    def joint_by_name(self) -> dict[str, Field]:
        """Joint fields by name."""
        return {f.name: f for f in self.joint}

    @cached_property
    def side_by_name(self) -> dict[str, Field]:
        """Side fields by name."""
        return {f.name: f for f in self.side}

    @cached_property
    def side_by_ident(self) -> dict[str, Field]:
        """Side fields by what stamps, sharing and rights name them by."""
        return {f.ident: f for f in self.side}

    @cached_property
    def custom(self) -> tuple[Field, ...]:
        """The custom side fields, which come last."""
        return tuple(f for f in self.side if f.custom)

    def __hash__(self) -> int:
        """Taken once: kinds are keys of caches that each request reads."""
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.name, tuple(f.ident for f in self.custom)))

    def extended(self, custom: tuple[Field, ...]) -> "Kind":
        """This kind with these custom side fields behind its own ones, for one company; their indexes go on."""
        start = len(self.side) + 1
        return replace(self, side=self.side + tuple(replace(f, index=start + i) for i, f in enumerate(custom)))

    def starts(self, part: str) -> dict[str, str]:
        """What the lifecycles of a part begin with, by field name."""
        return {life.field: life.initial for life in self.lifecycles if life.part == part and life.initial is not None}

    def fields(self, part: str) -> tuple[Field, ...]:
        """The fields of a part, "joint" or "side"."""
        return self.joint if part == "joint" else self.side

    @cached_property
    def all_joint(self) -> int:
        """Mask of every joint field and the existence bit."""
        return (1 << (len(self.joint) + 1)) - 1

    @cached_property
    def all_side(self) -> int:
        """Mask of every side field and the existence bit."""
        return (1 << (len(self.side) + 1)) - 1


@dataclass(frozen=True)
class Catalog:
    """All kinds and picklists, links joined both ways. `digest` is the hash of its content (hex)."""

    kinds: tuple[Kind, ...]  # by name
    picklists: tuple[tuple[str, tuple[str, ...]], ...]  # by name; values in order
    structs: tuple[tuple[str, FieldType], ...]  # by name
    digest: str
    docs: tuple[tuple[str, str], ...] = ()  # picklist "Need", struct "Contact", struct member "Contact.email" -> doc
    labels: tuple[tuple[str, tuple[str, ...]], ...] = ()  # as `picklists`: how people write each value

    @cached_property
    def by_name(self) -> dict[str, Kind]:
        """Kinds by name."""
        return {k.name: k for k in self.kinds}

    @cached_property
    def by_prefix(self) -> dict[str, Kind]:
        """Kinds by the prefix of their ids."""
        return {k.prefix: k for k in self.kinds}

    @cached_property
    def linked_from(self) -> dict[str, tuple[tuple[str, Field], ...]]:
        """For each kind the fields that link to it, as (kind that has the field, field)."""
        links = [(kind.name, field) for kind in self.kinds for field in kind.joint + kind.side]
        return {kind.name: tuple(link for link in links if link[1].type.target == kind.name) for kind in self.kinds}
