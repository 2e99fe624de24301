"""The demonstration: the bundled campaign on sandbox accounts, planned and running. Doing it again changes nothing."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func, select

from app.models import Campaign, Delivery
from app.packs.schema import Pack
from app.platforms.base import Via
from app.platforms.vault import Vault
from app.services.accounts import NewAccount, accounts_of, add_account
from app.services.approvals import approve_everything
from app.services.campaigns import create_campaign, set_fill_ins
from app.services.outlook import BUILT_IN_ACCOUNTS
from app.services.plans import commit_plan, preview_plan
from app.services.scope import Scope

#: Who approved the demonstration's posts, as it stands on record.
APPROVED_BY = "the demonstration (for the sandbox only)"


def set_up_demo(scope: Scope, vault: Vault, pack: Pack, year: int, fill_ins: Mapping[str, str]) -> tuple[Campaign, int]:
    """Make sure that the pack's campaign of a year stands on accounts and is planned; return it and its deliveries.

    Four sandbox accounts are added where the organization has no account at all; accounts that are there stay alone
    in it, so that a demonstration never plans for a real account beside sandboxes that nobody asked for. Its posts are
    approved by the demonstration itself, which holds for sandbox accounts only.
    """
    slug = f"{pack.key}-{year}"
    campaign = scope.session.scalars(scope.query(Campaign).where(Campaign.slug == slug)).first()
    if not accounts_of(scope):
        for account in BUILT_IN_ACCOUNTS:
            add_account(scope, vault, NewAccount(account.slug, account.platform, Via.SANDBOX))
    if campaign is None:
        campaign = create_campaign(scope, pack, year=year, slug=slug)
        set_fill_ins(scope, campaign, fill_ins)
        if all(account.via == Via.SANDBOX for account in accounts_of(scope)):
            commit_plan(scope, campaign, preview_plan(scope, campaign).digest)
    elif fill_ins:
        set_fill_ins(scope, campaign, fill_ins)
    # It counts in the sandbox only: whoever adds a real account has its posts approved by a person.
    approve_everything(scope, campaign, by=APPROVED_BY, demonstration=True)
    planned = scope.session.scalar(select(func.count()).where(Delivery.campaign_id == campaign.id))
    return campaign, planned or 0
