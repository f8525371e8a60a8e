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
from tests.leaks.cast import ACME, BASE, BY_NAME, COMPANIES, OWN_SCREEN, PEOPLE, Screen
from tests.leaks.documents import DEFINED, EXPLAIN, HISTORY, PREVIEW, SCHEMA, Pool, make_pool
from tests.leaks.families import FAMILIES, family
from tests.leaks.operations import operations as made_operations
from tests.leaks.others import Others
from tests.leaks.perturb import Pair
from tests.leaks.settings import Setting
from tests.leaks.tries import Operation, Ref, Tries
from tests.leaks.worlds import Maker, make_world

GIVEN = {
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
    logged: tuple[str, ...] = ()
    """What the gateways logged meanwhile: a decision that failed, for one."""

    def __str__(self) -> str:
        lines = [f"seed {self.seed}, step {self.step}: {self.what} differ for {self.viewer} ({self.operation.probe})"]
        lines += [self.operation.text, repr(self.variables)]
        lines += [f"1: {self.first.status} {self.first.body!r}", f"2: {self.second.status} {self.second.body!r}"]
        counts = set(self.first.counts) ^ set(self.second.counts)
        lines += [f"counts: {sorted(counts)}"] if counts else []
        lines += [f"logged: {line}" for line in self.logged]
        return "\n".join(lines)


class Harness:
    """Two boxes of one backend and the pool of documents for both."""

    def __init__(self, backend: str, **composed: Any) -> None:
        self.boxes = (Box(backend, **composed), Box(backend, **composed))
        one, two = (box.gateway.services.models for box in self.boxes)
        two._models, two._catalogs = one._models, one._catalogs  # schemas and documents know no world, and take longest
        self._pools: dict[int, Pool] = {}
        self.operations = 0
        self.scenarios = 0
        self.varied = 0
        self.logged: list[str] = []
        self._handler = _Log(self.logged)
        logging.getLogger().addHandler(self._handler)

    def pool(self, setting: Setting) -> Pool:
        """The documents of a family, over the schema that its settings have for the viewer's company."""
        found = self._pools.get(setting.family)
        if found is None:
            box = self.boxes[0]
            box.defined.put(setting)
            model = box.gateway.pipeline.models.pin().model(ACME)

            def accepts(text: str) -> bool:
                try:
                    model.documents.read(text)
                except Refusal:
                    return False
                return True

            assert all(map(accepts, (SCHEMA, DEFINED, PREVIEW, EXPLAIN, HISTORY)))
            found = self._pools[setting.family] = make_pool(model.schema, setting.catalog(ACME), accepts)
        return found

    async def scenario(self, seed: int, *, counts: bool = True) -> Difference | None:
        """Carries out the scenario of a seed; the first difference, or None."""
        rng = random.Random(seed)
        setting = family(rng.randrange(FAMILIES))[0]
        maker = Maker(rng, setting)
        viewer = BY_NAME[rng.choices(("ann", "amy", "abe", "ada"), weights=(6, 2, 1, 2))[0]]
        accepting, unhiding = rng.random() < 0.3, rng.random() < 0.3
        viewer, screen = presenting(rng, viewer)
        pair = Pair(maker, make_world(maker), viewer, screen, accepting=accepting, unhiding=unhiding)
        tries = Tries(rng, pair, self.pool(setting), accepting=accepting, unhiding=unhiding)
        cold = rng.random() < 0.1
        first, second = self.boxes
        people = [viewer if row.id == viewer.id else row for row in PEOPLE]
        await first.fill(people, pair.first, setting, seed)
        await second.fill(people, pair.second, pair.other.setting, seed)
        self.scenarios += 1
        self.varied += pair.steps > 0
        others = Others(rng, pair)
        operations = made_operations(tries, rng.randint(4, 7))
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
            one = await first.post(viewer, operation.text, mine, screen)
            two = await second.post(viewer, operation.text, theirs, screen)
            self.operations += 1
            asked = cold and pair.other.setting.asks_as(setting)
            what = differs(one, two, counts=counts, cold=asked) or self._told(one, two, pair, written)
            if what is not None:
                return Difference(seed, step, what, viewer.name, operation, mine, one, two, tuple(self.logged))
            for sort, pattern in GIVEN.items():
                for each in given:
                    each[sort] += [text.decode() for text in pattern.findall(one.body)]
        return None

    async def _foreign(self, operations: Sequence[Operation]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        """What an operation may be given: in the first world cursors and versions of somebody else's, in the second
        made-up ones of the same length, which must not make a difference."""
        empty: dict[str, list[str]] = {"cursor": [], "version": [], "foreign cursor": [], "foreign version": []}
        real, forged = {k: list(v) for k, v in empty.items()}, {k: list(v) for k, v in empty.items()}
        if any(operation.probe == "foreign" for operation in operations):
            for kind in BASE.kinds:
                text = f"{{ {kind.plural}(first: 9) {{ edges {{ cursor node {{ mine {{ version }} }} }} }} }}"
                found, _ = [await box.post(BY_NAME["bob"], text, {}) for box in self.boxes]
                for sort, pattern in GIVEN.items():
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


def presenting(rng: random.Random, viewer: PersonRow) -> tuple[PersonRow, Screen]:
    """The viewer, who now and then shows its screen to partners, by its setting or by a header."""
    if rng.random() < 0.04:
        return viewer, Screen(hides=True)
    if rng.random() < 0.82:
        return viewer, OWN_SCREEN
    partners = tuple(sorted(rng.sample(COMPANIES[1:], k=rng.choice((1, 1, 2)))))
    return (
        (viewer, Screen(False, partners)) if rng.random() < 0.5 else (viewer._replace(presenting=partners), OWN_SCREEN)
    )


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
    both began with empty caches and the same rules (`cold`): else what others asked before decides how many there are,
    or who has rules of its own."""
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


__all__ = ["Difference", "Harness", "differs", "filled"]
