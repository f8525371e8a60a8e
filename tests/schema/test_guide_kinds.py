"""The guide to kinds: its example is a kind, and it names every key, type and audience that a declaration may have."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from schema.catalog import load_catalog
from schema.declaration import Table
from schema.field_types import BASE_TYPES
from schema.kind import Kind

TEXT = (Path(__file__).parents[2] / "docs" / "guides" / "kinds.md").read_text()
EXAMPLES = re.findall(r"^```toml\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)


def declare(folder: Path) -> None:
    """Lays the guide's examples out as the guide says: a kind, a picklist, a struct."""
    for name, text in zip(("kinds", "picklists", "structs"), EXAMPLES, strict=True):
        (folder / name).mkdir()
        (folder / name / "example.toml").write_text(text)


def documented(section: str) -> set[str]:
    """What the first cells of a section's table name."""
    (body,) = re.findall(rf"^## {section}$(.*?)(?=^## |\Z)", TEXT, re.DOTALL | re.MULTILINE)
    cells: Iterator[str] = (line.split("|")[1].strip() for line in body.splitlines() if line.startswith("| `"))
    return {cell.split("`")[1].strip("[]") for cell in cells}


def test_the_examples_are_declarations(tmp_path: Path) -> None:
    declare(tmp_path)
    catalog = load_catalog([tmp_path])
    kind = catalog.by_name["event"]
    assert kind.natural_key == "bookingNumber"
    assert [field.name for field in kind.joint if field.audience == "invited"] == [
        "topic",
        "startsAt",
        "city",
        "country",
    ]
    assert [field.name for field in kind.side if field.audience == "participants"] == ["nextStep"]
    assert dict(catalog.picklists)["EventFormat"] == ("ON_SITE", "ONLINE")
    assert dict(catalog.structs)["Venue"].required == ("name",)


def test_every_key_that_is_accepted_is_in_the_guide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    accepted: dict[str, set[str]] = {"file": set(), "field": set(), "lifecycle": set()}

    def note(table: Table, *known: str) -> None:
        part = "file" if not table.path else "lifecycle" if table.path[0] == "lifecycle" else "field"
        accepted[part].update(known)

    monkeypatch.setattr(Table, "allow", note)
    declare(tmp_path)
    load_catalog([tmp_path])
    assert documented("Keys of the file") == {key + ".FIELD" if key == "lifecycle" else key for key in accepted["file"]}
    assert documented("Keys of a field") == accepted["field"]
    assert len(accepted["lifecycle"]) == 3
    assert [key for key in accepted["lifecycle"] if f"`{key}" not in TEXT.split("## Lifecycles")[1]] == []


def test_every_base_type_is_in_the_guide_with_its_length() -> None:
    assert documented("Base types") == {*BASE_TYPES}
    for name, type_ in BASE_TYPES.items():
        (line,) = (line for line in TEXT.splitlines() if line.startswith(f"| `{name}` |"))
        assert type_.max_length is None or f"{type_.max_length:,} characters" in line


def test_the_usual_audiences_are_those_of_the_guide(tmp_path: Path) -> None:
    declare(tmp_path)
    kind: Kind = load_catalog([tmp_path]).by_name["event"]
    table = TEXT.split("| audience | of |")[1].split("\n\n")[0]
    rows = [tuple(cell.strip() for cell in line.split("|")[1:3]) for line in table.splitlines()[2:]]
    assert {(f"`{field.audience}`", field.part) for field in (*kind.joint, *kind.side)} == {
        (audience.removesuffix(" (usual)"), part) for audience, part in rows
    }
    assert (f"`{kind.joint_by_name['status'].audience}` (usual)", "joint") in rows
    assert (f"`{kind.side_by_name['budget'].audience}` (usual)", "side") in rows
