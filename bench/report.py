"""The results as a table in Markdown, as plain values for JSON, and into bench/README.md."""

import platform
import re
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from bench.data import Size
from bench.measure import Effort, Found, Results, least
from bench.measure_large import Large

README = Path(__file__).with_name("README.md")
_BEGIN, _END = "<!-- the table: written by `python -m bench --write` -->", "<!-- end of the table -->"


def _values(found: Found) -> dict[str, float]:
    """Milliseconds, requests a second, MiB."""
    return {
        "cpu_ms": least(found.cpu) * 1e3,
        "cpu_wide_ms": least(found.wide) * 1e3,
        "cpu_beside_wide_ms": least(found.beside) * 1e3,
        "requests_per_second": median(found.per_second),
        "p50_ms": median(found.alone) * 1e3,
        "p99_ms": quantiles(found.alone, n=100, method="inclusive")[98] * 1e3,
        "first_request_ms": found.cold * 1e3,
        "peak_mib": found.peak / 2**20,
    }


_LARGE = {
    "FilteredPage": "filtered and sorted page",
    "Stages": "groups by own stage",
    "PartnerStages": "groups by partner and its stage",
}


def _large_values(large: Large, name: str) -> dict[str, float]:
    """Milliseconds, by operation."""
    return {operation: least(found[name]) * 1e3 for operation, found in large.items() if name in found}


def as_values(results: Results, large: Large) -> dict[str, Any]:
    """All numbers."""
    return {
        **{name: {**_values(found), **_large_values(large, name)} for name, found in results.by_name.items()},
        "policy_ms": least(results.policy) * 1e3,
        "policy_many_classes_ms": least(results.policy_wide) * 1e3,
    }


def as_table(results: Results, large: Large, size: Size) -> str:
    """The table. `size` is that of the large network."""
    values = as_values(results, large)
    gateway, floor, naive = (values[name] for name in ("gateway", "floor", "naive"))
    rows = [
        ("CPU of a page, ms", "cpu_ms"),
        ("CPU, the viewer's company has 1,000 sharing classes, ms", "cpu_wide_ms"),
        ("CPU, the viewer's partner has them, ms", "cpu_beside_wide_ms"),
        ("requests a second, 4 connections", "requests_per_second"),
        ("p50, 1 connection, ms", "p50_ms"),
        ("p99, 1 connection, ms", "p99_ms"),
        ("first request of the process, ms", "first_request_ms"),
        ("peak memory, MiB", "peak_mib"),
    ]
    lines = [
        "| | gateway | floor | naive | gateway / floor | naive / gateway |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for title, key in rows:
        ours, by_hand, plain = gateway[key], floor[key], naive[key]
        ratios = f"{ours / by_hand:.2f} | {plain / ours:.2f}"
        lines.append(f"| {title} | {ours:.2f} | {by_hand:.2f} | {plain:.2f} | {ratios} |")
    for operation, title in _LARGE.items():
        ours, by_hand = gateway[operation], floor[operation]
        what = f"CPU, {title} of {size.records:,} own records, ms"
        lines.append(f"| {what} | {ours:.2f} | {by_hand:.2f} | | {ours / by_hand:.2f} | |")
    lines += [
        "",
        f"Policy time of a warm page: {values['policy_ms']:.3f} ms;"
        f" with 1,000 sharing classes in view {values['policy_many_classes_ms']:.3f} ms.",
    ]
    return "\n".join(lines)


def heading(size: Size, effort: Effort) -> str:
    """What was measured, when and on what."""
    day = datetime.now(UTC).strftime("%Y-%m-%d")
    return (
        f"{size.companies} companies, {size.records:,} records, pages of 50; {effort.rounds} rounds of"
        f" {effort.viewers} viewers. {day}, Python {platform.python_version()}, {_processor()}."
    )


def _processor() -> str:
    try:
        names = re.findall(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    except OSError:
        names = []
    return f"{len(names)} of {names[0]}" if names else platform.machine()


def write(text: str) -> None:
    """Puts the text between the markers of the README."""
    before, _, rest = README.read_text(encoding="utf-8").partition(_BEGIN)
    after = rest.partition(_END)[2]
    README.write_text(f"{before}{_BEGIN}\n{text}\n{_END}{after}", encoding="utf-8")
