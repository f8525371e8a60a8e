"""Row-level security, a second lock beneath the masks: what a company's own space holds is seen by that company, its
sides by the participants of their records too, whatever a statement asks for.

Who reads is a setting of the transaction (`connections.py`). Where it is not set nothing is seen. The network itself,
for what it does for its own ends (writes, rules that bring participants, imports), reads all. The rules hold no
subquery, so that they hold on tables that are spread over machines, and they bind the tables' owner too.
"""

from collections.abc import Iterator, Sequence

from spaces.sql.question import Writing

_READER = "current_setting('multiway.company', true)"


def protect(tables: Sequence[str]) -> Iterator[str]:
    """The statements that put these tables under the rule, or renew it. All have a column `company_id`."""
    for table in tables:
        taking_part = f" OR {_READER} = ANY (participants)" if table.startswith("side_") else ""
        rule = f"company_id = {_READER}{taking_part} OR {_READER} = '*'"
        yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
        yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
        yield f"DROP POLICY IF EXISTS of_company ON {table}"
        yield f"CREATE POLICY of_company ON {table} USING ({rule})"


def is_bound(connection: Writing) -> bool:
    """Whether the role of this connection is bound by the rules."""
    sql = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
    return connection.execute(sql).fetchall() == [(False,)]
