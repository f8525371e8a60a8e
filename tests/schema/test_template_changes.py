"""A new version of a template: what keeps its id, what may not be taken away, and what stands beside it."""

from dataclasses import replace
from typing import Any

import pytest

from schema.errors import BadInput
from schema.template import Template
from schema.template_read import Loss, changed, check_beside, content_of, losses, read_content, shared, show
from tests.schema.templates import (
    KINDS,
    OTHER,
    OWN,
    PARTNER,
    TEMPLATE,
    defined,
    field,
    id_at,
    ids,
    refining,
    template,
)

BEFORE = defined(
    field("colour", "PICKLIST"),
    field("code"),
    field("sum", "FORMULA"),
    refining(PILOT="QUALIFIED", TRIAL="QUALIFIED"),
    sharedWith=[PARTNER],
)
COLOUR, CODE, SUM, STEP = (f.ident for f in BEFORE.fields)


def after(*fields: dict[str, Any], used: tuple[tuple[str, str | None], ...] = (), **more: Any) -> Template:
    """The next version, where these (ident, option) are in use."""
    return changed(BEFORE, template(*fields, **more), KINDS, ids(50), lambda ident, value: (ident, value) in used)


def refused(why: str, *fields: dict[str, Any], used: tuple[str, str | None], **more: Any) -> None:
    """The change is refused where this is in use, and else not."""
    after(*fields, **more)
    with pytest.raises(BadInput) as caught:
        after(*fields, used=(used,), **more)
    assert caught.value.message == why
    assert ".".join(caught.value.field) == why.split(":")[0].replace("[", ".").replace("]", "")


def test_the_same_again_is_the_same_version_but_for_its_number() -> None:
    everything = tuple((ident, None) for ident in (COLOUR, CODE, SUM, STEP))
    again = changed(BEFORE, show(BEFORE), KINDS, ids(50), lambda ident, value: (ident, value) in everything)
    assert again == replace(BEFORE, version=2)


def test_a_field_keeps_its_id_with_its_key_and_type() -> None:
    wider = field("colour", "PICKLIST", label="Tint", required=True, audience="PARTICIPANTS")
    wider["options"] = [{"value": v, "label": v} for v in ("GREEN", "BLUE", "RED")]
    new = after(field("extra"), field("code", maxLength=3), wider, used=((COLOUR, "RED"), (CODE, None)))
    assert [f.ident for f in new.fields] == [id_at("cf", 50), CODE, COLOUR]
    assert new.defined == (COLOUR, CODE, id_at("cf", 50))
    assert new.fields[2].type.options == ("GREEN", "BLUE", "RED")
    assert new.version == 2


def test_a_dropped_field_that_comes_again_has_another_id() -> None:
    without = after(field("code"), used=((COLOUR, None), (COLOUR, "RED")))
    assert without.defined == (CODE,)
    again = changed(without, template(field("colour", "PICKLIST"), field("code")), KINDS, ids(60))
    assert again.fields[0].ident == id_at("cf", 60) != COLOUR
    assert again.defined == (CODE, id_at("cf", 60))


def test_another_type_is_another_field_and_needs_that_there_are_no_values() -> None:
    new = after(field("colour", "PICKLIST"), field("code", "LONG_TEXT"))
    assert new.fields[1].ident == id_at("cf", 50)
    refused(
        "fields[1].type: This field has values, so its type cannot change; take another key.",
        field("colour", "PICKLIST"),
        field("code", "LONG_TEXT"),
        used=(CODE, None),
    )
    refused(
        "fields[0].type: This field has values, so its type cannot change; take another key.",
        field("colour", "MULTI_PICKLIST"),
        used=(COLOUR, None),
    )


def test_an_option_in_use_stays() -> None:
    only_blue = field("colour", "PICKLIST", options=[{"value": "BLUE", "label": "Blue"}])
    refused("fields[0].options: The option RED is in use, so it cannot be left out.", only_blue, used=(COLOUR, "RED"))
    kept = after(only_blue, used=((COLOUR, "BLUE"), (COLOUR, None)))
    assert kept.fields[0].ident == COLOUR


def test_an_option_in_use_stands_for_what_it_stood_for() -> None:
    why = "fields[0].options: The option PILOT is in use, so what it stands for cannot change."
    refused(why, refining(PILOT="LAUNCHED", TRIAL="QUALIFIED"), used=(STEP, "PILOT"))
    moved = after(refining(PILOT="LAUNCHED", TRIAL="QUALIFIED"), used=((STEP, "TRIAL"), (STEP, None)))
    assert moved.fields[0].ident == STEP
    assert dict(moved.fields[0].type.standard) == {"PILOT": "LAUNCHED", "TRIAL": "QUALIFIED"}
    why = "fields[0].options: The option TRIAL is in use, so it cannot be left out."
    refused(why, refining(PILOT="QUALIFIED"), used=(STEP, "TRIAL"))


def test_a_field_with_values_refines_what_it_refined() -> None:
    plain = field("step", "PICKLIST", options=[{"value": v, "label": v} for v in ("PILOT", "TRIAL")])
    why = "fields[0].refines: This field has values, so refines cannot change; take another key."
    refused(why, plain, used=(STEP, None))
    refused(why, refining("forecastCategory", PILOT="COMMIT", TRIAL="COMMIT"), used=(STEP, None))


def test_a_formula_has_no_values_to_lose() -> None:
    assert losses(BEFORE, after(field("colour", "PICKLIST"), field("code"), field("sum", "NUMBER"))) == ()
    changed_formula = after(field("sum", "FORMULA", formula='"a"'), used=((SUM, None),))
    assert changed_formula.fields[0].ident == SUM


def test_what_is_lost_can_be_asked_for() -> None:
    new = after(field("code", "NUMBER"), field("colour", "PICKLIST", options=[{"value": "A", "label": "A"}]))
    assert losses(BEFORE, new) == (
        Loss(("fields", "0", "type"), CODE),
        Loss(("fields", "1", "options"), COLOUR, "RED"),
        Loss(("fields", "1", "options"), COLOUR, "BLUE"),
    )


def test_a_change_is_read_as_a_definition_is() -> None:
    with pytest.raises(BadInput, match=r"^fields\[0\].key: The kind has a field of this name.$"):
        after(field("amount"))
    with pytest.raises(BadInput, match=r"^kind: The kind of a template cannot change.$"):
        changed(BEFORE, template(kind="lead"), KINDS, ids(50))


def test_who_it_is_shared_with_changes_where_it_is_named() -> None:
    assert after(field("code")).shared_with == (PARTNER,)
    assert after(field("code"), sharedWith=[]).shared_with == ()
    assert after(field("code"), sharedWith=[OTHER]).shared_with == (OTHER,)
    assert shared(BEFORE, [OTHER, PARTNER]) == replace(BEFORE, version=2, shared_with=(PARTNER, OTHER))
    for given, why in (
        ([OWN], "companies[0]: This is your own"),
        ("x", "companies: A list"),
        ([1], "companies[0]: A t"),
    ):
        with pytest.raises(BadInput) as caught:
            shared(BEFORE, given)
        assert caught.value.message.startswith(why)


def test_the_order_in_which_fields_were_defined_is_kept() -> None:
    new = after(field("late"), field("code"), field("colour", "PICKLIST"))
    assert read_content(content_of(new), KINDS, TEMPLATE, OWN, 2) == new
    assert new.defined == (COLOUR, CODE, id_at("cf", 50))


ELSEWHERE = id_at("tpl", 9)


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (defined(id_=ELSEWHERE), "key: Another template of this kind has this key."),
        (
            defined(field("code"), key="more", id_=ELSEWHERE),
            "fields[1].key: A field of another template of this kind has this key.",
        ),
        (defined(refining(key="phase", TRIAL="LAUNCHED"), key="more", id_=ELSEWHERE), None),
        (defined(field("code"), company=PARTNER, id_=ELSEWHERE), None),
        (replace(BEFORE, version=2), None),
        (defined(field("code"), kind="solution", id_=ELSEWHERE), None),
    ],
)
def test_own_templates_stand_beside_each_other(other: Template, why: str | None) -> None:
    if why is None:
        check_beside(BEFORE, [other])
        return
    with pytest.raises(BadInput) as caught:
        check_beside(BEFORE, [other])
    assert caught.value.message == why
