"""What a reader of history may see, taken from the masks of its fetch: both backends read it here."""

from collections.abc import Iterator

from schema.mask import EXISTS, MaskProgram
from spaces.columns import ACCEPTED
from spaces.fetch import HistoryFetch
from spaces.history import FIELD, JOINT, OPENED, ROLES, SHARING, SIDE, STATUSES, is_kept


def keys_of(fetch: HistoryFetch, joint: int, side: int) -> Iterator[tuple[str, str]]:
    """The (what, key) of entries that show where the masks gave these bits, all but participants'."""
    asked = fetch.fields
    if asked is None:
        yield OPENED, ""
        if side & EXISTS:
            yield SIDE, ""
    for field in fetch.kind.joint:
        if joint & field.bit and is_kept(field) and (asked is None or field.ident in asked):
            yield JOINT, field.ident
    for field in fetch.kind.side if side & EXISTS else ():
        if side & field.bit and (asked is None or field.ident in asked):
            yield SHARING, field.ident
            if is_kept(field):
                yield FIELD, field.ident


def known_standings(fetch: HistoryFetch) -> list[tuple[str, str, bool, str, str]]:
    """Of which participation (own or not, role, status) the mask lets a reader know whose company has a role and a
    status, as one of those asked for."""
    return [
        (*viewer, own, role, status)
        for viewer in dict.fromkeys((each.role, each.status) for each in fetch.records)
        for own in (True, False)
        for role in ROLES
        for status in STATUSES
        if _bits(
            fetch.participants,
            {"viewer_role": viewer[0], "viewer_status": viewer[1], "own": own, "role": role, "status": status},
        )
        & EXISTS
    ]


def after_acceptance(before: tuple[str, str] | None, after: tuple[str, str]) -> bool:
    """Whether a participation, (role, status), became one that takes part."""
    return after[1] == ACCEPTED and (before is None or before[1] != ACCEPTED)


def _bits(program: MaskProgram, facts: dict[str, object]) -> int:
    if not program.columns:
        return program.always
    found: int = program.evaluate(*[facts[column] for column in program.columns])
    return found
