"""Random operations, the viewer's and others', on the same world on every backend: equal answers, byte for byte.

`python -m tests.leaks.alike 3000` carries out so many scenarios, of seven operations or so each; it prints each
difference whole, with the seed that gives it again, and ends with 1 where there was one.
"""

import argparse
import asyncio
import random
import sys
import time
from typing import Any

from tests.leaks.boxes import Box, Observed
from tests.leaks.cast import BY_NAME, PEOPLE, Screen
from tests.leaks.families import FAMILIES, family
from tests.leaks.operations import operations as made_operations
from tests.leaks.others import Others
from tests.leaks.perturb import Pair
from tests.leaks.scenario import GIVEN, Harness, filled, presenting
from tests.leaks.tries import Tries
from tests.leaks.worlds import Maker, make_world

BACKENDS = ("memory", "sqlite", "postgres")


class Alike:
    """A box of each backend; `operations` is how many were carried out on all, `written` how many of them write."""

    def __init__(self) -> None:
        self._first = Harness("memory")
        self.boxes = {"memory": self._first.boxes[0], **{each: Box(each) for each in BACKENDS[1:]}}
        one, *others = (box.gateway.services.models for box in self.boxes.values())
        for other in others:  # as a Harness does
            other._models, other._catalogs = one._models, one._catalogs
        self.operations = 0
        self.written = 0

    async def scenario(self, seed: int) -> str | None:
        """Carries out the scenario of a seed; the first difference, or None."""
        rng = random.Random(seed)
        setting = family(rng.randrange(FAMILIES))[0]
        maker = Maker(rng, setting)
        viewer, screen = presenting(rng, BY_NAME[rng.choice(("ann", "amy", "abe", "ada"))])
        accepting, unhiding = rng.random() < 0.3, rng.random() < 0.3
        pair = Pair(maker, make_world(maker), viewer, screen, accepting=accepting, unhiding=unhiding)
        tries = Tries(rng, pair, self._first.pool(setting), accepting=accepting, unhiding=unhiding)
        people = [viewer if row.id == viewer.id else row for row in PEOPLE]
        for box in self.boxes.values():
            await box.fill(people, pair.second, pair.other.setting, seed)
        given: dict[str, list[str]] = {"cursor": [], "version": [], "foreign cursor": [], "foreign version": []}
        others = Others(rng, pair)
        for step, operation in enumerate(made_operations(tries, rng.randint(4, 7))):
            acts = [*others.acts(operation), (viewer, operation.text, operation.variables)]
            for half, (who, text, asked) in enumerate(acts, 6 - len(acts)):
                variables = filled(asked, given)
                found = await self._post(step * 2 + 1, half, who, text, variables, screen if who is viewer else None)
                if len(set(found.values())) > 1:
                    lines = [f"seed {seed}, step {step}: {who.name} {text}", repr(variables)]
                    return "\n".join([*lines, *(f"{name}: {told}" for name, told in found.items())])
            body = found["memory"][2]
            for sort, pattern in GIVEN.items():
                given[sort] += [text.decode() for text in pattern.findall(body)]
        return None

    async def _post(
        self, tick: int, half: int, who: Any, text: str, variables: dict[str, Any], screen: Screen | None
    ) -> dict[str, tuple[Any, ...]]:
        """Status, headers and bytes by backend."""
        found = {}
        for name, box in self.boxes.items():
            box.tick, box.half = tick, half
            told: Observed = await box.post(who, text, variables, *([screen] if screen else []))
            found[name] = told[:3]
        self.operations += 1
        self.written += text.startswith("mutation")
        return found

    async def close(self) -> None:
        """Closes all boxes."""
        for box in (*self.boxes.values(), *self._first.boxes):
            await box.close()


async def _run(start: int, number: int) -> int:
    alike, found, began = Alike(), 0, time.process_time()
    for seed in range(start, start + number):
        difference = await alike.scenario(seed)
        if difference is not None:
            found += 1
            print(difference)
    await alike.close()
    took = time.process_time() - began
    print(
        f"{number} scenarios from seed {start}: {alike.operations} operations on {', '.join(BACKENDS)},"
        f" {alike.written} of them write; {found} differences; {took:.0f} s of CPU"
    )
    return found


def main() -> int:
    """Reads the options and runs."""
    parser = argparse.ArgumentParser(prog="python -m tests.leaks.alike", description=__doc__)
    parser.add_argument("number", type=int, nargs="?", default=200, help="how many scenarios")
    parser.add_argument("--start", type=int, default=0, help="the first seed")
    asked = parser.parse_args()
    return 1 if asyncio.run(_run(asked.start, asked.number)) else 0


if __name__ == "__main__":
    sys.exit(main())
