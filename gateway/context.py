"""What one request carries: the viewer, the pinned decisions, the loaders, and the services."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from gateway.loaders import Loaders
from gateway.models import Models, PinnedModels
from gateway.seal import Seal
from policies.decide import Decisions
from schema.kind import Catalog
from schema.names import IdFactory
from schema.viewer import Viewer
from spaces.contract import Spaces
from spaces.fetch import PersonRow

Clock: TypeAlias = Callable[[], str]
"""Now, as `YYYY-MM-DDTHH:MM:SS.ffffffZ`. Injected, so that tests own the time."""


@dataclass(frozen=True, slots=True)
class Services:
    """What all requests share; built once by the composition root."""

    spaces: Spaces
    models: Models
    seal: Seal
    now: Clock
    new_id: IdFactory


@dataclass(slots=True)
class Context:
    """One request. `decisions` and `models` keep seeing the policies and templates that they saw first."""

    services: Services
    viewer: Viewer
    person: PersonRow
    decisions: Decisions
    models: PinnedModels
    hides: bool = False
    """Whether private fields are hidden in this request, whatever the person's setting is or becomes."""
    loaders: Loaders = field(init=False)

    @property
    def catalog(self) -> Catalog:
        """The kinds as the viewer's company has them."""
        return self.models.catalog(self.viewer.company)

    def __post_init__(self) -> None:
        self.loaders = Loaders(self.services.spaces)

    def forget(self) -> None:
        """Starts anew with reading, after a change."""
        self.loaders = Loaders(self.services.spaces)
