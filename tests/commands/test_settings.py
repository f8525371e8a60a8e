"""Every setting is read, documented, and refused with its file and name where it is wrong."""

import dataclasses
import re
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from gateway.commands.settings import BEGIN, END
from gateway.setting_tables import between, one_of, read_table, setting, table
from gateway.settings import IssuerSettings, Settings, read_settings, reference
from schema.errors import BadDeclaration
from tests.commands.calls import call
from tests.commands.processes import ROOT, failed
from tests.gateway.people import made_id

ISSUER = {"issuer": '"https://a.example/"', "jwks": '"a.json"', "algorithms": '["RS256", "EdDSA"]'}
COMPANY = made_id("co", "acme")
ISSUER |= {"person_claim": '"email"', "companies": f'["{COMPANY}"]'}
ISSUERS: Any = tuple[IssuerSettings, ...]
WRONG: dict[Any, tuple[str, ...]] = {
    str: ("1", "true", "[]", "{}"),
    int: ('"1"', "true", "1.0", "-1", "[]"),
    float: ('"1"', "true", "-1", "-0.5", "nan", "inf", "[]"),
    bool: ('"true"', "1", "[]"),
    str | None: ("1", "true", "[]", "{}"),
    Path: ("1", "true", '""', '"a\\u0000b"', "[]"),
    Path | None: ("1", "true", '""', '"a\\u0000b"', "[]"),
    tuple[str, ...]: ('"ES256"', "[]", "[1]", '["none"]', '["HS256"]', '[["ES256"]]', "{}"),
    tuple[str, ...] | None: (f'"{COMPANY}"', "[]", "[1]", '["pe_1"]', "{}"),
    tuple[IssuerSettings, ...]: ("1", '"x"', "[1]", "{}"),
}
MORE_WRONG = {
    "person_claim": ('"name"', "[]", "{}"),
    "port": ("65536", "70000000000000000000"),
    "open_files": ("0",),
    "database": ('"multiway"', '"mysql://host/x"', '"postgresql://ann:secret@host/x"', '"postgresql://host/x?a=b"'),
    "database_readers": ("0",),
    "log": ('"xml"',),
    "metrics": ('"9464"', '":1"', '"a:b"', '"a:65536"', '"a b:1"', '"::1:1"'),
    "traces": ('"collector:4318"',),
}
SPECIAL = {
    "database": ('"postgresql://ann@host/x"', "postgresql://ann@host/x"),
    "log": ('"json"', "json"),
    "metrics": ('"127.0.0.1:9464"', "127.0.0.1:9464"),
    "traces": ('"https://traces.example/v1"', "https://traces.example/v1"),
}


def other(name: str, type_: Any) -> tuple[str, Any]:
    """A value that is not the setting's default, as TOML and as it is read; paths without the config's folder."""
    default = getattr(Settings(), name)
    if name in SPECIAL:
        return SPECIAL[name]
    if type_ is bool:
        return str(not default).lower(), not default
    if type_ in (int, float):
        return str(default + 7), default + 7
    return '"another"', Path("another") if type_ in (Path, Path | None) else "another"


OTHERS = {name: other(name, of) for name, of in get_type_hints(Settings).items() if of != ISSUERS}
GIVEN = {name: text for name, (text, _) in OTHERS.items()}


def written(values: dict[str, str]) -> str:
    return "".join(f"{name} = {value}\n" for name, value in values.items())


def names(of: type) -> set[str]:
    return {field.name for field in dataclasses.fields(of)}


def wrongs() -> list[tuple[str, str, str]]:
    """(place, key, value) of wrong values for every setting."""
    found = []
    for place, of in (("", Settings), ("issuers.", IssuerSettings)):
        hints = get_type_hints(of)
        for name in sorted(names(of)):
            found += [(place, name, value) for value in (*WRONG[hints[name]], *MORE_WRONG.get(name, ()))]
    return found


def test_every_setting_is_read(tmp_path: Path) -> None:
    assert names(IssuerSettings) == {*ISSUER}
    file = tmp_path / "settings.toml"
    file.write_text(written(GIVEN) + "[[issuers]]\n" + written(ISSUER))
    issuer = IssuerSettings("https://a.example/", tmp_path / "a.json", ("RS256", "EdDSA"), "email", (COMPANY,))
    found = read_settings(file)
    for name, (_, value) in OTHERS.items():
        assert getattr(found, name) == (tmp_path / value if isinstance(value, Path) else value), name
    assert found.issuers == (issuer,)
    default, least = Settings(), IssuerSettings("https://a.example/", tmp_path / "a.json")
    assert all(getattr(found, name) != getattr(default, name) for name in names(Settings))
    file.write_text("[[issuers]]\n" + written({name: ISSUER[name] for name in ("issuer", "jwks")}))
    assert read_settings(file) == dataclasses.replace(default, issuers=(least,))
    file.write_text("")
    assert read_settings(file) == read_settings(None) == default


def test_an_absolute_path_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(f"data = '{tmp_path / 'x'}'")
    assert read_settings(tmp_path / "settings.toml").data == tmp_path / "x"


@pytest.mark.parametrize(("place", "name", "value"), wrongs())
def test_a_wrong_value_is_refused_with_file_and_key(tmp_path: Path, place: str, name: str, value: str) -> None:
    given, issuer = dict(GIVEN), dict(ISSUER)
    (issuer if place else given)[name] = value
    file = tmp_path / "settings.toml"
    issuers = "" if "issuers" in given else "[[issuers]]\n" + written(issuer)
    file.write_text(written(given) + issuers)
    with pytest.raises(BadDeclaration, match=rf"^{re.escape(str(file))}: [^\n]*`{place}{name}`[^\n]*\.$"):
        read_settings(file)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("colour = 1", "there is no setting `colour`."),
        ("[[issuers]]\ncolour = 1", "there is no setting `issuers.colour`."),
        ("[[issuers]]\njwks = 'a.json'", "`issuers.issuer` is missing."),
        ("[[issuers]]\nissuer = 'a'", "`issuers.jwks` is missing."),
        (("[[issuers]]\n" + written(ISSUER)) * 2, "`issuers.issuer` must differ"),
        (
            "[[issuers]]\nissuer = 'a'\njwks = 'a.json'\n[[issuers]]\n" + written(ISSUER),
            "with several issuers, each must name its `issuers.companies`.",
        ),
        ("data = 'x'\nport = = 1", "at line 2, column 8"),
        ("port = 1\nport = 2\n", "at line 2"),
    ],
)
def test_a_wrong_file_is_refused_with_its_name(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(text)
    with pytest.raises(BadDeclaration) as refused:
        read_settings(file)
    assert refused.value.message.startswith(f"{file}: ")
    assert told in refused.value.message


def test_a_file_that_cannot_be_read_is_refused_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes('host = "é"'.encode("latin-1"))
    for name, told in (("none.toml", "No such file"), (".", "directory"), ("latin.toml", "not UTF-8")):
        with pytest.raises(BadDeclaration, match=told) as refused:
            read_settings(tmp_path / name)
        assert refused.value.message.startswith(f"{tmp_path / name}: ")


def test_the_document_holds_the_tables_of_today() -> None:
    document = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert f"{BEGIN}{reference()}{END}" in document, "`make settings` writes them anew"
    assert call("settings").out == reference()


def test_the_tables_tell_all_that_was_declared(tmp_path: Path) -> None:
    @dataclasses.dataclass(frozen=True, slots=True)
    class Inner:
        name: str = setting("A name.")
        sizes: tuple[str, ...] = setting("Its sizes.", default=("S", "L"), **one_of("S", "M", "L"))

    @dataclasses.dataclass(frozen=True, slots=True)
    class Outer:
        share: float = setting("A share.", default=0.5, unit="of all", **between(0, 1))
        file: Path | None = setting("A file.", default=None)
        on: bool = setting("Whether.", default=False)

    assert table(Inner) == (
        "| key | value | default | unit | meaning |\n"
        "| --- | --- | --- | --- | --- |\n"
        "| `name` | text | required | | A name. |\n"
        '| `sizes` | a list of S, M or L | `["S", "L"]` | | Its sizes. |\n'
    )
    assert table(Outer).splitlines()[2:] == [
        "| `share` | 0 to 1 | `0.5` | of all | A share. |",
        "| `file` | a path | none | | A file. |",
        "| `on` | true or false | `false` | | Whether. |",
    ]
    file = tmp_path / "x.toml"
    assert read_table(file, "", {"share": 1, "file": "a"}, Outer) == Outer(1.0, tmp_path / "a")
    for wrong in (2, -0.1, float("nan"), True, "1"):
        with pytest.raises(BadDeclaration, match="`share` must be 0 to 1"):
            read_table(file, "", {"share": wrong}, Outer)


def test_the_tables_go_between_the_marks_of_a_document_and_nowhere_else(tmp_path: Path) -> None:
    file = tmp_path / "x.md"
    file.write_text(f"before\n{BEGIN}old\n{END}after\n")
    assert call("settings", "--into", file).code == 0
    assert file.read_text() == f"before\n{BEGIN}{reference()}{END}after\n"
    for text in ("no marks", BEGIN, END + BEGIN):
        file.write_text(text)
        failed(call("settings", "--into", file), str(file), "marks")
        assert file.read_text() == text


def test_the_example_of_the_document_is_read(tmp_path: Path) -> None:
    document = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    example = re.search(r"```toml\n(.+?)```", document, re.DOTALL)
    assert example
    (tmp_path / "settings.toml").write_text(example[1])
    assert read_settings(tmp_path / "settings.toml").issuers[0].person_claim == "email"
