"""A document's tokens, counted before it is parsed: a pass of one regular expression that stops at the bound.

Comments count: they cost time too. Where the text is no GraphQL, the count stops, and the parser tells what is
wrong. Rows tokens, parser recursion and unicode of limits.md.
"""

import re

from gateway.limits.table import Limits
from gateway.refusals import BadRequest
from schema.errors import Refusal

# A string escape that gives U+0000: `\u0000` or `\u{0}`, its backslash not escaped itself.
_NUL = re.compile(r"(?<!\\)(?:\\\\)*+\\u(?:0000|\{0++\})")
_TOKEN = re.compile(
    r"""[\s,\ufeff]*+(?:
        ([{\[(]) | ([}\])]) | \.\.\. | [!$&:=@|] | \#[^\r\n]*+ | [_A-Za-z][_0-9A-Za-z]*+ | -?[0-9][0-9.eE+-]*+
        | \"{3} (?: [^"\\]++ | \\\"{3} | \\ | \"(?!\"\") )*+ \"{3} | \" (?: [^"\\\r\n]++ | \\. )*+ \"
    )""",
    re.VERBOSE,
)


class TooManyTokens(Refusal):
    """The document has too many tokens."""

    code = "TOKENS"


class TooNested(Refusal):
    """The document has too many brackets within each other."""

    code = "NESTING"


class BadCharacter(Refusal):
    """The document has a string with U+0000."""

    code = "BAD_CHARACTER"


def check_tokens(text: str, limits: Limits) -> int:
    """How many tokens there are. Raises TooManyTokens, TooNested, BadCharacter, and BadRequest for a document that is
    longer than any string."""
    match, place, open_, tokens = _TOKEN.match, 0, 0, 0
    while found := match(text, place):
        tokens += 1
        if tokens > limits.tokens:
            raise TooManyTokens
        place = found.end()
        bracket = found.lastindex
        if bracket == 1:
            open_ += 1
            if open_ > limits.nesting:
                raise TooNested
        elif bracket == 2:
            open_ -= 1
    if len(text) > limits.string_bytes:  # few tokens, but long ones, which the parser reads sign by sign
        raise BadRequest("The document is too long.")
    if _NUL.search(text):
        raise BadCharacter
    return tokens
