"""What is refused where a company says who of its people is meant, what of them it keeps, and what rules are about."""

from typing import Any

import pytest

from schema.access_policy_read import define_policy
from schema.association_rule_read import define_association
from schema.errors import BadInput
from schema.people_filter import MOST_TESTS
from schema.person_attributes import MOST_ATTRIBUTES, read_attributes
from tests.schema.templates import KINDS, OWN, id_at

POLICY: dict[str, Any] = {
    "label": "Ours",
    "effect": "DENY",
    "actions": ["READ"],
    "fields": ["amount"],
    "who": "OWN",
    "people": {"role": {"eq": "seller"}},
}
RULE: dict[str, Any] = {
    "kind": "opportunity",
    "label": "Ours",
    "companies": [id_at("co", 2)],
    "role": "PARTICIPANT",
}


def deep(depth: int) -> dict[str, Any]:
    """A filter so many objects deep."""
    return {"not": deep(depth - 1)} if depth else {"role": {"eq": "seller"}}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "nothing"}, ("kind",)),
        ({"actions": ["READ", "BURN"]}, ("actions", "1")),
        ({"actions": []}, ("actions",)),
        ({"people": {"role": None}}, ("people", "role")),
        ({"people": {"role": {"in": [f"r{n}" for n in range(MOST_TESTS + 1)]}}}, ("people", "role", "in")),
        ({"people": {"or": 2 * [{"role": {"in": [f"r{n}" for n in range(MOST_TESTS // 2 + 1)]}}]}}, ("people",)),
        ({"people": deep(60)}, None),
    ],
)
def test_a_bad_access_policy_is_refused_at_its_place(change: dict[str, Any], field: tuple[str, ...] | None) -> None:
    assert define_policy(POLICY, KINDS, id_at("acp", 1), OWN, 1).label == "Ours"
    with pytest.raises(BadInput) as caught:
        define_policy({**POLICY, **change}, KINDS, id_at("acp", 1), OWN, 1)
    if field is None:
        assert "objects deep" in caught.value.message
        assert caught.value.field[0] == "people"
    else:
        assert caught.value.field == field


def test_an_association_rule_is_of_a_kind() -> None:
    assert define_association(RULE, KINDS, id_at("asr", 1), OWN, 1).kind == "opportunity"
    with pytest.raises(BadInput, match=r"^kind: There is no such kind.$"):
        define_association({**RULE, "kind": "nothing"}, KINDS, id_at("asr", 1), OWN, 1)


@pytest.mark.parametrize("given", ["region", {"name": "region"}, 3])
def test_attributes_are_a_list(given: object) -> None:
    with pytest.raises(BadInput, match=r"^attributes: A list is expected.$"):
        read_attributes(given)


def test_a_person_has_so_many_attributes() -> None:
    many = [{"name": f"a{n}", "values": ["x"]} for n in range(MOST_ATTRIBUTES + 1)]
    assert len(read_attributes(many[:-1])) == MOST_ATTRIBUTES
    with pytest.raises(BadInput, match="A person has at most"):
        read_attributes(many)
