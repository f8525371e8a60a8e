"""The settings of `multiway serve`: one frozen object, read once from TOML, unknown keys refused."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from schema.errors import BadDeclaration

DEFAULT_DATA = Path("multiway-data")


@dataclass(frozen=True, slots=True)
class IssuerSettings:
    """Who may sign tokens."""

    issuer: str = field(metadata={"doc": "Exact `iss` of its tokens."})
    jwks: Path = field(metadata={"doc": "File with its public keys, a JWKS; a relative path counts from the config."})
    algorithms: tuple[str, ...] = field(
        default=("ES256",), metadata={"doc": "The algorithms it signs with: ES256, RS256 or EdDSA."}
    )
    person_claim: str = field(
        default="sub", metadata={"doc": "The claim that names the person: `sub` (person id) or `email`."}
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator sets."""

    data: Path = field(default=DEFAULT_DATA, metadata={"doc": "Folder of the network and the spaces."})
    host: str = field(default="127.0.0.1", metadata={"doc": "Address to listen on."})
    port: int = field(default=8000, metadata={"doc": "Port to listen on."})
    audience: str = field(default="multiway", metadata={"doc": "What a token's `aud` must contain."})
    development_issuer: bool = field(
        default=False, metadata={"doc": "Whether tokens of `multiway token` are accepted; never on a public network."}
    )
    issuers: tuple[IssuerSettings, ...] = field(default=(), metadata={"doc": "Who may sign tokens, a table each."})
    policies: Path | None = field(
        default=None, metadata={"doc": "Folder of `<company id>.polar` files, a company's own access rules."}
    )
    open_files: int = field(default=256, metadata={"doc": "How many companies' files may be open at once."})


_ALGORITHMS = frozenset({"ES256", "RS256", "EdDSA"})
_CLAIMS = frozenset({"sub", "email"})


def read_settings(file: Path | None) -> Settings:
    """The settings of a file, or the defaults. Raises BadDeclaration naming file and key."""
    if file is None:
        return Settings()
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise BadDeclaration(f"{file}: {reason}.") from None
    values = _values(file, "", found, Settings)
    issuers = values.pop("issuers", [])
    if not isinstance(issuers, list) or not all(isinstance(entry, dict) for entry in issuers):
        raise BadDeclaration(f"{file}: `issuers` must be tables, [[issuers]].")
    for name in ("data", "policies"):
        if name in values:
            values[name] = file.parent / _is(file, name, values[name], str)
    for name, wanted in (("host", str), ("port", int), ("audience", str), ("open_files", int)):
        if name in values:
            _is(file, name, values[name], wanted)
    if "development_issuer" in values:
        _is(file, "development_issuer", values["development_issuer"], bool)
    if not 0 <= values.get("port", 0) <= 65_535:
        raise BadDeclaration(f"{file}: `port` must be 0 to 65535.")
    if values.get("open_files", 1) < 1:
        raise BadDeclaration(f"{file}: `open_files` must be at least 1.")
    return Settings(issuers=tuple(_issuer(file, entry) for entry in issuers), **values)


def _values(file: Path, where: str, found: Mapping[str, Any], of: type) -> dict[str, Any]:
    known = {f.name for f in fields(of)}
    for key in found:
        if key not in known:
            raise BadDeclaration(f"{file}: there is no setting `{where}{key}`.")
    return dict(found)


def _is(file: Path, name: str, value: Any, wanted: type) -> Any:
    if type(value) is not wanted:
        raise BadDeclaration(f"{file}: `{name}` must be of type {wanted.__name__}.")
    return value


def _issuer(file: Path, found: Mapping[str, Any]) -> IssuerSettings:
    values = _values(file, "issuers.", found, IssuerSettings)
    for name in ("issuer", "jwks"):
        if name not in values:
            raise BadDeclaration(f"{file}: `issuers.{name}` is missing.")
        _is(file, f"issuers.{name}", values[name], str)
    algorithms = values.get("algorithms", ["ES256"])
    if not isinstance(algorithms, list) or not algorithms or not _ALGORITHMS.issuperset(map(str, algorithms)):
        raise BadDeclaration(f"{file}: `issuers.algorithms` must be a list of ES256, RS256, EdDSA.")
    claim = values.get("person_claim", "sub")
    if claim not in _CLAIMS:
        raise BadDeclaration(f"{file}: `issuers.person_claim` must be sub or email.")
    return IssuerSettings(values["issuer"], file.parent / values["jwks"], tuple(algorithms), claim)
