"""The objects of one level: parents of batch steps, read by the generated builders.

Each has `type_name`, the GraphQL type it is an instance of, and an attribute for each builtin of that type.
Records and sides also have `mask` and `values`: raw column values that only a reader of the mask may touch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from gateway.build import positions
from gateway.seal import Seal
from schema.errors import Refusal
from schema.field import Field
from schema.formula_fields import written
from schema.kind import Kind
from schema.mask import EXISTS
from schema.names import CompanyId, PersonId, RecordId
from schema.queryable import upper_snake
from schema.sharing import Audience, Sharing
from schema.template import Template
from schema.template_fields import show_field
from schema.viewer import Viewer
from spaces.fetch import Page, PageRow, PersonRow


class Fields:
    """The fields that a fetch brought, of which kind, and where each stands in the raw values; shared by its rows."""

    __slots__ = ("kind", "of_owner", "places", "tuple")

    def __init__(self, kind: Kind, fields: Sequence[Field], of_owner: Kind | None = None) -> None:
        """`kind` is the viewer's; `of_owner` that of the company whose sides they are, where it is another's."""
        self.kind = kind
        self.of_owner = of_owner or kind
        self.tuple = tuple(fields)
        self.places = positions(fields)


class RecordObject:
    """A record as the viewer's company takes part in it."""

    __slots__ = ("fields", "id", "mask", "mine", "row", "values")

    def __init__(self, row: PageRow, mask: int, fields: Fields, mine: "OwnSideObject | None") -> None:
        self.id = row.record
        self.row = row
        self.mask = mask
        self.fields = fields
        self.mine = mine
        self.values = row.joint

    @property
    def kind(self) -> Kind:
        """The kind that it is of."""
        return self.fields.kind

    @property
    def type_name(self) -> str:
        """The kind's type."""
        return self.fields.kind.type_name

    @property
    def created_at(self) -> str:
        """When it was opened."""
        return self.row.created_at

    @property
    def updated_at(self) -> str | None:
        """Last change that the viewer may see."""
        return self.row.updated_at


class SideObject:
    """Another company's side, masked for the viewer: `mask` in the bits of the viewer's kind, `seen` in those of the
    owner's, which may have custom fields that the viewer's has not. `values` is empty where there is no row; the
    masks then are existence alone."""

    __slots__ = ("company", "fields", "mask", "seen", "stamps", "values")
    own = False
    sharing: Sharing | None = None
    version: str | None = None

    def __init__(
        self,
        company: CompanyId,
        mask: int,
        seen: int,
        values: tuple[Any, ...],
        fields: Fields,
        stamps: Mapping[str, str] | None,
    ) -> None:
        self.company = company
        self.mask = mask
        self.seen = seen
        self.values = values
        self.fields = fields
        self.stamps = stamps

    @property
    def type_name(self) -> str:
        """The type of the kind's sides."""
        return self.fields.kind.type_name + "Side"

    @property
    def updated_at(self) -> str | None:
        """The newest stamp of a field that the viewer may see."""
        stamps = self.stamps or {}
        fields = self.fields.of_owner.side
        return max((stamps[f.ident] for f in fields if self.seen & f.bit and f.ident in stamps), default=None)


class OwnSideObject:
    """The own side of the viewer's company, masked for the viewer."""

    __slots__ = ("company", "fields", "mask", "row", "seal", "values")
    own = True

    def __init__(self, company: CompanyId, mask: int, row: PageRow, fields: Fields, seal: Seal) -> None:
        self.company = company
        self.mask = mask
        self.values = row.own or ()
        self.row = row
        self.fields = fields
        self.seal = seal

    @property
    def type_name(self) -> str:
        """The type of the kind's sides."""
        return self.fields.kind.type_name + "Side"

    @property
    def sharing(self) -> Sharing | None:
        """Who may read what of it."""
        return self.row.sharing

    @property
    def version(self) -> str | None:
        """Opaque, for `ifVersion`."""
        if self.row.own_version is None:
            return None
        return seal_version(self.seal, self.company, self.row.record, self.state)

    @property
    def state(self) -> int | list[str | None] | None:
        """What the version says: how often the side was written; to whom not all of it shows, the newest stamp of what
        does, so that writes of the rest do not."""
        whole = self.fields.kind.all_side
        return self.row.own_version if self.mask & whole == whole else [self.row.own_updated_at]

    @property
    def updated_at(self) -> str | None:
        """The newest stamp of a field that the viewer may see."""
        return self.row.own_updated_at


def seal_version(seal: Seal, company: CompanyId, record: RecordId, version: Any) -> str:
    """The opaque version of a company's own side of a record."""
    return seal.close(version_scope(company, record), version)


def version_scope(company: CompanyId, record: RecordId) -> list[str]:
    """What a version is bound to: another company's, or another record's, does not open."""
    return ["version", company, record]


@dataclass(frozen=True, slots=True)
class EdgeObject:
    """A record in a connection."""

    node: RecordObject
    connection: "ConnectionObject"
    type_name: str

    @property
    def cursor(self) -> str:
        """Where this record lies in the order."""
        return self.connection.cursor_of(self.node)


@dataclass(frozen=True, slots=True)
class ConnectionObject:
    """A page of records. `scope` is what a cursor is bound to: viewer, kind, filter and order."""

    type_name: str
    records: Sequence[RecordObject]
    page: Page
    seal: Seal
    scope: list[Any]

    @property
    def total_count(self) -> int | None:
        """Records on all pages."""
        return self.page.total

    def cursor_of(self, record: RecordObject) -> str:
        """The sealed sort keys and id of a record."""
        return self.seal.close(self.scope, [*record.row.keys, record.row.record])


@dataclass(frozen=True, slots=True)
class PageInfoObject:
    """Where a page lies."""

    connection: ConnectionObject
    type_name: str = "PageInfo"

    @property
    def has_next_page(self) -> bool:
        """Whether records follow."""
        return self.connection.page.has_next

    @property
    def has_previous_page(self) -> bool:
        """Whether records precede."""
        return self.connection.page.has_previous

    @property
    def start_cursor(self) -> str | None:
        """Cursor of the first record."""
        records = self.connection.records
        return self.connection.cursor_of(records[0]) if records else None

    @property
    def end_cursor(self) -> str | None:
        """Cursor of the last record."""
        records = self.connection.records
        return self.connection.cursor_of(records[-1]) if records else None


class CompanyObject(NamedTuple):
    """A member company."""

    id: CompanyId
    name: str

    @property
    def type_name(self) -> str:
        """The type."""
        return "Company"


class PersonObject(NamedTuple):
    """A user of one company. `attributes` are None for people of another one."""

    id: PersonId
    name: str
    company: CompanyId
    attributes: list[dict[str, Any]] | None = None

    @property
    def type_name(self) -> str:
        """The type."""
        return "Person"


def person_object(person: PersonRow, viewer: Viewer) -> PersonObject:
    """The person as the viewer sees it."""
    told = None
    if person.company == viewer.company and not viewer.presenting:
        told = [{"name": name, "values": list(values)} for name, values in person.attributes]
    return PersonObject(person.id, person.name, person.company, told)


@dataclass(frozen=True, slots=True)
class ViewerObject:
    """Who asks."""

    person: PersonId
    company: CompanyId
    email: str
    hide_private_fields: bool
    presenting: tuple[CompanyId, ...]
    type_name: str = "Viewer"


@dataclass(frozen=True, slots=True)
class FieldSharingObject:
    """The audience in force of one own side field."""

    field: str
    audience: "AudienceObject"
    type_name: str = "FieldSharing"


class AudienceObject:
    """Who may read a side field."""

    __slots__ = ("companies", "kind", "people")
    type_name = "Audience"

    def __init__(self, audience: Audience) -> None:
        self.kind = audience.kind.upper()
        self.companies = audience.companies
        self.people = audience.people


class TemplateObject:
    """A template, as its own company or one that it is shared with sees it."""

    __slots__ = ("own", "template")
    type_name = "Template"

    def __init__(self, template: Template, viewer: CompanyId) -> None:
        self.template = template
        self.own = template.company == viewer

    def __getattr__(self, name: str) -> Any:
        return getattr(self.template, name)

    @property
    def kind(self) -> str:
        """The kind, as RecordKind writes it."""
        return upper_snake(self.template.kind)

    @property
    def version(self) -> int | None:
        """Counts its changes; null for another company's, whose sharing with others it would tell of."""
        return self.template.version if self.own else None

    @property
    def sections(self) -> list[dict[str, Any]]:
        """Its headings."""
        return [{"key": section.key, "label": section.label} for section in self.template.sections]

    @property
    def fields(self) -> list[dict[str, Any]]:
        """Its custom fields, as they may be given again."""
        formulas = written(self.template.fields)
        shown = [
            {**_NOTHING_SAID, **show_field(field, field.custom, formulas.get(field.ident)), "id": field.ident}
            for field in self.template.fields
            if field.custom
        ]
        for field in shown:
            if not self.own:
                field["audience"] = "PRIVATE"  # whatever its company shows of it: see extended_kind
            field["options"] = field["options"] and [{"standard": None, **option} for option in field["options"]]
        return shown


_NOTHING_SAID: dict[str, Any] = {
    **dict.fromkeys(("help", "section", "default", "low", "high", "minLength", "maxLength", "pattern", "editableIn")),
    **dict.fromkeys(("formula", "options", "refines")),
    "audience": "PRIVATE",
    "required": False,
}


def told(refusal: Refusal) -> dict[str, Any]:
    """A refusal as UserError tells it."""
    return {"code": refusal.code, "message": refusal.message, "field": list(refusal.field) or None}


class PayloadObject:
    """The answer of a mutation: the record it was about, or why it was refused."""

    __slots__ = ("client_mutation_id", "kind", "record", "type_name", "user_errors")

    def __init__(
        self,
        type_name: str,
        client_mutation_id: str | None,
        record: RecordId | None = None,
        kind: Kind | None = None,
        refusals: Sequence[Refusal] = (),
    ) -> None:
        self.type_name = type_name
        self.client_mutation_id = client_mutation_id
        self.record = record
        self.kind = kind
        self.user_errors = [told(refusal) for refusal in refusals]


def visible(mask: int) -> bool:
    """Whether the thing exists for the viewer at all."""
    return bool(mask & EXISTS)
