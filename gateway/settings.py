"""The settings of `multiway serve`: one frozen object, read once from TOML, unknown keys refused."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from gateway.limits.table import LIMITS
from schema.errors import BadDeclaration
from schema.names import COMPANY_PREFIX, prefix_of

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
    companies: tuple[str, ...] | None = field(
        default=None,
        metadata={"doc": "Ids of the companies for whose people it may sign; needed where there are several issuers."},
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
    cost_per_minute: int = field(
        default=LIMITS.cost_per_minute,
        metadata={"doc": "What a person may ask in a minute, as cost of operations; 0 bounds nothing."},
    )


_PLAIN = {"host": str, "port": int, "audience": str, "open_files": int, "cost_per_minute": int}
_ALGORITHMS = frozenset({"ES256", "RS256", "EdDSA"})
_CLAIMS = frozenset({"sub", "email"})


def read_settings(file: Path | None) -> Settings:
    """The settings of a file, or the defaults. Raises BadDeclaration naming file and key."""
    if file is None:
        return Settings()
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadDeclaration(f"{file}: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise BadDeclaration(f"{file}: this is not UTF-8 text.") from None
    except tomllib.TOMLDecodeError as error:
        raise BadDeclaration(f"{file}: {error}.") from None
    values = _values(file, "", found, Settings)
    issuers = values.pop("issuers", [])
    if not isinstance(issuers, list) or not all(isinstance(entry, dict) for entry in issuers):
        raise BadDeclaration(f"{file}: `issuers` must be tables, [[issuers]].")
    for name in ("data", "policies"):
        if name in values:
            values[name] = _path(file, name, values[name])
    for name, wanted in (
        ("host", str),
        ("port", int),
        ("audience", str),
        ("open_files", int),
        ("cost_per_minute", int),
    ):
        if name in values:
            _is(file, name, values[name], wanted)
    if "development_issuer" in values:
        _is(file, "development_issuer", values["development_issuer"], bool)
    if not 0 <= values.get("port", 0) <= 65_535:
        raise BadDeclaration(f"{file}: `port` must be 0 to 65535.")
    if values.get("open_files", 1) < 1:
        raise BadDeclaration(f"{file}: `open_files` must be at least 1.")
    allowance = values.get("cost_per_minute", 0)
    if allowance and not LIMITS.cost <= allowance <= 10**9:  # less than one operation may cost would never let it pass
        raise BadDeclaration(f"{file}: `cost_per_minute` must be 0, or {LIMITS.cost} to a billion.")
    read = tuple(_issuer(file, entry) for entry in issuers)
    if len({entry.issuer for entry in read}) < len(read):
        raise BadDeclaration(f"{file}: `issuers.issuer` must differ from issuer to issuer.")
    if len(read) > 1 and any(issuer.companies is None for issuer in read):
        raise BadDeclaration(f"{file}: with several issuers, each must name its `issuers.companies`.")
    return Settings(issuers=read, **values)


def settings_of(config: Path | None, data: Path) -> Settings:
    """What a command that looks at a network works with: the settings of its --config, else those of its --data."""
    return Settings(data=data) if config is None else read_settings(config)


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


def _path(file: Path, name: str, value: Any) -> Path:
    text = str(_is(file, name, value, str))
    if not text or "\0" in text:
        raise BadDeclaration(f"{file}: `{name}` must be a path.")
    return file.parent / text


def _issuer(file: Path, found: Mapping[str, Any]) -> IssuerSettings:
    values = _values(file, "issuers.", found, IssuerSettings)
    for name in ("issuer", "jwks"):
        if name not in values:
            raise BadDeclaration(f"{file}: `issuers.{name}` is missing.")
        _is(file, f"issuers.{name}", values[name], str)
    jwks = _path(file, "issuers.jwks", values["jwks"])
    algorithms = values.get("algorithms", ["ES256"])
    if not isinstance(algorithms, list) or not algorithms or not _ALGORITHMS.issuperset(map(str, algorithms)):
        raise BadDeclaration(f"{file}: `issuers.algorithms` must be a list of ES256, RS256, EdDSA.")
    claim = values.get("person_claim", "sub")
    if str(claim) not in _CLAIMS:
        raise BadDeclaration(f"{file}: `issuers.person_claim` must be sub or email.")
    companies = values.get("companies")
    if companies is not None:
        wrong = not isinstance(companies, list) or any(prefix_of(str(c)) != COMPANY_PREFIX for c in companies)
        if wrong or not companies:
            raise BadDeclaration(f"{file}: `issuers.companies` must be a list of company ids.")
        companies = tuple(companies)
    return IssuerSettings(values["issuer"], jwks, tuple(algorithms), claim, companies)
