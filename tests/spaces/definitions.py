"""The contract of definitions: versions one after another, each kept, each company's its own."""

import asyncio
from dataclasses import replace

import pytest

from schema.names import PersonId
from spaces.change import Stale
from spaces.contract import Spaces
from spaces.definition import Definition, VersionsAsked, VersionsPage
from spaces.fetch import PersonRow
from tests.spaces.world import ANN, A, B, change, creation, page


def definition(id_: str = "tpl_1", version: int = 1, **rest: str) -> Definition:
    """A version of a template of A's."""
    made = Definition(A, "template", id_, version, ANN, f"t{version:02}", f'{{"id":"{id_}","version":{version}}}')
    return replace(made, **rest)  # type: ignore[arg-type]  # each names a text


class DefinitionContract:
    """Needs the fixture `spaces`."""

    async def test_the_newest_versions_come_in_the_order_of_the_first(self, spaces: Spaces) -> None:
        assert await spaces.definitions() == []
        for each in (definition("tpl_z"), definition("tpl_a"), definition("tpl_m", company=B, sort="rule")):
            await spaces.define(each)
        await spaces.define(definition("tpl_a", 2))
        await spaces.define(definition("tpl_z", 2, content="", person="pe_max"))
        assert await spaces.definitions() == [
            definition("tpl_z", 2, content="", person="pe_max"),
            definition("tpl_a", 2),
            definition("tpl_m", company=B, sort="rule"),
        ]
        await spaces.define(definition("tpl_z", 3))
        assert [each.version for each in await spaces.definitions()] == [3, 2, 1]

    async def test_revisions_rise_and_tell_what_is_newer(self, spaces: Spaces) -> None:
        _, began = await spaces.signed_in(None)
        found = [began]
        for each in (definition("tpl_z"), definition("tpl_a"), definition("tpl_z", 2)):
            found.append(await spaces.define(each))
            assert await spaces.signed_in(None) == (None, found[-1])
        assert found == sorted(set(found))
        newer = [await spaces.definitions(revision) for revision in found]
        assert newer == [
            [definition("tpl_z", 2), definition("tpl_a")],
            [definition("tpl_z", 2), definition("tpl_a")],
            [definition("tpl_z", 2)],
            [],
        ]
        with pytest.raises(Stale):
            await spaces.define(definition("tpl_z", 2))
        assert await spaces.signed_in(None) == (None, found[-1])

    async def test_who_signs_in(self, spaces: Spaces) -> None:
        row = PersonRow(ANN, A, "ann@a.example", "Ann", ("admin",), False, True)
        await spaces.put_person(row)
        found = [await spaces.signed_in(ANN), await spaces.signed_in(None, "Ann@A.example")]
        assert [each.person for each in found] == [row, row]
        assert (await spaces.signed_in(PersonId("pe_none"))).person is None

    async def test_a_change_is_decided_by_definitions_that_are_still_the_newest(self, spaces: Spaces) -> None:
        revision = await spaces.define(definition("tpl_1"))
        await spaces.commit(creation("r1", decided_by=("rule", revision)))
        await spaces.define(definition("tpl_1", 2))
        await spaces.commit(change("r1", at="t2", side={"stage": "a"}, decided_by=("rule", revision)))
        newest = await spaces.define(definition("tpl_r", sort="rule"))
        with pytest.raises(Stale):
            await spaces.commit(change("r1", at="t3", side={"stage": "b"}, decided_by=("rule", revision)))
        assert (await spaces.page(page())).rows[0].own_version == 2
        await spaces.commit(change("r1", at="t3", side={"stage": "b"}, decided_by=("rule", newest)))

    async def test_every_version_is_kept(self, spaces: Spaces) -> None:
        versions = [definition(version=version) for version in range(1, 12)]
        for each in versions:
            await spaces.define(each)
        await spaces.define(definition("tpl_2"))
        assert await spaces.definition_versions(A, "tpl_1") == versions
        assert await spaces.definition_versions(A, "tpl_2") == [definition("tpl_2")]

    async def test_another_companys_definition_has_no_versions(self, spaces: Spaces) -> None:
        await spaces.define(definition())
        assert await spaces.definition_versions(B, "tpl_1") == []
        assert await spaces.definition_versions(A, "tpl_none") == []

    async def test_a_version_that_is_not_the_next_changes_nothing(self, spaces: Spaces) -> None:
        await spaces.define(definition("tpl_0"))
        refused = [definition(version=version) for version in (0, 2, -1)]
        await self.refuses(spaces, refused)
        await spaces.define(definition())
        await spaces.define(definition(version=2))
        await self.refuses(spaces, [definition(version=version, content="other") for version in (1, 2, 4)])

    async def test_another_companys_id_and_one_of_another_sort_change_nothing(self, spaces: Spaces) -> None:
        await spaces.define(definition())
        others = [definition(version=v, **rest) for v in (1, 2) for rest in ({"company": B}, {"sort": "rule"})]
        await self.refuses(spaces, others)

    async def refuses(self, spaces: Spaces, refused: list[Definition]) -> None:
        """Each is Stale and leaves everything as it was."""

        async def everything() -> object:
            ids = ("tpl_0", "tpl_1")
            return await spaces.definitions(), [await spaces.definition_versions(c, i) for c in (A, B) for i in ids]

        before = await everything()
        for each in refused:
            with pytest.raises(Stale):
                await spaces.define(each)
            assert await everything() == before

    async def test_of_two_at_the_same_time_one_wins(self, spaces: Spaces) -> None:
        both = [definition(content=content) for content in ("one", "other")]
        results = await asyncio.gather(*map(spaces.define, both), return_exceptions=True)
        assert sorted(type(each).__name__ for each in results) == ["Stale", "int"]
        assert len(await spaces.definition_versions(A, "tpl_1")) == 1

    async def test_definitions_stand_among_changes(self, spaces: Spaces) -> None:
        await asyncio.gather(spaces.commit(creation("r1")), spaces.define(definition()), spaces.commit(creation("r2")))
        assert [row.record for row in (await spaces.page(page())).rows] == ["r1", "r2"]
        assert await spaces.definitions() == [definition()]

    async def test_past_versions_with_the_ones_before_them(self, spaces: Spaces) -> None:
        ones = [definition("tpl_1", version, content=f"one {version}", at=f"t{version * 2}") for version in (1, 2, 3)]
        two = definition("shr_2", sort="rule", at="t3")
        theirs = definition("tpl_3", company=B, at="t9")
        for each in (ones[0], two, ones[1], ones[2], theirs):
            await spaces.define(each)
        everything = [(ones[2], ones[1]), (ones[1], ones[0]), (two, None), (ones[0], None)]
        assert await spaces.past_versions(VersionsAsked(A)) == [VersionsPage(everything, False, False, 4)]
        of_one = [everything[0], everything[1], everything[3]]
        pages = await spaces.past_versions(VersionsAsked(A, ("shr_2", "tpl_3", "tpl_1", "none"), limit=2))
        assert pages == [
            VersionsPage([(two, None)], False, False, 1),
            VersionsPage([], False, False, 0),
            VersionsPage(of_one[:2], True, False, 3),
            VersionsPage([], False, False, 0),
        ]
        (page,) = await spaces.past_versions(VersionsAsked(A, after=ones[2].position, before=ones[0].position))
        assert page == VersionsPage(everything[1:3], True, True, 4)
        (page,) = await spaces.past_versions(VersionsAsked(A, limit=2, backwards=True))
        assert page == VersionsPage(everything[2:], False, True, 4)
        (page,) = await spaces.past_versions(VersionsAsked(A, after=ones[0].position))
        assert page == VersionsPage([], False, True, 4)

    async def test_a_version_is_not_older_than_the_one_before_it(self, spaces: Spaces) -> None:
        await spaces.define(definition("tpl_1", at="t5"))
        await spaces.define(definition("tpl_1", 2, at="t3"))
        (page,) = await spaces.past_versions(VersionsAsked(A))
        assert [(each.version, each.at) for each, _ in page.rows] == [(2, "t5"), (1, "t5")]
