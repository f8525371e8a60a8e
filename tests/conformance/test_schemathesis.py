"""schemathesis: random queries and mutations of a signed-in person find nothing: no fault, no answer against
the schema.

MULTIWAY_EXAMPLES sets how many there are; `docs/conformance.md` tells of the long form.
"""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tests.commands.processes import Served
from tests.conformance.tools import HERE, PATIENCE, python
from tests.house.test_documents import named_in_first_cell
from tests.house.tree import source

EXAMPLES = int(os.environ.get("MULTIWAY_EXAMPLES", "100"))
IDS = (
    "{ opportunities(first: 3) { nodes { id } } leads(first: 3) { nodes { id } } solutions(first: 3) { nodes { id } } }"
)


def asked(served: Served, schema: Path, examples: int, codes: list[str]) -> Any:
    """What schemathesis saw and found."""
    people = list(served.tokens.values())
    pages = served.ask(people[0], IDS).values()
    given = {"tokens": people, "codes": codes, "ids": [node["id"] for page in pages for node in page["nodes"]]}
    ended = subprocess.run(
        [python(), HERE / "run_schemathesis.py", schema, served.url, str(examples), "7"],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=PATIENCE + examples,
        check=False,
        cwd=schema.parent,
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def test_random_documents_find_nothing(served: Served, sdl: str, tmp_path: Path) -> None:
    schema = tmp_path / "schema.graphql"
    schema.write_text(sdl)
    found = asked(served, schema, EXAMPLES, named_in_first_cell(source("docs/errors.md")))
    assert found["found"] == []
    total = sum(found["seen"].values())
    assert total >= EXAMPLES
    assert found["seen"]["200 data"] > total / 3, found["seen"]  # it is not refusals alone that were looked at


def test_it_finds_an_error_that_is_no_refusal(served: Served, sdl: str, tmp_path: Path) -> None:
    """The same answers, judged without the codes that stand for refusals."""
    schema = tmp_path / "schema.graphql"
    schema.write_text(sdl)
    assert asked(served, schema, 48, [])["found"] != []
