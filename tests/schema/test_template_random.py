"""Templates at random: what is read is kept and read again, and nothing but a refusal comes of garbage."""

from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from schema.effective import extended_kind
from schema.errors import BadInput
from schema.formula_fields import formulas
from schema.template import TYPE_WORDS, type_word
from schema.template_read import changed, content_of, define, losses, read_content, show
from tests.schema.templates import KIND, KINDS, OTHER, OWN, PARTNER, TEMPLATE, field, id_at, ids, refining, template

DEFAULTS: dict[str, st.SearchStrategy[Any]] = {
    "TEXT": st.sampled_from(["a", "ab", "Straße"]),
    "INTEGER": st.integers(-5, 5),
    "NUMBER": st.floats(-5, 5),
    "MONEY": st.sampled_from([{"amount": "1.50", "currency": "EUR"}, {"amount": "-3", "currency": "JPY"}]),
    "DATE": st.dates().map(str),
    "DATE_TIME": st.datetimes().map(lambda moment: moment.isoformat() + "+02:00"),
    "BOOLEAN": st.booleans(),
    "PICKLIST": st.sampled_from(["RED", "BLUE"]),
    "MULTI_PICKLIST": st.lists(st.sampled_from(["RED", "BLUE"]), max_size=2),
    "URL": st.just("https://a.example"),
    "EMAIL": st.just("a@b.example"),
    "PHONE": st.just("+49 30-1234567"),
}
RULES: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    **dict.fromkeys(
        ("INTEGER", "NUMBER", "MONEY"), st.sampled_from([{}, {"low": -3}, {"high": 2}, {"low": 0, "high": 1}])
    ),
    "TEXT": st.sampled_from([{}, {"maxLength": 5}, {"minLength": 2, "pattern": "[a-z]+"}, {"pattern": "\\w|ab"}]),
    "FORMULA": st.sampled_from(["1", "amount * 2", "k1 + 1", "k0 = k1", 'concat("x", stage)', "k2", "-k3"]).map(
        lambda text: {"formula": text}
    ),
}


@st.composite
def fields(draw: st.DrawFn, key: str) -> dict[str, Any]:
    word = draw(st.sampled_from(TYPE_WORDS))
    given_ = field(key, word) | draw(RULES.get(word, st.just({})))
    if word in DEFAULTS and draw(st.booleans()):
        given_["default"] = draw(DEFAULTS[word])
    if word != "FORMULA":
        given_ |= draw(st.sampled_from([{}, {"required": True}, {"editableIn": ["QUALIFIED"]}]))
    return given_ | draw(
        st.sampled_from(
            [{}, {"help": "Help."}, {"section": "look"}, {"audience": "PARTICIPANTS"}, {"audience": "PRIVATE"}]
        )
    )


@st.composite
def templates(draw: st.DrawFn) -> dict[str, Any]:
    keys = draw(st.lists(st.sampled_from([f"k{i}" for i in range(6)]), unique=True, max_size=6))
    given_ = template(*[draw(fields(key)) for key in keys], sections=[{"key": "look", "label": "Look"}])
    if draw(st.booleans()):
        given_["fields"].append(refining(PILOT=draw(st.sampled_from(["QUALIFIED", "LAUNCHED"])), TRIAL="QUALIFIED"))
    if draw(st.booleans()):
        given_["sharedWith"] = [OTHER, PARTNER]
    return given_


@given(templates(), templates())
@settings(max_examples=150, deadline=None)
def test_what_is_read_is_kept_and_read_again(first: dict[str, Any], second: dict[str, Any]) -> None:
    with suppress(BadInput):
        before = define(first, KINDS, TEMPLATE, OWN, ids())
        assert read_content(content_of(before), KINDS, TEMPLATE, OWN, 1) == before
        assert content_of(read_content(content_of(before), KINDS, TEMPLATE, OWN, 1)) == content_of(before)
        kind = extended_kind(KIND, OWN, [before])
        assert {f.name for f in kind.custom} == {f.name for f in before.fields}
        formulas(kind).values({})
        after = changed(before, second, KINDS, ids(50))
        assert read_content(content_of(after), KINDS, TEMPLATE, OWN, 2) == after
        was = {f.name: (f.ident, type_word(f)) for f in before.fields}
        for f in after.fields:
            kept = was.get(f.name, ("", ""))
            assert (f.ident == kept[0]) is (type_word(f) == kept[1])
        assert {loss.ident for loss in losses(before, after)} <= {ident for ident, _ in was.values()}


@given(templates())
@settings(max_examples=100, deadline=None)
def test_most_of_these_templates_are_good_without_their_formulas(given_: dict[str, Any]) -> None:
    """The test above looks at templates, then, and not at refusals alone."""
    given_["fields"] = [
        {key: value for key, value in f.items() if key != "default"} for f in given_["fields"] if f["type"] != "FORMULA"
    ]
    read = define(given_, KINDS, TEMPLATE, OWN, ids())
    assert len(read.fields) == len(given_["fields"])
    assert define(show(read), KINDS, TEMPLATE, OWN, ids()) == read


PLAIN = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=8)
    | st.sampled_from(
        [
            "TEXT",
            "MONEY",
            "FORMULA",
            "PICKLIST",
            "stage",
            "QUALIFIED",
            "opportunity",
            "a",
            "amount",
            OWN,
            PARTNER,
            id_at("pe", 1),
        ]
    )
)
OF_TEMPLATES = ("kind", "key", "label", "help", "sections", "fields", "sharedWith", "new")
OF_FIELDS = (
    *("key", "type", "label", "help", "section", "audience", "required", "default", "options", "low", "high"),
    *("minLength", "maxLength", "pattern", "editableIn", "formula", "refines", "new"),
)
OF_OTHERS = ("value", "field", "standard", "amount", "currency")
KEYS = st.sampled_from((*OF_TEMPLATES, *OF_FIELDS, *OF_OTHERS)) | st.text(max_size=5)
GARBAGE = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=12
)


@given(st.sampled_from(TYPE_WORDS), st.sampled_from(OF_TEMPLATES), st.sampled_from(OF_FIELDS), GARBAGE, GARBAGE)
@settings(max_examples=250, deadline=None)
def test_nothing_but_a_refusal_comes_of_garbage(
    word: str, place: str, inner: str, garbage: object, deeper: object
) -> None:
    whole = template(field("a", word))
    for content in (garbage, whole | {place: garbage}, template(field("a", word) | {inner: deeper})):
        with suppress(BadInput):
            read = define(content, KINDS, TEMPLATE, OWN, ids())
            assert read_content(content_of(read), KINDS, TEMPLATE, OWN, 1) == read
            extended_kind(KINDS[read.kind], OWN, [read])
        with suppress(BadInput):
            changed(define(whole, KINDS, TEMPLATE, OWN, ids()), content, KINDS, ids())
