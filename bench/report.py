"""The results as a table in Markdown, as plain values for JSON, and into bench/README.md."""

import platform
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from bench.data import Size
from bench.measure import Effort, Found, Results, least
from bench.measure_custom import Custom
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


def _custom_values(custom: Custom) -> dict[str, float]:
    """Milliseconds of pages, and what many companies' models cost."""
    pages = {"without": custom.without, "beside": custom.beside, "asked": custom.asked}
    return {**{f"{name}_ms": least(found) * 1e3 for name, found in pages.items()}, **custom.models}


def as_values(results: Results, large: Large, custom: Custom) -> dict[str, Any]:
    """All numbers."""
    return {
        "custom": _custom_values(custom),
        **{name: {**_values(found), **_large_values(large, name)} for name, found in results.by_name.items()},
        "policy_ms": least(results.policy) * 1e3,
        "policy_many_classes_ms": least(results.policy_wide) * 1e3,
    }


def as_table(results: Results, large: Large, custom: Custom, size: Size) -> str:
    """The tables. `size` is that of the large network."""
    values = as_values(results, large, custom)
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
        "",
        *_custom_lines(values["custom"]),
    ]
    return "\n".join(lines)


def _custom_lines(found: Mapping[str, float]) -> list[str]:
    """The table of custom fields."""
    without = found["without_ms"]
    return [
        "| 30 custom fields a company | CPU, ms | to the page without |",
        "| --- | ---: | ---: |",
        f"| the page, no company has custom fields | {without:.2f} | 1.00 |",
        f"| the page, every company has 30 | {found['beside_ms']:.2f} | {found['beside_ms'] / without:.2f} |",
        f"| the page with all 30 of the own side | {found['asked_ms']:.2f} | {found['asked_ms'] / without:.2f} |",
        "",
        f"A company's model takes {found['build_ms']:.1f} ms to make and {found['mib']:.2f} MiB to keep, with a"
        f" document and its plan. The first page after a change of a template takes {found['change_ms']:.0f} ms (the"
        f" worst {found['change_worst_ms']:.0f}). Of requests of {found['companies']:,.0f} companies, the nth largest"
        f" of which asks 1/n as often as the largest, {found['hits']:.0%} find their plan.",
    ]


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
