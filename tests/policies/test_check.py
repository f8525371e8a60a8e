"""The load-time check: what it refuses, by line and word, and what it must let pass."""

import re

import pytest

from policies.check import FOR_COMPANIES, check
from policies.engine import Rules
from policies.epoch import BASE, Epoch, vocabulary
from schema.errors import BadDeclaration
from schema.kind import Catalog
from tests.policies.world import CATALOG, field, kind

WORDS = vocabulary(CATALOG)


def deny(body: str) -> str:
    """A deny rule with this body, which begins on line 2."""
    return f'deny_side_field(viewer, action, side, field, "why") if\n{body}\n;'


def refused(text: str, *, company: bool = True) -> str:
    """The message of the refusal."""
    with pytest.raises(BadDeclaration) as caught:
        check(text, WORDS, company=company)
    assert caught.value.code == "BAD_DECLARATION"
    return caught.value.message


@pytest.mark.parametrize(
    "word",
    [
        "not",
        "forall",
        "cut",
        "matches",
        "new",
        "print",
        "debug",
        "nil",
        "isa",
        "is",
        "mod",
        "rem",
        "type",
        "actor",
        "resource",
        "global",
        "allow",
        "has_role",
        "String",
        "Integer",
        "Datetime",
    ],
)
def test_words(word: str) -> None:
    message = f"Policy, line 2: the word '{word}' is not allowed."
    assert refused(deny(f'  {word} side.stage = "x"')) == message
    assert refused(deny(f"{word}(side.stage)")) == message
    assert refused(f'# words\ndeny_side_field(v, {word}, side, field, "x");') == message
    assert refused(f"# words\n{word}(x) if x = 1;") == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("?= our_x(1);", "line 1: '?=' is not allowed"),
        (deny("x := side.stage"), "line 2: ':=' is not allowed"),
        (deny("side: Side"), "line 2: ':' is not allowed"),
        ('resource_x { roles = ["a"]; }', "line 1: '{' is not allowed"),
        (deny("side.chance + 1 > 2"), "line 2: '+' is not allowed"),
        (deny("side.chance - 1 > 2"), "line 2: '-' is not allowed"),
        (deny("side.chance > 1e5"), "line 2: '1e5' is not allowed"),
        (deny("side.chance > 1.e5"), "line 2: '1.e5' is not allowed"),
        (deny("[*rest] = viewer.roles"), "line 2: '*' is not allowed"),
        (deny('side.stage = "a\\u0041"'), "line 2: '\"a\\\\u0041\"' is not allowed"),
        (deny('side.stage = "open\n"'), "line 2: '\"open' is not allowed"),
        (deny('side.stage = "x" ånd'), "line 2: 'ånd' is not allowed"),
        (deny('# a comment\rside.stage = "x"'), "line 2: a carriage return without a line feed"),
        (deny("side.stage\x00 = 1"), "line 2: '\\x00' is not allowed"),
    ],
)
def test_marks(text: str, message: str) -> None:
    assert refused(text) == f"Policy, {message}."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('side_field(viewer, "read", side, field, "x") if side.hot = true;', "'side_field' may not be defined here"),
        ('joint_field(_, "read", _, "name", "x");', "'joint_field' may not be defined here"),
        ("participant_field(_v, _a, _p, _f, _r);", "'participant_field' may not be defined here"),
        ("helper(x) if x = 1;", "'helper' may not be defined here"),
        ("deny_side_field(_v, side);", "'deny_side_field' has five parameters"),
        ('deny_joint_field(v, _a, record, field, "x");', "parameter 1 of 'deny_joint_field' must be called 'viewer'"),
        ('deny_joint_field(_v, _a, side, field, "x");', "parameter 3 of 'deny_joint_field' must be called 'record'"),
        ('deny_side_field(_v, _a, "x", field, "x");', "parameter 3 of 'deny_side_field' must be called 'side'"),
        ('deny_side_field(_v, viewer, _s, field, "x");', "'viewer' stands in the wrong place"),
        ('deny_side_field(_v, true, _s, field, "x");', "'true' stands in the wrong place"),
        ('deny_side_field(_v, "raed", _s, field, "x");', '"raed" is no action'),
        ('deny_side_field(_v, 1, _s, field, "x");', "1 is no action"),
        ('deny_side_field(_v, _a, _s, "amuont", "x");', '"amuont" is no field'),
        ('deny_side_field(_v, _a, _s, 2, "x");', "2 is no field"),
        ('deny_side_field(_v, _a, _s, name, "x");', "parameter 4 must be called 'field'"),
        ("deny_side_field(_v, _a, _s, _f, _r);", "the last parameter is the reason, a string"),
        ("our_x;", "a rule begins with a name and its parameters in brackets"),
        ("our_x(a", "the last rule does not end in ';'"),
        ('"our_x"(a);', "a rule begins with a name and its parameters in brackets"),
        ("our_x(a;", "a rule begins with a name and its parameters in brackets"),
        ("our_x();", "a parameter is a variable, a string, a number, true or false"),
        ("our_x([a]);", "a parameter is a variable, a string, a number, true or false"),
        ("our_x(a, (b));", "a parameter is a variable, a string, a number, true or false"),
        ("our_x(a b c);", "a parameter is a variable, a string, a number, true or false"),
        ("our_x(1) and our_x(2);", "'if' and a condition must follow the head"),
        ("our_x(1) if;", "'if' and a condition must follow the head"),
        (";", "an empty rule"),
    ],
)
def test_heads(text: str, message: str) -> None:
    assert refused(text).startswith(f"Policy, line 1: {message}")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("side.not = 1", "'side' has no attribute 'not'"),
        ("side.Stage = 1", "'side' has no attribute 'Stage'"),
        ("side.stgae = 1", "'side' has no attribute 'stgae'"),
        ("viewer.owned_by = 1", "'viewer' has no attribute 'owned_by'"),
        ('side."stage" = 1', "'side' has no attribute '\"stage\"'"),
        ("side.tags = 1", "'side' has no attribute 'tags'"),
        ("side.stage.upper = 1", "'side.stage' has no attributes and cannot be called"),
        ("side.stage() = 1", "'side.stage' has no attributes and cannot be called"),
        ("record.kind = 1", "'record' is not a parameter of this rule"),
        ("side.to_company = []", "'side.to_company' may only stand behind 'field in' or a field's name in quotes"),
        ("x in side.shared", "'side.shared' may only stand behind 'field in' or a field's name in quotes and 'in'"),
        ("side.stage in side.to_person", "'side.to_person' may only stand behind 'field in'"),
        ("field = side.to_participants", "'side.to_participants' may only stand behind 'field in'"),
        ('"amonut" in side.to_company', '"amonut" is no field'),
        ("field.x = 1", "only viewer, side, record and participant have attributes"),
        ('"x".y = 1', "only viewer, side, record and participant have attributes"),
        ("other = side", "'side' may only be read by attribute or handed to a helper"),
        ("viewer in [viewer]", "'viewer' may only be read by attribute or handed to a helper"),
        ("side.", "'side' may only be read by attribute or handed to a helper"),
        ("our_none(side)", "there is no helper 'our_none' with 1 parameters"),
        ("viewer(side)", "there is no helper 'viewer' with 1 parameters"),
        ('side_field(viewer, "read", side, field, "x")', "there is no helper 'side_field' with 5 parameters"),
        ('deny_side_field(viewer, "read", side, field, "x")', "there is no helper 'deny_side_field' with"),
        ("our_side(viewer)", "'our_side' is handed viewer in the place of side"),
        ("our_side(side.stage)", "'our_side' is handed a value in the place of side"),
        ("our_text(side)", "'our_text' is handed side in the place of x"),
        ("our_text([side])", "an argument of a helper may not hold brackets"),
        ("our_text(our_text(1))", "an argument of a helper may not hold brackets"),
        ("our_record(record)", "'record' is not a parameter of this rule"),
        ('field = "amuont"', '"amuont" is no field'),
        ('field != "amuont"', '"amuont" is no field'),
        ('"amuont" == field', '"amuont" is no field'),
        ('field in ["amount", "stgae"]', '"stgae" is no field'),
    ],
)
def test_bodies(body: str, message: str) -> None:
    helpers = '\nour_side(side) if side.stage = "a";our_text(x) if x = "a";our_record(record) if record.kind = "a";'
    assert refused(deny(body) + helpers).startswith(f"Policy, line 2: {message}")


@pytest.mark.parametrize(
    "text", ["our_a(x) if our_a(x);", "our_a(x) if our_b(x); our_c(x) if x = 1; our_b(x) if our_c(x) or our_a(x);"]
)
def test_helpers_that_go_round(text: str) -> None:
    assert refused("\n" + text) == "Policy, line 2: 'our_a' calls itself."


def test_sizes() -> None:
    assert "longer than" in refused(" " * 65_537)
    assert refused(deny("(" * 17)) == "Policy, line 2: more than 16 brackets within each other."
    assert "a rule of more than 400 words" in refused(deny(" and ".join(["x = 1"] * 200)))


@pytest.mark.parametrize(
    "body",
    [
        'side.stage = "not forall cut; # matches nil"',
        'side.stage = "a \\" not b" # not here',
        '# not, nil; print("x")\r\n side.stage = "ä…" ',
        'side.hot = true and (side.score > -1.5 or field in ["amount", "stage"]) and viewer.company != side.owned_by',
        'our_any(side, viewer, 5, "x", side.stage) and action = "read" and "reader" in viewer.roles',
        '"amount" = field and "x" = side.stage and field in side.shared',
    ],
)
def test_what_passes_also_loads(body: str) -> None:
    text = "our_any(side, _v, n, _x, _y) if side.chance > n;" + deny(body)
    for name in ("viewer", "action", "field"):
        if name not in re.sub('"[^"]*"', "", body):
            text = text.replace(f"{name},", f"_{name},", 1)
    reads = check(text, WORDS, company=True)
    assert "chance" in reads["side"]
    Rules(BASE, text)


def test_reads_are_what_the_text_reads() -> None:
    reads = check(deny("viewer.roles = viewer.person and side.owned_by = side.stage"), WORDS, company=True)
    assert reads == {
        "viewer": {"roles", "person"},
        "side": {"owned_by", "stage"},
        "record": frozenset(),
        "participant": frozenset(),
        "company": frozenset(),
    }


def test_our_own_text_may_ask_what_companies_add() -> None:
    reads = check(BASE, WORDS, company=False)
    assert reads["viewer"] == {"admin", "hide_private", "writes"}
    assert "owned_by" not in reads["side"]
    assert {line.split("(")[0] for line in BASE.splitlines()} > FOR_COMPANIES


def test_a_name_with_two_meanings_is_refused_only_when_it_is_read() -> None:
    twofold = Catalog(
        (
            kind(
                "deal",
                [field("name", "joint", 1, "invited")],
                [field("shared", "side", 1, "private"), field("kind", "side", 2, "private")],
            ),
        ),
        (),
        (),
        "x",
    )
    with pytest.raises(BadDeclaration, match=r"Policy, line 2: 'side.kind' means a fact and a column of some kind\."):
        check(deny('side.kind = "x"'), vocabulary(twofold), company=True)
    with pytest.raises(BadDeclaration, match=r"'side.shared' means"):
        Epoch(twofold)


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("our_x(1) if\n 1 = ;", 2, "did not expect to find the token"),
        ('deny_side_field(_v, _a, side,\n field, "x") if field in ["amount"];', 1, "Singleton variable side"),
        ("our_x(a) if\n b = a and in = 3;", 2, "did not expect"),
        ("our_x(a) if a = 99999999999999999999;", 1, "99999999999999999999"),
    ],
)
def test_what_only_oso_sees_is_refused_with_its_line(text: str, line: int, word: str) -> None:
    with pytest.raises(BadDeclaration) as caught:
        Epoch(CATALOG, text)
    assert caught.value.message.startswith(f"Policy, line {line}: ")
    assert word in caught.value.message
