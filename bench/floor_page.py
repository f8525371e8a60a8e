"""What a floor makes of the rows that it read: the page, by hand, with each audience applied where a side is written.
How rows are read differs by engine: `floor.py`, `scale_floor.py`."""

from functools import lru_cache
from typing import Any

import orjson

from gateway.seal import Seal

_SHOWN = ("stage", "amount", "probability", "forecastCategory", "targetCloseDate", "nextStep", "owner")
_SHARED_BY_DEFAULT = ("targetCloseDate", "nextStep")
_DECIMALS = {"JPY": 0, "KRW": 0, "BHD": 3, "KWD": 3, "TND": 3}  # of all others 2

Sides = dict[tuple[str, str], tuple[Any, ...]]
"""Partners' sides by company and record: record, class, its content, and the eight columns shown."""


class PageMaker:
    """Makes pages of rows: record, role, status, newest, version, four joint columns, eight of the own side."""

    def __init__(self, seal_key: bytes) -> None:
        self.seal = Seal(seal_key)
        self._audiences: dict[tuple[str, int], dict[str, Any]] = {}
        self.shown = lru_cache(65_536)(self._decide)

    def wanted(self, company: str, rows: list[Any], participants: dict[str, list[Any]]) -> dict[str, list[str]]:
        """The records whose sides are wanted, by partner."""
        wanted: dict[str, list[str]] = {}
        for row in rows:
            if row[2] == "ACCEPTED":
                for other, _, status in participants[row[0]]:
                    if status == "ACCEPTED" and other != company:
                        wanted.setdefault(other, []).append(row[0])
        return wanted

    def owners(self, person: str, company: str, rows: list[Any], sides: Sides) -> list[str]:
        """The people whose names are shown."""
        people = {row[16] for row in rows if row[2] == "ACCEPTED"}
        for (other, _), side in sides.items():
            if side[10] is not None and self.shown(other, side[1], company, person)[6]:
                people.add(side[10])
        people.discard(None)
        return list(people)

    def body(
        self,
        person: str,
        company: str,
        rows: list[Any],
        participants: dict[str, list[Any]],
        sides: Sides,
        company_names: dict[str, str],
        person_names: dict[str, str],
        end: str | None,
        total: int,
        *,
        more: bool,
    ) -> bytes:
        """The answer."""
        nodes = []
        for row in rows:
            record, role, viewer = row[0], row[1], row[2]
            group = participants[record]
            accepted = viewer == "ACCEPTED"
            partners = []
            if accepted:
                for other, _, status in group:
                    if status != "ACCEPTED" or other == company:
                        continue
                    shown: dict[str, Any] = {"company": {"id": other, "name": company_names[other]}}
                    found = sides.get((other, record))
                    if found is None:
                        shown.update(dict.fromkeys(_SHOWN))
                    else:
                        _, sharing, _, stage, minor, currency, probability, forecast, closes, step, owner = found
                        see = self.shown(other, sharing, company, person)
                        shown["stage"] = stage if see[0] else None
                        shown["amount"] = money(minor, currency) if see[1] and minor is not None else None
                        shown["probability"] = probability if see[2] else None
                        shown["forecastCategory"] = forecast if see[3] else None
                        shown["targetCloseDate"] = closes if see[4] else None
                        shown["nextStep"] = step if see[5] else None
                        shown["owner"] = {"name": person_names[owner]} if see[6] and owner is not None else None
                    partners.append(shown)
            mine = None
            if accepted and row[4] is not None:
                stage, minor, currency, probability, forecast, closes, step, owner = row[9:17]
                mine = {
                    "stage": stage,
                    "amount": None if minor is None else money(minor, currency),
                    "probability": probability,
                    "forecastCategory": forecast,
                    "targetCloseDate": closes,
                    "nextStep": step,
                    "owner": None if owner is None else {"name": person_names[owner]},
                }
            nodes.append(
                {
                    "id": record,
                    "name": row[5],
                    "customer": {"name": row[6], "industry": row[7], "country": row[8]},
                    "participants": [
                        {"company": {"name": company_names[other]}, "role": their_role, "status": status}
                        for other, their_role, status in group
                        if _known(other == company, their_role, status, role, accepted)
                    ],
                    "mine": mine,
                    "partners": partners,
                }
            )
        page = {"totalCount": total, "pageInfo": {"hasNextPage": more, "endCursor": end}, "nodes": nodes}
        return orjson.dumps({"data": {"opportunities": page}})

    def learn(self, owner: str, sharing: int, content: str | None) -> None:
        """Keeps what a sharing class holds."""
        if (owner, sharing) not in self._audiences:
            read = orjson.loads(content or "[]")
            self._audiences[owner, sharing] = {name: (kind, chosen, people) for name, kind, chosen, people in read}

    def _decide(self, owner: str, sharing: int, company: str, person: str) -> tuple[bool, ...]:
        """Which of the shown fields this class of the owner's opens to this viewer. Classes never change."""
        audiences = self._audiences[owner, sharing]
        shown = []
        for field in _SHOWN:
            if field in audiences:
                kind, chosen, people = audiences[field]
                shown.append(kind == "participants" or company in chosen or person in people)
            else:
                shown.append(field in _SHARED_BY_DEFAULT)
        return tuple(shown)


def _known(own: bool, role: str, status: str, viewer_role: str, accepted: bool) -> bool:
    """Whether the viewer may know of a participant."""
    if own or (status == "ACCEPTED" and (accepted or role == "OWNER")):
        return True
    return accepted and (status == "INVITED" or viewer_role in ("OWNER", "COLLABORATOR"))


def money(minor: int, currency: str) -> dict[str, str]:
    digits = _DECIMALS.get(currency, 2)
    if not digits:
        return {"amount": str(minor), "currency": currency}
    text = f"{abs(minor):0{digits + 1}d}"
    return {"amount": f"{'-' if minor < 0 else ''}{text[:-digits]}.{text[-digits:]}", "currency": currency}
