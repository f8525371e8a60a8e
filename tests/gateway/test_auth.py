"""Signing in: whatever is wrong with a token, the answer is the same bytes."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey

from gateway.auth import LEEWAY, MOST_TOKEN
from spaces.fetch import PersonRow
from tests.gateway.people import PEOPLE, company, person
from tests.gateway.tokens import KEY, claims, hmac_signed, part, signed, tampered, unsigned, with_header
from tests.gateway.world import ISSUER, START, World, make_world

WHO = "{ viewer { person { name } } }"
OTHER = ECKey.generate_key("P-256", private=True, parameters={"kid": str(KEY.kid)})

BAD = {
    "none": "",
    "no token": None,
    "garbage": "garbage",
    "two parts": "a.b",
    "four parts": signed(claims()) + ".x",
    "no json": f"{part(b'{')}.{part(b'{')}.x",
    "payload a list": f"{part({'alg': 'ES256'})}.{part([])}.x",
    "no ascii": signed(claims()) + "é",
    "expired": signed(claims(exp=int(START) - LEEWAY - 1)),
    "without expiry": signed(claims(exp=None)),
    "expiry a text": signed(claims(exp="tomorrow")),
    "not yet valid": signed(claims(nbf=int(START) + LEEWAY + 1)),
    "wrong issuer": signed(claims(iss="https://elsewhere.invalid")),
    "issuer a list": signed(claims(iss=["https://multiway.invalid/development"])),
    "without issuer": signed(claims(iss=None)),
    "wrong audience": signed(claims(aud=["other"])),
    "without audience": signed(claims(aud=None)),
    "without subject": signed(claims(sub=None)),
    "subject a number": signed(claims(sub=7)),
    "unknown person": signed(claims(sub=person("nobody"))),
    "company as person": signed(claims(sub=company("acme"))),
    "inactive person": signed(claims(sub=person("ali"))),
    "alg none": unsigned(claims()),
    "hmac with the public key": hmac_signed(claims(), KEY.as_pem(private=False)),
    "hmac with the public jwk": hmac_signed(claims(), json.dumps(KEY.as_dict(private=False)).encode()),
    "tampered": tampered(claims(), sub=person("bob")),
    "signature cut": signed(claims())[:-4],
    "another key of the same kid": signed(claims(), OTHER),
    "unknown kid": with_header(claims(), OTHER, kid="unknown"),
    "embedded jwk": with_header(claims(), OTHER, jwk=OTHER.as_dict(private=False)),
    "embedded jwk and kid": with_header(claims(), OTHER, kid=KEY.kid, jwk=OTHER.as_dict(private=False)),
    "jku": with_header(claims(), OTHER, jku="https://elsewhere.invalid/keys"),
    "critical header": with_header(claims(), KEY, kid=KEY.kid, crit=["unknown"], unknown=1),
    "too long": signed(claims(padding="x" * 9_000)),
    "deep": f"{part({'alg': 'ES256'})}.{part(b'[' * 3_000)}.x",
}


async def post(world: World, authorization: str | None) -> httpx.Response:
    headers = [] if authorization is None else [(b"Authorization", authorization.encode("latin-1"))]
    async with world.http() as client:
        return await client.post("/graphql", json={"query": WHO}, headers=headers)


@pytest.mark.parametrize("what", BAD)
async def test_a_bad_token_is_refused_in_one_way(world: World, what: str) -> None:
    token = BAD[what]
    found = await post(world, None if token is None else f"Bearer {token}")
    assert found.status_code == 401
    assert found.headers["www-authenticate"] == "Bearer"
    assert found.json() == {
        "errors": [{"message": "Sign in with a valid token.", "extensions": {"code": "UNAUTHENTICATED"}}]
    }


def test_the_long_token_is_bad_for_its_length_alone() -> None:
    assert len(str(BAD["too long"])) > MOST_TOKEN > len(signed(claims(padding="x" * 5_000)))


@pytest.mark.parametrize(
    "token",
    [
        signed(claims()),
        with_header(claims(), KEY, kid=KEY.kid),
        signed(claims(aud="multiway")),
        signed(claims(exp=int(START) - LEEWAY + 2)),
        signed(claims(nbf=int(START) + LEEWAY - 2)),
        signed(claims(padding="x" * 5_000)),
    ],
)
async def test_a_good_token_signs_in(world: World, token: str) -> None:
    for scheme in ("Bearer", "bearer"):
        found = await post(world, f"{scheme} {token}")
        assert found.json() == {"data": {"viewer": {"person": {"name": "Ann"}}}}
    for scheme in ("Basic", "Token", "Bearer Bearer"):
        assert (await post(world, f"{scheme} {token}")).status_code == 401
    assert (await post(world, token)).status_code == 401


async def test_a_token_holds_for_all_who_have_one(world: World) -> None:
    for name, (_, _, _, active) in PEOPLE.items():
        assert (await world.answer(name, WHO)).status == (200 if active else 401)


async def test_a_verified_token_ends_with_its_expiry(live: World) -> None:
    token = ISSUER.token(person("ann"), START, seconds=100)
    try:
        for passed, status in ((0, 200), (0, 200), (100 + LEEWAY - 1, 200), (100 + LEEWAY + 1, 401), (10**6, 401)):
            live.seconds = START + passed
            assert (await post(live, f"Bearer {token}")).status_code == status, passed
    finally:
        live.seconds = START


async def test_taking_somebody_out_holds_at_the_next_request(live: World) -> None:
    gus = PersonRow(person("gus"), company("dune"), "gus@dune.example", "Gus", (), False, True)
    await live.spaces.put_person(gus)
    assert (await live.answer("gus", WHO)).status == 200
    await live.spaces.put_person(gus._replace(active=False))
    assert (await live.answer("gus", WHO)).status == 401
    await live.spaces.put_person(gus._replace(active=True, roles=("reader",)))
    assert (await live.answer("gus", WHO)).status == 200
    assert (await live.refused("gus", "createOpportunity", name="x"))[0] == "FORBIDDEN"


def issuer(**changed: Any) -> dict[str, Any]:
    """A world's issuers: the usual one, changed."""
    made = replace(ISSUER.issuer(), **changed)
    return {"issuers": {made.name: made}}


async def test_an_issuer_signs_for_the_people_of_its_companies_alone(tmp_path: Path) -> None:
    bound = World((await make_world("memory", tmp_path)).spaces, **issuer(companies=frozenset({company("acme")})))
    assert (await post(bound, f"Bearer {signed(claims())}")).status_code == 200
    assert (await post(bound, f"Bearer {signed(claims(sub=person('bob')))}")).status_code == 401


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"email": "ANN@acme.example"}, 200),
        ({"email": "ann@acme.example", "email_verified": True}, 200),
        ({"email": "ann@acme.example", "email_verified": False}, 401),
        ({"email": "\u212aann@acme.example"}, 401),
        ({"email": None}, 401),
    ],
)
async def test_an_address_signs_in_when_it_is_verified_and_plain(
    tmp_path: Path, changed: dict[str, Any], status: int
) -> None:
    world = World((await make_world("memory", tmp_path)).spaces, **issuer(person_claim="email"))
    (ann,) = await world.spaces.people([person("ann")])
    assert ann is not None
    if changed["email"] and changed["email"].startswith("\u212a"):  # the KELVIN SIGN is a k in lower case
        await world.spaces.put_person(ann._replace(email="kann@acme.example"))
    else:
        await world.spaces.put_person(ann._replace(email="ann@acme.example"))
    assert (await post(world, f"Bearer {signed(claims(**changed))}")).status_code == status
