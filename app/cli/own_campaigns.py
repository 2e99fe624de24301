"""Which campaign a command is about."""

from __future__ import annotations

from typing import Annotated

import typer

from app.errors import InvalidInput
from app.models import Campaign
from app.services.campaigns import campaigns
from app.services.scope import Scope

CampaignOption = Annotated[
    str | None, typer.Option("--campaign", help="A campaign's slug; may be left out where there is only one.")
]


def chosen_campaign(scope: Scope, slug: str | None, *, lock: bool = False) -> Campaign:
    """Return the campaign of that slug, or the only one; locked until the unit of work ends if asked.

    Raises:
        InvalidInput: There is none of that slug, or none is named and there is none or several.
    """
    known = {campaign.slug: campaign.id for campaign in campaigns(scope)}
    if slug is None and len(known) == 1:
        slug = next(iter(known))
    if slug is None or slug not in known:
        hint = f"The campaigns are: {', '.join(sorted(known))}." if known else "Make a campaign first."
        what = "Which campaign? There are several." if slug is None and known else f"There is no campaign {slug!r}."
        raise InvalidInput(what if slug is not None or known else "There is no campaign yet.", hint=hint)
    return scope.get(Campaign, known[slug], lock=lock)
