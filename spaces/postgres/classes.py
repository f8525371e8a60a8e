"""The sharing classes of companies, as far as they were read: they never change and never go, so what is known stays
true, and a read asks for newer ones alone."""

from collections import OrderedDict

from schema.names import CompanyId
from schema.sharing import NO_OVERRIDES, Sharing
from spaces.postgres.connections import Reading
from spaces.sql.sharings import parsed_sharing

_NEWER = (
    "SELECT id, content FROM sharing_class WHERE company_id = :company AND kind = :kind AND id > :known ORDER BY id"
)


class SharingClasses:
    """Keeps those of the latest `limit` pairs of a company and a kind."""

    def __init__(self, limit: int = 4_096) -> None:
        self._limit = limit
        self._kept: OrderedDict[tuple[CompanyId, str], dict[int, Sharing]] = OrderedDict()

    async def of(self, reading: Reading, company: CompanyId, kind: str) -> dict[int, Sharing]:
        """The classes of a company's sides of a kind by id, 0 first, at least those of the moment that is read. One
        statement, whatever there is."""
        key = (company, kind)
        known = self._kept.setdefault(key, {0: NO_OVERRIDES})
        self._kept.move_to_end(key)
        if len(self._kept) > self._limit:
            self._kept.popitem(last=False)
        # Ids are seen in the order in which they were given out, see the writer.
        newest = next(reversed(known))
        rows = await reading.fetch(_NEWER, {"company": company, "kind": kind, "known": newest})
        # What another read has added meanwhile comes before this in no other order: ids rise in both.
        for id_, content in rows:
            if id_ > next(reversed(known)):
                known[id_] = parsed_sharing(content)
        return known
