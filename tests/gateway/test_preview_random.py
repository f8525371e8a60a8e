"""explain and previewAs equal the real answers, in random worlds.

MULTIWAY_EXAMPLES says how many cases are looked at, each a record as somebody else sees it; worlds are made until there
are as many.
"""

import os
from pathlib import Path
from typing import Any

from tests.gateway.people import PEOPLE, company, person
from tests.gateway.ruled_world import COLLEAGUES, READERS, leaves, ruled_world
from tests.gateway.world import World

EXAMPLES = int(os.environ.get("MULTIWAY_EXAMPLES", "200"))

_SKIPPED = frozenset(
    {f"{kind}{end}" for kind in ("Opportunity", "Solution", "Lead") for end in ("", "Side", "Preview", "SidePreview")}
    | {"FieldSharing", "CustomFieldValue", "Participant", "PersonAttribute"}
)
_CUSTOM = "customFields { key value }"
_INSIDE = "participants { company { id } status }"


async def test_they_equal_the_real_answers(tmp_path: Path) -> None:
    cases, number = 0, 0
    while cases < EXAMPLES:
        world = await ruled_world(number, tmp_path / str(number))
        ours = {who: await _seen(world, who, "mine") for who in ("ann", "ada")}
        for asker, readers in (("ann", READERS), ("ada", COLLEAGUES)):
            for of, who, really in readers:
                theirs = await _seen(world, really, "mine" if of == "acme" else "partners")
                cases += await _compare(world, asker, (of, who), ours[asker], theirs)
        await world.spaces.close()
        number += 1


async def _compare(
    world: World, asker: str, reader: tuple[str, str | None], ours: dict[str, Any], theirs: dict[str, Any]
) -> int:
    """Compares all that the asker is shown with what the other one really sees; gives the number of records."""
    previews = await _previewed(world, asker, *reader)
    assert set(previews) == {id_ for id_ in theirs if id_ in ours and reader[0] in ours[id_]["inside"]}
    explained = await _explained(world, asker, *reader, list(previews))
    for id_, preview in previews.items():
        own, real = ours[id_], theirs[id_]
        side, told = preview.pop("side"), explained[id_]
        assert preview.pop("status") == own["inside"][reader[0]]
        for name, value in preview.items():
            assert value == _both(own[name], real[name]), (id_, name)
        assert (side is None) is (real["side"] is None), id_
        assert (told is None) is (own["side"] is None), id_
        if side is not None:
            typed = {name: value for name, value in real["side"].items() if name in side}
            assert {**side, "updatedAt": None} == {**side, **typed, "updatedAt": None}, id_
        for name, value in (own["side"] or {}).items():
            if name in told and value not in (None, []):
                seen = _value(real["side"], name) == value
                assert told[name]["visible"] is seen, (id_, name, told[name])
                assert bool(told[name]["reasons"]) is seen
                assert not (seen and told[name]["closedBy"])
    return len(previews)


def _both(own: Any, real: Any) -> Any:
    """Of a joint value what both see of it."""
    if isinstance(own, dict) and isinstance(real, dict):
        return {name: _both(value, real[name]) for name, value in own.items()}
    return real if own == real else None


def _value(side: dict[str, Any] | None, name: str) -> Any:
    """The value of a field of a side, be it typed for the viewer or not."""
    custom = {each["key"]: each["value"] for each in (side or {}).get("customFields", ())}
    return custom.get(name, (side or {}).get(name))


async def _previewed(world: World, asker: str, of: str, who: str | None) -> dict[str, Any]:
    record, side = (leaves(world, "acme", name, _SKIPPED) for name in ("OpportunityPreview", "OpportunitySidePreview"))
    text = f"""query($company: ID!, $person: ID) {{ previewAs(company: $company, person: $person) {{
      opportunities(first: 100) {{ totalCount nodes {{ {record} side {{ {side} {_CUSTOM} }} }} }} }} }}"""
    found = await world.data(asker, text, company=company(of), person=who and person(who))
    page = found["previewAs"]["opportunities"]
    assert page["totalCount"] == len(page["nodes"])
    return {node["id"]: node for node in page["nodes"]}


async def _seen(world: World, who: str, part: str) -> dict[str, Any]:
    """What somebody really sees of records and of Acme's sides, by id; `inside` are the statuses by company."""
    home = PEOPLE[who][0]
    record, side = (leaves(world, home, name, _SKIPPED) for name in ("Opportunity", "OpportunitySide"))
    named = part if part == "mine" else f'partners(companies: ["{company("acme")}"])'
    text = f"{{ opportunities(first: 100) {{ nodes {{ {record} {_INSIDE} side: {named} {{ {side} {_CUSTOM} }} }} }} }}"
    nodes = (await world.data(who, text))["opportunities"]["nodes"]
    names = {company(name): name for name in ("acme", "bolt", "core", "dune")}
    for node in nodes:
        if isinstance(node["side"], list):
            (node["side"],) = node["side"] or [None]
        node["inside"] = {names[p["company"]["id"]]: p["status"] for p in node.pop("participants")}
    return {node["id"]: node for node in nodes}


async def _explained(world: World, asker: str, of: str, who: str | None, ids: list[str]) -> dict[str, Any]:
    """What `explain` tells of each record, by field."""
    asked = " ".join(
        f'r{place}: explain(recordId: "{id_}", company: $company, person: $person) {{ ...told }}'
        for place, id_ in enumerate(ids)
    )
    text = f"query($company: ID!, $person: ID) {{ {asked} }} fragment told on FieldExplanation {{ {_TOLD} }}"
    found = await world.data(asker, text, company=company(of), person=who and person(who)) if ids else {}
    told = (each and {one["field"]: one for one in each} for each in found.values())
    return dict(zip(ids, told, strict=True))


_TOLD = "field visible reasons closedBy overridden seenBy { name }"
