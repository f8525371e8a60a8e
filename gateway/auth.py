"""Stage 1: the bearer token to the viewer.

1. Size, then which issuer the token claims to be of (unverified, just to choose keys).
2. Signature by that issuer's keys and fixed algorithms (joserfc binds algorithm and key type); embedded keys and
   unknown critical headers are refused by it.
3. Claims: exact issuer, audience, expiry, 30 s leeway. Verified tokens are kept, by their text, until they expire.
4. The person, read from the directory at each request, so that taking somebody out holds at once.

Rules: reliability.md, Authentication. Whatever is wrong, the answer is the same.
"""

import base64
import binascii
import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from schema.errors import Unauthenticated
from schema.names import CompanyId, PersonId
from schema.viewer import Viewer
from spaces.contract import Spaces
from spaces.fetch import PersonRow

MOST_TOKEN = 8 * 1024
LEEWAY = 30
_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who may sign tokens: exact `iss`, the algorithms that it uses, its public keys, and which claim names the
    person: "sub" holds a person id, "email" an address. `companies` are those for whose people it may sign, None
    for all."""

    name: str
    algorithms: tuple[str, ...]
    keys: KeySet
    person_claim: str = "sub"
    companies: frozenset[CompanyId] | None = None


class Authenticator:
    """Makes viewers from tokens. `clock` gives seconds since 1970."""

    def __init__(
        self, issuers: Mapping[str, Issuer], audience: str, spaces: Spaces, clock: Callable[[], float]
    ) -> None:
        self._issuers = issuers
        self._audience = audience
        self._spaces = spaces
        self._clock = clock
        self._persons: OrderedDict[str, PersonId] = OrderedDict()
        self._verified: OrderedDict[str, tuple[Issuer, str, float]] = OrderedDict()

    async def viewer(self, token: str | None) -> tuple[Viewer, PersonRow, int]:
        """The viewer and its person, and the revision of definitions at that time (see `Spaces.signed_in`). Raises
        Unauthenticated, always with the same words."""
        if not token or len(token) > MOST_TOKEN:
            raise Unauthenticated
        known = self._verified.get(token)
        if known is None or known[2] <= self._clock() - LEEWAY:
            known = self._verify(token)
        issuer, value, _ = known
        if issuer.person_claim == "email":
            person, revision = await self._spaces.signed_in(None, value)
        else:
            person, revision = await self._spaces.signed_in(PersonId(value))
        if person is None or not person.active:
            raise Unauthenticated
        if issuer.companies is not None and person.company not in issuer.companies:
            raise Unauthenticated
        self._persons[token] = person.id
        if len(self._persons) > _KEPT:
            self._persons.popitem(last=False)
        return viewer_of(person), person, revision

    def known(self, token: str | None) -> PersonId | None:
        """Who asked with this token before, if anybody did of late. It gives no right to anything."""
        return self._persons.get(token) if token else None

    def _verify(self, token: str) -> tuple[Issuer, str, float]:
        try:
            issuer = self._issuers[str(_unverified(token)["iss"])]
            found = jwt.decode(token, issuer.keys, algorithms=list(issuer.algorithms))
            registry = jwt.JWTClaimsRegistry(
                now=lambda: int(self._clock()),
                leeway=LEEWAY,
                iss={"essential": True, "value": issuer.name},
                aud={"essential": True, "value": self._audience},
                exp={"essential": True},
            )
            registry.validate(found.claims)
            value = found.claims[issuer.person_claim]
            if not isinstance(value, str):
                raise TypeError
            if issuer.person_claim == "email" and not (value.isascii() and found.claims.get("email_verified", True)):
                raise ValueError  # letters that fold into ASCII ones would make two addresses one
        except (JoseError, KeyError, TypeError, ValueError, RecursionError):
            raise Unauthenticated from None
        self._verified[token] = kept = (issuer, value, float(found.claims["exp"]))
        if len(self._verified) > _KEPT:
            self._verified.popitem(last=False)
        return kept


def viewer_of(person: PersonRow) -> Viewer:
    """The person as one who asks."""
    return Viewer(person.id, person.company, person.roles, person.hide_private, person.attributes, person.presenting)


def eyes_of(person: PersonRow) -> Viewer:
    """The person as one who hides nothing from itself."""
    return replace(viewer_of(person), hide_private=False, presenting=())


def _unverified(token: str) -> dict[str, Any]:
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError, binascii.Error):
        raise ValueError from None
    if not isinstance(claims, dict):
        raise TypeError
    return claims
