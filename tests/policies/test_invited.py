"""Access policies of companies that have not accepted: what they are not shown is as not set."""

from dataclasses import replace

from schema.sharing_rule import Condition
from tests.policies.test_access_text import RECORD, person, policy, record, world


def test_what_invited_companies_do_not_see_is_as_not_set_in_their_policies() -> None:
    """Leak channel 1: a policy of one's own is a filter, too, that may test a field which one does not see."""
    secret = Condition("contact", "eq", "N", "record")
    denied = world(policy("DENY", "joint.*", people={}, actions=("READ", "RESPOND"), conditions=(secret,)))
    shown = world(policy("ALLOW", "joint.region", people={}, conditions=(secret,)))
    for contact in ("N", "S", None):
        for action in ("read", "respond"):
            assert record(denied, person(), action, status="INVITED", joint__contact=contact) == set()
        assert record(shown, person(), status="INVITED", joint__contact=contact) == {"exists", "name"}
    assert record(denied, person(), joint__contact="S") == record(shown, person(), joint__contact="N") == RECORD
    visible = replace(secret, field="region")
    mixed = world(policy("DENY", "joint.name", people={}, conditions=(secret, visible)))
    for contact in ("N", "S", None):
        closed = record(mixed, person(), status="INVITED", joint__contact=contact, joint__region="N")
        assert closed == {"exists", "region"}
        opened = record(mixed, person(), status="INVITED", joint__contact=contact, joint__region="S")
        assert opened == {"exists", "region", "name"}
