"""How PostgreSQL keeps what changes write, see `Store`."""

from functools import lru_cache

from schema.kind import Kind
from spaces.postgres.dialect import POSTGRES
from spaces.postgres.sharing_store import class_id, sharing_of
from spaces.sql.history import HistoryStatements
from spaces.sql.store import Store
from spaces.sql.word_table import WordTable, joint_texts, side_texts

_KINDS = 512  # whose word tables are kept: companies with templates have kinds of their own


@lru_cache(_KINDS)
def joint_words(kind: Kind) -> WordTable:
    """The words of a kind's joint texts."""
    return WordTable(f"joint_words_{kind.name}", f"record_{kind.name}", ("record_id",), joint_texts(kind))


@lru_cache(_KINDS)
def side_words(kind: Kind) -> WordTable:
    """The words of the texts of a kind's sides."""
    key = ("company_id", "record_id")
    return WordTable(f"side_words_{kind.name}", f"side_{kind.name}", key, side_texts(kind))


STORE = Store(POSTGRES, HistoryStatements(POSTGRES), joint_words, side_words, class_id, sharing_of)
