"""Patterns: they mean what Python's own mean, never take long, and are refused with the place of what is wrong."""

import re
import time
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schema.automaton import Automaton, automaton, build
from schema.errors import BadInput
from schema.pattern import LONGEST_PATTERN, MOST_POSITIONS, parse
from schema.template_fields import MOST_STEPS


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("abc", ["abc"], ["", "ab", "abcd", "xabc"]),
        ("^abc$", ["abc"], ["^abc$", "abc\n"]),
        ("[A-Z]{2}-\\d+", ["AB-1", "ZZ-123"], ["A-1", "AB-", "ab-1", "AB-\u0661"]),
        ("a|bc|", None, None),
        ("(?:a|b)*c", ["c", "abac"], ["ab", ""]),
        ("(a?b){2,3}", ["bb", "abab", "babb"], ["b", "bbbb"]),
        ("a{0,2}", ["", "a", "aa"], ["aaa"]),
        ("a{2,}", ["aa", "aaaa"], ["a"]),
        ("a{0,}", ["", "aaa"], ["b"]),
        ("(a*)*", ["", "aaa"], ["b"]),
        (".", ["é", "\U0001f600", "\r"], ["\n", ""]),
        ("[^,]+", ["a\n"], [","]),
        ("[]", None, None),
        ("[\\]\\-a]+", ["]-a"], ["b"]),
        ("[a-]+", ["a-"], ["b"]),
        ("[-a]+", ["a-"], ["b"]),
        ("[\\d\\s_]+", ["1 _\t"], ["a"]),
        ("\\D\\W\\S", ["a-b"], ["1-b", "aab", "a- "]),
        ("\\.\\\\\\$", [".\\$"], ["a\\$"]),
        ("\\t\\n\\r", ["\t\n\r"], ["tnr"]),
        ("a\\$", ["a$"], ["a"]),
        ("[$]", ["$"], [""]),
        ("Straße|Weg", ["Straße", "Weg"], ["Strasse"]),
        ("-,/", ["-,/"], [""]),
    ],
)
def test_a_pattern_describes_the_whole_text(pattern: str, yes: list[str] | None, no: list[str] | None) -> None:
    if yes is None or no is None:
        with pytest.raises(BadInput):
            automaton(pattern)
        return
    assert [text for text in yes if not automaton(pattern).matches(text)] == []
    assert [text for text in no if automaton(pattern).matches(text)] == []


@pytest.mark.parametrize(
    ("pattern", "at", "why"),
    [
        ("", 1, "Something is expected here; for what may be left out, write `?` behind it."),
        ("a|", 3, "Something is expected here; for what may be left out, write `?` behind it."),
        ("a()b", 3, "Something is expected here; for what may be left out, write `?` behind it."),
        ("(ab", 4, "A closing bracket is missing."),
        ("(ab$", 5, "A closing bracket is missing."),
        ("ab)", 3, "This bracket closes nothing."),
        ("(?=a)", 2, "Groups of this sort are not supported, only ( ) and (?: )."),
        ("(?P<n>a)", 2, "Groups of this sort are not supported, only ( ) and (?: )."),
        ("*a", 1, "There is nothing to repeat here."),
        ("a|+", 3, "There is nothing to repeat here."),
        ("a**", 3, "There is one repetition here already; put brackets around it to repeat it again."),
        ("a+?", 3, "There is one repetition here already; put brackets around it to repeat it again."),
        ("a{2}{2}", 5, "There is one repetition here already; put brackets around it to repeat it again."),
        ("a{x}", 2, "A count is written {2}, {2,} or {2,5}; a brace itself has a backslash before it."),
        ("a{23 ", 2, "A count is written {2}, {2,} or {2,5}; a brace itself has a backslash before it."),
        ("a{,2}", 2, "A count is written {2}, {2,} or {2,5}; a brace itself has a backslash before it."),
        ("a{23456}", 2, "A count is written {2}, {2,} or {2,5}; a brace itself has a backslash before it."),
        ("a{123456}", 2, "A count is written {2}, {2,} or {2,5}; a brace itself has a backslash before it."),
        ("a{0}", 2, "The most of a count is at least 1, and no less than the least."),
        ("a{3,2}", 2, "The most of a count is at least 1, and no less than the least."),
        ("a{251}", 1, "Spelled out, this has more than 250 characters."),
        ("(a{50}){6}", 1, "Spelled out, this has more than 250 characters."),
        ("a{200}b{51}", 1, "Spelled out, this has more than 250 characters."),
        ("a{200}|b{51}", 1, "Spelled out, this has more than 250 characters."),
        ("a^b", 2, "A pattern is of the whole text: ^ may only begin and $ only end it."),
        ("a$b", 2, "A pattern is of the whole text: ^ may only begin and $ only end it."),
        ("a]", 2, "This bracket closes nothing; for the character, put a backslash before it."),
        ("a}", 2, "This bracket closes nothing; for the character, put a backslash before it."),
        ("a\\1", 2, "This is not supported behind a backslash."),
        ("a\\", 2, "This is not supported behind a backslash."),
        ("\\bA", 1, "This is not supported behind a backslash."),
        ("[ab", 1, "A ] is missing behind this."),
        ("x[[a]]", 3, "Put a backslash before this bracket."),
        ("x[]a]", 3, "Put a backslash before this bracket."),
        ("[z-a]", 2, "This range ends before it begins."),
        ("[\\d-z]", 2, "A range goes from one character to another."),
        ("[a-\\d]", 2, "A range goes from one character to another."),
        ("[\\n-\\w]", 2, "A range goes from one character to another."),
        ("[a-[]", 4, "A character is expected here."),
        ("[a-", 4, "A character is expected here."),
        ("[\\s\\S]", None, ""),
        ("[^\\s\\S]", 1, "No character is left."),
        ("(" * 21 + "a" + ")" * 21, 22, "The brackets nest too deeply."),
        ("(" * 20 + "a" + ")" * 20, None, ""),
    ],
)
def test_what_is_no_pattern_is_refused_with_its_place(pattern: str, at: int | None, why: str) -> None:
    if at is None:
        parse(pattern, ("pattern",))
        return
    with pytest.raises(BadInput) as caught:
        parse(pattern, ("pattern",))
    assert caught.value.message == f"pattern: Character {at} of this pattern: {why}"
    assert caught.value.field == ("pattern",)


def test_a_pattern_has_a_greatest_length() -> None:
    parse("a" * LONGEST_PATTERN, ())
    with pytest.raises(BadInput, match="at most 200 characters"):
        parse("a" * (LONGEST_PATTERN + 1), ())


ATOMS = st.sampled_from(
    ["a", "b", "-", "é", ".", "\\d", "\\w", "\\S", "\\.", "[ab]", "[^a]", "[a-c\\d]", "[-b]", "\\n", "[^\\w]"]
)
PATTERNS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({'|'.join(parts)})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{0,1}", "{2,}"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        ),
    ),
    max_leaves=6,
)
SHORT = st.text(st.sampled_from("ab-é1.\n c"), max_size=6)


def read(pattern: str) -> tuple[Automaton | None, str]:
    """The automaton of a pattern, or why it is refused."""
    try:
        return build(parse(pattern, ())), ""
    except BadInput as refusal:
        return None, refusal.message


def meant(pattern: str, text: str) -> bool:
    """What Python makes of it, which may warn that some day it will read `[a||b]` otherwise."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return re.compile(pattern, re.ASCII).fullmatch(text) is not None


@given(PATTERNS, st.lists(SHORT, min_size=1, max_size=8))
@settings(max_examples=300, deadline=None)
def test_a_pattern_means_what_it_means_to_python(pattern: str, texts: list[str]) -> None:
    made, why = read(pattern)
    assert made or "Spelled out" in why or "at most" in why, why
    for text in texts:
        assert made is None or made.matches(text) is meant(pattern, text), text


@given(st.text(st.sampled_from("ab()[]{}|*+?^$\\-.,:0129dw "), max_size=16), SHORT)
@settings(max_examples=500, deadline=None)
def test_any_text_is_a_pattern_or_refused_and_means_what_it_means_to_python(pattern: str, text: str) -> None:
    made, _ = read(pattern)
    if made:
        assert made.positions <= MOST_POSITIONS
        assert made.matches(text) is meant(pattern, text)


@pytest.mark.parametrize(
    "pattern", ["(a*)*b", "(a|a)*b", "(a+)+b", "(.*)(.*)(.*)(.*)b", "(a|b)*a(a|b){120}", "(a?){60}a{60}"]
)
def test_no_pattern_takes_long(pattern: str) -> None:
    """Those that take ages in other engines; the text as long as such a pattern may be asked of."""
    made = automaton(pattern)
    text = ("ab" * 7 + "aab" * 9) * 2_000
    begun = time.process_time()
    made.matches(text[: MOST_STEPS // made.positions] + "c")
    assert time.process_time() - begun < 1


def test_every_backtracking_pattern_is_as_quick_when_texts_are_longer() -> None:
    made, steps = automaton("(a*)*b"), []
    for length in (2_000, 20_000):
        begun = time.process_time()
        made.matches("a" * length)
        steps.append(time.process_time() - begun)
    assert steps[1] < 100 * steps[0] + 0.05
