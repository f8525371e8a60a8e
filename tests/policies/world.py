"""A small catalog, people of three companies, and what they see as plain names."""

from policies import Policies
from policies.facts import EXISTS_NAME
from schema.field import Base, Field, FieldType
from schema.kind import Catalog, Kind
from schema.mask import MaskProgram
from schema.names import CompanyId, PersonId
from schema.sharing import NO_OVERRIDES, Audience, Sharing
from schema.viewer import Viewer
from schema.where import Scalar

ACME, GLOBEX, INITECH = CompanyId("co_acme"), CompanyId("co_globex"), CompanyId("co_initech")

TEXT = FieldType("Text", Base.TEXT)
TYPES = {
    "stage": TEXT,
    "amount": FieldType("Money", Base.MONEY),
    "score": FieldType("Number", Base.NUMBER),
    "hot": FieldType("Boolean", Base.BOOLEAN),
    "chance": FieldType("Integer", Base.INTEGER),
    "tags": FieldType("[Text]", Base.TEXT, many=True),
    "nextStep": TEXT,
}


def field(name: str, part: str, index: int, audience: str, of: FieldType = TEXT) -> Field:
    return Field(name, part, of, "A field.", index, audience)  # type: ignore[arg-type] # literals, told by the tests


def kind(name: str, joint: list[Field], side: list[Field]) -> Kind:
    return Kind(name, name + "s", name.capitalize(), name, "A kind.", joint[0].name, tuple(joint), tuple(side))


DEAL = kind(
    "deal",
    [
        field("name", "joint", 1, "invited"),
        field("region", "joint", 2, "invited"),
        field("contact", "joint", 3, "participants"),
    ],
    [
        field(n, "side", i, "participants" if n == "nextStep" else "private", t)
        for i, (n, t) in enumerate(TYPES.items(), 1)
    ],
)
HINT = kind("hint", [field("title", "joint", 1, "participants")], [field("stage", "side", 1, "participants")])
CATALOG = Catalog((DEAL, HINT), (), (), "made")

SHARED = Sharing().changed(
    {
        "amount": Audience("selected", companies=(GLOBEX,)),
        "score": Audience("selected", people=(PersonId("pe_gil"),)),
        "stage": Audience("participants"),
    }
)


def person(company: CompanyId = GLOBEX, name: str = "gil", *roles: str, hide: bool = False) -> Viewer:
    return Viewer(PersonId("pe_" + name), company, roles, hide)


ANN = person(ACME, "ann")
GIL = person(GLOBEX, "gil")
IDA = person(INITECH, "ida")


def names(kind: Kind, part: str, mask: int) -> set[str]:
    """The fields of a mask, by name."""
    bits = {EXISTS_NAME: 1} | {f.name: f.bit for f in kind.fields(part)}
    assert mask >> len(bits) == 0
    return {name for name, bit in bits.items() if mask & bit}


def run(program: MaskProgram, **row: Scalar | None) -> int:
    """The bits of a row; columns that are not given are null."""
    return program.evaluate(*(row.get(column) for column in program.columns))


def side(
    policies: Policies,
    viewer: Viewer,
    owner: CompanyId = ACME,
    sharing: Sharing = NO_OVERRIDES,
    *,
    of: Kind = DEAL,
    action: str = "read",
    both: str | None = "ACCEPTED",
    **row: Scalar | None,
) -> set[str]:
    """What the viewer may do with one side. `both` is the status of viewer and owner, unless `row` says other."""
    program = policies.sides(viewer, of, owner, action).program(sharing)
    return names(of, "side", run(program, **{"viewer_status": both, "owner_status": both, **row}))


def joint(
    policies: Policies, viewer: Viewer, status: str | None, role: str | None = "VIEWER", action: str = "read"
) -> set[str]:
    """What the viewer may do with the joint fields of a deal."""
    program = policies.joint(viewer, DEAL, action)
    return names(DEAL, "joint", run(program, viewer_status=status, viewer_role=role))
