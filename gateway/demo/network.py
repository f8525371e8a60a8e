"""Makes the demo network of `network.toml` in empty spaces, through the same values and changes as any write."""

import tomllib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from gateway.context import Clock
from schema.field import Base
from schema.kind import Catalog, Kind
from schema.names import COMPANY_PREFIX, PERSON_PREFIX, CompanyId, IdFactory, PersonId, RecordId
from schema.sharing import PARTICIPANTS, Audience, Sharing
from schema.values import natural_key, parse_field
from spaces.change import Change, Participation
from spaces.contract import Spaces
from spaces.fetch import CompanyRow, PersonRow


def declaration() -> Mapping[str, Any]:
    """The demo network as it is declared."""
    return tomllib.loads(files("gateway.demo").joinpath("network.toml").read_text(encoding="utf-8"))


def emails() -> tuple[str, ...]:
    """The addresses of the demo people, in order of declaration."""
    return tuple(declaration()["people"])


async def make_network(spaces: Spaces, catalog: Catalog, now: Clock, new_id: IdFactory) -> None:
    """Adds the demo's companies, people and records."""
    maker = _Maker(spaces, catalog, now, new_id)
    found = declaration()
    for key, name in found["companies"].items():
        maker.companies[key] = CompanyId(new_id(COMPANY_PREFIX))
        await spaces.add_company(CompanyRow(maker.companies[key], name))
    for email, person in found["people"].items():
        maker.people[email] = PersonId(new_id(PERSON_PREFIX))
        roles = tuple(person.get("roles", ()))
        company = maker.companies[person["company"]]
        await spaces.put_person(PersonRow(maker.people[email], company, email, person["name"], roles, False, True))
    for record in found["records"]:
        await maker.record(record)


class _Maker:
    def __init__(self, spaces: Spaces, catalog: Catalog, now: Clock, new_id: IdFactory) -> None:
        self._spaces = spaces
        self._catalog = catalog
        self._now = now
        self._new_id = new_id
        self.companies: dict[str, CompanyId] = {}
        self.people: dict[str, PersonId] = {}
        self._records: dict[str, RecordId] = {}

    async def record(self, declared: Mapping[str, Any]) -> None:
        """One record with its participants and their sides; the first side is the owner's."""
        kind = self._catalog.by_name[declared["kind"]]
        record = self._records[declared["key"]] = RecordId(self._new_id(kind.prefix))
        accepted = [self.companies[key] for key in declared["sides"]]
        invited = [self.companies[key] for key in declared.get("invited", ())]
        participants = [
            Participation(company, "PARTICIPANT" if place else "OWNER", "ACCEPTED")
            for place, company in enumerate(accepted)
        ]
        participants += [Participation(company, "PARTICIPANT", "INVITED") for company in invited]
        joint = {name: self._stored(kind, "joint", name, value) for name, value in declared["joint"].items()}
        joint = kind.starts("joint") | joint
        for place, (key, given) in enumerate(declared["sides"].items()):
            side = {name: self._stored(kind, "side", name, value) for name, value in given.items()}
            change = Change(
                kind,
                record,
                self.companies[key],
                next(iter(self.people.values())),
                self._now(),
                creates=place == 0,
                joint=joint if place == 0 else {},
                side=side,
                sharing=self._sharing(key, declared.get("share", ())),
                participants=tuple(participants) if place == 0 else (),
                touched=(*accepted, *invited) if place == 0 else (),
                natural_key=natural_key(kind, side),
            )
            await self._spaces.commit(change)

    def _stored(self, kind: Kind, part: str, name: str, value: Any) -> Any:
        field = next(f for f in kind.fields(part) if f.name == name)
        if field.type.base is Base.PERSON:
            value = self.people[value]
        if field.type.base is Base.RECORD:
            value = [self._records[key] for key in value]
        return parse_field(field, value, (name,))

    def _sharing(self, key: str, declared: Sequence[Mapping[str, Any]]) -> Sharing | None:
        sharing = None
        for entry in declared:
            if entry["company"] == key:
                audience = PARTICIPANTS
                if isinstance(entry["with"], list):
                    audience = Audience("selected", tuple(sorted(self.companies[other] for other in entry["with"])))
                sharing = (sharing or Sharing()).changed(dict.fromkeys(entry["fields"], audience))
        return sharing
