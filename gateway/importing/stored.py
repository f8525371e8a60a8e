"""What the spaces hold already of the records that rows ask for.

An import acts for the operator of the network, who loads each company's own data into its own space, so it reads
all of the sides that it is about to write: the masks here show everything. Nothing read here is ever answered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schema.field import Field
from schema.kind import Kind
from schema.mask import EXISTS, MaskProgram
from schema.names import CompanyId, RecordId
from schema.sharing import Sharing
from spaces.contract import Spaces
from spaces.fetch import PageFetch, ParticipantFetch, SideFetch, SideRow


def _all(bits: int) -> MaskProgram:
    return MaskProgram(bits, evaluate=lambda *_: bits)


def everything(kind: Kind) -> MaskProgram:
    """The mask of an operator for joint fields: every one."""
    return _all(kind.all_joint)


class WholeSides:
    """The `SideMasks` of an operator: every field, whatever the sharing."""

    columns: frozenset[str] = frozenset()

    def __init__(self, kind: Kind) -> None:
        self._program = _all(kind.all_side)
        self._bits = {column: field.bit for field in kind.side for column in field.columns}

    def bit(self, column: str) -> int:
        """The bit of a column's field."""
        return self._bits.get(column, 0)

    def program(self, sharing: Sharing) -> MaskProgram:
        """The one program."""
        return self._program


@dataclass(frozen=True, slots=True)
class Stored:
    """A record as it is kept: column values of the asked joint fields, the statuses of its participants, and the
    sides that exist of the companies asked for."""

    joint: tuple[Any, ...]
    statuses: Mapping[CompanyId, str]
    sides: Mapping[CompanyId, SideRow]


async def find_records(
    spaces: Spaces, kind: Kind, wanted: Sequence[Sequence[tuple[CompanyId, str]]]
) -> list[dict[CompanyId, RecordId]]:
    """For each row's companies and natural keys the records that carry them, by company."""
    keys: dict[CompanyId, list[str]] = {}
    for pairs in wanted:
        for company, key in pairs:
            keys.setdefault(company, []).append(key)
    known: dict[tuple[CompanyId, str], RecordId] = {}
    for company, asked in keys.items():
        found = await spaces.record_by_natural_key(company, kind, asked)
        known.update({(company, key): id_ for key, id_ in zip(asked, found, strict=True) if id_ is not None})
    return [{company: known[company, key] for company, key in pairs if (company, key) in known} for pairs in wanted]


async def read_stored(
    spaces: Spaces,
    kind: Kind,
    records: Mapping[RecordId, Sequence[CompanyId]],
    joint: tuple[Field, ...],
    side: tuple[Field, ...],
) -> dict[RecordId, Stored]:
    """The records with these fields. The first company given for each takes part in it; sides are read of all."""
    if not records:
        return {}
    rows: dict[RecordId, tuple[Any, ...]] = {}
    firsts = {record: companies[0] for record, companies in records.items()}
    for company, ids in _by_company({record: [first] for record, first in firsts.items()}).items():
        whole, sides = _all(kind.all_joint), WholeSides(kind)
        page = await spaces.page(PageFetch(kind, company, whole, sides, joint, (), limit=len(ids), ids=ids))
        rows.update({row.record: row.joint for row in page.rows})
    statuses: dict[RecordId, dict[CompanyId, str]] = {record: {} for record in records}
    for each in await spaces.participants(ParticipantFetch(tuple(records), _all(EXISTS))):
        statuses[each.record][each.company] = each.status
    found: dict[RecordId, dict[CompanyId, SideRow]] = {record: {} for record in records}
    (read,) = await spaces.sides([SideFetch(kind, None, _by_company(records), side, WholeSides(kind))])
    for row in read:
        found[row.record][row.company] = row
    return {record: Stored(joint_row, statuses[record], found[record]) for record, joint_row in rows.items()}


def _by_company(records: Mapping[RecordId, Sequence[CompanyId]]) -> dict[CompanyId, tuple[RecordId, ...]]:
    grouped: dict[CompanyId, list[RecordId]] = {}
    for record, companies in records.items():
        for company in companies:
            grouped.setdefault(company, []).append(record)
    return {company: tuple(ids) for company, ids in grouped.items()}
