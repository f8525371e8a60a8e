"""What one setting is: how it is declared, read from TOML with a check, and shown in the reference.

A class of settings is a frozen dataclass whose fields are made by `setting`. All else follows from them: what is read,
what is refused and in which words, and the tables of docs/settings.md.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, field, fields, is_dataclass
from pathlib import Path
from types import NoneType
from typing import Any, TypeVar, cast, get_args, get_type_hints

from schema.errors import BadDeclaration

T = TypeVar("T")
_WORDS: Mapping[Any, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    Path: "a path",
}


def setting(
    doc: str,
    *,
    default: Any = MISSING,
    unit: str = "",
    must: str = "",
    holds: Callable[[Any], bool] = lambda value: True,
) -> Any:
    """A field of a class of settings: what it means, its default (none: it must be given), the unit of its value, and
    what holds of each value in words and as a test. Of a list, each item is tested. A default is not."""
    return field(default=default, metadata={"doc": doc, "unit": unit, "must": must, "holds": holds})


def between(least: float, most: float) -> dict[str, Any]:
    """The bounds of a number, both allowed, for `setting`."""
    return {"must": f"{least} to {most}", "holds": lambda value: least <= value <= most}


def one_of(*options: str) -> dict[str, Any]:
    """The values that a text may have, for `setting`."""
    return {"must": ", ".join(options[:-1]) + " or " + options[-1], "holds": frozenset(options).__contains__}


def read_table(file: Path, where: str, found: Mapping[str, Any], of: type[T]) -> T:
    """An object of a class of settings from a TOML table. `where` goes before the keys in messages. Raises
    BadDeclaration naming file and key."""
    types, declared = get_type_hints(of), {each.name: each for each in _fields(of)}
    for key in found:
        if key not in declared:
            raise BadDeclaration(f"{file}: there is no setting `{where}{key}`.")
    for name, each in declared.items():
        if name not in found and each.default is MISSING:
            raise BadDeclaration(f"{file}: `{where}{name}` is missing.")
    values = {name: _value(file, where + name, types[name], declared[name], value) for name, value in found.items()}
    return of(**values)


def _value(file: Path, name: str, of: Any, declared: "Field[Any]", value: Any) -> Any:
    wanted, item = _parts(of)
    holds = declared.metadata["holds"]
    if item is None:
        if wanted is float and type(value) is int:
            value = float(value)
        if wanted is Path and type(value) is str and value and "\0" not in value:
            return file.parent / value
        if type(value) is wanted and holds(value):
            return value
    elif isinstance(value, list) and is_dataclass(item) and all(isinstance(each, dict) for each in value):
        return tuple(read_table(file, f"{name}.", each, cast(type, item)) for each in value)
    elif isinstance(value, list) and value and all(type(each) is item and holds(each) for each in value):
        return tuple(value)
    raise BadDeclaration(f"{file}: `{name}` must be {_allowed(name, of, declared)}.")


def _parts(of: Any) -> tuple[Any, Any]:
    """A setting's type, without its None, and that of its items where it is a list."""
    wanted = next(each for each in get_args(of) if each is not NoneType) if NoneType in get_args(of) else of
    return wanted, next(iter(get_args(wanted)), None)


def _allowed(name: str, of: Any, declared: "Field[Any]") -> str:
    """What values a setting may have, in words."""
    wanted, item = _parts(of)
    must: str = declared.metadata["must"]
    if item is None:
        return must or _WORDS[wanted]
    return f"tables, [[{name}]]" if is_dataclass(item) else f"a list of {must or _WORDS[item]}"


def table(of: type) -> str:
    """The table of a class of settings for the reference, in Markdown, in the order of declaration."""
    lines = ["| key | value | default | unit | meaning |", "| --- | --- | --- | --- | --- |"]
    types = get_type_hints(of)
    for each in _fields(of):
        told, allowed = each.metadata, _allowed(each.name, types[each.name], each)
        row = f"| `{each.name}` | {allowed} | {_shown(each.default)} | {told['unit']} | {told['doc']} |"
        lines.append(row.replace("|  |", "| |"))
    return "\n".join(lines) + "\n"


def _shown(default: Any) -> str:
    if default is MISSING:
        return "required"
    if default is None or default == ():
        return "none"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return "`[" + ", ".join(f'"{each}"' for each in default) + "]`" if isinstance(default, tuple) else f"`{default}`"


def _fields(of: Any) -> "tuple[Field[Any], ...]":
    return fields(of)
