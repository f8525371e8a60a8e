"""What an import leaves in the spaces: values, companies and people; again; changed; stopped half way."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from gateway.importing.changes import IMPORTER
from schema.errors import Fault
from schema.names import PersonId, RecordId
from schema.sharing import PRIVATE, Sharing
from spaces.change import Change, Participation
from tests.importing.world import GOOD, HEAD, KIND, MAPPING, NESTED, World, lines, names

AWARDS: list[dict[str, Any]] = [
    {
        "date": "2026-02-01T00:00:00Z",
        "title": "Roads",
        "awards": [
            {
                "id": "r1",
                "next": "sign",
                "value": {"amount": 1234.5, "currency": "GBP"},
                "suppliers": [
                    {"name": "Alpha"},
                    {"name": "Beta"},
                    {"name": "Gamma"},
                    {"name": "Beta"},
                    {"name": "Alpha"},
                ],
            }
        ],
    }
]


def award(**changed: Any) -> str:
    release = AWARDS[0]
    return json.dumps([{**release, "awards": [{**release["awards"][0], **changed}]}])


async def test_a_row_becomes_a_record_of_its_company(world: World) -> None:
    summary = await world.check(HEAD + GOOD, (1, 0, 0, 0))
    assert (summary.companies, summary.people) == (1, 1)
    fields = ("joint.name", "joint.engagementStage", "stage", "amount", "targetCloseDate", "crmRef")
    amount, ref = {"amount": "10.50", "currency": "USD"}, {"system": "test", "id": "1", "url": None}
    assert await world.shown("East", *fields) == [("First", "IDENTIFIED", "LAUNCHED", amount, "2026-12-31", ref)]
    (row,) = await world.rows("East")
    assert (row.role, row.status, row.own_version) == ("OWNER", "ACCEPTED", 1)


async def test_a_person_without_an_address_is_made_one(world: World) -> None:
    await world.load(HEAD + GOOD + GOOD.replace("1,East", "2,East"))
    person = await world.spaces.person_by_email("ann-lee@east.example")
    assert person is not None
    assert (person.name, person.company) == ("Ann Lee", await world.company("East"))
    assert await world.shown("East", "owner") == [(person.id,), (person.id,)]


async def test_a_person_with_an_address_is_found_by_it(world: World) -> None:
    mapping = MAPPING.replace('owner = "{agent}"', 'owner = { name = "{agent}", email = "{account}" }')
    await world.check(lines("1,East,First,Ann@Acme.example,Won,1,,Ann"), (1, 0, 0, 0), mapping)
    again = lines("2,East,Second,ann@acme.example,Won,1,,Ann", "3,West,Third,ann@acme.example,Won,1,,Ann")
    summary = await world.check(again, (1, 0, 0, 1), mapping)
    assert summary.people == 0
    assert world.told.refused() == ["data.csv:3: the e-mail address of Ann belongs to a person of another company."]


async def test_companies_whose_names_come_out_alike_keep_their_people_apart(world: World) -> None:
    source = lines("1,Axis Plc,A,,Won,1,,Ann", "2,Axis plc,B,,Won,1,,Ann", "3,軸,C,,Won,1,,Ann")
    assert (await world.check(source, (3, 0, 0, 0))).companies == 3
    for email, name in (("ann@axis-plc", "Axis Plc"), ("ann@axis-plc-2", "Axis plc"), ("ann@company", "軸")):
        person = await world.spaces.person_by_email(email + ".example")
        assert person is not None
        assert person.company == await world.company(name)
    assert (await world.check(source, (0, 0, 3, 0))).people == 0


async def test_a_second_import_changes_nothing(world: World) -> None:
    source = HEAD + GOOD + "2,West,Second,,Open,,,Bob\n"
    await world.check(source, (2, 0, 0, 0))
    before = [await world.rows("East"), await world.rows("West")]
    summary = await world.check(source, (0, 0, 2, 0))
    assert (summary.companies, summary.people) == (0, 0)
    assert [await world.rows("East"), await world.rows("West")] == before


async def test_just_what_differs_is_written(world: World) -> None:
    await world.check(HEAD + GOOD + GOOD.replace("1,East", "2,East"), (2, 0, 0, 0))
    changed = GOOD.replace("10.50", "11").replace("Acme", "")
    await world.check(HEAD + changed + GOOD.replace("1,East", "2,East"), (0, 1, 1, 0))
    first, second = await world.rows("East")
    if first.own_version == 1:
        first, second = second, first
    assert (first.own_version, second.own_version) == (2, 1)
    shown = await world.shown("East", "amount", "joint.customerAccountName", "stage")
    assert ({"amount": "11.00", "currency": "USD"}, None, "LAUNCHED") in shown
    assert ({"amount": "10.50", "currency": "USD"}, "Acme", "LAUNCHED") in shown


async def test_a_joint_change_leaves_the_side_alone(world: World) -> None:
    await world.load(HEAD + GOOD)
    await world.check(HEAD + GOOD.replace("First", "Renamed"), (0, 1, 0, 0))
    (row,) = await world.rows("East")
    assert row.own_version == 1
    assert await world.shown("East", "joint.name") == [("Renamed",)]


async def test_what_the_mapping_does_not_name_stays(world: World) -> None:
    await world.load(HEAD + GOOD)
    (row,) = await world.rows("East")
    company, own = await world.company("East"), {"notes": "ours", "nextStep": "call"}
    moved = {"engagementStage": "WON"}
    sharing = Sharing((("stage", PRIVATE),))
    change = Change(KIND, row.record, company, PersonId(""), row.created_at, joint=moved, side=own, sharing=sharing)
    await world.spaces.commit(change)
    await world.check(HEAD + GOOD.replace("Won", "Open"), (0, 1, 0, 0))
    shown = await world.shown("East", "notes", "nextStep", "joint.engagementStage", "stage")
    assert shown == [("ours", "call", "WON", "PROSPECT")]
    assert [row.sharing for row in await world.rows("East")] == [sharing]


async def test_a_lifecycle_that_the_row_leaves_open_starts_once(world: World) -> None:
    mapping = MAPPING.replace("joint.customerAccountName", "joint.engagementStage")
    await world.check(lines("1,East,First,,Won,1,,Ann"), (1, 0, 0, 0), mapping)
    assert await world.shown("East", "joint.engagementStage") == [("IDENTIFIED",)]
    await world.check(lines("1,East,First,WON,Won,1,,Ann"), (0, 1, 0, 0), mapping)
    await world.check(lines("1,East,First,,Won,1,,Ann"), (0, 0, 1, 0), mapping)
    assert await world.shown("East", "joint.engagementStage") == [("WON",)]


async def test_the_list_of_an_item_becomes_participants(world: World) -> None:
    await world.check(award(), (1, 0, 0, 0), NESTED, "data.json")
    (row,) = await world.rows("Gamma")
    companies = [await world.company(name) for name in ("Alpha", "Beta", "Gamma")]
    roles = ["OWNER", "PARTICIPANT", "PARTICIPANT"]
    assert await world.participants(row) == [
        (company, role, "ACCEPTED") for company, role in zip(companies, roles, strict=True)
    ]
    assert await world.sides(row) == dict.fromkeys(companies, 1)
    amounts = [names(await world.shown(name, "amount")) for name in ("Alpha", "Beta", "Gamma")]
    assert amounts == [[{"amount": "1234.50", "currency": "GBP"}], [None], [None]]
    await world.check(award(), (0, 0, 1, 0), NESTED, "data.json")


async def test_a_change_of_shared_sides_and_of_who_takes_part(world: World) -> None:
    await world.check(award(), (1, 0, 0, 0), NESTED, "data.json")
    (before,) = await world.rows("Beta")
    fewer = [{"name": "Alpha"}, {"name": "Beta"}, {"name": "Delta"}]
    await world.check(award(suppliers=fewer), (0, 1, 0, 0), NESTED, "data.json")
    (row,) = await world.rows("Delta")
    assert row.record == before.record
    assert [role for _, role, _ in await world.participants(row)] == ["OWNER", *["PARTICIPANT"] * 3]
    assert sorted((await world.sides(row)).values()) == [1, 1, 1, 1]
    assert await carriers(world, "Alpha", "Beta", "Gamma", "Delta") == [row.record] * 4
    (seen,) = await world.rows("Beta")
    assert seen.updated_at is not None
    assert before.updated_at is not None
    assert seen.updated_at > before.updated_at
    await world.check(award(suppliers=fewer, next="pay"), (0, 1, 0, 0), NESTED, "data.json")
    assert [v for _, v in sorted((await world.sides(row)).items(), key=lambda item: item[1])] == [1, 2, 2, 2]
    history = [[entry["value"] for entry in log] for (log,) in await world.shown("Beta", "nextStepsHistory")]
    assert history == [["sign", "pay"]]


async def carriers(world: World, *companies: str) -> list[RecordId | None]:
    """The record that each company's space has under the award's natural key."""
    found = []
    for name in companies:
        found += await world.spaces.record_by_natural_key(await world.company(name), KIND, ['["test","r1"]'])
    return found


async def test_a_new_first_participant_joins_and_does_not_take_over(world: World) -> None:
    await world.check(award(), (1, 0, 0, 0), NESTED, "data.json")
    await world.check(award(suppliers=[{"name": "Zeta"}, {"name": "Beta"}]), (0, 1, 0, 0), NESTED, "data.json")
    (row,) = await world.rows("Zeta")
    assert row.owner == await world.company("Alpha")
    assert row.role == "PARTICIPANT"
    assert await carriers(world, "Zeta", "Beta") == [row.record] * 2


async def test_a_company_that_withdrew_is_left_alone(world: World) -> None:
    await world.check(award(), (1, 0, 0, 0), NESTED, "data.json")
    (row,) = await world.rows("Beta")
    beta = await world.company("Beta")
    left = (Participation(beta, "PARTICIPANT", "WITHDRAWN"),)
    await world.spaces.commit(Change(KIND, row.record, beta, PersonId(""), row.created_at, participants=left))
    await world.check(award(next="pay"), (0, 1, 0, 0), NESTED, "data.json")
    assert (beta, "PARTICIPANT", "WITHDRAWN") in await world.participants(row)
    assert (await world.sides(row))[beta] == 1


async def test_of_two_rows_the_newer_counts(world: World) -> None:
    release = AWARDS[0]
    old = {**release, "date": "2026-02-01T08:00:00+09:00", "title": "Old"}  # the evening before
    for source in ([release, old], [old, release]):
        await world.load(json.dumps(source, indent=1), NESTED, "data.json")
        assert await world.shown("Alpha", "joint.name") == [("Roads",)]
        told = [outcome for outcome in world.told.outcomes if outcome.reason]
        assert [outcome.result for outcome in told] == ["skipped"]
        assert told[0].reason.endswith("is newer and has the same natural key.")


async def test_the_same_key_in_two_companies_is_two_records(world: World) -> None:
    await world.check(HEAD + GOOD + GOOD.replace("East", "West"), (2, 0, 0, 0))
    assert len(await world.rows("East")) == len(await world.rows("West")) == 1


async def test_companies_with_the_key_on_different_records_are_refused(world: World) -> None:
    for name in ("Alpha", "Beta"):
        await world.check(award(suppliers=[{"name": name}]), (1, 0, 0, 0), NESTED, "data.json")
    await world.check(award(), (0, 0, 0, 1), NESTED, "data.json")
    assert world.told.refused()[0].endswith("its companies have this natural key on different records.")


class Stopping:
    """Spaces that commit some changes of a batch and then fail, as when the machine stops."""

    def __init__(self, world: World, changes: int) -> None:
        self._inner = world.spaces
        self._left = changes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def commit_all(self, changes: Sequence[Change]) -> list[Exception | None]:
        errors = await self._inner.commit_all(changes[: self._left])
        assert errors == [None] * self._left
        raise Fault("stopped")


@pytest.mark.parametrize("changes", [1, 2, 3])
async def test_an_import_that_was_stopped_is_finished_by_the_next(world: World, changes: int) -> None:
    spaces: Any = world.spaces
    stopping: Any = Stopping(world, changes)
    world.spaces = stopping
    with pytest.raises(Fault, match="stopped"):
        await world.load(award(), NESTED, "data.json")
    assert world.told.summaries[0].loaded == 0
    world.spaces = spaces
    (row,) = await world.rows("Alpha")
    assert len(await world.sides(row)) == changes
    await world.check(award(), (0, 1, 0, 0) if changes < 3 else (0, 0, 1, 0), NESTED, "data.json")
    assert set((await world.sides(row)).values()) == {1}
    assert len(await world.sides(row)) == len(await world.participants(row)) == 3
    assert await carriers(world, "Alpha", "Beta", "Gamma") == [row.record] * 3


async def test_a_failure_to_write_is_no_refusal_of_rows(world: World) -> None:
    failing: Any = Failing(world)
    world.spaces = failing
    with pytest.raises(Fault, match="disk full"):
        await world.load(HEAD + GOOD)


class Failing(Stopping):
    """Spaces whose disk is full."""

    def __init__(self, world: World) -> None:
        super().__init__(world, 0)

    async def commit_all(self, changes: Sequence[Change]) -> list[Exception | None]:
        return [Fault("disk full")] * len(changes)


def test_nobody_may_have_the_importers_id() -> None:
    assert set(IMPORTER.removeprefix("pe_")) == {"0"}
