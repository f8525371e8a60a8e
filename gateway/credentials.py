"""The only file that reads credentials: the development issuer's key, the sealing key, issuers' public keys, and the
password of a database.

Keys that a data folder makes for itself lie in `keys/`, readable by their owner alone.
"""

import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from gateway.auth import Issuer
from schema.errors import BadDeclaration, Fault

DEV_ISSUER = "https://multiway.invalid/development"
DEV_AUDIENCE = "multiway"
TOKEN_SECONDS = 3_600
_SEAL_BYTES = 64


class KeyUnusable(Fault):
    """A key file of the data folder cannot be used; the message names it and the cause."""


def seal_key(folder: Path) -> bytes:
    """The 64 bytes that cursors and versions of this data folder are sealed with; made once. Raises KeyUnusable."""
    file = folder / "keys" / "seal.key"
    key = _kept(file, lambda: secrets.token_bytes(_SEAL_BYTES))
    if len(key) != _SEAL_BYTES:
        raise KeyUnusable(f"The key file {file} holds no key.")
    return key


class DevelopmentIssuer:
    """Signs tokens for the people of one data folder: for demo, tests and trying out; never for a public network.
    Its key is made once. Raises KeyUnusable."""

    def __init__(self, folder: Path) -> None:
        def make() -> bytes:
            key = ECKey.generate_key("P-256", private=True, auto_kid=True)
            return json.dumps(key.as_dict(private=True)).encode()

        file = folder / "keys" / "development-issuer.json"
        try:
            self._key = ECKey.import_key(json.loads(_kept(file, make)))
        except (ValueError, KeyError, TypeError, JoseError):
            raise KeyUnusable(f"The key file {file} holds no key.") from None

    def issuer(self) -> Issuer:
        """What the gateway needs to verify its tokens."""
        return Issuer(DEV_ISSUER, ("ES256",), KeySet([self._key]))

    def token(self, person: str, now: float, *, seconds: int = TOKEN_SECONDS, audience: str = DEV_AUDIENCE) -> str:
        """A token for a person id that expires `seconds` after `now`."""
        claims: dict[str, Any] = {"iss": DEV_ISSUER, "aud": [audience], "sub": person, "exp": int(now) + seconds}
        return jwt.encode({"alg": "ES256", "kid": self._key.kid, "typ": "JWT"}, claims, self._key)


def database_password(file: Path | None) -> str | None:
    """The password in a file, without the line's end; None where no file is named. Raises BadDeclaration that names the
    file."""
    if file is None:
        return None
    try:
        found = file.read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise BadDeclaration(f"{file}: no password can be read from this file ({type(error).__name__}).") from None
    if not found or "\0" in found or "\n" in found:
        raise BadDeclaration(f"{file}: this file must hold a password, and nothing else.")
    return found


def read_keys(file: Path) -> KeySet:
    """The public keys of a JWKS file. Raises BadDeclaration that names the file."""
    try:
        return KeySet.import_key_set(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, JoseError) as error:
        raise BadDeclaration(f"{file}: no JWKS can be read from this file ({type(error).__name__}).") from None


def _kept(file: Path, make: Callable[[], bytes]) -> bytes:
    """The file's content; where there is none, what `make` gives, written whole or not at all. Raises KeyUnusable."""
    try:
        if not file.exists():
            _write(file, make())
        return file.read_bytes()
    except OSError as error:
        raise KeyUnusable(f"The key file {file} cannot be used: {error.strerror}.") from None


def _write(file: Path, content: bytes) -> None:
    """Writes a file that is not there yet, for its owner alone. Of two processes the first wins."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = file.with_suffix(f".{secrets.token_hex(8)}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(fresh, file)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
