"""The writer: commits changes, many in one transaction, each of them wholly or not at all.

1. Locks on all records, receipts and natural keys that the changes name, and on the classes that they may add to:
taken at once, in one order everywhere, so that gateways that write the same wait for each other and never for ever.
They end with the transaction. 2. Change by change what must hold, then what it writes, in a part of the transaction
that is undone where it is refused. What a statement reads behind the locks is what was committed before them.
"""

from collections.abc import Iterator, Sequence
from hashlib import blake2b

import psycopg

from schema.errors import Fault
from schema.kind import Catalog
from spaces.change import Change
from spaces.effect import writes_side
from spaces.postgres.connection import StatementFailed
from spaces.postgres.store import STORE
from spaces.postgres.written import WriteConnection
from spaces.sql.intent import apply_intent, intent_of
from spaces.sql.side_store import check_network, check_receipt, check_side, write_side

_LOCK = "SELECT pg_advisory_xact_lock(k) FROM unnest(CAST(? AS bigint[])) AS k"
_ALONE = "SELECT pg_advisory_xact_lock(?)"
_WITH_OTHERS = "SELECT pg_advisory_xact_lock_shared(?)"
_OF_DEFINITIONS = 7_778_742_049  # any number that nobody else has
_TOGETHER = 200  # changes in one transaction: a server holds some 6,000 locks as it comes, of all gateways
_KEEP_PARTICIPANTS = """
UPDATE {table} AS s SET participants = p.companies FROM (
    SELECT coalesce(array_agg(company_id ORDER BY company_id), '{{}}') AS companies FROM participant
    WHERE record_id = :record AND status IN ('INVITED', 'ACCEPTED')) AS p
WHERE s.record_id = :record AND s.participants <> p.companies
"""


class NotWritten(Fault):
    """PostgreSQL could not write; the message names its error code."""


class Writer:
    """Commits changes. Belongs to one thread."""

    def __init__(self, connection: WriteConnection, catalog: Catalog) -> None:
        self._connection = connection
        self._kinds = catalog.by_name

    def write(self, changes: Sequence[Change]) -> list[Exception | None]:
        """Commits many changes in order, each wholly or not at all. For each its error, or None."""
        errors: list[Exception | None] = []
        for start in range(0, len(changes), _TOGETHER):
            errors += self._write_together(changes[start : start + _TOGETHER])
        return errors

    def _write_together(self, changes: Sequence[Change]) -> list[Exception | None]:
        errors: list[Exception | None] = []
        try:
            with self._connection.transaction():
                lock(self._connection, [key for change in changes for key in _keys(change)], definitions=False)
                errors += [self._write_one(change) for change in changes]
        except (psycopg.Error, Fault) as error:
            failed = NotWritten(f"nothing could be written: {code_of(error)}")
            return [each or failed for each in (*errors, *[None] * (len(changes) - len(errors)))]
        return errors

    def _write_one(self, change: Change) -> Exception | None:
        try:
            with self._connection.transaction():
                self._commit(change)
        except psycopg.OperationalError:
            raise  # the database fails, not the change
        except psycopg.Error as error:
            return StatementFailed(f"PostgreSQL refused a statement with the code {code_of(error)}")
        except Exception as error:
            return error
        return None

    def _commit(self, change: Change) -> None:
        connection = self._connection
        if not connection.execute("SELECT 1 FROM company WHERE id = ?", (change.company,)).fetchall():
            raise Fault("no such company")
        check_receipt(connection, change)
        check_network(STORE, connection, change)
        check_side(connection, change)
        intent = intent_of(change, write_side(STORE, connection, change))
        if not intent.empty():
            apply_intent(STORE, connection, intent, change.kind)
        if change.participants or writes_side(change):
            keep_participants(connection, change.kind.name, change.record)


def keep_participants(connection: WriteConnection, kind: str, record: str) -> None:
    """Says at each side of a record, and at its words, who takes part: the database's own rules read it there."""
    for table in (f"side_{kind}", f"side_words_{kind}"):
        connection.execute(_KEEP_PARTICIPANTS.format(table=table), {"record": record})


def lock(connection: WriteConnection, names: Sequence[tuple[str, ...]], *, definitions: bool | None = None) -> None:
    """Waits for the locks of these names, and holds them until the transaction ends. Of all definitions, too: alone
    where `definitions` is true, with others where it is false."""
    if definitions is not None:
        connection.execute(_ALONE if definitions else _WITH_OTHERS, (_OF_DEFINITIONS,))
    hashes = {blake2b(repr(name).encode(), digest_size=8).digest() for name in names}
    connection.execute(_LOCK, (sorted(int.from_bytes(each, "big", signed=True) for each in hashes),))


def code_of(error: Exception) -> str:
    """What may be told of an error of the driver: nothing that holds a value."""
    return str(getattr(error, "sqlstate", None) or type(error).__name__)


def _keys(change: Change) -> Iterator[tuple[str, ...]]:
    yield "record", change.record
    if change.natural_key:
        yield "natural key", change.company, change.kind.name, change.natural_key
    if change.receipt is not None:
        yield "receipt", change.company, change.person, change.receipt.key
    if change.sharing is not None:
        yield "classes", change.company, change.kind.name
