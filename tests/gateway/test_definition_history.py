"""The history of templates, sharing rules and access policies: for admins of the company whose they are."""

from typing import Any

from gateway import definitions
from gateway.definition_history import SORTS
from tests.gateway.access import define as define_policy
from tests.gateway.deals import deal
from tests.gateway.people import company
from tests.gateway.rules import RETIRE, define, rule
from tests.gateway.world import World

ALL = """query($first: Int, $after: String, $last: Int, $before: String, $id: ID) {
  definitionHistory(first: $first, after: $after, last: $last, before: $before, id: $id) {
    totalCount pageInfo { hasNextPage hasPreviousPage endCursor }
    nodes { definition sort version at person { name } from to } } }"""
OWN = """{ templates { key history(first: 9) { totalCount nodes { version to } } }
  sharingRules { label history(first: 9) { totalCount nodes { version from to } } } }"""
TEMPLATE = """mutation($input: DefineTemplateInput!) { defineTemplate(input: $input) {
  template { id version } userErrors { code message } } }"""
SHARE = """mutation($input: ShareTemplateInput!) { shareTemplate(input: $input) { userErrors { code } } }"""


def template(**given: Any) -> dict[str, Any]:
    field = {"key": "region", "type": "TEXT", "label": "Region"}
    return {"kind": "OPPORTUNITY", "key": "extra", "label": "Extra", "fields": [field], **given}


async def declared(world: World, who: str = "ada", **given: Any) -> str:
    """Defines a template and gives its id."""
    found = (await world.data(who, TEMPLATE, input=template(**given)))["defineTemplate"]
    assert found["userErrors"] == []
    return str(found["template"]["id"])


async def told(world: World, who: str = "ada", **args: Any) -> Any:
    return (await world.data(who, ALL, **{"first": 50, **args}))["definitionHistory"]


async def test_every_version_of_all_that_is_defined(bare: World) -> None:
    id_ = await declared(bare)
    made = await define(
        bare, rule(fields=("amount", "region"), conditions=[{"field": "stage", "op": "EQ", "value": "QUALIFIED"}])
    )
    await define(bare, rule("DENY", ruleId=made["id"]))
    other = {"key": "branch", "type": "TEXT", "label": "Branch", "audience": "PARTICIPANTS"}
    await declared(bare, templateId=id_, label="More", fields=[other], clientMutationId="k")
    await bare.data("ada", RETIRE, input={"ruleId": made["id"]})
    found = await told(bare)
    assert found["totalCount"] == 5
    nodes = found["nodes"]
    assert [(n["definition"], n["sort"], n["version"], n["person"]["name"]) for n in nodes] == [
        (made["id"], "SHARING_RULE", 3, "Ada"),
        (id_, "TEMPLATE", 2, "Ada"),
        (made["id"], "SHARING_RULE", 2, "Ada"),
        (made["id"], "SHARING_RULE", 1, "Ada"),
        (id_, "TEMPLATE", 1, "Ada"),
    ]
    assert sorted((n["at"] for n in nodes), reverse=True) == [n["at"] for n in nodes]
    retired, renamed, denied, allowed, first = nodes
    assert (retired["to"], retired["from"]) == (None, denied["to"])
    assert (denied["from"], allowed["from"], first["from"]) == (allowed["to"], None, None)
    assert denied["to"]["effect"] == "DENY"
    assert (allowed["to"]["kind"], allowed["to"]["fields"][0]) == ("OPPORTUNITY", "amount")
    assert allowed["to"]["fields"][1].startswith("cf_")  # the field is gone
    assert allowed["to"]["conditions"] == [{"of": "SIDE", "field": "stage", "op": "EQ", "value": "QUALIFIED"}]
    assert (renamed["from"], renamed["to"]["label"]) == (first["to"], "More")
    assert renamed["to"]["fields"] == [other]
    assert first["to"] == template()
    # what it was can be defined again as it is
    again = await define(bare, {**allowed["to"], "fields": ["amount"]})
    assert again["version"] == 1


async def test_of_one_definition_and_in_pages(bare: World) -> None:
    first, second = await declared(bare), await declared(bare, key="other", fields=[])
    for number in range(3):
        await declared(bare, templateId=first, label=f"L{number}")
    whole = await told(bare)
    assert [n["definition"] for n in whole["nodes"]] == [first] * 3 + [second, first]
    page = await told(bare, first=2)
    assert (page["nodes"], page["pageInfo"]["hasNextPage"], page["pageInfo"]["hasPreviousPage"]) == (
        whole["nodes"][:2],
        True,
        False,
    )
    rest = await told(bare, after=page["pageInfo"]["endCursor"])
    assert rest["nodes"] == whole["nodes"][2:]
    last = await bare.data("ada", ALL, last=1, before=page["pageInfo"]["endCursor"])
    assert last["definitionHistory"]["nodes"] == whole["nodes"][:1]
    one = await told(bare, id=first)
    assert [n["version"] for n in one["nodes"]] == [4, 3, 2, 1]
    (error,) = (await bare.ask("ada", ALL, first=1, after=page["pageInfo"]["endCursor"], id=first))["errors"]
    assert error["extensions"] == {"code": "BAD_INPUT", "field": ["after"]}
    (error,) = (await bare.ask("ada", ALL))["errors"]
    assert error["extensions"]["code"] == "PAGE_SIZE"


async def test_beside_each_template_and_rule(bare: World) -> None:
    id_ = await declared(bare)
    await bare.data("ada", SHARE, input={"templateId": id_, "companies": [company("bolt")]})
    await declared(bare, key="other", fields=[])
    made = await define(bare, rule())
    await define(bare, rule("DENY", ruleId=made["id"]))
    calls = []
    plain = bare.spaces.past_versions

    async def counting(asked: Any) -> Any:
        calls.append(asked.ids)
        return await plain(asked)

    bare.spaces.past_versions = counting  # type: ignore[method-assign]  # counts, and does the same
    found = await bare.data("ada", OWN)
    assert [len(ids) for ids in calls] == [2, 1]
    assert [(t["key"], [n["version"] for n in t["history"]["nodes"]]) for t in found["templates"]] == [
        ("extra", [2, 1]),
        ("other", [1]),
    ]
    assert found["templates"][0]["history"]["nodes"][0]["to"]["sharedWith"] == [company("bolt")]
    assert found["templates"][1]["history"]["nodes"][0]["to"]["fields"] == []  # the input demands it
    (told_rule,) = found["sharingRules"]
    assert [(n["from"] or {}).get("effect") for n in told_rule["history"]["nodes"]] == ["ALLOW", None]


async def test_for_admins_alone_and_of_their_company(bare: World) -> None:
    id_ = await declared(bare)
    await bare.data("ada", SHARE, input={"templateId": id_, "companies": [company("bolt")]})
    await define(bare, rule())
    for who in ("ann", "abe", "bob"):
        for text, args in ((ALL, {"first": 1}), (ALL, {"first": 1, "id": id_})):
            body = await bare.ask(who, text, **args)
            assert (body["data"], body["errors"][0]["extensions"]["code"]) == (None, "FORBIDDEN")
    ours = await bare.data("ann", OWN)
    assert [each["history"] for each in (*ours["templates"], *ours["sharingRules"])] == [None, None]
    # Bolt's admin sees the template that is shared with its company, and nothing of how it came about
    theirs = await bare.data("bud", OWN)
    assert theirs == {"templates": [{"key": "extra", "history": None}], "sharingRules": []}
    assert (await told(bare, "bud"))["nodes"] == (await told(bare, "bud", id=id_))["nodes"] == []
    assert await told(bare, "bud", id=id_) == await told(bare, "bud", id="tpl_none")


async def test_access_policies(bare: World) -> None:
    said: dict[str, Any] = {"label": "No amounts", "effect": "DENY", "actions": ["READ"], "fields": ["amount"]}
    said |= {"kind": "OPPORTUNITY", "who": "OWN", "people": {"role": {"eq": "reader"}}}
    made = await define_policy(bare, said)
    await define_policy(bare, {**said, "policyId": made["id"], "fields": ["amount", "notes"]})
    nodes = (await told(bare, id=made["id"]))["nodes"]
    assert [(n["sort"], n["version"], n["to"]["fields"]) for n in nodes] == [
        ("ACCESS_POLICY", 2, ["amount", "notes"]),
        ("ACCESS_POLICY", 1, ["amount"]),
    ]
    assert {name: nodes[0]["from"][name] for name in said} == said
    text = "{ accessPolicies { history(first: 1) { totalCount nodes { to } } } }"
    (policy,) = (await bare.data("ada", text))["accessPolicies"]
    assert policy["history"] == {"totalCount": 2, "nodes": [{"to": nodes[0]["to"]}]}


async def test_records_that_a_rule_names_show_as_far_as_they_exist(bare: World) -> None:
    ours, theirs = await deal(bare, "Ours"), await deal(bare, "Theirs", by="bob", accepted="acme")
    made = await define(bare, rule(recordIds=[ours, theirs]))
    await bare.done("ann", "withdraw", recordId=theirs)
    await bare.data("ada", RETIRE, input={"ruleId": made["id"]})
    retired, first = (await told(bare))["nodes"]
    assert retired["from"] == first["to"]
    assert first["to"]["recordIds"] == [ours]


def test_every_sort_of_definition_can_be_told() -> None:
    assert set(SORTS.values()) == {each for each in vars(definitions).values() if isinstance(each, definitions.Sort)}


async def test_association_rules(bare: World) -> None:
    said = {"kind": "OPPORTUNITY", "label": "Bolt's", "companies": [company("bolt")], "role": "VIEWER"}
    text = """mutation($input: DefineAssociationRuleInput!) { defineAssociationRule(input: $input) {
      associationRule { id history(first: 1) { nodes { version to } } } userErrors { code } } }"""
    found = (await bare.data("ada", text, input=said))["defineAssociationRule"]
    (node,) = found["associationRule"]["history"]["nodes"]
    assert {name: node["to"][name] for name in said} == said
    (told_of,) = (await told(bare, id=found["associationRule"]["id"]))["nodes"]
    assert (told_of["sort"], told_of["to"]) == ("ASSOCIATION_RULE", node["to"])
