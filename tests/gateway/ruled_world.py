"""Worlds with random sharing, rules, access policies and custom fields, and what everybody sees in them.

Bea and Dan may be named by rules; Bob and Cat never are, so they see what anybody of their companies does.
"""

import random
from pathlib import Path
from typing import Any

from graphql import get_named_type, is_leaf_type

from schema.sharing import PARTICIPANTS, PRIVATE, Audience, Sharing
from tests.gateway.access import define as define_policy
from tests.gateway.access import policy
from tests.gateway.made_values import Values
from tests.gateway.people import company, person
from tests.gateway.rules import define
from tests.gateway.test_templates import DEFINE as DEFINE_TEMPLATE
from tests.gateway.world import CATALOG, Seed, World, make_world

READERS = (("bolt", None, "bob"), ("bolt", "bea", "bea"), ("core", None, "cat"), ("dune", "dan", "dan"))
"""Company and person with whose eyes is looked, and who of them really asks."""
COLLEAGUES = (("acme", "abe", "abe"), ("acme", "ann", "ann"))

_DEAL = CATALOG.by_name["opportunity"]
_CUSTOM = [
    {"key": "budget", "type": "MONEY", "label": "Budget"},
    {"key": "seats", "type": "INTEGER", "label": "Seats", "audience": "PARTICIPANTS"},
    {"key": "hint", "type": "TEXT", "label": "Hint"},
]
_NO_READERS = """deny_side_field(viewer, "read", side, "notes", "not for readers") if
  side.own = true and viewer.writes = false;"""


def _audience(rng: random.Random) -> Audience:
    if rng.random() < 0.5:
        return rng.choice((PRIVATE, PARTICIPANTS))
    companies = tuple(sorted(company(c) for c in ("bolt", "core", "dune") if rng.random() < 0.4))
    people = tuple(sorted(person(p) for p in ("bea", "dan") if rng.random() < 0.4))
    return Audience("selected", companies, people) if companies or people else PRIVATE


def _shared(rng: random.Random, seed: Seed) -> None:
    names = [field.ident for field in seed.kind.side]
    for name in seed.sides:
        some = rng.sample(names, k=rng.randint(0, len(names)))
        seed.sharing[name] = Sharing(tuple(sorted((ident, _audience(rng)) for ident in some)))


def _conditions(rng: random.Random) -> list[dict[str, Any]]:
    values = Values(rng, full=True)
    tested = {"stage": ("EQ", "NE", "IN"), "probability": ("GTE", "LT", "EQ"), "dealType": ("NE", "EQ")}
    found = []
    for name in rng.sample(sorted(tested), k=rng.choice((0, 0, 1, 1, 2))):
        op = rng.choice(tested[name])
        several = [values.value(_DEAL.side_by_name[name].type, "x") for _ in range(3)]
        found.append({"field": name, "op": op, "value": sorted(set(several)) if op == "IN" else several[0]})
    return found


def _policy(rng: random.Random) -> dict[str, Any]:
    """Closes something to readers, of whom Abe is one, or to partners."""
    whom: dict[str, Any] = rng.choice(({"people": {"role": {"eq": "reader"}}}, {"who": "PARTNERS"}))
    names = rng.sample([field.name for field in _DEAL.side], k=rng.randint(1, 4))
    return policy(fields=tuple(names), conditions=_conditions(rng), label=f"Policy {rng.randrange(9)}", **whom)


def _rule(rng: random.Random) -> dict[str, Any]:
    names = [field.name for field in _DEAL.side if field.history_of is None] + [f["key"] for f in _CUSTOM]
    audience = _audience(rng)
    said: dict[str, Any] = {"kind": "PARTICIPANTS"}
    if audience.kind == "selected":
        said = {"kind": "SELECTED", "companies": list(audience.companies), "people": list(audience.people)}
    return {
        "kind": "OPPORTUNITY",
        "label": f"Rule {rng.randrange(100)}",
        "effect": rng.choice(("ALLOW", "ALLOW", "DENY")),
        "fields": rng.sample(names, k=rng.randint(1, 6)),
        "audience": said,
        "conditions": _conditions(rng),
    }


async def ruled_world(number: int, folder: Path, backend: str = "memory") -> World:
    """The world of this number: the same one every time. About 30 deals, Acme in most of them."""
    rng = random.Random(number)
    world = await make_world(
        backend, folder, crowd=30, values=Values(rng, full=rng.random() < 0.7), alter=lambda seed: _shared(rng, seed)
    )
    text = {"kind": "OPPORTUNITY", "key": "ours", "label": "Ours", "fields": _CUSTOM}
    assert (await world.data("ada", DEFINE_TEMPLATE, input=text))["defineTemplate"]["userErrors"] == []
    for seed in world.seeds.values():
        if seed.kind is _DEAL and seed.standing.get("acme", ("", ""))[1] == "ACCEPTED":
            given = {"budget": {"amount": "5", "currency": "EUR"}, "seats": rng.randrange(9), "hint": "h"}
            chosen = rng.sample(sorted(given), k=rng.randint(1, 3))
            await world.done("ann", "updateOpportunity", id=seed.id, mine={key: given[key] for key in chosen})
            if rng.random() < 0.3:
                to = {"kind": "SELECTED", "companies": [company("bolt")]}
                await world.done("ann", "shareFields", recordId=seed.id, fields=["budget"], audience=to)
    for _ in range(rng.randint(1, 4)):
        await define(world, _rule(rng))
    for _ in range(rng.randint(0, 2)):
        await define_policy(world, _policy(rng))
    if rng.random() < 0.5:
        world.gateway.policies.replace(company("acme"), _NO_READERS)
    return world


def leaves(world: World, home: str, type_name: str, skipped: frozenset[str]) -> str:
    """The fields below a type, in the schema of a company's people, that lead to scalars by none of the `skipped`
    types, and ask for no page."""
    return _below(world.gateway.pipeline.models.pin().model(company(home)).schema.type_map[type_name], skipped)


def _below(type_: Any, skipped: frozenset[str], depth: int = 3) -> str:
    parts = []
    for name, field in type_.fields.items():
        named = get_named_type(field.type)
        if is_leaf_type(named):
            parts.append(name)
        elif (
            depth > 1 and not field.args and named.name not in skipped and (below := _below(named, skipped, depth - 1))
        ):
            parts.append(f"{name} {{ {below} }}")
    return " ".join(parts)
