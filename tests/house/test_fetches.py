"""A fetch without a mask cannot be built."""

import dataclasses
from typing import Any, get_type_hints

import pytest

import spaces.fetch
from schema.kind import Kind
from schema.mask import MaskProgram, SideMasks
from schema.sharing import Sharing

MASKS = (MaskProgram, SideMasks)
WRONG: tuple[Any, ...] = (None, 0, 1, True, "mask", object(), (), {})


ALL = MaskProgram(1)


class NothingShown:
    """Masks that hide everything."""

    def program(self, sharing: Sharing) -> MaskProgram:
        return MaskProgram(0)


def fetches() -> list[type[Any]]:
    """Every class of `spaces.fetch` whose name ends in Fetch."""
    return [value for name, value in vars(spaces.fetch).items() if name.endswith("Fetch") and isinstance(value, type)]


def masks_of(fetch: type[Any]) -> list[str]:
    """The fields of a fetch that hold a mask."""
    return [name for name, hint in get_type_hints(fetch).items() if hint in MASKS]


def whole(fetch: type[Any]) -> dict[str, Any]:
    """Arguments with which the fetch can be built: masks that hide everything, and the least of the rest."""
    kind = Kind("thing", "things", "Thing", "th", "A thing.", "name", (), ())
    least: dict[Any, Any] = {MaskProgram: MaskProgram(0), SideMasks: NothingShown(), Kind: kind, str: "co_x"}
    hints = get_type_hints(fetch)
    asked = [f.name for f in dataclasses.fields(fetch) if f.default is dataclasses.MISSING]
    return {name: least.get(getattr(hints[name], "__supertype__", hints[name]), ()) for name in asked}


def unmasked(fetch: type[Any]) -> list[str]:
    """The ways in which this fetch can be built without its masks."""
    arguments = whole(fetch)
    fetch(**arguments)
    masks = masks_of(fetch)
    found = [] if masks else [f"{fetch.__name__} has no mask"]
    for mask in masks:
        for wrong in (dataclasses.MISSING, *WRONG):
            given = {**arguments, mask: wrong}
            if wrong is dataclasses.MISSING:
                del given[mask]
            try:
                fetch(**given)
            except TypeError:
                continue
            found.append(f"{fetch.__name__} is built with {mask} = {wrong!r}")
    return found


def test_there_are_fetches_to_look_at() -> None:
    assert {fetch.__name__ for fetch in fetches()} >= {"PageFetch", "ParticipantFetch", "SideFetch"}


@pytest.mark.parametrize("fetch", fetches(), ids=lambda fetch: fetch.__name__)
def test_no_fetch_is_built_without_its_mask(fetch: type[Any]) -> None:
    assert dataclasses.is_dataclass(fetch)
    assert unmasked(fetch) == []


@dataclasses.dataclass(frozen=True)
class BareFetch:
    """Planted: asks for records and knows no mask."""

    records: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class TrustingFetch:
    """Planted: has a mask, and takes anything for one."""

    records: tuple[str, ...]
    mask: MaskProgram


@dataclasses.dataclass(frozen=True)
class OpenFetch:
    """Planted: has a mask that may be left out."""

    mask: MaskProgram = ALL

    def __post_init__(self) -> None:
        if not isinstance(self.mask, MaskProgram):
            raise TypeError("no mask")


def test_a_planted_fetch_without_a_mask_is_seen() -> None:
    assert unmasked(BareFetch) == ["BareFetch has no mask"]
    assert len(unmasked(TrustingFetch)) == len(WRONG)
    assert unmasked(OpenFetch) == [f"OpenFetch is built with mask = {dataclasses.MISSING!r}"]
