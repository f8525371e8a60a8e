"""The composition root: builds every part and hands it to those that need it. Everything else receives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway import reference
from gateway.auth import Authenticator, Issuer
from gateway.context import Clock, Services
from gateway.current import Current
from gateway.limits.admission import Admission
from gateway.limits.table import UNMETERED, Limits
from gateway.limits.traffic import Traffic
from gateway.models import Models
from gateway.mutations.settling import settle_all
from gateway.mutations.table import MUTATION_STEPS
from gateway.pipeline import Pipeline
from gateway.rules_in_force import RulesInForce
from gateway.seal import Seal
from gateway.steps.table import QUERY_STEPS
from gateway.strawberry_schema import GatewaySchema
from policies.authority import Policies
from schema.kind import Catalog
from schema.names import CompanyId, IdFactory, random_id
from schema.sdl import build
from spaces.contract import Spaces


def utc_now() -> str:
    """Now, as `YYYY-MM-DDTHH:MM:SS.ffffffZ`."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def epoch_seconds() -> float:
    """Seconds since 1970."""
    return datetime.now(UTC).timestamp()


@dataclass(frozen=True, slots=True)
class Gateway:
    """A composed gateway."""

    services: Services
    policies: Policies
    schema: GatewaySchema
    pipeline: Pipeline


def compose(
    catalog: Catalog,
    spaces: Spaces,
    *,
    seal_key: bytes,
    issuers: Mapping[str, Issuer],
    audience: str,
    policy_texts: Mapping[CompanyId, str] | None = None,
    now: Clock = utc_now,
    clock: Callable[[], float] = epoch_seconds,
    new_id: IdFactory = random_id,
    limits: Limits = UNMETERED,
) -> Gateway:
    """The gateway over these spaces. Raises BadDeclaration for a policy text that is refused."""
    policies = Policies(catalog, extra=policy_texts)
    resolvers = {**QUERY_STEPS, **MUTATION_STEPS}
    schema = build(catalog, GatewaySchema)
    core = schema._schema  # Strawberry has no public name for the graphql-core schema under it
    reference.attach(core, catalog, None, resolvers=resolvers)
    models = Models(catalog, core, lambda *made: reference.attach(*made, resolvers=resolvers), limits)
    rules = RulesInForce(policies, models, now)
    services = Services(spaces, models, rules, Seal(seal_key), now, new_id, Current(spaces, models, rules))
    authenticator = Authenticator(issuers, audience, spaces, clock)
    traffic = Traffic(limits, clock)
    pipeline = Pipeline(services, authenticator, resolvers, traffic, Admission(limits), settle_all, limits)
    schema.run = pipeline.run
    return Gateway(services, policies, schema, pipeline)
