"""History tells nothing of what is hidden: worlds that hold the same now, and differ in how they came to it where the
viewer may not look, give the same bytes and cost the same."""

from typing import Any

import orjson
import pytest

from schema.money import Money
from schema.names import CompanyId, PersonId, RecordId
from schema.sharing import PARTICIPANTS, PRIVATE, Sharing
from spaces.change import Change, Participation
from spaces.fetch import PersonRow
from tests.leaks.boxes import Box, Observed
from tests.leaks.cast import ACME, AT_HOME, BASE, BOLT, BY_NAME, CORE, DUNE, PEOPLE, made_id
from tests.leaks.state import replay

DEAL, HIDDEN = RecordId(made_id("opp", "deal")), RecordId(made_id("sol", "hidden"))
SHOWN = RecordId(made_id("sol", "shown"))
ANN, AMY = BY_NAME["ann"], BY_NAME["amy"]
_PERSON = {company: PersonId(AT_HOME[company][0]) for company in (ACME, BOLT, CORE, DUNE)}

QUERY = """query($id: ID!, $first: Int, $after: String, $last: Int, $before: String, $fields: [String!]) {
  opportunity(id: $id) { history(first: $first, after: $after, last: $last, before: $before, fields: $fields) {
    totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor node {
      event at field from to company { name } person { name } participant { name } } } } } }"""


def at(day: int) -> str:
    return f"2025-06-{day:02}T00:00:00.000000Z"


def change(day: int, by: CompanyId, record: RecordId = DEAL, **rest: Any) -> Change:
    kind = BASE.by_prefix[record.partition("_")[0]]
    return Change(kind, record, by, _PERSON[by], at(day), **rest)


def takes(company: CompanyId, role: str, status: str) -> tuple[Participation, ...]:
    return (Participation(company, role, status),)


START = (
    change(1, BOLT, HIDDEN, creates=True, joint={"name": "Hidden"}, side={},
           participants=takes(BOLT, "OWNER", "ACCEPTED")),
    change(1, BOLT, SHOWN, creates=True, joint={"name": "Shown"}, side={},
           participants=(*takes(BOLT, "OWNER", "ACCEPTED"), *takes(ACME, "VIEWER", "ACCEPTED"))),
    change(1, BOLT, creates=True, joint={"name": "Deal", "industry": "AEROSPACE"}, side={"notes": "theirs"},
           participants=(*takes(BOLT, "OWNER", "ACCEPTED"), *takes(ACME, "PARTICIPANT", "INVITED"))),
)  # fmt: skip # reads better side by side
JOINING = (
    change(
        9, ACME, side={"notes": "ours", "amount": Money(1, "EUR")}, participants=takes(ACME, "PARTICIPANT", "ACCEPTED")
    ),
)
SEEN = (
    change(12, BOLT, joint={"name": "Red deal"}),
    change(13, ACME, side={"nextStep": "call", "solutions": (SHOWN,)}),
    change(14, BOLT, joint={"name": "Deal"}),
    change(15, ACME, side={"nextStep": "meet"}),
)
# What the viewer may not look at, none of which leaves a trace in what is there now.
BEFORE_IT_JOINED = (
    change(3, BOLT, joint={"name": "canary-before", "industry": None}),
    change(4, BOLT, joint={"name": "Deal", "industry": "AEROSPACE"}),
    change(5, BOLT, participants=takes(ACME, "COLLABORATOR", "INVITED")),
    change(6, BOLT, participants=takes(ACME, "PARTICIPANT", "INVITED")),
)
OF_ANOTHERS_SIDE = (
    change(
        10, BOLT, side={"notes": "canary-notes", "nextStep": "canary-step"}, sharing=Sharing((("notes", PARTICIPANTS),))
    ),
    change(11, BOLT, side={"notes": "theirs", "nextStep": None}, sharing=Sharing((("notes", PRIVATE),))),
)
OF_WHO_DECLINED = (
    change(11, BOLT, participants=takes(CORE, "VIEWER", "INVITED")),
    change(12, CORE, participants=takes(CORE, "VIEWER", "DECLINED")),
    change(12, BOLT, participants=takes(DUNE, "COLLABORATOR", "INVITED")),
    change(13, DUNE, participants=takes(DUNE, "COLLABORATOR", "ACCEPTED")),
    change(14, DUNE, participants=takes(DUNE, "COLLABORATOR", "WITHDRAWN")),
)
OF_HIDDEN_RECORDS = (
    change(14, ACME, side={"solutions": (SHOWN, HIDDEN)}),
    change(14, ACME, side={"solutions": (SHOWN,)}),
)
OF_ITS_OWN_SIDE = (
    change(13, ACME, side={"notes": "canary-own", "amount": Money(2, "EUR")}, sharing=Sharing((("stage", PRIVATE),))),
    change(14, ACME, side={"notes": "ours", "amount": Money(1, "EUR")}, sharing=Sharing((("stage", PARTICIPANTS),))),
)  # to be hidden from Amy, who hides private fields

WORLDS = {
    "before it joined": (ANN, BEFORE_IT_JOINED),
    "of another's side": (ANN, OF_ANOTHERS_SIDE),
    "of who declined": (ANN, OF_WHO_DECLINED),
    "of hidden records": (ANN, OF_HIDDEN_RECORDS),
    "of its own side": (AMY, OF_ITS_OWN_SIDE),
}


def world(*hidden: Change) -> list[Change]:
    """A world with these changes among the others, in the order of time."""
    changes = sorted((*JOINING, *SEEN, *hidden), key=lambda each: each.at)
    return replay((*START, *changes))[1]


async def everything(box: Box, who: PersonRow) -> list[Observed]:
    """The history walked in pages of two from both ends, as a whole, and by fields."""
    asked: list[dict[str, Any]] = [{"first": 100}, {"last": 2}, {"first": 9, "fields": ["notes", "name", "solutions"]}]
    found = [await box.post(who, QUERY, {"id": DEAL, **args}) for args in asked]
    for size, cursor, end in (("first", "after", "endCursor"), ("last", "before", "startCursor")):
        place = None
        for _ in range(6):
            found.append(await box.post(who, QUERY, {"id": DEAL, size: 2, cursor: place}))
            place = _connection(found[-1])["pageInfo"][end]
    return found


def _connection(found: Observed) -> Any:
    return orjson.loads(found.body)["data"]["opportunity"]["history"]


@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize("backend", ["memory", "sqlite"])
async def test_how_hidden_things_came_to_be_makes_no_difference(backend: str, name: str) -> None:
    who, hidden = WORLDS[name]
    box = Box(backend)
    answers = []
    for extra in ((), hidden):
        await box.fill(PEOPLE, world(*extra))
        await everything(box, who)  # what is compiled once is compiled now
        answers.append([found.without_questions() for found in await everything(box, who)])
    assert b"canary" not in b"".join(found.body for found in answers[1])
    assert _connection(answers[0][0])["totalCount"] == (3 if who is AMY else 7)
    assert answers[0] == answers[1]
    await box.close()


@pytest.mark.parametrize("backend", ["memory", "sqlite"])
async def test_a_write_costs_the_same_whether_a_hidden_value_was_the_same(backend: str) -> None:
    """Amy does not see her company's probability, and may write it. (A text's words are the index's business.)"""
    write = """mutation($id: ID!) { updateOpportunity(input: {id: $id, mine: {probability: 40}}) {
      record { id } userErrors { code } } }"""
    box, costs = Box(backend), []
    for probability in (40, 41):
        await box.fill(PEOPLE, world(change(16, ACME, side={"probability": probability})))
        await box.post(AMY, QUERY, {"id": DEAL, "first": 1})
        found = await box.post(AMY, write, {"id": DEAL})
        costs.append(found.without_questions())
    assert costs[0] == costs[1]
    await box.close()
