"""Compiles a company's sharing rules to a policy text, which is checked and loaded like a text that somebody wrote.

1. A rule becomes tests on columns and the idents of its fields; what a template has dropped since is left out, so that
   an ALLOW opens less and a DENY closes more.
2. Each becomes Polar rules: long lists are cut, for a rule has a bound of words.
3. Values go in as literals. Polar knows few escapes; a text that cannot be written is refused.
4. What all rules together come to is bounded before they are defined: Oso answers a list value by value, and denies
   multiply the cases of a mask.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import product
from math import prod
from typing import Literal, NamedTuple, TypeAlias

from policies.compile import compile_mask
from policies.facts import COLUMNS
from policies.residual import Answer, Unsupported
from policies.side_rules import bits_of_side
from schema.errors import BadDeclaration, BadInput
from schema.kind import Kind
from schema.mask import RECORD_ID
from schema.sharing_rule import Condition, SharingRule
from schema.where import Comparison, Scalar

CLOSED = 'deny_side_field(_viewer, "read", side, _field, "sharing rules that cannot be read") if side.own = false;\n'
"""In the place of rules that cannot be compiled: nobody else sees anything of the company's sides."""

MOST_ANSWERS = 2_000
"""Of all rules of a company: fields times listed values; Oso takes about 0.1 ms for each that is about a viewer."""
_FIELDS_IN_RULE = 25
_NAMED_IN_RULE = 50
_RECORDS_IN_RULE = 25

Said: TypeAlias = tuple[tuple[str, ...], tuple[Comparison, ...]]
"""What a rule says of sides: the idents of its fields, and the tests under which it holds."""


class Line(NamedTuple):
    """The same with the kind's name and the effect, and for how many fields Oso answers one by one."""

    kind: str
    effect: Literal["ALLOW", "DENY"]
    fields: tuple[str, ...]
    tests: tuple[Comparison, ...]
    fields_answered: int


_SYMBOLS = {"eq": "=", "ne": "!=", "in": "in", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0"}
_LEAST = -(2**63)  # Polar reads the digits before it knows the sign
_UNWRITABLE = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


def reason_of(rule: SharingRule) -> str:
    """What `explain` says of it."""
    return f'sharing rule "{rule.label}"'


def rules_text(rules: Iterable[SharingRule], kinds: Mapping[str, Kind]) -> str:
    """The policy text of these rules of one company, whose kinds these are by name. Raises BadDeclaration for a text
    that cannot be written."""
    return "".join(line for rule in rules for line in _lines(rule, kinds))


def check_together(rules: Sequence[SharingRule], kinds: Mapping[str, Kind], more: Iterable[Line] = ()) -> None:
    """Raises BadInput where these rules of one company, be they in force at once and `more` with them, come to too
    much."""
    found = ((rule, said(rule, kinds)) for rule in rules)
    lines = [Line(rule.kind, rule.effect, *said, len(said[0])) for rule, said in found if said]
    check_lines([*lines, *more], kinds, "sharing rules")


def check_lines(lines: Iterable[Line], kinds: Mapping[str, Kind], what: str) -> None:
    """Raises BadInput where these, of one viewer, come to too much; `what` says what they are."""
    answers = {kind.name: {"ALLOW": [Answer((), tuple(bits_of_side(kind)), "")], "DENY": []} for kind in kinds.values()}
    size = 0
    for kind, effect, fields, tests, answered in lines:
        size += answered * prod(len(test.value) for test in tests if isinstance(test.value, tuple))
        answers[kind][effect].append(Answer(tests, fields, ""))
    if size > MOST_ANSWERS:
        raise BadInput(
            f"Your {what} list too many fields and values together: of each, its fields times the values of every IN, "
            f"and {MOST_ANSWERS:,} in all at most."
        )
    for name, by_effect in answers.items():
        try:
            compile_mask(by_effect["ALLOW"], by_effect["DENY"], bits_of_side(kinds[name]), COLUMNS["side"])
        except Unsupported:
            raise BadInput(f"Your {what} have too many conditions together.") from None


def said(rule: SharingRule, kinds: Mapping[str, Kind]) -> Said | None:
    """What a rule says where these are its company's kinds; None where that is nothing."""
    kind = kinds.get(rule.kind)
    fields = tuple(ident for ident in rule.fields if kind is not None and ident in kind.side_by_ident)
    if kind is None or not fields:
        return None
    tests = tests_of(rule.conditions, kind, closing=rule.effect == "DENY")
    of_records = (Comparison(RECORD_ID, "in", rule.records),) if rule.records else ()
    return None if tests is None else (fields, (*tests, *of_records))


def tests_of(conditions: Sequence[Condition], kind: Kind, *, closing: bool) -> tuple[Comparison, ...] | None:
    """The tests of columns that these conditions stand for. One of a field that sides of the kind no longer have is
    left out where they close; where they open, there is nothing to say."""
    tests: list[Comparison] = []
    for condition in conditions:
        found = condition.tests(kind)
        if found is None and not closing:
            return None
        tests += found or ()
    return tuple(tests)


def _lines(rule: SharingRule, kinds: Mapping[str, Kind]) -> Iterable[str]:
    found = said(rule, kinds)
    if found is None:
        return
    fields, tests = found
    about = [f"side.kind = {literal(rule.kind)}"]
    shown = [written_test("side", test) for test in tests if test.column != RECORD_ID]
    head = f'{rule.effect.lower()}_side_field({{}}, "read", side, field, {literal(reason_of(rule))}) if\n  '
    records = [[f"side.{RECORD_ID} in {value_text(ids)}"] for ids in chunks(rule.records, _RECORDS_IN_RULE)]
    for names, who, of in product(chunks(fields, _FIELDS_IN_RULE), _who(rule), records or [[]]):
        viewer = "viewer" if any("viewer." in test for test in who) else "_viewer"
        body = [*about, *who, *of, f"field in {value_text(names)}", *shown]
        yield head.format(viewer) + " and ".join(body) + ";\n"


def _who(rule: SharingRule) -> Iterable[list[str]]:
    """The conditions on the viewer: each Polar rule has one of them."""
    partner = "side.own = false"
    if rule.audience.kind == "participants":
        yield [partner]
        if rule.effect == "DENY":  # who hides what nobody else sees does not see this either
            yield ["side.own = true", "viewer.hide_private = true"]
    for fact, ids in (("company", rule.audience.companies), ("person", rule.audience.people)):
        for chunk in chunks(ids, _NAMED_IN_RULE):
            yield [partner, f"viewer.{fact} in {value_text(chunk)}"]


def written_test(subject: str, test: Comparison) -> str:
    """The test as Polar writes it. Raises BadDeclaration for a value that cannot be written."""
    return f"{subject}.{test.column} {_SYMBOLS[test.op]} {value_text(test.value)}"


def chunks(items: Sequence[str], most: int) -> list[tuple[str, ...]]:
    """The items in lists of at most so many."""
    return [tuple(items[start : start + most]) for start in range(0, len(items), most)]


def value_text(value: Scalar | tuple[Scalar, ...]) -> str:
    """One value, or a list of them, as Polar writes it. Raises BadDeclaration."""
    return "[" + ", ".join(map(literal, value)) + "]" if isinstance(value, tuple) else literal(value)


def literal(value: Scalar) -> str:
    """The value as Polar writes it. Raises BadDeclaration for a text that cannot be written."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        if value == _LEAST:
            raise BadDeclaration("A policy cannot hold this number.")
        return str(value)
    if isinstance(value, float):
        digits = format(Decimal(repr(value)), "f")  # no exponent; the shortest text that reads as this number
        return digits if "." in digits else digits + ".0"
    if _UNWRITABLE.search(value):
        raise BadDeclaration("A policy cannot hold this text.")
    return '"' + "".join(_ESCAPES.get(char, char) for char in value) + '"'
