"""Formulas among the fields of a side: which reads which, in what order they are computed, and by which names.

A template is written with the names of the kind's own fields and the keys of its own custom fields. What is kept in a
`Custom` names custom fields by id, so that it means the same where a field is shown by another name.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from typing import Any

from schema.field import Base, Custom, Field
from schema.formula import Node, names, parse, renamed, tree
from schema.formula_types import RESULTS, infer, read_as
from schema.formula_values import evaluate
from schema.given import refuse
from schema.kind import Kind


@dataclass(frozen=True, slots=True)
class Formulas:
    """The formulas of a kind's side, each behind those that it reads: ident, tree, type of the result."""

    steps: tuple[tuple[str, Node, Base], ...]

    def values(self, side: Mapping[str, Any]) -> dict[str, Any]:
        """The stored value of each formula, by its ident. `side` holds stored values by ident; what is left out is
        null. Takes time linear in the formulas."""
        found: dict[str, Any] = {}
        known = dict(side)
        for ident, node, result in self.steps:
            known[ident] = found[ident] = evaluate(node, result, known.get)
        return found


def formulas(kind: Kind) -> Formulas:
    """The formulas of an effective kind's side; to be made once a kind."""
    trees = {f.ident: (tree(f.custom.formula), f) for f in kind.custom if f.custom and f.custom.formula is not None}
    order = TopologicalSorter({i: [n for n in names(node) if n in trees] for i, (node, _) in trees.items()})
    return Formulas(tuple((i, trees[i][0], trees[i][1].type.base) for i in order.static_order()))


def columns_read(kind: Kind, field: Field) -> tuple[str, ...]:
    """The columns of stored fields that a formula's value hangs on, by way of other formulas, too.

    Who may see a formula's field sees a value that was computed of these, whatever their own audience: the audience
    of the formula is its owner's decision."""
    return tuple(dict.fromkeys(column for read in fields_read(kind, field) for column in read.columns))


def fields_read(kind: Kind, field: Field) -> tuple[Field, ...]:
    """The stored fields that a formula's value hangs on; of a stored field itself."""
    found: dict[Field, None] = {}
    waiting = [field.ident]
    seen: set[str] = set()
    while waiting:
        ident = waiting.pop()
        read = kind.side_by_ident.get(ident)
        if read is None or ident in seen:
            continue
        seen.add(ident)
        if read.custom and read.custom.formula is not None:
            waiting += reversed(names(tree(read.custom.formula)))
        else:
            found[read] = None
    return tuple(found)


def typed(fields: Sequence[Field], kind: Kind) -> tuple[Field, ...]:
    """The fields of one template with their formulas typed and their names resolved. Raises BadInput at
    fields[i].formula where a formula is none, or where formulas read each other in a circle."""
    keys = {field.name: index for index, field in enumerate(fields)}
    trees: dict[str, Node] = {}
    for field in fields:
        if field.custom and field.custom.formula is not None:
            trees[field.name] = parse(field.custom.formula, _path(keys[field.name]))
    graph = {key: [name for name in names(node) if name in trees] for key, node in trees.items()}
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        circle = error.args[1]
        refuse(_path(keys[circle[0]]), f"These formulas read each other: {', '.join(reversed(circle))}.")
    # a key comes behind the kind's fields: it wins over a name that the kind took later
    stored = (*kind.side, *(field for field in fields if field.name not in trees))
    scope = {field.name: base for field in stored if (base := read_as(field.type))}
    for key in order:
        scope[key] = infer(trees[key], scope, _path(keys[key]))
    ids = {field.name: field.ident for field in fields}
    return tuple(
        _resolved(field, field.custom, scope[field.name], ids) if field.custom and field.name in trees else field
        for field in fields
    )


def _resolved(field: Field, custom: Custom, result: Base, ids: Mapping[str, str]) -> Field:
    return replace(field, type=RESULTS[result], custom=replace(custom, formula=renamed(custom.formula or "", ids)))


def _path(index: int) -> tuple[str, ...]:
    return ("fields", str(index), "formula")


def written(fields: Iterable[Field]) -> dict[str, str]:
    """The formulas of one template's fields as they were written, by ident."""
    held = tuple(fields)
    keys = {field.ident: field.name for field in held}
    return {f.ident: renamed(f.custom.formula, keys) for f in held if f.custom and f.custom.formula is not None}
