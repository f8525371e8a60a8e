"""Whose eyes a company may look at its own data with: a partner, one of its people, or a colleague.

Of a partner's person nothing is read but that it is one: a rule about roles or attributes would tell them.
"""

from gateway.auth import eyes_of
from gateway.context import Context
from gateway.presenting import refuse_presenting
from schema.errors import BadInput, Forbidden
from schema.names import CompanyId, PersonId
from schema.viewer import Viewer


async def reader_of(ctx: Context, company: CompanyId, person: str | None) -> Viewer | None:
    """The viewer that stands for somebody of a company, who hides nothing from itself; None where there is no such
    company, or no such person in it. Raises BadInput for the viewer's own company as a whole, and Forbidden where a
    colleague is named by somebody who does not define what the company has; Presenting while it presents."""
    refuse_presenting(ctx.viewer)
    colleague = company == ctx.viewer.company
    if colleague and person is None:
        raise BadInput("This is your own company; name one of its people.", field=("person",))
    if colleague and not ctx.decisions.may_define(ctx.viewer):
        raise Forbidden(field=("person",))
    if company not in await ctx.loaders.companies.load((company,)):
        return None
    if person is None:
        return Viewer(PersonId(""), company)
    found = (await ctx.loaders.people.load((PersonId(person),))).get(PersonId(person))
    if found is None or found.company != company or not found.active:
        return None
    return eyes_of(found) if colleague else Viewer(found.id, company)
