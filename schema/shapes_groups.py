"""Types of `<kind>Groups`: what records can be grouped by and measured, for each kind, and what a group tells."""

from collections.abc import Iterator

from schema.kind import Kind
from schema.queryable import COMPANY, STANDING, TIMES, groupable, measurable
from schema.shape import ArgumentShape, EnumShape, FieldShape, InputField, InputShape, ObjectShape
from schema.source import Builtin, Key, Step

USUAL_GROUPS = 100
"""How many groups are given where `first` does not say."""


def group_enums(kind: Kind) -> Iterator[EnumShape]:
    """What a kind's records can be grouped by, and measured; none without values."""
    name = kind.type_name
    yield EnumShape(
        f"{name}GroupField",
        f"What {kind.plural} can be grouped by.",
        (*TIMES, *STANDING, *groupable(kind.joint)),
    )
    side = tuple(groupable(kind.side))
    if side:
        yield EnumShape(f"{name}SideGroupField", f"What {kind.plural} can be grouped by of your own side.", side)
    yield EnumShape(
        f"{name}PartnerGroupField",
        f"What {kind.plural} can be grouped by of each partner's side.",
        (COMPANY, *side),
    )
    if measurable(kind.joint):
        doc = f"Joint numbers of {kind.plural} that can be measured."
        yield EnumShape(f"{name}MeasureField", doc, tuple(measurable(kind.joint)))
    if measurable(kind.side):
        doc = f"Numbers of a side of {kind.plural} that can be measured."
        yield EnumShape(f"{name}SideMeasureField", doc, tuple(measurable(kind.side)))


def group_inputs(kind: Kind) -> Iterator[InputShape]:
    """A dimension and a measure of a kind."""
    name, known = kind.type_name, {enum.name for enum in group_enums(kind)}

    def choices(*named: tuple[str, str, str]) -> tuple[InputField, ...]:
        return tuple(InputField(key, enum, doc) for key, enum, doc in named if enum in known)

    by = choices(
        ("field", f"{name}GroupField", "Of the record itself."),
        ("mine", f"{name}SideGroupField", "Of your own side."),
        ("partners", f"{name}PartnerGroupField", "Of each partner's side."),
    )
    bucket = InputField("bucket", "DateBucket", "For dates and times: what to cut them to.")
    yield InputShape(
        f"{name}GroupBy", f"What to group by: exactly one of {_listed(by)}; with a `bucket` for dates.", (*by, bucket)
    )
    measures = choices(
        ("field", f"{name}MeasureField", "Of the record itself."),
        ("mine", f"{name}SideMeasureField", "Of your own side."),
        ("partners", f"{name}SideMeasureField", "Of each partner's side."),
    )
    if measures:
        yield InputShape(f"{name}Measure", f"What to sum up: exactly one of {_listed(measures)}.", measures)


def _listed(choices: tuple[InputField, ...]) -> str:
    return ", ".join(f"`{choice.name}`" for choice in choices)


def group_root(kind: Kind) -> FieldShape:
    """The root field of a kind's groups."""
    arguments = [
        ArgumentShape("where", f"{kind.type_name}Where", "Which records; all without it."),
        ArgumentShape(
            "by", f"[{kind.type_name}GroupBy!]!", "What makes a group, at most 5; by nothing, all is one group."
        ),
        ArgumentShape("first", "Int!", "How many groups, 1 to 1,000.", USUAL_GROUPS),
    ]
    if any(shape.name == f"{kind.type_name}Measure" for shape in group_inputs(kind)):
        measures = ArgumentShape("measures", f"[{kind.type_name}Measure!]", "What to sum up in each group, at most 10.")
        arguments.insert(2, measures)
    doc = (
        f"The {kind.plural} that {kind.plural}(where:) lists, grouped and summed up, largest groups first. Hidden "
        "values are in the null group, as unset ones."
    )
    return FieldShape(f"{kind.name}Groups", "Groups!", doc, Step("groups", kind.name), tuple(arguments))


GROUP_OBJECTS = (
    ObjectShape(
        "Groups",
        "Groups of records.",
        (
            FieldShape("totalCount", "Int!", "How many groups there are in all.", Builtin("totalCount")),
            FieldShape("nodes", "[Group!]!", "The largest groups first, then by keys, null first.", Step("groupNodes")),
        ),
    ),
    ObjectShape(
        "Group",
        "Records with the same keys; where a partner's side is grouped by or measured, pairs of a record and a side.",
        (
            FieldShape("keys", "[GroupKey!]!", "What they have in common, in the order of `by`.", Step("groupKeys")),
            FieldShape("count", "Int!", "How many they are.", Builtin("count")),
            FieldShape("totals", "[GroupTotal!]!", "In the order of `measures`, then by currency.", Builtin("totals")),
            FieldShape(
                "where",
                "JSON!",
                "The `where` that lists the group's records; pass it on as a variable.",
                Builtin("where"),
            ),
        ),
    ),
    ObjectShape(
        "GroupKey",
        "What the members of a group have in common.",
        (
            FieldShape("name", "String!", "What it is a value of, e.g. `mine.stage`.", Builtin("name")),
            FieldShape(
                "value",
                "String",
                "The value as text, e.g. `PROSPECT`, `true`, `2026-11`, `2026-Q4`; null where unset or hidden.",
                Builtin("value"),
            ),
            FieldShape("company", "Company", "The company, where the value is one.", Step("keyCompany")),
            FieldShape("person", "Person", "The person, where the value is one.", Step("keyPerson")),
        ),
    ),
    ObjectShape(
        "GroupTotal",
        "A measure over the values in a group that you may see; there is none where you may see none.",
        (
            FieldShape("name", "String!", "What is measured, e.g. `mine.amount`.", Key("name")),
            FieldShape("currency", "String", "ISO 4217 code of money; null of plain numbers.", Key("currency")),
            FieldShape("number", "Int!", "How many values.", Key("number")),
            FieldShape("sum", "Decimal", "Their sum; null beyond what a number can hold.", Key("sum")),
            FieldShape(
                "average",
                "Decimal",
                "Sum by number, half to even: of money in the currency's decimals, else in at most 6.",
                Key("average"),
            ),
            FieldShape("min", "Decimal!", "The smallest.", Key("min")),
            FieldShape("max", "Decimal!", "The largest.", Key("max")),
        ),
    ),
)
