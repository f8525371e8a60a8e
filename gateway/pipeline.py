"""How a request is answered. Read this first.

0. `admit`     refused at once, or its turn, where more is asked than done  limits/admission.py
1. `auth`      the token to the viewer                                    auth.py
2. `document`  parse, measure, validate; kept by text                     document.py, limits/
3. `plan`      document + schema to batched steps; kept beside it         plan.py
4. `cost`      by plan and variables; taken from the viewer's allowance   limits/cost.py, limits/traffic.py
5. `bind`      variables coerced; each step gets the viewer's masks       execute.py, bind.py
6. `execute`   level by level, one fetch a step and place; with a deadline  execute.py, steps/, loaders.py
7. `write`     the answer as bytes

A Refusal is the caller's doing and is told; anything else is ours: logged with an id, told as "internal".
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson
from graphql import ExecutionResult, GraphQLError, GraphQLSchema
from graphql import execute as execute_by_reference
from graphql.execution.values import VariableValues, get_variable_values

from gateway.auth import Authenticator
from gateway.context import Context, Services
from gateway.document import Operation
from gateway.execute import Bound, Execution
from gateway.level import Resolver
from gateway.limits.admission import Admission
from gateway.limits.table import LIMITS, Limits
from gateway.limits.traffic import Traffic
from gateway.operations.seen import Seen
from gateway.presenting import NOT_FORCED, Forced, seeing
from gateway.reference import ReferenceContext
from gateway.refusals import (
    BadRequest,
    BadVariables,
    ParseFailed,
    ValidationFailed,
    error_body,
    error_of,
    internal_error,
    status_of,
)
from schema.errors import Refusal
from schema.viewer import Viewer
from spaces.deadline import DEADLINE, passed
from spaces.fetch import PersonRow

T = TypeVar("T")
log = logging.getLogger("multiway.gateway")


class DeadlineExceeded(Refusal):
    """The operation took too long and was stopped; ask for less at once."""

    code = "DEADLINE_EXCEEDED"


@dataclass(frozen=True, slots=True)
class Request:
    """A GraphQL request, as the transport read it. `forced` asks that more be hidden from the viewer in this request
    than its own settings say."""

    query: str
    variables: Mapping[str, Any]
    operation_name: str | None = None
    forced: Forced = NOT_FORCED


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP status and a JSON body; and after how many seconds it is worth to ask again. A wrong document is one that
    was read as a request, and does not parse or does not fit the schema or its variables."""

    status: int
    body: bytes
    retry_after: int | None = None
    wrong_document: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What an operation gave: `data`, and errors as they look on the wire."""

    data: dict[str, Any] | None
    errors: list[dict[str, Any]]


class Pipeline:
    """Answers requests. Everything it needs is given to it by the composition root, `compose.py`."""

    def __init__(
        self,
        services: Services,
        authenticator: Authenticator,
        resolvers: Mapping[str, Resolver],
        traffic: Traffic,
        admission: Admission,
        settle: Callable[[Services], Awaitable[None]],
        limits: Limits = LIMITS,
    ) -> None:
        self.models = services.models
        self._has_begun = False
        self.limits = limits
        self._services = services
        self._authenticator = authenticator
        self._resolvers = resolvers
        self._traffic = traffic
        self.admission = admission
        self._settle = settle
        self._settled = ""

    async def answer(self, token: str | None, request: Request, seen: Seen | None = None) -> Answer:
        """The answer's status and bytes. Never raises. `seen` is told how it goes, where somebody watches."""
        try:
            if seen:
                seen.stage("auth")
            viewer, person, revision = await self._authenticator.viewer(token)
            if not self._has_begun or self._settled != self._services.rules.association_day():
                await self.begin(revision)
            await self._services.current.at_least(revision)
            with self._traffic.enter(viewer.person):
                if seen:
                    seen.stage("wait")
                async with self.admission.enter(viewer.person):
                    found = await self.run(self.context(viewer, person, forced=request.forced), request, seen)
            if seen:
                seen.stage("write")
                seen.failed(found.errors)
            return Answer(200, _write(found))
        except Refusal as refusal:
            if seen:
                seen.failed([error_of(refusal)])
            return refused(refusal)
        except Exception as error:  # a fault is told by its id alone, whatever it was
            told = [fault(error)]
            if seen:
                seen.failed(told)
            return Answer(500, orjson.dumps({"errors": told}))

    def refuses(self, token: str | None) -> bool:
        """Whether a request with this token would be refused now, as too much is asked. It is a glance, for those who
        have asked before: who is not known by its token yet is not refused by it."""
        known = self._authenticator.known(token)
        return known is not None and self.admission.refuses(known)

    async def begin(self, revision: int = 0) -> None:
        """Reads what companies have defined, up to a revision at least, and takes back what association rules no longer
        hold. The first request waits for it, and where such rules have days the first one of each day."""
        async with self.models.changing:
            if not self._has_begun:
                self._services.current.take_all(await self._services.spaces.definitions(), revision)
            day = self._services.rules.association_day()
            if not self._has_begun or self._settled != day:
                await self._settle(self._services)
            self._has_begun, self._settled = True, day

    def context(self, viewer: Viewer, person: PersonRow, *, forced: Forced = NOT_FORCED) -> Context:
        """What a request of this viewer that begins now carries. `forced` as in `Request`."""
        return Context(self._services, seeing(viewer, forced), person, self._services.rules.pin(), forced)

    async def run(self, ctx: Context, request: Request, seen: Seen | None = None) -> Result:
        """Stages 2 to 6. At the deadline the root fields that are whole are the answer. Raises the Refusal of a request
        that cannot begin, or of which nothing was there in time, and Faults."""
        if seen:
            seen.stage("plan")
        model = ctx.models.model(ctx.viewer.company)
        operation = model.documents.read(request.query).operation(request.operation_name)
        variables = self._variables(model.schema, operation, request.variables)
        plan, cost = operation.planned(model.catalog, model.schema, variables.coerced)
        price = cost.check(variables.coerced)
        self._traffic.charge(ctx.viewer.person, price)
        if seen:
            seen.planned(operation, plan, price)
            seen.stage("execute")
        if operation.introspections:
            return await self._in_time(self._introspect(model.schema, operation, request, ctx), ctx)
        execution = Execution(plan, Bound(ctx, variables, self._resolvers))
        try:
            await self._in_time(execution.run(), ctx)
            data, errors = execution.outcome()
        except DeadlineExceeded as late:
            data, errors = execution.outcome(late)
            if data is None or not execution.has_begun:
                raise
        return Result(data, [error_of(refusal, [key]) for key, refusal in errors])

    async def _in_time(self, work: Awaitable[T], ctx: Context) -> T:
        """What the work gives, before the deadline. Raises DeadlineExceeded, and then nothing goes on behind it but
        a commit that is under way."""
        token = DEADLINE.set(time.monotonic() + self.limits.run_seconds)
        try:
            async with asyncio.timeout(self.limits.run_seconds):
                return await work
        except TimeoutError:
            ctx.loaders.stop()
            raise DeadlineExceeded from None
        except Exception as error:
            if not passed():
                raise
            log.warning("cut short at its deadline: %s", type(error).__name__)
            raise DeadlineExceeded from None
        finally:
            DEADLINE.reset(token)

    def _variables(self, schema: GraphQLSchema, operation: Operation, given: Mapping[str, Any]) -> VariableValues:
        definitions = operation.node.variable_definitions or ()
        found = get_variable_values(schema, definitions, dict(given), max_errors=5, hide_suggestions=True)
        if isinstance(found, list):
            raise BadVariables(found[0].message)
        return found

    async def _introspect(self, schema: GraphQLSchema, operation: Operation, request: Request, ctx: Context) -> Result:
        """Introspection, and what stands beside it in the document, by graphql-core."""
        found = execute_by_reference(
            schema,
            operation.document.node,
            variable_values=dict(request.variables),
            operation_name=request.operation_name,
            context_value=ReferenceContext(ctx),
        )
        result = found if isinstance(found, ExecutionResult) else await found
        return Result(result.data, [_reference_error(error) for error in result.errors or ()])


def refused(refusal: Refusal) -> Answer:
    """The answer to a request that is refused as a whole."""
    retry_after = getattr(refusal, "retry_after", None)
    wrong = isinstance(refusal, ParseFailed | ValidationFailed | BadVariables)
    return Answer(status_of(refusal), error_body(refusal), retry_after, wrong)


def _write(found: Result) -> bytes:
    try:
        return orjson.dumps({"data": found.data, "errors": found.errors} if found.errors else {"data": found.data})
    except orjson.JSONEncodeError:  # what is in it can be written; only its depth is the document's choice
        raise BadRequest("The answer would be nested too deeply.") from None


def _reference_error(error: GraphQLError) -> dict[str, Any]:
    cause, path = error.original_error, list(error.path or ())
    if isinstance(cause, Refusal):
        return error_of(cause, path)
    # without a cause it is graphql-core's own word on an argument
    return fault(cause) if cause else error_of(BadVariables(error.message), path)


def fault(error: BaseException) -> dict[str, Any]:
    """Logs a fault under a new id and gives what a caller may know of it."""
    fault_id = secrets.token_hex(8)
    log.error("fault %s: %s", fault_id, type(error).__name__, exc_info=error)
    return internal_error(fault_id)
