"""One small world whose hidden places are known by name, for the regression tests of the rows."""

from typing import Any

import orjson

from schema.money import Money
from schema.names import RecordId
from schema.sharing import PARTICIPANTS, Sharing
from spaces.change import Change, Participation
from tests.leaks.boxes import Box, Observed
from tests.leaks.cast import ACME, AT_HOME, BASE, BOLT, BY_NAME, CORE, PEOPLE, made_id
from tests.leaks.state import replay

ANN, BOB = BY_NAME["ann"], BY_NAME["bob"]
SECRET = "canary-1-x"
DEAL, OTHER, HIDDEN, ASKED = (RecordId(made_id("opp", n)) for n in ("deal", "other", "hidden", "asked"))
NEVER = made_id("opp", "never issued")
_KIND = BASE.by_name["opportunity"]
_AT = "2025-06-01T00:00:00.000000Z"
_KEY = {"system": "crm", "id": SECRET}


def _deal(record: RecordId, *parts: Participation, **given: Any) -> Change:
    joint = {"name": "Red", "segment": "ENTERPRISE", **given.pop("joint", {})}
    person = AT_HOME[BOLT][0]
    return Change(_KIND, record, BOLT, person, _AT, creates=True, joint=joint, participants=parts, **given)


def changes() -> list[Change]:
    """DEAL and OTHER: Bolt's with Acme, Core declined; each shares another field. HIDDEN: Bolt's alone. ASKED: Acme is
    invited. Bolt's notes, amount and CRM key are secret."""
    owner, acme = Participation(BOLT, "OWNER", "ACCEPTED"), Participation(ACME, "PARTICIPANT", "ACCEPTED")
    core, invited = Participation(CORE, "VIEWER", "DECLINED"), Participation(ACME, "VIEWER", "INVITED")
    side: dict[str, Any] = {"notes": SECRET, "amount": Money(1050, "USD"), "probability": 50, "nextStep": "Red"}
    first, second = Sharing((("probability", PARTICIPANTS),)), Sharing((("amount", PARTICIPANTS),))
    made = [
        _deal(DEAL, owner, acme, core, side=side, sharing=first),
        _deal(OTHER, owner, acme, side={**side, "amount": Money(700, "USD")}, sharing=second),
        _deal(HIDDEN, owner, joint={"name": SECRET}, side={**side, "crmRef": _KEY}, natural_key=f'["crm","{SECRET}"]'),
        _deal(ASKED, owner, invited, joint={"segment": "ENTERPRISE"}, side=side),
    ]
    return replay(made)[1]


_KEPT: dict[str, Box] = {}


async def fixed_box(backend: str, *, keep: bool = False) -> Box:
    """A box with this world in it. `keep` uses one gateway again, which takes long to make."""
    box = (_KEPT.get(backend) if keep else None) or Box(backend)
    if keep:
        _KEPT[backend] = box
    await box.fill(PEOPLE, changes())
    return box


def data(found: Observed) -> Any:
    """The data of an answer without errors."""
    body = orjson.loads(found.body)
    assert "errors" not in body, body
    return body["data"]
