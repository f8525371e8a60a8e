"""The only file that reads credentials: the development issuer's key, the sealing key, and issuers' public keys.

Keys that a data folder makes for itself lie in `keys/`, readable by their owner alone.
"""

import json
import os
import secrets
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from gateway.auth import Issuer
from schema.errors import BadDeclaration

DEV_ISSUER = "https://multiway.invalid/development"
DEV_AUDIENCE = "multiway"
TOKEN_SECONDS = 3_600


def seal_key(folder: Path) -> bytes:
    """The 64 bytes that cursors and versions of this data folder are sealed with; made once."""
    return _kept(folder / "keys" / "seal.key", lambda: secrets.token_bytes(64))


class DevelopmentIssuer:
    """Signs tokens for the people of one data folder: for demo, tests and trying out; never for a public network."""

    def __init__(self, folder: Path) -> None:
        def make() -> bytes:
            key = ECKey.generate_key("P-256", private=True, auto_kid=True)
            return json.dumps(key.as_dict(private=True)).encode()

        self._key = ECKey.import_key(json.loads(_kept(folder / "keys" / "development-issuer.json", make)))

    def issuer(self) -> Issuer:
        """What the gateway needs to verify its tokens."""
        return Issuer(DEV_ISSUER, ("ES256",), KeySet([self._key]))

    def token(self, person: str, now: float, *, seconds: int = TOKEN_SECONDS, audience: str = DEV_AUDIENCE) -> str:
        """A token for a person id that expires `seconds` after `now`."""
        claims: dict[str, Any] = {"iss": DEV_ISSUER, "aud": [audience], "sub": person, "exp": int(now) + seconds}
        return jwt.encode({"alg": "ES256", "kid": self._key.kid, "typ": "JWT"}, claims, self._key)


def read_keys(file: Path) -> KeySet:
    """The public keys of a JWKS file. Raises BadDeclaration that names the file."""
    try:
        return KeySet.import_key_set(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, JoseError) as error:
        raise BadDeclaration(f"{file}: no JWKS can be read from this file ({type(error).__name__}).") from None


def _kept(file: Path, make: Any) -> bytes:
    """The file's content; where there is none, what `make` gives, written whole or not at all."""
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = file.with_suffix(f".{os.getpid()}.new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(make())
            out.flush()
            os.fsync(out.fileno())
        try:
            os.link(fresh, file)  # the first of two processes wins, and both read the same
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return file.read_bytes()
