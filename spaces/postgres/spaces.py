"""`PostgresSpaces`: the backend of a server, one set of tables for all companies, for any number of gateways.

Reads are awaited, on connections that they take turns with, each fetch in as few round trips as it can be said in.
Writes run in one thread of their own: those that wait at the same time share a transaction; gateways that write the
same records wait for each other in the database.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Self, TypeVar

import psycopg

from schema.errors import Fault, Refusal
from schema.kind import Catalog, Kind
from schema.names import CompanyId, PersonId, RecordId
from schema.sharing import NO_OVERRIDES, Sharing
from schema.viewer import Attributes
from spaces.change import Associations, Change, Done
from spaces.definition import Definition, VersionsAsked, VersionsPage
from spaces.fetch import (
    CompanyRow,
    GroupFetch,
    Groups,
    HistoryFetch,
    Page,
    PageFetch,
    ParticipantFetch,
    ParticipantRow,
    PersonRow,
    SideFetch,
    SideRow,
    SignedIn,
)
from spaces.history import HistoryPage
from spaces.postgres.address import address_of, reason_of
from spaces.postgres.connection import ConnectionLost
from spaces.postgres.connections import Connections
from spaces.postgres.definitions import DEFINITIONS, define
from spaces.postgres.dialect import POSTGRES
from spaces.postgres.layout import layout
from spaces.postgres.listing import Listing
from spaces.postgres.moves import PostgresMoves
from spaces.postgres.row_security import is_bound
from spaces.postgres.sides import compile_sides
from spaces.postgres.store import STORE, joint_words, side_words
from spaces.postgres.writer import Writer, code_of, lock
from spaces.postgres.written import WriteConnection
from spaces.sql import directory
from spaces.sql.associations import associated_records, associations
from spaces.sql.question import Question
from spaces.sql.sharings import parsed_sharing
from spaces.sql.sides import SideCompiler
from spaces.write_queue import WriteQueue

T = TypeVar("T")

READERS = 10
"""How many connections reads take turns with, unless said otherwise."""

_DIRECTORY = directory.Directory(POSTGRES)
_CLASSES = "SELECT content FROM sharing_class WHERE company_id = :company AND kind = :kind ORDER BY id"
_REVISION = "SELECT revision FROM layout"
_RECEIPT = "SELECT record_id, request FROM receipt WHERE company_id = ? AND person_id = ? AND key = ?"


class DatabaseUnusable(Refusal):
    """The database cannot be used."""

    code = "DATABASE_UNUSABLE"


class PostgresSpaces(PostgresMoves):
    """See `Spaces`. Made by `open`; belongs to one event loop."""

    def __init__(self, address: str, catalog: Catalog, readers: int) -> None:
        self._address = address
        self._kinds = catalog.by_name
        self._reads = Connections(address, readers)
        self._written = WriteConnection(address)
        self._writer = Writer(self._written, catalog)
        self._queue = WriteQueue(self._writer.write)
        self._sides = SideCompiler(compile_sides)
        self._listing = Listing(self._reads)

    @classmethod
    def open(cls, url: str, catalog: Catalog, *, password: str | None = None, readers: int = READERS) -> Self:
        """Opens the database at a URL, making or growing its tables where they are not as the catalog wants them.
        `readers` is how many connections reads may have; writes have one more. Raises DatabaseUnusable."""
        spaces = cls(address_of(url, password), catalog, readers)
        with spaces._usable():
            spaces._bring(catalog)
        return spaces

    @classmethod
    def observe(cls, url: str, catalog: Catalog, *, password: str | None = None) -> Self:
        """Looks at a database that is served, and leaves its tables as they are. Raises DatabaseUnusable, also where
        another version made it."""
        spaces = cls(address_of(url, password), catalog, READERS)
        with spaces._usable():
            if not layout(catalog).is_there(spaces._written.driver()):
                raise DatabaseUnusable("There is no network in the database, or another version made it.")
        return spaces

    @contextmanager
    def _usable(self) -> Iterator[None]:
        try:
            if not is_bound(self._written):
                raise DatabaseUnusable("The database's user passes row-level security by; take one that does not.")
            yield
        except BaseException as error:
            self._written.close()
            if isinstance(error, psycopg.Error | ConnectionLost):
                raise DatabaseUnusable(f"The database cannot be used: {reason_of(error)}.") from None
            raise

    async def is_empty(self) -> bool:
        """Whether there is no network yet."""
        return not await self._reads.rows(None, "SELECT 1 FROM company LIMIT 1")

    def _bring(self, catalog: Catalog) -> None:
        written, wanted = self._written, layout(catalog)
        if not wanted.bring(written.driver()):
            return
        with written.transaction():
            for table in (words for kind in catalog.kinds for words in (joint_words(kind), side_words(kind))):
                if table.texts:
                    written.execute(f"DELETE FROM {table.name}")
                    table.fill(written)

    async def page(self, fetch: PageFetch) -> Page:
        """See `Spaces`."""
        return await self._listing.page(fetch)

    async def groups(self, fetch: GroupFetch) -> Groups:
        """See `Spaces`."""
        return await self._listing.groups(fetch)

    async def _ask(self, company: CompanyId | None, question: Question[T]) -> T:
        return question.answer(await self._reads.rows(company, question.sql, question.values))

    async def participants(self, fetch: ParticipantFetch) -> list[ParticipantRow]:
        """See `Spaces`."""
        return await self._ask(None, _DIRECTORY.participants(fetch.records))

    async def associations(self, records: Sequence[RecordId]) -> list[Associations]:
        """See `Spaces`."""
        return await self._ask(None, associations(POSTGRES, records))

    async def associated_records(self, company: CompanyId, after: RecordId | None, limit: int) -> list[RecordId]:
        """See `Spaces`."""
        return await self._ask(company, associated_records(company, after, limit))

    async def sides(self, fetches: Sequence[SideFetch]) -> list[list[SideRow]]:
        """See `Spaces`."""
        if not fetches:
            return []
        statements = [self._sides.statement(fetch) for fetch in fetches]
        asked = [(fetch.reader, s.asked(fetch)) for s, fetch in zip(statements, fetches, strict=True)]
        found = await self._reads.many(asked)
        return [s.sides(fetch, rows) for s, fetch, rows in zip(statements, fetches, found, strict=True)]

    async def history(self, fetch: HistoryFetch) -> list[HistoryPage]:
        """See `Spaces`."""
        return await self._ask(fetch.company, STORE.history.history(fetch))

    async def sharing_classes(self, company: CompanyId, kind: Kind) -> list[Sharing]:
        """See `Spaces`."""
        rows = await self._reads.rows(company, _CLASSES, {"company": company, "kind": kind.name})
        return [NO_OVERRIDES, *(parsed_sharing(content) for (content,) in rows)]

    async def companies(self, ids: Sequence[CompanyId]) -> list[CompanyRow | None]:
        """See `Spaces`."""
        return await self._ask(None, _DIRECTORY.companies(ids))

    async def people(self, ids: Sequence[PersonId]) -> list[PersonRow | None]:
        """See `Spaces`."""
        return await self._ask(None, _DIRECTORY.people(ids))

    async def person_by_email(self, email: str) -> PersonRow | None:
        """See `Spaces`."""
        return await self._ask(None, _DIRECTORY.person_by_email(email))

    async def companies_by_name(self, names: Sequence[str]) -> list[CompanyRow | None]:
        """See `Spaces`."""
        return await self._ask(None, _DIRECTORY.companies_by_name(names))

    async def _write(self, work: Callable[[WriteConnection], T], *names: str, definitions: bool = False) -> T:
        """Does some writing in a transaction of its own, behind the lock of these names. A Fault where the database
        refuses it."""

        def written() -> T:
            try:
                with self._written.transaction():
                    lock(self._written, [names] if names else [], definitions=definitions)
                    return work(self._written)
            except psycopg.IntegrityError:
                raise
            except psycopg.Error as error:
                raise Fault(f"PostgreSQL refused a statement with the code {code_of(error)}") from None

        return await self._queue.run(written)

    async def add_company(self, company: CompanyRow) -> None:
        """See `Spaces`."""
        await self._write(lambda written: directory.add_company(written, company), "companies")

    async def put_person(self, person: PersonRow) -> None:
        """See `Spaces`."""
        try:
            await self._write(lambda written: directory.put_person(written, person), "person", person.id)
        except psycopg.IntegrityError:
            raise Fault("another person has this e-mail address") from None

    async def set_hide_private(self, person: PersonId, presenting: tuple[CompanyId, ...], *, on: bool) -> None:
        """See `Spaces`."""
        await self._write(
            lambda written: directory.set_hide_private(written, person, presenting, on=on), "person", person
        )

    async def set_attributes(self, person: PersonId, attributes: Attributes) -> None:
        """See `Spaces`."""
        await self._write(lambda written: directory.set_attributes(written, person, attributes), "person", person)

    async def done(self, company: CompanyId, person: PersonId, key: str) -> Done | None:
        """See `Spaces`."""
        rows = await self._reads.rows(company, _RECEIPT, (company, person, key))
        return Done(*rows[0]) if rows else None

    async def record_by_natural_key(self, company: CompanyId, kind: Kind, keys: Sequence[str]) -> list[RecordId | None]:
        """See `Spaces`."""
        sql = (
            f"SELECT natural_key, record_id FROM side_{kind.name}"
            " WHERE company_id = ? AND natural_key = ANY (CAST(? AS text[]))"
        )
        found: dict[str, RecordId] = dict(await self._reads.rows(company, sql, (company, list(keys))))
        return [found.get(key) for key in keys]

    async def commit(self, change: Change) -> None:
        """See `Spaces`."""
        (error,) = await self._queue.commit([change])
        if error is not None:
            raise error

    async def commit_all(self, changes: Sequence[Change]) -> list[Exception | None]:
        """See `Spaces`."""
        return await self._queue.commit(changes)

    async def signed_in(self, person: PersonId | None, email: str = "") -> SignedIn:
        """See `Spaces`. In one round trip."""
        if person is None:
            asked = _DIRECTORY.person_by_email(email)
            rows, ((revision,),) = await self._reads.many([(None, (asked.sql, asked.values)), (None, (_REVISION, ()))])
            return SignedIn(asked.answer(rows), revision)
        by_id = _DIRECTORY.people([person])
        rows, ((revision,),) = await self._reads.many([(None, (by_id.sql, by_id.values)), (None, (_REVISION, ()))])
        return SignedIn(by_id.answer(rows)[0], revision)

    async def define(self, definition: Definition) -> int:
        """See `Spaces`."""
        return await self._write(lambda written: define(written, definition), definitions=True)

    async def definitions(self, after: int = 0) -> list[Definition]:
        """See `Spaces`."""
        return await self._ask(None, DEFINITIONS.definitions(after))

    async def definition_versions(self, company: CompanyId, id: str) -> list[Definition]:
        """See `Spaces`."""
        return await self._ask(company, DEFINITIONS.definition_versions(company, id))

    async def past_versions(self, asked: VersionsAsked) -> list[VersionsPage]:
        """See `Spaces`."""
        return await self._ask(asked.company, DEFINITIONS.past_versions(asked))

    async def close(self) -> None:
        """See `Spaces`. What is under way is finished first."""
        await self._queue.close()
        self._reads.close()
        self._written.close()
