"""A company's space as a stream of values, the same for every backend: what leaves it, and what one is made of.

A stream is the company, then, in this order: names of other companies, its people, its definitions (each with all its
versions, oldest first), its records in order of id, its receipts. Each piece stands for itself, so a stream of any
length is read and written a piece at a time.
"""

import hashlib
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeAlias

import orjson

from schema.errors import Refusal
from schema.kind import Kind
from schema.names import CompanyId, PersonId, RecordId
from schema.sharing import Sharing
from spaces.contract import Spaces
from spaces.definition import Definition
from spaces.fetch import CompanyRow, PersonRow
from spaces.history import HistoryRow


class Neighbour(NamedTuple):
    """Another company, as the one that moves knows it."""

    id: CompanyId
    name: str


class Standing(NamedTuple):
    """A company on a record, as in `spaces.change.Participation`."""

    company: CompanyId
    role: str
    status: str
    message: str | None = None
    associated: CompanyId | None = None


class HeldSide(NamedTuple):
    """The company's side of a record. `cells` are its columns that are not null, those of custom fields by their ids;
    `stamps` as in `SideRow`; `history` its entries, in no order."""

    version: int
    updated_at: str
    sharing: Sharing
    natural_key: str | None
    cells: Mapping[str, Any]
    stamps: Mapping[str, str]
    history: tuple[HistoryRow, ...] = ()


class HeldRecord(NamedTuple):
    """A record on which the company stands. `cells` are its joint columns that are not null; `participants` come in the
    order of `Spaces.participants`, the company's own among them; `touched_at` is that of its own participation;
    `history` are entries of the shared part, in no order."""

    id: RecordId
    kind: str
    owner: CompanyId
    created_at: str
    touched_at: str
    cells: Mapping[str, Any]
    participants: tuple[Standing, ...]
    history: tuple[HistoryRow, ...]
    side: HeldSide | None


class HeldReceipt(NamedTuple):
    """A receipt, see `spaces.change`."""

    person: PersonId
    key: str
    record: RecordId
    request: str


Piece: TypeAlias = CompanyRow | Neighbour | PersonRow | Definition | HeldRecord | HeldReceipt


@dataclass(frozen=True, slots=True)
class Parcel:
    """A stream on its way into a network, of records of these kinds. `digest` names it: the same stream has the same.
    `fingerprint` is that of its people and definitions. `fresh` is a version that no side of this company was ever
    given."""

    kinds: Mapping[str, Kind]
    company: CompanyRow
    digest: str
    fingerprint: str
    fresh: int
    pieces: Iterable[Piece]


class Taken(NamedTuple):
    """What became of the records of a parcel: how many came into the network with it, how many were there, and how
    many the network lacks and this company alone cannot bring; on how many of those it has a side, left out, too."""

    brought: int
    found: int
    left_out: int
    sides_left_out: int


class Misfit(Refusal):
    """The network cannot take this in."""

    code = "NOT_TAKEN_IN"


class Moves(Spaces, Protocol):
    """Spaces that companies move out of and into. None of it but `held` may happen while a gateway serves the network
    from what it has read of it."""

    def held(self, company: CompanyId) -> AsyncIterator[Piece]:
        """All that the space of a company holds, of one moment, and the shared part of its records as they are stored:
        whoever gives it on leaves out what the company may not see. Raises Misfit for a company that there is not."""
        ...

    async def take_in(self, parcel: Parcel, *, older: bool = False) -> Taken | None:
        """Makes the company's space of the stream, wholly or not at all, also under kill -9. None where the same parcel
        is there already. Nothing of other companies changes, and no joint value that the network holds:

        - A record that the network lacks comes in with the stream, where the company has accepted there. Others stand
          on it as the stream says; but who has people in this network has accepted nothing by it, and is invited.
        - On one that the network has, the company stands as it stood when it was erased; where it never was, as the
          network says. A record on which the network knows nothing of the company is refused. Only an owner adds
          participants that are lacking.
        - A side is shared with nobody with whom it was no longer shared when the company was erased.

        Raises Misfit where the space is not empty, for ids and addresses that others have, and, unless `older` is
        accepted, where the company's people or definitions had changed between the stream and its erasure."""
        ...

    async def bring_back(self, parcel: Parcel) -> int:
        """Makes the sides, their history and the receipts of a company what they are in the stream, wholly or not at
        all, and gives how many sides there are. All else stays as it is now: joint fields, participations, people and
        definitions; and each side is shared with nobody with whom it is not shared now, also where the company's file
        is lost. Every side has the version `fresh`. Raises Misfit for a company that is not there any more."""
        ...

    async def erase(self, company: CompanyId) -> None:
        """Takes a company out, wholly or not at all: its people, definitions, sides, history and receipts; records on
        which nobody else is invited or has accepted, or has a side. What stays is its id without a name, and on the
        other records that it has WITHDRAWN; of that no history is kept. Nothing that was taken out is left in any file.
        Nothing happens where it is not there."""
        ...


def fingerprint(people: Iterable[PersonRow], definitions: Iterable[Definition]) -> str:
    """Says whether people or definitions have changed in what they allow, and tells nothing else of them."""
    newest = {each.id: each.version for each in definitions}  # the oldest version comes first
    allowed = sorted([p.id, p.active, sorted(p.roles), p.attributes] for p in people)
    return hashlib.sha256(orjson.dumps([sorted(newest.items()), allowed])).hexdigest()
