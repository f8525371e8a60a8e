"""Somebody the demo page can ask as."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A person of the demo network, with what the page shows of it and the token it asks with."""

    name: str
    company: str
    """The company's name, for people to read."""
    email: str
    """Unique among the demo people: the page tells them apart by it."""
    token: str = field(repr=False)
    """The sign-in token, sent as `Authorization: Bearer <token>`; kept out of logs."""
