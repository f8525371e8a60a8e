"""Mappings that are wrong: one sentence with file and key, and nothing is loaded."""

from pathlib import Path

import pytest

from gateway.importing.mapping_file import read_mapping
from gateway.importing.opening import open_source
from schema.declaration import read_table
from schema.errors import BadDeclaration
from tests.importing.world import CATALOG, GOOD, HEAD, MAPPING, NESTED, World

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
LOOKUP = '[lookup.team]\nfile = "teams.csv"\nkey = "code"\nby = "{office}"\n'


def side(line: str) -> tuple[str, str]:
    """The usual mapping with one more line at its end, which is among the side's fields."""
    return MAPPING, MAPPING + line + "\n"


def replaced(old: str, new: str, mapping: str = MAPPING) -> tuple[str, str]:
    return mapping, mapping.replace(old, new)


BAD = [
    (replaced("kind =", "kinds ="), "kinds: there is no such key."),
    (replaced('kind = "opportunity"', ""), "kind: must be a text."),
    (replaced('"opportunity"', '"oportunity"'), 'kind: there is no kind "oportunity".'),
    (replaced('"csv"', '"xml"'), 'source.format: must be "csv" or "json".'),
    (replaced('"csv"', '"csv", sheet = 1'), "source.sheet: there is no such key."),
    (replaced('"csv"', '"csv", items = "$[*]"'), "source.items: only JSON has a path to its items."),
    (replaced('"csv"', '"csv", delimiter = ", "'), "source.delimiter: must be one sign."),
    (replaced('"csv"', '"csv", encoding = "utf-99"'), "source.encoding: there is no such encoding."),
    (replaced('"csv"', '"csv", encoding = "hex"'), "source.encoding: there is no such encoding."),
    (replaced('"csv"', '"csv", file = "../secret"'), "source.file: must be a file in the source's own folder."),
    (replaced('"json"', '"json"\ndelimiter = ";"', NESTED), "source.delimiter: only CSV has one."),
    (replaced('"$[*].awards[*]"', '"awards"', NESTED), 'source.items: must be a path like "$[*].awards[*]"'),
    (replaced('"$[*].awards[*]"', '"$.awards"', NESTED), 'source.items: must be a path like "$[*].awards[*]"'),
    (replaced('as = "supplier"', "", NESTED), "participants.as: must be a text."),
    (replaced('as = "supplier"', 'as = "A b"', NESTED), "participants.as: a name has small letters, digits and _."),
    (replaced('"suppliers"', '"suppliers[*]"', NESTED), 'participants.each: "suppliers[*]" is not a path like'),
    (replaced('"{office}"', "5"), "participants.company: A text is expected."),
    (replaced('participants.company = "{office}"', ""), "participants.company: must be a text, a number"),
    (replaced('.company = "{office}"', '.each = "x"'), "participants.each: only a JSON item has a list"),
    (replaced('.company = "{office}"', '.as = "x"'), 'participants.as: stands only beside "each".'),
    (replaced("joint.name", "joint.nam"), 'joint.nam: the kind "opportunity" has no such field.'),
    (replaced('joint.name = "{name}"', ""), "joint.name: is needed: the kind requires this field."),
    (replaced("crmRef", "notes"), "side.notes.system: there is no such key."),
    (replaced('"test", id', '"test", ident'), "side.crmRef.ident: there is no such key."),
    (replaced('system = "test", ', ""), "side.crmRef.system: is needed."),
    (replaced("LAUNCHED", "LAUNCHD"), "side.stage.map.Won: This is not a value of SalesStage."),
    (replaced('"USD"', '"US"'), "side.amount.currency: This is not a value of Currency."),
    (replaced(', currency = "USD"', ""), "side.amount.currency: is needed."),
    (replaced('{ amount = "{amount}", currency = "USD" }', '"{amount}"'), "side.amount: must be a table."),
    (replaced("%d/%m/%Y", "%d/%Q"), "side.targetCloseDate.format: must be a form like %d/%m/%Y."),
    (replaced("%d/%m/%Y", "%d %d"), "side.targetCloseDate.format: must be a form like %d/%m/%Y."),
    (replaced("{closes}", "{close"), "side.targetCloseDate.value: a brace stands alone"),
    (replaced("{closes}", "{closed}"), 'side.targetCloseDate.value: there is no column "closed".'),
    (replaced("[side]", f'{LOOKUP}[side]\nnotes = "{{team.x}}"'), 'side.notes: there is no column "team.x".'),
    (replaced("[side]", LOOKUP.replace("code", "x") + "[side]"), 'lookup.team.key: teams.csv has no column "x".'),
    (replaced("[side]", LOOKUP + "optional = false\n[side]"), "lookup.team.optional: must be true, or be left out."),
    (replaced("[side]", LOOKUP.replace("team]", "Team]") + "[side]"), "lookup.Team: a name has small letters"),
    (replaced("[side]", "lookup.team = 5\n[side]"), "lookup.team: must be a table."),
    (side('probability = "50"'), "side.probability: A whole number is expected."),
    (side("probability = 101"), "side.probability: A whole number from 0 to 100 is expected."),
    (side("probability = 1979-05-27"), "side.probability: must be a text, a number"),
    (side('nextStepsHistory = ["x"]'), "side.nextStepsHistory: the gateway keeps this field itself."),
    (side('solutions = ["{id}"]'), "side.solutions: a link to another record cannot be imported."),
    (side('lineItems = "{id}"'), "side.lineItems: must be a list of tables."),
    (side("lineItems = [{ quantity = 1 }]"), "side.lineItems.0.name: is needed."),
    (side('primaryNeeds = ["{id}", "NONE"]'), "side.primaryNeeds.1: This is not a value of Need."),
    (side("notes = {}"), 'side.notes: needs either "value" or "first".'),
    (side('notes = { value = "a", first = ["b"] }'), 'side.notes: needs either "value" or "first".'),
    (side('notes = { valu = "a" }'), "side.notes.valu: there is no such key."),
    (side('notes = { first = "{id}" }'), "side.notes.first: must be a list of texts."),
    (side('notes = { value = "{id}", format = "%Y" }'), "side.notes.format: only a date or time has one."),
    (side('notes = { value = "{id}", split = ";" }'), "side.notes.split: only a list is split."),
    (side('notes = { value = "{id}", otherwise = "x" }'), 'side.notes.otherwise: stands only beside "map".'),
    (side('notes = { value = "{id}", alias = { a = 1 } }'), "side.notes.alias.a: must be a text."),
    (side('notes = ""'), "side.notes: must be a text, a number"),
    (side('competitor = { value = "{id}", map = { a = "B" }, otherwise = 1 }'), "side.competitor.otherwise: A text"),
    (side('dealType = { value = "{id}", map = "x" }'), "side.dealType.map: must be a table."),
    (side("[owner_side]\nx = 1"), 'owner_side.x: the kind "opportunity" has no such field.'),
]


@pytest.mark.parametrize(("mappings", "sentence"), BAD, ids=[sentence for _, sentence in BAD])
def test_a_wrong_mapping_is_one_sentence_with_file_and_key(
    tmp_path: Path, mappings: tuple[str, str], sentence: str
) -> None:
    right, wrong = mappings
    (tmp_path / "mapping.toml").write_text(wrong)
    source = tmp_path / ("data.json" if right is NESTED else "data.csv")
    source.write_text("[]" if right is NESTED else HEAD + GOOD)
    (tmp_path / "teams.csv").write_text("code,office\n")
    with pytest.raises(BadDeclaration) as caught:
        open_source(source, tmp_path / "mapping.toml", CATALOG)
    assert caught.value.message.startswith(f"{tmp_path}/mapping.toml: {sentence}")
    assert caught.value.message.endswith(".")
    assert "\n" not in caught.value.message
    (tmp_path / "mapping.toml").write_text(right)
    open_source(source, tmp_path / "mapping.toml", CATALOG)


def test_the_natural_key_is_needed(tmp_path: Path) -> None:
    (tmp_path / "mapping.toml").write_text(MAPPING.replace('crmRef = { system = "test", id = "{id}" }', ""))
    with pytest.raises(BadDeclaration, match=r"side\.crmRef: is needed: it is the natural key"):
        read_mapping(tmp_path / "mapping.toml", CATALOG)


def test_a_folder_needs_the_name_of_its_file(tmp_path: Path) -> None:
    (tmp_path / "mapping.toml").write_text(MAPPING)
    with pytest.raises(BadDeclaration, match=rf"source\.file: is needed, as {tmp_path} is a folder"):
        open_source(tmp_path, tmp_path / "mapping.toml", CATALOG)
    (tmp_path / "mapping.toml").write_text(MAPPING.replace('"csv"', '"csv", file = "data.csv"'))
    (tmp_path / "data.csv").write_text(HEAD)
    assert open_source(tmp_path, tmp_path / "mapping.toml", CATALOG).file.name == "data.csv"


async def test_nothing_is_loaded_with_a_wrong_mapping(world: World) -> None:
    with pytest.raises(BadDeclaration):
        await world.load(HEAD + GOOD, MAPPING.replace("{stage}", "{stag}"))
    assert await world.spaces.companies_by_name(["East"]) == [None]


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.toml")), ids=lambda path: path.name)
def test_every_example_is_a_mapping(path: Path) -> None:
    mapping = read_mapping(path, CATALOG)
    assert f"multiway import DATA/{path.stem} --mapping docs/examples/{path.name}" in path.read_text()
    assert mapping.kind.natural_key in [field.name for field, _ in mapping.side]


def test_every_key_is_documented() -> None:
    document = (EXAMPLES / "README.md").read_text()
    text = """
        kind source.format source.file source.encoding source.delimiter source.items source.newest lookup.NAME.file
        lookup.NAME.key lookup.NAME.by lookup.NAME.optional participants.each participants.as participants.company
        joint.FIELD side.FIELD owner_side.FIELD value first split alias map otherwise format
    """
    keys = text.split()
    assert [key for key in keys if f"| `{key}` |" not in document] == []
    assert len(document.splitlines()) < 120
    for path in EXAMPLES.glob("*.toml"):
        for name, table in read_table(path).keys.items():
            assert name in {key.partition(".")[0] for key in keys}, table
