"""`multiway token`, `schema` and `explain`: they look at a folder while it is served, and say what holds there."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from graphql import GraphQLInputObjectType, GraphQLObjectType, GraphQLSchema, build_schema, get_named_type, is_leaf_type

from tests.commands.calls import call
from tests.commands.page import PAGE
from tests.commands.processes import Served, demo, failed, run
from tests.commands.values import made

ANA, NOOR, BEN = "ana@nimbus.example", "noor@nimbus.example", "ben@brightwater.example"
VERA, KAI, FINN = "vera@vector.example", "kai@keystone.example", "finn@fieldnote.example"
DEAL, INVITATION = "Harbour Line fleet data platform", "Ferrum Steel predictive upkeep"


class Told(NamedTuple):
    """What `explain` printed: (field, reader) with the reasons, and the fields that nobody else sees."""

    title: str
    seen: dict[tuple[str, str], str]
    unseen: set[str]


def explained(record: str, email: str, folder: Path) -> Told:
    """What `explain` prints, read line by line; every line is understood."""
    ended = call("explain", record, "--as", email, "--data", folder)
    assert (ended.code, ended.err) == (0, ""), ended
    first, second, *lines = ended.out.splitlines()
    assert second.startswith("The side of ")
    unseen = re.fullmatch(r"  Seen by nobody else: (.+)\.", lines[-1])
    found = [re.fullmatch(r"  (\w+) +seen by (.+?)  +(\S.*)", line) for line in (lines[:-1] if unseen else lines)]
    assert all(found), ended.out
    seen = {(match[1], match[2].strip()): match[3] for match in found if match}
    assert len(seen) == len(found)
    return Told(first, seen, set(unseen[1].split(", ")) if unseen else set())


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Path]]:
    """A demo that these tests change."""
    folder = tmp_path_factory.mktemp("look") / "data"
    with demo(folder) as served:
        yield served, folder


@pytest.fixture(scope="module")
def schema(folder: Path) -> GraphQLSchema:
    return build_schema(call("schema", "--data", folder).out)


def record_of(served: Served, who: str, name: str) -> str:
    """The id of the opportunity of this name."""
    return next(str(n["id"]) for n in served.ask(who, PAGE)["opportunities"]["nodes"] if n["name"] == name)


def test_a_token_signs_in_while_the_folder_is_served(served: Served, folder: Path) -> None:
    for email in served.tokens:
        ended = run("token", email, "--data", folder) if email == ANA else call("token", email, "--data", folder)
        assert (ended.code, ended.err, ended.out.count("\n")) == (0, "", 1)
        asked = "{ viewer { person { id } } }"
        assert served.ask(ended.out.strip(), asked) == served.ask(email, asked)


@pytest.mark.parametrize("command", [("token", "x@y.example"), ("schema", "--as", "x@y.example")])
def test_a_person_who_is_not_there_and_a_folder_without_a_network(
    folder: Path, served: Served, tmp_path: Path, command: tuple[str, ...]
) -> None:
    failed(call(*command, "--data", folder), "x@y.example", str(folder))
    failed(call(*command, "--data", tmp_path), str(tmp_path))
    failed(call(*command, "--data", tmp_path / "none"), str(tmp_path / "none"))
    assert list(tmp_path.iterdir()) == []


def test_the_schema_is_printed_as_it_is_served(served: Served, folder: Path, schema: GraphQLSchema) -> None:
    assert isinstance(schema.get_type("Opportunity"), GraphQLObjectType)
    assert call("schema").out == call("schema", "--as", ANA, "--data", folder).out
    names = {t["name"] for t in served.ask(ANA, "{ __schema { types { name } } }")["__schema"]["types"]}
    assert {name for name in schema.type_map if not name.startswith("__")} == {n for n in names if n[:2] != "__"}


def selection(schema: GraphQLSchema, type_name: str, without: tuple[str, ...]) -> str:
    """All fields of an object type, with the leaves of objects below."""
    found = []
    type_ = schema.get_type(type_name)
    assert isinstance(type_, GraphQLObjectType)
    for name, field in type_.fields.items():
        if name in without:
            continue
        named = get_named_type(field.type)
        if is_leaf_type(named):
            found.append(name)
        else:
            assert isinstance(named, GraphQLObjectType)
            leaves = [n for n, f in named.fields.items() if is_leaf_type(get_named_type(f.type))]
            found.append(f"{name} {{ {' '.join(leaves)} }}")
    return " ".join(found)


NO_SIDE_FIELDS = ("company", "updatedAt", "version", "sharing", "customFields")


def joint_solution(served: Served, who: str) -> str:
    """A solution of somebody's company that Nimbus and Vector take part in, so that a link to it shows."""
    invited = [viewer(served, guest)["company"]["id"] for guest in (ANA, VERA)]
    payload = served.do(who, "createSolution", {"name": "Together", "invite": invited}, "solution { id }")
    solution = str(payload["solution"]["id"])
    for guest in (ANA, VERA):
        served.do(guest, "respondToInvitation", {"recordId": solution, "accept": True})
    return solution


def set_all(served: Served, schema: GraphQLSchema, who: str, record: str) -> set[str]:
    """Gives every side field that has none a value. Returns the names of all side fields."""
    chosen = selection(schema, "OpportunitySide", NO_SIDE_FIELDS)
    query = f'{{ opportunity(id: "{record}") {{ mine {{ {chosen} }} }} }}'
    answer = served.ask(who, query)
    ids = {"solutions": [joint_solution(served, who)]}
    mine = answer["opportunity"]["mine"]
    wanted = schema.get_type("OpportunitySideInput")
    assert isinstance(wanted, GraphQLInputObjectType)
    given = {name: ids.get(name) or made(f.type, name) for name, f in wanted.fields.items() if mine[name] in (None, [])}
    served.do(who, "updateOpportunity", {"id": record, "mine": {**given, "nextStep": "All is set."}})
    mine = served.ask(who, query)["opportunity"]["mine"]
    assert [name for name, value in mine.items() if value in (None, [])] == []
    return set(mine)


def read_by(served: Served, schema: GraphQLSchema, who: str, record: str, owner: str) -> set[str] | None:
    """The fields of a company's side that really come with a value when somebody asks; None without that side."""
    chosen = selection(schema, "OpportunitySide", NO_SIDE_FIELDS)
    query = f'{{ opportunity(id: "{record}") {{ partners(companies: ["{owner}"]) {{ {chosen} }} }} }}'
    found = served.ask(who, query)["opportunity"]
    if found is None or not found["partners"]:
        return None
    (side,) = found["partners"]
    return {name for name, value in side.items() if value not in (None, [])}


def viewer(served: Served, who: str) -> dict[str, Any]:
    query = "{ viewer { person { id name } company { id name } } }"
    found: dict[str, Any] = served.ask(who, query)["viewer"]
    return found


def check_explained(own: tuple[Served, Path], schema: GraphQLSchema, record: str, fields: set[str]) -> Told:
    """What is explained of Brightwater's side is what a read shows, viewer by viewer and field by field."""
    served, folder = own
    told = explained(record, BEN, folder)
    owner = viewer(served, BEN)["company"]["id"]
    anybody = set()
    for who in (ANA, NOOR, VERA, KAI, FINN):
        me = viewer(served, who)
        names = (me["company"]["name"], f"{me['person']['name']} <{who}>")
        listed = {field for field, reader in told.seen if reader in names}
        assert listed == (read_by(served, schema, who, record, owner) or set()), who
        anybody |= listed
    assert told.unseen == fields - anybody
    assert all(told.seen.values())
    return told


def test_explain_tells_what_a_read_shows_field_by_field(own: tuple[Served, Path], schema: GraphQLSchema) -> None:
    served, _ = own
    record = record_of(served, BEN, DEAL)
    fields = set_all(served, schema, BEN, record)
    told = check_explained(own, schema, record, fields)
    assert told.title.startswith(f"Opportunity {record}, {DEAL}")
    assert told.seen["amount", "Nimbus Cloud"] == "shared with the company by name"
    assert ("amount", "Vector Analytics") not in told.seen
    assert "shared with all participants" in told.seen["nextStep", "Vector Analytics"]
    assert "notes" in told.unseen

    noor, vector = viewer(served, NOOR)["person"]["id"], viewer(served, VERA)["company"]["id"]
    keystone = viewer(served, KAI)["company"]["id"]
    for names, audience in (
        (["nextStep", "stage"], {"kind": "PRIVATE"}),
        (["notes"], {"kind": "SELECTED", "people": [noor]}),
        (["competitor", "amount"], {"kind": "SELECTED", "companies": [vector], "people": [noor]}),
        (["probability"], {"kind": "SELECTED", "companies": [keystone]}),  # takes no part, so sees nothing
        (["crmRef"], {"kind": "PARTICIPANTS"}),
    ):
        served.do(BEN, "shareFields", {"recordId": record, "fields": names, "audience": audience})
        told = check_explained(own, schema, record, fields)
    assert told.seen["notes", f"Noor Haddad <{NOOR}>"] == "shared with the person by name"
    assert {"nextStep", "stage", "probability"} <= told.unseen
    served.do(VERA, "withdraw", {"recordId": record})
    told = check_explained(own, schema, record, fields)
    assert "Vector Analytics" not in {reader for _, reader in told.seen}


def test_explain_lists_none_who_has_yet_to_answer(served: Served, folder: Path) -> None:
    record = record_of(served, FINN, INVITATION)
    told = explained(record, FINN, folder)
    assert told.seen == {}
    assert {"nextStep", "amount"} <= told.unseen


def test_explain_knows_no_record_where_there_is_no_side(served: Served, folder: Path) -> None:
    record = record_of(served, FINN, INVITATION)
    made_up = "opp_" + "0" * 26
    asked = [(record, ANA), (made_up, FINN), ("x", FINN), (viewer(served, FINN)["company"]["id"], FINN)]
    said = {failed(call("explain", *_as(each), "--data", folder)) for each in asked}
    assert said == {"multiway: No such record.\n"}
    invited = failed(call("explain", *_as((record, BEN)), "--data", folder))
    assert invited == "multiway: Your company has no side of this record yet.\n"
    failed(call("explain", record, "--as", "x@y.example", "--data", folder), "x@y.example")


def _as(asked: tuple[str, str]) -> tuple[str, str, str]:
    return asked[0], "--as", asked[1]


MAPPING = """
kind = "opportunity"
source = { format = "csv" }
participants.company = "{office}"
joint.name = "{name}"
[side]
crmRef = { system = "test", id = "{id}" }
amount = { amount = "{amount}", currency = "EUR" }
owner = { name = "{agent}", email = "{mail}" }
"""
ROWS = "id,office,name,amount,agent,mail\n1,East,First,10.50,Ann,ann@east.example\n2,East,,5,Ann,ann@east.example\n"


def test_an_import_is_served_and_changes_nothing_a_second_time(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text(ROWS)
    (tmp_path / "mapping.toml").write_text(MAPPING)
    (tmp_path / "settings.toml").write_text("data = 'data'\ndevelopment_issuer = true\nport = 0")
    source = (tmp_path / "deals.csv", "--mapping", tmp_path / "mapping.toml")
    first = run("import", *source, "--data", tmp_path / "data")
    assert (first.code, first.out) == (0, "1 loaded, 0 changed, 0 skipped, 1 refused; 1 new companies, 1 new people.\n")
    assert re.fullmatch(r"deals\.csv:3: \S[^\n]*\.\n", first.err)
    again = call("import", *source, "--config", tmp_path / "settings.toml", "--verbose")
    assert (again.code, again.out.split(";")[0]) == (0, "0 loaded, 0 changed, 1 skipped, 1 refused")
    assert "deals.csv:2: skipped" in again.err
    token = call("token", "ann@east.example", "--config", tmp_path / "settings.toml").out
    assert json.dumps(token)
    failed(call("demo", "--port", 0, "--data", tmp_path / "data"), "without the demo people")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (MAPPING.replace("joint.name", "joint.nam"), "nam"),
        (MAPPING + "colour = 1\n", "colour"),
        (MAPPING.replace("[side]", "[side"), "line"),
        (MAPPING.replace("{amount}", "{amuont}"), "amuont"),
        (None, "mapping.toml"),
    ],
)
def test_a_wrong_mapping_is_a_failure_with_its_file_and_key(tmp_path: Path, text: str | None, told: str) -> None:
    (tmp_path / "deals.csv").write_text(ROWS)
    if text is not None:
        (tmp_path / "mapping.toml").write_text(text)
    source = (tmp_path / "deals.csv", "--mapping", tmp_path / "mapping.toml")
    failed(call("import", *source, "--data", tmp_path / "data"), f"multiway: {tmp_path / 'mapping.toml'}: ", told)
    assert not (tmp_path / "data").exists()


def test_a_source_that_is_not_there_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "mapping.toml").write_text(MAPPING)
    arguments = ("--mapping", tmp_path / "mapping.toml", "--data", tmp_path / "data")
    failed(call("import", tmp_path / "none.csv", *arguments), f"multiway: {tmp_path / 'none.csv'} cannot be read: ")
    assert not (tmp_path / "data").exists()


def test_a_mapping_and_a_source_are_named_as_they_were_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m.toml").write_text(MAPPING + "colour = 1\n")
    told = failed(call("import", "in/deals.csv", "--mapping", "m.toml"))
    assert told.startswith("multiway: m.toml: side.colour: ")
    (tmp_path / "m.toml").write_text(MAPPING)
    told = failed(call("import", "in/deals.csv", "--mapping", "m.toml"))
    assert told == "multiway: in/deals.csv cannot be read: No such file or directory.\n"
    assert [path.name for path in tmp_path.iterdir()] == ["m.toml"]
