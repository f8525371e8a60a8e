"""Traces: a span a request and one a stage, with names of ours and no values."""

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from gateway.operations.traces import tracing_by, tracing_to
from schema.errors import BadDeclaration
from tests.operations.watched import watched


async def test_requests_full_of_canaries_leave_none_in_the_traces() -> None:
    exporter = InMemorySpanExporter()
    with tracing_by(SimpleSpanProcessor(exporter)) as trace:
        async with watched(trace) as gateway:
            await gateway.ask_all()
    spans = exporter.get_finished_spans()
    text = "".join(span.to_json() for span in spans)
    for secret in gateway.secrets | {"a" * 32}:
        assert secret not in text, secret
    whole = [span for span in spans if span.parent is None]
    assert len(whole) == 16
    for span in whole:
        stages = [each for each in spans if each.parent and each.parent.span_id == span.context.span_id]
        assert span.name == "request"
        assert stages[0].name == "read"
        times = [(each.start_time or 0, each.end_time or 0) for each in (span, *stages)]
        assert all(times[0][0] <= begin <= end <= times[0][1] for begin, end in times)
        assert {each.context.trace_id for each in stages} == {span.context.trace_id}
    first = whole[0]
    assert first.attributes
    assert first.attributes["multiway.steps"] == ("page opportunity",)
    assert first.attributes["http.response.status_code"] == 200
    names = [each.name for each in spans if each.parent and each.parent.span_id == first.context.span_id]
    assert names == ["read", "auth", "wait", "plan", "execute", "write"]


def test_without_the_packages_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.operations.traces.find_spec", lambda name: None)
    with pytest.raises(BadDeclaration, match=r"pip install '\.\[traces\]'"), tracing_to("http://127.0.0.1:1"):
        pass
