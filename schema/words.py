"""Text to words, the one rule by which search cuts what is stored and what is asked for.

1. NFKD, so that `ﬁ` is `fi` and `é` is `e` with a mark (Unicode Standard Annex 15); 2. marks (general category M) are
dropped; 3. full case folding (The Unicode Standard, section 3.13); 4. a word is a maximal run of letters and numbers.
With 1 and 3 this is the Standard's compatibility caseless matching (D146), blind to accents besides. Scripts that do
not part words by spaces, e.g. Chinese, are cut at punctuation alone.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from schema.field import Base, Field, FieldType

RULE = f"1, Unicode {unicodedata.unidata_version}"
"""Names the rule and the tables behind it: words that were cut under another name may be others."""

_TEXTS = (Base.TEXT, Base.URL, Base.EMAIL, Base.PHONE)
_ASCII_WORD = re.compile(r"[a-z0-9]+")
_WORD = re.compile(r"[^\W_]+")


def words(text: str) -> tuple[str, ...]:
    """The words of a text, each once, in the order of their first mention."""
    if text.isascii():
        return tuple(dict.fromkeys(_ASCII_WORD.findall(text.lower())))
    plain = "".join([c for c in unicodedata.normalize("NFKD", text) if unicodedata.category(c)[0] != "M"])
    return tuple(dict.fromkeys(_WORD.findall(plain.casefold())))


def searchable(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """The fields that search looks into: those whose type holds text, by itself, in lists and in structs. Picklists,
    codes, links and numbers hold none. A custom field is searched where its value is one text: so whoever keeps it
    need not know its type to cut it."""
    return tuple(field for field in fields if _holds_text(field.type) and not (field.custom and _compound(field.type)))


def words_of(type_: FieldType, cell: Any) -> tuple[str, ...]:
    """The words of the stored value of a searchable field (its one column); none of null."""
    if cell is None:
        return ()
    if _compound(type_):
        return words("\n".join(_texts(type_, json.loads(cell), many=type_.many)))
    return words(cell)


def _compound(type_: FieldType) -> bool:
    return type_.many or type_.base is Base.STRUCT


def _holds_text(type_: FieldType) -> bool:
    return type_.base in _TEXTS or any(_holds_text(member) for _, member in type_.members)


def _texts(type_: FieldType, value: Any, *, many: bool) -> Iterator[str]:
    if value is None:
        return
    if many:
        for item in value:
            yield from _texts(type_, item, many=False)
    elif type_.base in _TEXTS:
        yield value
    else:
        for name, member in type_.members:
            yield from _texts(member, value.get(name), many=member.many)
