"""What templates ask of a write to a side, besides what each value must be (`schema.values.parse_field`): defaults,
states in which a field may change, required fields, picklists that refine the kind's own, values of formulas."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from schema.custom_values import editable, lifecycle_of, missing_required
from schema.errors import BadInput, Refusal
from schema.formula_fields import Formulas, formulas
from schema.kind import Kind
from schema.values import unflatten
from schema.where import Scalar


def with_refined(kind: Kind, side: Mapping[str, Any]) -> dict[str, Any]:
    """The stored values to be written, by name, with those of the kind's own picklists that follow from options of
    custom ones. So whoever writes a detail needs what the plain value needs: the right, and a move of the lifecycle.
    Raises BadInput where two of them disagree."""
    found = dict(side)
    for field in kind.custom:
        refined = field.custom and field.custom.refines
        if not refined or side.get(field.name) is None:
            continue
        standard = dict(field.type.standard)[side[field.name]]
        if found.setdefault(refined, standard) != standard:
            raise BadInput(
                f"This stands for another value of {refined} than the one given.", field=("mine", field.name)
            )
    return found


class FieldLocked(Refusal):
    """This field may not change while the record is in its present state."""

    code = "FIELD_LOCKED"


def with_custom(
    kind: Kind,
    side: Mapping[str, Any],
    held: Mapping[str, tuple[Scalar | None, ...]] | None,
    joint_state: str | None = None,
) -> dict[str, Any]:
    """The stored values of the side fields to be written, by name, with defaults and formulas. `held` are the columns
    of the side as it is, by field name; None for a side that begins. `joint_state` is where the record's own lifecycle
    stands, if it has one. Raises BadInput and FieldLocked."""
    if not kind.custom:
        return dict(side)
    written = dict(side)
    if not held:
        for field in kind.custom:
            if field.custom and field.custom.default is not None and field.name not in written:
                written[field.name] = field.custom.default
                if field.custom.refines and written.get(field.custom.refines) is None:
                    written[field.custom.refines] = dict(field.type.standard)[str(field.custom.default)]
    before = {f.name: unflatten(f, held[f.name]) for f in kind.side} if held else {}
    outdated = dict.fromkeys(_outdated(kind, {**before, **written}))
    written |= outdated
    after = {**before, **written}
    _check_locks(kind, side, before, joint_state)
    missing = {f.name for f in kind.custom if f.ident in missing_required(kind, after)}
    if held:  # a side that stands without what is required now may be written all the same, and not be emptied of it
        missing &= side.keys() | outdated.keys()
    for name in sorted(missing):
        raise BadInput("This field is required.", field=("mine", name))
    computed = _formulas(kind).values({f.ident: after.get(f.name) for f in kind.side})
    named = kind.side_by_ident
    return written | {named[ident].name: value for ident, value in computed.items()}


def _outdated(kind: Kind, after: Mapping[str, Any]) -> Iterator[str]:
    """The custom picklists whose option stands for another value than that of the field which they refine: that was
    written without them."""
    for field in kind.custom:
        option = after.get(field.name)
        refined = field.custom and field.custom.refines
        if refined and option is not None and dict(field.type.standard).get(option) != after.get(refined):
            yield field.name


def _check_locks(kind: Kind, side: Mapping[str, Any], before: Mapping[str, Any], joint_state: str | None) -> None:
    life = lifecycle_of(kind)
    state = before.get(life.field) if life is not None and life.part == "side" else joint_state
    for field in kind.custom:
        changes = field.name in side and side[field.name] != before.get(field.name)
        if changes and not editable(kind, field, state):
            raise FieldLocked(field=("mine", field.name))


@lru_cache(4_096)
def _formulas(kind: Kind) -> Formulas:
    return formulas(kind)
