"""Words: how text is cut, and which fields hold text."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.catalog import load_catalog
from schema.field import Base, Field, FieldType
from schema.values import canonical_json
from schema.words import searchable, words, words_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Harbour Line, Ltd.", "harbour line ltd"),
        ("a-b_c'd\"e", "a b c d e"),
        ("again Again AGAIN", "again"),
        ("ÉTÉ e\u0301te\u0301", "ete"),
        ("ﬁne №5 x² ①", "fine no5 x2 1"),
        ("Straße STRASSE", "strasse"),
        ("İstanbul ΣΊΣΥΦΟΣ σίσυφος", "istanbul σισυφοσ"),
        ("漢字、かな ガ", "漢字 かな カ"),
        ("ana@x.example https://x.example/a?b=1", "ana x example https a b 1"),
        ("हिन्दी", "हनद"),
        ("\u0000\ufeff\u200d—…\U0001f600", ""),
        ("", ""),
    ],
)
def test_text_is_cut_into_words(text: str, expected: str) -> None:
    assert " ".join(words(text)) == expected


@given(st.text(st.characters(codec="utf-8"), max_size=30))
def test_words_are_letters_and_numbers_and_the_same_whichever_way_a_text_is_written(text: str) -> None:
    found = words(text)
    assert all(word.isalnum() and word == word.casefold() for word in found)
    assert not any(unicodedata.category(c)[0] in "MZC" for word in found for c in word)
    assert words(" ".join(found)) == found
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert words(unicodedata.normalize(form, text)) == found


@given(st.text(st.characters(max_codepoint=127), max_size=30))
def test_the_short_way_for_ascii_is_the_long_one(text: str) -> None:
    assert words(text + " é")[: len(words(text))] == words(text)


def test_what_holds_text_is_searched_and_nothing_else() -> None:
    deal = load_catalog().by_name["opportunity"]
    assert [f.name for f in searchable(deal.joint)] == ["name", "customerAccountName"]
    names = ["lineItems", "competitor", "notes", "nextStepsHistory", "crmRef", "nextStep", "teamContact"]
    assert [f.name for f in searchable(deal.side)] == names


def test_the_words_of_a_cell_are_those_of_all_its_texts() -> None:
    text, number = FieldType("Text", Base.TEXT), FieldType("Number", Base.NUMBER)
    parts = FieldType("Text", Base.TEXT, many=True)
    struct = FieldType("S", Base.STRUCT, members=(("b", text), ("n", number), ("l", parts)))
    structs = FieldType("S", Base.STRUCT, many=True, members=struct.members)
    value = {"b": "Bee", "n": 7.5, "l": ["Ell one", "ell"]}
    assert words_of(text, "One two") == ("one", "two")
    assert words_of(parts, canonical_json(["One", "two one"])) == ("one", "two")
    assert words_of(struct, canonical_json(value)) == ("bee", "ell", "one")
    assert words_of(structs, canonical_json([value, {"n": 1.0}, {"b": "Cee"}])) == ("bee", "ell", "one", "cee")
    assert words_of(structs, None) == words_of(text, None) == words_of(parts, "[]") == ()
    only = Field("s", "side", FieldType("S", Base.STRUCT, members=(("n", number),)), "", 1, "private")
    assert searchable((only,)) == ()
