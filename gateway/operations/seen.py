"""What is seen of one request, for logs, metrics and traces: never a value, a name that somebody gave, or an id of
anything but the request itself.

An operation's name, its aliases and literals are the client's own text and stay out. What it asks for is told by the
steps at its root, which the schema names, and by its `shape`: a keyed digest of the fields, nested as they are, and of
their arguments' names. Equal operations have equal shapes in one network, and nobody without its key can try out which.
"""

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any
from weakref import WeakKeyDictionary

from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, InlineFragmentNode, SelectionSetNode

from gateway.document import Operation
from gateway.plan_values import Plan
from gateway.seal import Seal


class Seen:
    """One request, told of as it goes on. Times in seconds of a clock without a date, but `at`, in nanoseconds since
    1970; `size` in bytes. `stages` are the names of the pipeline's stages, and when each began; `steps` what is asked
    for at the root, (step, kind), the kind empty where there is none. `status` is 0 where it was cut off."""

    def __init__(self) -> None:
        self.id = secrets.token_hex(8)
        self.at = time.time_ns()
        self.began = time.perf_counter()
        self.ended = self.began
        self.stages = [("read", self.began)]
        self.status = self.size = self.cost = 0
        self.operation = self.shape = ""
        self.steps: tuple[tuple[str, str], ...] = ()
        self.codes: tuple[str, ...] = ()
        self.faults: tuple[str, ...] = ()
        self.asked: Operation | None = None

    def stage(self, name: str) -> None:
        """A stage begins, and the one before it has ended."""
        self.stages.append((name, time.perf_counter()))

    def planned(self, asked: Operation, plan: Plan, cost: int) -> None:
        """What the request asks for is known."""
        self.asked, self.operation, self.cost = asked, plan.operation, cost
        self.steps = tuple(dict.fromkeys((step.source.name, step.source.kind or "") for step in plan.root.steps))

    def failed(self, errors: Sequence[Mapping[str, Any]]) -> None:
        """The errors of the answer, as they are on the wire."""
        told = [error["extensions"] for error in errors]
        self.codes = tuple(dict.fromkeys(each["code"] for each in told))
        self.faults = tuple(each["id"] for each in told if "id" in each)

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.ended - self.began

    def durations(self) -> list[tuple[str, float, float]]:
        """Each stage with its begin and its end."""
        ends = [begin for _, begin in self.stages[1:]] + [self.ended]
        return [(name, begin, end) for (name, begin), end in zip(self.stages, ends, strict=True)]


class Watch:
    """Sees requests and hands each, once it has ended, to those who want to know of it. The seal is the network's."""

    def __init__(self, seal: Seal, *told: Callable[[Seen], None]) -> None:
        self._seal = seal
        self._told = told
        self._shapes: WeakKeyDictionary[Operation, str] = WeakKeyDictionary()

    def end(self, seen: Seen) -> None:
        """It has ended, whatever became of it; its status is 0 where it was cut off."""
        seen.ended = time.perf_counter()
        if seen.asked is not None:
            shape = self._shapes.get(seen.asked)
            if shape is None:
                shape = self._shapes[seen.asked] = shape_of(seen.asked, self._seal)
            seen.shape, seen.asked = shape, None
        for tell in self._told:
            tell(seen)


def shape_of(operation: Operation, seal: Seal) -> str:
    """The shape of an operation, 16 hexadecimal digits. The document is bounded and without circles by now."""
    parts = [operation.node.operation.value]
    _selection(operation.node.selection_set, operation.document.fragments, parts)
    return sha256(seal.close(["shape"], sha256(" ".join(parts).encode()).hexdigest()).encode()).hexdigest()[:16]


def _selection(
    selection: SelectionSetNode | None, fragments: Mapping[str, FragmentDefinitionNode], parts: list[str]
) -> None:
    if selection is None:
        return
    parts.append("{")
    for node in selection.selections:
        if isinstance(node, FieldNode):
            parts.append(node.name.value)
            parts += sorted(f"({argument.name.value})" for argument in node.arguments or ())
            _selection(node.selection_set, fragments, parts)
        elif isinstance(node, InlineFragmentNode):
            parts.append(f"on {node.type_condition.name.value if node.type_condition else ''}")
            _selection(node.selection_set, fragments, parts)
        elif isinstance(node, FragmentSpreadNode):
            fragment = fragments[node.name.value]
            parts.append(f"on {fragment.type_condition.name.value}")
            _selection(fragment.selection_set, fragments, parts)
    parts.append("}")
