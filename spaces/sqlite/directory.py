"""The network's directory: companies, people, and who takes part in a record."""

import sqlite3
from collections.abc import Sequence
from typing import Any

import orjson

from schema.errors import Fault
from schema.names import CompanyId, PersonId, RecordId
from schema.viewer import Attributes
from spaces.fetch import CompanyRow, ParticipantRow, PersonRow

_new = tuple.__new__  # makes a named row in half the time, where there are hundreds a page
_LISTED = "(SELECT value FROM json_each(?))"
_PERSON = "id, company, email, name, roles, hide_private, active, attributes, presenting"
_PARTICIPANTS = f"""
SELECT record_id, company_id, role, status, message FROM participant WHERE record_id IN {_LISTED}
ORDER BY record_id, accepted IS NULL, accepted, added
"""


def participants(network: sqlite3.Connection, records: Sequence[RecordId]) -> list[ParticipantRow]:
    """All participants of the records, in the order of the contract."""
    by_record: dict[str, list[ParticipantRow]] = {}
    for row in network.execute(_PARTICIPANTS, (_list(records),)).fetchall():
        by_record.setdefault(row[0], []).append(_new(ParticipantRow, row))
    return [row for record in records for row in by_record.get(record, ())]


def companies(network: sqlite3.Connection, ids: Sequence[CompanyId]) -> list[CompanyRow | None]:
    """The companies, None for an unknown id."""
    rows = network.execute(f"SELECT id, name FROM company WHERE id IN {_LISTED}", (_list(ids),)).fetchall()
    found = {row[0]: _new(CompanyRow, row) for row in rows}
    return [found.get(each) for each in ids]


def companies_by_name(network: sqlite3.Connection, names: Sequence[str]) -> list[CompanyRow | None]:
    """The companies of these exact names; of several with one name the one added first."""
    sql = f"SELECT id, name FROM company WHERE name IN {_LISTED} ORDER BY added DESC"
    found = {row[1]: CompanyRow._make(row) for row in network.execute(sql, (_list(names),)).fetchall()}
    return [found.get(each) for each in names]


def add_company(network: sqlite3.Connection, company: CompanyRow) -> None:
    """Adds or renames a company."""
    network.execute(
        "INSERT INTO company (id, name, added) SELECT ?, ?, 1 + coalesce(max(added), 0) FROM company WHERE true"
        " ON CONFLICT (id) DO UPDATE SET name = excluded.name",
        (company.id, company.name),
    )


def people(network: sqlite3.Connection, ids: Sequence[PersonId]) -> list[PersonRow | None]:
    """The people, None for an unknown id."""
    rows = network.execute(f"SELECT {_PERSON} FROM person WHERE id IN {_LISTED}", (_list(ids),)).fetchall()
    found = {row[0]: _person(row) for row in rows}
    return [found.get(each) for each in ids]


def person_by_email(network: sqlite3.Connection, email: str) -> PersonRow | None:
    """The person with this address, in any letter case."""
    row = network.execute(f"SELECT {_PERSON} FROM person WHERE email = ?", (email.lower(),)).fetchone()
    return _person(row) if row else None


def put_person(network: sqlite3.Connection, person: PersonRow) -> None:
    """Adds or replaces a person."""
    try:
        network.execute(
            f"INSERT INTO person ({_PERSON}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
            " company = excluded.company, email = excluded.email, name = excluded.name, roles = excluded.roles,"
            " hide_private = excluded.hide_private, active = excluded.active, attributes = excluded.attributes,"
            " presenting = excluded.presenting",
            (
                *(person.id, person.company, person.email.lower(), person.name),
                *(_list(person.roles), person.hide_private, person.active),
                *(_json(person.attributes), _list(person.presenting)),
            ),
        )
    except sqlite3.IntegrityError as error:
        raise Fault("another person has this e-mail address") from error


def set_hide_private(
    network: sqlite3.Connection, person: PersonId, presenting: tuple[CompanyId, ...], *, on: bool
) -> None:
    """Sets these of a person, and nothing else."""
    network.execute("UPDATE person SET hide_private = ?, presenting = ? WHERE id = ?", (on, _list(presenting), person))


def set_attributes(network: sqlite3.Connection, person: PersonId, attributes: Attributes) -> None:
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
