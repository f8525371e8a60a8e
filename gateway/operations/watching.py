"""Who watches, by the settings: the log, metrics, traces. Nothing of it costs anything where it is not asked for."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from gateway.limits.admission import Admission
from gateway.operations.log import logging_to_stderr
from gateway.operations.metrics import Metrics, served
from gateway.operations.seen import Seen, Watch
from gateway.operations.traces import tracing_to
from gateway.seal import Seal
from gateway.settings import Settings, host_and_port


@contextmanager
def watching(
    settings: Settings, seal: Seal, admission: Admission, say: Callable[[str], None]
) -> Iterator[Watch | None]:
    """The watch over requests, while this lasts; None where nobody wants to know of them. `say` is told where metrics
    are. Raises MetricsAddressTaken and BadDeclaration."""
    told: list[Callable[[Seen], None]] = []
    with ExitStack() as stack:
        if line := stack.enter_context(logging_to_stderr(settings.log)):
            told.append(line)
        if settings.metrics is not None:
            metrics = Metrics()
            metrics.gauge(admission)
            host, port = host_and_port(settings.metrics)
            at = stack.enter_context(served(metrics, host, port))
            say(f"Metrics are at http://{settings.metrics.rpartition(':')[0]}:{at}/metrics")
            told.append(metrics.count)
        if settings.traces is not None:
            told.append(stack.enter_context(tracing_to(settings.traces)))
        yield Watch(seal, *told) if told else None
