"""The network's directory: companies, people, and who takes part in a record."""

from collections.abc import Sequence
from typing import Any

import orjson

from schema.names import CompanyId, PersonId, RecordId
from schema.viewer import Attributes
from spaces.fetch import CompanyRow, ParticipantRow, PersonRow
from spaces.sql.dialect import Dialect
from spaces.sql.question import Question, Writing

_new = tuple.__new__  # makes a named row in half the time, where there are hundreds a page
_PERSON = "id, company, email, name, roles, hide_private, active, attributes, presenting"


class Directory:
    """What the directory is asked, in one engine's spelling."""

    def __init__(self, dialect: Dialect) -> None:
        self._listed = dialect.listed
        self._participants = (
            "SELECT record_id, company_id, role, status, message FROM participant"
            f" WHERE {dialect.among('record_id', ':listed')} ORDER BY record_id, accepted IS NULL, accepted, added"
        )
        self._companies = f"SELECT id, name FROM company WHERE {dialect.among('id', ':listed')}"
        named = f"{dialect.among('name', ':listed')} AND name <> ''"  # who was erased has none
        self._named = f"SELECT id, name FROM company WHERE {named} ORDER BY added DESC"
        self._people = f"SELECT {_PERSON} FROM person WHERE {dialect.among('id', ':listed')}"

    def participants(self, records: Sequence[RecordId]) -> Question[list[ParticipantRow]]:
        """All participants of the records, in the order of the contract."""

        def answer(rows: list[tuple[Any, ...]]) -> list[ParticipantRow]:
            by_record: dict[str, list[ParticipantRow]] = {}
            for row in rows:
                by_record.setdefault(row[0], []).append(_new(ParticipantRow, row))
            return [row for record in records for row in by_record.get(record, ())]

        return Question(self._participants, {"listed": self._listed(records)}, answer)

    def companies(self, ids: Sequence[CompanyId]) -> Question[list[CompanyRow | None]]:
        """The companies, None for an unknown id."""

        def answer(rows: list[tuple[Any, ...]]) -> list[CompanyRow | None]:
            found = {row[0]: _new(CompanyRow, row) for row in rows}
            return [found.get(each) for each in ids]

        return Question(self._companies, {"listed": self._listed(ids)}, answer)

    def companies_by_name(self, names: Sequence[str]) -> Question[list[CompanyRow | None]]:
        """The companies of these exact names; of several with one name the one added first."""

        def answer(rows: list[tuple[Any, ...]]) -> list[CompanyRow | None]:
            found = {row[1]: CompanyRow._make(row) for row in rows}
            return [found.get(each) for each in names]

        return Question(self._named, {"listed": self._listed(names)}, answer)

    def people(self, ids: Sequence[PersonId]) -> Question[list[PersonRow | None]]:
        """The people, None for an unknown id."""

        def answer(rows: list[tuple[Any, ...]]) -> list[PersonRow | None]:
            found = {row[0]: _person(row) for row in rows}
            return [found.get(each) for each in ids]

        return Question(self._people, {"listed": self._listed(ids)}, answer)

    def person_by_email(self, email: str) -> Question[PersonRow | None]:
        """The person with this address, in any letter case."""
        sql = f"SELECT {_PERSON} FROM person WHERE email = :email"
        return Question(sql, {"email": email.lower()}, lambda rows: _person(rows[0]) if rows else None)


def add_company(network: Writing, company: CompanyRow) -> None:
    """Adds or renames a company."""
    network.execute(
        "INSERT INTO company (id, name, added) SELECT ?, ?, 1 + coalesce(max(added), 0) FROM company WHERE true"
        " ON CONFLICT (id) DO UPDATE SET name = excluded.name",
        (company.id, company.name),
    )


def company_of(network: Writing, company: str) -> CompanyRow | None:
    """One company, None for an unknown id."""
    row = network.execute("SELECT id, name FROM company WHERE id = ?", (company,)).fetchone()
    return CompanyRow(*row) if row else None


def people_of(network: Writing, company: CompanyId) -> list[PersonRow]:
    """All people of a company, by id."""
    sql = f"SELECT {_PERSON} FROM person WHERE company = ? ORDER BY id"
    return [_person(row) for row in network.execute(sql, (company,)).fetchall()]


def put_person(network: Writing, person: PersonRow) -> None:
    """Adds or replaces a person; the engine refuses an e-mail address that another has."""
    network.execute(
        f"INSERT INTO person ({_PERSON}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
        " company = excluded.company, email = excluded.email, name = excluded.name, roles = excluded.roles,"
        " hide_private = excluded.hide_private, active = excluded.active, attributes = excluded.attributes,"
        " presenting = excluded.presenting",
        (
            *(person.id, person.company, person.email.lower(), person.name),
            *(_list(person.roles), bool(person.hide_private), bool(person.active)),
            *(_json(person.attributes), _list(person.presenting)),
        ),
    )


def set_hide_private(network: Writing, person: PersonId, presenting: tuple[CompanyId, ...], *, on: bool) -> None:
    """Sets these of a person, and nothing else."""
    network.execute("UPDATE person SET hide_private = ?, presenting = ? WHERE id = ?", (on, _list(presenting), person))


def set_attributes(network: Writing, person: PersonId, attributes: Attributes) -> None:
    """Sets these of a person, and nothing else."""
    network.execute("UPDATE person SET attributes = ? WHERE id = ?", (_json(attributes), person))


def _person(row: tuple[Any, ...]) -> PersonRow:
    id_, company, email, name, roles, hide_private, active, attributes, presenting = row
    said: Attributes = ()
    if attributes != "[]":
        said = tuple((each, tuple(values)) for each, values in orjson.loads(attributes))
    shown = tuple(orjson.loads(presenting)) if presenting != "[]" else ()
    listed = tuple(orjson.loads(roles))
    return PersonRow(id_, company, email, name, listed, bool(hide_private), bool(active), said, shown)


def _json(attributes: Attributes) -> str:
    return orjson.dumps(attributes).decode()


def _list(values: Sequence[str]) -> str:
    """The JSON text of a list."""
    return orjson.dumps(values).decode()
