"""Waves: how many changes are grouped into few transactions and still happen in order.

Within one wave no record occurs twice. So no company's file depends on what another company's file writes in the
same wave, and a crash between the two cannot keep an effect whose cause is lost; and the network's state at the
start of the wave is what every change of it is checked against. Changes that name the same natural key or the
same receipt never overtake each other.
"""

from collections.abc import Hashable, Sequence

from spaces.change import Change


def waves(changes: Sequence[Change]) -> list[list[int]]:
    """The places of the changes, wave by wave, in order inside each."""
    found: list[list[int]] = []
    latest: dict[Hashable, int] = {}
    for place, change in enumerate(changes):
        keys: list[Hashable] = []
        if change.natural_key:
            keys.append(("natural", change.company, change.kind.name, change.natural_key))
        if change.receipt is not None:
            keys.append(("receipt", change.company, change.person, change.receipt.key))
        wave = max([latest.get(("record", change.record), -1) + 1, *(latest.get(key, 0) for key in keys)])
        latest[("record", change.record)] = wave
        latest.update(dict.fromkeys(keys, wave))
        while len(found) <= wave:
            found.append([])
        found[wave].append(place)
    return found
