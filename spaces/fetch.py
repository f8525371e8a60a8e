"""Fetches: what the gateway asks of the spaces, as frozen values. None can be built without its mask.

Rows come back as tuples of raw column values in the order of the asked fields' `columns` (money takes two
places; many-valued and struct fields are their JSON text). They are raw: whoever builds an answer applies the
mask that the fetch carried. What a fetch compares or sorts inside the space is projected through the mask first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol

from schema.field import Field
from schema.kind import Kind
from schema.mask import MaskProgram, SideMasks
from schema.names import CompanyId, PersonId, RecordId
from schema.sharing import Sharing
from schema.viewer import Attributes
from schema.where import ALWAYS, Where


@dataclass(frozen=True, slots=True)
class Order:
    """One sort key: a page column (see PageFetch). Null is the smallest value. `partners.<column>` needs an
    `aggregate`: the largest or smallest value that is visible among the partners' sides, null where there is none. Of
    amounts of money it is the one of the largest or smallest currency, for amounts in different currencies do not
    compare: so an order by the currency and then by the amount, both aggregated, is by one side's money."""

    column: str
    descending: bool = False
    aggregate: Literal["max", "min"] | None = None


class PartnerMasks(Protocol):
    """The viewer's masks for the sides of any company."""

    @property
    def record_columns(self) -> frozenset[str]:
        """Columns of the record (see schema.mask.record_columns) that the masks of any company may read. Whoever
        reads partners' sides brings them all, so what it reads hangs on no partner."""
        ...

    def of(self, company: CompanyId) -> SideMasks:
        """The masks for this company's sides of the fetch's kind. Never raises: a failing decision denies."""
        ...

    def texts(self, company: CompanyId) -> tuple[Field, ...]:
        """The custom fields of this company's sides that can be searched (see schema.words): all that its kind has,
        be they in the fetch's kind or not. The masks decide which of them are seen."""
        ...


@dataclass(frozen=True, slots=True)
class Related:
    """The masks through which a filter, a sort or a group may look at what hangs on a record.

    Rows of `participants`: those that `participants` (columns of ParticipantFetch) shows. Columns: `company`, `role`,
    `status`. Rows of `partners`: the sides of those of them that are other companies and ACCEPTED, where the side's
    mask (`partners.of(company)`, the row's sharing, `viewer_status`, `owner_status`, own columns, the record's columns)
    shows its existence. Columns: `company`, and each side column by bare name, null where hidden. A side without a row
    has all null and no overrides. So which companies' spaces are read hangs on what the viewer knows, never on what a
    side holds.
    """

    partners: PartnerMasks
    participants: MaskProgram


@dataclass(frozen=True, slots=True)
class Search:
    """What text is searched for, as `schema.words` cuts it, and where: text columns of searchable fields with the
    weight of each, a page column or `partners.<column>`, the other sides as in Related. Of a partner's side the column
    `partners.cf_*` is every text of a custom field that the partner has and the mask shows, each by itself: also of
    fields that the fetch's kind has not, and that a filter cannot name.

    A record is found where each word is the beginning of some word in some column. For each word counts the best
    column that has it: its weight, and 1 more where it has the whole word; the sum is the record's score, the column
    `search.score`. Every column is projected first, as for any filter: a hidden text is as one never set.
    """

    words: tuple[str, ...]
    columns: tuple[tuple[str, int], ...]

    def __post_init__(self) -> None:
        if not self.words:
            raise ValueError("a Search needs a word")


@dataclass(frozen=True, slots=True)
class PageFetch:
    """The records of one kind in which `company` takes part, as far as `joint_mask` lets them exist.

    Page columns, for `where` and `order`: `joint.<column>`, `mine.<column>` (columns of the company's own side),
    `created_at`, `updated_at`, `role`, `status` (the company's own participation). Each is projected first: a joint
    column through `joint_mask` (columns `viewer_status`, `viewer_role`), an own column through `own_masks` and the
    row's sharing (columns `viewer_status`, `owner_status`, both the company's status, and `mine` columns by bare name).
    Masks may also read columns of the record, by the names of schema.mask: the raw values decide, also those that the
    viewer may not see. Hidden is null. `updated_at` is the newest of the participant's `touched_at` and the stamps of
    own side fields that the mask shows. Ties are broken by record id, ascending.
    With `search` just the records that it finds are listed, and `order` may name its score.
    `after`/`before` hold the projected values of `order`'s columns and the record id of a row; the page is the
    `limit` rows just behind or before it; with `backwards` the last `limit` rows, still in the asked order.
    """

    kind: Kind
    company: CompanyId
    joint_mask: MaskProgram
    own_masks: SideMasks
    joint: tuple[Field, ...]
    own: tuple[Field, ...]
    where: Where = ALWAYS
    order: tuple[Order, ...] = ()
    limit: int = 50
    after: tuple[Any, ...] | None = None
    before: tuple[Any, ...] | None = None
    backwards: bool = False
    count: bool = False
    updated: bool = False  # whether PageRow.updated_at is wanted
    ids: tuple[RecordId, ...] | None = None  # only these records, for look-ups by id
    related: Related | None = None  # needed where `where` quantifies, `order` aggregates or `search` names partners
    search: Search | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.joint_mask, MaskProgram) or not hasattr(self.own_masks, "program"):
            raise TypeError("a PageFetch needs the viewer's masks")


class PageRow(NamedTuple):
    """One record for the viewer's company. `own` and `sharing` are None where it has no side yet; `keys` are the
    projected values of the order's columns, for a cursor. `own_version` counts the writes of the own side;
    `own_updated_at` is its newest visible stamp."""

    record: RecordId
    owner: CompanyId
    role: str
    status: str
    created_at: str
    updated_at: str | None
    joint: tuple[Any, ...]
    own: tuple[Any, ...] | None
    sharing: Sharing | None
    own_version: int | None
    own_updated_at: str | None
    keys: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """`rows` in order; whether rows lie beyond the last and before the first; `total` where `count` was asked."""

    rows: list[PageRow]
    has_next: bool
    has_previous: bool
    total: int | None


@dataclass(frozen=True, slots=True)
class Dimension:
    """What groups are made by: a page column, or with `partners.` before it a column of a partner's side
    (`partners.company` is whose); a date or time may be cut to its month (`2026-11`), quarter (`2026-Q4`) or
    year (`2026`)."""

    column: str
    bucket: Literal["month", "quarter", "year"] | None = None


@dataclass(frozen=True, slots=True)
class GroupFetch:
    """Groups of the records that a PageFetch of the same filter would list.

    Where a dimension or measure begins with `partners.`, what is grouped are pairs of a record and one of its
    partners' sides (a record without such a side is in no group); else the records themselves. Every value is
    projected first, as in PageFetch: hidden values are in the null group, as unset ones. `measures` are number
    columns (for money the `_minor` column); a money measure is kept apart by its currency. At most `limit` groups,
    those of the largest size first, then by keys, null first.
    """

    kind: Kind
    company: CompanyId
    joint_mask: MaskProgram
    own_masks: SideMasks
    by: tuple[Dimension, ...]
    measures: tuple[str, ...] = ()
    where: Where = ALWAYS
    related: Related | None = None  # needed where `where` quantifies or anything names partners
    limit: int = 1_000

    def __post_init__(self) -> None:
        if not isinstance(self.joint_mask, MaskProgram) or not hasattr(self.own_masks, "program"):
            raise TypeError("a GroupFetch needs the viewer's masks")


class Total(NamedTuple):
    """A measure in a group, over its visible values: their currency (None for plain numbers), how many, sum,
    smallest and largest. The average is sum / number."""

    currency: str | None
    number: int
    sum: int | float
    smallest: int | float
    largest: int | float


class GroupRow(NamedTuple):
    """One group: its keys in the order of `by`, how many records (or pairs) it has, and for each measure its
    totals by currency, in order of currency; empty where no value is visible."""

    keys: tuple[Any, ...]
    size: int
    totals: tuple[tuple[Total, ...], ...]


@dataclass(frozen=True, slots=True)
class Groups:
    """The first groups, and how many there are in all."""

    rows: list[GroupRow]
    total: int


@dataclass(frozen=True, slots=True)
class ParticipantFetch:
    """All participants of some records, of any status. `mask` decides which the viewer may know of; its columns
    are `company`, `own` (whether it is the viewer's), `status`, `role`, `viewer_status`, `viewer_role`; bit 0 is
    existence."""

    records: tuple[RecordId, ...]
    mask: MaskProgram

    def __post_init__(self) -> None:
        if not isinstance(self.mask, MaskProgram):
            raise TypeError("a ParticipantFetch needs the viewer's mask")


class ParticipantRow(NamedTuple):
    """One company on a record: role and status as in `spaces.change.Participation`, `message` of the invitation."""

    record: RecordId
    company: CompanyId
    role: str
    status: str
    message: str | None


@dataclass(frozen=True, slots=True)
class SideFetch:
    """The own sides of some records of one kind, of companies whose sides have the same masks: one for all of them, as
    a page has sides of a hundred companies. `reader` is the company that reads: a backend may refuse it, as a second
    lock, what it neither owns nor takes part in. None is the network itself, for what nobody is shown."""

    kind: Kind
    reader: CompanyId | None
    records: Mapping[CompanyId, Sequence[RecordId]]
    fields: tuple[Field, ...]
    masks: SideMasks
    stamps: bool = False  # whether SideRow.stamps is wanted

    def __post_init__(self) -> None:
        if not hasattr(self.masks, "program"):
            raise TypeError("a SideFetch needs the viewer's masks")


class SideRow(NamedTuple):
    """One side. `stamps` maps a field's ident to the time of its last change, for the fields ever set."""

    record: RecordId
    company: CompanyId
    sharing: Sharing
    version: int
    values: tuple[Any, ...]
    stamps: dict[str, str] | None


@dataclass(frozen=True, slots=True)
class HistoryOf:
    """A record whose history is asked for: role and status of the viewer's company on it, and the bits that the masks
    give the viewer now, of the record and of the own side (0 where that does not exist for it)."""

    record: RecordId
    role: str
    status: str
    joint: int
    side: int


@dataclass(frozen=True, slots=True)
class HistoryFetch:
    """The history of some records of one kind, as `company`, which takes part in them, may read it (see
    `spaces.history`): each record's newest entries first.

    - Its own side's fields and their sharing: of the fields whose bits `side` has. That the side was begun: where it
      has EXISTS. Other companies' sides have no history for it.
    - Joint fields: of those whose bits `joint` has. These entries, and that the record was opened, show where they are
      newer than the company's last acceptance; of those who took part from the beginning all do.
    - Participants: of the companies whose participation, as it is now, was before and became, `participants` shows
      (its columns as in ParticipantFetch, without `company`), from the company's last acceptance on.
    - Of fields that link to records those entries whose record exists for the company: it takes part, and the mask
      of the record's kind in `links` (columns `viewer_status`, `viewer_role`, and the record's) has EXISTS.

    `fields` leaves just fields with these idents, and their sharing. `after` and `before` are positions of entries;
    the page is the `limit` entries just behind or before it; with `backwards` the last `limit`, still newest first.
    """

    kind: Kind
    company: CompanyId
    records: tuple[HistoryOf, ...]
    participants: MaskProgram
    links: tuple[tuple[Kind, MaskProgram], ...]
    fields: frozenset[str] | None = None
    limit: int = 50
    after: tuple[Any, ...] | None = None
    before: tuple[Any, ...] | None = None
    backwards: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.participants, MaskProgram):
            raise TypeError("a HistoryFetch needs the viewer's mask")


class CompanyRow(NamedTuple):
    """A member company. Id and name are known to every signed-in person of the network. One that was erased has an
    empty name (see `spaces.parcel`)."""

    id: CompanyId
    name: str


class PersonRow(NamedTuple):
    """A person of one company. `email` is lower case and unique in the network; `attributes` are what its company says
    of it; `presenting` the companies that it shows its screen to, sorted."""

    id: PersonId
    company: CompanyId
    email: str
    name: str
    roles: tuple[str, ...]
    hide_private: bool
    active: bool
    attributes: Attributes = ()
    presenting: tuple[CompanyId, ...] = ()


class SignedIn(NamedTuple):
    """Who signs in, None where there is no such person, and the revision: the number of the newest version of a
    definition, 0 where there is none."""

    person: PersonRow | None
    revision: int
