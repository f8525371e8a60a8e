"""The writer: commits changes, wave by wave, in the one thread that writes.

For each wave: 1. for each company one transaction on its file, in which every change is checked and its side,
receipt and intent are written; 2. one transaction on the network's file, which applies the intents and remembers
that it has. A crash between the two leaves the intents in the outboxes; `recover` applies them. Their rows are
deleted later, when the company's file is next written.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from schema.errors import Fault
from schema.kind import Catalog
from schema.names import CompanyId
from spaces.change import Change
from spaces.effect import needs_company_file
from spaces.sql.intent import Intent, apply_intent, intent_of
from spaces.sql.side_store import check_network, check_receipt, check_side, write_side
from spaces.sqlite.connections import FilePool
from spaces.sqlite.outbox import applied_upto, mark_applied, parsed_intent
from spaces.sqlite.store import STORE
from spaces.sqlite.waves import waves


class NotWritten(Fault):
    """The engine could not write; the message names the cause."""


@dataclass(frozen=True, slots=True)
class _Staged:
    """A change whose company part is committed: its place, its intent and the intent's id in the outbox."""

    place: int
    intent: Intent
    outbox: int | None


class Writer:
    """Commits changes. Belongs to one thread."""

    def __init__(self, network: sqlite3.Connection, files: FilePool, catalog: Catalog) -> None:
        self._network = network
        self._files = files
        self._kinds = catalog.by_name
        self._unapplied: set[CompanyId] = set()  # whose intents the network's file did not take

    @property
    def settled(self) -> bool:
        """Whether no intent waits in an outbox."""
        return not self._unapplied

    def write(self, changes: Sequence[Change]) -> list[Exception | None]:
        """Commits many changes in order, each wholly or not at all. For each its error, or None."""
        errors: list[Exception | None] = [None] * len(changes)
        for wave in waves(changes):
            self._write_wave(changes, wave, errors)
        return errors

    def recover(self, company: CompanyId) -> None:
        """Applies what waits in a company's outbox. Raises NotWritten."""
        upto = applied_upto(self._network, company)
        rows = self._files.take(company).connection.execute(
            "SELECT id, intent FROM outbox WHERE id > ? ORDER BY id", (upto,)
        )
        waiting = [_Staged(-1, parsed_intent(text), id_) for id_, text in rows]
        if waiting:
            self._apply(waiting)
        self._unapplied.discard(company)

    def _write_wave(self, changes: Sequence[Change], wave: list[int], errors: list[Exception | None]) -> None:
        by_company: dict[CompanyId, list[int]] = {}
        for place in wave:
            by_company.setdefault(changes[place].company, []).append(place)
        staged: list[_Staged] = []
        try:
            for company in sorted(self._unapplied):
                self.recover(company)
            for company, places in by_company.items():
                staged += self._stage(company, changes, places, errors)
            if staged:
                self._apply(staged)
        except Exception as error:
            self._unapplied.update(CompanyId(each.intent.company) for each in staged if each.outbox is not None)
            for place in wave:
                errors[place] = errors[place] or error

    def _stage(
        self, company: CompanyId, changes: Sequence[Change], places: list[int], errors: list[Exception | None]
    ) -> list[_Staged]:
        if not any(needs_company_file(changes[place]) for place in places):
            return self._stage_each(None, changes, places, errors)
        try:
            connection = self._files.take(company).connection
            connection.execute("BEGIN IMMEDIATE")
            try:
                connection.execute("DELETE FROM outbox WHERE id <= ?", (applied_upto(self._network, company),))
                staged = self._stage_each(connection, changes, places, errors)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        except (sqlite3.Error, Fault) as error:
            for place in places:
                errors[place] = NotWritten(f"a company's file could not be written: {error}")
            return []
        return staged

    def _stage_each(
        self,
        connection: sqlite3.Connection | None,
        changes: Sequence[Change],
        places: list[int],
        errors: list[Exception | None],
    ) -> list[_Staged]:
        staged = []
        for place in places:
            if connection is not None:
                connection.execute("SAVEPOINT change")
            try:
                if one := self._stage_one(connection, changes[place], place):
                    staged.append(one)
            except sqlite3.OperationalError:
                raise  # the file fails, not the change
            except Exception as error:
                errors[place] = error
                if connection is not None:
                    connection.execute("ROLLBACK TO change")
            if connection is not None:
                connection.execute("RELEASE change")
        return staged

    def _stage_one(self, connection: sqlite3.Connection | None, change: Change, place: int) -> _Staged | None:
        if connection is not None:
            check_receipt(connection, change)
        check_network(STORE, self._network, change)
        if connection is None or not needs_company_file(change):
            intent = intent_of(change, None)
            intent.text()  # refuses here what could not be stored
            return None if intent.empty() else _Staged(place, intent, None)
        check_side(connection, change)
        intent = intent_of(change, write_side(STORE, connection, change))
        if intent.empty():
            return None
        cursor = connection.execute("INSERT INTO outbox (intent) VALUES (?)", (intent.text(),))
        return _Staged(place, intent, cursor.lastrowid)

    def _apply(self, staged: Sequence[_Staged]) -> None:
        upto: dict[str, int] = {}
        network = self._network
        try:
            network.execute("BEGIN IMMEDIATE")
            for each in staged:
                apply_intent(STORE, network, each.intent, self._kinds.get(each.intent.kind))
                if each.outbox is not None:
                    upto[each.intent.company] = each.outbox
            for company, outbox in upto.items():
                mark_applied(network, company, outbox)
            network.execute("COMMIT")
        except BaseException as error:
            if network.in_transaction:
                network.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                raise NotWritten(f"the network's file could not be written: {error}") from error
            raise
