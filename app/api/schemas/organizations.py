"""Organizations as requests and answers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints

from app.api.schemas.base import Flag, Id, Input, Line500, Moment, Output, SlugName, moment, moment_or_none
from app.errors import FocusweekError
from app.models import Organization
from app.packs.schema.base import Key
from app.services.organization_lists import Listed
from app.services.portfolio import Standing
from app.services.post_set_copies import Copied

_OrganizationSlug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$")]
_Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
_Csv = Annotated[str, StringConstraints(min_length=1, max_length=500_000)]


class OrganizationCreate(Input):
    """A new organization."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"slug": "county-health", "name": "County Health"}]})

    slug: _OrganizationSlug = Field(description="Its short name in addresses and commands.")
    name: _Name = Field(description="Its name.")


class OrganizationStateChange(Input):
    """Whether an organization is open; null leaves it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"state": "closed"}]})

    state: Literal["active", "closed"] = Field(description="A closed one lets nobody in and publishes nothing.")


class OrganizationsImport(Input):
    """Many organizations from a CSV text."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"csv": "slug,name,admin_email\ncounty-health,County Health,admin@county.example\n"}]
        }
    )

    csv: _Csv = Field(description="`slug,name,admin_email`, a line each; the e-mail may be empty.")
    commit: Literal["all", "good"] | None = Field(
        None, description="all: none where a line cannot be used; good: those that can; null only looks."
    )


class OwnOrganizationChange(Input):
    """What an admin changes of the organization; what is left out stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "County Health Department"}]})

    name: _Name = Field("", description="Its name.")
    fill_ins: dict[Key, Line500] = Field(default={}, max_length=200, description="Defaults of fill-ins, all of them.")
    allows_own_approval: Flag = Field(False, description="Whether people may approve what they wrote themselves.")
    issuer_clearance_suffices: Flag = Field(
        False, description="Whether a toolkit's unchanged text counts as approved by its issuer."
    )
    second_clearance: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)] | None = (
        Field(None, description="The role that clears a text after its review, such as Legal; null for none.")
    )
    second_clearance_role: Literal["reviewer", "admin"] | None = Field(
        None, description="What whoever gives it must be at least."
    )

    def changes(self) -> dict[str, Any]:
        """Return what was given, as the service takes it."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class PostSetCopyIn(Input):
    """A campaign's posts for other organizations."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"campaign_id": 1, "organizations": ["county-health"], "sheet": None}]}
    )

    campaign_id: Id = Field(description="The campaign whose posts are copied.")
    organizations: list[SlugName] = Field(min_length=1, max_length=200, description="Slugs of the organizations.")
    sheet: _Csv | None = Field(None, description="CSV: `organization`, then a column for each fill-in's key.")


class OrganizationOut(Output):
    """An organization, as the operator sees it."""

    id: Id
    slug: str
    name: str
    state: str
    created: Moment


class OwnOrganizationOut(OrganizationOut):
    """An organization, as its members see it."""

    fill_ins: dict[str, str]
    allows_own_approval: bool
    issuer_clearance_suffices: bool
    second_clearance: str | None
    second_clearance_role: str | None


class ItemProblem(Output):
    """Why one of many could not be done."""

    code: str
    detail: str
    hint: str


class ListedOut(Output):
    """What became of one line."""

    row: int = Field(description="As the file shows it, from 1.")
    slug: str
    action: str = Field(description="added, unchanged or refused.")
    problem: ItemProblem | None
    invitation: str | None = Field(description="The admin's link, where no mail could be sent; it is shown once.")


class ListedAllOut(Output):
    """What became of all lines."""

    committed: bool
    items: list[ListedOut]


class StandingOut(Output):
    """How one organization stands."""

    slug: str
    name: str
    role: str | None
    by_state: dict[str, int] = Field(description="Deliveries in states that want a person.")
    in_review: int
    next_due: Moment | None


class PortfolioOut(Output):
    """How all organizations of whoever asks stand."""

    items: list[StandingOut]


class CopiedOut(Output):
    """What became of the posts in one organization."""

    organization: str
    campaign_id: int | None
    added: int
    changed: int
    unchanged: int
    kept: list[str] = Field(description="Keys of posts that its own people changed, which stay as they are.")
    fill_ins: int
    problem: ItemProblem | None


class CopiedAllOut(Output):
    """What became of the posts in every organization."""

    items: list[CopiedOut]


def organization_out(row: Organization) -> OrganizationOut:
    """Return an organization as the operator sees it."""
    return OrganizationOut(id=row.id, slug=row.slug, name=row.name, state=row.state, created=moment(row.created_at))


def own_organization_out(row: Organization) -> OwnOrganizationOut:
    """Return an organization as its members see it."""
    return OwnOrganizationOut(
        **organization_out(row).model_dump(),
        fill_ins=row.fill_ins,
        allows_own_approval=row.allows_own_approval,
        issuer_clearance_suffices=row.issuer_clearance_suffices,
        second_clearance=row.second_clearance,
        second_clearance_role=row.second_clearance_role,
    )


def listed_out(one: Listed) -> ListedOut:
    """Return what became of a line."""
    return ListedOut(row=one.row, slug=one.slug, action=one.action, problem=_problem(one.problem), invitation=one.link)


def standing_out(one: Standing) -> StandingOut:
    """Return how an organization stands."""
    return StandingOut(
        slug=one.organization.slug,
        name=one.organization.name,
        role=one.role,
        by_state=dict(one.by_state),
        in_review=one.in_review,
        next_due=moment_or_none(one.next_due),
    )


def copied_out(one: Copied) -> CopiedOut:
    """Return what became of the posts in an organization."""
    return CopiedOut(
        organization=one.organization,
        campaign_id=one.campaign_id,
        added=one.added,
        changed=one.changed,
        unchanged=one.unchanged,
        kept=list(one.kept),
        fill_ins=one.fill_ins,
        problem=_problem(one.problem),
    )


def _problem(error: FocusweekError | None) -> ItemProblem | None:
    return None if error is None else ItemProblem(code=error.code, detail=error.message, hint=error.hint)
