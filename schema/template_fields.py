"""Reads one custom field of a template, and writes it back as it may be given again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from schema.automaton import build
from schema.errors import BadInput
from schema.field import Base, Custom, Field, FieldType
from schema.field_types import BASE_TYPES
from schema.given import Given, refuse
from schema.pattern import LONGEST_PATTERN, parse
from schema.reserved import FIELD_NAME, FIELD_RULE, OPTION
from schema.template import (
    FORMULA,
    LONGEST_HELP,
    LONGEST_LABEL,
    MOST_OPTIONS,
    MULTI_PICKLIST,
    PICKLIST,
    PLAIN_TYPES,
    TYPE_WORDS,
    type_word,
)
from schema.values import flatten, parse_field, wire
from schema.values import parse as parse_value

LONGEST_FORMULA = 1_000
MOST_STEPS = 1_000_000
"""The most that a pattern may cost: its positions times the longest text. About 0.1 s at worst."""

_ALWAYS = ("key", "type", "label", "help", "section", "audience")
_STORED = ("required", "default", "editableIn")
_NUMERIC = ("low", "high")
_TEXTUAL = ("minLength", "maxLength", "pattern")
FIELD_KEYS = (*_ALWAYS, *_STORED, *_NUMERIC, *_TEXTUAL, "options", "refines", "formula")
_NUMBERS = (Base.INTEGER, Base.NUMBER, Base.MONEY)
_TEXTS = (Base.TEXT, Base.URL, Base.EMAIL, Base.PHONE)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the fields of one template are read in."""

    template: str  # its id
    sections: frozenset[str]
    states: tuple[str, ...] | None  # of the kind's lifecycle; None: it has none
    picklists: Mapping[str, Field]  # the kind's own that may be refined, by name
    id_of: Callable[[str, str], str]  # the id of a field, by its key and the word of its type


def read_field(table: Given, around: Surroundings) -> Field:
    """One custom field. That of a formula holds its text as it was given, and is typed later. Raises BadInput."""
    table.allow(*FIELD_KEYS)
    key = table.matching("key", FIELD_NAME, f"A key {FIELD_RULE}.")
    word = _read_word(table)
    id_ = around.id_of(key, word)
    refined = _read_refined(table, around)
    options = _read_options(table, refined) if word in (PICKLIST, MULTI_PICKLIST) else ()
    section = table.optional_text("section", LONGEST_LABEL)
    if section is not None and section not in around.sections:
        table.refuse("There is no such section.", "section")
    audience = table.optional_text("audience", LONGEST_LABEL) or "PRIVATE"
    if audience not in ("PRIVATE", "PARTICIPANTS"):
        table.refuse("This is either PRIVATE or PARTICIPANTS.", "audience")
    type_ = _read_type(table, word, key, id_, tuple(value for value, _, _ in options))
    if refined is not None:
        type_ = replace(type_, standard=tuple((value, stands or "") for value, _, stands in options))
    custom = Custom(
        id=id_,
        template=around.template,
        label=table.text("label", LONGEST_LABEL),
        section=section,
        low=_read_bound(table, "low"),
        high=_read_bound(table, "high"),
        min_length=table.whole("minLength", 1, type_.max_length or 1),
        pattern=_read_pattern(table, type_),
        editable_in=_read_states(table, around),
        formula=table.text("formula", LONGEST_FORMULA) if word == FORMULA else None,
        labels=tuple(label for _, label, _ in options),
        refines=refined.name if refined else None,
    )
    if custom.low is not None and custom.high is not None and custom.low > custom.high:
        table.refuse("This is less than `low`.", "high")
    field = Field(
        name=key,
        part="side",
        type=type_,
        doc=table.optional_text("help", LONGEST_HELP) or "",
        index=0,
        audience="participants" if audience == "PARTICIPANTS" else "private",
        required=table.truth("required"),
        custom=custom,
    )
    return replace(field, custom=replace(custom, default=_read_default(table, field)))


def _read_word(table: Given) -> str:
    """The word of the type; refuses the keys that this type does not have."""
    word = table.text("type", LONGEST_LABEL)
    if word not in TYPE_WORDS:
        table.refuse(f"This is none of the types {', '.join(TYPE_WORDS)}.", "type")
    type_ = PLAIN_TYPES.get(word)
    allowed = [*_ALWAYS, *_STORED] if word != FORMULA else [*_ALWAYS, "formula"]
    if type_ is None and word != FORMULA:
        allowed.append("options")
    if word == PICKLIST:
        allowed.append("refines")
    if type_ is not None and type_.base in _NUMBERS:
        allowed += _NUMERIC
    if type_ is not None and type_.base in _TEXTS:
        allowed += _TEXTUAL
    if type_ is not None and type_.base in (Base.PERSON, Base.COMPANY):
        # who may be named is asked at each write, and a default is written by nobody
        allowed.remove("default")
    for key in FIELD_KEYS:
        if key not in allowed and table.has(key):
            table.refuse(f"A field of the type {word} does not have this.", key)
    return word


def _read_type(table: Given, word: str, key: str, id_: str, options: tuple[str, ...]) -> FieldType:
    if word == FORMULA:
        return BASE_TYPES["Number"]
    if options:
        # the part of the id keeps the GraphQL names of equal keys apart; no declared type has an underscore
        name = f"{key[0].upper()}{key[1:]}_{id_.partition('_')[2][:6]}"
        return FieldType(name, Base.PICKLIST, many=word == MULTI_PICKLIST, options=options)
    type_ = PLAIN_TYPES[word]
    longest = table.whole("maxLength", 1, type_.max_length or 1)
    return replace(type_, max_length=longest) if longest else type_


def _read_refined(table: Given, around: Surroundings) -> Field | None:
    name = table.optional_text("refines", LONGEST_LABEL)
    if name is None:
        return None
    if name not in around.picklists:
        table.refuse("This is no picklist of the kind's own side that can be refined.", "refines")
    return around.picklists[name]


def _read_options(table: Given, refined: Field | None) -> tuple[tuple[str, str, str | None], ...]:
    """Value and label of each option, and the value of the refined field that it stands for, if one is refined."""
    found: dict[str, tuple[str, str, str | None]] = {}
    for option in table.objects("options", MOST_OPTIONS):
        option.allow("value", "label", "standard")
        value = option.matching("value", OPTION, "A value is written in UPPER_SNAKE, in at most 80 letters and digits.")
        label = option.text("label", LONGEST_LABEL)
        if value in found:
            option.refuse("Another option has this value.", "value")
        if refined is None and option.has("standard"):
            option.refuse("This is for fields with `refines`.", "standard")
        standard = None if refined is None else option.text("standard", LONGEST_LABEL)
        if refined is not None and standard not in refined.type.options:
            option.refuse(f"This is no value of {refined.name}.", "standard")
        found[value] = value, label, standard
    if not found:
        table.refuse("A picklist needs options.", "options")
    return tuple(found.values())


def _read_bound(table: Given, key: str) -> float | None:
    bound: float | None = _checked(
        lambda path: parse_value(BASE_TYPES["Number"], table.keys.get(key), path), table, key
    )
    return bound


def _read_pattern(table: Given, type_: FieldType) -> str | None:
    if not table.has("pattern"):
        return None
    pattern = table.text("pattern", LONGEST_PATTERN)
    if str(table.keys["pattern"]).strip() != table.keys["pattern"]:
        table.refuse("Write a blank at the beginning or the end as [ ].", "pattern")
    made = build(parse(pattern, (*table.path, "pattern")))
    if made.positions * (type_.max_length or 0) > MOST_STEPS:
        table.refuse("This pattern is too large for texts of that length; set a smaller `maxLength`.", "pattern")
    return pattern


def _read_states(table: Given, around: Surroundings) -> tuple[str, ...] | None:
    if not table.has("editableIn"):
        return None
    states = table.texts("editableIn", MOST_OPTIONS)
    if around.states is None:
        table.refuse("This kind has no lifecycle.", "editableIn")
    if not states:
        table.refuse("Name a state, or leave this out.", "editableIn")
    for index, state in enumerate(states):
        if state not in around.states:
            table.refuse("This is no state of the kind's lifecycle.", "editableIn", str(index))
    return states


def _read_default(table: Given, field: Field) -> Any:
    if not table.has("default"):
        return None
    return _checked(lambda path: parse_field(field, table.keys["default"], path), table, "default")


def _checked(read: Callable[[tuple[str, ...]], Any], table: Given, key: str) -> Any:
    """What `read` gives for a path; its refusals say the place, too."""
    try:
        return read((*table.path, key))
    except BadInput as error:
        refuse(error.field, error.message)


def check_bounds(field: Field, path: tuple[str, ...]) -> None:
    """Refuses a bound that no value can have."""
    for key, bound in (("low", field.custom.low), ("high", field.custom.high)) if field.custom else ():
        if field.type.base is Base.INTEGER and bound is not None and not bound.is_integer():
            refuse((*path, key), "A whole number is expected.")


def show_field(field: Field, custom: Custom, formula: str | None) -> dict[str, Any]:
    """A custom field as `read_field` takes it: what is usual is left out. `formula` is its text, with keys."""
    word = type_word(field)
    usual = PLAIN_TYPES.get(word)
    longest = field.type.max_length
    options = [{"value": v, "label": label} for v, label in zip(field.type.options, custom.labels, strict=True)]
    for option, (_, stands) in zip(options, field.type.standard, strict=False):
        option["standard"] = stands
    shown = {
        "key": field.name,
        "type": word,
        "label": custom.label,
        "help": field.doc or None,
        "section": custom.section,
        "audience": "PARTICIPANTS" if field.audience == "participants" else None,
        "required": field.required or None,
        "default": None if custom.default is None else wire(field.type, flatten(field, custom.default)),
        "editableIn": custom.editable_in and list(custom.editable_in),
        "low": custom.low,
        "high": custom.high,
        "minLength": custom.min_length,
        "maxLength": longest if usual and longest != usual.max_length else None,
        "pattern": custom.pattern,
        "refines": custom.refines,
        "options": options or None,
        "formula": formula,
    }
    return {key: value for key, value in shown.items() if value is not None}
