"""createX and updateX of every kind."""

import json
from collections.abc import Mapping
from typing import Any

from gateway.bind import bits
from gateway.context import Context
from gateway.mutations.associating import Held, Place, associated, moved
from gateway.mutations.commit import Decision
from gateway.mutations.custom import with_custom, with_refined
from gateway.mutations.participants_after import participants_after, written_cells
from gateway.mutations.reading import (
    check_companies,
    check_references,
    columns_of,
    expected_joint,
    joint_bits,
    joint_facts,
    new_bits,
    own_bits,
    own_columns,
    raw,
    record_of,
    require,
)
from gateway.mutations.touching import Standing, touched
from gateway.objects import RecordObject, version_scope
from gateway.plan_values import Needs, PlanStep
from gateway.steps.records import linked_records
from schema.custom_values import lifecycle_of
from schema.errors import BadInput, Conflict, NotFound, Refusal
from schema.field import Base, Field
from schema.history import with_history
from schema.kind import Kind, Lifecycle
from schema.mask import EXISTS
from schema.names import CompanyId, RecordId
from schema.values import flatten, natural_key, parse_field, unflatten
from spaces.change import Change

OWNER, PARTICIPANT, ACCEPTED, INVITED = "OWNER", "PARTICIPANT", "ACCEPTED", "INVITED"
MOST_INVITED = 100


class IllegalMove(Refusal):
    """This move is not part of the lifecycle."""

    code = "ILLEGAL_MOVE"


async def create(ctx: Context, given: dict[str, Any], step: PlanStep) -> Decision:
    """Opens a record owned by the viewer's company, with its side, and invites companies."""
    kind = ctx.catalog.by_name[step.source.kind or ""]
    given = dict(given)  # taken apart below, and whole again should the new id be taken
    record = RecordId(ctx.services.new_id(kind.prefix))
    own = ctx.viewer.company
    named = given.pop("invite", None) or ()
    invited = list(dict.fromkeys(named))
    side = with_refined(kind, _read(kind, "side", given.pop("mine", None) or {}, ("mine",)))
    joint = _read(kind, "joint", _ungrouped(kind, given), ())
    facts = joint_facts(kind, record, {**kind.starts("joint"), **joint})
    mask = ctx.decisions.joint(ctx.viewer, kind, "update")
    allowed = bits(mask, {**facts, "viewer_status": ACCEPTED, "viewer_role": OWNER})
    require(allowed, EXISTS, ())
    if len(invited) > MOST_INVITED:
        raise BadInput(f"Invite at most {MOST_INVITED} companies at once.", field=("invite",))
    if own in invited:
        raise BadInput("Your own company takes part already.", field=("invite",))
    await check_companies(ctx, named, ("invite",))
    for field in kind.joint:
        if field.required and joint.get(field.name) is None:
            raise BadInput("This field is required.", field=(field.group or field.name,))
    _allowed(kind.joint_by_name, joint, allowed, "")
    _allowed(kind.side_by_name, side, new_bits(ctx, kind, facts, {**kind.starts("side"), **side}), "mine")
    await check_references(ctx, kind, "joint", joint, ())
    await check_references(ctx, kind, "side", side, ("mine",))
    now = ctx.services.now()
    joint = {**kind.starts("joint"), **joint}
    side = with_history(kind, with_custom(kind, {**kind.starts("side"), **side}, None), {}, now)
    places = {own: Place(Standing(OWNER, ACCEPTED))}
    places |= {CompanyId(c): Place(Standing(PARTICIPANT, INVITED)) for c in invited}
    if ctx.services.rules.associations(own):
        places = await associated(ctx, kind, own, places, Held(facts, written_cells(kind, side)))
    change = Change(
        kind,
        record,
        own,
        ctx.viewer.person,
        now,
        creates=True,
        joint=joint,
        side=side,
        participants=moved({}, places),
        touched=tuple(places),
        natural_key=natural_key(kind, side),
    )
    return Decision(kind, record, change)


async def update(ctx: Context, given: dict[str, Any], step: PlanStep) -> Decision:
    """Changes just the named fields of the record and of the viewer's own side."""
    kind = ctx.catalog.by_name[step.source.kind or ""]
    record = await record_of(ctx, given["id"], "id")
    if record.kind is not kind:
        raise NotFound(field=("id",))
    expected = _expected_version(ctx, record, given.get("ifVersion"))
    joint = _read(kind, "joint", _ungrouped(kind, given.get("joint") or {}), ("joint",))
    side = with_refined(kind, _read(kind, "side", given.get("mine") or {}, ("mine",)))
    _allowed(kind.joint_by_name, joint, joint_bits(ctx, record, "update"), "joint")
    _allowed(kind.side_by_name, side, own_bits(ctx, record, "update") if side else 0, "mine")
    await check_references(ctx, kind, "joint", joint, ("joint",))
    await check_references(ctx, kind, "side", side, ("mine",))
    joint_before = _check_moves(kind, "joint", joint, record.row.joint)
    _check_moves(kind, "side", side, record.row.own)
    joint = await _with_hidden_links(ctx, kind.joint, joint, record.row.joint)
    side = await _with_hidden_links(ctx, kind.side, side, record.row.own)
    joint = _differing(kind.joint, joint, record.row.joint)
    joint_wanted = sum(kind.joint_by_name[name].bit for name in joint)
    if not joint and not side:
        return Decision(kind, record.id, None)
    now = ctx.services.now()
    written = _whole(kind, record, side, now) if side else None
    around = _facts_around(record, joint)
    inside = await participants_after(ctx, record, joint, written, around[1])
    before, after = inside.standings
    change = Change(
        kind,
        record.id,
        ctx.viewer.company,
        ctx.viewer.person,
        now,
        joint=joint,
        side=written,
        participants=inside.moves,
        touched=touched(ctx, kind, before, after, joint_wanted, around),
        expect=((ctx.viewer.company, record.row.status), *inside.expect),
        expect_roles=inside.expect_roles,
        expect_joint=(*joint_before, *expected_joint(ctx, record, "update"), *inside.expect_joint),
        expect_associations=inside.expect_associations,
        # what was read of the own side (history, lifecycle) must still hold, whether or not the client asked
        if_version=expected or (record.row.own_version if side else inside.version),
        natural_key=natural_key(kind, side),
    )
    return Decision(kind, record.id, change)


def _facts_around(record: RecordObject, joint: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The record's columns, as masks test them, before these joint fields change and after."""
    held = columns_of(record.kind.joint, record.row.joint)
    before = {f.name: unflatten(f, held[f.name]) for f in record.kind.joint}
    return joint_facts(record.kind, record.id, before), joint_facts(record.kind, record.id, {**before, **joint})


def _whole(kind: Kind, record: RecordObject, side: dict[str, Any], now: str) -> dict[str, Any]:
    """The side fields to be written with all that follows from them."""
    life = lifecycle_of(kind)
    state = raw(kind.joint, record.row.joint, life.field) if life is not None and life.part == "joint" else None
    held = own_columns(record)
    return with_history(kind, with_custom(kind, side, held, state), held, now)


def _ungrouped(kind: Kind, given: Mapping[str, Any]) -> dict[str, Any]:
    """Input by field name: members of a group are fields of their own; a null group clears each of them."""
    flat: dict[str, Any] = {}
    for name, value in given.items():
        members = {f.key: f.name for f in kind.joint if f.group == name}
        if members:
            flat |= {members[key]: item for key, item in (value or dict.fromkeys(members)).items()}
        else:
            flat[name] = value
    return flat


def _read(kind: Kind, part: str, given: Mapping[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    named = {f.name: f for f in kind.fields(part)}
    found = {name: parse_field(named[name], value, (*path, *_place(named[name]))) for name, value in given.items()}
    links = [name for name in found if named[name].type.base is Base.RECORD and named[name].type.many]
    return found | {name: tuple(dict.fromkeys(found[name])) for name in links if found[name] is not None}


def _place(field: Field) -> tuple[str, ...]:
    return (field.group, field.key or "") if field.group else (field.name,)


def _allowed(named: Mapping[str, Field], stored: Mapping[str, Any], allowed: int, part: str) -> None:
    for name in stored:
        require(allowed, named[name].bit, (*((part,) if part else ()), *_place(named[name])))


def _differing(fields: tuple[Field, ...], stored: Mapping[str, Any], values: tuple[Any, ...]) -> dict[str, Any]:
    """The values that are not stored so already: a write that changes nothing moves nobody's `updatedAt`."""
    columns = columns_of(fields, values)
    named = {f.name: f for f in fields}
    return {name: value for name, value in stored.items() if flatten(named[name], value) != columns[name]}


async def _with_hidden_links(
    ctx: Context, fields: tuple[Field, ...], stored: dict[str, Any], values: tuple[Any, ...] | None
) -> dict[str, Any]:
    """The patch, with the links that its writer cannot see behind those it names: they are not its to take away."""
    kept = dict(stored)
    for field in fields:
        if values is None or field.name not in stored or field.type.base is not Base.RECORD or not field.type.many:
            continue
        held = columns_of(fields, values)[field.name][0]
        ids = tuple(RecordId(i) for i in json.loads(held)) if held else ()
        seen = await linked_records(ctx, ctx.catalog.by_name[field.type.target or ""], ids, Needs())
        hidden = tuple(i for i in ids if i not in seen)
        if hidden:
            kept[field.name] = (*(stored[field.name] or ()), *hidden)
    return kept


def _expected_version(ctx: Context, record: RecordObject, sealed: str | None) -> int | None:
    if sealed is None:
        return None
    version = ctx.services.seal.open(version_scope(ctx.viewer.company, record.id), sealed, "ifVersion")
    if record.mine is None or version != record.mine.state:
        raise Conflict(field=("ifVersion",))
    return record.row.own_version


def _check_moves(
    kind: Kind, part: str, stored: Mapping[str, Any], values: tuple[Any, ...] | None
) -> tuple[tuple[str, Any], ...]:
    """The former values of the lifecycle fields that move. Raises IllegalMove."""
    before: list[tuple[str, Any]] = []
    for life in kind.lifecycles:
        if life.part == part and life.field in stored:
            was = raw(kind.fields(part), values, life.field)
            _check_move(life, was, stored[life.field], part)
            before.append((life.field, was))
    return tuple(before)


def _check_move(life: Lifecycle, was: str | None, new: str | None, part: str) -> None:
    if not life.allows(was, new):
        where = ("mine" if part == "side" else "joint", life.field)
        # where it stands is not told: who writes a field may have hidden it from itself
        raise IllegalMove(
            f"It cannot move to {new} from where it stands." if new else "It cannot be cleared.", field=where
        )
