"""Random histories of rules, writes and answers, and after each step who is on the record: by the gateway, and by a
model that says it in plain words."""

import random
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import pytest

from tests.gateway.associations import define, inside, retire, rule
from tests.gateway.deals import PEOPLE_OF
from tests.gateway.people import company
from tests.gateway.world import World

STEPS = 150
STAGES = ("PROSPECT", "QUALIFIED", "COMMITTED")
COUNTRIES = ("DE", "FR", None)
PARTNERS = ("core", "dune", "echo")
VERBS = ("side", "side", "joint", "partner", "define", "define", "retire", "invite", "answer", "withdraw")
LIVE = ("INVITED", "ACCEPTED")
Rule: TypeAlias = tuple[Any, Any, tuple[str, ...]]
"""Stages and countries, None for whatever, and companies."""


@dataclass
class Model:
    """What is known of a record and of Acme's rules, by their ids."""

    rules: dict[str, Rule]
    stage: str | None = "PROSPECT"
    country: str | None = "DE"
    status: dict[str, str] = field(default_factory=lambda: {"bolt": "ACCEPTED"})
    by_rule: set[str] = field(default_factory=set)

    def wanted(self, *, side: bool = True) -> set[str]:
        """Whom the rules name, or where the side is not looked at, might name."""
        found: set[str] = set()
        for stages, countries, companies in self.rules.values():
            holds = not side or stages is None or self.stage in stages
            if holds and (countries is None or self.country in countries):
                found |= set(companies)
        return found

    def leave(self, wanted: set[str]) -> None:
        for each in self.by_rule - wanted:
            self.status[each] = "WITHDRAWN"

    def come(self) -> None:
        for each in self.wanted():
            if each not in self.status or (each in self.by_rule and self.status[each] not in LIVE):
                self.status[each] = "INVITED"
                self.by_rule.add(each)

    def decide(self, who: str, status: str) -> None:
        self.status[who] = status
        self.by_rule.discard(who)


@pytest.mark.parametrize("seed", range(3))
async def test_who_is_on_a_record_is_what_the_model_says(bare: World, seed: int) -> None:
    rng = random.Random(seed)
    models: dict[str, Model] = {}
    rules: dict[str, Rule] = {}
    changed = 0
    for number in range(STEPS):
        if number % 12 == 0:
            models |= {await opened(bare): (model := Model(rules))}
            model.come()
        before = [dict(model.status) for model in models.values()]
        step = await one(bare, models, rng.choice(list(models)), rng)
        for record, model in models.items():
            assert await inside(bare, record) == model.status, (seed, number, step)
        changed += sum(was != model.status for was, model in zip(before, models.values(), strict=True))
    assert changed > STEPS // 8


async def opened(world: World) -> str:
    """A record of Acme's, with Bolt on it as a collaborator."""
    given = {"name": "One", "customer": {"name": "X", "country": "DE"}, "mine": {"stage": "PROSPECT"}}
    record = await world.done("ann", "createOpportunity", **given)
    assert record
    await world.done("ann", "inviteCompanies", recordId=record, companyIds=[company("bolt")], role="COLLABORATOR")
    await world.done("bob", "respondToInvitation", recordId=record, accept=True)
    return record


async def one(world: World, models: dict[str, Model], record: str, rng: random.Random) -> Any:
    """One random step, in the world and in the model; gives what it was."""
    model, who = models[record], rng.choice(PARTNERS)
    verb = rng.choice(
        ("side", "side", "joint", "partner", "define", "define", "retire", "invite", "answer", "withdraw")
    )
    if verb == "side":
        value = rng.choice([each for each in STAGES if each != model.stage])
        await world.done("ann", "updateOpportunity", id=record, mine={"stage": value})
        model.stage = value
        model.leave(model.wanted())
        model.come()
    elif verb in ("joint", "partner"):
        country = rng.choice([each for each in COUNTRIES if each != model.country])
        by = "ann" if verb == "joint" else "bob"
        await world.done(by, "updateOpportunity", id=record, joint={"customer": {"country": country}})
        model.country = country
        model.leave(model.wanted(side=by == "ann"))
        if by == "ann":
            model.come()
    elif verb == "define":
        stages, countries = rng.choice((None, ("QUALIFIED",), STAGES[1:])), rng.choice((None, ("DE",), ("DE", "FR")))
        companies = tuple(rng.sample(PARTNERS, rng.randint(1, 2)))
        tests = [{"field": "stage", "op": "IN", "value": list(stages)}] if stages else []
        if countries:
            tests.append({"of": "RECORD", "field": "customer.country", "op": "IN", "value": list(countries)})
        old = {"ruleId": rng.choice(list(model.rules))} if model.rules and (rng.random() < 0.5) else {}
        made = await define(world, rule(*companies, conditions=tests, **old))
        model.rules[made["id"]] = stages, countries, companies
        for each in models.values():
            each.leave(each.wanted())
        return verb, stages, countries, companies, old
    elif verb == "retire" and model.rules:
        gone = rng.choice(list(model.rules))
        await retire(world, gone)
        del model.rules[gone]
        for each in models.values():
            each.leave(each.wanted())
    elif verb == "invite":
        given = {"recordId": record, "companyIds": [company(who)]}
        if model.status.get(who) == "ACCEPTED":
            assert (await world.refused("ann", "inviteCompanies", **given))[0] == "ALREADY_PARTICIPANT"
        else:
            await world.done("ann", "inviteCompanies", **given)
            model.decide(who, "INVITED")
    elif verb == "answer" and model.status.get(who) == "INVITED":
        accepts = rng.random() < 0.6
        await world.done(PEOPLE_OF[who], "respondToInvitation", recordId=record, accept=accepts)
        model.status[who] = "ACCEPTED"
        if not accepts:
            model.decide(who, "DECLINED")
    elif verb == "withdraw" and model.status.get(who) == "ACCEPTED":
        await world.done(PEOPLE_OF[who], "withdraw", recordId=record)
        model.decide(who, "WITHDRAWN")
    return verb, who
