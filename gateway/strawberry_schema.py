"""The Strawberry schema, executed by our own executor.

Strawberry gives types, SDL, validation rules and protocols; `execute` hands the request to the pipeline's
`run`, so that Strawberry's views and test clients answer exactly what the gateway answers.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.types.execution import ExecutionResult

from gateway.context import Context
from gateway.pipeline import Request, Result
from gateway.refusals import error_of
from schema.errors import Refusal


class GatewaySchema(strawberry.Schema):
    """A Strawberry schema whose `execute` needs a `Context` as context value. `run` is given when composed."""

    run: Callable[[Context, Request], Awaitable[Result]]

    async def execute(  # type: ignore[override] # Strawberry's own has more options, none of which we offer
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any = None,
        root_value: Any = None,
        operation_name: str | None = None,
        **_: Any,
    ) -> ExecutionResult:
        """The answer of the pipeline, as Strawberry's views want it."""
        request = Request(query or "", variable_values or {}, operation_name)
        try:
            result = await self.run(context_value, request)
        except Refusal as refusal:
            result = Result(None, [error_of(refusal)])
        errors = [GraphQLError(e["message"], path=e.get("path"), extensions=e["extensions"]) for e in result.errors]
        return ExecutionResult(data=result.data, errors=errors or None, extensions=None)
