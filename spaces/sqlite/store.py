"""How SQLite keeps what changes write, see `Store`."""

from spaces.sql.history import HistoryStatements
from spaces.sql.store import Store
from spaces.sqlite.dialect import SQLITE
from spaces.sqlite.layout import joint_words, side_words
from spaces.sqlite.sharing_store import class_id, sharing_of

STORE = Store(SQLITE, HistoryStatements(SQLITE), joint_words, side_words, class_id, sharing_of)
