"""Which records a page or a grouping is about, as SQL: tables, conditions, and what is bound to them.

Aliases: those of `projection.py` and `finding.py`, and `q` for a participant of the record. What the filter asks of
participants is tested in place; what it asks of partners' sides, which are projected row by row, was found out before
(`partners.py`) and is bound: for the filter of index i in `partner_filters` the records where some side meets it
(`:some<i>`) and those where some side does not (`:gap<i>`), as lists. What was found of records otherwise, to sort by
it or to search, has a place each: `found`.
"""

import re
from collections.abc import Sequence
from typing import Any, TypeAlias

from schema.errors import Fault
from schema.mask import EXISTS, MaskProgram
from schema.sharing import Sharing
from schema.where import Quantified, Where
from spaces.asked import Asking, masks_of_related, quantified
from spaces.deadline import go_on
from spaces.fetch import PageFetch
from spaces.sql.dialect import Dialect
from spaces.sql.projection import Projection
from spaces.sql.where import FALSE, TRUE, Bindings, Column, both, condition

Programs: TypeAlias = list[tuple[tuple[int, ...], MaskProgram]]
"""The mask programs of the company's own sides, each with the ids of the sharing classes that it is for."""

_EVERY = 8  # classes between two looks at the deadline: a program that is new takes a fraction of a millisecond
_ALIAS = re.compile(r"\b[rsto]\.")
_FOUND = re.compile(r"\bg(\d+)\.")
_RELATION = {"company": "q.company_id", "role": "q.role", "status": "q.status"}
_FACTS = {
    "company": Column("q.company_id", str),
    "own": Column("(q.company_id = :company)", bool),
    "role": Column("q.role", str),
    "status": Column("q.status", str),
    "viewer_status": Column("p.status", str),
    "viewer_role": Column("p.role", str),
}


def own_programs(fetch: Asking, classes: Sequence[tuple[int, Sharing]]) -> Programs:
    """The programs of the fetch's own masks for these sharing classes; classes that share a program together. Raises
    OutOfTime."""
    program_of = fetch.own_masks.program
    programs: list[MaskProgram] = []
    for start in range(0, len(classes), _EVERY):
        go_on()
        programs += [program_of(sharing) for _, sharing in classes[start : start + _EVERY]]
    if len(set(map(id, programs))) == 1:
        return [(tuple([id_ for id_, _ in classes]), programs[0])]
    ids: dict[int, list[int]] = {}
    by_identity = {}
    for (id_, _), program in zip(classes, programs, strict=True):
        ids.setdefault(id(program), []).append(id_)
        by_identity[id(program)] = program
    equal: dict[MaskProgram, list[int]] = {}
    for identity, members in ids.items():
        equal.setdefault(by_identity[identity], []).extend(members)
    return [(tuple(members), program) for program, members in equal.items()]


def selection_key(fetch: Asking, programs: Programs) -> tuple[object, ...]:
    """What a selection depends on. It holds the identities of the fetch's masks and of the programs."""
    return (
        fetch.kind,  # not its name: companies have custom fields of their own
        id(fetch.joint_mask),
        tuple((ids, id(program)) for ids, program in programs) if len(programs) > 1 else id(programs[0][1]),
        fetch.where,
        fetch.related and id(fetch.related.participants),
        fetch.ids is None if isinstance(fetch, PageFetch) else True,
    )


def selection_alive(fetch: Asking, programs: Programs) -> tuple[object, ...]:
    """The objects whose identities a selection's key holds."""
    return (fetch.joint_mask, programs, fetch.related and fetch.related.participants)


def partner_filters(fetch: Asking) -> list[Where]:
    """The filters of partners' sides, each once, in the order of the fetch's filter."""
    return list(dict.fromkeys(test.where for test in quantified(fetch.where, "partners")))


class Selection:
    """The records that meet `where`, a filter of the fetch's columns, and exist for the viewer."""

    def __init__(self, fetch: Asking, programs: Programs, where: Where, dialect: Dialect) -> None:
        self.bindings = Bindings(dialect)
        self._dialect = dialect
        self._found: dict[int, tuple[type, bool]] = {}
        self.projection = Projection(fetch, programs, self.bindings)
        self._fetch = fetch
        self._partner_filters = partner_filters(fetch)
        self.tests = ["p.company_id = :company", "p.kind = :kind", self.projection.exists()]
        if isinstance(fetch, PageFetch) and fetch.ids is not None:
            self.tests.append(dialect.among("p.record_id", ":ids"))
        self.tests.append(condition(where, self.projection.column, self.bindings, self._quantified))

    def source(self, *texts: str) -> str:
        """The tables, without those of which the texts read nothing."""
        read = {alias for text in texts for alias in _ALIAS.findall(text)}
        spelled, name = self._dialect, self._fetch.kind.name
        joins = f"FROM {spelled.network}participant AS p"
        if "t." in read:
            joins += f" {spelled.pinned} {spelled.joint_words}{name} AS t ON t.record_id = p.record_id"
        if "r." in read:
            # Pinned, which keeps the planner from leaving the participant's index, which is the page's order.
            joins += f" {spelled.pinned} {spelled.network}record_{name} AS r ON r.record_id = p.record_id"
        if "s." in read:
            joins += f" LEFT JOIN {spelled.company}side_{name} AS s ON s.company_id = p.company_id"
            joins += " AND s.record_id = p.record_id"
        if "o." in read:
            joins += f" LEFT JOIN {spelled.side_words}{name} AS o ON o.company_id = p.company_id"
            joins += " AND o.record_id = p.record_id"
        for place in sorted({int(place) for text in texts for place in _FOUND.findall(text)}):
            joins += spelled.found_table(place, *self._found[place])
        return joins

    def found(self, place: int, family: type = float, *, whole: bool = True) -> str:
        """What was found of the record at a place: values of this sort, null where it is not among them."""
        self._found[place] = (family, whole)
        return self._dialect.found(place, family)

    def known_participant(self) -> str:
        """The condition under which the viewer knows of the participant `q`."""
        return condition(masks_of_related(self._fetch).participants.condition(EXISTS), _participant_fact, self.bindings)

    def _quantified(self, test: Quantified) -> str:
        positive = test.quantifier in ("some", "gap")
        some = test.quantifier in ("some", "none")
        if test.relation == "partners":
            name = f":{'some' if some else 'gap'}{self._partner_filters.index(test.where)}"
            return f"{'' if positive else 'NOT '}({self._dialect.among('p.record_id', name)})"
        inner = condition(test.where, _participant_column, self.bindings)
        if not some and inner not in (TRUE, FALSE):
            inner = f"({inner}) IS NOT TRUE"
        elif not some:
            inner = FALSE if inner == TRUE else TRUE
        tests = both(["q.record_id = p.record_id", self.known_participant(), inner])
        rows = f"SELECT 1 FROM {self._dialect.network}participant AS q WHERE {tests}"
        return f"{'' if positive else 'NOT '}EXISTS ({rows})"


def _participant_column(name: str) -> Column:
    if name in _RELATION:
        return Column(_RELATION[name], str)
    raise Fault(f"there is no column {name}")


def _participant_fact(name: str) -> Column:
    if name not in _FACTS:
        raise Fault(f"a mask of participants tests the unknown column {name}")
    return _FACTS[name]


def selection_values(fetch: Asking, dialect: Dialect) -> dict[str, Any]:
    """What every selection of the fetch binds, besides its own `bindings` and what was found of partners' sides."""
    values: dict[str, Any] = {"company": fetch.company, "kind": fetch.kind.name}
    if isinstance(fetch, PageFetch) and fetch.ids is not None:
        values["ids"] = dialect.listed(fetch.ids)
    return values
