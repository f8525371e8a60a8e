"""Regression tests of what previews of one's own rules could tell of one's own data, by the row of docs/leaks.md."""

from dataclasses import replace
from typing import Any

from schema.access_policy import AccessPolicy
from schema.money import Money
from schema.names import RecordId
from schema.sharing import PARTICIPANTS
from schema.sharing_rule import Condition, SharingRule
from schema.values import canonical_json
from spaces.change import Change, Participation
from tests.leaks.boxes import Box, Observed
from tests.leaks.cast import ACME, AT_HOME, BASE, BOLT, BY_NAME, OWN_SCREEN, PEOPLE, Screen, made_id
from tests.leaks.documents import PREVIEW
from tests.leaks.settings import Setting
from tests.leaks.state import replay

ADA = BY_NAME["ada"]
DEAL = RecordId(made_id("opp", "deal"))
OPENED = SharingRule(made_id("shr", "a"), ACME, 1, "opportunity", "Amounts", "ALLOW", ("amount",), PARTICIPANTS)


async def previewed(setting: Setting, side: dict[str, Any], screen: Screen = OWN_SCREEN) -> Observed:
    """What Ada is told of a rule that opens the amount, where Acme has this side of a deal with Bolt."""
    parts = (Participation(ACME, "OWNER", "ACCEPTED"), Participation(BOLT, "PARTICIPANT", "ACCEPTED"))
    kind, at, joint = BASE.by_name["opportunity"], "2025-06-01T00:00:00.000000Z", {"name": "Red"}
    made = Change(kind, DEAL, ACME, AT_HOME[ACME][0], at, creates=True, joint=joint, participants=parts, side=side)
    box = Box("memory")
    await box.fill(PEOPLE, replay([made], setting)[1], setting)
    audience = {"kind": "PARTICIPANTS"}
    given = {"kind": "OPPORTUNITY", "label": "Tried", "effect": "ALLOW", "fields": ["amount"], "audience": audience}
    found = await box.post(ADA, PREVIEW, {"input": given, "company": BOLT}, screen)
    await box.close()
    return found.without_questions()


async def test_row_08_a_preview_of_a_rule_counts_nothing_that_its_author_hides_from_itself() -> None:
    setting, sides = Setting(-1, (), rules=(OPENED,)), ({"amount": Money(7, "EUR")}, {"amount": None})
    shown = [await previewed(setting, side) for side in sides]
    assert shown[0] != shown[1]
    hidden = [await previewed(setting, side, Screen(hides=True)) for side in sides]
    assert hidden[0] == hidden[1]
    assert b"FORBIDDEN" in hidden[0].body


async def test_row_08_a_preview_of_a_rule_counts_nothing_by_what_a_policy_hides_from_its_author() -> None:
    """Another rule opens the amount by a field that Ada does not see; the one that she tries asks nothing."""
    tested = replace(OPENED, conditions=(Condition("probability", "gte", 50),))
    people = canonical_json({"id": {"eq": ADA.id}})
    closed = AccessPolicy(
        made_id("acp", "a"), ACME, 1, "opportunity", "Not hers", "DENY", ("READ",), ("probability",), people
    )
    sides = [{"amount": Money(7, "EUR"), "probability": value} for value in (10, 90)]
    one, two = [await previewed(Setting(-1, (), rules=(tested,)), side) for side in sides]
    assert one != two
    one, two = [await previewed(Setting(-1, (), rules=(tested,), policies=(closed,)), side) for side in sides]
    assert one == two
    assert b'"before":0,"after":1' in one.body
