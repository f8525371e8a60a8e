"""History: what a change changed, as entries that are kept beside it in one transaction, and never altered.

Creation is an entry without values: what a record or a side began with is where its fields' first change comes from,
or what stands there still. Fields that are computed (logs, formulas) have no entries: they follow from others.

Entries of a side lie in its company's space, all others in the shared plane. Of a record's entries with the same
`what`, `key` and `part` each lies behind the one before: the time of one that would not is moved up to that one's, and
`turn` counts those of one time. So the place of an entry hangs on nothing that a reader of it may not see.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import orjson

from schema.field import Base, Field
from schema.kind import Kind
from schema.names import CompanyId, PersonId, RecordId
from schema.sharing import PARTICIPANTS, PRIVATE, Audience, Sharing

OPENED = "OPENED"
"""The record was made."""
SIDE = "SIDE"
"""The side was begun."""
JOINT = "JOINT"
"""A joint field; `key` is its name."""
FIELD = "FIELD"
"""A side field; `key` is its ident."""
SHARING = "SHARING"
"""The audience of a side field; `key` is its ident."""
PARTICIPANT = "PARTICIPANT"
"""A company's role or status; `key` is the company."""

ROLES = ("OWNER", "COLLABORATOR", "VIEWER", "PARTICIPANT")
STATUSES = ("INVITED", "ACCEPTED", "DECLINED", "WITHDRAWN")


class Entry(NamedTuple):
    """One thing that changed. `before` and `after` are JSON, None for nothing: of a field the list of its
    columns, of a sharing [kind, companies, people], of a participant [role, status]. A field that links to records has
    an entry for each record that came or went, whose id is `part`: so each is shown or hidden with its record."""

    what: str
    key: str = ""
    part: str = ""
    before: str | None = None
    after: str | None = None


class HistoryRow(NamedTuple):
    """An entry as a reader may know it: `company` whose change it was, None where the reader may not know that it takes
    part; `person` who made it, None where that is another company's."""

    record: RecordId
    at: str
    what: str
    key: str
    part: str
    turn: int
    company: CompanyId | None
    person: PersonId | None
    before: str | None
    after: str | None

    @property
    def position(self) -> tuple[str, str, str, str, int]:
        """Where it lies in the history of its record: the newest has the largest."""
        return (self.at, self.what, self.key, self.part, self.turn)


class HistoryPage(NamedTuple):
    """Some entries of one record, newest first; whether older and newer ones lie beyond; how many there are in all."""

    rows: list[HistoryRow]
    has_next: bool
    has_previous: bool
    total: int


def is_kept(field: Field) -> bool:
    """Whether changes of the field's value are kept."""
    return field.is_written


def field_entries(what: str, field: Field, before: Sequence[Any], after: Sequence[Any]) -> Iterator[Entry]:
    """The entries of a field's new value; none where its columns are equal."""
    if not is_kept(field) or tuple(before) == tuple(after):
        return
    key = field.ident
    if field.type.base is not Base.RECORD:
        yield Entry(what, key, "", _columns(before), _columns(after))
        return
    were, are = _links(field, before), _links(field, after)
    for record in (*were, *(each for each in are if each not in were)):
        if record not in are or record not in were:
            text = _columns([record])
            yield Entry(what, key, record, text if record in were else None, text if record in are else None)


def sharing_entries(kind: Kind, before: Sharing, after: Sharing) -> Iterator[Entry]:
    """The entries of a side's new sharing: of the fields that have another audience now. One that the kind does not
    have is private unless its sharing says otherwise."""
    were, are = dict(before.overrides), dict(after.overrides)
    for ident in sorted(were.keys() | are.keys()):
        field = kind.side_by_ident.get(ident)
        usual = PARTICIPANTS if field is not None and field.audience == "participants" else PRIVATE
        was, now = were.get(ident, usual), are.get(ident, usual)
        if was != now:
            yield Entry(SHARING, ident, "", _audience(was), _audience(now))


def participant_entries(company: str, before: tuple[str, str] | None, after: tuple[str, str]) -> Iterator[Entry]:
    """The entry of a company's new (role, status) on a record; none where it is as before."""
    if before != after:
        yield Entry(PARTICIPANT, company, "", _json([*before]) if before else None, _json([*after]))


def _columns(values: Sequence[Any]) -> str | None:
    return None if values[0] is None else _json(list(values))


def _links(field: Field, columns: Sequence[Any]) -> tuple[str, ...]:
    first = columns[0]
    if first is None:
        return ()
    return tuple(dict.fromkeys(orjson.loads(first))) if field.type.many else (first,)


def _audience(audience: Audience) -> str:
    return _json([audience.kind, audience.companies, audience.people])


def _json(stored: list[Any]) -> str:
    return orjson.dumps(stored).decode()
