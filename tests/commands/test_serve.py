"""`multiway serve`: whose tokens sign in, whose policies hold, and what is not there."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from tests.commands.calls import call
from tests.commands.made import make, person
from tests.commands.page import PAGE, sides
from tests.commands.processes import failed, run, serve
from tests.commands.test_demo import clean
from tests.gateway.people import made_id

EC_KEY = ECKey.generate_key("P-256", private=True, auto_kid=True)
RSA_KEY = RSAKey.generate_key(2048, private=True, auto_kid=True)
EC_ISSUER, RSA_ISSUER = "https://ec.example/", "https://rsa.example/"
ANA, BEN = "ana@nimbus.example", "ben@brightwater.example"
DEAL = "Harbour Line fleet data platform"
BRIGHTWATER = "Brightwater Consulting"
ME = "{ viewer { person { name } } }"

ISSUERS = """
[[issuers]]
issuer = "%s"
jwks = "keys/ec.json"
companies = ["%s"]
[[issuers]]
issuer = "%s"
jwks = "keys/rsa.json"
algorithms = ["RS256"]
person_claim = "email"
companies = ["%s"]
"""


def configured(folder: Path, text: str = "") -> Path:
    """A config with both issuers and these further settings, over the network in `folder`/data."""
    (folder / "keys").mkdir(exist_ok=True)
    for name, key in (("ec", EC_KEY), ("rsa", RSA_KEY)):
        (folder / "keys" / f"{name}.json").write_text(json.dumps({"keys": [key.as_dict(private=False)]}))
    config = folder / "settings.toml"
    data = folder / "data"
    nimbus, brightwater = (
        person(data, who)[1] if (data / "network.db").exists() else made_id("co", who) for who in (ANA, BEN)
    )
    issuers = ISSUERS % (EC_ISSUER, nimbus, RSA_ISSUER, brightwater)
    config.write_text(f'data = "data"\nport = 0\n{text}\n{issuers}')
    return config


def signed(key: ECKey | RSAKey, alg: str, **claims: Any) -> str:
    full = {"aud": "ours", "exp": int(time.time()) + 300, **claims}
    return jwt.encode({"alg": alg, "kid": key.kid}, full, key, algorithms=[alg])


def test_a_configured_network_takes_just_the_tokens_and_policies_of_its_settings(tmp_path: Path) -> None:
    folder = make(tmp_path / "data")
    (ana, _), (ben, brightwater) = person(folder, ANA), person(folder, BEN)
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / f"{brightwater}.polar").write_text(
        'deny_side_field(_viewer, "read", side, "stage", "our stage is our own") if side.own = false;\n'
    )
    more = 'audience = "ours"\ndevelopment_issuer = true\npolicies = "rules"\nopen_files = 2\nhost = "127.0.0.2"'
    config = configured(tmp_path, more)
    with serve(config) as served:
        assert served.url.startswith("http://127.0.0.2:")
        by_ec = signed(EC_KEY, "ES256", iss=EC_ISSUER, sub=ana)
        by_rsa = signed(RSA_KEY, "RS256", iss=RSA_ISSUER, email=BEN)
        ours = call("token", ANA, "--config", config)
        assert (ours.code, ours.err) == (0, "")
        for token, name in ((by_ec, "Ana Duarte"), (by_rsa, "Ben Okafor"), (ours.out.strip(), "Ana Duarte")):
            assert served.ask(token, ME) == {"viewer": {"person": {"name": name}}}
        refused = [
            None,
            "",
            "x.y.z",
            by_ec[:-4] + ("AAAA" if not by_ec.endswith("AAAA") else "BBBB"),
            call("token", ANA, "--data", folder).out.strip(),  # for another audience
            signed(EC_KEY, "ES256", iss=EC_ISSUER, sub=ana, aud="multiway"),
            signed(EC_KEY, "ES256", iss=EC_ISSUER, sub=ana, exp=int(time.time()) - 60),
            signed(EC_KEY, "ES256", iss=EC_ISSUER, email=ANA),
            signed(EC_KEY, "ES256", iss=EC_ISSUER, sub=ben),  # of a company for which it may not sign
            signed(RSA_KEY, "RS256", iss=RSA_ISSUER, email=ANA),
            signed(EC_KEY, "ES256", iss=RSA_ISSUER, email=ANA),
            signed(EC_KEY, "ES256", iss="https://else.example/", sub=ana),
            signed(RSA_KEY, "PS256", iss=RSA_ISSUER, email=ANA),
            signed(RSA_KEY, "RS256", iss=RSA_ISSUER, email="nobody@nimbus.example"),
        ]
        for wrong in refused:
            response = served.post(wrong, ME)
            assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (
                401,
                "UNAUTHENTICATED",
            )
        hers = sides(served.ask(by_ec, PAGE), "Nimbus Cloud")[DEAL][BRIGHTWATER]
        his = sides(served.ask(by_rsa, PAGE), BRIGHTWATER)[DEAL][BRIGHTWATER]
        assert (hers["stage"], hers["amount"]) == (None, {"amount": "215000.00", "currency": "EUR"})
        assert his["stage"] == "COMMITTED"
        record = next(n["id"] for n in served.ask(by_rsa, PAGE)["opportunities"]["nodes"] if n["name"] == DEAL)
        told = {source: call("explain", record, "--as", BEN, source, at).out for source, at in _both(config, folder)}
        assert "amount" in told["--config"]
        assert "stage" not in told["--config"].split("Seen by nobody else")[0]
        assert "stage" in told["--data"].split("Seen by nobody else")[0]
        assert served.stop() == (0, "")
    assert clean(folder)


def _both(config: Path, folder: Path) -> list[tuple[str, Path]]:
    return [("--config", config), ("--data", folder)]


def test_what_belongs_to_the_demo_is_not_there(tmp_path: Path) -> None:
    folder = make(tmp_path / "data")
    config = configured(tmp_path, "development_issuer = false")
    with serve(config) as served:
        for path in ("/", "/demo/people.json", "/graphiql", "/graphiql/x/static/page.js", "/docs"):
            assert served.get(path).status_code == 404, path
        assert served.get("/graphql").status_code == 405
        assert served.post(call("token", ANA, "--data", folder).out.strip(), ME).status_code == 401
        failed(call("token", ANA, "--config", config), str(config), "development_issuer")
        token = signed(RSA_KEY, "RS256", iss=RSA_ISSUER, email=BEN, aud="multiway")
        assert served.ask(token, ME) == {"viewer": {"person": {"name": "Ben Okafor"}}}
        failed(run("serve", "--config", config), str(folder), "another process")
        assert served.stop() == (0, "")


def test_nobody_could_sign_in(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("port = 0\ndata = 'data'")
    failed(
        call("serve", "--config", tmp_path / "settings.toml"), str(tmp_path / "settings.toml"), "nobody could sign in"
    )
    failed(call("serve"), "nobody could sign in")
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    "content", [None, b"", b"{", b"[]", b"{}", b'{"keys": 1}', b'{"keys": [1]}', b'{"keys": [{}]}', b"\xff", b"1"]
)
def test_a_jwks_that_cannot_be_read_is_refused_with_its_name(tmp_path: Path, content: bytes | None) -> None:
    config = configured(tmp_path)
    file = tmp_path / "keys" / "rsa.json"
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    failed(call("serve", "--config", config), f"{file}: ")


GOOD = 'deny_side_field(_viewer, _action, side, "stage", "ours") if side.own = false;\n'


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("OURS.polar", "# fine\n" + GOOD + "allow_side_field(_viewer, x) if not true;\n", "line 3"),
        ("OURS.polar", GOOD + 'deny_side_field(_viewer, _action, side, "stag", "ours") if side.own = false;', "line 2"),
        ("OURS.polar", "\n\n\n(", "line 4"),
        ("OURS.polar", b"# \xe9", "UTF-8"),
        ("OURS.polar", None, "directory"),
        ("brightwater.polar", GOOD, "must be a company's id"),
        ("co_00000000000000000000000000.polar", GOOD, "no company of this id"),
    ],
)
def test_a_bad_policy_is_refused_with_its_file(tmp_path: Path, name: str, text: str | bytes | None, told: str) -> None:
    folder = make(tmp_path / "data")
    config = configured(tmp_path, 'policies = "rules"')
    file = tmp_path / "rules" / name.replace("OURS", person(folder, BEN)[1])
    file.parent.mkdir()
    if text is None:
        file.mkdir()
    else:
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
    failed(call("serve", "--config", config), f"{file}: ", told)
    assert clean(folder)


def test_a_policy_folder_must_be_there(tmp_path: Path) -> None:
    make(tmp_path / "data")
    failed(call("serve", "--config", configured(tmp_path, 'policies = "rules"')), str(tmp_path / "rules"))


@pytest.mark.parametrize("host", ["256.0.0.1", "no.such.host.invalid", "a..b", "x" * 100, "192.0.2.1"])
def test_an_address_that_is_not_here_is_refused(tmp_path: Path, host: str) -> None:
    failed(call("serve", "--config", configured(tmp_path, f'host = "{host}"')), host)
    assert not (tmp_path / "data").exists()
