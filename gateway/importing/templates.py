"""Templates: texts with references in braces, e.g. `{product} for {account}`. `{{` and `}}` stand for braces."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from gateway.importing.paths import Reference, Scope, follow
from schema.errors import BadInput

_PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|([{}])|[^{}]+")


@dataclass(frozen=True, slots=True)
class Template:
    """Its parts in order: texts, references, or a single constant of another type."""

    parts: tuple[Any, ...]

    @property
    def references(self) -> tuple[Reference, ...]:
        """The references among the parts."""
        return tuple(part for part in self.parts if isinstance(part, Reference))


def parse_template(text: str, refer: Callable[[str], Reference]) -> Template:
    """Reads a template; `refer` reads what stands in braces. Raises ValueError with a reason."""
    parts: list[Any] = []
    for match in _PIECE.finditer(text):
        if match[2]:
            raise ValueError("a brace stands alone; write {{ or }} for a brace that is text")
        part: str | Reference = match[0]
        if match[1] is not None:
            part = refer(match[1].strip())
        elif match[0] in ("{{", "}}"):
            part = match[0][0]
        if isinstance(part, str) and parts and isinstance(parts[-1], str):
            parts[-1] += part
        else:
            parts.append(part)
    return Template(tuple(parts))


def render(template: Template, scope: Scope) -> Any:
    """The value: of a single reference what stands there, else a text, or the constant. None where any reference
    finds nothing (null, blank text, an empty list), so that half a text is never stored. Raises BadInput where
    a list or an object would have to become text."""
    if len(template.parts) == 1:
        (part,) = template.parts
        return present(follow(part, scope)) if isinstance(part, Reference) else part
    found = [present(follow(part, scope)) if isinstance(part, Reference) else part for part in template.parts]
    return None if any(part is None for part in found) else "".join(as_text(part) for part in found).strip()


def present(value: Any) -> Any:
    """The value without blanks around it; None for what holds nothing."""
    if isinstance(value, str):
        value = value.strip()
    return None if value in ("", [], {}) else value


def as_text(value: Any) -> str:
    """A plain value as text: numbers in digits, without an exponent. Raises BadInput for lists and objects."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, int | float):
        return str(value)
    raise BadInput("A plain value is expected.")
