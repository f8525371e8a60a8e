"""A page of the viewer's company, from its file with the network's attached."""

from collections.abc import Mapping

from spaces.fetch import Page, PageFetch
from spaces.sql.page import PageStatement, page_of, page_values
from spaces.sqlite.connections import CompanyFile


def run_page(file: CompanyFile, statement: PageStatement, fetch: PageFetch, bound: Mapping[str, object]) -> Page:
    """Runs a compiled page inside the read transaction that the caller has begun. `bound` are the values that were
    found of partners' sides; what was found for aggregates is in the file's `aggregates`."""
    connection = file.connection
    values = page_values(statement, fetch, bound)
    found = connection.execute(statement.rows, values).fetchall()
    total = None
    if statement.counts:
        total = found[0][-1] if found else 0
    elif fetch.count:
        total = connection.execute(statement.count, values).fetchone()[0]
    earlier, later = (bool(sql and connection.execute(sql, values).fetchone()[0]) for sql in statement.edges)
    return page_of(found, total, (earlier, later), statement, fetch, file.sharings)
