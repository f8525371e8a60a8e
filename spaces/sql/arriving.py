"""Takes a parcel in, in transactions that the caller has begun; looks at no more than a piece at a time."""

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from schema.kind import Kind
from schema.names import CompanyId
from spaces.arrival import Arrival, There, arrival, kept_closed, touched_since
from spaces.columns import INVITED, families
from spaces.definition import Definition
from spaces.fetch import CompanyRow, PersonRow
from spaces.history import HistoryRow
from spaces.parcel import HeldReceipt, HeldRecord, HeldSide, Misfit, Neighbour, Parcel, Taken
from spaces.sql import definitions, directory
from spaces.sql.erasing import fingerprint_left, stands_again
from spaces.sql.intent import keep_participation
from spaces.sql.names import CUSTOM, column_of
from spaces.sql.question import Writing
from spaces.sql.sharings import content_of, keep_last_sharing, last_sharing
from spaces.sql.store import Store

_ENTRY = "company_id, record_id, what, key, part, at, turn, person, before, after"
_TELL = "UPDATE participant SET message = ? WHERE company_id = ? AND record_id = ? AND status = ? AND message IS NULL"
_SIGN = """
UPDATE history_record SET person = ? WHERE record_id = ? AND what = ? AND key = ? AND part = ? AND at = ? AND turn = ?
    AND company_id = ? AND person = ''"""
_TIMES = "SELECT touched_at, accepted FROM participant WHERE company_id = ? AND record_id = ?"
_KEEP_TIMES = """
UPDATE participant SET touched_at = ?, own_at = ?, newest = ? WHERE company_id = ? AND record_id = ?"""


class Arriving:
    """A parcel on its way in."""

    def __init__(
        self,
        store: Store,
        network: Writing,
        space: Writing,
        parcel: Parcel,
        placed: Callable[[Kind, str], None] = lambda kind, record: None,
    ) -> None:
        """`network` has the shared tables, `space` those of the company's own: two connections, or one. `placed` is
        called with the kind and id of each record whose participants or own side are new."""
        self._store = store
        self._network = network
        self._space = space
        self._parcel = parcel
        self._placed = placed
        self._sides = 0

    @property
    def _company(self) -> CompanyId:
        return self._parcel.company.id

    def is_known(self) -> bool:
        """Whether the company came with this parcel."""
        row = self._network.execute("SELECT digest FROM arrived WHERE company_id = ?", (self._company,)).fetchone()
        return row is not None and row[0] == self._parcel.digest

    def is_empty(self) -> bool:
        """Whether there is no person, definition, side or receipt of the company."""
        named = [(self._network, table, "company") for table in ("person", "definition")]
        tables = ("receipt", *(f"side_{kind}" for kind in self._parcel.kinds))
        named += [(self._space, table, "company_id") for table in tables]
        return not any(
            connection.execute(f"SELECT 1 FROM {table} WHERE {column} = ? LIMIT 1", (self._company,)).fetchall()
            for connection, table, column in named
        )

    def take_in(self, *, older: bool) -> Taken:
        """Takes it in. Raises Misfit."""
        left = fingerprint_left(self._network, self._company)
        if left is not None and left != self._parcel.fingerprint and not older:
            raise Misfit("The company has changed its people or what it defined since, before it was erased.")
        directory.add_company(self._network, self._parcel.company)
        counts, sides = {True: 0, False: 0, None: 0}, 0
        for piece in self._parcel.pieces:
            match piece:
                case Neighbour():
                    if directory.company_of(self._network, piece.id) is None:
                        directory.add_company(self._network, CompanyRow(piece.id, piece.name))
                case PersonRow():
                    self._person(piece)
                case Definition():
                    if not definitions.insert_definition(self._network, piece):
                        raise Misfit(f"{piece.id}: the network has another definition of this id.")
                case HeldRecord():
                    way = self._record(piece)
                    counts[way and way.brings] += 1
                    sides += way is None and piece.side is not None
                case HeldReceipt():
                    self._receipt(piece)
                case _:
                    raise Misfit("There are two companies.")
        for table in ("tombstone", "stood", "arrived"):
            self._network.execute(f"DELETE FROM {table} WHERE company_id = ?", (self._company,))
        row = (self._company, self._parcel.digest)
        self._network.execute("INSERT INTO arrived (company_id, digest) VALUES (?, ?)", row)
        return Taken(counts[True], counts[False], counts[None], sides)

    def _person(self, person: PersonRow) -> None:
        sql = "SELECT 1 FROM person WHERE id = ? OR email = ?"
        if self._network.execute(sql, (person.id, person.email)).fetchall():
            raise Misfit(f"{person.id}: the network has another person of this id or e-mail address.")
        directory.put_person(self._network, person)

    def _record(self, new: HeldRecord) -> Arrival | None:
        company, kind = self._company, self._parcel.kinds[new.kind]
        version = stands_again(self._network, company, new.id)
        way = arrival(new, company, self._there(new), self._has_people)
        if way is None:
            return None
        if way.brings:
            self._bring(kind, new)
        for each in way.adds:
            since = touched_since(new, each.company)
            keep_participation(self._network, new.id, new.kind, since, *each)
        for each in new.participants:
            if each.message is not None and (way.tells or each.company == company):
                self._network.execute(_TELL, (each.message, each.company, new.id, INVITED))
        for row in new.history if not way.brings else ():
            if row.company == company and row.person:
                place = (new.id, row.what, row.key, row.part, row.at, row.turn, company)
                self._network.execute(_SIGN, (row.person, *place))
        if new.side is not None:
            is_same = version in (None, new.side.version)
            self._side(kind, new, new.side, new.side.version if is_same else self._parcel.fresh)
        self._keep_times(new, new.touched_at)
        self._placed(kind, new.id)
        return way

    def _there(self, new: HeldRecord) -> There | None:
        sql = "SELECT company_id, role, status, kind FROM participant WHERE record_id = ?"
        rows = self._network.execute(sql, (new.id,)).fetchall()
        if rows:
            return There(rows[0][3], {CompanyId(company): (role, status) for company, role, status, _ in rows})
        for kind in self._parcel.kinds:
            if self._network.execute(f"SELECT 1 FROM record_{kind} WHERE record_id = ?", (new.id,)).fetchall():
                return There(kind, {})
        return None

    def _has_people(self, company: CompanyId) -> bool:
        return bool(self._network.execute("SELECT 1 FROM person WHERE company = ? LIMIT 1", (company,)).fetchall())

    def _bring(self, kind: Kind, new: HeldRecord) -> None:
        cells = {column_of(column): new.cells.get(column) for column in families(kind.joint)}
        _insert(
            self._network,
            f"record_{kind.name}",
            {"record_id": new.id, "owner": new.owner, "created_at": new.created_at, **cells},
        )
        self._store.joint_words(kind).keep(self._network, (new.id,), cells)
        _keep(self._network, "history_record", new.id, new.history)

    def _keep_times(self, new: HeldRecord, touched: str) -> None:
        key = (self._company, new.id)
        before, accepted = self._network.execute(_TIMES, key).fetchone()
        own, touched = new.side.updated_at if new.side else "", max(before, touched)
        newest = max(touched, own) if accepted is not None else touched
        self._network.execute(_KEEP_TIMES, (touched, own, newest, *key))

    def _side(self, kind: Kind, record: HeldRecord, side: HeldSide, version: int) -> None:
        """Adds a side, shared with nobody with whom it was not shared last, and remembers that."""
        last = last_sharing(self._network, self._company, record.id)
        sharing = kept_closed(kind, side.sharing, last)
        if last is not None or sharing.overrides:
            keep_last_sharing(self._network, self._company, record.id, content_of(sharing))
        table, key = f"side_{kind.name}", (self._company, record.id)
        if side.natural_key is not None:
            sql = f"SELECT 1 FROM {table} WHERE company_id = ? AND natural_key = ?"
            if self._space.execute(sql, (self._company, side.natural_key)).fetchall():
                raise Misfit(f"{record.id}: another side has its natural key.")
        own = {column_of(c): side.cells.get(c) for c in families([f for f in kind.side if f.custom is None])}
        custom = {column: value for column, value in side.cells.items() if column_of(column) not in own}
        cells = {CUSTOM: orjson.dumps(custom).decode() if custom else None, **own}
        row = {
            "company_id": self._company,
            "record_id": record.id,
            "version": version,
            "updated_at": side.updated_at,
            "sharing": self._store.class_id(self._space, self._company, kind.name, sharing),
            "stamps": orjson.dumps(dict(side.stamps)).decode(),
            "natural_key": side.natural_key,
        }
        _insert(self._space, table, row | cells)
        self._store.side_words(kind).keep(self._space, key, cells)
        _keep(self._space, "history_side", record.id, side.history)
        self._sides += 1

    def _receipt(self, receipt: HeldReceipt) -> None:
        row = {"company_id": self._company, "person_id": receipt.person, "key": receipt.key}
        sql = "SELECT 1 FROM receipt WHERE company_id = ? AND person_id = ? AND key = ?"
        if self._space.execute(sql, tuple(row.values())).fetchall():
            raise Misfit("there is another receipt of this key.")
        _insert(self._space, "receipt", row | {"request": receipt.request, "record_id": receipt.record})

    def bring_back(self) -> int:
        """Brings the sides back to an empty space. Raises Misfit."""
        company = directory.company_of(self._network, self._company)
        if company is None or not company.name:
            raise Misfit("The company is not there any more.")
        sql = "UPDATE participant SET own_at = '', newest = touched_at WHERE company_id = ? AND own_at <> ''"
        self._network.execute(sql, (self._company,))
        stands = "SELECT 1 FROM participant WHERE company_id = ? AND record_id = ? AND kind = ?"
        for piece in self._parcel.pieces:
            if isinstance(piece, HeldReceipt):
                self._receipt(piece)
            if not isinstance(piece, HeldRecord) or piece.side is None:
                continue
            if self._network.execute(stands, (self._company, piece.id, piece.kind)).fetchall():
                kind = self._parcel.kinds[piece.kind]
                self._side(kind, piece, piece.side, self._parcel.fresh)
                self._keep_times(piece, "")
                self._placed(kind, piece.id)
        return self._sides


def _insert(connection: Writing, table: str, row: Mapping[str, Any]) -> None:
    marks = ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))


def _keep(connection: Writing, table: str, record: str, entries: tuple[HistoryRow, ...]) -> None:
    sql = f"INSERT INTO {table} ({_ENTRY}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    for e in entries:
        place = (e.company or "", record, e.what, e.key, e.part, e.at, e.turn)
        connection.execute(sql, (*place, e.person or "", e.before, e.after))
