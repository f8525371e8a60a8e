"""What a viewer tries: random reads and writes, and probes drawn from the cells that differ between the worlds.

Each probe has a quota of its own (`PROBES`), for pure random queries miss planted leaks.
"""

from collections.abc import Callable
from typing import Any

from schema.field import Base
from schema.queryable import groupable, measurable, upper_snake
from schema.shapes_search import kinds_by_value
from schema.sharing_rule import show
from tests.leaks.cast import ACME, AT_HOME, COMPANIES, PEOPLE
from tests.leaks.cells import given_as
from tests.leaks.documents import DEFINED, EXPLAIN, HISTORY, PREVIEW, SCHEMA
from tests.leaks.random_rules import random_rule
from tests.leaks.settings import JOINT
from tests.leaks.tries import Operation, Ref, Tries


def _filter(tries: Tries, probe: str) -> Operation | None:
    cell = tries.cell()
    where = tries.where(cell)
    if where is None:
        return None
    variables = {"where": where, **tries.window()}
    return Operation(probe, tries.rng.choice(tries.pool.pages[cell.kind.name]), variables)


def _sort(tries: Tries, probe: str) -> Operation | None:
    cell = tries.cell()
    order = tries.order(cell)
    if order is None:
        return None
    variables: dict[str, Any] = {"orderBy": [order], **tries.window()}
    if tries.rng.random() < 0.4:
        variables["after" if "first" in variables else "before"] = Ref("cursor", tries.rng.randrange(3))
    return Operation(probe, tries.rng.choice(tries.pool.pages[cell.kind.name]), variables)


def _walk(tries: Tries, probe: str) -> Operation | None:
    kind = tries.rng.choice(tries.catalog.kinds)
    variables: dict[str, Any] = tries.window()
    if tries.rng.random() < 0.6:
        cursor: Any = Ref("cursor", tries.rng.randrange(2))
        variables[tries.rng.choice(("after", "before"))] = cursor
    return Operation(probe, tries.rng.choice(tries.pool.pages[kind.name]), variables)


def _page(tries: Tries, probe: str) -> Operation | None:
    kind = tries.rng.choice(tries.catalog.kinds)
    variables: dict[str, Any] = {"first": 20}
    if tries.rng.random() < 0.3:
        variables["companies"] = tries.rng.sample(COMPANIES, k=2)
    return Operation(probe, tries.rng.choice(tries.pool.pages[kind.name]), variables)


def _one(tries: Tries, probe: str) -> Operation | None:
    id_ = tries.looked_at()
    return Operation(probe, tries.rng.choice(tries.pool.ones[tries.kind_of(id_).name]), {"id": id_})


def _node(tries: Tries, probe: str) -> Operation | None:
    id_ = tries.looked_at()
    ids = [id_, tries.looked_at(), tries.id()]
    return Operation(probe, tries.rng.choice(tries.pool.nodes), {"id": id_, "ids": ids})


def _joined(tries: Tries, probe: str) -> Operation | None:
    rng = tries.rng
    row: dict[str, Any] = {"company": {"eq": rng.choice(COMPANIES)}}
    if rng.random() < 0.6:
        row["status"] = {rng.choice(("eq", "ne")): rng.choice(("DECLINED", "WITHDRAWN", "INVITED", "ACCEPTED"))}
    if rng.random() < 0.3:
        row["role"] = {"eq": rng.choice(("VIEWER", "COLLABORATOR", "PARTICIPANT"))}
    where: dict[str, Any] = {"participants": {rng.choice(("some", "every", "none")): row}}
    if rng.random() < 0.3:
        where = {"partners": {rng.choice(("some", "every", "none")): {"company": {"eq": rng.choice(COMPANIES)}}}}
    kind = rng.choice(tries.catalog.kinds)
    return Operation(probe, rng.choice(tries.pool.pages[kind.name]), {"where": where, **tries.window()})


def _group(tries: Tries, probe: str) -> Operation | None:
    cell, rng = tries.cell(), tries.rng
    key = {"joint": "field", "mine": "mine", "partners": "partners"}[cell.part]
    fields = cell.kind.joint if cell.part == "joint" else cell.kind.side
    groups = [n for n, f in groupable(fields).items() if f is cell.field]
    measures = [n for n, f in measurable(cell.kind.side).items() if f is cell.field] if cell.part != "joint" else []
    by: dict[str, Any] = {key: groups[0]} if groups else rng.choice(({"field": "MY_ROLE"}, {"partners": "COMPANY"}))
    if groups and cell.field.type.base in (Base.DATE, Base.DATETIME):
        by["bucket"] = rng.choice(("MONTH", "YEAR"))
    variables: dict[str, Any] = {"by": [by], "first": rng.choice((1, 20, 100))}
    if rng.random() < 0.4:
        variables["by"].append({"field": rng.choice(("MY_STATUS", "MY_ROLE"))})
    if measures:
        variables["measures"] = [{key: measures[0]}]
    if rng.random() < 0.4 and (where := tries.where(cell)):
        variables["where"] = where
    return Operation(probe, tries.pool.groups[cell.kind.name], variables)


def _search(tries: Tries, probe: str) -> Operation | None:
    rng = tries.rng
    variables: dict[str, Any] = {"text": tries.text(), **tries.window()}
    if rng.random() < 0.3:
        variables["kinds"] = rng.sample(sorted(kinds_by_value(tries.catalog)), k=rng.randint(0, 2))
    if rng.random() < 0.3:
        variables["after" if "first" in variables else "before"] = Ref("cursor", rng.randrange(3))
    return Operation(probe, rng.choice(tries.pool.searches), variables)


def _foreign(tries: Tries, probe: str) -> Operation | None:
    rng = tries.rng
    kind = rng.choice(tries.catalog.kinds)
    if rng.random() < 0.6:
        variables = {**tries.window(), rng.choice(("after", "before")): Ref("foreign cursor", rng.randrange(4))}
        return Operation(probe, rng.choice(tries.pool.pages[kind.name]), variables)
    id_ = tries.id()
    given = {
        "id": id_,
        "mine": tries.side_input(tries.kind_of(id_)),
        "ifVersion": Ref("foreign version", rng.randrange(4)),
    }
    return tries.mutate(probe, f"update{tries.kind_of(id_).type_name}", given)


def _link(tries: Tries, probe: str) -> Operation | None:
    where: dict[str, Any] = {"complementary": {tries.rng.choice(("any", "all")): [tries.id("sol")]}}
    name = "solution"
    if tries.rng.random() < 0.5:  # links cannot be filtered by, and so it is said, whatever is asked for
        where, name = {"mine": {"solutions": {"has": tries.id("sol")}}}, "opportunity"
    return Operation(probe, tries.rng.choice(tries.pool.pages[name]), {"where": where, **tries.window()})


def _create(tries: Tries, probe: str) -> Operation | None:
    kind = tries.rng.choice(tries.catalog.kinds)
    given: dict[str, Any] = {kind.title: "Red", "mine": tries.side_input(kind)}
    if kind.name == "solution" and tries.rng.random() < 0.5:
        given["complementary"] = [tries.id("sol")]
    if kind.name == "opportunity" and tries.rng.random() < 0.5:
        given["mine"]["solutions"] = [tries.id("sol")]
    if tries.rng.random() < 0.4:
        given["invite"] = [tries.rng.choice(COMPANIES)]
    return tries.mutate(probe, f"create{kind.type_name}", given)


def _update(tries: Tries, probe: str) -> Operation | None:
    if tries.rng.random() < 0.25 and (cell := tries.near()):  # a field that differs, to what it may hold already
        value = given_as(cell.value)
        named = {cell.field.group: {cell.field.key: value}} if cell.field.group else {cell.field.name: value}
        part = "joint" if cell.part == "joint" else "mine"
        return tries.mutate(probe, f"update{cell.kind.type_name}", {"id": cell.record, part: named})
    id_ = tries.id()
    kind = tries.kind_of(id_)
    given: dict[str, Any] = {"id": id_}
    if tries.rng.random() < 0.7:
        given["mine"] = tries.side_input(kind)
    if tries.rng.random() < 0.4:
        field = tries.rng.choice([f for f in JOINT[kind.name] if not f.group])
        given["joint"] = {field.name: given_as(tries.pair.maker.value(field, ACME))}
    if tries.rng.random() < 0.4:
        given["ifVersion"] = Ref("version", tries.rng.randrange(2))
    return tries.mutate(probe, f"update{kind.type_name}", given)


def _guests(tries: Tries, probe: str) -> Operation | None:
    """A write on which it hangs whether guests of others' association rules stay."""
    if not tries.visited:
        return None
    id_ = tries.rng.choice(tries.visited)
    kind = tries.kind_of(id_)
    plain = [f for f in JOINT[kind.name] if not f.group and f.name not in {life.field for life in kind.lifecycles}]
    field = tries.rng.choice([f for f in plain if f.name == kind.title or tries.rng.random() < 0.5])
    given = {"id": id_, "joint": {field.name: given_as(tries.pair.maker.value(field, ACME))}}
    if tries.rng.random() < 0.2:
        given["mine"] = tries.side_input(kind, 1)
    return tries.mutate(probe, f"update{kind.type_name}", given)


def _invite(tries: Tries, probe: str) -> Operation | None:
    companies = tries.rng.sample(COMPANIES, k=tries.rng.randint(1, 2))
    given = {"recordId": tries.id(), "companyIds": companies, "role": tries.rng.choice(("VIEWER", "COLLABORATOR"))}
    return tries.mutate(probe, "inviteCompanies", given)


def _respond(tries: Tries, probe: str) -> Operation | None:
    given = {"recordId": tries.id(), "accept": tries.accepting and tries.rng.random() < 0.8}
    return tries.mutate(probe, "respondToInvitation", given)


def _withdraw(tries: Tries, probe: str) -> Operation | None:
    return tries.mutate(probe, "withdraw", {"recordId": tries.id()})


def _share(tries: Tries, probe: str) -> Operation | None:
    id_ = tries.id()
    names = [f.name for f in tries.used(tries.kind_of(id_))]
    audience = tries.rng.choice(
        (
            {"kind": "PRIVATE"},
            {"kind": "PARTICIPANTS"},
            {"kind": "SELECTED", "companies": [tries.rng.choice(COMPANIES)]},
            {"kind": "SELECTED", "people": [tries.rng.choice(PEOPLE).id]},
        )
    )
    given = {"recordId": id_, "fields": tries.rng.sample(names, k=1), "audience": audience}
    return tries.mutate(probe, "shareFields", given)


def _hide(tries: Tries, probe: str) -> Operation | None:
    if not tries.unhiding:
        return None
    return Operation(
        probe,
        tries.rng.choice(tries.pool.mutations["setHidePrivateFields"]),
        {"given": tries.rng.choice((True, False))},
    )


def _schema(tries: Tries, probe: str) -> Operation | None:
    return Operation(probe, SCHEMA, {"name": tries.rng.choice(tries.pool.types)})


def _defined(tries: Tries, probe: str) -> Operation | None:
    return Operation(probe, DEFINED, {})


def _rule_input(tries: Tries) -> dict[str, Any] | None:
    setting = tries.pair.setting
    rule = random_rule(tries.rng, ACME, setting)
    kind = setting.kind(ACME, rule.kind)
    if any(i not in kind.side_by_ident for i in rule.fields) or not all(c.field_in(kind) for c in rule.conditions):
        return None
    given = {**show(rule, kind), "kind": upper_snake(rule.kind)}
    return {name: value for name, value in given.items() if value is not None}


def _rule(tries: Tries, probe: str) -> Operation | None:
    given = _rule_input(tries)
    return tries.mutate(probe, "defineSharingRule", given) if given else None


def _preview(tries: Tries, probe: str) -> Operation | None:
    given = _rule_input(tries)
    company = tries.rng.choice(COMPANIES[1:])
    person = tries.rng.choice((None, tries.rng.choice(AT_HOME[company])))
    variables = {"input": given, "company": company, "person": person}
    return Operation(probe, PREVIEW, variables) if given else None


def _reader(tries: Tries) -> dict[str, Any]:
    """Somebody with whose eyes to look: mostly a partner."""
    company = tries.rng.choice((*COMPANIES[1:], *COMPANIES))
    return {"company": company, "person": tries.rng.choice((None, tries.rng.choice(AT_HOME[company])))}


def _explain(tries: Tries, probe: str) -> Operation | None:
    return Operation(probe, EXPLAIN, {"id": tries.id(), **_reader(tries)})


def _preview_as(tries: Tries, probe: str) -> Operation | None:
    cell = tries.cell()
    order = tries.order(cell)
    variables = {**_reader(tries), "where": tries.where(cell), "orderBy": [order] if order else None}
    return Operation(probe, tries.rng.choice(tries.pool.previews[cell.kind.name]), variables)


def _history(tries: Tries, probe: str) -> Operation | None:
    id_ = tries.rng.choice(tries.known) if tries.known and tries.rng.random() < 0.8 else tries.id()
    if tries.rng.random() < 0.5 and (cell := tries.near("joint", "mine")):
        id_ = cell.record
    return Operation(probe, HISTORY, {"id": id_, **tries.window()})


def _outside(tries: Tries, probe: str) -> Operation | None:
    """A partner's custom field, by a name that the viewer's company has no type for."""
    company = tries.rng.choice(COMPANIES[1:])
    kind = tries.rng.choice(tries.catalog.kinds)
    names = [
        f.name for f in tries.pair.other.setting.kind(company, kind.name).custom if f.name not in kind.side_by_name
    ]
    if not names:
        return None
    where = {"partners": {"some": {tries.rng.choice(names): {"isNull": False}}}}
    return Operation(probe, tries.rng.choice(tries.pool.pages[kind.name]), {"where": where, **tries.window()})


PROBES: dict[str, tuple[int, Callable[[Tries, str], Operation | None]]] = {
    "filter": (24, _filter),
    "sort": (14, _sort),
    "walk": (8, _walk),
    "page": (10, _page),
    "one": (8, _one),
    "node": (9, _node),
    "link": (4, _link),
    "joined": (4, _joined),
    "group": (12, _group),
    "search": (16, _search),
    "foreign": (3, _foreign),
    "create": (6, _create),
    "update": (9, _update),
    "guests": (3, _guests),
    "invite": (4, _invite),
    "respond": (3, _respond),
    "withdraw": (2, _withdraw),
    "share": (4, _share),
    "hide": (1, _hide),
    "schema": (3, _schema),
    "defined": (2, _defined),
    "rule": (2, _rule),
    "preview": (3, _preview),
    "outside": (2, _outside),
    "explain": (3, _explain),
    "preview as": (4, _preview_as),
    "history": (4, _history),
}
"""Each probe's quota and its maker."""
_ADMINS = ("rule", "preview")  # most of these are an admin's
_OF_DEFINITIONS = ("schema", "defined")


def operations(tries: Tries, count: int) -> list[Operation]:
    """So many operations of one scenario."""
    times = 5 if "admin" in tries.pair.viewer.roles else 1
    weights = [w * times if name in _ADMINS else w for name, (w, _) in PROBES.items()]
    if tries.visited:
        weights = [w * 8 if name == "guests" else w for name, w in zip(PROBES, weights, strict=True)]
    if tries.pair.other.setting is not tries.pair.setting:  # something else is defined
        weights = [w * 4 if name in _OF_DEFINITIONS else w for name, w in zip(PROBES, weights, strict=True)]
    names = tries.rng.choices(list(PROBES), weights=weights, k=count)
    return [made for name in names if (made := PROBES[name][1](tries, name))]
