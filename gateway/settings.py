"""The settings of `multiway serve`: one frozen object, read once from TOML, unknown keys refused.

A setting is declared here, in one place: type, default, meaning, unit and what must hold of it. To add one, add a field
and run `make settings`, which writes the tables of docs/settings.md anew.
"""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from gateway.limits.table import LIMITS
from gateway.setting_tables import between, one_of, read_table, setting, table
from schema.errors import BadDeclaration
from schema.names import COMPANY_PREFIX, prefix_of
from spaces.postgres.address import is_plain_url

DEFAULT_DATA = Path("multiway-data")
_COST = f"0, or {LIMITS.cost} to a billion"  # less than one operation may cost would never let it pass
_ADDRESS = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^\s:\[\]]+):[0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class IssuerSettings:
    """Who may sign tokens."""

    issuer: str = setting("Exact `iss` of its tokens.")
    jwks: Path = setting("File with its public keys, a JWKS.")
    algorithms: tuple[str, ...] = setting(
        "The algorithms it signs with.", default=("ES256",), **one_of("ES256", "RS256", "EdDSA")
    )
    person_claim: str = setting(
        "The claim that names the person: `sub` holds a person id, `email` an address.",
        default="sub",
        **one_of("sub", "email"),
    )
    companies: tuple[str, ...] | None = setting(
        "The companies for whose people it may sign; needed where there are several issuers.",
        default=None,
        must="company ids",
        holds=lambda company: prefix_of(company) == COMPANY_PREFIX,
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator sets."""

    data: Path = setting(
        "Folder of the keys, and of the network and the spaces where these lie in no database.", default=DEFAULT_DATA
    )
    database: str | None = setting(
        "The PostgreSQL database of the network and all spaces, such as `postgresql://multiway@host/multiway`.",
        default=None,
        must="a URL of PostgreSQL without a password",
        holds=is_plain_url,
    )
    database_password: Path | None = setting(
        "File with the password of the database's user. Without it the driver's own ways serve: `PGPASSWORD`, "
        "`PGPASSFILE`, or a certificate.",
        default=None,
    )
    database_readers: int = setting(
        "How many connections to the database reads may have; writes have one more.",
        default=10,
        unit="connections",
        **between(1, 1_000),
    )
    host: str = setting("Address to listen on.", default="127.0.0.1")
    port: int = setting("Port to listen on; 0 is any that is free.", default=8000, **between(0, 65_535))
    audience: str = setting("What a token's `aud` must contain.", default="multiway")
    development_issuer: bool = setting(
        "Whether tokens of `multiway token` are accepted; never on a public network.", default=False
    )
    issuers: tuple[IssuerSettings, ...] = setting("Who may sign tokens, a table each.", default=())
    policies: Path | None = setting("Folder of `<company id>.polar` files, a company's own access rules.", default=None)
    open_files: int = setting(
        "How many companies' files may be open at once.", default=256, unit="files", **between(1, 1_000_000)
    )
    cost_per_minute: int = setting(
        "What a person may ask in a minute; 0 bounds nothing.",
        default=LIMITS.cost_per_minute,
        unit="cost of operations",
        must=_COST,
        holds=lambda cost: cost == 0 or LIMITS.cost <= cost <= 10**9,
    )
    running_requests: int = setting(
        "How many requests are worked on at once.",
        default=LIMITS.running_requests,
        unit="requests",
        **between(1, 10_000),
    )
    waiting_requests: int = setting(
        "How many more wait for their turn; who comes then is refused with `OVERLOADED`.",
        default=LIMITS.waiting_requests,
        unit="requests",
        **between(0, 10_000),
    )
    shutdown_seconds: float = setting(
        "How long requests under way are given to end once `serve` is told to stop.",
        default=10.0,
        unit="seconds",
        **between(0, 600),
    )
    shutdown_notice_seconds: float = setting(
        "How long `/ready` says no, and requests are still taken, before that.",
        default=0.0,
        unit="seconds",
        **between(0, 600),
    )
    log: str = setting(
        "What stands on stderr: a line a request, in this form, or off: only what goes wrong, as text.",
        default="off",
        **one_of("json", "text", "off"),
    )
    metrics: str | None = setting(
        "Where Prometheus finds metrics; nowhere without it. Open it to the collector alone.",
        default=None,
        must="an address, `host:port`",
        holds=lambda address: _ADDRESS.fullmatch(address) is not None and host_and_port(address)[1] < 65_536,
    )
    traces: str | None = setting(
        "Where traces are sent by OTLP over HTTP, with the packages of `pip install '.[traces]'`; nowhere without it.",
        default=None,
        must="a URL, `http://` or `https://`",
        holds=lambda url: url.startswith(("http://", "https://")),
    )


def host_and_port(address: str) -> tuple[str, int]:
    """The parts of `host:port`; an IPv6 address stands in brackets."""
    host, _, port = address.rpartition(":")
    return host.removeprefix("[").removesuffix("]"), int(port)


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
    read = read_table(file, "", found, Settings)
    if len({issuer.issuer for issuer in read.issuers}) < len(read.issuers):
        raise BadDeclaration(f"{file}: `issuers.issuer` must differ from issuer to issuer.")
    if len(read.issuers) > 1 and any(issuer.companies is None for issuer in read.issuers):
        raise BadDeclaration(f"{file}: with several issuers, each must name its `issuers.companies`.")
    return read


def settings_of(config: Path | None, data: Path) -> Settings:
    """What a command that looks at a network works with: the settings of its --config, else those of its --data."""
    return Settings(data=data) if config is None else read_settings(config)


def reference() -> str:
    """The tables of all settings, in Markdown: what docs/settings.md holds between its marks."""
    return f"{table(Settings)}\nEach `[[issuers]]` table:\n\n{table(IssuerSettings)}"
