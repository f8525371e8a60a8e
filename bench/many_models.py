"""`python -m bench.many_models NUMBER`: what the schemas of so many companies cost in one gateway, where each has a
template of its own with 30 custom fields; prints JSON.

- build_ms: the CPU time to make one company's model (kinds, types, schema), the median;
- mib: the memory that a model and its documents hold, the mean of 100;
- change_ms: the first page of a company after its template changed, through the pipeline, the median; change_worst_ms
  the worst;
- again_ms: the same page asked again, the median;
- hits: the share of requests that find their plan, of 2,000 that come from the companies by their sizes: the nth
  largest asks 1/n as often as the largest. More companies ask than models are kept.
"""

import asyncio
import gc
import json
import os
import random
import sys
import time
import tracemalloc
from collections.abc import Sequence
from statistics import median
from unittest.mock import patch

import gateway.document
from bench.contestants import CUSTOM_QUERY
from bench.custom_fields import kept, template_of
from gateway.compose import Gateway, compose
from gateway.pipeline import Request
from gateway.plan import compile_plan
from schema.catalog import load_catalog
from schema.names import CompanyId, PersonId, random_id
from schema.viewer import Viewer
from spaces.fetch import CompanyRow, PersonRow
from spaces.memory import MemorySpaces

_FIELDS = 30
_REQUESTS = 2_000
_CHANGES = 50
_WEIGHED = 100
_PAGE = Request(CUSTOM_QUERY.read_text(encoding="utf-8"), {})


async def measure(number: int) -> dict[str, float]:
    """All numbers, for so many companies."""
    made, people = await _network(number)
    weighed = people[:_WEIGHED]
    found = {"build_ms": _build(made, people), "mib": await _memory(made, weighed)}
    changes = [await _after_change(made, person) for person in weighed[:_CHANGES]]
    found |= {"change_ms": median(changes) * 1e3, "change_worst_ms": max(changes) * 1e3}
    found["again_ms"] = median([await _page(made, person) for person in weighed[:_CHANGES]]) * 1e3
    return found | {"hits": await _hits(made, people)}


async def _network(number: int) -> tuple[Gateway, list[PersonRow]]:
    catalog, spaces = load_catalog(), MemorySpaces()
    made = compose(catalog, spaces, seal_key=os.urandom(64), issuers={}, audience="bench")
    kind, people = catalog.by_name["opportunity"], []
    for place in range(number):
        company, person = CompanyId(random_id("co")), PersonId(random_id("pe"))
        row = PersonRow(person, company, f"person@company{place}.example", "Person", ("admin",), False, True)
        await spaces.add_company(CompanyRow(company, f"Company {place}"))
        await spaces.put_person(row)
        await spaces.define(kept(template_of(company, _FIELDS, kind, catalog.by_name, random_id), person))
        people.append(row)
    await made.pipeline.begin()
    return made, people


def _build(made: Gateway, people: Sequence[PersonRow]) -> float:
    took = []
    for person in people:
        start = time.process_time()
        made.pipeline.models.pin().model(person.company)
        took.append(time.process_time() - start)
    return median(took) * 1e3


async def _memory(made: Gateway, people: Sequence[PersonRow]) -> float:
    """MiB a model, with the page's document and plan. These people's models were forgotten since they were made."""
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    models = [made.pipeline.models.pin().model(person.company) for person in people]  # held, whatever is forgotten
    for person in people:
        await _page(made, person)
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (after - before) / len(models) / 2**20


async def _after_change(made: Gateway, person: PersonRow) -> float:
    catalog, models = load_catalog(), made.pipeline.models
    kind = catalog.by_name["opportunity"]
    changed = template_of(person.company, _FIELDS + 1, kind, catalog.by_name, random_id)
    await made.services.spaces.define(definition := kept(changed, person.id))
    models.take(definition)
    return await _page(made, person)


async def _page(made: Gateway, person: PersonRow) -> float:
    """Seconds of CPU that a page takes."""
    viewer = Viewer(person.id, person.company, person.roles)
    start = time.process_time()
    found = await made.pipeline.run(made.pipeline.context(viewer, person), _PAGE)
    took = time.process_time() - start
    assert not found.errors, found.errors
    return took


async def _hits(made: Gateway, people: Sequence[PersonRow]) -> float:
    draw, weights = random.Random(1), [1 / (place + 1) for place in range(len(people))]
    with patch.object(gateway.document, "compile_plan", wraps=compile_plan) as compiled:
        for person in draw.choices(people, weights, k=_REQUESTS):
            await _page(made, person)
    return 1 - compiled.call_count / _REQUESTS


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(int(sys.argv[1])))))
