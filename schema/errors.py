"""The two trees of errors that every room stands on.

A `Refusal` is the caller's doing: safe to print, one stable `code`. A `Fault` is ours: logged with an id and
shown to callers as "internal". The docstring of a refusal is its message (procrastinate's habit), completed by
what and where; no message ever holds a value or a name that its caller may not see.
"""

from typing import ClassVar


class Refusal(Exception):
    """The request was refused."""

    code: ClassVar[str] = "REFUSED"

    def __init__(self, detail: str = "", *, field: tuple[str, ...] = ()) -> None:
        """`detail` says what and where, in a whole sentence; without it the docstring stands. `field` is the
        path of the offending input, e.g. ("mine", "amount", "currency")."""
        self.message = detail or (type(self).__doc__ or "").strip().splitlines()[0]
        self.field = field
        super().__init__(self.message)


class Fault(Exception):
    """Something failed on our side."""


class BadInput(Refusal):
    """The input is not valid."""

    code = "BAD_INPUT"


class BadDeclaration(Refusal):
    """A declaration file is not valid."""

    code = "BAD_DECLARATION"


class NotFound(Refusal):
    """No such record."""

    code = "NOT_FOUND"


class Forbidden(Refusal):
    """You may not do this."""

    code = "FORBIDDEN"


class Conflict(Refusal):
    """Your side has changed since you read it; read it again and retry."""

    code = "VERSION_CONFLICT"


class IdempotencyMismatch(Refusal):
    """This clientMutationId was used before with other input."""

    code = "IDEMPOTENCY_MISMATCH"


class Unauthenticated(Refusal):
    """Sign in with a valid token."""

    code = "UNAUTHENTICATED"
