"""What mutations read before they decide: the record as the viewer takes part in it, and the references of input."""

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.bind import bits, record_facts, side_bits, with_record_columns
from gateway.build import positions
from gateway.context import Context
from gateway.objects import Fields, RecordObject
from gateway.plan_values import Needs
from gateway.steps.records import records_by_id
from schema.errors import Forbidden, NotFound
from schema.field import Base, Field
from schema.given import placed
from schema.kind import Kind
from schema.mask import RECORD_ID, record_columns
from schema.names import CompanyId, PersonId, RecordId, prefix_of
from schema.sharing import NO_OVERRIDES, Sharing
from schema.sharing_rule import Condition
from schema.values import flatten, unflatten


async def record_of(ctx: Context, public_id: str, name: str) -> RecordObject:
    """The record with all fields, raw, as the viewer's company takes part in it. Raises NotFound, in the same
    words for a hidden record, an id of another type and one never issued. `name` is the input's field."""
    kind = ctx.catalog.by_prefix.get(prefix_of(public_id) or "")
    if kind is None:
        raise NotFound(field=(name,))
    record = RecordId(public_id)
    found = await records_by_id(ctx, kind, [record], Needs(kind.joint, kind.side))
    if record not in found:
        raise NotFound(field=(name,))
    return found[record]


def joint_bits(ctx: Context, record: RecordObject, action: str) -> int:
    """The joint fields on which the viewer may do this; bit 0 is the permission of a record-level action."""
    program = ctx.decisions.joint(ctx.viewer, record.kind, action)
    facts = record_facts(program.columns, record.id, record.fields, record.values)
    return bits(program, {**facts, "viewer_status": record.row.status, "viewer_role": record.row.role})


def own_bits(ctx: Context, record: RecordObject, action: str) -> int:
    """The fields of the viewer's own side on which it may do this."""
    status = record.row.status
    masks = ctx.decisions.sides(ctx.viewer, record.kind, ctx.viewer.company, action)
    fields = Fields(record.kind, record.kind.side)
    facts = record_facts(masks.columns, record.id, record.fields, record.values)
    facts |= {"viewer_status": status, "owner_status": status}
    return side_bits(masks.program(own_sharing(record)), fields, record.row.own or (), facts)


def joint_facts(kind: Kind, record: RecordId, stored: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a record, as masks test them, from the stored values of its joint fields."""
    values = [cell for field in kind.joint for cell in flatten(field, stored.get(field.name))]
    return record_facts((RECORD_ID,), record, Fields(kind, kind.joint), values)


def expected_joint(ctx: Context, record: RecordObject, action: str) -> tuple[tuple[str, Any], ...]:
    """The joint fields on which it hangs whether the viewer may do this, with their stored values: a change that was
    decided by them wants them still so when it commits."""
    masks = ctx.decisions.sides(ctx.viewer, record.kind, ctx.viewer.company, action)
    tested = record_columns((*ctx.decisions.joint(ctx.viewer, record.kind, action).columns, *masks.columns))
    held = columns_of(record.fields.tuple, record.values)
    return tuple((f.name, unflatten(f, held[f.name])) for f in with_record_columns(record.kind, (), tested))


def new_bits(ctx: Context, kind: Kind, record: Mapping[str, Any], side: Mapping[str, Any]) -> int:
    """The fields that the viewer may write of a side that is about to be made, of the record with these columns; it
    holds `side`, stored values by name."""
    masks = ctx.decisions.sides(ctx.viewer, kind, ctx.viewer.company, "update")
    values = tuple(cell for f in kind.side for cell in flatten(f, side.get(f.name)))
    facts = {**record, "viewer_status": "ACCEPTED", "owner_status": "ACCEPTED"}
    return side_bits(masks.program(NO_OVERRIDES), Fields(kind, kind.side), values, facts)


def own_sharing(record: RecordObject) -> Sharing:
    """The sharing of the viewer's own side."""
    return record.row.sharing or NO_OVERRIDES


def own_columns(record: RecordObject) -> dict[str, tuple[Any, ...]]:
    """The raw columns of the viewer's own side by field name, none where there is no side. For decisions about
    one's own data, never for answers."""
    return columns_of(record.kind.side, record.row.own) if record.row.own is not None else {}


def columns_of(fields: tuple[Field, ...], values: tuple[Any, ...]) -> dict[str, tuple[Any, ...]]:
    """Raw values by field name; `values` are those of a row that has just these fields."""
    places = positions(fields)
    return {f.name: values[places[f.ident] : places[f.ident] + len(f.columns)] for f in fields}


def raw(fields: tuple[Field, ...], values: tuple[Any, ...] | None, name: str) -> Any:
    """The first raw column of a field; the row has all fields of its part. None where there is no row."""
    return None if values is None else values[positions(fields)[name]]


async def check_references(
    ctx: Context, kind: Kind, part: str, stored: Mapping[str, Any], path: tuple[str, ...]
) -> None:
    """Raises NotFound where a value names a company that is not, a person that is not of the viewer's company, or
    a record that does not exist for the viewer."""
    named = kind.joint_by_name if part == "joint" else kind.side_by_name
    for name, value in stored.items():
        field = named[name]
        if value is None or field.type.base not in (Base.COMPANY, Base.PERSON, Base.RECORD):
            continue
        ids = list(value) if field.type.many else [value]
        here = (*path, name)
        if field.type.base is Base.COMPANY:
            await check_companies(ctx, ids, here, listed=field.type.many)
        elif field.type.base is Base.PERSON:
            await check_people(ctx, ids, here, company=ctx.viewer.company, listed=field.type.many)
        else:
            await check_records(ctx, ctx.catalog.by_name[field.type.target or ""], ids, here, listed=field.type.many)


async def check_companies(ctx: Context, ids: Sequence[str], path: tuple[str, ...], *, listed: bool = True) -> None:
    """Raises NotFound unless all exist, and none was erased; with its place where the input has a list."""
    found = await ctx.loaders.companies.load(tuple(CompanyId(i) for i in dict.fromkeys(ids)))
    _demand("company", [i in found and bool(found[i].name) for i in ids], path, listed=listed)


async def check_people(
    ctx: Context,
    ids: Sequence[str],
    path: tuple[str, ...],
    company: CompanyId | None = None,
    *,
    listed: bool = True,
) -> None:
    """The same of people, who must be of the company where one is given."""
    found = await ctx.loaders.people.load(tuple(PersonId(i) for i in dict.fromkeys(ids)))
    rows = [found.get(i) for i in ids]
    there = [row is not None and row.active and company in (None, row.company) for row in rows]
    _demand("person", there, path, listed=listed)


async def check_records(
    ctx: Context, kind: Kind, ids: Sequence[str], path: tuple[str, ...], *, listed: bool = True
) -> None:
    """The same of records of a kind, which must exist for the viewer."""
    found = await records_by_id(ctx, kind, [RecordId(i) for i in ids], Needs()) if ids else {}
    _demand("record", [i in found for i in ids], path, listed=listed)


async def check_conditions(ctx: Context, kind: Kind, conditions: Sequence[Condition]) -> None:
    """The same of what conditions of rules compare with. Whom a joint field may name is for other companies to know,
    so that people in those are not looked up."""
    for place, condition in enumerate(conditions):
        field, value = condition.field_in(kind), condition.value
        listed = isinstance(value, tuple)
        ids = [str(i) for i in (value if isinstance(value, tuple) else (value,))]
        path = ("conditions", str(place), "value")
        if field is None:
            continue
        if field.type.base is Base.COMPANY:
            await check_companies(ctx, ids, path, listed=listed)
        elif field.type.base is Base.RECORD:
            await check_records(ctx, ctx.catalog.by_name[field.type.target or ""], ids, path, listed=listed)
        elif field.type.base is Base.PERSON and condition.of == "side":
            await check_people(ctx, ids, path, company=ctx.viewer.company, listed=listed)


def _demand(what: str, there: Sequence[bool], path: tuple[str, ...], *, listed: bool) -> None:
    if all(there):
        return
    place = (*path, str(there.index(False))) if listed else path
    raise NotFound(placed(place, f"No such {what}."), field=place)


def require(allowed: int, wanted: int, path: tuple[str, ...]) -> None:
    """Raises Forbidden unless all wanted bits are allowed."""
    if wanted & ~allowed:
        raise Forbidden(field=path)
