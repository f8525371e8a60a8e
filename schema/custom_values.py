"""What templates ask of values: ranges, lengths, patterns, what must be there, and when a field may be changed."""

from collections.abc import Mapping
from decimal import Context
from typing import Any

from schema.automaton import automaton
from schema.codes import MINOR_DIGITS
from schema.errors import BadInput
from schema.field import Custom, Field
from schema.kind import Kind, Lifecycle
from schema.money import Money

_EXACT = Context(prec=400)
"""Wide enough that a bound, which is a float, is moved to minor units without being rounded."""


def check_custom(field: Field, stored: Any, path: tuple[str, ...]) -> None:
    """Refuses a stored value that the custom field's template does not allow, and any value of a formula, which is
    computed. Null passes; whether a value is required is not asked here. Raises BadInput at `path`."""
    custom = field.custom
    if custom is None:
        return
    if custom.formula is not None:
        raise BadInput("This field is computed and cannot be written.", field=path)
    if isinstance(stored, str):
        _check_text(custom, stored, path)
    elif isinstance(stored, int | float | Money) and not isinstance(stored, bool):
        if custom.low is not None and _below(stored, custom.low):
            raise BadInput(f"This is less than {_shown(custom.low)}.", field=path)
        if custom.high is not None and _above(stored, custom.high):
            raise BadInput(f"This is more than {_shown(custom.high)}.", field=path)


def _check_text(custom: Custom, text: str, path: tuple[str, ...]) -> None:
    if custom.min_length is not None and len(text) < custom.min_length:
        raise BadInput(f"This is shorter than {custom.min_length:,} characters.", field=path)
    if custom.pattern is not None and not automaton(custom.pattern).matches(text):
        raise BadInput(f"This does not have the form {custom.pattern} as a whole.", field=path)


def _below(stored: float | Money, bound: float) -> bool:
    return stored.minor < _minor(bound, stored) if isinstance(stored, Money) else stored < bound


def _above(stored: float | Money, bound: float) -> bool:
    return stored.minor > _minor(bound, stored) if isinstance(stored, Money) else stored > bound


def _minor(bound: float, money: Money) -> Any:
    """A bound in minor units of the money's currency, as the decimal number that people wrote."""
    return _EXACT.create_decimal(repr(bound)).scaleb(MINOR_DIGITS[money.currency], _EXACT)


def _shown(bound: float) -> str:
    return f"{int(bound):,}" if bound.is_integer() else f"{bound:,}"


def missing_required(kind: Kind, side: Mapping[str, Any]) -> tuple[str, ...]:
    """The idents of the required side fields that have no value. `side` holds stored values by field name; blank text
    and an empty list are no value."""
    return tuple(f.ident for f in kind.side if f.required and _void(side.get(f.name)))


def _void(stored: Any) -> bool:
    return stored is None or stored == () or (isinstance(stored, str) and not stored.strip())


def lifecycle_of(kind: Kind) -> Lifecycle | None:
    """The lifecycle whose states `editable_in` names: that of the side, else a joint one; None where there is none."""
    return next(iter(sorted(kind.lifecycles, key=lambda life: life.part != "side")), None)


def editable(kind: Kind, field: Field, state: str | None) -> bool:
    """Whether a side field may be changed while the field of `lifecycle_of(kind)` has the value `state`. Where the
    lifecycle has not begun, any field may be."""
    life = lifecycle_of(kind)
    allowed = field.custom.editable_in if field.custom else None
    if allowed is None or life is None or state is None:
        return True
    return state in allowed
