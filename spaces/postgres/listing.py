"""Pages and groups: of which records a company has, and what of them it may see.

One round trip for the sharing classes of the company, without whose masks nothing can be compiled; two more where
partners' sides are looked at; one for all the rest. What is sent hangs on nothing that is hidden (see
`spaces.sql.partners`).
"""

from schema.sharing import Sharing
from spaces.asked import Asking, needs_partners
from spaces.fetch import GroupFetch, Groups, Page, PageFetch
from spaces.grouping import grouping
from spaces.postgres.classes import SharingClasses
from spaces.postgres.connections import Connections, Reading
from spaces.postgres.dialect import POSTGRES, found_values
from spaces.postgres.partner_sums import read_sums
from spaces.postgres.partners import partner_rows
from spaces.sql.groups import GroupCompiler, group_values, groups_of, pairs_of
from spaces.sql.page import PageCompiler, page_of, page_values
from spaces.sql.partner_sides import PartnerRow
from spaces.sql.partner_sums import sums_in_place
from spaces.sql.partners import NOTHING, Candidates, compile_candidates, resolve
from spaces.sql.record_facts import NO_FACTS, NO_READING, columns_tested, compile_facts
from spaces.sql.selection import Programs, own_programs, selection_alive, selection_key, selection_values
from spaces.sql.statements import Statements


class Listing:
    """Reads pages and groups, and keeps what it compiled for them. Belongs to one event loop."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._classes = SharingClasses()
        self._pages = PageCompiler(POSTGRES)
        self._groups = GroupCompiler(POSTGRES)
        self._candidates = Statements()

    async def page(self, fetch: PageFetch) -> Page:
        """See `Spaces`."""
        async with self._connections.reading(fetch.company) as reading:
            classes, programs = await self._programs(reading, fetch)
            found = NOTHING
            if needs_partners(fetch):
                found = resolve(await self._partners(reading, fetch, programs), fetch, POSTGRES)
            statement = self._pages.statement(fetch, programs)
            values = page_values(statement, fetch, found.bound) | found_values(found.aggregates)
            counting = fetch.count and not statement.counts
            asked = [statement.rows, *([statement.count] if counting else []), *filter(None, statement.edges)]
            rows, *rest = await reading.fetch_many([(sql, values) for sql in asked])
        answers = iter([each[0][0] for each in rest])
        total = None
        if statement.counts:
            total = rows[0][-1] if rows else 0
        elif counting:
            total = next(answers)
        earlier, later = (sql is not None and next(answers) for sql in statement.edges)
        return page_of(rows, total, (earlier, later), statement, fetch, classes)

    async def groups(self, fetch: GroupFetch) -> Groups:
        """See `Spaces`."""
        asked = grouping(fetch)
        async with self._connections.reading(fetch.company) as reading:
            _, programs = await self._programs(reading, fetch)
            if sums_in_place(fetch, asked):
                return await read_sums(reading, await self._candidates_of(reading, fetch, programs), fetch, asked)
            partners = await self._partners(reading, fetch, programs) if needs_partners(fetch) else []
            statement = self._groups.statement(fetch, programs)
            values = group_values(statement, fetch, resolve(partners, fetch, POSTGRES).bound)
            rows = await reading.fetch(statement.sql, values)
        if statement.asked.pairs:
            return pairs_of(rows, partners, statement, fetch)
        return groups_of(rows, statement, fetch)

    async def _programs(self, reading: Reading, fetch: Asking) -> tuple[dict[int, Sharing], Programs]:
        """The sharing classes of the moment that is read, and the programs of the fetch's own masks for them: a class
        that came later would escape a condition compiled for these."""
        classes = await self._classes.of(reading, fetch.company, fetch.kind.name)
        return classes, own_programs(fetch, list(classes.items()))

    async def _partners(self, reading: Reading, fetch: Asking, programs: Programs) -> list[PartnerRow]:
        """The rows of `partners` of the records that may matter to the fetch."""
        return await partner_rows(reading, await self._candidates_of(reading, fetch, programs), fetch)

    async def _candidates_of(self, reading: Reading, fetch: Asking, programs: Programs) -> Candidates:
        """The partners that may matter to the fetch, the records in question, and what masks may test of these."""
        key, alive = selection_key(fetch, programs), selection_alive(fetch, programs)
        sql, values = self._candidates.get(key, alive, lambda: compile_candidates(fetch, programs, POSTGRES))
        bound = selection_values(fetch, POSTGRES)
        columns = columns_tested(fetch)
        if not columns:
            found, _ = await reading.fetch_many([(sql, {**values, **bound}), (NO_READING, ())])
            return Candidates(found, NO_FACTS)
        facts = self._candidates.get((*key, columns), alive, lambda: compile_facts(fetch, programs, POSTGRES))
        asked = [(sql, {**values, **bound}), (facts.sql, {**facts.values, **bound})]
        found, rows = await reading.fetch_many(asked)
        return Candidates(found, facts.facts(rows))
