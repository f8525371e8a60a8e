"""The address of a database: a URL that anybody may read, and beside it the password."""

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from spaces.postgres.layout import OPTIONS

_SECONDS = 10  # until a server that does not answer is taken as gone


def address_of(url: str, password: str | None = None) -> str:
    """What the driver connects to. Raises psycopg.ProgrammingError for what is no URL of PostgreSQL."""
    given = {"password": password} if password else {}
    return make_conninfo(url, options=OPTIONS, application_name="multiway", connect_timeout=_SECONDS, **given)


def is_plain_url(url: str) -> bool:
    """Whether this is a URL of PostgreSQL that holds no password."""
    if not url.startswith(("postgresql://", "postgres://")):
        return False
    try:
        return "password" not in conninfo_to_dict(url)
    except psycopg.Error:
        return False


def reason_of(error: Exception) -> str:
    """Why a database cannot be used, in the driver's words where it was not even reached: no value is in these."""
    state = getattr(error, "sqlstate", None)
    return f"PostgreSQL answers with the code {state}" if state else " ".join(str(error).split()).rstrip(".")
