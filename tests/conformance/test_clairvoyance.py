"""clairvoyance: with words near our names it recovers none of them, and no error suggests any."""

import json
import re
from pathlib import Path

import pytest

from tests.commands.processes import Served
from tests.conformance.suggesting import careless
from tests.conformance.tools import python, run

FEW = 15  # fields that one document may have without another refusal than that of its names


def names(sdl: str) -> set[str]:
    """Every field and argument."""
    return set(re.findall(r"(\w+)\s*(?:\([^)]*\))?\s*:", re.sub(r'"""(?s:.*?)"""', "", sdl)))


def near(known: set[str]) -> list[str]:
    """Words that are one letter off, of which graphql-core would suggest the name."""
    made = {name[:-1] + ("x" if name[-1] != "x" else "y") for name in known} | {f"{name}s" for name in known}
    return sorted(made - known)


def recovered(folder: Path, url: str, words: list[str], token: str | None = None) -> tuple[set[str], str]:
    """The fields that clairvoyance writes down, and what it says. It writes nothing where it gives up."""
    folder.mkdir()
    (folder / "words").write_text("\n".join(words))
    signed_in = ["-H", f"Authorization: Bearer {token}"] if token else []
    tool = python().parent / "clairvoyance"
    ended = run(python(), tool, "-w", "words", "-o", "found.json", *signed_in, "-m", 1, url, folder=folder, seconds=120)
    if not (folder / "found.json").exists():
        return set(), ended.stdout + ended.stderr
    types = json.loads((folder / "found.json").read_text())["data"]["__schema"]["types"]
    return {field["name"] for type_ in types for field in type_.get("fields") or ()}, ended.stdout + ended.stderr


@pytest.mark.parametrize("signed_in", [False, True], ids=["nobody", "signed in"])
def test_no_name_is_recovered(served: Served, token: str, sdl: str, tmp_path: Path, signed_in: bool) -> None:
    known = names(sdl)
    assert len(known) > 100
    few = [*near(known)[:FEW], *sorted(known)[:FEW]]  # nobody gets one answer to all words, so few show it
    roots = ["opportunitys", "opportunitie", "leadz", "lead_", "solutionss", "nod", "viewers", "companyy", "leadGroup"]
    for number, words in enumerate((near(known) if signed_in else few, roots)):
        found, said = recovered(tmp_path / str(number), served.url, words, token if signed_in else None)
        assert found & known == set(), said
        assert "Field Suggestion is not fully enabled" in said, said


def test_no_error_suggests_a_name(served: Served, token: str, sdl: str) -> None:
    known = names(sdl)
    words = near(known)
    for at in range(0, len(words), FEW):
        text = "{ " + " ".join(words[at : at + FEW]) + " }"
        for who in (token, None):
            told = json.dumps(served.post(who, text).json())
            assert "Did you mean" not in told
            assert not {f"'{name}'" for name in known if f"'{name}'" in told}, told


def test_clairvoyance_recovers_names_that_are_suggested(tmp_path: Path) -> None:
    with careless() as url:
        found, said = recovered(tmp_path / "found", url, ["pipelin", "forecas"])
    assert found >= {"pipeline", "forecast"}, said
