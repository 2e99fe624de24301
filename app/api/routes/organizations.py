"""Organizations: the operator's list of them, one's own, and all of one's own together."""

from __future__ import annotations

from fastapi import APIRouter, Response

from app.api.desk import AdminDesk, MemberDesk, OperatorDesk, ViewDesk, WriteDesk
from app.api.etags import READ, EditDep, LookDep, edition, tag, tagged
from app.api.paging import AskedDep, RowIdPath
from app.api.schemas.base import PageOut
from app.api.schemas.organizations import (
    CopiedAllOut,
    ListedAllOut,
    OrganizationCreate,
    OrganizationOut,
    OrganizationsImport,
    OrganizationStateChange,
    OwnOrganizationChange,
    OwnOrganizationOut,
    PortfolioOut,
    PostSetCopyIn,
    copied_out,
    listed_out,
    organization_out,
    own_organization_out,
    standing_out,
)
from app.api.schemas.problems import problems
from app.services import organizations as service
from app.services.organization_lists import import_organizations as import_many
from app.services.own_organization import change_organization
from app.services.portfolio import portfolio
from app.services.post_set_copies import copy_posts

router = APIRouter(tags=["organizations"])


@router.get("/organizations", responses=problems())
def list_organizations(desk: OperatorDesk, asked: AskedDep) -> PageOut[OrganizationOut]:
    """List all organizations by slug. None of their texts is shown."""
    with desk.read_instance() as scope:
        page = service.organizations_page(scope, asked)
        return PageOut(items=[organization_out(row) for row in page.items], next_cursor=page.next_cursor)


@router.post("/organizations", status_code=201, responses=problems(409, 413, 415))
def create_an_organization(desk: OperatorDesk, body: OrganizationCreate, response: Response) -> OrganizationOut:
    """Add an organization. Nobody is anything in it yet: invite its first admin."""
    with desk.write_instance() as scope:
        answer = organization_out(service.add_organization(scope, body.slug, body.name))
    response.headers["Location"] = f"/api/v1/organizations/{answer.id}"
    return answer


@router.post("/organizations/import", responses=problems(409, 413, 415))
def import_organizations(desk: OperatorDesk, body: OrganizationsImport) -> ListedAllOut:
    """Add many organizations from a CSV text, and invite their admins. The same text again adds none."""
    listed = import_many(desk, desk.who, body.csv, commit=body.commit)
    return ListedAllOut(committed=body.commit is not None, items=[listed_out(one) for one in listed])


@router.get("/organizations/{organization_id}", responses=problems(404))
def read_an_organization(desk: OperatorDesk, organization_id: RowIdPath) -> OrganizationOut:
    """Read an organization, without any of its texts."""
    with desk.read_instance() as scope:
        return organization_out(service.find_organization(scope, organization_id))


@router.patch("/organizations/{organization_id}", responses=problems(404, 409, 413, 415))
def close_or_open_an_organization(
    desk: OperatorDesk, organization_id: RowIdPath, body: OrganizationStateChange
) -> OrganizationOut:
    """Close an organization, or open it again."""
    with desk.write_instance() as scope:
        found = service.find_organization(scope, organization_id)
        return organization_out(service.set_state(scope, found, body.state))


@router.get("/organization", responses=READ | problems())
def read_the_own_organization(desk: ViewDesk, look: LookDep, response: Response) -> OwnOrganizationOut:
    """Read the organization that one is in, and how it reviews."""
    with desk.read() as scope:
        answer = own_organization_out(service.organization_of(scope))
    tag(response, answer, edition(answer))
    look.refuse_known(response)
    return answer


@router.patch("/organization", responses=tagged() | problems(409, 412, 413, 415))
def change_the_own_organization(
    desk: AdminDesk, body: OwnOrganizationChange, edit: EditDep, response: Response
) -> OwnOrganizationOut:
    """Change the organization's name, its fill-ins' defaults, and how it reviews."""
    with desk.write() as scope:
        edit.require(edition(own_organization_out(service.organization_of(scope, lock=True))))
        answer = own_organization_out(change_organization(scope, body.changes()))
    tag(response, answer, edition(answer))
    return answer


@router.get("/portfolio", responses=problems())
def read_the_portfolio(desk: MemberDesk) -> PortfolioOut:
    """See all of one's organizations together: what is blocked, missed or waiting in each. No texts."""
    with desk.read_instance() as scope:
        return PortfolioOut(items=[standing_out(one) for one in portfolio(scope, desk.who)])


@router.post("/post-set-copies", responses=problems(404, 409, 413, 415))
def copy_a_post_set(desk: WriteDesk, body: PostSetCopyIn) -> CopiedAllOut:
    """Copy a campaign's posts to other organizations in which one is an author, each with its own fill-ins.

    In each organization all or nothing; what its own people changed is kept. Doing it again changes nothing.
    """
    copied = copy_posts(desk, desk.who, body.campaign_id, body.organizations, body.sheet)
    return CopiedAllOut(items=[copied_out(one) for one in copied])
