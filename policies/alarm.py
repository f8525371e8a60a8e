"""Alarms: a decision that failed and was therefore denied. They name what was asked, never a value."""

import logging

LOG = logging.getLogger("multiway.policies")


def alarm(what: str, subject: str, action: str, kind: str) -> None:
    """Logs an error. `what` is one of our own sentences or the name of an exception's type; messages of
    exceptions stay out, because Oso puts the facts of the query into them."""
    LOG.error("denied: %s (asked %s of a %s, kind %s)", what, action, subject, kind or "any")
