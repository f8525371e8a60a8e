"""Binds a viewer's masks to what hangs on a record: the partners' sides and the participants."""

from gateway.context import Context
from schema.field import Field
from schema.kind import Kind
from schema.mask import SideMasks
from schema.names import CompanyId
from schema.words import searchable
from spaces.fetch import Related


class ViewersPartnerMasks:
    """One viewer's masks for the sides of any company (see spaces.fetch.PartnerMasks)."""

    __slots__ = ("_ctx", "_kind", "record_columns")

    def __init__(self, ctx: Context, kind: Kind) -> None:
        self._ctx = ctx
        self._kind = kind
        self.record_columns = ctx.decisions.record_columns(kind)

    def of(self, company: CompanyId) -> SideMasks:
        """The masks for this company's sides. Never raises: a failing decision denies."""
        ctx = self._ctx
        return ctx.decisions.sides(ctx.viewer, ctx.models.kind(company, self._kind.name), company)

    def texts(self, company: CompanyId) -> tuple[Field, ...]:
        """The custom fields of this company's sides that can be searched."""
        return searchable(self._ctx.models.kind(company, self._kind.name).custom)


def related_to(ctx: Context, kind: Kind) -> Related:
    """The masks through which the viewer's filters, sorts and groups look beyond its own company."""
    return Related(ViewersPartnerMasks(ctx, kind), ctx.decisions.participants(ctx.viewer))
