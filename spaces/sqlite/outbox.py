"""The outbox of a company's file: intents that the network's file is to take, each once.

The network remembers for each company up to which intent it has applied them; so after a crash the outbox is simply
applied again.
"""

import sqlite3

import orjson

from spaces.sql.intent import Intent


def parsed_intent(text: str) -> Intent:
    """The intent of a JSON text."""
    found = orjson.loads(text)
    # those that an earlier version left say nothing of associations: it knew none
    found["participants"] = [(*each, None)[:5] for each in found["participants"]]
    return Intent(**found)


def mark_applied(network: sqlite3.Connection, company: str, upto: int) -> None:
    """Remembers, in the same transaction, that a company's intents are applied up to this id."""
    network.execute(
        "INSERT INTO applied (company_id, upto) VALUES (?, ?)"
        " ON CONFLICT DO UPDATE SET upto = max(upto, excluded.upto)",
        (company, upto),
    )


def applied_upto(network: sqlite3.Connection, company: str) -> int:
    """The id of the last intent of a company that is applied; 0 for none."""
    row = network.execute("SELECT upto FROM applied WHERE company_id = ?", (company,)).fetchone()
    return int(row[0]) if row else 0
