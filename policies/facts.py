"""Facts: what a policy may know. Everything given to Oso is built here, and only what the text reads is given.

A `Question` holds the ground facts of one decision. It is also the key of the decision's cache, so the key is
exactly what Oso was given. Each fact has one type, checked on the way in, so that no two facts that Oso would tell
apart (true and 1) are equal as keys. Leaving out a fact that the text never reads cannot change the answer,
because the load-time check lets a policy reach facts only by name; so one decision serves all owners, unless a
policy names them.

viewer: admin (true for a person with the role "admin"), company, hide_private, person, roles, writes (false for a
    person with the role "reader"), meets (ids of the access policies of its own company that mean it).
side: kind, owned_by (the owner's id), own (whether the viewer's company owns it);
    unknown columns: viewer_status, owner_status, the side's own columns, e.g. amount_minor, and the record's;
    unknown sets: fields (all, and "exists"), open_read, open_update, open_share (those of them that no access policy of
    the owner restricts to some of its own people), and what the side's sharing grants the viewer: shared (with anybody
    at all), to_participants, to_company, to_person. A rule may only ask whether they hold a field (decision 004).
record: kind, fields (all, and "exists"), to_participants, to_invited, and open_read, open_update, open_invite,
    open_respond, open_withdraw (those of the fields that no access policy of the viewer's company restricts);
    unknown: viewer_status, viewer_role, and the record's own columns.
The record's columns are record_id and joint__<column>, e.g. joint__region: the raw values, whoever may see them.
participant: unknown: own (whether it is the viewer's company), status, role, viewer_status, viewer_role.
Statuses are "INVITED", "ACCEPTED", "DECLINED", "WITHDRAWN"; roles "OWNER", "COLLABORATOR", "VIEWER", "PARTICIPANT".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from policies.access import NO_ACCESS, NONE, Access
from schema.errors import Fault
from schema.field import Base, Field
from schema.kind import Kind
from schema.mask import JOINT_PREFIX, RECORD_ID
from schema.names import CompanyId
from schema.sharing import Grants
from schema.viewer import Viewer

Fact: TypeAlias = str | bool | tuple[str, ...]
Facts: TypeAlias = Mapping[str, Fact]
Given: TypeAlias = tuple[tuple[str, Fact], ...]
"""Facts as they are given to Oso: (name, value) in order of name. Hashable."""

EXISTS_NAME = "exists"
MESSAGE_NAME = "message"  # of a participant: what its open invitation says
ACTIONS = frozenset({"read", "update", "share", "invite", "respond", "withdraw", "define"})
OPEN_ON_RECORDS = ("invite", "read", "respond", "update", "withdraw")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "side": ("viewer_status", "owner_status"),
    "record": ("viewer_status", "viewer_role"),
    "participant": ("own", "status", "role", "viewer_status", "viewer_role"),
    "company": (),
}
"""For each subject the columns of the row that every policy may test. A side has its own columns besides, and a side
and a record those of the record."""
BOOLEAN_COLUMNS = frozenset({"own"})
"""Those of them that hold true or false; the others hold text."""
SETS = ("fields", "open_read", "open_share", "open_update", "shared", "to_company", "to_participants", "to_person")
"""Sets of a side's fields, by ident: all of its kind, with its company's custom fields, and what its sharing grants the
viewer. Not known when Oso is asked: its answer says which of them must hold a field, and they are put in afterwards."""

MEANT = "meant_"
"""Begins the names of further such sets, for texts that are compiled of access policies: the fields that one of these
means (see access_sets.py)."""

GROUND: Mapping[str, Mapping[str, type]] = {
    "viewer": {
        "admin": bool,
        "company": str,
        "hide_private": bool,
        "meets": tuple,
        "person": str,
        "roles": tuple,
        "writes": bool,
    },
    "side": {
        "kind": str,
        "own": bool,
        "owned_by": str,
    },
    "record": {
        "fields": tuple,
        "kind": str,
        **{f"open_{action}": tuple for action in OPEN_ON_RECORDS},
        "to_invited": tuple,
        "to_participants": tuple,
    },
    "participant": {},
    "company": {},
}
"""The known facts of the viewer and of each subject, with the type of each."""


class BadFact(Fault):
    """A fact is not a plain value of its type."""


@dataclass(frozen=True, slots=True)
class Question:
    """One decision: an action on a subject ("side", "record", "participant", "company") of a kind, and the ground facts
    of the viewer and of the subject. Hashable: it is the key of the cache. Nothing in it comes from a row, so how many
    questions a request asks says nothing of what rows hold, or whether there are any."""

    subject: str
    action: str
    kind: str
    viewer: Given
    given: Given


def is_set(name: str) -> bool:
    """Whether a fact of sides of this name is a set of fields."""
    return name in SETS or name.startswith(MEANT)


def checked(owner: str, facts: Facts) -> Facts:
    """The same facts, when each is exactly of its declared type; a subclass will not do. Else BadFact."""
    for name, value in facts.items():
        if type(value) is not GROUND[owner][name]:
            raise BadFact(f"{owner}.{name} is not of its type")
        if isinstance(value, tuple) and not all(type(item) is str for item in value):
            raise BadFact(f"{owner}.{name} holds something that is not text")
    return facts


def viewer_facts(viewer: Viewer, meets: tuple[str, ...] = ()) -> Facts:
    """The facts of the viewer, whom the access policies of these ids mean. Raises BadFact."""
    return checked(
        "viewer",
        {
            "admin": "admin" in viewer.roles,
            "company": viewer.company,
            "hide_private": viewer.hide_private,
            "meets": meets,
            "person": viewer.person,
            "roles": viewer.roles,
            "writes": "reader" not in viewer.roles,
        },
    )


def side_facts(kind: Kind, owner: CompanyId | None, own: bool) -> Facts:
    """The facts of a side; without `owned_by` where no owner is named. Raises BadFact."""
    named: Facts = {} if owner is None else {"owned_by": owner}
    return checked("side", {**named, "kind": kind.name, "own": own})


def side_sets(kind: Kind, grants: Grants, access: Access = NO_ACCESS) -> Given:
    """The sets of a side of its owner's kind, of which a sharing grants this to the viewer, and the owner's access
    policies leave this open, as SETS names them; then those that its access policies mean."""
    fields = (EXISTS_NAME, *kind.side_by_ident)
    opened = (_open(fields, access.side.get((kind.name, action), NONE)) for action in ("read", "share", "update"))
    sets = (fields, *opened, grants.shared, grants.company, grants.participants, grants.person)
    return (*zip(SETS, sets, strict=True), *access.meant.get(kind.name, ()))


def _open(fields: tuple[str, ...], restricted: frozenset[str]) -> tuple[str, ...]:
    return tuple(field for field in fields if field not in restricted) if restricted else fields


def record_facts(kind: Kind, access: Access = NO_ACCESS) -> Facts:
    """The facts of a record of this kind, of which the access policies of the viewer's company leave this open. Raises
    BadFact."""
    fields = (EXISTS_NAME, *kind.joint_by_name)
    return checked(
        "record",
        {
            "fields": fields,
            "kind": kind.name,
            **{f"open_{a}": _open(fields, access.joint.get((kind.name, a), NONE)) for a in OPEN_ON_RECORDS},
            "to_invited": tuple(f.name for f in kind.joint if f.audience == "invited"),
            "to_participants": tuple(f.name for f in kind.joint if f.audience != "private"),
        },
    )


def chosen(facts: Facts, names: frozenset[str]) -> Given:
    """The facts of these names, in order of name."""
    return tuple((name, facts[name]) for name in sorted(names & facts.keys()))


def column_types(kind: Kind) -> Mapping[str, type]:
    """The side's own columns that a policy may test, with the Python type of their values. Lists and structs are
    kept as text that nobody should compare, so they are left out."""
    return _types(kind.side)


def record_column_types(kind: Kind) -> Mapping[str, type]:
    """The record's columns that a policy may test of it and of its sides, with the type of their values."""
    return {RECORD_ID: str} | {JOINT_PREFIX + column: of for column, of in _types(kind.joint).items()}


def _types(fields: tuple[Field, ...]) -> Mapping[str, type]:
    of = {Base.INTEGER: int, Base.MONEY: int, Base.NUMBER: float, Base.BOOLEAN: bool}
    types: dict[str, type] = {}
    for field in fields:
        if not field.type.many and field.type.base is not Base.STRUCT:
            first, *currency = field.columns
            types[first] = of.get(field.type.base, str)
            types.update(dict.fromkeys(currency, str))
    return types
