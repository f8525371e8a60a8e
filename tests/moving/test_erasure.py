"""After erasure not a byte of the company is left in any file of the folder, and partners have all of theirs."""

from pathlib import Path
from typing import Any

import orjson

from schema.errors import BadInput
from schema.field import Base
from schema.names import RecordId
from schema.sharing import PARTICIPANTS, Audience, Sharing
from schema.template import TYPE_WORDS
from schema.values import parse_field
from spaces.change import Change, Receipt
from spaces.fetch import CompanyRow
from spaces.sqlite.spaces import SqliteSpaces
from tests.gateway.associations import define, inside, rule
from tests.gateway.people import made_id
from tests.gateway.test_templates import DEFINE
from tests.gateway.world import World
from tests.moving.small import ACME, ANN, BOB, BOLT, CATALOG, DEAL, at, change, defined, done, people, record, takes

CANARY = "canary"
_PLAIN = (Base.TEXT, Base.URL, Base.EMAIL)


def marked(part: str, kind: Any = DEAL) -> dict[str, Any]:
    """A value with a canary for each text field of a part, also of those within lists and structs."""
    found = {}
    for field in kind.fields(part):
        if field.history_of is not None or field.custom is not None:
            continue
        word = f"{CANARY}{field.name.lower()}"
        if field.type.base in _PLAIN:
            one: Any = {Base.URL: f"https://{word}.test/", Base.EMAIL: f"{word}@x.test"}.get(field.type.base, word)
        elif field.type.base is Base.STRUCT:
            texts = [name for name, type_ in field.type.members if type_.base is Base.TEXT]
            one = dict.fromkeys(texts, word)
        else:
            continue
        try:
            found[field.name] = parse_field(field, [one] if field.type.many else one, (field.name,))
        except BadInput:
            continue  # a struct that wants more than texts
    return found


def hits(folder: Path, *words: str) -> list[str]:
    """Which words lie in which files, in any spelling of SQLite's or JSON's; names of files count too."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    held = {path.name: path.name.encode() + path.read_bytes().lower() for path in files}
    return [f"{word} in {name}" for name, content in held.items() for word in words if word.encode() in content]


async def filled(folder: Path) -> SqliteSpaces:
    """Acme's space with a canary in all that is its own: records of its own of every kind, sides on Bolt's records,
    names, addresses, attributes, messages, receipts, definitions in all versions, and what there was before."""
    spaces = SqliteSpaces.open(folder, CATALOG)
    await people(spaces, ann=CANARY)
    world = World(spaces)
    fields = [{"key": f"f{word.title().replace('_', '')}", "type": word, "label": f"{CANARY} {word}"}
              for word in TYPE_WORDS if word in ("TEXT", "LONG_TEXT")]  # fmt: skip # a line each
    given = {"kind": "OPPORTUNITY", "key": "ours", "label": f"{CANARY} template", "fields": fields}
    made = (await world.data("ann", DEFINE, input=given))["defineTemplate"]
    assert made["userErrors"] == []
    await spaces.define(defined(ACME, "more", orjson.dumps({"template": None, "receipt": [ANN, CANARY, "x"]}).decode()))
    owner, bolt = takes(ACME, "OWNER", "ACCEPTED"), takes(BOLT, "COLLABORATOR", "ACCEPTED")
    mine: list[Change] = []
    for kind in CATALOG.kinds:
        id_ = RecordId(made_id(kind.prefix, "alone"))
        alone: Any = {"joint": marked("joint", kind), "side": marked("side", kind), "participants": (owner,)}
        mine.append(Change(kind, id_, ACME, ANN, at(1), creates=True, natural_key=f"{CANARY}key", **alone))
        changed = dict.fromkeys(alone["side"]) | {"notes": "x"} if kind is DEAL else {}
        mine.append(Change(kind, id_, ACME, ANN, at(2), joint={kind.title: "x"}, side=changed))
    opened = Sharing((("notes", Audience("selected", (BOLT,), (BOB,))), ("nextStep", PARTICIPANTS)))
    mine += [
        change(3, ACME, "ours", creates=True, joint={"name": "Ours"}, side=marked("side"), participants=(owner, bolt),
               sharing=opened, receipt=Receipt(f"{CANARY}receipt", "x")),
        change(3, BOLT, "ours", side={"notes": "bolt keeps this"}),
        change(4, ACME, "ours", participants=(takes(BOLT, "VIEWER", "INVITED", f"{CANARY} message"),)),
        change(4, BOLT, "theirs", creates=True, joint={"name": "Theirs"}, side={"notes": "bolt keeps that"},
               participants=(takes(BOLT, "OWNER", "ACCEPTED"), takes(ACME, "PARTICIPANT", "INVITED", "for Acme"))),
        change(5, ACME, "theirs", side=marked("side"), participants=(takes(ACME, "PARTICIPANT", "ACCEPTED"),)),
        change(6, ACME, "asked", creates=True, joint={"name": f"{CANARY} asked"}, participants=(owner,)),
        change(7, ACME, "asked", participants=(takes(BOLT, "VIEWER", "DECLINED"),)),
    ]  # fmt: skip # reads better side by side
    await done(spaces, *mine)
    await world.done("ann", "updateOpportunity", id=record("theirs"),
                     mine={"fText": f"{CANARY}custom", "fLongText": f"{CANARY}long"})  # fmt: skip # as above
    return spaces


async def test_no_byte_of_an_erased_company_is_left_in_any_file(tmp_path: Path) -> None:
    spaces = await filled(tmp_path)
    assert len(hits(tmp_path, CANARY)) >= 2, "the test looks in the wrong place"
    spaces._network_writes.execute("PRAGMA secure_delete = OFF")  # some builds of SQLite blank what they free
    await spaces.erase(ACME)
    assert hits(tmp_path, CANARY, ANN) == []
    await spaces.close()
    assert hits(tmp_path, CANARY, ANN) == []
    assert not (tmp_path / "companies" / f"{ACME}.db").exists()


async def test_partners_keep_all_of_theirs(tmp_path: Path) -> None:
    spaces = await filled(tmp_path)
    bolt = tmp_path / "companies" / f"{BOLT}.db"
    await spaces.close()
    before = bolt.read_bytes()
    spaces = SqliteSpaces.open(tmp_path, CATALOG)
    await spaces.erase(ACME)
    await spaces.close()
    assert bolt.read_bytes() == before
    spaces = SqliteSpaces.open(tmp_path, CATALOG)
    world = World(spaces)
    query = """{ opportunities(first: 9) { nodes { name mine { notes } owner { name }
        participants { company { name } status } partners { notes } } } }"""
    found = await world.data("bob", query)
    assert sorted(found["opportunities"]["nodes"], key=lambda node: str(node["name"])) == [
        {"name": "Ours", "mine": None, "owner": {"name": ""}, "partners": [],
         "participants": [{"company": {"name": "Bolt"}, "status": "INVITED"}]},
        {"name": "Theirs", "mine": {"notes": "bolt keeps that"}, "owner": {"name": "Bolt"}, "partners": [],
         "participants": [{"company": {"name": "Bolt"}, "status": "ACCEPTED"},
                          {"company": {"name": ""}, "status": "WITHDRAWN"}]},
    ]  # fmt: skip # as the answer reads
    await spaces.close()


async def test_nobody_invites_or_shares_with_a_company_that_was_erased(tmp_path: Path) -> None:
    spaces = await filled(tmp_path)
    await define(World(spaces), rule("acme", "core"), "bob")
    await spaces.erase(ACME)
    world = World(spaces)
    id_ = record("theirs")
    asked = {"recordId": id_, "companyIds": [ACME], "role": "VIEWER"}
    assert await world.refused("bob", "inviteCompanies", **asked) == ("NOT_FOUND", ["companyIds", "0"])
    shared = {"recordId": id_, "fields": ["notes"], "audience": {"kind": "SELECTED", "companies": [ACME]}}
    assert await world.refused("bob", "shareFields", **shared) == ("NOT_FOUND", ["audience", "companies", "0"])
    assert (await world.answer("ann", "{ viewer { email } }")).status == 401
    made = await world.done("bob", "createOpportunity", name="New", mine={"stage": "QUALIFIED"})
    assert await inside(world, str(made), "bob") == {"core": "INVITED"}
    assert await spaces.companies([ACME]) == [CompanyRow(ACME, "")]
    await spaces.close()
