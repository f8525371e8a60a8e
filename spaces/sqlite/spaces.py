"""`SqliteSpaces`: the embedded backend, one file a company and one for the network.

Reads run inline on the event loop's thread: a statement takes 4 to 40 µs on an open connection, a hop to another
thread and back 50 to 100 µs (measured; WAL readers never wait for the writer). Writes run in one thread of their
own, which is what serialises them; those that wait at the same time share transactions and their fsyncs.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

from schema.errors import Fault
from schema.kind import Catalog, Kind
from schema.names import CompanyId, PersonId, RecordId
from schema.sharing import NO_OVERRIDES, Sharing
from schema.viewer import Attributes
from spaces.asked import Asking, needs_partners
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
from spaces.grouping import grouping
from spaces.history import HistoryPage
from spaces.sql import directory
from spaces.sql.associations import associated_records, associations
from spaces.sql.definitions import DefinitionStatements
from spaces.sql.groups import GroupCompiler, group_values, groups_of, pairs_of
from spaces.sql.page import PageCompiler
from spaces.sql.partner_sides import PartnerRow
from spaces.sql.partner_sums import sums_in_place
from spaces.sql.partners import NOTHING, Candidates, compile_candidates, resolve
from spaces.sql.question import Question
from spaces.sql.record_facts import NO_FACTS, NO_READING, columns_tested, compile_facts
from spaces.sql.selection import Programs, own_programs, selection_alive, selection_key, selection_values
from spaces.sql.side_store import receipt_of
from spaces.sql.sides import SideCompiler
from spaces.sql.statements import Statements
from spaces.sqlite.connections import CompanyFile, FilePool, affordable_descriptors, open_file
from spaces.sqlite.dialect import SQLITE
from spaces.sqlite.folder import FileUnreadable, Folder, FolderUnusable
from spaces.sqlite.layout import Layout, company_layout, network_layout
from spaces.sqlite.look_ups import look_up
from spaces.sqlite.moves import SqliteMoves
from spaces.sqlite.page import run_page
from spaces.sqlite.partner_sums import run_sums
from spaces.sqlite.partners import partner_rows
from spaces.sqlite.removals import Removals
from spaces.sqlite.sides import compile_sides, read_sides
from spaces.sqlite.store import STORE
from spaces.sqlite.writer import Writer
from spaces.write_queue import WriteQueue

OPEN_FILES = 256

T = TypeVar("T")

_DIRECTORY = directory.Directory(SQLITE)
_DEFINITIONS = DefinitionStatements(SQLITE)


class SqliteSpaces(SqliteMoves):
    """See `Spaces`. Made by `open` or `observe`; belongs to one event loop."""

    def __init__(self, folder: Folder, catalog: Catalog, open_files: int, *, observed: bool = False) -> None:
        self._folder = folder
        self._observed = observed
        self._layout: Layout = company_layout(catalog)
        layout = network_layout(catalog)
        self._opened: list[sqlite3.Connection] = []
        self._network_writes = self._open_network(layout, read_only=False)
        self._network = self._open_network(layout, read_only=True)
        self._with_file = set(folder.company_ids())
        descriptors = affordable_descriptors() // 4
        self._readers = FilePool(partial(self._open_company, read_only=True), open_files, 3 * descriptors)
        self._written = FilePool(partial(self._open_company, read_only=False), open_files, descriptors)
        self._writer = Writer(self._network_writes, self._written, catalog)
        self._queue = WriteQueue(self._writer.write)
        self._kinds = catalog.by_name
        self._removals = Removals(self._network_writes, self._written, folder, self._layout, self._kinds)
        self._pages = PageCompiler(SQLITE)
        self._groups = GroupCompiler(SQLITE)
        self._candidates = Statements()
        self._sides = SideCompiler(compile_sides)
        self._closed = False

    @classmethod
    def open(cls, folder: Path, catalog: Catalog, *, open_files: int = OPEN_FILES) -> "SqliteSpaces":
        """Opens the folder, making what is missing, and finishes what a crash left half done. `open_files` is how
        many companies' files may be open at once, for reading and again for writing; the process's limit of
        descriptors may make it fewer. Raises FolderBusy, FolderUnusable."""
        locked = Folder(folder)
        try:
            spaces = cls(locked, catalog, open_files)
        except FileUnreadable as error:
            locked.close()
            raise FolderUnusable(str(error)) from error
        except BaseException:
            locked.close()
            raise
        try:
            spaces._recover()
        except Fault as error:
            spaces._release()
            raise FolderUnusable(str(error)) from error
        return spaces

    @classmethod
    def observe(cls, folder: Path, catalog: Catalog) -> "SqliteSpaces":
        """Looks at a folder that another process may be serving: reads see what is committed, writes fail, and
        nothing of the folder changes. Raises FolderUnusable, also for a folder that another version made."""
        try:
            return cls(Folder(folder, locked=False), catalog, OPEN_FILES, observed=True)
        except FileUnreadable as error:
            raise FolderUnusable(str(error)) from error

    def _open_network(self, layout: Layout, *, read_only: bool) -> sqlite3.Connection:
        try:
            connection = open_file(self._folder.network, layout, read_only=read_only, observed=self._observed)
        except BaseException:
            for opened in self._opened:
                opened.close()
            raise
        self._opened.append(connection)
        return connection

    def _open_company(self, company: CompanyId, *, read_only: bool) -> CompanyFile:
        path = self._folder.company(company)
        if company not in self._with_file and not self._exists(self._network_of(read_only), company):
            raise Fault("no such company")
        connection = open_file(path, self._layout, read_only=read_only, observed=self._observed)
        self._with_file.add(company)
        return CompanyFile(path, connection)

    def _network_of(self, read_only: bool) -> sqlite3.Connection:
        return self._network if read_only else self._network_writes

    def _recover(self) -> None:
        self._removals.finish()
        self._with_file = set(self._folder.company_ids())
        clean = self._network_writes.execute("SELECT clean FROM state").fetchone()
        if clean is not None and not clean[0]:
            for company in sorted(self._with_file):
                self._writer.recover(company)
        self._mark(clean=False)

    def _mark(self, *, clean: bool) -> None:
        self._network_writes.execute("BEGIN IMMEDIATE")
        self._network_writes.execute("DELETE FROM state")
        self._network_writes.execute("INSERT INTO state (clean) VALUES (?)", (clean,))
        self._network_writes.execute("COMMIT")

    async def page(self, fetch: PageFetch) -> Page:
        """See `Spaces`."""
        if not self._readable(fetch.company):
            return Page([], False, False, 0 if fetch.count else None)
        with self._reading(fetch) as (file, programs):
            found = resolve(self._partners(fetch, file, programs), fetch, SQLITE) if needs_partners(fetch) else NOTHING
            statement = self._pages.statement(fetch, programs)
            file.aggregates = (*found.aggregates, *look_up(file, statement.look_ups, fetch.kind, fetch.company))
            try:
                return run_page(file, statement, fetch, found.bound)
            finally:
                file.aggregates = ()

    async def groups(self, fetch: GroupFetch) -> Groups:
        """See `Spaces`."""
        if not self._readable(fetch.company):
            return Groups([], 0)
        with self._reading(fetch) as (file, programs):
            if sums_in_place(fetch, asked := grouping(fetch)):
                return run_sums(self._network, self._candidates_of(fetch, file, programs), fetch, asked, self._file_of)
            partners = list(self._partners(fetch, file, programs)) if needs_partners(fetch) else []
            statement = self._groups.statement(fetch, programs)
            values = group_values(statement, fetch, resolve(partners, fetch, SQLITE).bound)
            rows = file.connection.execute(statement.sql, values)
            if statement.asked.pairs:
                return pairs_of(rows, partners, statement, fetch)
            return groups_of(rows, statement, fetch)

    @contextmanager
    def _reading(self, fetch: Asking) -> Iterator[tuple[CompanyFile, Programs]]:
        """The file of the fetch's company with the network's, in one read transaction, and the programs of the
        fetch's own masks for the sharing classes of that moment: a class that came later would escape a condition
        compiled for these."""
        file = self._readers.take(fetch.company, attach=self._folder.network)
        with self._readers.holding(fetch.company):
            file.connection.execute("BEGIN")
            try:
                yield file, own_programs(fetch, file.classes_of(fetch.kind.name))
            finally:
                file.connection.execute("COMMIT")

    def _partners(self, fetch: Asking, file: CompanyFile, programs: Programs) -> Iterator[PartnerRow]:
        """The rows of `partners` of the records that may matter to the fetch."""
        return partner_rows(self._network, self._candidates_of(fetch, file, programs), fetch, self._file_of)

    def _candidates_of(self, fetch: Asking, file: CompanyFile, programs: Programs) -> Candidates:
        """The partners that may matter to the fetch, the records in question, and what masks may test of these."""
        key, alive = selection_key(fetch, programs), selection_alive(fetch, programs)
        sql, values = self._candidates.get(key, alive, lambda: compile_candidates(fetch, programs, SQLITE))
        bound = selection_values(fetch, SQLITE)
        found = file.connection.execute(sql, {**values, **bound}).fetchall()
        columns = columns_tested(fetch)
        if not columns:
            file.connection.execute(NO_READING).fetchall()
            return Candidates(found, NO_FACTS)
        reading = self._candidates.get((*key, columns), alive, lambda: compile_facts(fetch, programs, SQLITE))
        rows = file.connection.execute(reading.sql, {**reading.values, **bound}).fetchall()
        return Candidates(found, reading.facts(rows))

    def _file_of(self, company: CompanyId) -> CompanyFile | None:
        return self._readers.take(company) if company in self._known() else None

    async def participants(self, fetch: ParticipantFetch) -> list[ParticipantRow]:
        """See `Spaces`."""
        return _asked(self._network, _DIRECTORY.participants(fetch.records))

    async def associations(self, records: Sequence[RecordId]) -> list[Associations]:
        """See `Spaces`."""
        return _asked(self._network, associations(SQLITE, records))

    async def associated_records(self, company: CompanyId, after: RecordId | None, limit: int) -> list[RecordId]:
        """See `Spaces`."""
        return _asked(self._network, associated_records(company, after, limit))

    async def sides(self, fetches: Sequence[SideFetch]) -> list[list[SideRow]]:
        """See `Spaces`."""
        take, known = self._readers.take, self._known()

        def file_of(company: CompanyId) -> CompanyFile | None:
            return take(company) if company in known else None

        return [read_sides(file_of, self._no_sides, self._sides.statement(fetch), fetch) for fetch in fetches]

    def _no_sides(self) -> None:
        """The sides of a company that never wrote anything, at the price of a statement, as those of any other."""
        self._network.execute("SELECT NULL WHERE false").fetchall()

    async def history(self, fetch: HistoryFetch) -> list[HistoryPage]:
        """See `Spaces`."""
        if not self._readable(fetch.company):
            return [HistoryPage([], False, False, 0) for _ in fetch.records]
        file = self._readers.take(fetch.company, attach=self._folder.network)
        return _asked(file.connection, STORE.history.history(fetch))

    async def sharing_classes(self, company: CompanyId, kind: Kind) -> list[Sharing]:
        """See `Spaces`."""
        if company not in self._known():
            return [NO_OVERRIDES]
        file = self._readers.take(company)
        return [sharing for _, sharing in file.classes_of(kind.name)]

    async def companies(self, ids: Sequence[CompanyId]) -> list[CompanyRow | None]:
        """See `Spaces`."""
        return _asked(self._network, _DIRECTORY.companies(ids))

    async def people(self, ids: Sequence[PersonId]) -> list[PersonRow | None]:
        """See `Spaces`."""
        return _asked(self._network, _DIRECTORY.people(ids))

    async def person_by_email(self, email: str) -> PersonRow | None:
        """See `Spaces`."""
        return _asked(self._network, _DIRECTORY.person_by_email(email))

    async def companies_by_name(self, names: Sequence[str]) -> list[CompanyRow | None]:
        """See `Spaces`."""
        return _asked(self._network, _DIRECTORY.companies_by_name(names))

    async def add_company(self, company: CompanyRow) -> None:
        """See `Spaces`. Its file is made when it is first needed."""
        self._folder.company(company.id)  # refuses an id that cannot name a file
        await self._queue.run(lambda: directory.add_company(self._network_writes, company))

    async def put_person(self, person: PersonRow) -> None:
        """See `Spaces`."""
        await self._queue.run(lambda: self._put_person(person))

    def _put_person(self, person: PersonRow) -> None:
        try:
            directory.put_person(self._network_writes, person)
        except sqlite3.IntegrityError as error:
            raise Fault("another person has this e-mail address") from error

    async def set_hide_private(self, person: PersonId, presenting: tuple[CompanyId, ...], *, on: bool) -> None:
        """See `Spaces`."""
        await self._queue.run(lambda: directory.set_hide_private(self._network_writes, person, presenting, on=on))

    async def set_attributes(self, person: PersonId, attributes: Attributes) -> None:
        """See `Spaces`."""
        await self._queue.run(lambda: directory.set_attributes(self._network_writes, person, attributes))

    async def done(self, company: CompanyId, person: PersonId, key: str) -> Done | None:
        """See `Spaces`."""
        if company not in self._known():
            return None
        return receipt_of(self._readers.take(company).connection, company, person, key)

    async def record_by_natural_key(self, company: CompanyId, kind: Kind, keys: Sequence[str]) -> list[RecordId | None]:
        """See `Spaces`."""
        if company not in self._known():
            return [None] * len(keys)
        sql = f"SELECT record_id FROM side_{kind.name} WHERE company_id = ? AND natural_key = ?"
        connection = self._readers.take(company).connection
        rows = [connection.execute(sql, (company, key)).fetchone() for key in keys]
        return [RecordId(row[0]) if row else None for row in rows]

    async def commit(self, change: Change) -> None:
        """See `Spaces`."""
        (error,) = await self._queue.commit([change])
        if error is not None:
            raise error

    async def commit_all(self, changes: Sequence[Change]) -> list[Exception | None]:
        """See `Spaces`."""
        return await self._queue.commit(changes)

    async def signed_in(self, person: PersonId | None, email: str = "") -> SignedIn:
        """See `Spaces`."""
        row = await self.person_by_email(email) if person is None else (await self.people([person]))[0]
        return SignedIn(row, _revision(self._network))

    async def define(self, definition: Definition) -> int:
        """See `Spaces`."""
        return await self._queue.run(lambda: self._define(definition))

    def _define(self, definition: Definition) -> int:
        _DEFINITIONS.define(self._network_writes, definition)
        return _revision(self._network_writes)

    async def definitions(self, after: int = 0) -> list[Definition]:
        """See `Spaces`."""
        return _asked(self._network, _DEFINITIONS.definitions(after))

    async def definition_versions(self, company: CompanyId, id: str) -> list[Definition]:
        """See `Spaces`."""
        return _asked(self._network, _DEFINITIONS.definition_versions(company, id))

    async def past_versions(self, asked: VersionsAsked) -> list[VersionsPage]:
        """See `Spaces`."""
        return _asked(self._network, _DEFINITIONS.past_versions(asked))

    async def close(self) -> None:
        """See `Spaces`. What is under way is finished first."""
        if self._closed:
            return
        self._closed = True
        await self._queue.close()
        if self._writer.settled and not self._observed:
            self._mark(clean=True)
        self._release()

    def _release(self) -> None:
        self._readers.close()
        self._written.close()
        for connection in self._opened:
            connection.close()
        self._folder.close()

    def _readable(self, company: CompanyId) -> bool:
        """Whether the company has a file to read, or may have one made."""
        return company in self._known() or (not self._observed and self._exists(self._network, company))

    def _known(self) -> set[CompanyId]:
        """The companies that have a file; one who just looks on has to look again."""
        if self._observed:
            self._with_file.update(self._folder.company_ids())
        return self._with_file

    def _exists(self, network: sqlite3.Connection, company: CompanyId) -> bool:
        return network.execute("SELECT 1 FROM company WHERE id = ?", (company,)).fetchone() is not None


def _asked(connection: sqlite3.Connection, question: Question[T]) -> T:
    return question.answer(connection.execute(question.sql, question.values).fetchall())


def _revision(network: sqlite3.Connection) -> int:
    """The number of the newest version of a definition."""
    (found,) = network.execute("SELECT coalesce(max(rowid), 0) FROM definition").fetchone()
    return int(found)
