"""A regression test for each channel of docs/leaks.md that is open to callers today, by row."""

import random
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from graphql import get_introspection_query

from schema.names import RecordId
from schema.words import words
from spaces.change import Participation
from tests.leaks.boxes import Box
from tests.leaks.cast import BOLT, PEOPLE, made_id
from tests.leaks.fixed import ANN, ASKED, BOB, DEAL, HIDDEN, NEVER, OTHER, SECRET, changes, data, fixed_box
from tests.leaks.rows import ROWS

ROOT = Path(__file__).parents[2]
OF_OTHERS = (Participation(BOLT, "OWNER", "ACCEPTED"),)


@pytest.fixture
async def box() -> Box:
    """A fresh world in memory, behind one gateway for all tests."""
    return await fixed_box("memory", keep=True)


@pytest.fixture(params=["memory", "sqlite"])
async def either(request: pytest.FixtureRequest) -> AsyncIterator[Box]:
    """The world on each backend, for what backends decide."""
    made = await fixed_box(request.param)
    yield made
    await made.close()


async def same(box: Box, text: str, *values: str) -> None:
    """The text with each value in it is answered with the same bytes."""
    found = {(await box.post(ANN, text.replace("VALUE", value), {}))[:3] for value in values}
    assert len(found) == 1, found


async def test_row_01_and_03_a_filter_on_a_hidden_field(either: Box) -> None:
    for quantifier in ("some", "every", "none"):
        for test in ("eq", "ne", "contains", "startsWith"):
            where = f'{{partners: {{{quantifier}: {{notes: {{{test}: "VALUE"}}}}}}}}'
            await same(either, f"{{ opportunities(first: 9, where: {where}) {{ totalCount }} }}", SECRET, "x", "canary")


async def test_row_02_what_a_filter_does_not_know_is_refused(box: Box) -> None:
    unknown: tuple[Any, ...] = (
        {"lookup": {"name": "x"}},
        {"mine.notes": {"eq": "x"}},
        {"partners": {"some": {"s.f_notes": {"eq": "x"}}}},
        {"mine": {"notes": {"$regex": "x"}}},
        {"mine": {"notes": {"eq": {"x": 1}}}},
        {"name": {"eq": ["x", "y"]}},
        {"and": [{"or": [{"not": {"nothing": {}}}]}]},
        {"customFields": {"path": "$.a"}},
    )
    text = "query($where: OpportunityWhere) { opportunities(first: 9, where: $where) { totalCount } }"
    for where in unknown:
        body = orjson.loads((await box.post(ANN, text, {"where": where})).body)
        assert body["errors"], where
        assert not body.get("data")


async def test_row_04_a_sort_by_a_hidden_field(either: Box) -> None:
    text = "{ opportunities(first: 9, orderBy: [{partners: PROBABILITY, direction: DIR}]) { nodes { id } } }"
    order = [
        data(await either.post(ANN, text.replace("DIR", way), {}))["opportunities"]["nodes"] for way in ("ASC", "DESC")
    ]
    hidden = sorted(i for i in (OTHER, ASKED))  # of these no probability is visible: null, ties broken by id
    assert [n["id"] for n in order[0]] == [*hidden, DEAL]
    assert [n["id"] for n in order[1]] == [DEAL, *hidden]


async def test_row_05_cursors_of_others_and_forged_ones(box: Box) -> None:
    text = "query($after: String) { opportunities(first: 1, after: $after) { edges { cursor node { id } } } }"
    (edge,) = data(await box.post(ANN, text, {}))["opportunities"]["edges"]
    (theirs,) = data(await box.post(BOB, text, {}))["opportunities"]["edges"]
    rng, cursor = random.Random(5), edge["cursor"]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    tries = [theirs["cursor"], "", "x", cursor[:-4], cursor * 50, "ü"]
    for _ in range(300):
        at = rng.randrange(len(cursor) - 2)
        other = rng.choice([c for c in alphabet if c != cursor[at]])
        tries.append(cursor[:at] + other + cursor[at + 1 :])
    answers = {(await box.post(ANN, text, {"after": each}))[:3] for each in tries}
    assert len(answers) == 1
    assert b"This after is not valid here." in next(iter(answers))[2]


async def test_row_06_a_hidden_unique_value(box: Box) -> None:
    await same(box, '{ opportunities(first: 9, where: {name: {eq: "VALUE"}}) { totalCount } }', SECRET, "never-given")


async def test_row_07_groups_hold_visible_values_alone(either: Box) -> None:
    text = """{ opportunityGroups(first: 9, by: [{partners: COMPANY}],
      measures: [{partners: AMOUNT}, {partners: PROBABILITY}]) {
      totalCount nodes { count totals { name number sum } } } }"""
    (group,) = data(await either.post(ANN, text, {}))["opportunityGroups"]["nodes"]
    assert [(t["number"], t["sum"]) for t in group["totals"]] == [(1, "7.00"), (1, "50")]


async def test_row_08_the_total_is_what_is_walked(either: Box) -> None:
    text = """query($after: String) { opportunities(first: 1, after: $after) {
      totalCount pageInfo { hasNextPage endCursor } nodes { id } } }"""
    seen, after = [], None
    while True:
        page = data(await either.post(ANN, text, {"after": after}))["opportunities"]
        seen += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert sorted(seen) == sorted((DEAL, OTHER, ASKED))
    assert page["totalCount"] == 3


async def test_row_09_and_10_errors_tell_nothing_of_what_is_hidden(box: Box) -> None:
    texts = (
        'mutation { updateOpportunity(input: {id: "VALUE", mine: {notes: "x"}}) { userErrors { code message } } }',
        'mutation { withdraw(input: {recordId: "VALUE"}) { userErrors { code message } } }',
        'mutation { respondToInvitation(input: {recordId: "VALUE", accept: true}) { userErrors { code message } } }',
        'mutation { inviteCompanies(input: {recordId: "VALUE", companyIds: []}) { userErrors { code message } } }',
        '{ opportunity(id: "VALUE") { name } node(id: "VALUE") { id } }',
    )
    for text in texts:
        await same(box, text, HIDDEN, NEVER)
        assert SECRET.encode() not in (await box.post(ANN, text.replace("VALUE", HIDDEN), {})).body


async def test_row_11_hidden_is_null_without_an_error(box: Box) -> None:
    text = f'{{ opportunity(id: "{ASKED}") {{ name customer {{ segment }} mine {{ stage }} partners {{ notes }} }} }}'
    assert data(await box.post(ANN, text, {}))["opportunity"] == {
        "name": "Red",
        "customer": {"segment": None},
        "mine": None,
        "partners": [],
    }
    types = box.gateway.pipeline.models.base.schema.type_map
    for kind in box.gateway.pipeline.models.base.catalog.kinds:
        fields: Any = types[f"{kind.type_name}Side"]
        assert not [f.name for f in kind.side if str(fields.fields[f.name].type).endswith("!")]


async def test_row_12_introspection_is_one_for_all(box: Box) -> None:
    answers = {(await box.post(who, get_introspection_query(), {}))[:3] for who in (ANN, BOB)}
    assert len(answers) == 1


async def test_row_13_no_suggestions(box: Box) -> None:
    for text in (
        "{ opportunitie(first: 1) { totalCount } }",
        "{ opportunities(first: 1) { nodes { mine { note } } } }",
        "{ opportunities(first: 1, where: {nam: {eq: 1}}) { totalCount } }",
        "{ opportunities(first: 1, orderBy: [{mine: STAG}]) { totalCount } }",
        "{ opportunities(first: 1) { nodes { ... on Opportunit { id } } } }",
    ):
        body = (await box.post(ANN, text, {})).body
        assert b"errors" in body
        assert b"mean" not in body


async def test_row_15_who_declined_is_not_listed(box: Box) -> None:
    text = f'{{ opportunity(id: "{DEAL}") {{ participants {{ company {{ name }} }} }} }}'
    names = [p["company"]["name"] for p in data(await box.post(ANN, text, {}))["opportunity"]["participants"]]
    assert names == ["Bolt", "Acme"]


async def test_row_16_natural_keys_are_unique_in_one_space_alone(either: Box) -> None:
    text = f"""mutation {{ createOpportunity(input: {{name: "x",
      mine: {{crmRef: {{system: "crm", id: "{SECRET}"}}}}}}) {{
      userErrors {{ code }} }} }}"""
    assert data(await either.post(ANN, text, {}))["createOpportunity"]["userErrors"] == []


async def test_row_19_a_payload_is_what_a_query_gives(box: Box) -> None:
    chosen = "{ id updatedAt mine { version stage } partners { notes amount { amount } } participants { status } }"
    text = f'mutation {{ updateOpportunity(input: {{id: "{DEAL}", mine: {{stage: PROSPECT}}}}) {{ record {chosen} }} }}'
    payload = data(await box.post(ANN, text, {}))["updateOpportunity"]["record"]
    assert payload == data(await box.post(ANN, f'{{ opportunity(id: "{DEAL}") {chosen} }}', {}))["opportunity"]


async def test_row_20_shares_of_two_records_do_not_combine(box: Box) -> None:
    text = "{ opportunities(first: 9) { nodes { id partners { probability amount { amount } notes } } } }"
    found = {n["id"]: n["partners"] for n in data(await box.post(ANN, text, {}))["opportunities"]["nodes"]}
    assert found[DEAL] == [{"probability": 50, "amount": None, "notes": None}]
    assert found[OTHER] == [{"probability": None, "amount": {"amount": "7.00"}, "notes": None}]


async def test_row_31_the_same_bytes_of_two_callers(box: Box) -> None:
    text = "{ opportunities(first: 9) { totalCount nodes { mine { notes } partners { notes } } } }"
    first = await box.post(ANN, text, {})
    assert SECRET.encode() in (await box.post(BOB, text, {})).body
    again = await box.post(ANN, text, {})
    assert again[:3] == first[:3]
    assert SECRET.encode() not in again.body
    headers = dict(again.headers)
    assert headers[b"cache-control"] == b"private, no-store"
    assert b"Authorization" in headers[b"vary"]
    assert b"etag" not in headers


async def test_row_35_36_and_38_other_words_for_a_query_change_nothing(box: Box) -> None:
    plain = data(await box.post(ANN, f'{{ it: opportunity(id: "{DEAL}") {{ name partners {{ notes }} }} }}', {}))["it"]
    for text in (
        f'{{ it: node(id: "{DEAL}") {{ ... on Record {{ name }} ... on Opportunity {{ partners {{ notes }} }} }} }}',
        f'{{ it: node(id: "{DEAL}") {{ ... on Opportunity {{ name ...F }} }} }}'
        " fragment F on Opportunity { partners { notes } }",
        f"query($y: Boolean = true) {{ it: "
        f'opportunity(id: "{DEAL}") {{ name @include(if: $y) partners {{ notes @skip(if: false) }} }} }}',
    ):
        assert data(await box.post(ANN, text, {}))["it"] == plain
    for alias in ("__proto__", "constructor", "mask", "values", "mine"):
        text = f'{{ it: opportunity(id: "{DEAL}") {{ partners {{ {alias}: notes }} }} }}'
        assert data(await box.post(ANN, text, {}))["it"] == {"partners": [{alias: None}]}


async def test_row_39_nothing_is_told_beside_the_answer(box: Box) -> None:
    body = orjson.loads((await box.post(ANN, "{ viewer { email } }", {})).body)
    assert list(body) == ["data"]


async def test_row_42_no_part_of_a_hidden_text_is_found(either: Box) -> None:
    text = """query($text: String!, $kinds: [RecordKind!]) { search(text: $text, kinds: $kinds, first: 9) {
      totalCount edges { score cursor } pageInfo { hasNextPage endCursor } } }"""
    nothing = data(await either.post(ANN, text, {"text": "zz"}))
    assert nothing["search"]["totalCount"] == 0
    costs = set()
    for part in (SECRET, *words(SECRET), *(SECRET[i : i + 3] for i in range(len(SECRET) - 2))):
        for kinds in (None, ["OPPORTUNITY"]):
            found = await either.post(ANN, text, {"text": part, "kinds": kinds})
            assert data(found) == nothing, part
            costs.add((len(words(part)), kinds is None, found.counts))
    for part in (SECRET, *words(SECRET)):
        assert data(await either.post(BOB, text, {"text": part}))["search"]["totalCount"] == 4
    assert len(costs) == len({(number, whole) for number, whole, _ in costs})  # as many words, as many statements


async def test_row_43_hidden_texts_change_no_score_and_no_order(either: Box) -> None:
    text = """query($text: String!) { search(text: $text, first: 9) {
      totalCount pageInfo { hasNextPage startCursor endCursor } edges { score cursor node { id updatedAt } } } }"""
    plain, hidden = changes(), []
    for change in plain:
        if change.record != HIDDEN:
            hidden.append(replace(change, side={**(change.side or {}), "notes": "Red red Red", "competitor": "Red"}))
    more = [RecordId(made_id("opp", f"Red {n}")) for n in range(30)]
    hidden += [replace(plain[0], record=record, participants=OF_OTHERS) for record in more]
    await either.post(ANN, text, {"text": "red"})  # what is done but once, is done
    answers = []
    for world in (plain, hidden):
        await either.fill(PEOPLE, world)
        answers += [[(await either.post(ANN, text, {"text": each})) for each in ("red", "re", "red re")]]
    assert answers[0] == answers[1]
    scores = [[(e["node"]["id"], e["score"]) for e in data(a)["search"]["edges"]] for a in answers[0]]
    order = sorted((DEAL, OTHER, ASKED))  # of one time, so by their ids
    assert scores == [[(i, score) for i in order] for score in (8, 7, 15)]


def test_every_row_is_tested_or_explained() -> None:
    assert [row.number for row in ROWS] == list(range(1, 49))
    for row in ROWS:
        assert bool(row.tests) is not bool(row.reason), row
        for name in row.tests:
            file, _, function = name.partition("::")
            assert re.search(rf"def {function}\(", (ROOT / file).read_text(encoding="utf-8")), name


def test_the_document_is_the_same_table() -> None:
    lines = (ROOT / "docs" / "leaks.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if re.match(r"\| \d", line)] == [row.line() for row in ROWS]
