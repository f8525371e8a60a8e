"""Tokens good and bad, made by hand where a library would refuse to make them."""

import base64
import hashlib
import hmac
import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwt
from joserfc.jwk import ECKey

from gateway.credentials import DEV_AUDIENCE, DEV_ISSUER
from tests.gateway.people import person
from tests.gateway.world import ISSUER, START

KEY = ISSUER._key
"""The development issuer's key; tests forge with it."""


def claims(**changed: Any) -> dict[str, Any]:
    """Good claims with some changed; None takes a claim away."""
    good = {"iss": DEV_ISSUER, "aud": [DEV_AUDIENCE], "sub": person("ann"), "exp": int(START) + 600}
    return {name: value for name, value in {**good, **changed}.items() if value is not None}


def signed(payload: dict[str, Any], key: ECKey = KEY, **header: Any) -> str:
    """A token signed by a key, whatever its header says besides."""
    return jwt.encode({"alg": "ES256", "kid": KEY.kid, **header}, payload, key)


def part(value: Any) -> str:
    """One part of a compact token."""
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unsigned(payload: dict[str, Any]) -> str:
    """A token whose algorithm is none."""
    return f"{part({'alg': 'none'})}.{part(payload)}."


def hmac_signed(payload: dict[str, Any], secret: bytes) -> str:
    """A token signed by HS256 with a public key as the secret."""
    text = f"{part({'alg': 'HS256', 'kid': KEY.kid})}.{part(payload)}"
    return f"{text}.{part(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"


def tampered(payload: dict[str, Any], **changed: Any) -> str:
    """A good token whose payload was changed after it was signed."""
    head, _, signature = signed(payload).split(".")
    return ".".join((head, part({**payload, **changed}), signature))


def with_header(payload: dict[str, Any], key: ECKey, **header: Any) -> str:
    """A token signed by hand, so that its header may hold anything."""
    text = f"{part({'alg': 'ES256', **header})}.{part(payload)}"
    signature = key.get_op_key("sign").sign(text.encode(), ECDSA(SHA256()))
    r, s = decode_dss_signature(signature)
    return f"{text}.{part(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"
