"""A question to a database and what its rows mean: the same for engines that are asked in place and those that are
waited for. And the little of a driver that writing takes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

T = TypeVar("T")
Values: TypeAlias = Mapping[str, Any] | Sequence[Any]


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """A statement with `:name` for its values, and how its rows are read."""

    sql: str
    values: Mapping[str, Any]
    answer: Callable[[list[tuple[Any, ...]]], T]


class Written(Protocol):
    """What a statement did, and its rows."""

    @property
    def rowcount(self) -> int:
        """How many rows it wrote."""
        ...

    def fetchone(self) -> Any:
        """Its next row, None behind the last."""
        ...

    def fetchall(self) -> list[Any]:
        """The rows that are left."""
        ...

    def __iter__(self) -> Iterator[Any]: ...


class Writing(Protocol):
    """A connection with an open transaction. Statements name their values as SQLite lets them: `:name`, `?`, `?1`."""

    def execute(self, sql: str, values: Values = (), /) -> Written:
        """Runs a statement."""
        ...
