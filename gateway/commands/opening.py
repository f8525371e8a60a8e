"""The spaces that settings name: a data folder, or a database."""

from gateway.credentials import database_password
from gateway.settings import Settings
from schema.kind import Catalog
from spaces.parcel import Moves
from spaces.postgres.spaces import PostgresSpaces
from spaces.sqlite.spaces import SqliteSpaces


def open_spaces(settings: Settings, catalog: Catalog) -> Moves:
    """The spaces, to be served or loaded. Raises FolderBusy, FolderUnusable, DatabaseUnusable, BadDeclaration."""
    if settings.database is None:
        return SqliteSpaces.open(settings.data, catalog, open_files=settings.open_files)
    password = database_password(settings.database_password)
    return PostgresSpaces.open(settings.database, catalog, password=password, readers=settings.database_readers)


def observe_spaces(settings: Settings, catalog: Catalog) -> Moves:
    """The spaces to be looked at, while they may be served. Raises FolderUnusable, DatabaseUnusable, BadDeclaration."""
    if settings.database is None:
        return SqliteSpaces.observe(settings.data, catalog)
    return PostgresSpaces.observe(settings.database, catalog, password=database_password(settings.database_password))


def place(settings: Settings) -> str:
    """Where the spaces are, in words."""
    return str(settings.data) if settings.database is None else settings.database
