"""Decisions: what one viewer may see, as mask programs, under the epochs that were seen first.

Nothing here raises: a decision that fails denies, and raises an alarm.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from policies.access import NO_ACCESS, Access
from policies.alarm import alarm
from policies.epoch import Epoch
from policies.explain import Verdict, verdicts
from policies.facts import COLUMNS, Facts, Question, record_column_types, viewer_facts
from policies.narrow import ExistingSides, NarrowedSides, given, intersection
from policies.side_rules import SideRules
from schema.errors import Fault
from schema.kind import Kind
from schema.mask import EXISTS, MaskProgram, SideMasks, record_columns
from schema.names import CompanyId, PersonId
from schema.sharing import Sharing
from schema.viewer import Viewer
from schema.where import Scalar

_AS_ANYBODY: Mapping[str, Scalar] = {"own": False, "viewer_status": "ACCEPTED", "viewer_role": "PARTICIPANT"}
"""What is true of any other company on a record; some may know more."""


class UnknownKind(Fault):
    """The kind is not of the catalog that the policies were loaded with."""


@dataclass(frozen=True, slots=True)
class Epochs:
    """The epoch of every company: its own, or the one that all others share. Frozen: a change makes a new value."""

    shared: Epoch
    own: Mapping[CompanyId, Epoch]
    record_columns: frozenset[str] = field(init=False, compare=False, repr=False)
    """The record's columns that some company's policy reads of its sides, whatever their kind."""

    def __post_init__(self) -> None:
        read = [epoch.reads["side"] for epoch in {self.shared, *self.own.values()}]
        object.__setattr__(self, "record_columns", record_columns(frozenset().union(*read)))

    def of(self, company: CompanyId) -> Epoch:
        """The epoch in force for this company's sides, and for its people."""
        return self.own.get(company, self.shared)


class Decisions:
    """The policies as one request sees them: pinned epochs, and a memo of the programs that it used."""

    def __init__(self, epochs: Epochs) -> None:
        self._epochs = epochs
        self._seen: tuple[Viewer, Access, Facts] | None = None  # the facts of the viewer seen last
        self._sides: dict[tuple[object, ...], CompanySides] = {}
        self._narrowed: dict[int, SideMasks] = {}  # by identity of the masks that they narrow

    def joint(self, viewer: Viewer, kind: Kind, action: str = "read") -> MaskProgram:
        """What the viewer may do with a record's joint fields. Columns `viewer_status`, `viewer_role`: those of
        the viewer's company on the record; then those of the record that its policy tests (see
        schema.mask.record_columns). The viewer's own company's policy is in force. For the actions
        "invite", "respond" and "withdraw" bit 0 is the permission."""

        def ask() -> MaskProgram:
            epoch = self._epochs.of(viewer.company)
            _known(epoch, kind)
            viewed = epoch.viewer_given(self._facts(viewer, epoch))
            return epoch.decide(Question("record", action, kind.name, viewed, epoch.record_given(kind)))

        return _or_deny(ask, "record", action, kind.name)

    def network_joint(self, viewer: Viewer, kind: Kind) -> MaskProgram:
        """What of joint fields the network's rules alone let the viewer read, whatever its own company's policy says.
        Columns as of `joint`."""

        def ask() -> MaskProgram:
            epoch = self._epochs.shared
            _known(epoch, kind)
            viewed = epoch.viewer_given(self._facts(viewer, epoch))
            return epoch.decide(Question("record", "read", kind.name, viewed, epoch.record_given(kind)))

        return _or_deny(ask, "record", "read", kind.name)

    def participants(self, viewer: Viewer) -> MaskProgram:
        """Which participants the viewer may know of: bit 0; whose open invitation it may read: MESSAGE. Columns
        `own`, `status`, `role` of the participant, `viewer_status`, `viewer_role`. Of who presents just what any
        participant may know."""

        def ask() -> MaskProgram:
            epoch = self._epochs.shared
            return epoch.decide(Question("participant", "read", "", epoch.viewer_given(self._facts(viewer, epoch)), ()))

        found = _or_deny(ask, "participant", "read", "")
        return intersection(found, given(found, _AS_ANYBODY), COLUMNS["participant"]) if viewer.presenting else found

    def may_define(self, viewer: Viewer) -> bool:
        """Whether the viewer defines what its company has: templates, rules, policies."""

        def ask() -> MaskProgram:
            epoch = self._epochs.shared
            return epoch.decide(Question("company", "define", "", epoch.viewer_given(self._facts(viewer, epoch)), ()))

        return bool(_or_deny(ask, "company", "define", "").always & EXISTS)

    def sides(self, viewer: Viewer, kind: Kind, owner: CompanyId, action: str = "read") -> SideMasks:
        """What the viewer may do with `owner`'s sides of this kind; `owner`'s policy is in force. Owners between
        whom no question of it can tell, for their policy reads no owner's id, get the same masks. Who presents sees of
        the own sides what all see that it presents to, who have accepted there; of others' that they exist, but for
        the only one that it presents to."""
        found = self._company_sides(viewer, kind, owner, action)
        if not viewer.presenting or action != "read" or viewer.presenting == (owner,):
            return found
        narrowed = self._narrowed.get(id(found))
        if narrowed is None:
            narrowed = ExistingSides(found)
            if owner == viewer.company:
                readers = [Viewer(PersonId(""), company) for company in viewer.presenting]
                theirs = [self._company_sides(reader, kind, owner, action) for reader in readers]
                narrowed = NarrowedSides(found, theirs, "ACCEPTED", self.joint(viewer, kind), kind)
            self._narrowed[id(found)] = narrowed  # found stays: `_sides` holds it
        return narrowed

    def _company_sides(self, viewer: Viewer, kind: Kind, owner: CompanyId, action: str) -> "CompanySides":
        epoch = self._epochs.of(owner)
        # By identity, as in `_facts`: what is kept holds these objects, so no other takes the place of one.
        key = (id(viewer), id(epoch), id(kind), action, owner == viewer.company, epoch.owner_fact(owner))
        found = self._sides.get(key)
        if found is None:
            found = self._sides[key] = CompanySides(
                epoch, viewer, self._sound_facts(viewer, epoch), kind, owner, action
            )
        return found

    def record_columns(self, kind: Kind) -> frozenset[str]:
        """The record's columns that the masks of anybody's sides of this kind may read. Whoever masks partners' sides
        brings them all, whoever the partners are: so what is fetched hangs on no row."""
        read = self._epochs.record_columns
        return read & record_column_types(kind).keys() if read else read

    def is_usual(self, company: CompanyId) -> bool:
        """Whether the company's sides are under the policy that all companies without a text of their own share, and
        that policy tells no owners apart: to anybody else all such companies' sides of a kind have the same masks."""
        return company not in self._epochs.own and not self._epochs.shared.tells_owners

    def explain(
        self,
        viewer: Viewer,
        kind: Kind,
        owner: CompanyId,
        sharing: Sharing,
        viewer_status: str | None,
        owner_status: str | None,
        values: Mapping[str, Scalar | None] | None = None,
        action: str = "read",
    ) -> list[tuple[str, str]]:
        """(ident of the field, reason) for every rule that opens a field of this one side to the viewer, in the order
        of the fields, "exists" first. Otherwise as `verdicts`."""
        found = self.verdicts(viewer, kind, owner, sharing, viewer_status, owner_status, values, action)
        return [(ident, reason.text) for ident, verdict in found.items() for reason in verdict.reasons]

    def verdicts(
        self,
        viewer: Viewer,
        kind: Kind,
        owner: CompanyId,
        sharing: Sharing,
        viewer_status: str | None,
        owner_status: str | None,
        values: Mapping[str, Scalar | None] | None = None,
        action: str = "read",
    ) -> dict[str, Verdict]:
        """What the rules say of each field of this one side to the viewer, by ident, "exists" first; `values` are the
        side's own columns and the record's by name, absent ones null. Raises what asking raises."""
        epoch = self._epochs.of(owner)
        _known(epoch, kind)
        rules = epoch.side_rules(epoch.side_question(self._facts(viewer, epoch), kind, owner, action))
        row = {**(values or {}), "viewer_status": viewer_status, "owner_status": owner_status}
        return verdicts(rules, kind, epoch.side_sets(kind, sharing, viewer), row, COLUMNS["side"])

    def _facts(self, viewer: Viewer, epoch: Epoch) -> Facts:
        """The facts of the viewer, checked once for the access policies that an epoch holds. Kept by its identity: a
        viewer whose True is a 1 equals a sound one. Raises BadFact."""
        seen = self._seen
        access = epoch.access if epoch.access.company == viewer.company else NO_ACCESS
        if seen is None or seen[0] is not viewer or seen[1] is not access:
            seen = self._seen = (viewer, access, viewer_facts(viewer, access.meets(viewer)))
        return seen[2]

    def _sound_facts(self, viewer: Viewer, epoch: Epoch) -> Facts | None:
        try:
            return self._facts(viewer, epoch)
        except Exception:  # whoever asks a question of it raises it again, and denies
            return None


class CompanySides:
    """One viewer's masks of one company's sides of one kind (see schema.mask.SideMasks). The policy is asked when
    they are made, before any row is read, so no row decides whether it is asked. Programs are the epoch's, made for
    this viewer before, now or by a request at the same time; what fails is denied in this request alone, and the
    next one asks again."""

    __slots__ = ("_action", "_denied", "_epoch", "_kind", "_programs", "_rules", "_viewer", "columns")

    def __init__(
        self, epoch: Epoch, viewer: Viewer, facts: Facts | None, kind: Kind, owner: CompanyId, action: str
    ) -> None:
        """`facts` are those of the viewer; None where they are not sound, and every program denies."""
        self._epoch = epoch
        self._viewer = viewer
        self._kind = kind
        self._action = action
        self._denied: dict[Sharing, MaskProgram] = {}
        self.columns = epoch.side_columns(kind)
        self._programs: dict[Sharing, MaskProgram] = {}
        self._rules: SideRules | MaskProgram
        try:
            _known(epoch, kind)
            sound = viewer_facts(viewer, epoch.access.meets(viewer)) if facts is None else facts
            self._rules = epoch.side_rules(epoch.side_question(sound, kind, owner, action))
            self._programs = epoch.side_programs(sound, kind, owner, action)
        except Exception as error:
            self._rules = _denial(error, "side", action, kind.name)

    def program(self, sharing: Sharing) -> MaskProgram:
        """The program for sides that carry this sharing; it denies where the decision fails."""
        return self._programs.get(sharing) or self._denied.get(sharing) or self._made(sharing)

    def bit(self, column: str) -> int:
        """The bit of the owner's field of this column, 0 where there is none."""
        return _bits_of_columns(self._kind).get(column, 0)

    def _made(self, sharing: Sharing) -> MaskProgram:
        if isinstance(self._rules, MaskProgram):
            return self._rules
        try:
            sets = self._epoch.side_sets(self._kind, sharing, self._viewer)
            found = self._programs[sharing] = self._rules.program(self._kind, sets)
        except Exception as error:
            found = self._denied[sharing] = _denial(error, "side", self._action, self._kind.name)
        return found


@lru_cache(4_096)
def _bits_of_columns(kind: Kind) -> Mapping[str, int]:
    return {column: field.bit for field in kind.side for column in field.columns}


def _known(epoch: Epoch, kind: Kind) -> None:
    """Raises UnknownKind for a kind whose names and bits the epoch does not know."""
    if not epoch.knows(kind):
        raise UnknownKind(kind.name)


def _or_deny(ask: Callable[[], MaskProgram], subject: str, action: str, kind: str) -> MaskProgram:
    """The program, or one that shows nothing, with an alarm."""
    try:
        return ask()
    except Exception as error:
        return _denial(error, subject, action, kind)


def _denial(error: Exception, subject: str, action: str, kind: str) -> MaskProgram:
    """A program that shows nothing, in the place of one that could not be decided, with an alarm."""
    alarm(f"everything, {type(error).__name__}", subject, action, kind)
    return MaskProgram(0, (), COLUMNS[subject])
