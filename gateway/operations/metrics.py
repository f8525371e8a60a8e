"""Metrics for Prometheus, served on an address of their own, which should be open to the collector alone.

Labels are words of ours, bounded in number: operations, statuses, error codes, stages, steps and kinds. No company,
person or record is one, nor anything a client wrote: a count for each company would tell what it does.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, GCCollector, Histogram, ProcessCollector
from prometheus_client import start_http_server as serve_metrics

from gateway.limits.admission import Admission
from gateway.operations.seen import Seen
from schema.errors import Refusal

_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
NONE = "none"


class MetricsAddressTaken(Refusal):
    """The address of the metrics cannot be listened on."""

    code = "METRICS_ADDRESS_UNUSABLE"


class Metrics:
    """What is counted and timed. `registry` has it all."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        GCCollector(registry=registry)
        self._requests = Counter(
            "multiway_requests", "Requests that ended.", ("operation", "status", "code"), registry=registry
        )
        self._seconds = Histogram(
            "multiway_request_seconds", "Seconds a request took.", ("operation",), buckets=_SECONDS, registry=registry
        )
        self._stages = Histogram(
            "multiway_stage_seconds", "Seconds a stage took.", ("stage",), buckets=_SECONDS, registry=registry
        )
        self._steps = Counter("multiway_steps", "What was asked for at the root.", ("step", "kind"), registry=registry)
        self._cost = Counter("multiway_cost", "Cost of what was asked.", registry=registry)
        self._bytes = Counter("multiway_answer_bytes", "Bytes of answers.", registry=registry)
        self._running = Gauge("multiway_running_requests", "Requests worked on now.", registry=registry)
        self._waiting = Gauge("multiway_waiting_requests", "Requests that wait for their turn now.", registry=registry)

    def count(self, seen: Seen) -> None:
        """Counts a request that has ended."""
        operation = seen.operation or NONE
        self._requests.labels(operation, str(seen.status), seen.codes[0] if seen.codes else NONE).inc()
        self._seconds.labels(operation).observe(seen.seconds)
        for name, begin, end in seen.durations():
            self._stages.labels(name).observe(end - begin)
        for step, kind in seen.steps:
            self._steps.labels(step, kind or NONE).inc()
        self._cost.inc(seen.cost)
        self._bytes.inc(seen.size)

    def gauge(self, admission: Admission) -> None:
        """Tells how busy it is, whenever somebody looks."""
        self._running.set_function(lambda: admission.running)
        self._waiting.set_function(lambda: admission.waiting)


@contextmanager
def served(metrics: Metrics, host: str, port: int) -> Iterator[int]:
    """Serves them while this lasts, in a thread of its own. Gives the port. Raises MetricsAddressTaken."""
    try:
        server, thread = serve_metrics(port, host, metrics.registry)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "this is no name of a host"
        raise MetricsAddressTaken(f"{host}:{port}, for metrics, cannot be listened on: {reason}.") from None
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
