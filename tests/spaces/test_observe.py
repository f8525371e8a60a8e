"""Looking at a folder that another process serves."""

from pathlib import Path

import pytest

from schema.catalog import load_catalog
from schema.mask import MaskProgram
from schema.names import CompanyId, PersonId, RecordId
from schema.sharing import Sharing
from spaces.change import Change, Participation
from spaces.fetch import CompanyRow, PageFetch, PersonRow
from spaces.sqlite.folder import FolderUnusable
from spaces.sqlite.spaces import SqliteSpaces

ACME = CompanyRow(CompanyId("co_acme"), "Acme")
DEAL = load_catalog().by_name["opportunity"]


class SeesAll:
    columns: frozenset[str] = frozenset()

    def bit(self, column: str) -> int:
        return next(field.bit for field in DEAL.side if column in field.columns)

    def program(self, sharing: Sharing) -> MaskProgram:
        return MaskProgram(DEAL.all_side)


PAGE = PageFetch(DEAL, ACME.id, MaskProgram(DEAL.all_joint), SeesAll(), DEAL.joint, DEAL.side)
CHANGE = Change(
    DEAL,
    RecordId("opp_1"),
    ACME.id,
    PersonId("pe_ann"),
    "2026-01-01T00:00:00.000000Z",
    creates=True,
    joint={"name": "Deal"},
    side={},
    participants=(Participation(ACME.id, "OWNER", "ACCEPTED"),),
    touched=(ACME.id,),
)
ANN = PersonRow(PersonId("pe_ann"), ACME.id, "ann@acme.example", "Ann", (), False, True)


async def test_an_observer_sees_what_is_served_and_changes_nothing(tmp_path: Path) -> None:
    catalog = load_catalog()
    served = SqliteSpaces.open(tmp_path, catalog)
    await served.add_company(ACME)
    observer = SqliteSpaces.observe(tmp_path, catalog)
    await served.put_person(ANN)
    assert await observer.person_by_email("ANN@acme.example") == ANN
    assert (await observer.page(PAGE)).rows == []
    await served.commit(CHANGE)
    assert [row.record for row in (await observer.page(PAGE)).rows] == [CHANGE.record]
    with pytest.raises(Exception, match="readonly"):
        await observer.put_person(ANN._replace(name="Eve"))
    await observer.close()
    assert await served.people([ANN.id]) == [ANN]
    await served.close()


@pytest.mark.parametrize("made", [False, True])
def test_a_folder_without_a_network_is_one_clear_sentence(tmp_path: Path, made: bool) -> None:
    folder = tmp_path / "data"
    if made:
        folder.mkdir()
    with pytest.raises(FolderUnusable, match=f"There is no network in the data folder {folder}."):
        SqliteSpaces.observe(folder, load_catalog())
    assert folder.exists() is made
