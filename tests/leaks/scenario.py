"""One scenario: a pair of worlds, one sequence of operations on both, and the first difference that shows.

1. make a world and its hidden variation; 2. fill both boxes; 3. before each operation, perhaps others do something
in the second world that the viewer may not know of; 4. the same operation on both; 5. compare what is observed:
status, headers, bytes, and the counts of statements, questions and fetches.
"""

import logging
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from schema.errors import Refusal
from spaces.fetch import PersonRow
from tests.leaks.boxes import Box, Observed, forget
from tests.leaks.cells import given_as
from tests.leaks.documents import Pool, make_pool
from tests.leaks.operations import Operation, Ref, Tries
from tests.leaks.perturb import Pair
from tests.leaks.rules import sees_partners
from tests.leaks.worlds import ACME, BY_NAME, CATALOG, COMPANIES, JOINT, PEOPLE, SIDE, Maker, make_world

_GIVEN = {
    "cursor": re.compile(rb'"(?:cursor|startCursor|endCursor)":"([^"]+)"'),
    "version": re.compile(rb'"version":"([^"]+)"'),
}
_CANARY = re.compile(rb"canary-[0-9]+")


@dataclass(frozen=True, slots=True)
class Difference:
    """What the viewer could tell the two worlds apart by."""

    seed: int
    step: int
    what: str
    viewer: str
    operation: Operation
    variables: dict[str, Any]
    first: Observed
    second: Observed

    def __str__(self) -> str:
        lines = [f"seed {self.seed}, step {self.step}: {self.what} differ for {self.viewer} ({self.operation.probe})"]
        lines += [self.operation.text, repr(self.variables)]
        lines += [f"1: {self.first.status} {self.first.body!r}", f"2: {self.second.status} {self.second.body!r}"]
        counts = set(self.first.counts) ^ set(self.second.counts)
        lines += [f"counts: {sorted(counts)}"] if counts else []
        return "\n".join(lines)


class Harness:
    """Two boxes of one backend and the pool of documents for both."""

    def __init__(self, backend: str, **composed: Any) -> None:
        self.boxes = (Box(backend, **composed), Box(backend, **composed))
        first, second = (box.gateway.pipeline for box in self.boxes)
        second.models = first.models  # parsing knows no world, and takes longest
        schema = first.models.pin().model(ACME).schema
        self.pool: Pool = make_pool(schema, CATALOG, self._accepts)
        self.operations = 0
        self.scenarios = 0
        self.varied = 0
        self.logged: list[str] = []
        self._handler = _Log(self.logged)
        logging.getLogger().addHandler(self._handler)

    def _accepts(self, text: str) -> bool:
        try:
            self.boxes[0].gateway.pipeline.models.pin().model(ACME).documents.read(text)
        except Refusal:
            return False
        return True

    async def scenario(self, seed: int, *, counts: bool = True) -> Difference | None:
        """Carries out the scenario of a seed; the first difference, or None."""
        rng = random.Random(seed)
        maker = Maker(rng)
        viewer = BY_NAME[rng.choices(("ann", "amy", "abe"), weights=(6, 2, 1))[0]]
        accepting, unhiding = rng.random() < 0.3, rng.random() < 0.3
        pair = Pair(maker, make_world(maker), viewer, accepting=accepting, unhiding=unhiding)
        tries = Tries(rng, pair, self.pool, accepting=accepting, unhiding=unhiding)
        cold = rng.random() < 0.1
        first, second = self.boxes
        await first.fill(PEOPLE, pair.first)
        await second.fill(PEOPLE, pair.second)
        self.scenarios += 1
        self.varied += pair.steps > 0
        others = _Others(rng, pair, accepting=accepting)
        operations = tries.make(rng.randint(4, 7))
        given = await self._foreign(operations)
        written: list[str] = [viewer.name]
        for step, operation in enumerate(operations):
            for box in self.boxes:
                box.tick, box.half = step * 2 + 1, 5
            for who, text, variables in others.acts(operation):
                await second.post(who, text, filled(variables, given[1]))
            for box in self.boxes:
                box.tick, box.half = step * 2 + 2, 0
            mine, theirs = filled(operation.variables, given[0]), filled(operation.variables, given[1])
            written.append(repr(mine))
            if cold:
                for box in self.boxes:
                    forget(box.gateway)
            self.logged.clear()
            one = await first.post(viewer, operation.text, mine)
            two = await second.post(viewer, operation.text, theirs)
            self.operations += 1
            what = differs(one, two, counts=counts, cold=cold) or self._told(one, two, pair, written)
            if what is not None:
                return Difference(seed, step, what, viewer.name, operation, mine, one, two)
            for sort, pattern in _GIVEN.items():
                for each in given:
                    each[sort] += [text.decode() for text in pattern.findall(one.body)]
        return None

    async def _foreign(self, operations: Sequence[Operation]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        """What an operation may be given: in the first world cursors and versions of somebody else's, in the second
        made-up ones of the same length, which must not make a difference."""
        empty: dict[str, list[str]] = {"cursor": [], "version": [], "foreign cursor": [], "foreign version": []}
        real, forged = {k: list(v) for k, v in empty.items()}, {k: list(v) for k, v in empty.items()}
        if any(operation.probe == "foreign" for operation in operations):
            for kind in CATALOG.kinds:
                text = f"{{ {kind.plural}(first: 9) {{ edges {{ cursor node {{ mine {{ version }} }} }} }} }}"
                found, _ = [await box.post(BY_NAME["bob"], text, {}) for box in self.boxes]
                for sort, pattern in _GIVEN.items():
                    real[f"foreign {sort}"] += [t.decode() for t in pattern.findall(found.body)]
        for sort in ("foreign cursor", "foreign version"):
            forged[sort] = ["A" * len(text) for text in real[sort]]
        return real, forged

    def _told(self, one: Observed, two: Observed, pair: Pair, written: Sequence[str]) -> str | None:
        """Whether something that nobody may see stands in an answer or in the log."""
        if b"INTERNAL" in one.body:
            return "faults"
        if any(_CANARY.search(line.encode()) for line in self.logged):
            return "log"
        found = set(_CANARY.findall(one.body + two.body + repr((one.headers, two.headers)).encode()))
        if not found:
            return None
        allowed = repr((pair.views(), written)).encode()
        return "canaries" if found - set(_CANARY.findall(allowed)) else None

    async def close(self) -> None:
        logging.getLogger().removeHandler(self._handler)
        for box in self.boxes:
            await box.close()


class _Log(logging.Handler):
    """Keeps what is logged."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self._lines = lines
        self.setFormatter(logging.Formatter())

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(self.format(record))


def differs(one: Observed, two: Observed, *, counts: bool, cold: bool) -> str | None:
    """What differs between two observations, if anything. Questions that reach the policy engine are counted where
    both began with empty caches (`cold`): else what others asked before decides how many there are."""
    if one.status != two.status:
        return "status"
    if one.headers != two.headers:
        return "body" if one.body != two.body else "headers"
    if one.body != two.body:
        return "body"
    here, there = dict(one.counts), dict(two.counts)
    for name in sorted(here.keys() | there.keys()) if counts else ():
        if here.get(name) != there.get(name) and (name != "policy queries" or cold) and not name.startswith("asked"):
            return name
    return None


def filled(value: Any, given: dict[str, list[str]]) -> Any:
    """The variables with references filled in."""
    if isinstance(value, Ref):
        known = given[value.sort]
        return known[-1 - value.number % len(known)] if known else "forged"
    if isinstance(value, dict):
        return {name: filled(item, given) for name, item in value.items()}
    if isinstance(value, list):
        return [filled(item, given) for item in value]
    return value


class _Others:
    """What others do in the second world alone, none of which the viewer may know of."""

    def __init__(self, rng: random.Random, pair: Pair, *, accepting: bool) -> None:
        self._rng = rng
        self._pair = pair
        self._accepting = accepting

    def acts(self, following: Operation) -> Sequence[tuple[PersonRow, str, dict[str, Any]]]:
        """At most one act; reading is what the viewer is about to read."""
        rng = self._rng
        if rng.random() < 0.7:
            return ()
        if rng.random() < 0.4:
            person = rng.choice([row for row in PEOPLE if row.id != self._pair.viewer.id])
            return ((person, following.text, following.variables),) if following.text.startswith("query") else ()
        act = rng.choice((self._write, self._write, self._share, self._open, self._joint))()
        if act and rng.random() < 0.3:
            act[2]["input"]["clientMutationId"] = "one"
        return (act,) if act else ()

    def _hidden_side(self) -> tuple[Any, Any, list[Any], PersonRow] | None:
        rng, viewer = self._rng, self._pair.viewer
        records = list(self._pair.other.records.values())
        record = rng.choice(records)
        inside = [c for c, p in record.parts.items() if c != ACME and p.status == "ACCEPTED" and c in record.sides]
        if not inside:
            return None
        company = rng.choice(inside)
        sharing = record.sides[company].sharing
        fields = [
            f
            for f in SIDE[record.kind.name]
            if ACME not in record.parts or not sees_partners(record.kind, sharing, f.ident, viewer.company, viewer.id)
        ]
        person = next(row for row in PEOPLE if row.company == company)
        return (record, company, fields, person) if fields else None

    def _write(self) -> tuple[PersonRow, str, dict[str, Any]] | None:
        found = self._hidden_side()
        if found is None:
            return None
        record, company, fields, person = found
        field = self._rng.choice(fields)
        if field.name == record.kind.natural_key:
            return None
        value = given_as(self._pair._maker.value(field, company))
        given = {"id": record.id, "mine": {field.name: value}}
        return _mutation(person, f"update{record.kind.type_name}", given)

    def _share(self) -> tuple[PersonRow, str, dict[str, Any]] | None:
        found = self._hidden_side()
        if found is None:
            return None
        record, company, fields, person = found
        others = [c for c in COMPANIES if c not in (ACME, company)]
        audience = {"kind": "SELECTED", "companies": [self._rng.choice(others)]}
        given = {"recordId": record.id, "fields": [self._rng.choice(fields).name], "audience": audience}
        return _mutation(person, "shareFields", given)

    def _joint(self) -> tuple[PersonRow, str, dict[str, Any]] | None:
        """A joint field that invited companies do not see, of a record to which the viewer's company is invited."""
        for record in self._pair.other.records.values():
            if ACME in record.parts and record.parts[ACME].status == "INVITED" and not self._accepting:
                fields = [f for f in JOINT[record.kind.name] if f.audience != "invited" and not f.group]
                if fields:
                    field = self._rng.choice(fields)
                    value = given_as(self._pair._maker.value(field, record.owner))
                    person = next(row for row in PEOPLE if row.company == record.owner)
                    given = {"id": record.id, "joint": {field.name: value}}
                    return _mutation(person, f"update{record.kind.type_name}", given)
        return None

    def _open(self) -> tuple[PersonRow, str, dict[str, Any]] | None:
        rng = self._rng
        kind = rng.choice(CATALOG.kinds)
        person = rng.choice([row for row in PEOPLE if row.company != ACME])
        invited = [c for c in COMPANIES if c not in (ACME, person.company)]
        given = {kind.title: "Red", "invite": rng.sample(invited, k=1), "mine": {}}
        return _mutation(person, f"create{kind.type_name}", given)


def _mutation(person: PersonRow, name: str, given: dict[str, Any]) -> tuple[PersonRow, str, dict[str, Any]]:
    type_name = name[0].upper() + name[1:] + "Input"
    text = f"mutation($input: {type_name}!) {{ {name}(input: $input) {{ userErrors {{ code }} }} }}"
    return person, text, {"input": given}


__all__ = ["Difference", "Harness", "differs", "filled"]
