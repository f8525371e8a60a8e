"""What a page may compare: every page column as the SQL expression of its projection through the masks.

A column that the mask always shows is the plain column, one that it never shows is NULL, else
`CASE WHEN <condition> THEN column END`. An own field's condition may differ between the company's sharing
classes; where it does, the row's class is tested too. Aliases: `p` participant, `r` record, `s` own side.
"""

from collections.abc import Mapping, Sequence

from schema.errors import Fault
from schema.field import Field
from schema.mask import EXISTS, RECORD_ID, MaskProgram, joint_column
from schema.where import Comparison, Where
from spaces.asked import Asking
from spaces.columns import ACCEPTED, SCORE, families, is_whole
from spaces.sql.custom import side_cell
from spaces.sql.names import column_of
from spaces.sql.where import FALSE, TRUE, Bindings, Column, both, condition, either

_PLAIN = {"created_at": "r.created_at", "role": "p.role", "status": "p.status"}
NEVER_NULL = frozenset({"created_at", "updated_at", "role", "status", SCORE})
NEWEST = "p.newest"
"""The usual `updated_at`, the one order that an index gives."""
_JOINT_FACTS = {"viewer_status": "p.status", "viewer_role": "p.role"}
_OWN_FACTS = {"viewer_status": "p.status", "owner_status": "p.status"}
_TAKES_PART = Where(((Comparison("viewer_status", "eq", ACCEPTED),),))


class Projection:
    """The projected columns of one fetch. `classes` are the company's sharing classes with their programs."""

    def __init__(
        self, fetch: Asking, classes: Sequence[tuple[tuple[int, ...], MaskProgram]], bindings: Bindings
    ) -> None:
        self._fetch = fetch
        self._classes = classes
        self._bindings = bindings
        self._dialect = bindings.dialect
        self._no_text = self._dialect.null(str, False)
        self._joint = families(fetch.kind.joint)
        self._own = families(fetch.kind.side)
        self._own_conditions: dict[int, str] = {}

    def column(self, name: str) -> Column:
        """A page column. A Fault for a name that is none."""
        part, _, column = name.partition(".")
        if name in _PLAIN:
            return Column(_PLAIN[name], str)
        if name == "updated_at":
            return Column(self.updated_at(), str)
        if part == "joint" and column in self._joint:
            field, family = self._joint[column]
            return self.shown(
                Column("r." + column_of(column), family, is_whole(field)), self.joint_condition(field.bit)
            )
        if part == "mine" and column in self._own:
            field, family = self._own[column]
            return self.shown(self._side_cell(field, column, family), self.own_condition(field.bit))
        raise Fault(f"a page has no column {name}")

    def _side_cell(self, field: Field, column: str, family: type) -> Column:
        return Column(side_cell(self._dialect, "s", field, column), family, is_whole(field))

    def shown(self, column: Column, visible: str) -> Column:
        """A column where a condition holds, null elsewhere."""
        if visible == FALSE:
            return column._replace(expression=self._dialect.null(column.family, column.whole))
        return column._replace(expression=shown(column.expression, visible))

    def exists(self) -> str:
        """The condition under which the record exists for the viewer."""
        return self.joint_condition(EXISTS)

    def own_condition(self, bit: int) -> str:
        """The condition under which a bit of the own side is visible, which needs the side itself to be so."""
        if bit not in self._own_conditions:
            exists = TRUE if bit == EXISTS else self.own_condition(EXISTS)
            self._own_conditions[bit] = both([exists, self._condition_by_class(bit)])
        return self._own_conditions[bit]

    def own_updated_at(self) -> str:
        """The newest stamp of the own side that the viewer may see: where it sees all, the side's own time."""
        whole = self._whole()
        partial = self._newest_stamp(whole)
        if whole in (TRUE, FALSE):
            return "s.updated_at" if whole == TRUE else partial
        other = "" if partial == self._no_text else f" ELSE {partial}"
        return f"CASE WHEN {whole} THEN s.updated_at{other} END"

    def updated_at(self) -> str:
        """The newest of the participation's time and the own side's. Where the own side is visible as a whole to a
        company that takes part, and not at all else, that is kept in an indexed column."""
        whole, largest = self._whole(), self._dialect.largest
        if self._newest_stamp(whole) == self._no_text:  # all is visible or nothing is
            if whole == self._compiled(_TAKES_PART):
                return NEWEST
            both_times = f"{largest}(p.touched_at, p.own_at)"
            known = {TRUE: both_times, FALSE: "p.touched_at"}
            return known.get(whole, f"CASE WHEN {whole} THEN {both_times} ELSE p.touched_at END")
        return f"{largest}(p.touched_at, coalesce({self.own_updated_at()}, ''))"

    def _whole(self) -> str:
        return both([self.own_condition(EXISTS), *(self.own_condition(f.bit) for f in self._fetch.kind.side)])

    def _newest_stamp(self, whole: str) -> str:
        """The newest stamp where `whole` does not hold, so that fields which are visible just there need no look."""
        fields_by_condition: dict[str, list[str]] = {}
        for field in self._fetch.kind.side:
            fields_by_condition.setdefault(self.own_condition(field.bit), []).append(field.ident)
        tests = []
        for visible, idents in fields_by_condition.items():
            if visible not in (FALSE, whole):
                listed = ", ".join(self._bindings.bind(ident) for ident in idents)
                tests.append(both([f"e.key IN ({listed})", visible]))
        if not tests:
            return self._no_text
        return f"(SELECT max(e.value) FROM {self._dialect.entries('s.stamps')} AS e WHERE {either(tests)})"

    def joint_condition(self, bit: int) -> str:
        """The condition under which a bit of the record is visible."""
        return condition(self._fetch.joint_mask.condition(bit), self._joint_fact, self._bindings)

    def _condition_by_class(self, bit: int) -> str:
        classes_by_where: dict[Where, list[int]] = {}
        for ids, program in self._classes:
            classes_by_where.setdefault(program.condition(bit), []).extend(ids)
        if len(classes_by_where) == 1:
            return self._compiled(next(iter(classes_by_where)))
        tests = []
        for where, members in classes_by_where.items():
            compiled = self._compiled(where)
            if compiled != FALSE:
                listed = self._bindings.bind_list(members)
                tests.append(both([self._dialect.among("s.sharing", listed), compiled]))
        return either(tests)

    def _compiled(self, where: Where) -> str:
        return condition(where, self._own_fact, self._bindings)

    def _own_fact(self, name: str) -> Column:
        if name in _OWN_FACTS:
            return Column(_OWN_FACTS[name], str)
        if name in self._own:
            field, family = self._own[name]
            return self._side_cell(field, name, family)
        return self.record_fact(name)

    def _joint_fact(self, name: str) -> Column:
        return Column(_JOINT_FACTS[name], str) if name in _JOINT_FACTS else self.record_fact(name)

    def record_fact(self, name: str) -> Column:
        """The raw column of the record that masks test by this name. A Fault for a name that is none."""
        return record_column(self._joint, name, "p.record_id")


def record_column(joint: Mapping[str, tuple[Field, type]], name: str, id_: str) -> Column:
    """The raw column of the record `r` that masks test by this name, where these are its kind's joint columns and this
    is its id. A Fault for a name that is none."""
    if name == RECORD_ID:
        return Column(id_, str)
    column = joint_column(name)
    if column is None or column not in joint:
        raise Fault(f"a mask tests the unknown column {name}")
    field, family = joint[column]
    return Column("r." + column_of(column), family, is_whole(field))


def shown(expression: str, visible: str) -> str:
    """An expression where a condition that may hold does, null elsewhere."""
    return expression if visible == TRUE else f"CASE WHEN {visible} THEN {expression} END"
