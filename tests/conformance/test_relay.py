"""Relay: its compiler takes paginated, refetchable fragments over our SDL, what it makes of them is answered, and the
SDL keeps to the rules of its connections."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLInterfaceType, GraphQLObjectType, build_schema, get_named_type

from tests.commands.processes import Served
from tests.conformance.tools import node_modules, run

RULES = "relay-page-info-spec,relay-connection-types-spec,relay-connection-arguments-spec"

RECORD = """
export const record = graphql`
  fragment %(kind)s_record on %(kind)s @refetchable(queryName: "%(kind)sRecordQuery") { id createdAt updatedAt }
`;
"""
PAGE = """
export const page = graphql`
  fragment %(kind)sPage_page on Query
  @refetchable(queryName: "%(kind)sPageNextQuery")
  @argumentDefinitions(
    first: { type: "Int" }
    after: { type: "String" }
    last: { type: "Int" }
    before: { type: "String" }
  ) {
    %(field)s(first: $first, after: $after, last: $last, before: $before) @connection(key: "%(kind)sPage_%(field)s") {
      edges { node { id ...%(kind)s_record } }
    }
  }
`;
export const query = graphql`
  query %(kind)sPageQuery { ...%(kind)sPage_page @arguments(first: 1) }
`;
"""
SEARCH = """
export const hit = graphql`
  fragment search_hit on Record { __typename id ... on Opportunity { name } ... on Lead { companyName } }
`;
export const page = graphql`
  fragment search_page on Query
  @refetchable(queryName: "searchNextQuery")
  @argumentDefinitions(text: { type: "String!" }, first: { type: "Int" }, after: { type: "String" }) {
    search(text: $text, first: $first, after: $after) @connection(key: "search_search", filters: ["text"]) {
      edges { score node { id ...search_hit } }
    }
  }
`;
export const query = graphql`
  query searchQuery($text: String!) { ...search_page @arguments(text: $text, first: 2) }
`;
"""


NAMED_BY = {"Opportunity": "name", "Lead": "companyName", "Solution": "name"}
"""What a record of each kind cannot be without."""


def connections(sdl: str) -> dict[str, str]:
    """The root fields that are connections of one kind, with their kinds."""
    schema = build_schema(sdl)
    query, record = schema.query_type, schema.type_map["Record"]
    assert query is not None
    assert isinstance(record, GraphQLInterfaceType)
    kinds = {type_.name for type_ in schema.get_implementations(record).objects}
    found = {}
    for name, field in query.fields.items():
        type_ = get_named_type(field.type)
        if isinstance(type_, GraphQLObjectType) and type_.name.removesuffix("Connection") in kinds - {type_.name}:
            found[name] = type_.name.removesuffix("Connection")
    return found


def compiled(folder: Path, sdl: str, sources: dict[str, str]) -> tuple[str, dict[str, str]]:
    """What the compiler says, empty where it is content, and the text of each query that it makes."""
    (folder / "src").mkdir()
    (folder / "schema.graphql").write_text(sdl)
    for name, text in sources.items():
        (folder / "src" / f"{name}.js").write_text('import { graphql } from "react-relay";\n' + text)
    config = {"src": "./src", "schema": "./schema.graphql", "language": "javascript", "eagerEsModules": True}
    (folder / "relay.config.json").write_text(json.dumps(config))
    ended = run(node_modules() / ".bin" / "relay-compiler", "relay.config.json", folder=folder)
    texts = {}
    for artifact in folder.glob("src/__generated__/*Query.graphql.js"):
        found = re.search(r'^\s*"text": (".*")$', artifact.read_text(), re.MULTILINE)
        assert found, artifact.name
        texts[artifact.name.removesuffix(".graphql.js")] = json.loads(found[1])
    return "" if ended.returncode == 0 else ended.stdout + ended.stderr, texts


def test_the_compiler_takes_pages_and_refetches_of_every_kind(
    served: Served, token: str, sdl: str, tmp_path: Path
) -> None:
    kinds = connections(sdl)
    assert {*kinds.values()} == {*NAMED_BY}
    sources = {kind: RECORD % {"kind": kind} for kind in kinds.values()}
    sources |= {f"{kind}Page": PAGE % {"kind": kind, "field": field} for field, kind in kinds.items()}
    said, texts = compiled(tmp_path, sdl, sources)
    assert said == ""
    for field, kind in kinds.items():
        for name in ("One", "Another"):
            served.do(token, f"create{kind}", {NAMED_BY[kind]: name})
        first = served.ask(token, texts[f"{kind}PageQuery"])[field]
        cursor = first["pageInfo"]["endCursor"]
        assert first["pageInfo"]["hasNextPage"]
        following = served.ask(token, texts[f"{kind}PageNextQuery"], {"first": 1, "after": cursor})[field]
        (node,), (other,) = ([edge["node"] for edge in page["edges"]] for page in (first, following))
        assert node["id"] != other["id"]
        back = {"last": 1, "before": following["edges"][0]["cursor"]}
        assert served.ask(token, texts[f"{kind}PageNextQuery"], back)[field]["edges"][0]["node"] == node
        again = served.ask(token, texts[f"{kind}RecordQuery"], {"id": node["id"]})["node"]
        assert again.items() >= {key: node[key] for key in ("id", "createdAt", "updatedAt")}.items()


def test_the_compiler_takes_pages_of_a_search(served: Served, token: str, sdl: str, tmp_path: Path) -> None:
    said, texts = compiled(tmp_path, sdl, {"search": SEARCH})
    assert said == ""
    for kind, field in NAMED_BY.items():
        served.do(token, f"create{kind}", {field: "Zephyr"})
    given = {"text": "zeph"}
    first = served.ask(token, texts["searchQuery"], given)["search"]
    following = served.ask(
        token, texts["searchNextQuery"], {**given, "first": 2, "after": first["pageInfo"]["endCursor"]}
    )["search"]
    hits = [edge["node"] for page in (first, following) for edge in page["edges"]]
    assert {hit["__typename"] for hit in hits} == {*NAMED_BY}
    assert [edge["score"] for edge in first["edges"]] == [7, 7]
    assert not following["pageInfo"]["hasNextPage"]


def test_the_compiler_refuses_a_connection_without_its_parts(sdl: str, tmp_path: Path) -> None:
    field, kind = next(iter(connections(sdl).items()))
    broken = sdl.replace("  edges: [", "  pieces: [")
    said, _ = compiled(tmp_path, broken, {f"{kind}Page": PAGE % {"kind": kind, "field": field}})
    assert "edges" in said


def linted(folder: Path, sdl: str) -> list[Any]:
    (folder / "schema.graphql").write_text(sdl)
    linter = node_modules() / ".bin" / "graphql-schema-linter"
    ended = run(linter, "--rules", RULES, "--format", "json", "schema.graphql", folder=folder)
    assert ended.returncode in (0, 1), ended.stderr
    found: list[Any] = json.loads(ended.stdout)["errors"]
    return found


def test_the_schema_keeps_the_rules_of_relay(sdl: str, tmp_path: Path) -> None:
    assert linted(tmp_path, sdl) == []


@pytest.mark.parametrize(
    ("good", "bad", "rule"),
    [
        ("hasNextPage: Boolean!", "hasNextPage: Boolean", "relay-page-info-spec"),
        ("pageInfo: PageInfo!", "pageInfo: PageInfo", "relay-connection-types-spec"),
        ("after: String, last: Int, before: String", "last: Int", "relay-connection-arguments-spec"),
    ],
)  # fmt: skip # a table, a row a line
def test_the_rules_see_a_fault(sdl: str, tmp_path: Path, good: str, bad: str, rule: str) -> None:
    assert good in sdl
    assert {found["rule"] for found in linted(tmp_path, sdl.replace(good, bad))} == {rule}
