"""Erases a company, takes it in again and brings its sides back, over and over, until it is killed."""

import asyncio
import sys
from pathlib import Path

from spaces.sqlite.spaces import SqliteSpaces
from tests.spaces.moves import lived_in, packed, parcel
from tests.spaces.world import CATALOG, A, with_companies


async def main() -> None:
    """Says when each round begins."""
    spaces = SqliteSpaces.open(Path(sys.argv[1]), CATALOG)
    await with_companies(spaces)
    await lived_in(spaces)
    pieces = await packed(spaces)
    while True:
        print("moving", flush=True)
        await spaces.erase(A)
        await spaces.take_in(parcel(pieces))
        await spaces.bring_back(parcel(pieces))


if __name__ == "__main__":
    asyncio.run(main())
