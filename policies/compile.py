"""Compiles answers to a mask program: what is allowed, less what is denied.

1. Answers become cases: tests -> bits. Equal tests are merged, and so are those that differ in one value of one
   column: Oso answers a list value by value.
2. Each deny closes its bits: a case that it touches splits into one case for each way in which the deny fails.
   Null passes no test, negated or not, so a column that is null where a deny looks keeps its bits closed.
3. What another case says already is dropped, and tests that an equality settles.
4. One Python function is written for the whole program.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

from policies.residual import Answer, Unsupported
from schema.mask import MaskProgram
from schema.matching import holds, negate
from schema.where import Comparison, Op, Scalar, Where

Tests: TypeAlias = tuple[Comparison, ...]
Case: TypeAlias = tuple[Tests, int]

_SYMBOLS: Mapping[Op, str] = {
    "eq": "==",
    "ne": "!=",
    "lt": "<",
    "lte": "<=",
    "gt": ">",
    "gte": ">=",
    "in": "in",
    "nin": "not in",
}
MAX_CASES = 256  # denies multiply cases; a program beyond this is closed rather than slow


def bits_of(fields: Iterable[str], bits: Mapping[str, int]) -> int:
    """The mask of these fields."""
    mask = 0
    for field in fields:
        mask |= bits[field]
    return mask


def compile_mask(
    allows: Sequence[Answer], denies: Sequence[Answer], bits: Mapping[str, int], columns: Sequence[str]
) -> MaskProgram:
    """The program of these answers. `bits` maps each field, and "exists", to its bit; `columns` always come
    first among the program's columns, in this order, then those of the row that its tests name, by name. A deny
    of "exists" is a deny of all. Raises Unsupported when the denies make too many cases."""
    everything = bits_of(bits, bits)
    cases = merged(_listed((a.tests, bits_of(a.fields, bits)) for a in allows))
    for tests, closed in _listed((d.tests, bits_of(d.fields, bits)) for d in denies):
        cases = merged(_less(cases, tests, everything if closed & 1 else closed))
        if len(cases) > MAX_CASES:
            raise Unsupported("too many cases")
    return program_of(cases, columns)


def merged(cases: Iterable[Case]) -> list[Case]:
    """Cases with equal tests as one; impossible and empty ones are gone."""
    by_tests: dict[Tests, int] = {}
    for tests, bits in cases:
        settled = _settled(tests)
        if bits and settled is not None:
            by_tests[settled] = by_tests.get(settled, 0) | bits
    return list(by_tests.items())


def _listed(given: Iterable[Case]) -> list[Case]:
    """Cases with equal tests as one, and so those that differ in the one value of one column, which an equality asks
    of it: it asks for any of them. Says the same as the cases, also of null, whether they allow or deny."""
    by_tests: dict[Tests, int] = {}
    for tests, bits in given:
        by_tests[tests] = by_tests.get(tests, 0) | bits
    cases = list(by_tests.items())
    for column in sorted({test.column for tests in by_tests for test in tests if test.op == "eq"}):
        values: dict[tuple[Tests, int], dict[Scalar, None]] = {}
        rest: list[Case] = []
        for tests, bits in cases:
            about = [test for test in tests if test.column == column]
            if len(about) == 1 and about[0].op == "eq" and not isinstance(about[0].value, tuple):
                others = tuple(test for test in tests if test is not about[0])
                values.setdefault((others, bits), {})[about[0].value] = None
            else:
                rest.append((tests, bits))
        for (others, bits), found in values.items():
            one, *more = found
            test = Comparison(column, "in", tuple(found)) if more else Comparison(column, "eq", one)
            rest.append(((*others, test), bits))
        cases = rest
    return cases


def _settled(tests: Tests) -> Tests | None:
    """The same tests in a fixed order, without those that an equality on their column implies; None where one
    contradicts it."""
    equal = {test.column: test for test in tests if test.op == "eq"}
    kept: set[Comparison] = set(equal.values())
    for test in tests:
        known = equal.get(test.column)
        if known is None:
            kept.add(test)
        elif isinstance(known.value, tuple) or not holds(test, known.value):
            return None
    return tuple(sorted(kept, key=lambda test: (test.column, test.op, repr(test.value))))


def _less(cases: Iterable[Case], deny: Tests, closed: int) -> Iterable[Case]:
    """The cases, settled, with `closed` bits only where the deny surely fails: some test of it is surely false."""
    failing = [tuple(test for test in way if isinstance(test, Comparison)) for way in negate(Where((deny,))).any_of]
    for tests, bits in cases:
        if any(_settled(tests + way) == tests for way in failing):  # it fails wherever these tests hold
            yield tests, bits
            continue
        yield tests, bits & ~closed
        for way in failing:
            yield tests + way, bits & closed


def _tidy(cases: Sequence[Case]) -> list[Case]:
    """Without the bits that a case with fewer tests opens already."""
    sets = [(frozenset(tests), bits) for tests, bits in cases]
    kept: list[Case] = []
    for tests, bits in cases:
        own = frozenset(tests)
        for other, opened in sets:
            if other < own:
                bits &= ~opened
        if bits:
            kept.append((tests, bits))
    return kept


def program_of(cases: Sequence[Case], columns: Sequence[str]) -> MaskProgram:
    """The program of these cases, none of them twice; `columns` come first among its own."""
    always = 0
    rest: list[Case] = []
    for tests, bits in _tidy(cases):
        if tests:
            rest.append((tests, bits))
        else:
            always = bits
    named = {test.column for tests, _ in rest for test in tests}
    in_order = (*columns, *sorted(named - set(columns)))
    return MaskProgram(always, tuple(rest), in_order, _function(always, rest, in_order))


def _function(always: int, cases: Sequence[Case], columns: Sequence[str]) -> Callable[..., int]:
    """`evaluate` of the program. Columns and values enter as names of our own making, never as text."""
    place = {column: f"c{i}" for i, column in enumerate(columns)}
    values: dict[str, object] = {}
    lines = [f"def evaluate({', '.join(place.values())}):", f"    bits = {always}"]
    for tests, bits in cases:
        conditions = []
        for test in tests:
            name = f"v{len(values)}"
            values[name] = test.value
            null = "" if test.op in ("eq", "in") else f"{place[test.column]} is not None and "
            conditions.append(f"{null}{place[test.column]} {_SYMBOLS[test.op]} {name}")
        lines += [f"    if {' and '.join(conditions)}:", f"        bits |= {bits}"]
    lines.append("    return bits")
    exec("\n".join(lines), values)  # noqa: S102 # the text holds numbers and our own names only
    function: Callable[..., int] = values["evaluate"]  # type: ignore[assignment] # exec put it there
    return function
