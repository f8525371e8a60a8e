"""Companies and people that a source names: found, or made where there are none."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from itertools import count
from typing import Any

from gateway.importing.recipes import CompanyNamed, PersonNamed
from schema.errors import BadInput
from schema.names import COMPANY_PREFIX, PERSON_PREFIX, CompanyId, IdFactory, PersonId
from spaces.contract import Spaces
from spaces.fetch import CompanyRow, PersonRow

_GAPS = re.compile(r"[^a-z0-9]+")
_LONGEST = 60  # a label of a host name has at most 63 signs


class Actors:
    """Finds companies by their exact names and people by their addresses, once each. `made_companies` and
    `made_people` count the new ones."""

    def __init__(self, spaces: Spaces, new_id: IdFactory) -> None:
        self._spaces = spaces
        self._new_id = new_id
        self._companies: dict[str, CompanyId] = {}
        self._people: dict[tuple[CompanyId, PersonNamed], PersonId] = {}
        self.made_companies = 0
        self.made_people = 0

    async def companies(self, names: Iterable[str]) -> Mapping[str, CompanyId]:
        """The ids of all companies met so far by name, those of `names` among them."""
        unknown = [name for name in dict.fromkeys(names) if name not in self._companies]
        for name, row in zip(unknown, await self._spaces.companies_by_name(unknown), strict=True):
            if row is None:
                row = CompanyRow(CompanyId(self._new_id(COMPANY_PREFIX)), name)
                await self._spaces.add_company(row)
                self.made_companies += 1
            self._companies[name] = row.id
        return self._companies

    async def resolve(self, values: Mapping[str, Any], company: str) -> dict[str, Any]:
        """The values with ids in place of names. People are of this company. Raises BadInput."""
        return {name: await self._resolve(value, company) for name, value in values.items()}

    async def _resolve(self, value: Any, company: str) -> Any:
        if isinstance(value, tuple):
            return tuple([await self._resolve(each, company) for each in value])
        if isinstance(value, CompanyNamed):
            return (await self.companies([value.name]))[value.name]
        if isinstance(value, PersonNamed):
            return await self._person((await self.companies([company]))[company], company, value)
        return value

    async def _person(self, company: CompanyId, company_name: str, person: PersonNamed) -> PersonId:
        key = (company, person)
        if key not in self._people:
            self._people[key] = await self._find_person(company, company_name, person)
        return self._people[key]

    async def _find_person(self, company: CompanyId, company_name: str, person: PersonNamed) -> PersonId:
        for email in _addresses(person, company_name):
            row = await self._spaces.person_by_email(email)
            if row is None:
                id_ = PersonId(self._new_id(PERSON_PREFIX))
                await self._spaces.put_person(PersonRow(id_, company, email, person.name, (), False, True))
                self.made_people += 1
                return id_
            if row.company == company:
                return row.id
        raise BadInput(f"the e-mail address of {person.name} belongs to a person of another company.")


def _addresses(person: PersonNamed, company: str) -> Iterable[str]:
    """The address that the source gives; else made ones under `.example`, which is nobody's domain. Names of
    different companies may come out alike, so there is a next one where a stranger has the first."""
    if person.email is not None:
        yield person.email.lower()
        return
    local, domain = slug(person.name, "person"), slug(company, "company")
    yield f"{local}@{domain}.example"
    for number in count(2):
        yield f"{local}@{domain}-{number}.example"


def slug(name: str, otherwise: str) -> str:
    """The letters and digits of a name, joined by hyphens: "Mei-Mei Johns" is "mei-mei-johns". `otherwise` where
    no plain letter is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    return _GAPS.sub("-", plain)[:_LONGEST].strip("-") or otherwise
