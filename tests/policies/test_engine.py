"""The engine: plain values in, answers out, and nothing of Python or the console within reach."""

import time
from typing import Any

import pytest
from polar.exceptions import OsoError, PolarRuntimeError

from policies import engine
from policies.engine import PolicyFailure, Rules, Unknown
from policies.facts import BadFact
from schema.errors import BadDeclaration, Fault

ECHO = "f(x, y) if y = x; g(x) if x.a = 1; h(1);"


def value(found: list[dict[str, Any]]) -> Any:
    (bindings,) = found
    return bindings["y"]["value"]


@pytest.mark.parametrize(
    ("given", "back"),
    [
        ("a", {"String": "a"}),
        ('"\\\0\n\u2603\U0001f600', {"String": '"\\\0\n\u2603\U0001f600'}),
        (True, {"Boolean": True}),
        (1, {"Number": {"Integer": 1}}),
        (
            ["a", 1, False],
            {
                "List": [
                    {"value": {"String": "a"}},
                    {"value": {"Number": {"Integer": 1}}},
                    {"value": {"Boolean": False}},
                ]
            },
        ),
        (("a",), {"List": [{"value": {"String": "a"}}]}),
        ({"k": "v"}, {"Dictionary": {"fields": {"k": {"value": {"String": "v"}}}}}),
    ],
)
def test_plain_values_go_in_and_come_out(given: object, back: object) -> None:
    assert value(Rules(ECHO).ask("f", given, Unknown("y"))) == back


class Loud(str):
    """Could be anything."""


@pytest.mark.parametrize("given", [None, 1.5, object(), b"a", {"a"}, Loud("a"), ["a", None], {"k": 1.0}, int])
def test_anything_else_is_a_bad_fact(given: object) -> None:
    with pytest.raises(BadFact, match="a fact of type"):
        Rules(ECHO).ask("f", given, Unknown("y"))


@pytest.mark.parametrize("given", ["\ud800", 2**70])
def test_what_json_cannot_carry_fails(given: object) -> None:
    with pytest.raises((OsoError, ValueError, RuntimeError)):
        Rules(ECHO).ask("f", given, Unknown("y"))


@pytest.mark.parametrize(
    "text",
    [
        'f(x) if x.upper() = "A";',
        'f(_) if "a".upper() = "A";',
        "f(_) if new Integer(1) = 1;",
        "f(x) if x matches Integer;",
        "f(x) if debug(x);",
    ],
)
def test_a_policy_that_looks_outside_fails(text: str) -> None:
    """None of these passes the check; the engine refuses them all the same, at load or when asked."""
    with pytest.raises((PolicyFailure, BadDeclaration, OsoError)):
        Rules(text).ask("f", "a")


def test_the_refused_event_is_a_fault_of_ours() -> None:
    with pytest.raises(PolicyFailure, match="ExternalCall") as caught:
        Rules('f(_) if "a".upper() = "A";').ask("f", "a")
    assert isinstance(caught.value, Fault)


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    rules = Rules("f(1);")
    assert rules.ask("f", 1) == [{}]
    assert rules.ask("f", 2) == []
    with pytest.raises(BadDeclaration, match=r"Policy, line 2: Expression without parentheses could be ambiguous\."):
        Rules("f(1);", "g(x) if\n x = 1 or x = 2 and x = 3;")
    with pytest.raises(BadDeclaration, match=r"Policy, line 1: Call to undefined rule"):
        Rules("f(1) if g(2);")
    assert capfd.readouterr() == ("", "")


def test_a_runaway_decision_ends_in_about_a_second() -> None:
    body = " and ".join(f"a{i} in xs and a{i} != 0" for i in range(12))
    rules = Rules(f"f(xs) if {body} and 1 = 2;")
    begun = time.monotonic()
    with pytest.raises(OsoError, match=r"(?i)timeout"):
        rules.ask("f", list(range(1, 30)))
    assert time.monotonic() - begun < 10


LATE: Exception = PolarRuntimeError("Query timeout: Query running for 5001ms, which exceeds the timeout of 5000ms.")  # type: ignore[no-untyped-call] # the library is typed in part


def timing_out(times: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next so many questions time out, as where the process stands still meanwhile."""
    run, left = engine._Question.run, [None] * times

    def late(self: engine._Question) -> Any:
        if left:
            left.pop()
            raise LATE
        return run(self)

    monkeypatch.setattr(engine._Question, "run", late)


def test_a_decision_in_which_the_process_stood_still_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    timing_out(2, monkeypatch)
    assert Rules("f(1);").ask("f", 1) == [{}]


def test_one_that_never_comes_in_time_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    timing_out(3, monkeypatch)
    with pytest.raises(OsoError, match="timeout"):
        Rules("f(1);").ask("f", 1)
