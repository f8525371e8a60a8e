"""How much is done at once, and who waits: so that more being asked than can be done slows nobody down for long.

1. So many requests run; one viewer has at most half of those places, so that others always find some.
2. Who comes when all are taken waits, a turn for each viewer in a circle, in its own order.
3. Too many wait, or more than can be done in about a second as things have gone lately: then who comes is refused at
   once. But who has fewer waiting than another takes the place of the youngest of whoever has most, which is refused in
   its stead. So all who ask too much end with equal shares, and who asks little is not refused at all.

A refusal says that the gateway is busy, not with what: it is the same for everybody.
"""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from gateway.limits.table import Limits
from schema.errors import Refusal
from schema.names import PersonId

_PATIENCE = 1.0  # seconds that are worth waiting for
_SMOOTHING = 0.1  # of what was seen last, in what is expected


class Overloaded(Refusal):
    """More is asked than can be answered at the moment; wait as long as Retry-After tells."""

    code = "OVERLOADED"
    retry_after = 1


class Admission:
    """Lets requests in, viewer by viewer. `clock` gives seconds."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._places = limits.running_requests
        self._most_waiting = limits.waiting_requests
        self._clock = clock
        self._own_places = max(1, self._places // 2)
        self._running: dict[PersonId, int] = {}
        self._taken = 0
        self._queues: OrderedDict[PersonId, deque[asyncio.Future[None]]] = OrderedDict()
        self._waiting = 0
        self._busy_since = 0.0
        self._interval = 0.0  # seconds from the end of one request to that of the next, while others wait

    @property
    def running(self) -> int:
        """How many requests run."""
        return self._taken

    @property
    def waiting(self) -> int:
        """How many requests wait."""
        return self._waiting

    @property
    def is_full(self) -> bool:
        """Whether no more may wait, so that who comes may be refused."""
        if self._waiting < self._places:
            return self._waiting >= self._most_waiting
        return self._waiting >= self._most_waiting or self._waiting * self._interval > _PATIENCE

    def refuses(self, viewer: PersonId) -> bool:
        """Whether a request of this viewer would be refused now. Costs next to nothing, changes nothing."""
        return self.is_full and not self._has_place(viewer) and self._longest_but(viewer) is None

    @asynccontextmanager
    async def enter(self, viewer: PersonId) -> AsyncIterator[None]:
        """A request runs, once it is its turn. Raises Overloaded."""
        if self._has_place(viewer):
            self._take(viewer)
        else:
            await self._turn(viewer)
        try:
            yield
        finally:
            self._leave(viewer)

    def _has_place(self, viewer: PersonId) -> bool:
        return self._taken < self._places and self._running.get(viewer, 0) < self._own_places

    def _longest_but(self, viewer: PersonId) -> PersonId | None:
        """Who has so many waiting that one of them should make way for one of this viewer."""
        most = max(self._queues, key=lambda each: len(self._queues[each]), default=viewer)
        own = len(self._queues.get(viewer, ()))
        return most if self._queues and len(self._queues[most]) > own + 1 else None

    async def _turn(self, viewer: PersonId) -> None:
        if self.is_full:
            longest = self._longest_but(viewer)
            if longest is None:
                raise Overloaded
            self._remove(longest, self._queues[longest][-1]).set_exception(Overloaded())
        if not self._waiting:
            self._busy_since = self._clock()
        turn = asyncio.get_running_loop().create_future()
        self._queues.setdefault(viewer, deque()).append(turn)
        self._waiting += 1
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._remove(viewer, turn)
            elif turn.exception() is None:  # it was let in, and will never run
                self._leave(viewer)
            raise

    def _remove(self, viewer: PersonId, turn: asyncio.Future[None]) -> asyncio.Future[None]:
        queue = self._queues[viewer]
        queue.remove(turn)
        self._waiting -= 1
        if not queue:
            del self._queues[viewer]
        return turn

    def _take(self, viewer: PersonId) -> None:
        self._taken += 1
        self._running[viewer] = self._running.get(viewer, 0) + 1

    def _leave(self, viewer: PersonId) -> None:
        self._taken -= 1
        self._running[viewer] -= 1
        if not self._running[viewer]:
            del self._running[viewer]
        if self._waiting:
            now = self._clock()
            self._interval += _SMOOTHING * (now - self._busy_since - self._interval)
            self._busy_since = now
            self._let_in()

    def _let_in(self) -> None:
        """The next viewer in the circle that may have a place gets it."""
        for viewer, queue in self._queues.items():
            if self._has_place(viewer):
                self._take(viewer)
                self._remove(viewer, queue[0]).set_result(None)
                if viewer in self._queues:
                    self._queues.move_to_end(viewer)
                return
