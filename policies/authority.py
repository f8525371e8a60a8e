"""`Policies`: the one authority on who may see what, for all companies of a network."""

from collections.abc import Mapping
from threading import Lock

from policies.decide import CompanySides, Decisions, Epochs
from policies.epoch import Epoch
from schema.kind import Catalog, Kind
from schema.mask import MaskProgram
from schema.names import CompanyId
from schema.sharing import Sharing
from schema.viewer import Viewer
from schema.where import Scalar


class Policies:
    """Holds each company's epoch and answers under the newest; `pin` for a request that must see one state."""

    def __init__(self, catalog: Catalog, *, extra: Mapping[CompanyId, str] | None = None, cache: bool = True) -> None:
        """`extra` are the texts of the companies that have one. Raises BadDeclaration."""
        self._catalog = catalog
        self._cache = cache
        self._changing = Lock()
        own = {company: Epoch(catalog, text, cache=cache) for company, text in (extra or {}).items()}
        self._epochs = Epochs(Epoch(catalog, cache=cache), own)

    def pin(self) -> Decisions:
        """The policies as they are now, for one request: later changes do not reach it."""
        return Decisions(self._epochs)

    def replace(self, owner: CompanyId, text: str) -> None:
        """Puts the company's text in the place of its former one; an empty text takes it away. Pinned views keep
        what they saw. Raises BadDeclaration with line and word, and then nothing has changed."""
        new = Epoch(self._catalog, text, cache=self._cache) if text.strip() else None
        with self._changing:
            own = {company: epoch for company, epoch in self._epochs.own.items() if company != owner}
            if new is not None:
                own[owner] = new
            self._epochs = Epochs(self._epochs.shared, own)

    def joint(self, viewer: Viewer, kind: Kind, action: str = "read") -> MaskProgram:
        """See Decisions.joint."""
        return self.pin().joint(viewer, kind, action)

    def participants(self, viewer: Viewer) -> MaskProgram:
        """See Decisions.participants."""
        return self.pin().participants(viewer)

    def sides(self, viewer: Viewer, kind: Kind, owner: CompanyId, action: str = "read") -> CompanySides:
        """See Decisions.sides."""
        return self.pin().sides(viewer, kind, owner, action)

    def explain(
        self,
        viewer: Viewer,
        kind: Kind,
        owner: CompanyId,
        sharing: Sharing,
        viewer_status: str | None,
        owner_status: str | None,
        values: Mapping[str, Scalar | None] | None = None,
        action: str = "read",
    ) -> list[tuple[str, str]]:
        """See Decisions.explain."""
        return self.pin().explain(viewer, kind, owner, sharing, viewer_status, owner_status, values, action)
