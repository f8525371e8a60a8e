"""`make prove`: many scenarios a backend, and every planted leak on three seeds.

Prints each difference whole, with its seed; the seed gives the same scenario again. Ends with 1 where there was one.
"""

import argparse
import asyncio
import sys
import time

from tqdm import tqdm

from tests.leaks.boxes import count_decisions
from tests.leaks.planted import PLANTED, find
from tests.leaks.planted_search import ON_SQLITE
from tests.leaks.scenario import Harness

_SHOWN = 10  # differences that are printed whole


async def prove(backend: str, start: int, number: int) -> int:
    """How many scenarios of a backend showed a difference."""
    harness = Harness(backend)
    began, found = time.process_time(), 0
    for seed in tqdm(range(start, start + number), desc=backend, unit="scenario", mininterval=2):
        difference = await harness.scenario(seed)
        if difference is None:
            continue
        found += 1
        if found <= _SHOWN:
            tqdm.write(str(difference))
    rate = number / max(time.process_time() - began, 1e-9)
    await harness.close()
    print(
        f"{backend}: {number} scenarios from seed {start}, {harness.operations} operations on both worlds, "
        f"{harness.varied} pairs that differ; {found} differences; {rate:.0f} a second of CPU"
    )
    return found


async def plant(seeds: int, most: int) -> int:
    """How many planted leaks were missed on any of so many seeds."""
    memory, sqlite, missed = Harness("memory"), Harness("sqlite"), 0
    for name in PLANTED:
        harness = sqlite if name in ON_SQLITE else memory
        took = [await find(harness, name, 1_000_000 * (seed + 1), most) for seed in range(seeds)]
        missed += None in took
        print(f"planted: {name}: " + ", ".join(f"{t[0]} ({t[1].what})" if t else "missed" for t in took), flush=True)
    await memory.close()
    await sqlite.close()
    return missed


def main() -> int:
    """Runs what was asked for."""
    parser = argparse.ArgumentParser(description="Proves that what is hidden makes no difference.")
    parser.add_argument("number", nargs="?", type=int, default=20_000, help="scenarios a backend")
    parser.add_argument("--backends", default="memory,sqlite", help="which, by commas; empty for none")
    parser.add_argument("--start", type=int, default=0, help="first seed")
    parser.add_argument("--seeds", type=int, default=3, help="seeds for each planted leak; 0 plants none")
    asked = parser.parse_args()
    count_decisions()
    found = 0
    for backend in filter(None, asked.backends.split(",")):
        found += asyncio.run(prove(backend, asked.start, asked.number))
    if asked.seeds:
        found += asyncio.run(plant(asked.seeds, 2_000))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
