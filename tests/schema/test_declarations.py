"""The package's own declarations: every kind, field, picklist and struct is sound, whole and documented."""

import csv
import re
from pathlib import Path

import pytest

from schema.catalog import OWN, load_catalog
from schema.codes import COUNTRIES, MINOR_DIGITS
from schema.field import Base, Field
from schema.kind import Kind

CATALOG = load_catalog()
FIELDS = [(kind, field) for kind in CATALOG.kinds for field in kind.joint + kind.side]
DATA = Path(__file__).parents[3] / "shared/data/aws_partner_central/Opportunity_-_StandardValues.csv"


def names(kind: str, part: str, audience: str) -> str:
    return " ".join(f.name for f in CATALOG.by_name[kind].fields(part) if f.audience == audience)


def options(picklist: str) -> tuple[str, ...]:
    return dict(CATALOG.picklists)[picklist]


@pytest.mark.parametrize("path", sorted((OWN / "kinds").glob("*.toml")), ids=lambda path: path.stem)
def test_a_kind_is_30_to_60_lines(path: Path) -> None:
    assert 30 <= len(path.read_text().splitlines()) <= 60


def test_kinds_are_sorted_by_name() -> None:
    assert [k.name for k in CATALOG.kinds] == ["lead", "opportunity", "solution"]
    assert list(CATALOG.by_prefix) == ["lead", "opp", "sol"]


@pytest.mark.parametrize(("kind", "field"), FIELDS, ids=lambda value: value.name)
def test_every_field_is_documented_and_has_a_bit_and_a_column_of_its_own(kind: Kind, field: Field) -> None:
    assert re.fullmatch(r"[A-Z].*\.", field.doc)
    fields = kind.fields(field.part)
    assert fields[field.index - 1] is field
    assert re.fullmatch(r"[a-z0-9_]+", field.column)
    assert [f for f in fields if set(f.columns) & set(field.columns)] == [field]


def test_every_kind_picklist_struct_and_member_is_documented() -> None:
    docs = dict(CATALOG.docs)
    wanted = {name for name, _ in CATALOG.picklists} | {name for name, _ in CATALOG.structs}
    wanted |= {f"{name}.{member}" for name, struct in CATALOG.structs for member, _ in struct.members}
    assert docs.keys() == wanted
    assert all(doc.endswith(".") for doc in [*docs.values(), *(kind.doc for kind in CATALOG.kinds)])


def test_every_picklist_and_struct_is_used_and_every_value_has_a_label() -> None:
    used = {field.type.name for _, field in FIELDS}
    assert used >= {name for name, _ in CATALOG.picklists} | {name for name, _ in CATALOG.structs}
    labels = dict(CATALOG.labels)
    assert {name: len(values) for name, values in CATALOG.picklists} == {n: len(v) for n, v in labels.items()}
    assert labels["Industry"][options("Industry").index("ENERGY_OIL_GAS")] == "Energy - Oil & Gas"


@pytest.mark.parametrize(
    ("kind", "part", "audience", "fields"),
    [
        ("opportunity", "joint", "invited", "name customerAccountName industry region country motion"),
        ("opportunity", "joint", "participants", "segment sourcedBy influencedBy engagementStage"),
        (
            "opportunity",
            "side",
            "private",
            "stage forecastCategory amount expectedRevenue probability lineItems competitor closedLostReason notes "
            "nextStepsHistory crmRef owner",
        ),
        (
            "opportunity",
            "side",
            "participants",
            "nextStep targetCloseDate primaryNeeds solutions dealType deliveryModels teamContact status",
        ),
        (
            "lead",
            "joint",
            "invited",
            "companyName industry country source useCase businessProblem status acceptBy convertBy",
        ),
        ("lead", "joint", "participants", "website contactName contactEmail contactPhone contactTitle"),
        ("lead", "side", "private", "qualification score estimatedValue owner crmRef"),
        ("lead", "side", "participants", ""),
        (
            "solution",
            "joint",
            "invited",
            "name description type industries regions segments stage status",
        ),
        ("solution", "joint", "participants", "products complementary website"),
        ("solution", "side", "private", "investment margin roadmap revenue owner crmRef"),
        ("solution", "side", "participants", ""),
    ],
)
def test_default_audiences_are_those_of_the_vocabulary(kind: str, part: str, audience: str, fields: str) -> None:
    assert names(kind, part, audience) == fields


def test_the_customer_group_and_the_links() -> None:
    opportunity = CATALOG.by_name["opportunity"]
    customer = {f.key: f.type.name for f in opportunity.joint if f.group == "customer"}
    assert customer == {
        "name": "Text",
        "industry": "Industry",
        "region": "Region",
        "country": "Country",
        "segment": "Segment",
    }
    links = [(kind, field.name) for kind, field in CATALOG.linked_from["solution"]]
    assert links == [("opportunity", "solutions"), ("solution", "complementary")]


@pytest.mark.parametrize(
    ("picklist", "values"),
    [
        ("SalesMotion", "CO_SELL RESELL CROSS_SELL RENEWAL REFERRAL SELL_WITH SELL_THROUGH"),
        ("JointStage", "IDENTIFIED JOINT_ACCOUNT_PLANNING ENGAGED CONVERTED WON ON_HOLD DISCONTINUED LOST"),
        (
            "SalesStage",
            "PROSPECT QUALIFIED TECHNICAL_VALIDATION BUSINESS_VALIDATION COMMITTED LAUNCHED CLOSED_LOST",
        ),
        ("ForecastCategory", "OMITTED PIPELINE BEST_CASE MOST_LIKELY COMMIT CLOSED"),
        ("DealType", "NET_NEW RENEWAL EXPANSION"),
        ("LeadStatus", "OPEN RESEARCH QUALIFIED DISQUALIFIED ACCEPTED DECLINED EXPIRED CONVERTED"),
        ("LeadSource", "WEB PHONE PARTNER_REFERRAL PURCHASED_LIST MARKETING_ACTIVITY EVENT OTHER"),
        ("SolutionStatus", "DRAFT ACTIVE INACTIVE"),
    ],
)
def test_picklists_are_those_of_the_vocabulary(picklist: str, values: str) -> None:
    assert options(picklist) == tuple(values.split())


def column(name: str) -> list[str]:
    if not DATA.exists():
        pytest.skip("the AWS Partner Central matrices are not on this machine")
    with DATA.open(encoding="utf-8-sig", newline="") as file:
        return [row[name] for row in csv.DictReader(file) if row[name]]


@pytest.mark.parametrize(
    ("picklist", "source", "count"),
    [
        ("Industry", "industry", 28),
        ("Need", "partnerPrimaryNeedFromAws", 8),
        ("LostReason", "closedLostReason", 19),
        ("DeliveryModel", "deliveryModel", 6),
        ("ReviewStatus", "status", 6),
        ("SalesStage", "stage", 7),
    ],
)
def test_standard_picklists_are_those_of_the_data(picklist: str, source: str, count: int) -> None:
    labels = dict(CATALOG.labels)[picklist]
    # that no support is needed is no need: an empty list says it
    assert list(labels) == [label for label in column(source) if not label.startswith("Do Not Need")]
    assert options(picklist) == tuple(re.sub(r"[^A-Za-z0-9]+", "_", label).upper() for label in labels)
    assert len(labels) == count


def test_every_currency_of_the_data_is_known() -> None:
    assert set(column(" customerSoftwareValueCurrency")) <= set(MINOR_DIGITS)


def test_codes() -> None:
    assert len(COUNTRIES) == 249
    assert (COUNTRIES["GB"], COUNTRIES["US"]) == ("Britain (UK)", "United States")
    assert len(MINOR_DIGITS) == 174
    assert [MINOR_DIGITS[code] for code in ("USD", "JPY", "KWD", "CLF")] == [2, 0, 3, 4]
    assert all(re.fullmatch("[A-Z]{2}", code) for code in COUNTRIES)
    assert all(re.fullmatch("[A-Z]{3}", code) for code in MINOR_DIGITS)


@pytest.mark.parametrize(
    ("kind", "field", "before", "after", "allowed"),
    [
        ("opportunity", "stage", None, "LAUNCHED", True),
        ("opportunity", "stage", "PROSPECT", "PROSPECT", True),
        ("opportunity", "stage", "PROSPECT", "COMMITTED", True),
        ("opportunity", "stage", "COMMITTED", "QUALIFIED", True),
        ("opportunity", "stage", "BUSINESS_VALIDATION", "CLOSED_LOST", True),
        ("opportunity", "stage", "CLOSED_LOST", "QUALIFIED", True),
        ("opportunity", "stage", "CLOSED_LOST", "LAUNCHED", False),
        ("opportunity", "stage", "LAUNCHED", "CLOSED_LOST", False),
        ("opportunity", "stage", "PROSPECT", None, False),
        ("opportunity", "engagementStage", "ON_HOLD", "ENGAGED", True),
        ("opportunity", "engagementStage", "WON", "LOST", False),
        ("lead", "status", "OPEN", "ACCEPTED", True),
        ("lead", "status", "CONVERTED", "OPEN", False),
        ("solution", "status", "DRAFT", "ACTIVE", True),
        ("solution", "status", "ACTIVE", "INACTIVE", True),
        ("solution", "status", "INACTIVE", "ACTIVE", True),
        ("solution", "status", "DRAFT", "INACTIVE", False),
    ],
)
def test_lifecycles(kind: str, field: str, before: str | None, after: str | None, allowed: bool) -> None:
    lifecycle = {life.field: life for life in CATALOG.by_name[kind].lifecycles}[field]
    assert lifecycle.allows(before, after) is allowed


def test_every_value_of_a_lifecycle_can_be_reached_from_its_start() -> None:
    for kind in CATALOG.kinds:
        for lifecycle in kind.lifecycles:
            field = {f.name: f for f in kind.fields(lifecycle.part)}[lifecycle.field]
            reached = {lifecycle.initial or field.type.options[0]}
            for _ in field.type.options:
                reached |= {after for before, targets in lifecycle.moves if before in reached for after in targets}
            assert reached == set(field.type.options)


def test_money_takes_two_columns_and_lists_of_it_one() -> None:
    assert CATALOG.by_name["opportunity"].side_by_name["amount"].columns == ("amount_minor", "amount_currency")
    assert {f.name for _, f in FIELDS if len(f.columns) == 2} == {
        f.name for _, f in FIELDS if f.type.base is Base.MONEY
    }
