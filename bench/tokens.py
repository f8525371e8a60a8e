"""The token check that the floor and the naive way share: verified once by joserfc, then kept until it expires."""

import time

from joserfc import jwt
from joserfc.jwk import KeySet


class Tokens:
    """Verifies bearer tokens of one issuer."""

    def __init__(self, keys: KeySet, issuer: str, audience: str) -> None:
        self._keys = keys
        self._registry = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
        )
        self._verified: dict[str, tuple[str, float]] = {}

    def person(self, header: str) -> str:
        """The person of an Authorization header. Raises joserfc's errors."""
        token = header.removeprefix("Bearer ")
        known = self._verified.get(token)
        if known is None or known[1] <= time.time():
            claims = jwt.decode(token, self._keys, algorithms=["ES256"]).claims
            self._registry.validate(claims)
            known = self._verified[token] = (str(claims["sub"]), float(claims["exp"]))
        return known[0]
