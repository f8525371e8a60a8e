"""Records that a test makes for itself in the live world."""

from typing import Any

from tests.gateway.people import company
from tests.gateway.world import World

PEOPLE_OF = {"acme": "ann", "bolt": "bob", "core": "cat", "dune": "dan", "echo": "eve"}

MINE = """query($id: ID!) { opportunity(id: $id) { mine {
  version stage amount { amount currency } probability nextStep notes
} } }"""

PARTNERS = """query($id: ID!) { opportunity(id: $id) { partners {
  company { name } stage amount { amount currency } probability nextStep notes version sharing { field }
} } }"""

EMPTY = {
    "stage": None,
    "amount": None,
    "probability": None,
    "nextStep": None,
    "notes": None,
}


async def deal(world: World, name: str, *, by: str = "ann", accepted: str = "", invited: str = "", **mine: Any) -> str:
    """Opens an opportunity; companies named in `accepted` and `invited` (blank-separated) are brought in."""
    record = await world.done(
        by,
        "createOpportunity",
        name=name,
        invite=[company(c) for c in f"{accepted} {invited}".split()],
        mine=mine,
    )
    assert record
    for other in accepted.split():
        await world.done(PEOPLE_OF[other], "respondToInvitation", recordId=record, accept=True)
    return record


async def mine(world: World, name: str, record: str) -> Any:
    """The person's own side."""
    return (await world.data(name, MINE, id=record))["opportunity"]["mine"]


async def partners(world: World, name: str, record: str) -> Any:
    """The sides of the others, by company."""
    found = (await world.data(name, PARTNERS, id=record))["opportunity"]["partners"]
    return {side.pop("company")["name"]: side for side in found}


async def version(world: World, name: str, record: str) -> str:
    """The version of the person's own side."""
    return str((await mine(world, name, record))["version"])


def usd(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "USD"}
