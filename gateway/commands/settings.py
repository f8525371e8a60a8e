"""`multiway settings`: prints the reference of all settings, or writes it into a document."""

import argparse
from pathlib import Path

from gateway.settings import reference
from schema.errors import BadDeclaration

BEGIN = "<!-- the tables: written by `make settings` -->\n"
END = "<!-- end of the tables -->\n"


async def run(options: argparse.Namespace) -> int:
    """Prints the tables; with --into, puts them between the marks of a document in their place."""
    if options.into is None:
        print(reference(), end="")
    else:
        options.into.write_text(with_tables(options.into, options.into.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


def with_tables(file: Path, document: str) -> str:
    """The document with the tables of today. Raises BadDeclaration where its marks are not there."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise BadDeclaration(f"{file}: the marks of the tables are missing.")
    return before + BEGIN + reference() + END + after
