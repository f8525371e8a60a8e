"""Regression tests of what templates could tell of themselves, by the row of docs/leaks.md."""

from dataclasses import replace
from itertools import count
from typing import Any

from schema.names import CompanyId, RecordId
from schema.sharing import NO_OVERRIDES, PARTICIPANTS
from schema.template import Template
from schema.template_read import define
from spaces.change import Change, Participation
from tests.leaks.boxes import Box, Observed
from tests.leaks.cast import ACME, AT_HOME, BASE, BOLT, BY_NAME, CORE, DUNE, PEOPLE, made_id
from tests.leaks.settings import Setting
from tests.leaks.state import replay

ANN = BY_NAME["ann"]
DEAL = RecordId(made_id("opp", "deal"))
_SHARED = {"type": "INTEGER", "label": "Seats", "audience": "PARTICIPANTS"}


def template(name: str, company: CompanyId, key: str, *shared: CompanyId, **field: Any) -> Template:
    content = {"kind": "opportunity", "key": name, "label": "Made", "fields": [{"key": key, **field}]}
    number = count()
    made = define(content, BASE.by_name, made_id("tpl", name), company, lambda p: made_id(p, f"{name} {next(number)}"))
    return replace(made, shared_with=tuple(sorted(shared)))


async def told(text: str, setting: Setting) -> Observed:
    """What Ann is told of Bolt's deal with Acme, in which each of Bolt's custom fields is 7. Bolt shares those whose
    templates say so, be they its own or not."""
    owner, acme = Participation(BOLT, "OWNER", "ACCEPTED"), Participation(ACME, "PARTICIPANT", "ACCEPTED")
    side = {field.ident: 7 for field in setting.kind(BOLT, "opportunity").custom}
    open_ = [f.ident for each in setting.templates for f in each.fields if f.audience == "participants"]
    sharing = NO_OVERRIDES.changed({ident: PARTICIPANTS for ident in open_ if ident in side})
    at, parts = "2025-06-01T00:00:00.000000Z", (owner, acme)
    kind, person = BASE.by_name["opportunity"], AT_HOME[BOLT][0]
    made = Change(kind, DEAL, BOLT, person, at, True, {"name": "Red"}, side=side, sharing=sharing, participants=parts)
    box = Box("memory")
    await box.fill(PEOPLE, replay([made], setting)[1], setting)
    found = await box.post(ANN, text, {})
    await box.close()
    assert found.status == 200
    assert b'"errors"' not in found.body
    return found


CUSTOM = "{ opportunities(first: 9) { nodes { partners { customFields { key label type value } } } } }"


async def test_row_12_the_key_of_a_custom_field_tells_of_no_hidden_one() -> None:
    """Bolt has its own secret `seats`, so Core's, which it shares with Bolt, has another name in Bolt's own schema."""
    cores = template("cores", CORE, "seats", BOLT, **_SHARED)
    secret = template("secret", BOLT, "seats", type="INTEGER", label="Secret")
    one, two = [await told(CUSTOM, Setting(-1, templates)) for templates in ((cores,), (secret, cores))]
    assert one.body == two.body
    assert f'"key":"seats_{cores.fields[0].ident[3:9]}"'.encode() in one.body


async def test_row_12_a_custom_field_has_the_name_that_its_reader_knows() -> None:
    """What is typed for Acme has the same name in `customFields`; what would take that name has a part of its id."""
    ours, theirs = template("ours", ACME, "seats", BOLT, **_SHARED), template("theirs", BOLT, "seats", **_SHARED)
    found = await told(CUSTOM, Setting(-1, (ours, theirs)))
    assert b'"key":"seats","label"' in found.body
    assert f'"key":"seats_{theirs.fields[0].ident[3:9]}"'.encode() in found.body
    alone = await told(CUSTOM, Setting(-1, (theirs,)))
    assert b'"key":"seats","label"' in alone.body


async def test_row_18_the_version_of_anothers_template_does_not_count_with_whom_else_it_is_shared() -> None:
    text = "{ templates { id key version sharedWith { name } } }"
    first = template("theirs", BOLT, "seats", ACME, **_SHARED)
    then = replace(first, version=2, shared_with=tuple(sorted((ACME, DUNE))))
    one, two = [await told(text, Setting(-1, (each,))) for each in (first, then)]
    assert one.body == two.body
    assert b'"version":null' in one.body
    own = await told(text, Setting(-1, (template("ours", ACME, "seats", **_SHARED),)))
    assert b'"version":1' in own.body
