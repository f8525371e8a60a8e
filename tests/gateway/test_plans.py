"""Plans as text, next to the document that each is of; and what a plan may not know."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from gateway.document import Documents
from gateway.plan_text import print_plan
from gateway.plan_values import Plan, PlanSelection, PlanStep
from tests.gateway.world import CATALOG, World

FOLDER = Path(__file__).parent / "plans"
DOCUMENTS = sorted(path.stem for path in FOLDER.glob("*.graphql"))
FLAGS = {"with": True, "without": False}


def plan_of(world: World, name: str, variables: dict[str, Any]) -> Plan:
    """The plan of a document of the folder, compiled anew."""
    schema = world.gateway.pipeline.models.base.schema
    operation = Documents(schema).read((FOLDER / f"{name}.graphql").read_text()).operation(None)
    return operation.plan(CATALOG, schema, variables)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_plan_of_a_document(twin: World, name: str) -> None:
    golden = FOLDER / f"{name}.txt"
    assert print_plan(plan_of(twin, name, FLAGS)) + "\n" == golden.read_text()


def test_there_is_a_plan_for_each_document_and_no_other() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.txt")) == DOCUMENTS
    assert len(DOCUMENTS) >= 8


def test_a_plan_is_kept_for_all_viewers_and_variables_and_differs_by_flags_alone(twin: World) -> None:
    schema = twin.gateway.pipeline.models.base.schema
    operation = Documents(schema).read((FOLDER / "flags.graphql").read_text()).operation(None)
    plan = operation.plan(CATALOG, schema, FLAGS)
    assert operation.plan(CATALOG, schema, {**FLAGS, "first": 3}) is plan
    without = operation.plan(CATALOG, schema, {"with": False, "without": False})
    assert without is not plan
    assert "person" in print_plan(plan)
    assert "person" not in print_plan(without)
    assert operation.plan(CATALOG, schema, FLAGS) is plan


async def test_requests_of_different_viewers_use_one_plan_and_leave_it_as_it_was(
    twin: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled: list[Plan] = []
    before: list[str] = []

    def compile_and_keep(*given: Any) -> Plan:
        compiled.append(compile_plan(*given))
        before.append(print_plan(compiled[-1]))
        return compiled[-1]

    from gateway.plan import compile_plan

    monkeypatch.setattr("gateway.document.compile_plan", compile_and_keep)
    text = (FOLDER / "page.graphql").read_text() + "# kept once"
    bodies = {(await twin.answer(name, text, {"first": n})).body for name in ("ann", "bob", "eve") for n in (1, 7, 50)}
    assert len(bodies) == 7  # of the outsider all three are equal
    assert len(compiled) == 1
    assert print_plan(compiled[0]) == before[0]


def test_a_plan_is_frozen_throughout(twin: World) -> None:
    plan = plan_of(twin, "links", {})
    seen: list[Any] = [plan]

    def walk(selection: PlanSelection) -> None:
        seen.append(selection)
        for entry in selection.entries:
            seen.append(entry)
            if isinstance(entry, PlanStep):
                for below in entry.selections:
                    walk(below)

    walk(plan.root)
    assert len(seen) > 30
    for value in seen:
        for field in dataclasses.fields(value):
            assert not isinstance(getattr(value, field.name), list | dict | set)
            with pytest.raises(dataclasses.FrozenInstanceError):
                setattr(value, field.name, None)
