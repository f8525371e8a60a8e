"""Reads all that a company's space holds, a piece at a time, in the read transaction of the connection."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from schema.kind import Kind
from schema.names import CompanyId, PersonId, RecordId
from spaces.columns import booleans, families
from spaces.history import HistoryRow
from spaces.parcel import HeldReceipt, HeldRecord, HeldSide, Misfit, Piece, Standing
from spaces.sql import definitions, directory
from spaces.sql.booleans import with_booleans
from spaces.sql.names import CUSTOM, column_of
from spaces.sql.question import Writing
from spaces.sql.store import Store

_BATCH = 200
_ENTRY = "record_id, at, what, key, part, turn, company_id, person, before, after"
_MINE = """
SELECT record_id, kind, touched_at FROM participant WHERE company_id = ? AND record_id > ? ORDER BY record_id
LIMIT ?"""
_STANDINGS = """
SELECT p.company_id, p.role, p.status, p.message, a.by_company
FROM participant AS p LEFT JOIN association AS a ON a.record_id = p.record_id AND a.company_id = p.company_id
WHERE p.record_id = ? ORDER BY p.accepted IS NULL, p.accepted, p.added"""
_RECEIPTS = "SELECT person_id, key, record_id, request FROM receipt WHERE company_id = ? ORDER BY person_id, key"


def pieces(store: Store, connection: Writing, kinds: Mapping[str, Kind], company: CompanyId) -> Iterator[Piece]:
    """See `spaces.parcel`. Raises Misfit."""
    row = directory.company_of(connection, company)
    if row is None or not row.name:
        raise Misfit("There is no such company.")
    yield row
    yield from directory.people_of(connection, company)
    yield from definitions.definitions_of(connection, company)
    after = ""
    while batch := connection.execute(_MINE, (company, after, _BATCH)).fetchall():
        for id_, kind, touched_at in batch:
            if kind in kinds:
                yield _record(store, connection, kinds[kind], company, id_, touched_at)
        after = batch[-1][0]
    for person_id, key, record, request in connection.execute(_RECEIPTS, (company,)):
        yield HeldReceipt(PersonId(person_id), key, RecordId(record), request)


def _record(store: Store, connection: Writing, kind: Kind, company: CompanyId, id_: str, touched_at: str) -> HeldRecord:
    columns = list(families(kind.joint))
    listed = "".join(f", {column_of(column)}" for column in columns)
    sql = f"SELECT owner, created_at{listed} FROM record_{kind.name} WHERE record_id = ?"
    owner, created_at, *cells = connection.execute(sql, (id_,)).fetchone()
    named = zip(columns, with_booleans(tuple(cells), booleans(kind.joint)), strict=True)
    return HeldRecord(
        RecordId(id_),
        kind.name,
        CompanyId(owner),
        created_at,
        touched_at,
        _known(named),
        tuple([Standing(*each) for each in connection.execute(_STANDINGS, (id_,))]),
        _entries(connection, "history_record", "record_id = ?", id_),
        _side(store, connection, kind, company, id_),
    )


def _side(store: Store, connection: Writing, kind: Kind, company: CompanyId, id_: str) -> HeldSide | None:
    own = [field for field in kind.side if field.custom is None]
    columns = list(families(own))
    listed = "".join(f", {column_of(column)}" for column in columns)
    row = connection.execute(
        f"SELECT version, updated_at, sharing, natural_key, stamps, {CUSTOM}{listed} FROM side_{kind.name}"
        " WHERE company_id = ? AND record_id = ?",
        (company, id_),
    ).fetchone()
    if row is None:
        return None
    version, updated_at, sharing, natural_key, stamps, custom, *cells = row
    known = _known(zip(columns, with_booleans(tuple(cells), booleans(own)), strict=True))
    return HeldSide(
        version,
        updated_at,
        store.sharing_of(connection, company, kind.name, sharing),
        natural_key,
        known | (orjson.loads(custom) if custom else {}),
        orjson.loads(stamps),
        _entries(connection, "history_side", "company_id = ? AND record_id = ?", company, id_),
    )


def _entries(connection: Writing, table: str, same: str, *keys: str) -> tuple[HistoryRow, ...]:
    order = "ORDER BY at, what, key, part, turn"
    rows = connection.execute(f"SELECT {_ENTRY} FROM {table} WHERE {same} {order}", keys)
    return tuple([HistoryRow(*row) for row in rows])


def _known(named: Iterator[tuple[str, Any]]) -> dict[str, Any]:
    return {column: value for column, value in named if value is not None}
