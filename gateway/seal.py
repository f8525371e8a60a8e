"""Sealed values: cursors and versions that a client can keep but neither read, change nor move elsewhere.

AES-SIV is deterministic: equal content gives equal bytes, so answers stay comparable byte for byte (leaks.md,
rule for cursors). The scope, e.g. viewer and query, is authenticated with it: a value sealed for one scope does
not open in another.
"""

import base64
import binascii
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from schema.errors import BadInput

_MOST = 16_384  # characters; five sort keys of the longest text fit in; longer ones are refused unread


class Seal:
    """Seals JSON values under one key of 32, 48 or 64 bytes."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESSIV(key)

    def close(self, scope: list[Any], value: Any) -> str:
        """The value, sealed for this scope, as URL-safe text."""
        sealed = self._cipher.encrypt(orjson.dumps(value), [orjson.dumps(scope)])
        return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode("ascii")

    def open(self, scope: list[Any], text: str, field: str) -> Any:
        """The value that was sealed for this scope. Raises BadInput, always the same, for anything else."""
        try:
            if len(text) > _MOST:
                raise ValueError
            raw = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), b"-_", validate=True)
            return orjson.loads(self._cipher.decrypt(raw, [orjson.dumps(scope)]))
        except (ValueError, InvalidTag, binascii.Error):
            raise BadInput(f"This {field} is not valid here.", field=(field,)) from None
