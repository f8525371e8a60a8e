"""The objects of a preview: the viewer's own records and sides as somebody else sees them."""

from collections.abc import Sequence
from typing import Any

from gateway.objects import Fields, RecordObject, SideObject
from schema.names import CompanyId, PersonId
from schema.shapes_previews import preview_of
from schema.viewer import Viewer


class PreviewObject:
    """With whose eyes: a company, or one person."""

    __slots__ = ("reader",)
    type_name = "Preview"

    def __init__(self, reader: Viewer) -> None:
        self.reader = reader

    @property
    def company(self) -> CompanyId:
        """The company."""
        return self.reader.company

    @property
    def person(self) -> PersonId | None:
        """The person, if one was named."""
        return self.reader.person or None


class RecordPreviewObject(RecordObject):
    """A record; `mask` has the bits that the reader sees, and the viewer, too. `status` is the reader's company's."""

    __slots__ = ("preview", "side", "status")

    def __init__(
        self, record: RecordObject, mask: int, status: str, preview: PreviewObject, side: "SidePreviewObject | None"
    ) -> None:
        super().__init__(record.row, mask, record.fields, None)
        self.status = status
        self.preview = preview
        self.side = side

    @property
    def type_name(self) -> str:
        """The type that previews the kind's."""
        return preview_of(super().type_name)


class SidePreviewObject(SideObject):
    """The viewer's company's own side, with such bits."""

    __slots__ = ("preview",)

    def __init__(
        self, company: CompanyId, mask: int, values: Sequence[Any], fields: Fields, preview: PreviewObject
    ) -> None:
        super().__init__(company, mask, mask, tuple(values), fields, None)
        self.preview = preview

    @property
    def type_name(self) -> str:
        """The type that previews the kind's sides."""
        return preview_of(super().type_name)
