"""Files of the embedded backend: one process a folder, few descriptors, growing kinds, and clear words."""

import os
import sqlite3
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from schema.errors import Fault, Refusal
from schema.kind import Catalog
from schema.names import CompanyId
from spaces.fetch import CompanyRow
from spaces.sqlite.connections import FilePool
from spaces.sqlite.folder import FolderBusy, FolderUnusable
from spaces.sqlite.spaces import SqliteSpaces
from tests.spaces.definitions import definition
from tests.spaces.reads import MAX
from tests.spaces.world import CATALOG, DEAL, TIP, A, B, change, creation, field, found, page, sides, with_companies

ROOT = Path(__file__).parents[2]

MANY_FILES = """
import asyncio, os, pathlib, resource, sys
from schema.names import CompanyId
from spaces.fetch import CompanyRow
from spaces.sqlite.spaces import SqliteSpaces
from tests.spaces.world import CATALOG, creation, page, sides

resource.setrlimit(resource.RLIMIT_NOFILE, (160, 160))
companies = [CompanyId(f"co_{i}") for i in range(int(sys.argv[2]))]

async def main():
    spaces = SqliteSpaces.open(pathlib.Path(sys.argv[1]), CATALOG)
    for company in companies:
        await spaces.add_company(CompanyRow(company, company))
    changes = [creation("r" + company, company, side={"stage": company}) for company in companies]
    assert await spaces.commit_all(changes) == [None] * len(companies)
    for _ in range(2):
        found = await spaces.sides([sides(company, "r" + company) for company in companies])
        assert [rows[0].values[0] for rows in found] == companies
        for company in companies:
            assert len((await spaces.page(page(company))).rows) == 1
    assert len(os.listdir("/proc/self/fd")) < 160
    await spaces.close()
    print(len(os.listdir("/proc/self/fd")))

asyncio.run(main())
"""


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts descriptors where the system lists them")
def test_many_companies_are_served_with_few_descriptors(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", MANY_FILES, str(tmp_path), "300"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert int(done.stdout) < 20, "close leaves files open"


async def test_a_second_process_is_refused(tmp_path: Path) -> None:
    spaces = SqliteSpaces.open(tmp_path, CATALOG)
    with pytest.raises(FolderBusy, match="already served by another process"):
        SqliteSpaces.open(tmp_path, CATALOG)
    await spaces.close()
    again = SqliteSpaces.open(tmp_path, CATALOG)
    await again.close()


async def test_what_was_closed_is_there_again(tmp_path: Path) -> None:
    spaces = SqliteSpaces.open(tmp_path, CATALOG)
    await with_companies(spaces)
    await spaces.commit(creation(side={"stage": "x"}))
    await spaces.define(definition())
    await spaces.define(definition(version=2))
    before = await spaces.page(page())
    await spaces.close()
    assert files(tmp_path) == ["co_a.db", "lock", "network.db"], "close folds the logs into their files"
    spaces = SqliteSpaces.open(tmp_path, CATALOG)
    assert await spaces.page(page()) == before
    assert await spaces.definitions() == [definition(version=2)]
    assert await spaces.definition_versions(A, "tpl_1") == [definition(), definition(version=2)]
    await spaces.close()


@pytest.mark.parametrize("clean", [True, False])
def test_a_file_that_is_no_database_is_named(tmp_path: Path, clean: bool) -> None:
    tmp_path.joinpath("companies").mkdir()
    if clean:
        broken = tmp_path / "network.db"
    else:
        broken = tmp_path / "companies" / "co_a.db"
        with SqliteFolder(tmp_path):
            pass
    broken.write_bytes(b"garbage " * 1000)
    with pytest.raises(FolderUnusable) as raised:
        SqliteSpaces.open(tmp_path, CATALOG)
    assert str(broken) in raised.value.message
    assert "file is not a database" in raised.value.message
    assert raised.value.code == "DATA_FOLDER_UNUSABLE"
    broken.unlink()
    SqliteSpaces.open(tmp_path, CATALOG)._release()


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


class SqliteFolder:
    """Opens a folder and leaves it as a killed process would."""

    def __init__(self, path: Path) -> None:
        self._spaces = SqliteSpaces.open(path, CATALOG)

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        self._spaces._release()


async def test_a_broken_company_file_is_a_fault_of_that_company_alone(tmp_path: Path) -> None:
    spaces = SqliteSpaces.open(tmp_path, CATALOG)
    await with_companies(spaces)
    await spaces.commit_all([creation("r1", A, "t1", B), creation("r2", B)])
    await spaces.close()
    (tmp_path / "companies" / "co_a.db").write_bytes(b"garbage " * 1000)
    spaces = SqliteSpaces.open(tmp_path, CATALOG)
    assert await found(B, spaces) == ["r1", "r2"]
    with pytest.raises(Fault, match=r"co_a\.db cannot be used: file is not a database"):
        await spaces.sides([sides(A, "r1")])
    await spaces.close()


@pytest.mark.parametrize("name", ["a file", "a/b/c"])
def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name.split("/")[0]).write_text("in the way")
    with pytest.raises(FolderUnusable, match="cannot be used: "):
        SqliteSpaces.open(tmp_path / name, CATALOG)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_rights_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(Refusal, match="Permission denied"):
        SqliteSpaces.open(tmp_path, CATALOG)


async def test_an_id_that_could_leave_the_folder_is_a_fault(tmp_path: Path) -> None:
    spaces = SqliteSpaces.open(tmp_path, CATALOG)
    for name in ("../x", "a/b", "", "a\0", "é"):
        with pytest.raises(Fault):
            await spaces.add_company(CompanyRow(CompanyId(name), "X"))
    await spaces.close()


async def test_a_grown_catalog_finds_its_old_files(tmp_path: Path) -> None:
    small = Catalog((replace(DEAL, joint=DEAL.joint[:1], side=DEAL.side[:1]),), (), (), "small")
    spaces = SqliteSpaces.open(tmp_path, small)
    await with_companies(spaces)
    await spaces.commit(creation(kind=small.kinds[0], joint={"name": "N"}, side={"stage": "s"}))
    await spaces.close()
    spaces = SqliteSpaces.open(tmp_path, CATALOG)
    await spaces.commit(change("r1", joint={"rank": 2}, side={"chance": 3}))
    await spaces.commit(creation("r2", kind=TIP))
    (row,) = (await spaces.page(page())).rows
    assert row.joint[:3] == ("N", None, 2)
    assert row.own == ("s", None, None, 3, None, None, None, None, None)
    await spaces.close()
    shrunk = SqliteSpaces.open(tmp_path, small)
    await shrunk.close()
    spaces = SqliteSpaces.open(tmp_path, CATALOG)
    assert (await spaces.page(page())).rows == [row]
    await spaces.close()


async def test_people_of_an_old_file_have_no_attributes_yet(tmp_path: Path) -> None:
    spaces = SqliteSpaces.open(tmp_path, CATALOG)
    await spaces.put_person(MAX)
    await spaces.close()
    connection = sqlite3.connect(tmp_path / "network.db")
    connection.execute("ALTER TABLE person DROP COLUMN attributes")
    connection.execute("PRAGMA user_version = 1")
    connection.close()
    spaces = SqliteSpaces.open(tmp_path, CATALOG)
    assert await spaces.people([MAX.id]) == [MAX]
    await spaces.set_attributes(MAX.id, (("region", ("EMEA",)),))
    assert await spaces.people([MAX.id]) == [MAX._replace(attributes=(("region", ("EMEA",)),))]
    await spaces.close()


async def test_a_field_may_have_the_name_of_a_column_of_the_house(tmp_path: Path) -> None:
    names = ("version", "owner", "recordId", "stamps", "sharing", "updatedAt", "companyId", "naturalKey", "createdAt")
    kind = replace(
        DEAL,
        joint=tuple(field(i, name, "joint", DEAL.joint[0].type) for i, name in enumerate(names, 1)),
        side=tuple(field(i, name, "side", DEAL.side[0].type) for i, name in enumerate(names, 1)),
    )
    spaces = SqliteSpaces.open(tmp_path, Catalog((kind,), (), (), "2"))
    await with_companies(spaces)
    values = {name: name for name in names}
    await spaces.commit(creation(kind=kind, joint=values, side=values))
    ((side,),) = await spaces.sides([sides(A, "r1", kind=kind)])
    assert (side.values, side.version) == (names, 1)
    await spaces.close()


@pytest.mark.parametrize(("files", "descriptors"), [(1, 100), (9, 5), (9, 1), (0, 0)])
async def test_a_pool_closes_the_oldest_and_never_the_newest(tmp_path: Path, files: int, descriptors: int) -> None:
    spaces = SqliteSpaces.open(tmp_path, CATALOG, open_files=2)
    await with_companies(spaces)
    await spaces.commit_all([creation("r1", A), creation("r2", B)])
    pool = FilePool(partial(spaces._open_company, read_only=True), files, descriptors)
    first = pool.take(A)
    assert pool.take(A) is first
    assert pool.take(B, attach=tmp_path / "network.db").attached
    assert len(pool) == 1
    with pytest.raises(sqlite3.ProgrammingError):
        first.connection.execute("SELECT 1")
    assert pool.take(A) is not first
    assert pool.take(A, attach=tmp_path / "network.db").attached
    pool.close()
    pool.close()
    assert len(pool) == 0
    await spaces.close()


async def test_a_written_read_connection_refuses(tmp_path: Path) -> None:
    spaces = SqliteSpaces.open(tmp_path, CATALOG)
    await with_companies(spaces)
    await spaces.commit(creation())
    file = spaces._readers.take(A, attach=tmp_path / "network.db")
    for table in ("side_deal", "net.participant"):
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            file.connection.execute(f"DELETE FROM {table}")
    await spaces.close()
