"""Traces for OpenTelemetry: a span a request and one for each of its stages, sent by OTLP over HTTP.

The spans have names of ours, times, and what a line of the log has: no values, no ids but the request's own. They are
made when a request has ended, so that nothing is carried through the pipeline. Who asks cannot join them to a trace of
its own or decide that they are kept: the headers for that are not read.

Needs the optional packages of `pip install '.[traces]'`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from gateway.operations.seen import Seen
from schema.errors import BadDeclaration

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor
    from opentelemetry.util.types import AttributeValue

_PACKAGES = ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")


@contextmanager
def tracing_to(endpoint: str) -> Iterator[Callable[[Seen], None]]:
    """While this lasts, what it gives sends traces to this URL; at the end what waits is sent. Raises BadDeclaration
    where the packages are missing."""
    try:
        missing = not all(find_spec(name) for name in _PACKAGES)
    except ModuleNotFoundError:
        missing = True
    if missing:
        raise BadDeclaration("`traces` needs packages that are not installed: pip install '.[traces]'.")
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    with tracing_by(BatchSpanProcessor(OTLPSpanExporter(endpoint))) as trace:
        yield trace


@contextmanager
def tracing_by(processor: "SpanProcessor") -> Iterator[Callable[[Seen], None]]:
    """The same, to any processor of spans."""
    from opentelemetry.context import Context
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import set_span_in_context

    provider = TracerProvider(resource=Resource.create({"service.name": "multiway"}), shutdown_on_exit=False)
    provider.add_span_processor(processor)
    tracer = provider.get_tracer("multiway")

    def trace(seen: Seen) -> None:
        def at(seconds: float) -> int:
            return seen.at + int((seconds - seen.began) * 1e9)

        attributes: dict[str, AttributeValue] = {
            "multiway.request": seen.id,
            "multiway.operation": seen.operation,
            "multiway.shape": seen.shape,
            "multiway.steps": [" ".join(filter(None, step)) for step in seen.steps],
            "multiway.codes": seen.codes,
            "multiway.cost": seen.cost,
            "http.response.status_code": seen.status,
        }
        span = tracer.start_span("request", Context(), attributes=attributes, start_time=seen.at)
        within = set_span_in_context(span, Context())
        for name, begin, end in seen.durations():
            tracer.start_span(name, within, start_time=at(begin)).end(at(end))
        span.end(at(seen.ended))

    try:
        yield trace
    finally:
        provider.shutdown()
