"""The tables on PostgreSQL: grown with the catalog, compared by code points; and the server that the tests start."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from schema.kind import Catalog
from spaces.postgres.address import address_of
from spaces.postgres.layout import layout
from tests.postgres import Server, database, server, wheel_programs
from tests.spaces.world import CATALOG, DEAL, TEXT, field

COLUMNS = "SELECT column_name FROM information_schema.columns WHERE table_name = 'side_deal'"
UNORDERED = """SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'multiway'
    AND (data_type = 'text' OR data_type = 'ARRAY') AND collation_name IS DISTINCT FROM 'C'"""
UNLOCKED = """SELECT relname FROM pg_class WHERE relnamespace = 'multiway'::regnamespace AND relkind = 'r'
    AND (relname LIKE 'side%' OR relname IN ('history_side', 'receipt'))
    AND NOT (relrowsecurity AND relforcerowsecurity)"""


def test_tables_are_made_once_and_grow_with_the_catalog() -> None:
    grown = replace(DEAL, side=(*DEAL.side, field(9, "later", "side", TEXT)))
    address = server().address(server().database())
    with psycopg.connect(address_of(address), autocommit=True) as connection:
        assert [layout(CATALOG).bring(connection) for _ in range(2)] == [True, False]
        assert ("f_later",) not in connection.execute(COLUMNS).fetchall()
        assert layout(Catalog((grown,), (), (), "2")).bring(connection)
        assert ("f_later",) in connection.execute(COLUMNS).fetchall()


def test_every_text_is_compared_by_code_points_and_every_table_of_companies_is_locked() -> None:
    with database(CATALOG) as address, psycopg.connect(address) as connection:
        assert connection.execute(UNORDERED).fetchall() == []
        assert connection.execute(UNLOCKED).fetchall() == []


@pytest.mark.parametrize("programs", wheel_programs())
def test_the_programs_of_the_wheel_serve_as_well(programs: Path) -> None:
    made = Server(programs)
    try:
        with psycopg.connect(made.address(made.database())) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        made.stop()
    assert not made.folder.exists()


def test_a_server_ends_with_the_process_that_started_it() -> None:
    child = "import os\nfrom tests.postgres import server\nprint(server().folder, flush=True)\nos.kill(os.getpid(), 9)"
    done = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, check=False)
    folder = Path(done.stdout.strip())
    assert folder.name.startswith("multiway-pg-"), done.stderr
    subprocess.run(["/bin/sh", "-c", f"for i in $(seq 300); do [ -e {folder} ] || break; sleep 0.1; done"], check=True)
    assert not folder.exists()
