"""Planted leaks of templates, custom fields, sharing rules, access policies and history."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from gateway import models
from gateway.level import lists, one_each
from gateway.mutations import associating, reading
from gateway.mutations import records as record_mutations
from gateway.mutations.reading import columns_of
from gateway.objects import SideObject, TemplateObject
from gateway.rule_objects import SharingRulePreviewObject
from gateway.steps import templates as template_steps
from policies.access_text import access_text as plain_access_text
from policies.decide import Epochs
from policies.rules_text import rules_text as plain_text
from schema.access_policy import ALL_JOINT, ALL_SIDE, JOINT_PREFIX, AccessPolicy
from schema.derived import sources_of as plain_sources
from schema.kind import Kind
from schema.mask import RECORD_ID
from schema.sharing import Audience
from schema.sharing_rule import SharingRule
from schema.where import ALWAYS
from spaces.memory import MemorySpaces
from tests.leaks.cast import ACME, PEOPLE
from tests.leaks.planted_pages import Plant, inner, pages, raw, resolver
from tests.leaks.scenario import Harness
from tests.leaks.settings import Setting


def _custom(wanted: Callable[[Any], bool]) -> Plant:
    """customFields that shows, besides what it should, those fields of partners for which `wanted` holds."""

    async def change(harness: Harness, plain: Any, parents: Any, args: Any, ctx: Any, step: Any) -> Any:
        sides = []
        for side in parents:
            if isinstance(side, SideObject) and side.values:
                bits = sum(f.bit for f in side.fields.of_owner.custom if wanted(f))
                given = (side.company, side.mask, side.seen | bits, side.values, side.fields, side.stamps)
                sides.append(SideObject(*given))
            else:
                sides.append(side)
        return plain(sides, args, ctx, step)

    return resolver("customFields", change)


def _rules(change: Callable[[SharingRule, tuple[SharingRule, ...]], SharingRule | None]) -> Plant:
    """Rules compiled otherwise: `change(rule, all)` in the place of each."""

    def rules_text(rules: Any, kinds: Any) -> str:
        found = tuple(rules)
        return plain_text([made for rule in found if (made := change(rule, found))], kinds)

    return lambda harness: patch("gateway.rules_in_force.rules_text", rules_text)


def _deny_ignored(rule: SharingRule, all_: tuple[SharingRule, ...]) -> SharingRule | None:
    named = any(each.effect == "ALLOW" and each.audience.kind == "selected" for each in all_)
    return None if rule.effect == "DENY" and named else rule


def _for_the_company(rule: SharingRule, all_: tuple[SharingRule, ...]) -> SharingRule:
    homes = {row.company for row in PEOPLE if row.id in rule.audience.people}
    companies = tuple(sorted({*rule.audience.companies, *homes}))
    return replace(rule, audience=Audience(rule.audience.kind, companies, rule.audience.people))


def _unconditional(rule: SharingRule, all_: tuple[SharingRule, ...]) -> SharingRule:
    return replace(rule, conditions=() if rule.effect == "ALLOW" else rule.conditions)


def _record_ignored(rule: SharingRule, all_: tuple[SharingRule, ...]) -> SharingRule:
    kept = tuple(each for each in rule.conditions if each.of == "side")
    return replace(rule, conditions=kept) if rule.effect == "ALLOW" else rule


def _of_all_records(rule: SharingRule, all_: tuple[SharingRule, ...]) -> SharingRule:
    return replace(rule, records=() if rule.effect == "ALLOW" else rule.records)


def _unset_denies_nothing(rule: SharingRule, all_: tuple[SharingRule, ...]) -> SharingRule | None:
    return None if rule.effect == "DENY" and rule.conditions else rule


def _policies(change: Callable[[AccessPolicy], AccessPolicy | None]) -> Plant:
    """Access policies compiled otherwise: `change(policy)` in the place of each."""

    def access_text(policies: Any, kinds: Any) -> str:
        return plain_access_text([made for policy in policies if (made := change(policy))], kinds)

    return lambda harness: patch("gateway.rules_in_force.access_text", access_text)


def _partners_left_out(policy: AccessPolicy) -> AccessPolicy | None:
    return None if policy.people is None else policy


def _joint_left_out(policy: AccessPolicy) -> AccessPolicy | None:
    kept = tuple(name for name in policy.fields if not name.startswith(JOINT_PREFIX) or name == ALL_JOINT)
    return replace(policy, fields=kept) if kept else None


def _records_left_out(policy: AccessPolicy) -> AccessPolicy | None:
    return None if ALL_JOINT in policy.fields and "READ" in policy.actions else policy


def _sides_left_out(policy: AccessPolicy) -> AccessPolicy | None:
    return None if policy.fields == (ALL_SIDE,) else policy


def _unset_is_writable(harness: Harness) -> Any:
    """A joint field that is not set may be written by whom a policy keeps it from."""
    plain = reading.joint_bits

    def joint_bits(ctx: Any, record: Any, action: str) -> int:
        held = columns_of(record.kind.joint, record.row.joint)
        unset = sum(f.bit for f in record.kind.joint if held[f.name][0] is None)
        found: int = plain(ctx, record, action)
        return found | (unset if found else 0)

    return patch.object(record_mutations, "joint_bits", joint_bits)


def _guests_by_hidden_sides(harness: Harness) -> Any:
    """Whoever writes a record has others' association rules asked of their sides, too."""
    plain = associating._named

    def named(ctx: Any, company: Any, kind: str, held: associating.Held) -> Any:
        side = inner(harness)._sides.get((company, held.record[RECORD_ID]))
        return plain(ctx, company, kind, held if held.side or not side else replace(held, side=side.cells))

    return patch.object(associating, "_named", named)


def _own_stages_stay(harness: Harness) -> Any:
    """A picklist that refines another stays open where a policy closes that one."""

    def sources_of(kind: Kind) -> Any:
        refining = {f.ident for f in kind.custom if f.custom and f.custom.refines}
        return {ident: sources for ident, sources in plain_sources(kind).items() if ident not in refining}

    def telling_of(kind: Kind, idents: Any) -> Any:
        return idents | {ident for ident, sources in sources_of(kind).items() if sources & idents}

    return patch.multiple("policies.access_ways", sources_of=sources_of, telling_of=telling_of)


def _own_left_out(policy: AccessPolicy) -> AccessPolicy | None:
    return None if policy.people is not None and policy.effect == "DENY" else policy


async def _history_of_all(harness: Harness, plain: Any, parents: Any, args: Any, ctx: Any, step: Any) -> Any:
    """History that looks at no mask of the own side."""
    for record in parents:
        if record.mine is not None:
            record.mine.mask = -1
    return await plain(parents, args, ctx, step)


def _past_its_day(harness: Harness) -> Any:
    return patch.object(SharingRule, "in_force", lambda self, day: self.since is None or self.since <= day)


def _one_for_all(harness: Harness) -> Any:
    return patch.object(Epochs, "of", lambda self, company: next(iter(self.own.values()), self.shared))


@contextlib.contextmanager
def _typed_for_all(harness: Harness) -> Iterator[None]:
    """The viewers' schema has the fields of all templates."""
    plain = models.PinnedModels.catalog

    def catalog(self: models.PinnedModels, company: Any) -> Any:
        if company != ACME:
            return plain(self, company)
        widened = [replace(t, shared_with=(*t.shared_with, ACME)) for t in self.templates.by_id.values()]
        return self._models.catalog_of(company, tuple(widened))

    with patch.object(models.PinnedModels, "catalog", catalog):
        yield
    for box in harness.boxes:
        box.gateway.services.models._catalogs.clear()


def _told_to_all(harness: Harness) -> Any:
    async def change(harness: Harness, plain: Any, parents: Any, args: Any, ctx: Any, step: Any) -> Any:
        found = [TemplateObject(t, ctx.viewer.company) for t in ctx.models.templates.by_id.values()]
        return lists([found for _ in parents])

    return resolver("templates", change)(harness)


def _versions(harness: Harness) -> Any:
    return patch.object(TemplateObject, "version", property(lambda self: self.template.version))


def _owners_names(harness: Harness) -> Any:
    def keys(ctx: Any, owner: Any, kind: Kind, viewers: Kind) -> dict[str, str]:
        return {f.ident: f.name for f in kind.custom}

    return patch.object(template_steps, "_keys", keys)


def _lives_on(harness: Harness) -> Any:
    """Templates that were retired, and fields that were dropped, are still in force."""
    alive = property(lambda self: models.in_force((*self.templates, *self.dropped)))
    return patch.object(Setting, "in_force", alive)


async def _filter_custom(plain: Any, self: Any, fetch: Any) -> Any:
    if "cf_" not in repr(fetch.where):
        return await plain(self, fetch)
    wide = replace(raw(fetch), limit=1000, after=None, before=None, order=(), search=None)
    ids = tuple(row.record for row in (await plain(self, wide)).rows)
    return await plain(self, replace(fetch, where=ALWAYS, ids=ids))


async def _sort_custom(plain: Any, self: Any, fetch: Any) -> Any:
    page = await plain(self, fetch)
    if "cf_" not in repr(fetch.order):
        return page
    wide = replace(raw(fetch), after=None, before=None, limit=1000)
    order = [row.record for row in (await plain(self, wide)).rows]
    return replace(page, rows=sorted(page.rows, key=lambda row: order.index(row.record)))


def _groups_custom(harness: Harness) -> Any:
    plain = MemorySpaces.groups

    async def groups(self: MemorySpaces, fetch: Any) -> Any:
        return await plain(self, raw(fetch) if "cf_" in repr((fetch.by, fetch.measures)) else fetch)

    return patch.object(MemorySpaces, "groups", groups)


async def _preview_counts(harness: Harness, plain: Any, parents: Any, args: Any, ctx: Any, step: Any) -> Any:
    await plain(parents, args, ctx, step)
    return one_each(SharingRulePreviewObject(len(inner(harness)._records), []) for _ in parents)


def _is_formula(field: Any) -> bool:
    return field.custom.formula is not None


DEFINED_LEAKS: dict[str, Plant] = {
    "11 customFields shows what is not shared": _custom(lambda field: True),
    "11 formulas are shown whatever their audience": _custom(_is_formula),
    "12 an unshared template is typed for partners": _typed_for_all,
    "12 templates lists those of others": _told_to_all,
    "12 key of a custom field gives way to a hidden one": _owners_names,
    "18 version of a template counts its sharing": _versions,
    "1 filter compares raw custom values": pages(_filter_custom),
    "4 sort by raw custom values": pages(_sort_custom),
    "7 groups of raw custom values": _groups_custom,
    "8 preview of a rule counts all records": resolver("previewSharingRule", _preview_counts),
    "20 DENY is ignored where an ALLOW names somebody": _rules(_deny_ignored),
    "20 DENY whose test is unset is ignored": _rules(_unset_denies_nothing),
    "20 rule for a person is for its company": _rules(_for_the_company),
    "20 conditions of a rule are ignored": _rules(_unconditional),
    "20 conditions on the record are ignored": _rules(_record_ignored),
    "20 rule for some records is for all": _rules(_of_all_records),
    "20 rule holds past its last day": _past_its_day,
    "20 policy about partners is ignored": _policies(_partners_left_out),
    "20 policy about own people is ignored": _policies(_own_left_out),
    "15 guests stay by what is hidden of their hosts' sides": _guests_by_hidden_sides,
    "20 own stages stay open where the stage is closed": _own_stages_stay,
    "20 policy about joint fields is ignored": _policies(_joint_left_out),
    "14 policy that hides records is ignored": _policies(_records_left_out),
    "20 policy that hides sides is ignored": _policies(_sides_left_out),
    "19 refusal to write tells of an unset joint field": _unset_is_writable,
    "28 history of the own side looks at no mask": resolver("history", _history_of_all),
    "29 rules of one company hold for all": _one_for_all,
    "48 what is retired or dropped lives on": _lives_on,
}
"""Each by its row and what it does."""
