"""`run_import`: the whole import.

1. tell which lines of lookups are left out; 2. count the rows, and where the mapping says which of two rows with one
natural key is newer, find the newest; 3. batch by batch: plan each row, find what is stored, derive the changes,
commit them, report each row. A bad row is refused alone.
"""

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias

from gateway.importing.actors import Actors
from gateway.importing.changes import Wanted, WantedSide, creating, fields_to_read, updating
from gateway.importing.opening import Opened
from gateway.importing.report import Outcome, Reporter, Result, Summary
from gateway.importing.rows import PlannedRecord, plan_row
from gateway.importing.sources import BadRow
from gateway.importing.stored import find_records, read_stored
from schema.errors import BadInput
from schema.names import CompanyId, IdFactory, RecordId
from spaces.change import Change, NaturalKeyTaken, Stale, VersionMoved
from spaces.contract import Spaces

BATCH = 250
"""Rows that are looked up and committed together."""

_Age: TypeAlias = tuple[str, int, int]  # `newest`, place among the rows, line


async def run_import(
    opened: Opened,
    spaces: Spaces,
    *,
    now: Callable[[], str],
    new_id: IdFactory,
    report: Reporter,
) -> Summary:
    """Loads what `open_source` opened, and returns what became of its rows. `now` gives the time as
    `YYYY-MM-DDTHH:MM:SS.ffffffZ`. What is committed is durable, so an import that was stopped is finished by
    importing again. Raises what the spaces raise when they cannot write; rows that were committed before stay."""
    return await _Import(spaces, now, new_id, report).run(opened)


@dataclass(frozen=True, slots=True)
class _Step:
    """A planned row with its wanted record, and the record that is there already, on which `finder` takes part."""

    line: int
    wanted: Wanted
    found: RecordId | None
    finder: CompanyId | None


class _Import:
    """One import under way."""

    def __init__(self, spaces: Spaces, now: Callable[[], str], new_id: IdFactory, report: Reporter) -> None:
        self._spaces = spaces
        self._now = now
        self._new_id = new_id
        self._report = report
        self._actors = Actors(spaces, new_id)
        self._counts: dict[Result, int] = {"loaded": 0, "changed": 0, "skipped": 0, "refused": 0}
        self._file = ""

    def _tell(self, line: int, result: Result, reason: str = "") -> None:
        self._counts[result] += 1
        self._report.outcome(Outcome(self._file, line, result, reason))

    def _summary(self) -> Summary:
        return Summary(**self._counts, companies=self._actors.made_companies, people=self._actors.made_people)

    async def run(self, opened: Opened) -> Summary:
        """See `run_import`."""
        self._file = opened.file.name
        self._counts["refused"] += len(opened.left_out)
        for outcome in opened.left_out:
            self._report.outcome(outcome)
        self._report.start(self._file, sum(1 for _ in opened.file.rows()))
        try:
            chosen = self._choose(opened)
            while batch := list(islice(chosen, BATCH)):
                await self._load(opened, batch)
        finally:
            self._report.finish(self._summary())
        return self._summary()

    def _choose(self, opened: Opened) -> Iterator[PlannedRecord]:
        """The rows to load. Those that are broken, older than another, or come again are reported here."""
        dated = opened.mapping.newest is not None
        newest = _newest(opened) if dated else {}
        for place, read in enumerate(_plans(opened)):
            if isinstance(read, BadRow):
                self._tell(read.line, "refused", read.reason)
                continue
            own, pairs = (read.newest, place, read.line), _pairs(read)
            line = next((age[2] for pair in pairs if (age := newest.get(pair, own))[1] != place), None)
            if line is None:
                newest.update(dict.fromkeys(pairs, own))
                yield read
            elif dated:
                self._tell(read.line, "skipped", f"the row of line {line} is newer and has the same natural key.")
            else:
                self._tell(read.line, "refused", f"the row of line {line} has the same natural key.")

    async def _load(self, opened: Opened, batch: Sequence[PlannedRecord]) -> None:
        kind = opened.mapping.kind
        steps = await self._find(opened, batch)
        joint = [field.name for field, _ in opened.mapping.joint]
        side = [field.name for field, _ in (*opened.mapping.side, *opened.mapping.owner_side)]
        read = fields_to_read(kind, joint, side)
        known = {step.found: _companies(step) for step in steps if step.found is not None}
        stored = await read_stored(self._spaces, kind, known, read.joint, read.side)
        work: list[tuple[_Step, list[Change]]] = []
        for step in steps:
            if step.found is None:
                changes = creating(kind, RecordId(self._new_id(kind.prefix)), step.wanted, self._now())
            else:
                changes = updating(kind, step.found, step.wanted, stored[step.found], read, self._now())
            work.append((step, changes))
        errors = iter(await self._spaces.commit_all([change for _, changes in work for change in changes]))
        for step, changes in work:
            failed = [error for error in islice(errors, len(changes)) if error is not None]
            self._settle(step, changes, failed)

    def _settle(self, step: _Step, changes: Sequence[Change], failed: Sequence[Exception]) -> None:
        for error in failed:
            if not isinstance(error, Stale | VersionMoved | NaturalKeyTaken):
                raise error
        if failed:
            self._tell(step.line, "refused", "somebody changed the record at the same time; import again.")
        elif not changes:
            self._tell(step.line, "skipped")
        else:
            self._tell(step.line, "loaded" if step.found is None else "changed")

    async def _find(self, opened: Opened, batch: Sequence[PlannedRecord]) -> list[_Step]:
        """The rows of the batch with ids for names, and with the record that carries their natural key."""
        ids = await self._actors.companies(side.company for planned in batch for side in planned.sides)
        pairs = [[(ids[side.company], side.key) for side in planned.sides] for planned in batch]
        steps: list[_Step] = []
        found = await find_records(self._spaces, opened.mapping.kind, pairs)
        for planned, records in zip(batch, found, strict=True):
            try:
                wanted = await self._wanted(planned, ids)
                if len(set(records.values())) > 1:
                    raise BadInput("its companies have this natural key on different records.")
            except BadInput as error:
                self._tell(planned.line, "refused", error.message)
            else:
                finder, record = next(iter(records.items()), (None, None))
                steps.append(_Step(planned.line, wanted, record, finder))
        return steps

    async def _wanted(self, planned: PlannedRecord, ids: ReadOnly[str, CompanyId]) -> Wanted:
        sides = []
        for side in planned.sides:
            values = await self._actors.resolve(side.values, side.company)
            sides.append(WantedSide(ids[side.company], values, side.key))
        return Wanted(await self._actors.resolve(planned.joint, planned.sides[0].company), tuple(sides))


def _companies(step: _Step) -> list[CompanyId]:
    """The companies whose sides are compared, one that surely takes part first."""
    companies = [side.company for side in step.wanted.sides]
    return sorted(companies, key=lambda company: company != step.finder)


def _plans(opened: Opened) -> Iterator[PlannedRecord | BadRow]:
    """Each row as it is planned, or why it cannot be."""
    for row in opened.file.rows():
        if isinstance(row, BadRow):
            yield row
            continue
        try:
            yield plan_row(opened.mapping, opened.tables, row)
        except BadInput as error:
            yield BadRow(row.line, error.message)


def _pairs(planned: PlannedRecord) -> list[tuple[str, str]]:
    """Rows are of one record where they give one company the same natural key."""
    return [(side.company, side.key) for side in planned.sides]


def _newest(opened: Opened) -> dict[tuple[str, str], _Age]:
    """The newest row of each company and natural key; of two that are equally new the later one in the file."""
    found: dict[tuple[str, str], _Age] = {}
    for place, read in enumerate(_plans(opened)):
        if not isinstance(read, BadRow):
            age = (read.newest, place, read.line)
            found.update({pair: max(found.get(pair, age), age) for pair in _pairs(read)})
    return found
