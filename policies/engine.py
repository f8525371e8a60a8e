"""The one file that knows Oso. Loads rules, asks them, hands answers on as plain JSON terms.

Below the public class of the library on purpose: it registers Python's classes with the rules and prints warnings
on standard output; here the rules get no class, no constant and no host object, so there is nothing of Python that
they could reach. Should they try all the same, the query raises.
"""

import json
import os
import re
import time
from collections.abc import Generator, Mapping, Sequence
from typing import Any

from polar.exceptions import OsoError, PolarRuntimeError
from polar.ffi import Polar, PolarSource, process_messages
from polar.query import Query

from policies.facts import BadFact
from policies.tokens import refuse
from schema.errors import BadDeclaration, Fault

# Oso reads its time limit from the environment when a query begins; its own default is 30 seconds, in which this
# process would answer nobody. A decision takes 1-2 ms; the rest is for a machine that is overloaded. It goes by the
# clock on the wall: a decision in which the process stood still is asked again.
os.putenv("POLAR_TIMEOUT_MS", "5000")
_RUNAWAY = 1.0  # seconds of the thread's own time, after which a decision that timed out is not asked again
_TRIES = 3

_NO_WARNING = "allow(_actor, _action, _resource) if false;\n"  # Oso warns where this rule is missing
_PLACE = re.compile(r" at line (\d+), column \d+")


class PolicyFailure(Fault):
    """Oso did something that no checked policy makes it do."""


class Unknown(str):
    """A column whose value is not known: the answer says for which values it holds. The text is its name."""

    __slots__ = ()


class _Quiet(Polar):
    """Keeps the engine's messages, which the library would print."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # the library is typed in part
        self.messages: list[str] = []
        self.set_message_enricher(str)  # type: ignore[no-untyped-call] # the library is typed in part

    def process_messages(self) -> None:
        self.messages += process_messages(self.next_message)  # type: ignore[no-untyped-call] # the library is typed in part


class _Question(Query):
    """A query that may only answer: every look-up in the host, call, operation or debugger is a failure."""

    def run(self) -> Generator[dict[str, Any], None, None]:
        while True:
            event = json.loads(self.ffi_query.next_event())
            (kind,) = event
            if kind == "Done":
                return
            if kind != "Result":
                raise PolicyFailure(f"the policy looked outside its facts: {kind}")
            yield event[kind]["bindings"]


class _Host:
    """What a query needs of its host: nothing but a way to word messages."""

    enrich_message = staticmethod(str)


class Rules:
    """Loaded rules. Immutable: a change of policy makes a new one, because clearing a live one fails the queries
    that run at the same time."""

    def __init__(self, *texts: str) -> None:
        """Loads the texts, each with its own line numbers. Raises BadDeclaration."""
        self._polar = _Quiet()
        try:
            self._polar.load([PolarSource(_NO_WARNING, "ours"), *(PolarSource(t, str(i)) for i, t in enumerate(texts))])
        except OsoError as error:
            raise _refusal(str(error)) from None
        if self._polar.messages:
            raise _refusal(self._polar.messages[0].removeprefix("[warning] "))

    def ask(self, predicate: str, *arguments: object) -> list[dict[str, Any]]:
        """Every answer: for each Unknown by name the JSON term of what is known of it (see residual.py), or
        nothing. Arguments are str, bool, int, Unknown, and lists, tuples and dicts of them. Raises BadFact for
        anything else, OsoError or PolicyFailure when the decision fails, among them running out of time."""
        call = {"Call": {"name": predicate, "args": [_term(a) for a in arguments]}}
        return self._answers(call, _TRIES)

    def _answers(self, call: dict[str, Any], tries: int) -> list[dict[str, Any]]:
        began = time.thread_time()
        query = self._polar.new_query_from_term({"value": call})  # type: ignore[no-untyped-call] # the library is typed in part
        try:
            return list(_Question(query, host=_Host()).run())  # type: ignore[no-untyped-call] # the library is typed in part
        except PolarRuntimeError as error:
            stood_still = "timeout" in str(error).lower() and time.thread_time() - began < _RUNAWAY
            if not stood_still or tries == 1:
                raise
        return self._answers(call, tries - 1)


def _refusal(message: str) -> BadDeclaration:
    """The refusal of a text that Oso refuses or warns of, with its line."""
    place = _PLACE.search(message)
    return refuse(int(place[1]) if place else 1, _PLACE.split(message)[0].splitlines()[0].rstrip(". "))


def _term(value: object) -> dict[str, Any]:
    """The JSON term of a plain value. Exact types: a subclass could be anything."""
    of = type(value)
    if of is str:
        return {"value": {"String": value}}
    if of is bool:
        return {"value": {"Boolean": value}}
    if of is int:
        return {"value": {"Number": {"Integer": value}}}
    if isinstance(value, Unknown):
        return {"value": {"Variable": value}}
    if of in (list, tuple) and isinstance(value, Sequence):
        return {"value": {"List": [_term(item) for item in value]}}
    if of is dict and isinstance(value, Mapping):
        return {"value": {"Dictionary": {"fields": {name: _term(item) for name, item in value.items()}}}}
    raise BadFact(f"a fact of type {of.__name__}")
