"""`SpaceContract`: the conformance suite. A backend passes it by giving the fixture `spaces`, empty but for the
companies of the world: `class TestMine(SpaceContract)`. Each part ranges over one part of the contract."""

from tests.spaces.associations import AssociationContract
from tests.spaces.commits import CommitContract
from tests.spaces.custom_fields import CustomContract
from tests.spaces.custom_search import CustomSearchContract
from tests.spaces.definitions import DefinitionContract
from tests.spaces.groups import GroupContract
from tests.spaces.histories import HistoryContract
from tests.spaces.pages import PageContract
from tests.spaces.reads import ReadContract
from tests.spaces.record_columns import RecordColumnsContract
from tests.spaces.refusals import RefusalContract
from tests.spaces.related import RelatedContract
from tests.spaces.search import SearchContract


class SpaceContract(
    PageContract,
    RelatedContract,
    SearchContract,
    GroupContract,
    ReadContract,
    CommitContract,
    RefusalContract,
    DefinitionContract,
    CustomContract,
    CustomSearchContract,
    RecordColumnsContract,
    HistoryContract,
    AssociationContract,
):
    """Every sentence of `spaces/contract.py`, `fetch.py`, `change.py`, `history.py` and `definition.py`, as a test."""
