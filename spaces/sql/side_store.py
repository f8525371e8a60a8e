"""The company's part of a change: what must hold before it, and what it writes into the company's own tables."""

import orjson

from schema.values import flatten
from schema.where import Scalar
from spaces.change import Associations, Change, Done, NaturalKeyTaken, ReceiptExists, Stale, VersionMoved
from spaces.effect import writes_side
from spaces.history import FIELD, SIDE, Entry, field_entries, sharing_entries
from spaces.sql.associations import associations
from spaces.sql.custom import cells_of
from spaces.sql.names import stored_columns
from spaces.sql.question import Writing
from spaces.sql.store import Store


def receipt_of(company: Writing, change_company: str, person: str, key: str) -> Done | None:
    """What a receipt was for."""
    row = company.execute(
        "SELECT record_id, request FROM receipt WHERE company_id = ? AND person_id = ? AND key = ?",
        (change_company, person, key),
    ).fetchone()
    return Done(*row) if row else None


def check_receipt(company: Writing, change: Change) -> None:
    """Raises ReceiptExists where the change's receipt was used before."""
    if change.receipt is not None:
        done = receipt_of(company, change.company, change.person, change.receipt.key)
        if done is not None:
            raise ReceiptExists(done)


def check_network(store: Store, network: Writing, change: Change) -> None:
    """Raises Stale where the record is not there (or already there, for one that creates), an expected status,
    association or joint value does not hold, or a side is written by a company that takes no part."""
    fields = change.kind.joint_by_name
    expected = [(fields[name], value) for name, value in change.expect_joint]
    columns = ("record_id", *stored_columns([field for field, _ in expected]))
    found = network.execute(
        f"SELECT {', '.join(columns)} FROM record_{change.kind.name} WHERE record_id = ?", (change.record,)
    ).fetchone()
    if (found is not None) is change.creates:
        raise Stale("the record exists" if change.creates else "no such record")
    held = found[1:] if found else (None,) * (len(columns) - 1)
    if held != tuple(cell for field, value in expected for cell in flatten(field, value)):
        raise Stale("the record has changed")
    sort, known = change.decided_by or ("", 0)
    newer = f"SELECT 1 FROM definition WHERE sort = ? AND {store.dialect.revision} > ? LIMIT 1"
    if network.execute(newer, (sort, known)).fetchone() is not None:
        raise Stale("definitions have changed")
    wanted = change.expect_associations
    if wanted is not None and _associations(store, network, change) != [wanted]:
        raise Stale("the record's associations have changed")
    for company, status in change.expect:
        if _standing(network, change, company)[1] != status:
            raise Stale("a participant's status has changed")
    for company, role in change.expect_roles:
        if _standing(network, change, company)[0] != role:
            raise Stale("a participant's role has changed")
    joins = any(p.company == change.company for p in change.participants)
    if writes_side(change) and not joins and _standing(network, change, change.company)[1] is None:
        raise Stale("the company takes no part in the record")


def _associations(store: Store, network: Writing, change: Change) -> list[Associations]:
    asked = associations(store.dialect, [change.record])
    return asked.answer(network.execute(asked.sql, asked.values).fetchall())


def _standing(network: Writing, change: Change, company: str) -> tuple[str | None, str | None]:
    """Role and status of a company on the change's record; None where it takes no part."""
    row = network.execute(
        "SELECT role, status FROM participant WHERE company_id = ? AND record_id = ?", (company, change.record)
    ).fetchone()
    return (row[0], row[1]) if row else (None, None)


def check_side(company: Writing, change: Change) -> None:
    """Raises VersionMoved and NaturalKeyTaken."""
    table = f"side_{change.kind.name}"
    if change.if_version is not None:
        row = company.execute(
            f"SELECT version FROM {table} WHERE company_id = ? AND record_id = ?", (change.company, change.record)
        ).fetchone()
        if row is None or row[0] != change.if_version:
            raise VersionMoved
    if change.natural_key:
        row = company.execute(
            f"SELECT record_id FROM {table} WHERE company_id = ? AND natural_key = ?",
            (change.company, change.natural_key),
        ).fetchone()
        if row is not None and row[0] != change.record:
            raise NaturalKeyTaken


def write_side(store: Store, company: Writing, change: Change) -> str | None:
    """Writes the own side and the receipt. Returns the side's new time, None where that did not move."""
    own_at = _write_side(store, company, change) if writes_side(change) else None
    if change.receipt is not None:
        company.execute(
            "INSERT INTO receipt (company_id, person_id, key, request, record_id) VALUES (?, ?, ?, ?, ?)",
            (change.company, change.person, change.receipt.key, change.receipt.request, change.record),
        )
    return own_at


def _write_side(store: Store, company: Writing, change: Change) -> str | None:
    table = f"side_{change.kind.name}"
    named = change.side or {}
    fields = [change.kind.side_by_name[name] for name in named]
    cells = cells_of(fields)
    key = (change.company, change.record)
    row = company.execute(
        f"SELECT {', '.join(('version', 'stamps', 'sharing', *cells.stored))} FROM {table}"
        " WHERE company_id = ? AND record_id = ?",
        key,
    ).fetchone()
    version, stamps = (row[0], orjson.loads(row[1])) if row else (0, {})
    held = row[3:] if row else (None,) * len(cells.stored)
    before = cells.values(held)
    values: tuple[Scalar | None, ...] = ()
    entries: list[Entry] = []
    for field in fields:
        old, new = before[len(values) : len(values) + len(field.columns)], flatten(field, named[field.name])
        if new != old:
            stamps[field.ident] = change.at
            entries += field_entries(FIELD, field, old, new)
        values += new
    moves = row is None or bool(named) or change.sharing is not None
    written = cells.written(values, held)
    if moves:
        written |= {"version": version + 1, "updated_at": change.at, "stamps": orjson.dumps(stamps).decode()}
    if change.sharing is not None:
        written["sharing"] = store.class_id(company, change.company, change.kind.name, change.sharing)
        before_it = store.sharing_of(company, change.company, change.kind.name, row[2] if row else 0)
        entries += sharing_entries(change.kind, before_it, change.sharing)
    if change.natural_key is not None:
        written["natural_key"] = change.natural_key or None
    if row is None:
        written = {"company_id": change.company, "record_id": change.record, "sharing": 0, **written}
        marks = ", ".join("?" * len(written))
        company.execute(f"INSERT INTO {table} ({', '.join(written)}) VALUES ({marks})", tuple(written.values()))
    elif written:
        assigned = ", ".join(f"{column} = ?" for column in written)
        company.execute(
            f"UPDATE {table} SET {assigned} WHERE company_id = ? AND record_id = ?", (*written.values(), *key)
        )
    store.history.keep_side(company, *key, change.person, change.at, entries if row else [Entry(SIDE)])
    if row is None or named:
        store.side_words(change.kind).keep(company, key, written)
    return change.at if moves else None
