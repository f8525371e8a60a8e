"""Both examples on the real data that they are written for, where it is there, in SQLite."""

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.importing.load import run_import
from gateway.importing.opening import open_source
from gateway.importing.report import Summary
from schema.names import random_id
from spaces.sqlite.spaces import SqliteSpaces
from tests.importing.world import CATALOG, DAY, Told, World

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"


@pytest.fixture
async def real(tmp_path: Path) -> AsyncIterator[World]:
    world = World(tmp_path, SqliteSpaces.open(tmp_path / "data", CATALOG))
    yield world
    await world.spaces.close()


async def load(world: World, name: str) -> Summary:
    if not (DATA / name).is_dir():
        pytest.skip(f"the real data set {name} is not beside this project")
    world.told = Told()
    mapping = ROOT / "docs" / "examples" / f"{name}.toml"
    opened = open_source(DATA / name, mapping, CATALOG)
    return await run_import(opened, world.spaces, now=lambda: DAY.format(0), new_id=random_id, report=world.told)


async def test_the_crm_of_three_offices(real: World) -> None:
    assert await load(real, "maven_crm") == Summary(loaded=8800, companies=3, people=30)
    stages: Counter[str] = Counter()
    won, accounts, industries = 0, 0, 0
    for office in ("Central", "East", "West"):
        fields = ("stage", "amount", "joint.customerAccountName", "joint.industry", "owner")
        for stage, amount, account, industry, owner in await real.shown(f"MavenTech {office}", *fields):
            stages[stage] += 1
            accounts += account is not None
            industries += industry is not None
            assert owner is not None
            assert (amount is None) is (stage in ("PROSPECT", "QUALIFIED"))
            if stage == "LAUNCHED":
                assert amount["currency"] == "USD"
                won += int(amount["amount"].replace(".", ""))
    assert stages == {"PROSPECT": 500, "QUALIFIED": 1589, "LAUNCHED": 4238, "CLOSED_LOST": 2473}
    assert won == 10_005_534_00
    assert accounts == industries == 8800 - 1425
    assert await load(real, "maven_crm") == Summary(skipped=8800)


async def test_the_awards_of_public_contracts(real: World) -> None:
    summary = await load(real, "uk_contracts")
    assert summary == Summary(loaded=142, skipped=4, refused=1, companies=243, people=243)
    assert real.told.refused() == ["releases.json:10660: participants.company: a company has no name."]
    (row,) = await real.rows("DENNIS EAGLE LIMITED")
    inside = await real.participants(row)
    assert [(role, status) for _, role, status in inside] == [
        ("OWNER", "ACCEPTED"),
        *[("PARTICIPANT", "ACCEPTED")] * 34,
    ]
    assert inside[0][0] == await real.company("AEBI SCHMIDT UK LIMITED")
    assert len(await real.sides(row)) == 35
    (updated,) = await real.shown("PwC (PricewaterhouseCoopers)", "amount")
    assert updated == ({"amount": "109320.00", "currency": "GBP"},)  # an earlier release said a hundred times that
    assert await load(real, "uk_contracts") == Summary(skipped=146, refused=1)
