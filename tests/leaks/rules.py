"""Who may see what, as the vocabulary says it; nothing here looks at `policies/`."""

from schema.field import Field
from schema.kind import Kind
from schema.names import CompanyId, PersonId
from schema.sharing import Sharing


def record_exists(status: str | None) -> bool:
    """A record exists for the companies that take part in it or are invited to."""
    return status in ("ACCEPTED", "INVITED")


def sees_joint(status: str, field: Field) -> bool:
    """Participants see every joint field; who is invited just those for invited companies."""
    return status == "ACCEPTED" or (status == "INVITED" and field.audience == "invited")


def knows_participant(
    viewer: CompanyId, viewer_role: str, viewer_status: str, other: CompanyId, role: str | None, status: str | None
) -> bool:
    """Participants know who takes part or is invited, owners and collaborators also who declined or left; who is
    invited knows of itself and of the owner."""
    if status is None:
        return False
    if viewer_status == "INVITED":
        return other == viewer or (role == "OWNER" and status == "ACCEPTED")
    if viewer_status != "ACCEPTED":
        return False
    return status in ("ACCEPTED", "INVITED") or viewer_role in ("OWNER", "COLLABORATOR")


def reads_message(viewer: CompanyId, viewer_role: str, viewer_status: str, other: CompanyId, status: str) -> bool:
    """An open invitation's message is for the invited and for those who may invite."""
    if viewer_status == "INVITED":
        return other == viewer
    return viewer_status == "ACCEPTED" and viewer_role in ("OWNER", "COLLABORATOR") and status == "INVITED"


def sees_own(kind: Kind, sharing: Sharing, name: str, *, hides: bool) -> bool:
    """A company sees its whole side; who hides private fields, just those shared with somebody."""
    return not hides or sharing.audience(kind, name).kind != "private"


def sees_partners(kind: Kind, sharing: Sharing, name: str, company: CompanyId, person: PersonId) -> bool:
    """Of another accepted participant's side one sees what is shared with participants, the company, the person."""
    audience = sharing.audience(kind, name)
    return audience.kind == "participants" or company in audience.companies or person in audience.people
