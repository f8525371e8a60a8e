"""What one viewer may ask at once, and a minute: requests in flight, and cost.

The cost is counted by one number a viewer, the time at which its allowance is whole again (the generic cell rate
algorithm): asking moves it on by the share of a minute that the cost is of the allowance, and no more than a minute
ahead. It depends on the viewer's own requests alone. Rows "cost" and "1,000 connections, 50 per viewer" of limits.md.
"""

import math
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gateway.limits.table import Limits
from schema.errors import Refusal
from schema.names import PersonId

_MINUTE = 60.0
_VIEWERS = 10_000


class RateLimited(Refusal):
    """You have asked too much in too short a time; wait as long as Retry-After tells."""

    code = "RATE_LIMITED"
    retry_after = 1


class TooManyRequests(Refusal):
    """Too many of your requests are under way; wait for some of them."""

    code = "TOO_MANY_REQUESTS"
    retry_after = 1


class Traffic:
    """Counts what viewers do. `clock` gives seconds. An allowance of 0 bounds nothing."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self._limits = limits
        self._clock = clock
        self._whole: OrderedDict[PersonId, float] = OrderedDict()
        self._under_way: dict[PersonId, int] = {}

    @contextmanager
    def enter(self, viewer: PersonId) -> Iterator[None]:
        """A request is under way. Raises TooManyRequests."""
        count = self._under_way.get(viewer, 0)
        if count >= self._limits.viewer_requests:
            raise TooManyRequests
        self._under_way[viewer] = count + 1
        try:
            yield
        finally:
            self._under_way[viewer] -= 1
            if not self._under_way[viewer]:
                del self._under_way[viewer]

    def charge(self, viewer: PersonId, cost: int) -> None:
        """Takes a cost from the viewer's allowance. Raises RateLimited, and then takes nothing."""
        if not self._limits.cost_per_minute:
            return
        now = self._clock()
        # a clock that was set back must lock nobody out for longer than a minute
        whole = min(max(self._whole.get(viewer, now), now), now + _MINUTE)
        after = whole + cost * _MINUTE / self._limits.cost_per_minute
        if after > now + _MINUTE:
            self._whole[viewer] = whole
            refusal = RateLimited()
            refusal.retry_after = math.ceil(after - now - _MINUTE)
            raise refusal
        self._whole[viewer] = after
        self._whole.move_to_end(viewer)
        if len(self._whole) > _VIEWERS:
            self._whole.popitem(last=False)
