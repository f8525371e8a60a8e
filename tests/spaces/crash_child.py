"""The child that is killed: writes to a folder without end, and says after each commit which one returned.

Each change writes one number to the joint name, to the own side's stage and, once, as an invitation, so that a
half-written change shows as parts that differ. A version of a definition follows it.
"""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from spaces.change import Participation, Receipt
from spaces.definition import Definition
from spaces.sqlite.spaces import SqliteSpaces
from tests.spaces.world import ANN, CATALOG, A, B, change, creation, with_companies

WRITERS = 4


def tell(said: str) -> None:
    """Says that a write returned."""
    sys.stdout.write(said + "\n")
    sys.stdout.flush()


async def write(spaces: SqliteSpaces, writer: int, told: Callable[[str], None] = tell, writes: int = 100) -> None:
    for number in range(writes):
        record, owner = f"r{writer}_{number // 10}", (A, B)[writer % 2]
        value = f"{number:03}"
        receipt = Receipt(f"{record}:{value}", "hash")
        written: dict[str, Any] = {
            "joint": {"name": value},
            "side": {"stage": value},
            "at": "t" + value,
            "receipt": receipt,
        }
        if number % 10 == 0:
            await spaces.commit(creation(record, owner, **written))
        else:
            guest = Participation(type(A)(f"co_{value}"), "VIEWER", "INVITED")
            await spaces.commit(change(record, owner, participants=(guest,), touched=(owner,), **written))
        await spaces.define(Definition(owner, "template", f"tpl_{writer}", number + 1, ANN, "t" + value, value))
        told(f"{owner} {record} {value}")


async def main(folder: Path) -> None:
    spaces = SqliteSpaces.open(folder, CATALOG)
    await with_companies(spaces)
    tell("ready")
    await asyncio.gather(*[write(spaces, writer) for writer in range(WRITERS)])


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
