"""`python -m bench`: measures the page of page.graphql, and the queries of a company with many records, and prints a
table. See bench/README.md."""

import argparse
import json
import sys

from bench.data import CUSTOM, LARGE, SMALL, SMALL_CUSTOM, SMALL_LARGE, Size, kept_network
from bench.measure import FULL, QUICK, measure
from bench.measure_custom import measure_custom
from bench.measure_large import measure_large
from bench.report import as_table, as_values, heading, write


def main() -> None:
    """Reads the options, measures, prints."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds: a first look in under a minute")
    parser.add_argument("--small", action="store_true", help="a small network, to try the bench itself")
    parser.add_argument("--json", action="store_true", help="print the numbers as JSON")
    parser.add_argument("--write", action="store_true", help="put the table into bench/README.md")
    options = parser.parse_args()
    size, effort = SMALL if options.small else Size(), QUICK if options.quick else FULL
    say("the networks, made at the first run")
    network, large = kept_network(size), kept_network(SMALL_LARGE if options.small else LARGE)
    custom, companies = kept_network(SMALL_CUSTOM if options.small else CUSTOM), 20 if options.small else 1_000
    results = measure(network, effort, say)
    results_large = measure_large(large, effort, say)
    results_custom = measure_custom(network, custom, companies, effort, say)
    say("")
    if options.json:
        print(json.dumps(as_values(results, results_large, results_custom), indent=2))
        return
    text = f"{heading(size, effort)}\n\n{as_table(results, results_large, results_custom, large.size)}"
    print(text)
    if options.write:
        write(text)


def say(what: str) -> None:
    """Shows how far the run is, on one line of a terminal."""
    if sys.stderr.isatty():
        print(f"\r\033[Kbench: {what}" if what else "\r\033[K", end="", file=sys.stderr, flush=True)
    elif what:
        print(f"bench: {what}", file=sys.stderr)


if __name__ == "__main__":
    main()
