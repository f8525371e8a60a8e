"""Lines of an archive as pieces of a space, checked against the kinds: the inverse of `form.py`."""

import re
from typing import Any

import orjson

from gateway.moving.checked import Checked
from gateway.moving.form import COMPANIES, DEFINITIONS, PEOPLE, RECORDS
from schema.field import Field
from schema.kind import Catalog, Kind
from schema.names import COMPANY_PREFIX, PERSON_PREFIX, CompanyId, PersonId, RecordId
from schema.sharing import PARTICIPANTS, PRIVATE, Audience, Sharing
from schema.values import unflatten
from spaces.columns import families
from spaces.definition import Definition
from spaces.fetch import CompanyRow, PersonRow
from spaces.history import (
    FIELD,
    JOINT,
    OPENED,
    ROLES,
    SHARING,
    SIDE,
    STATUSES,
    HistoryRow,
)
from spaces.history import PARTICIPANT as PARTICIPATION
from spaces.parcel import HeldReceipt, HeldRecord, HeldSide, Neighbour, Piece, Standing

_CUSTOM = re.compile(r"cf_[a-z0-9_]{1,100}", re.ASCII)
_OF_SIDE, _SHARED = (SIDE, FIELD, SHARING), (OPENED, JOINT, PARTICIPATION)


class Pieces:
    """Reads the lines of one company's archive."""

    def __init__(self, catalog: Catalog, company: CompanyId, sorts: tuple[str, ...]) -> None:
        self._kinds = catalog.by_name
        self._company = company
        self._sorts = sorts

    def read(self, part: str, line: object) -> Piece:
        """The piece of a line. Raises Misfit, which names the key."""
        if part == COMPANIES:
            return Neighbour(*company_of(line))
        if part == PEOPLE:
            return self._person(line)
        if part == DEFINITIONS:
            return self._definition(line)
        return self._record(line) if part == RECORDS else self._receipt(line)

    def _person(self, line: object) -> PersonRow:
        keys = ("id", "email", "name", "roles", "active", "attributes", "hidePrivate", "presentingTo")
        found = Checked(line, keys)
        said = Checked(found.value("attributes"), tuple(name for name, _ in found.items("attributes")), "attributes")
        attributes = tuple((name, said.texts(name)) for name, _ in found.items("attributes"))
        email = found.some("email")
        if email != email.lower():
            raise found.wrong("email", "small letters are expected")
        return PersonRow(
            PersonId(found.id("id", PERSON_PREFIX)),
            self._company,
            email,
            found.text("name"),
            found.texts("roles"),
            found.flag("hidePrivate"),
            found.flag("active"),
            attributes,
            tuple(map(CompanyId, found.ids("presentingTo", COMPANY_PREFIX))),
        )

    def _definition(self, line: object) -> Definition:
        found = Checked(line, ("id", "sort", "version", "person", "at", "content"))
        return Definition(
            self._company,
            found.one_of("sort", self._sorts),
            found.id("id"),
            found.number("version", 1),
            PersonId(found.id_or_empty("person", PERSON_PREFIX)),
            found.some("at"),
            found.text("content"),
        )

    def _receipt(self, line: object) -> HeldReceipt:
        found = Checked(line, ("person", "key", "record", "request"))
        person, record = PersonId(found.id("person", PERSON_PREFIX)), RecordId(found.id("record"))
        return HeldReceipt(person, found.some("key"), record, found.text("request"))

    def _record(self, line: object) -> HeldRecord:
        keys = ("id", "kind", "owner", "createdAt", "touchedAt", "joint", "participants", "history", "side")
        found = Checked(line, keys)
        kind = self._kinds[found.one_of("kind", tuple(self._kinds))]
        side, id_ = found.value("side"), RecordId(found.id("id", kind.prefix))
        return HeldRecord(
            id_,
            kind.name,
            CompanyId(found.id_or_empty("owner", COMPANY_PREFIX)),
            found.text("createdAt"),
            found.some("touchedAt"),
            _cells(found, "joint", kind.joint, custom=False),
            _standings(found),
            _history(found, _SHARED, id_),
            None if side is None else self._side(kind, side, id_),
        )

    def _side(self, kind: Kind, line: object, record: RecordId) -> HeldSide:
        keys = ("version", "updatedAt", "naturalKey", "values", "changedAt", "sharing", "history")
        found = Checked(line, keys, "side")
        stamps = Checked(found.value("changedAt"), tuple(ident for ident, _ in found.items("changedAt")), "changedAt")
        own = tuple(field for field in kind.side if field.custom is None)
        return HeldSide(
            found.number("version", 1),
            found.some("updatedAt"),
            _sharing(found),
            found.text_or_none("naturalKey"),
            _cells(found, "values", own, custom=True),
            {ident: stamps.some(ident) for ident, _ in found.items("changedAt")},
            tuple(each._replace(company=self._company) for each in _history(found, _OF_SIDE, record)),
        )


def company_of(line: object, key: str = "") -> CompanyRow:
    """A company by id and name. Raises Misfit."""
    found = Checked(line, ("id", "name"), key)
    return CompanyRow(CompanyId(found.id("id", COMPANY_PREFIX)), found.some("name"))


def _standings(found: Checked) -> tuple[Standing, ...]:
    standings = found.all_of("participants", _standing)
    if len({each.company for each in standings}) < len(standings):
        raise found.wrong("participants", "a company is there twice")
    return standings


def _standing(line: object, key: str) -> Standing:
    found = Checked(line, ("company", "role", "status", "message", "associatedBy"), key)
    company, by = found.id("company", COMPANY_PREFIX), found.text_or_none("associatedBy")
    role, status = found.one_of("role", ROLES), found.one_of("status", STATUSES)
    brought = None if by is None else CompanyId(found.checked_id("associatedBy", by, COMPANY_PREFIX))
    return Standing(CompanyId(company), role, status, found.text_or_none("message"), brought)


def _history(found: Checked, whats: tuple[str, ...], record: RecordId) -> tuple[HistoryRow, ...]:
    entries = found.all_of("history", lambda each, key: _entry(each, key, whats, record))
    places = {(each.what, each.key, each.part, each.at, each.turn) for each in entries}
    if len(places) < len(entries):
        raise found.wrong("history", "two entries have one place")
    return entries


def _entry(line: object, key: str, whats: tuple[str, ...], record: RecordId) -> HistoryRow:
    keys = ("at", "what", "key", "part", "turn", "company", "person", "before", "after")
    found = Checked(line, keys, key)
    return HistoryRow(
        record,
        found.some("at"),
        found.one_of("what", whats),
        found.text("key"),
        found.text("part"),
        found.number("turn", 0),
        CompanyId(found.id_or_empty("company", COMPANY_PREFIX)),
        PersonId(found.id_or_empty("person", PERSON_PREFIX)),
        _json(found, "before"),
        _json(found, "after"),
    )


def _json(found: Checked, key: str) -> str | None:
    text = found.text_or_none(key)
    if text is not None:
        try:
            listed = orjson.loads(text)
        except orjson.JSONDecodeError:
            listed = None
        if not isinstance(listed, list):
            raise found.wrong(key, "the JSON text of a list is expected")
    return text


def _sharing(found: Checked) -> Sharing:
    return Sharing(tuple((ident, _audience(found, ident, each)) for ident, each in sorted(found.items("sharing"))))


def _audience(found: Checked, ident: str, value: object) -> Audience:
    audience = Checked(value, ("kind", "companies", "people"), f"side.sharing.{ident}")
    kind = audience.one_of("kind", ("private", "participants", "selected"))
    if kind != "selected":
        return PARTICIPANTS if kind == "participants" else PRIVATE
    companies, people = audience.ids("companies", COMPANY_PREFIX), audience.ids("people", PERSON_PREFIX)
    return Audience("selected", tuple(map(CompanyId, companies)), tuple(map(PersonId, people)))


def _cells(found: Checked, key: str, fields: tuple[Field, ...], *, custom: bool) -> dict[str, Any]:
    """The columns that are set, each of its type, and those of each field together."""
    cells = dict(found.items(key))
    known = families(fields)
    for column, cell in cells.items():
        if column in known:
            fits = _fits(cell, known[column][1])
        elif custom and _CUSTOM.fullmatch(column):
            fits = isinstance(cell, str | int | float)
        else:
            raise found.wrong(f"{key}.{column}", "there is no such column")
        if not fits:
            raise found.wrong(f"{key}.{column}", "this is not a value of its type")
    for field in fields:
        try:
            unflatten(field, [cells.get(column) for column in field.columns])
        except (ValueError, TypeError):
            raise found.wrong(f"{key}.{field.column}", "this is not a value of its type") from None
    return cells


def _fits(cell: object, family: type) -> bool:
    if family is float:
        return isinstance(cell, int | float) and not isinstance(cell, bool)
    return isinstance(cell, family)
