"""Cuts the text of a policy into tokens, just as Polar does, or refuses it.

The check is worth what this agreement is worth: whatever Polar might read otherwise than we do (a lone carriage
return, a NUL, an unusual escape, a number with an exponent, a letter beyond ASCII in a name) is refused here.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from schema.errors import BadDeclaration

_TOKEN = re.compile(
    r"""(?P<space>[ \t\n]+|\r\n)
    |(?P<comment>\#[^\n]*)
    |(?P<string>"(?:[^"\\\x00-\x1f]|\\[nrt0"\\])*")
    |(?P<number>-?\d+(?:\.\d+)?(?![\w.]))
    |(?P<word>[A-Za-z_]\w*)
    |(?P<mark>==|!=|<=|>=|[()\[\],.;=<>])""",
    re.ASCII | re.VERBOSE,
)
_LONE_RETURN = re.compile(r"\r(?!\n)")


class Token(NamedTuple):
    """One word, string (with its quotes), number or mark, and the line it stands in, from 1."""

    kind: str
    text: str
    line: int


def refuse(line: int, what: str) -> BadDeclaration:
    """The refusal of a policy, naming the line."""
    return BadDeclaration(f"Policy, line {line}: {what}.")


def cut(text: str) -> Iterator[Token]:
    """The tokens of the text, without space and comments. Raises BadDeclaration."""
    lone = _LONE_RETURN.search(text)
    if lone is not None:
        raise refuse(text.count("\n", 0, lone.start()) + 1, "a carriage return without a line feed")
    at, line = 0, 1
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise refuse(line, f"{_shown(text, at)!r} is not allowed")
        kind, word = found.lastgroup or "", found[0]
        if kind not in ("space", "comment"):
            yield Token(kind, word, line)
        line += word.count("\n")
        at = found.end()


def _shown(text: str, at: int) -> str:
    """What to name in the refusal: a string up to the end of its line, a number whole, else the mark."""
    shown = re.compile(r'"[^\n"]{0,30}"?|[-\w.]{1,30}|:=|\?=|.', re.DOTALL).match(text, at)
    return shown[0] if shown else ""
