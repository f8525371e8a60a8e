"""A small world for the suite: kinds with a field of each storage shape, masks by hand, changes in short."""

from collections.abc import Callable, Sequence
from typing import Any

from schema.field import Base, Field, FieldType
from schema.kind import Catalog, Kind
from schema.mask import EXISTS, MaskProgram, record_columns
from schema.matching import holds
from schema.names import CompanyId, PersonId, RecordId
from schema.sharing import PARTICIPANTS, PRIVATE, Sharing
from schema.where import ALWAYS, Comparison, Quantified, Where
from schema.words import searchable
from spaces.change import Change, Participation
from spaces.contract import Spaces
from spaces.fetch import (
    CompanyRow,
    Dimension,
    GroupFetch,
    HistoryFetch,
    HistoryOf,
    Order,
    PageFetch,
    Related,
    SideFetch,
)

TEXT = FieldType("Text", Base.TEXT)
WHOLE = FieldType("Whole", Base.INTEGER)
LIST = FieldType("Text", Base.TEXT, many=True)

A, B, C = CompanyId("co_a"), CompanyId("co_b"), CompanyId("co_c")
ANN = PersonId("pe_ann")


def field(index: int, name: str, part: Any, type_: FieldType) -> Field:
    return Field(name, part, type_, "For tests.", index, "participants")


DEAL = Kind(
    "deal",
    "deals",
    "Deal",
    "dl",
    "A deal.",
    "name",
    joint=(
        field(1, "name", "joint", TEXT),
        field(2, "industry", "joint", TEXT),
        field(3, "rank", "joint", WHOLE),
        field(4, "tags", "joint", LIST),
        field(5, "open", "joint", FieldType("Flag", Base.BOOLEAN)),
    ),
    side=(
        field(1, "stage", "side", TEXT),
        field(2, "amount", "side", FieldType("Money", Base.MONEY)),
        field(3, "chance", "side", WHOLE),
        field(4, "wonAlone", "side", FieldType("Flag", Base.BOOLEAN)),
        field(5, "score", "side", FieldType("Score", Base.NUMBER)),
        field(6, "needs", "side", LIST),
        field(7, "contact", "side", FieldType("Contact", Base.STRUCT, members=(("email", TEXT),))),
        field(8, "closes", "side", FieldType("Date", Base.DATE)),
    ),
)
TIP = Kind(
    "tip", "tips", "Tip", "ti", "A tip.", "name", (field(1, "name", "joint", TEXT),), (field(1, "stage", "side", TEXT),)
)
CATALOG = Catalog((DEAL, TIP), (), (), "1")

OPEN = Sharing((("stage", PARTICIPANTS),))
SHUT = Sharing((("stage", PRIVATE),))
SHUT_AMOUNT = Sharing((("amount", PRIVATE),))


def program(always: int, *cases: tuple[tuple[Comparison, ...], int]) -> MaskProgram:
    """A mask program whose two readings come from the same cases."""
    columns = tuple(dict.fromkeys(test.column for tests, _ in cases for test in tests))

    def evaluate(*values: Any) -> int:
        row = dict(zip(columns, values, strict=True))
        bits = always
        for tests, opened in cases:
            if all(holds(test, row[test.column]) for test in tests):
                bits |= opened
        return bits

    return MaskProgram(always, cases, columns, evaluate)


class Masks:
    """Side masks by hand: one program for each sharing, and one for all others. `kind` is the owner's."""

    def __init__(
        self, otherwise: MaskProgram, by_sharing: dict[Sharing, MaskProgram] | None = None, kind: Kind | None = None
    ) -> None:
        self._otherwise = otherwise
        self._by_sharing = by_sharing or {}
        self._bits = {column: f.bit for f in (kind or DEAL).side for column in f.columns}
        self.texts = searchable((kind or DEAL).custom)

    @property
    def columns(self) -> frozenset[str]:
        programs = (self._otherwise, *self._by_sharing.values())
        return frozenset(column for each in programs for column in each.columns)

    def bit(self, column: str) -> int:
        return self._bits.get(column, 0)

    def program(self, sharing: Sharing) -> MaskProgram:
        return self._by_sharing.get(sharing, self._otherwise)


class ByCompany:
    """Partners' masks by hand: those of each company, and one for all others."""

    def __init__(self, otherwise: Masks, by_company: dict[CompanyId, Masks] | None = None) -> None:
        self._otherwise = otherwise
        self._by_company = by_company or {}

    @property
    def record_columns(self) -> frozenset[str]:
        return record_columns(name for each in (self._otherwise, *self._by_company.values()) for name in each.columns)

    def of(self, company: CompanyId) -> Masks:
        return self._by_company.get(company, self._otherwise)

    def texts(self, company: CompanyId) -> tuple[Field, ...]:
        return self.of(company).texts


ALL_JOINT = program(DEAL.all_joint)
ALL_SIDE = program(DEAL.all_side)
WHOLE_SIDE = Masks(ALL_SIDE)
ALL_RELATED = Related(ByCompany(WHOLE_SIDE), program(EXISTS))


def bits(kind: Kind, part: str, *names: str) -> int:
    """The mask of some fields, and existence."""
    return EXISTS | sum(f.bit for f in kind.fields(part) if f.name in names)


def page(
    company: CompanyId = A,
    *,
    where: Where | Comparison = ALWAYS,
    order: Sequence[str] = (),
    joint_mask: MaskProgram = ALL_JOINT,
    own_masks: Any = WHOLE_SIDE,
    **rest: Any,
) -> PageFetch:
    """A page of deals. An order "-x" is descending."""
    return PageFetch(
        DEAL,
        company,
        joint_mask,
        own_masks,
        DEAL.joint,
        DEAL.side,
        where=where if isinstance(where, Where) else Where(((where,),)),
        order=tuple(map(ordered, order)),
        **rest,
    )


def ordered(by: str) -> Order:
    """An order "-x" is descending; "max partners.x" is by the largest value among the partners' sides."""
    aggregate, _, column = by.removeprefix("-").rpartition(" ")
    by_which: Any = aggregate or None
    return Order(column, by.startswith("-"), by_which)


def some(column: str, op: Any, value: Any, relation: Any = "partners", quantifier: Any = "some") -> Where:
    """The records of which some related row meets one comparison."""
    return Where(((Quantified(relation, quantifier, Where(((Comparison(column, op, value),),))),),))


def groups(*by: str | Dimension, masks: Any = WHOLE_SIDE, related: Related | None = None, **rest: Any) -> GroupFetch:
    """Groups of A's deals."""
    rest.setdefault("joint_mask", ALL_JOINT)
    dimensions = tuple(each if isinstance(each, Dimension) else Dimension(each) for each in by)
    return GroupFetch(kind=DEAL, company=A, own_masks=masks, by=dimensions, related=related, **rest)


def sides(
    company: CompanyId, *records: str, stamps: bool = False, kind: Kind = DEAL, reader: CompanyId | None = None
) -> SideFetch:
    """The whole sides of a company, which reads them itself unless said otherwise."""
    return SideFetch(kind, reader or company, {company: tuple(map(RecordId, records))}, kind.side, WHOLE_SIDE, stamps)


def histories(
    company: CompanyId,
    *records: str,
    role: str = "OWNER",
    status: str = "ACCEPTED",
    joint: int = DEAL.all_joint,
    side: int = DEAL.all_side,
    kind: Kind = DEAL,
    participants: MaskProgram | None = None,
    **rest: Any,
) -> HistoryFetch:
    """All of some records' history that a company may see, unless said otherwise."""
    asked = tuple(HistoryOf(RecordId(each), role, status, joint, side) for each in records)
    links = rest.pop("links", ((TIP, program(EXISTS)), (DEAL, program(EXISTS))))
    return HistoryFetch(kind, company, asked, participants or program(EXISTS), links, **{"limit": 100, **rest})


def change(record: str = "r1", company: CompanyId = A, at: str = "t1", **rest: Any) -> Change:
    """A change of a deal by Ann. `at` sorts as text."""
    return Change(rest.pop("kind", DEAL), RecordId(record), company, rest.pop("person", ANN), at, **rest)


def creation(record: str = "r1", company: CompanyId = A, at: str = "t1", *others: CompanyId, **rest: Any) -> Change:
    """A new deal whose owner and others have accepted, with a side of the owner's."""
    inside = (
        Participation(company, "OWNER", "ACCEPTED"),
        *(Participation(o, "COLLABORATOR", "ACCEPTED") for o in others),
    )
    rest.setdefault("side", {})
    return change(record, company, at, creates=True, participants=inside, **rest)


async def found(company: CompanyId, spaces: Spaces, **rest: Any) -> list[str]:
    """The records of a page."""
    return [row.record for row in (await spaces.page(page(company, **rest))).rows]


async def with_companies(spaces: Spaces) -> None:
    """Adds the companies of this world."""
    for company in (A, B, C):
        await spaces.add_company(CompanyRow(company, company.upper()))


Opener = Callable[[], Spaces]
