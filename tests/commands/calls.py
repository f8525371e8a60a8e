"""Calls the command line inside the test's own process, for the many calls that end before anything is served."""

import contextlib
import io

from gateway.cli import main
from tests.commands.processes import Ended


def call(*arguments: object) -> Ended:
    """Runs a command to its end, as `run` does in a process of its own."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as end:  # of argparse
            code = end.code if isinstance(end.code, int) else 1
    return Ended(code, out.getvalue(), err.getvalue())
