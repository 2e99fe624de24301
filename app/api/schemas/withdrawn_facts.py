"""Withdrawn facts as requests and answers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from app.api.schemas.base import Id, Input, Line500, Line2000, Moment, Output, moment
from app.models import WithdrawnFact
from app.services.fact_checks import NewFact
from app.services.withdrawn_facts import Issued

_PackKey = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=100)]


class WithdrawFactIn(Input):
    """What nobody may publish any more."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "pack_key": "hhs-htpm-2023",
                    "kind": "number",
                    "old": "1-888-373-7889",
                    "new": "1-888-373-7888",
                    "reason": "The toolkit's second edition printed a wrong digit.",
                }
            ]
        }
    )

    pack_key: _PackKey = Field(description="The pack whose campaigns are meant, in all organizations.")
    kind: Literal["number", "link", "words"] = Field(description="How it is compared.")
    old: Line2000 = Field(description="The fact: a number in any grouping, an address or host, or a wording.")
    new: Line2000 | None = Field(
        None, description="What stands in its place; must be confirmed again where it is used."
    )
    reason: Line500 = Field(description="Why, for the people of every organization.")

    def value(self) -> NewFact:
        """Return it as the service takes it."""
        return NewFact(self.pack_key, self.kind, self.old, self.reason, self.new)


class WithdrawnFactOut(Output):
    """A fact that nobody may publish any more."""

    id: Id
    pack_key: str
    kind: str = Field(examples=["number"])
    old: str
    new: str | None
    reason: str
    by: str = Field(description="Who withdrew it.")
    at: Moment
    done: bool = Field(description="Whether every campaign has been looked through for it.")


class SweptOut(Output):
    """What was found in one organization, in numbers."""

    organization: str = Field(description="Its slug.")
    campaigns: int = Field(description="Campaigns made of the pack.")
    replaced: int = Field(description="Campaigns in whose pack the new value stands now.")
    blocked: int = Field(description="Deliveries ahead that say it and were stopped.")
    handed_over: int = Field(description="Deliveries that say it and are with a person to be posted.")
    published: int = Field(description="Deliveries that say it, are out, and are to be withdrawn.")


class IssuedOut(Output):
    """A withdrawn fact, and what it was found in."""

    fact: WithdrawnFactOut
    organizations: list[SweptOut]


def fact_out(fact: WithdrawnFact) -> WithdrawnFactOut:
    """Return a withdrawn fact as an answer."""
    return WithdrawnFactOut(
        id=fact.id,
        pack_key=fact.pack_key,
        kind=fact.kind,
        old=fact.old,
        new=fact.new,
        reason=fact.reason,
        by=fact.issued_by,
        at=moment(fact.issued_at),
        done=fact.applied_at is not None,
    )


def issued_out(issued: Issued) -> IssuedOut:
    """Return what a withdrawal did as an answer."""
    return IssuedOut(
        fact=fact_out(issued.fact),
        organizations=[
            SweptOut(
                organization=one.organization,
                campaigns=one.campaigns,
                replaced=one.replaced,
                blocked=one.blocked,
                handed_over=one.handed_over,
                published=one.published,
            )
            for one in issued.organizations
        ],
    )
