"""Races between reads and what takes a right away: no answer that began after the acknowledgement shows the field.

A race opens the field, starts reads of every shape, revokes somewhere among them, and starts reads again when the
revocation is acknowledged. Those must not show it, whatever was under way; the ones before may. `make races` runs many
of each sort, `tests/leaks/test_races.py` some.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gateway.pipeline import Answer
from tests.gateway.deals import deal
from tests.gateway.people import company, person
from tests.gateway.world import World, make_world

WORD = "palimpsest"
BOLT = {"kind": "SELECTED", "companies": [company("bolt")]}
_PEOPLE = """mutation($input: %sInput!) { %s(input: $input) { %s { id } userErrors { code message } } }"""
_MOST = 12  # turns of the loop before a revocation begins


def _name(field_: str) -> str:
    return "".join("_" + c if c.isupper() else c.upper() for c in field_)


def _shapes(part: str, name: str, kept: str) -> dict[str, str]:
    """Reads of a text field of the reader's own side or its partners'. `name` is its name in the reader's schema, empty
    where it has none; `kept` is what is read of a side."""
    where = "{partners: {some: {%s: {eq: $word}}}}" if part == "partners" else "{mine: {%s: {eq: $word}}}"
    shapes = {
        "page": f"{{ opportunities(first: 9) {{ nodes {{ {part} {{ {kept} }} }} }} }}",
        "node": f"query($id: ID!) {{ node(id: $id) {{ ... on Opportunity {{ {part} {{ {kept} }} }} }} }}",
    }
    if name:
        shapes["count"] = "query($word: String!) { opportunities(first: 1, where: WHERE) { totalCount } }"
        shapes["filter"] = "query($word: String!) { opportunities(first: 9, where: WHERE) { nodes { it: id } } }"
        shapes["group"] = f"{{ opportunityGroups(by: [{{{part}: {_name(name)}}}]) {{ nodes {{ keys {{ value }} }} }} }}"
        shapes = {shape: text.replace("WHERE", where % name) for shape, text in shapes.items()}
    return shapes


_SEARCH = {"search": "query($word: String!) { search(text: $word, first: 3) { totalCount edges { node { it: id } } } }"}
_STANDARD = {**_shapes("partners", "competitor", "competitor"), **_SEARCH}
_OWN = {**_shapes("mine", "competitor", "competitor"), **_SEARCH}
_TYPED = _shapes("partners", "remark", "remark")
_CUSTOM = _shapes("partners", "", "customFields { key value }")


def shows(answer: Answer) -> bool:
    """Whether an answer shows the value: itself, or by finding the record."""
    found = answer.body
    return WORD.encode() in found or b'"it":' in found or b'"totalCount":1' in found


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of revocation: how the field is opened to the reader, how it is closed, and what is read meanwhile."""

    open: Callable[["Track"], Awaitable[None]]
    close: Callable[["Track"], Awaitable[None]]
    shapes: Mapping[str, str]
    reader: str = "bob"


@dataclass(slots=True)
class Track:
    """The network in which the races of one sort are run, and the ids of what stands."""

    world: World
    record: str
    ids: dict[str, str] = field(default_factory=dict)

    async def carry_out(self, who: str, mutation: str, payload: str, /, **given: Any) -> str:
        """Carries out a mutation that must succeed; gives the id of what it made or changed."""
        text = _PEOPLE % (mutation[0].upper() + mutation[1:], mutation, payload)
        found = (await self.world.data(who, text, input=given))[mutation]
        assert found["userErrors"] == [], found
        return str(found[payload]["id"]) if found[payload] else ""


def _rule(effect: str, **said: Any) -> Callable[[Track], Awaitable[None]]:
    async def define(track: Track) -> None:
        given = {"kind": "OPPORTUNITY", "label": effect, "effect": effect, "fields": ["competitor"], "audience": BOLT}
        known = {"ruleId": track.ids["rule"]} if "rule" in track.ids else {}
        track.ids["rule"] = await track.carry_out("ada", "defineSharingRule", "sharingRule", **given, **said, **known)

    return define


async def _retire_rule(track: Track) -> None:
    await track.carry_out("ada", "retireSharingRule", "sharingRule", ruleId=track.ids.pop("rule"))


def _policy(**said: Any) -> Callable[[Track], Awaitable[None]]:
    async def define(track: Track) -> None:
        given = {"kind": "OPPORTUNITY", "label": "Closed", "effect": "DENY", "actions": ["READ"]}
        track.ids["policy"] = await track.carry_out("ada", "defineAccessPolicy", "accessPolicy", **given, **said)

    return define


async def _retire_policy(track: Track) -> None:
    if "policy" in track.ids:
        await track.carry_out("ada", "retireAccessPolicy", "accessPolicy", policyId=track.ids.pop("policy"))


def _share(audience: Any) -> Callable[[Track], Awaitable[None]]:
    async def share(track: Track) -> None:
        given = {"recordId": track.record, "fields": ["competitor"], "audience": audience}
        await track.carry_out("ann", "shareFields", "record", **given)

    return share


def _template(audience: str, *, write: bool) -> Callable[[Track], Awaitable[None]]:
    async def define(track: Track) -> None:
        fields = [{"key": "remark", "type": "TEXT", "label": "Remark", "audience": audience}]
        given = {"kind": "OPPORTUNITY", "key": "ours", "label": "Ours", "fields": fields}
        known = {"templateId": track.ids["template"]} if "template" in track.ids else {}
        track.ids["template"] = await track.carry_out("ada", "defineTemplate", "template", **given, **known)
        if write:
            await track.carry_out("ann", "updateOpportunity", "record", id=track.record, mine={"remark": WORD})

    return define


async def _retire_template(track: Track) -> None:
    await track.carry_out("ada", "retireTemplate", "template", templateId=track.ids.pop("template"))


async def _without_the_field(track: Track) -> None:
    fields = [{"key": "other", "type": "TEXT", "label": "Other"}]
    given = {"kind": "OPPORTUNITY", "key": "ours", "label": "Ours", "fields": fields}
    await track.carry_out("ada", "defineTemplate", "template", **given, templateId=track.ids["template"])


async def _share_template(track: Track) -> None:
    if "template" not in track.ids:
        await _template("PARTICIPANTS", write=True)(track)
    given = {"templateId": track.ids["template"], "companies": [company("bolt")]}
    await track.carry_out("ada", "shareTemplate", "template", **given)


async def _unshare_template(track: Track) -> None:
    await track.carry_out("ada", "shareTemplate", "template", templateId=track.ids["template"], companies=[])


async def _join(track: Track) -> None:
    await _share({"kind": "PARTICIPANTS"})(track)
    if track.ids.get("left"):
        given = {"recordId": track.record, "companyIds": [company("bolt")], "role": "PARTICIPANT"}
        await track.carry_out("ann", "inviteCompanies", "record", **given)
        await track.carry_out("bea", "respondToInvitation", "record", recordId=track.record, accept=True)


async def _withdraw(track: Track) -> None:
    await track.carry_out("bea", "withdraw", "record", recordId=track.record)
    track.ids["left"] = "yes"


async def _open_to_partners(track: Track) -> None:
    await _share({"kind": "PARTICIPANTS"})(track)
    await _retire_policy(track)


SORTS: Mapping[str, Sort] = {
    "rule that allows, retired": Sort(_rule("ALLOW"), _retire_rule, _STANDARD),
    "rule changed to deny": Sort(_rule("ALLOW"), _rule("DENY"), _STANDARD),
    "rule whose condition fails now": Sort(
        _rule("ALLOW"),
        _rule("ALLOW", conditions=[{"field": "stage", "op": "EQ", "value": "QUALIFIED"}]),
        _STANDARD,
    ),
    "override to private": Sort(_share({"kind": "PARTICIPANTS"}), _share({"kind": "PRIVATE"}), _STANDARD),
    "template retired": Sort(_template("PARTICIPANTS", write=True), _retire_template, _CUSTOM),
    "template without the field": Sort(_template("PARTICIPANTS", write=True), _without_the_field, _CUSTOM),
    "template with another audience": Sort(
        _template("PARTICIPANTS", write=True), _template("PRIVATE", write=False), _CUSTOM
    ),
    "template not shared any more": Sort(_share_template, _unshare_template, _TYPED),
    "policy about partners": Sort(_open_to_partners, _policy(fields=["competitor"], who="PARTNERS"), _STANDARD),
    "policy about own people": Sort(
        _retire_policy, _policy(fields=["competitor"], people={"id": {"eq": person("abe")}}), _OWN, reader="abe"
    ),
    "policy about the record": Sort(
        _retire_policy, _policy(fields=["joint.*", "*"], people={"id": {"eq": person("abe")}}), _OWN, reader="abe"
    ),
    "withdrawal": Sort(_join, _withdraw, _STANDARD),
}
"""Each sort of revocation."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the races of one sort showed: answers that began before the acknowledgement and showed the field, all that
    began after it, and of these the shapes that showed it."""

    before: int
    after: int
    leaks: tuple[str, ...]


async def track_of(backend: str, folder: Path) -> Track:
    """A network of its own, with one record of Acme's and Bolt's, in which nothing else is found."""
    world = await make_world(backend, folder, crowd=0)
    record = await deal(world, "One", accepted="bolt", stage="PROSPECT", competitor=WORD)
    return Track(world, record)


async def races(sort: Sort, backend: str, number: int, seed: int = 0) -> Found:
    """Runs so many races of a sort."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        track = await track_of(backend, Path(folder))
        before = after = 0
        leaks: list[str] = []
        for _ in range(number):
            await sort.open(track)
            seen, late = await _race(track, sort, rng)
            before += seen
            after += len(late)
            leaks += [shape for shape, shown in late if shown]
        await track.world.spaces.close()
    return Found(before, after, tuple(leaks))


async def _race(track: Track, sort: Sort, rng: random.Random) -> tuple[int, list[tuple[str, bool]]]:
    """How many early answers showed the field, and which of the late ones did."""

    async def read(shape: str) -> tuple[str, bool]:
        answer = await track.world.answer(sort.reader, sort.shapes[shape], _variables(sort.shapes[shape], track))
        return shape, shows(answer)

    shapes = list(sort.shapes)
    early = [asyncio.ensure_future(read(shape)) for shape in rng.choices(shapes, k=3)]
    for _ in range(rng.randrange(_MOST)):
        await asyncio.sleep(0)
    closing = asyncio.ensure_future(sort.close(track))
    while not closing.done():  # reads that begin while it is under way may see either
        early.append(asyncio.ensure_future(read(rng.choice(shapes))))
        await asyncio.wait((closing, early[-1]), return_when=asyncio.FIRST_COMPLETED)
    await closing
    late = [asyncio.ensure_future(read(shape)) for shape in rng.choices(shapes, k=3)]
    return sum(shown for _, shown in await asyncio.gather(*early)), list(await asyncio.gather(*late))


def _variables(text: str, track: Track) -> dict[str, str]:
    return {name: value for name, value in (("word", WORD), ("id", track.record)) if f"${name}" in text}


def main() -> int:
    """Runs what was asked for."""
    parser = argparse.ArgumentParser(description="Races reads against what takes a right away.")
    parser.add_argument("number", nargs="?", type=int, default=10_000, help="races, of all sorts and backends together")
    parser.add_argument("--backends", default="memory,sqlite", help="which, by commas")
    asked = parser.parse_args()
    backends = asked.backends.split(",")
    each = -(-asked.number // (len(SORTS) * len(backends)))
    leaks = 0
    for backend in backends:
        for name, sort in SORTS.items():
            began = time.process_time()
            found = asyncio.run(races(sort, backend, each))
            rate = each / (time.process_time() - began)
            leaks += len(found.leaks)
            print(
                f"{backend}: {name}: {each} races, {found.before} early answers showed the field, of {found.after} "
                f"late ones {len(found.leaks)} {sorted(set(found.leaks))}; {rate:.0f} a second of CPU",
                flush=True,
            )
    return 1 if leaks else 0


if __name__ == "__main__":
    raise SystemExit(main())
