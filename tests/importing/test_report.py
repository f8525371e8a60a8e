"""What is told on the way: lines on stderr, a bar where that is a terminal, a summary."""

import io

import pytest

from gateway.importing.report import Outcome, Summary, TerminalReporter


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def told(stream: io.StringIO, *, verbose: bool = False) -> str:
    report = TerminalReporter(verbose=verbose, stream=stream)
    report.outcome(Outcome("teams.csv", 3, "refused", "An earlier line."))
    report.start("data.csv", 3)
    report.outcome(Outcome("data.csv", 2, "loaded"))
    report.outcome(Outcome("data.csv", 4, "refused", "It is \udcff bad."))
    report.outcome(Outcome("data.csv", 5, "skipped", "a newer one."))
    report.finish(Summary(loaded=1, skipped=1, refused=2))
    return stream.getvalue()


def test_a_refused_row_is_one_line() -> None:
    assert told(io.StringIO()) == "teams.csv:3: An earlier line.\ndata.csv:4: It is \\udcff bad.\n"


def test_verbose_tells_of_every_row() -> None:
    text = told(io.StringIO(), verbose=True)
    assert text.splitlines()[1:] == [
        "data.csv:2: loaded.",
        "data.csv:4: It is \\udcff bad.",
        "data.csv:5: skipped: a newer one.",
    ]


def test_a_terminal_has_a_bar() -> None:
    text = told(Terminal())
    assert "data.csv: 100%" in text
    assert "3/3" in text
    assert "data.csv:4: It is \\udcff bad.\n" in text


def test_the_usual_stream_is_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    TerminalReporter().outcome(Outcome("data.csv", 2, "refused", "Bad."))
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "data.csv:2: Bad.\n")


def test_the_summary_names_every_count() -> None:
    assert Summary(1, 2, 3, 4, 5, 6).text() == (
        "1 loaded, 2 changed, 3 skipped, 4 refused; 5 new companies, 6 new people."
    )
