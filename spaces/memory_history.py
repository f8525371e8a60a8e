"""History, the plain way: lists of entries, and what a reader may see of them."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from schema.mask import EXISTS
from schema.names import CompanyId, PersonId, RecordId
from spaces.fetch import HistoryFetch, HistoryOf
from spaces.history import PARTICIPANT, Entry, HistoryPage, HistoryRow
from spaces.history_seen import after_acceptance, keys_of, known_standings
from spaces.memory_rows import Record
from spaces.memory_view import facts_of_record
from spaces.placed import page_of


@dataclass(frozen=True, slots=True)
class KeptHistory:
    """All entries: of sides, and of the shared part of records, each in the order in which they were kept."""

    sides: dict[tuple[CompanyId, RecordId], list[HistoryRow]] = field(default_factory=dict)
    shared: dict[RecordId, list[HistoryRow]] = field(default_factory=dict)

    def keep_side(
        self, company: CompanyId, record: RecordId, person: PersonId, at: str, entries: Iterable[Entry]
    ) -> None:
        """Keeps entries of a company's side."""
        _keep(self.sides.setdefault((company, record), []), company, record, person, at, entries)

    def keep_shared(
        self, company: CompanyId, record: RecordId, person: PersonId, at: str, entries: Iterable[Entry]
    ) -> None:
        """Keeps entries of the shared part of a record."""
        _keep(self.shared.setdefault(record, []), company, record, person, at, entries)


def _keep(
    kept: list[HistoryRow], company: CompanyId, record: RecordId, person: PersonId, at: str, entries: Iterable[Entry]
) -> None:
    for entry in entries:
        same = [row for row in kept if (row.what, row.key, row.part) == entry[:3]]
        time = max([at, *(row.at for row in same)])
        turn = sum(row.at == time for row in same)
        kept.append(HistoryRow(record, time, *entry[:3], turn, company, person, entry.before, entry.after))


def memory_history(fetch: HistoryFetch, kept: KeptHistory, records: Mapping[RecordId, Record]) -> list[HistoryPage]:
    """The history of each record."""
    known = frozenset(known_standings(fetch))
    linked = {kind.name: (kind, mask) for kind, mask in fetch.links}

    def is_known(of: HistoryOf, company: str, role: str, status: str) -> bool:
        return (of.role, of.status, company == fetch.company, role, status) in known

    def takes_part(of: HistoryOf, company: CompanyId) -> bool:
        inside = records[of.record].participants.get(company)
        return inside is not None and is_known(of, company, inside.role, inside.status)

    def exists(record: str) -> bool:
        found = records.get(RecordId(record))
        mine = found.participants.get(fetch.company) if found else None
        if found is None or mine is None or found.kind not in linked:
            return False
        kind, mask = linked[found.kind]
        facts = {**facts_of_record(kind, found), "viewer_role": mine.role, "viewer_status": mine.status}
        return bool(mask.evaluate(*[facts[column] for column in mask.columns]) & EXISTS)

    def shown(of: HistoryOf) -> Iterator[HistoryRow]:
        keys = frozenset(keys_of(fetch, of.joint, of.side))
        for row in kept.sides.get((fetch.company, of.record), ()):
            if (row.what, row.key) in keys and (not row.part or exists(row.part)):
                yield row
        shared = kept.shared.get(of.record, ())
        since = max((row.at for row in shared if row.key == fetch.company and _accepts(row)), default="")
        for row in shared:
            if row.what == PARTICIPANT:
                states = [json.loads(text) for text in (row.before, row.after) if text is not None]
                seen = fetch.fields is None and row.at >= since and takes_part(of, CompanyId(row.key))
                seen = seen and all(is_known(of, row.key, *state) for state in states)
            else:
                seen = (row.what, row.key) in keys and row.at > since and (not row.part or exists(row.part))
            if seen and row.company is not None:
                company = row.company if takes_part(of, row.company) else None
                yield row._replace(company=company, person=row.person if row.company == fetch.company else None)

    return [_page(fetch, list(shown(of)) if of.record in records else []) for of in fetch.records]


def _accepts(row: HistoryRow) -> bool:
    if row.what != PARTICIPANT or row.after is None:
        return False
    before = json.loads(row.before) if row.before else None
    return after_acceptance(before, json.loads(row.after))


def _page(fetch: HistoryFetch, rows: list[HistoryRow]) -> HistoryPage:
    return HistoryPage(
        *page_of(rows, lambda row: row.position, fetch.after, fetch.before, fetch.limit, backwards=fetch.backwards)
    )
