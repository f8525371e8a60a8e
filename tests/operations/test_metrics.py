"""Metrics: they count what happened, and their labels are words of ours, bounded in number."""

import httpx
import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from gateway.operations.metrics import Metrics, MetricsAddressTaken, served
from tests.operations.watched import watched

STAGES = {"read", "auth", "wait", "plan", "execute", "write"}


def _samples(text: str) -> dict[tuple[str, tuple[str, ...]], float]:
    """Each sample by its name and the values of its labels, in the order of their names."""
    return {
        (sample.name, tuple(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_requests_full_of_canaries_are_counted_and_leave_none_in_the_metrics() -> None:
    metrics = Metrics()
    async with watched(metrics.count) as gateway:
        metrics.gauge(gateway.world.gateway.pipeline.admission)
        await gateway.ask_all()
        once = generate_latest(metrics.registry).decode()
        await gateway.ask_all()
    text = generate_latest(metrics.registry).decode()
    for secret in gateway.secrets:
        assert secret not in text, secret
    found, before = _samples(text), _samples(once)
    assert {key for key in found if key[0].startswith("multiway")} == {
        key for key in before if key[0].startswith("multiway")
    }
    assert (
        found["multiway_requests_total", ("none", "query", "200")]
        == 2 * before["multiway_requests_total", ("none", "query", "200")]
        == 10
    )
    assert found["multiway_requests_total", ("UNAUTHENTICATED", "none", "401")] == 2
    assert found["multiway_requests_total", ("INTERNAL", "query", "500")] == 2
    assert found["multiway_steps_total", ("opportunity", "create")] == 2
    assert found["multiway_cost_total", ()] > 0
    assert {labels[0] for name, labels in found if name == "multiway_stage_seconds_count"} == STAGES
    assert found["multiway_running_requests", ()] == found["multiway_waiting_requests", ()] == 0


def test_they_are_served_while_they_are_wanted() -> None:
    with served(Metrics(), "127.0.0.1", 0) as port:
        with httpx.Client(trust_env=False) as http:
            text = http.get(f"http://127.0.0.1:{port}/metrics").text
        assert ("multiway_cost_total", ()) in _samples(text)
        with (
            pytest.raises(MetricsAddressTaken, match=rf"127\.0\.0\.1:{port}, for metrics, .+\.$"),
            served(Metrics(), "127.0.0.1", port),
        ):
            pass
    with served(Metrics(), "127.0.0.1", port):  # it was let go
        pass
    with pytest.raises(MetricsAddressTaken), served(Metrics(), "no.such.host.invalid", 0):
        pass
