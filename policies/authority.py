"""`Policies`: the one authority on who may see what, for all companies of a network."""

from collections.abc import Mapping
from threading import Lock

from policies.decide import Decisions, Epochs
from policies.epoch import CompanyRules, Epoch
from schema.kind import Catalog, Kind
from schema.mask import MaskProgram, SideMasks
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
        self._texts: dict[CompanyId, str] = {}
        self._rules: dict[CompanyId, CompanyRules] = {}
        self._epochs = Epochs(Epoch(catalog, cache=cache), {})
        for company, text in (extra or {}).items():
            self.replace(company, text)

    def pin(self) -> Decisions:
        """The policies as they are now, for one request: later changes do not reach it."""
        return Decisions(self._epochs)

    def replace(self, owner: CompanyId, text: str) -> None:
        """Puts the company's text in the place of its former one; an empty text takes it away. Pinned views keep
        what they saw. Raises BadDeclaration with line and word, and then nothing has changed."""
        with self._changing:
            self._put(owner, text, self._rules.get(owner))

    def replace_rules(self, owner: CompanyId, rules: CompanyRules | None) -> None:
        """Puts the company's sharing rules in the place of its former ones, beside its text; None takes them away. As
        `replace`."""
        with self._changing:
            self._put(owner, self._texts.get(owner, ""), rules)

    def with_rules(self, owner: CompanyId, rules: CompanyRules | None) -> Decisions:
        """The policies as they are now, but with these sharing rules of the company: for a preview. Raises
        BadDeclaration."""
        return Decisions(self._with(owner, self._epoch(self._texts.get(owner, ""), rules)))

    def _put(self, owner: CompanyId, text: str, rules: CompanyRules | None) -> None:
        self._epochs = self._with(owner, self._epoch(text, rules))
        self._texts[owner] = text
        if rules is None:
            self._rules.pop(owner, None)
        else:
            self._rules[owner] = rules

    def _epoch(self, text: str, rules: CompanyRules | None) -> Epoch | None:
        return Epoch(self._catalog, text, rules, cache=self._cache) if text.strip() or rules else None

    def _with(self, owner: CompanyId, epoch: Epoch | None) -> Epochs:
        own = {company: found for company, found in self._epochs.own.items() if company != owner}
        if epoch is not None:
            own[owner] = epoch
        return Epochs(self._epochs.shared, own)

    def joint(self, viewer: Viewer, kind: Kind, action: str = "read") -> MaskProgram:
        """See Decisions.joint."""
        return self.pin().joint(viewer, kind, action)

    def participants(self, viewer: Viewer) -> MaskProgram:
        """See Decisions.participants."""
        return self.pin().participants(viewer)

    def sides(self, viewer: Viewer, kind: Kind, owner: CompanyId, action: str = "read") -> SideMasks:
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
