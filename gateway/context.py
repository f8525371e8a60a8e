"""What one request carries: the viewer, the pinned decisions, the loaders, and the services."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from gateway.current import Current
from gateway.loaders import Loaders
from gateway.models import Models, PinnedModels
from gateway.presenting import NOT_FORCED, Forced
from gateway.rules_in_force import Pinned, RulesInForce
from gateway.seal import Seal
from gateway.underway import Underway
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
    rules: RulesInForce
    seal: Seal
    now: Clock
    new_id: IdFactory
    current: Current
    writes: Underway = field(default_factory=Underway)


@dataclass(slots=True)
class Context:
    """One request. `pinned` keeps seeing the policies, templates and rules that it saw first; a mutation of them pins
    anew."""

    services: Services
    viewer: Viewer
    person: PersonRow
    pinned: Pinned
    forced: Forced = NOT_FORCED
    """What is hidden in this request, whatever the person's settings are or become."""
    loaders: Loaders = field(init=False)

    @property
    def decisions(self) -> Decisions:
        """Who may see and do what."""
        return self.pinned.decisions

    @property
    def models(self) -> PinnedModels:
        """The companies' kinds, and their types in GraphQL."""
        return self.pinned.models

    @property
    def catalog(self) -> Catalog:
        """The kinds as the viewer's company has them."""
        return self.models.catalog(self.viewer.company)

    def __post_init__(self) -> None:
        self.loaders = Loaders(self.services.spaces)

    def pin_anew(self) -> None:
        """Sees what holds now, after a change of templates or rules."""
        self.pinned = self.services.rules.pin()

    def forget(self) -> None:
        """Starts anew with reading, after a change."""
        self.loaders = Loaders(self.services.spaces)
