"""What companies have defined, in force in this process: for each request as new as what was acknowledged before it
began, by whichever gateway on the same spaces.

The number of the newest version comes with the person who signs in. Where it is not known here yet, what is behind the
known ones is read, and taken, before the request goes on.
"""

import asyncio
from collections.abc import Iterable

from gateway.definitions import TEMPLATE
from gateway.models import Models
from gateway.rules_in_force import RulesInForce
from spaces.contract import Spaces
from spaces.definition import Definition


class Current:
    """Used from one thread. `revision` is that up to which all is in force here."""

    def __init__(self, spaces: Spaces, models: Models, rules: RulesInForce) -> None:
        self.revision = 0
        self._spaces = spaces
        self._models = models
        self._rules = rules
        self._reading = asyncio.Lock()

    def take_all(self, definitions: Iterable[Definition], revision: int) -> None:
        """Takes everything that there is, up to a revision at least."""
        listed = list(definitions)
        self._models.take_all(listed)
        self._rules.take_all(listed)
        self.revision = max(self.revision, revision)

    async def at_least(self, revision: int) -> None:
        """Comes back once all up to a revision is in force here."""
        if revision <= self.revision:
            return
        async with self._reading:
            if revision > self.revision:
                for each in await self._spaces.definitions(self.revision):
                    (self._models if each.sort == TEMPLATE else self._rules).take(each)
                self.revision = max(self.revision, revision)

    def took(self, revision: int) -> None:
        """Notes that the version of this number, which was defined here, is in force. Where others came between, they
        are read when somebody next asks."""
        if revision == self.revision + 1:
            self.revision = revision

    async def newest(self) -> None:
        """Comes back once all that is defined by now is in force here."""
        await self.at_least((await self._spaces.signed_in(None)).revision)
