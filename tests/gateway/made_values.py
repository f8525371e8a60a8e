"""Made values for fields of any type: input as a client would give it, from tiny domains, often null."""

import random
from collections import defaultdict
from typing import Any

from schema.field import Base, Field, FieldType
from tests.gateway.people import COMPANIES, company, person


class Values:
    """`of` gives a value for a field. `full` leaves nothing null; `links` are the records that links may name;
    `home` the names of the people that person fields may name."""

    def __init__(self, rng: random.Random, *, full: bool = False) -> None:
        self.rng = rng
        self.full = full
        self.links: defaultdict[str, list[str]] = defaultdict(list)
        self.home: list[str] = []

    def of(self, field: Field, record: str, owner: str) -> Any:
        """The input value of one field; `owner` is a company's name, or "joint"."""
        if not field.required and not self.full and self.rng.random() < 0.3:
            return None
        return self.value(field.type, f"{record} {owner} {field.name}")

    def value(self, type_: FieldType, about: str) -> Any:
        """An input value of a type; `about` says whose, for those that make each text unique."""
        if type_.many:
            item = FieldType(**{name: getattr(type_, name) for name in type_.__slots__} | {"many": False})
            found = [self.value(item, about) for _ in range(self.rng.randint(0, 2))]
            return [v for v in found if v is not None]
        if type_.base is Base.STRUCT:
            members = {name: self.value(member, f"{about} {name}") for name, member in type_.members}
            return members | ({"system": "crm", "id": about} if "system" in members else {})
        if type_.base is Base.RECORD:
            known = self.links[type_.target or ""]
            return self.rng.choice(known) if known else None
        return self.plain(type_, about)

    def plain(self, type_: FieldType, about: str) -> Any:
        """An input value of a type that is neither list, struct nor link to a record."""
        rng = self.rng
        match type_.base:
            case Base.TEXT:
                return rng.choice(("Red", "red", "Blue", "Straße"))[: type_.max_length]
            case Base.URL:
                return rng.choice(("https://a.example/", "https://b.example/x"))
            case Base.PHONE:
                return rng.choice(["+4930123456", "+15551234567"])
            case Base.EMAIL:
                return rng.choice(("a@x.example", "b@x.example"))
            case Base.INTEGER:
                return rng.choice((0, 1, 50, 100))
            case Base.NUMBER:
                return rng.choice((0.5, 1.0, 2.25))
            case Base.BOOLEAN:
                return rng.choice((True, False))
            case Base.MONEY:
                return rng.choice(({"amount": "10.50", "currency": "USD"}, {"amount": "7", "currency": "JPY"}))
            case Base.DATE:
                return rng.choice(("2025-01-31", "2025-06-30"))
            case Base.DATETIME:
                return rng.choice(("2025-01-01T00:00:00Z", "2025-06-30T10:00:00+02:00"))
            case Base.PICKLIST:
                return rng.choice(type_.options[:3])
            case Base.COUNTRY:
                return rng.choice(("DE", "GB"))
            case Base.COMPANY:
                return company(rng.choice(COMPANIES))
            case Base.PERSON:
                return person(rng.choice(self.home)) if self.home else None
        raise AssertionError(type_.base)
