"""The generated builder reads every field of every kind as `schema.values.wire` does, under its mask bit alone."""

import random
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gateway.build import compile_builder
from gateway.plan_values import PlanLeaf
from schema.catalog import load_catalog
from schema.field import Base, Field, FieldType
from schema.kind import Kind
from schema.mask import EXISTS
from schema.source import Column, Group, Key
from schema.values import flatten, parse, wire
from tests.gateway.made_values import Values
from tests.gateway.test_new_kind import BRIDGE
from tests.gateway.world import CATALOG

LINKS = (Base.PERSON, Base.COMPANY, Base.RECORD)
WHOLE = {
    "Flags": FieldType("Flags", Base.BOOLEAN, many=True),
    "Prices": FieldType("Money", Base.MONEY, many=True),
    "Whole": FieldType("Whole", Base.INTEGER),
}
"""Types that no kind of ours has."""


def kinds(folder: Path) -> list[Kind]:
    (folder / "bridge.toml").write_text(BRIDGE)
    return list(load_catalog([folder]).kinds)


def leaf(key: str, type_: FieldType, source: Any) -> PlanLeaf:
    """Everything of a field, each member under an alias."""
    members: list[tuple[str, FieldType]] = list(type_.members)
    if type_.base is Base.MONEY:
        members = [(name, FieldType("Text", Base.TEXT)) for name in ("amount", "currency")]
    below = tuple(leaf(f"{name}_", member, Key(name)) for name, member in members)
    typename = (PlanLeaf("type", type_.name, None),) if below else ()
    return PlanLeaf(key, "Parent", source, (below + typename) or None, type_.many)


def renamed(type_: FieldType, shown: Any) -> Any:
    """What `wire` shows, under the aliases of `leaf`."""
    if shown is None:
        return None
    if type_.many:
        return [renamed(replace(type_, many=False), item) for item in shown]
    if type_.base is Base.MONEY:
        return {"amount_": shown["amount"], "currency_": shown["currency"], "type": type_.name}
    if type_.base is Base.STRUCT:
        members = dict(type_.members)
        return {f"{n}_": renamed(members[n], v) for n, v in shown.items()} | {"type": type_.name}
    return shown


def stored(field: Field, value: Any) -> tuple[Any, ...]:
    """The columns as a database gives them back: booleans as 0 and 1."""
    return tuple(int(c) if isinstance(c, bool) else c for c in flatten(field, value))


def check(fields: tuple[Field, ...], rng: random.Random) -> None:
    made = Values(rng)
    shown = [f for f in fields if f.type.base not in LINKS]
    build = compile_builder([leaf(f.name, f.type, Column(f)) for f in shown], fields)
    rows = []
    for _ in range(30):
        values = [parse(f.type, made.of(f, "r", "o"), ()) if f in shown else None for f in fields]
        mask = rng.getrandbits(len(fields) + 1) | EXISTS
        rows.append((mask, [stored(f, v) for f, v in zip(fields, values, strict=True)]))
    parents = [SimpleNamespace(mask=m, values=tuple(c for columns in v for c in columns)) for m, v in rows]
    for (mask, columns), answer in zip(rows, build(parents), strict=True):
        assert list(answer) == [f.name for f in shown]
        for field, cells in zip(fields, columns, strict=True):
            if field not in shown:
                continue
            expected = renamed(field.type, wire(field.type, cells)) if mask & field.bit else None
            if field.type.base is Base.BOOLEAN and not field.type.many and expected is not None:
                expected = bool(expected)
            found = answer[field.name]
            assert (found, type(found)) == (expected, type(expected)), field.name


@pytest.mark.parametrize("seed", range(4))
def test_the_builder_reads_every_field_as_wire_does(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    for kind in kinds(tmp_path):
        check(kind.joint, rng)
        check(kind.side, rng)
        chosen = tuple(rng.sample(kind.side, k=3))  # a fetch brings some fields, in any places
        check(chosen, rng)


@pytest.mark.parametrize("name", WHOLE)
def test_the_builder_reads_types_that_no_kind_has_yet(name: str) -> None:
    check(
        (Field("a", "side", WHOLE[name], "", 1, "private"), Field("b", "side", WHOLE[name], "", 2, "private")),
        random.Random(1),
    )


def test_every_base_type_is_met(tmp_path: Path) -> None:
    fields = [f for kind in kinds(tmp_path) for f in (*kind.joint, *kind.side)]
    assert {f.type.base for f in fields} >= set(Base) - {Base.PERSON, Base.RECORD}


def test_a_group_is_an_object_of_its_members() -> None:
    kind = CATALOG.by_name["opportunity"]
    members = tuple(f for f in kind.joint if f.group == "customer")
    group = PlanLeaf(
        "customer", "Opportunity", Group(members), tuple(PlanLeaf(str(f.key), "Customer", Column(f)) for f in members)
    )
    build = compile_builder([group], members)
    values = tuple(f"value of {f.key}" for f in members)
    hidden, shown = build([SimpleNamespace(mask=m, values=values) for m in (EXISTS, kind.all_joint)])
    assert hidden == {"customer": dict.fromkeys((f.key for f in members), None)}
    assert shown == {"customer": {f.key: f"value of {f.key}" for f in members}}


def test_a_response_key_is_never_code() -> None:
    keys = ["o", "m", "v", "answers", "None", "__import__", "build", "_amount"]
    build = compile_builder([PlanLeaf(key, "Query", None) for key in keys], ())
    assert build([None]) == [dict.fromkeys(keys, "Query")]
