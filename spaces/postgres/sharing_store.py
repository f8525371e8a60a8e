"""Sharing classes on PostgreSQL, see `spaces.sql.sharings`: those of a company and kind are counted from 1.

Whoever gives one out has locked the company's classes (`writer.py`), so they come to be seen in the order of their ids,
and who has read some asks for newer ones alone.
"""

from schema.sharing import NO_OVERRIDES, Sharing
from spaces.sql.question import Writing
from spaces.sql.sharings import content_of, parsed_sharing

_FIND = "SELECT id FROM sharing_class WHERE company_id = :company AND kind = :kind AND md5(content) = md5(:content)"
_ADD = f"""
INSERT INTO sharing_class (company_id, kind, id, content)
SELECT :company, :kind, 1 + coalesce(max(id), 0), :content FROM sharing_class
WHERE company_id = :company AND kind = :kind HAVING NOT EXISTS ({_FIND})
"""


def class_id(connection: Writing, company: str, kind: str, sharing: Sharing) -> int:
    """See `Store`."""
    if sharing == NO_OVERRIDES:
        return 0
    values = {"company": company, "kind": kind, "content": content_of(sharing)}
    connection.execute(_ADD, values)
    return int(connection.execute(_FIND, values).fetchone()[0])


def sharing_of(connection: Writing, company: str, kind: str, id_: int) -> Sharing:
    """See `Store`."""
    sql = "SELECT content FROM sharing_class WHERE company_id = ? AND kind = ? AND id = ?"
    row = connection.execute(sql, (company, kind, id_)).fetchone()
    return parsed_sharing(row[0]) if row else NO_OVERRIDES
