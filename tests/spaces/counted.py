"""Pairs of worlds that differ in hidden things alone, and how many statements a company's reads of them run."""

from typing import Any

from schema.mask import EXISTS
from schema.money import Money
from schema.names import CompanyId
from schema.sharing import NO_OVERRIDES, PARTICIPANTS, PRIVATE, Sharing
from schema.where import Comparison
from spaces.change import Change, Participation
from spaces.columns import PARTNERS_CUSTOM
from spaces.contract import Spaces
from spaces.fetch import Related
from tests.spaces.customs import KINDS
from tests.spaces.search import search
from tests.spaces.world import (
    DEAL,
    A,
    B,
    ByCompany,
    C,
    Masks,
    bits,
    change,
    creation,
    groups,
    page,
    program,
    sides,
    some,
)

KNOWN = program(0, ((Comparison("viewer_status", "ne", "INVITED"), Comparison("status", "eq", "ACCEPTED")), EXISTS))
ACCEPTED_OR_INVITED = program(0, ((Comparison("viewer_status", "in", ("ACCEPTED", "INVITED")),), DEAL.all_joint))
STAGES = Masks(program(bits(DEAL, "side", "stage")))
BY_INDUSTRY = Masks(
    program(STAGES.program(NO_OVERRIDES).always, ((Comparison("joint__industry", "eq", "a"),), DEAL.all_side))
)
DARK = Masks(program(0))
STAGES_OF_B = Masks(program(bits(KINDS[B], "side", "stage", "area")), kind=KINDS[B])
PARTNERS_TEXTS = {"joint.name": 7, "partners.stage": 1, PARTNERS_CUSTOM: 1}


def invited(*others: Participation) -> Change:
    """B's record r3, to which it invites A."""
    return change("r3", B, participants=(Participation(A, "VIEWER", "INVITED"), *others))


PAIRS: dict[str, tuple[Masks, list[Change], list[Change]]] = {
    "values": (
        STAGES,
        [change("r1", B, side={"amount": Money(1, "EUR")})],
        [change("r1", B, side={"amount": Money(9, "USD"), "chance": 3})],
    ),
    "custom texts": (
        STAGES_OF_B,
        [change("r1", B, kind=KINDS[B], side={"area": "a", "note": "b"})],
        [change("r1", B, kind=KINDS[B], side={"area": "a", "note": "a " * 400}), change("r2", B, side={"chance": 1})],
    ),
    "sharings": (
        STAGES,
        [change("r1", B, sharing=Sharing((("amount", PRIVATE),)))],
        [
            change("r1", B, sharing=Sharing((("amount", PARTICIPANTS),))),
            change("r2", B, sharing=Sharing((("chance", PARTICIPANTS),))),
        ],
    ),
    "a side, or none": (
        DARK,
        [creation("r5", A, "t5", C, side={"stage": "a"})],
        [creation("r5", A, "t5", C, side={"stage": "a"}), change("r5", C, side={"stage": "a"})],
    ),
    "other companies' records": (STAGES, [], [creation("r6", B, "t6", C, side={"stage": "a"})]),
    "a record that was left": (
        STAGES,
        [],
        [
            creation("r7", C, "t7", side={"stage": "a"}),
            change("r7", C, participants=(Participation(A, "VIEWER", "WITHDRAWN"),)),
        ],
    ),
    "what masks test of records": (
        BY_INDUSTRY,
        [change("r1", joint={"industry": "b"}), change("r2", joint={"industry": "b"})],
        [change("r1", joint={"industry": "c"}), change("r3", B, joint={"industry": "d"})],
    ),
    "participants of an invitation": (STAGES, [invited()], [invited(Participation(C, "VIEWER", "ACCEPTED"))]),
}
"""By what differs: the masks that hide it, and what either world has besides `BASE`."""

BASE = [
    creation("r1", A, "t1", B, side={"stage": "a"}),
    creation("r2", A, "t2", B, side={"stage": "b"}),
    creation("r3", B, "t3", side={"stage": "c"}),
    change("r1", B, side={"stage": "a"}),
]


OF_A_STRANGER = ByCompany(STAGES, {CompanyId("co_stranger"): BY_INDUSTRY})
"""The same masks, and those of a company that is on no record."""


async def counts(spaces: Spaces, masks: Masks | ByCompany, seen: list[Any]) -> list[int]:
    """How many statements each of A's reads runs, at first and again; `seen` gains one for each."""
    related = Related(masks if isinstance(masks, ByCompany) else ByCompany(masks), KNOWN)
    rest: dict[str, Any] = {"related": related, "joint_mask": ACCEPTED_OR_INVITED}
    found = []
    for _ in range(2):
        seen.clear()
        await spaces.sides([sides(company, "r1", "r2", "r5") for company in (B, C)])
        found.append(len(seen))
        for quantifier in ("some", "none", "every", "gap"):
            for column, value in (("stage", "a"), ("amount_minor", 9), ("company", C)):
                seen.clear()
                await spaces.page(page(where=some(column, "eq", value, quantifier=quantifier), count=True, **rest))
                found.append(len(seen))
        for order, at in (("max partners.stage", "b"), ("-min partners.amount_minor", 1)):
            seen.clear()
            await spaces.page(page(order=[order], after=(at, "r1"), **rest))
            found.append(len(seen))
        for words in (("a",), ("a", "b")):
            seen.clear()
            await spaces.page(search(*words, columns=PARTNERS_TEXTS, count=True, **rest))
            found.append(len(seen))
        for by in ("partners.stage", "mine.stage"):
            seen.clear()
            await spaces.groups(groups(by, measures=("partners.amount_minor",), **rest))
            found.append(len(seen))
    return found
