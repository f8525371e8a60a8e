"""Random custom fields, as admins give them."""

import random
from collections.abc import Callable
from typing import Any

WORDS = {
    "remark": "TEXT",
    "budget": "MONEY",
    "seats": "INTEGER",
    "risk": "PICKLIST",
    "tags": "MULTI_PICKLIST",
    "due": "DATE",
    "hot": "BOOLEAN",
    "site": "URL",
    "champion": "PERSON",
    "firm": "COMPANY",
}
"""Keys of custom fields, and their types."""
_STEPS = (("SCREEN", "PROSPECT"), ("TALK", "PROSPECT"), ("PILOT", "QUALIFIED"))
"""Options of a company's own stages, and the standard ones that they stand for."""


def some_fields(rng: random.Random, label: Callable[[], str], number: int, kind: str) -> list[dict[str, Any]]:
    """So many fields as an admin gives them; few keys, so that those of different companies collide."""
    found: list[dict[str, Any]] = []
    chosen = rng.sample(list(WORDS), k=number)
    if "seats" not in chosen and rng.random() < 0.5:  # a formula reads it
        chosen[0] = "seats"
    for key in chosen:
        made: dict[str, Any] = {"key": key, "type": WORDS[key], "label": label()}
        if rng.random() < 0.5:
            made["audience"] = "PARTICIPANTS"
        if key in ("risk", "tags"):
            values = rng.sample(("LOW", "MIDDLE", "HIGH", "TOP"), k=3)
            made["options"] = [{"value": value, "label": label()} for value in values]
        if key in ("seats", "risk") and rng.random() < 0.2:
            made["required"] = True
        found.append(made)
    if kind == "opportunity" and rng.random() < 0.5:  # own stages
        options = [{"value": v, "label": label(), "standard": s} for v, s in _STEPS]
        made = {"key": "step", "type": "PICKLIST", "label": label(), "refines": "stage", "options": options}
        found.append({**made, "audience": "PARTICIPANTS"} if rng.random() < 0.5 else made)
    keys = {each["key"] for each in found}
    if "seats" in keys and rng.random() < 0.7:
        formula = "budget / seats" if "budget" in keys else "seats * 2"
        made = {"key": "ratio", "type": "FORMULA", "label": label(), "formula": formula}
        found.append({**made, "audience": "PARTICIPANTS"} if rng.random() < 0.5 else made)
    return found
