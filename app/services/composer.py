"""The engine's composer: rows to the exact parts that would go out, with the rules' verdict."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.composing.compose import compose
from app.delivery.credentials import connection_for
from app.delivery.deps import Adapters, Composed
from app.models import Account, Campaign, Post, Variant
from app.platforms.base import Via
from app.platforms.credentials import MemoryCredentials
from app.policy.finding import Finding, Level
from app.services.contacts import unconfirmed
from app.services.posts import is_meant_for
from app.services.voices import post_text_of, voice_of
from app.text.profile import TextProfile

UNCONFIRMED_CODE = "contact.unconfirmed"
LEFT_OUT_CODE = "post.left_out"
NOT_FOR_CODE = "post.not_for_account"


def _not_meant(post: Post, account: Account) -> tuple[Finding, ...]:
    """Return why a post is not to go out on an account, whatever was planned before: left out, or not for it."""
    if post.left_out:
        message = f"The post is left out: {post.left_out}"
        return (Finding(LEFT_OUT_CODE, Level.ERROR, (0, 0), message, "Take it in again to let it go out."),)
    if is_meant_for(post, account):
        return ()
    message = f"The post is not meant for {account.slug} any more."
    return (Finding(NOT_FOR_CODE, Level.ERROR, (0, 0), message, "Add the account to the post, or plan anew."),)


class CampaignComposer:
    """Composes a post for an account as the campaign stands in the session. Reads only."""

    def __init__(self, platforms: Adapters, *, rehearsal: bool = False) -> None:
        self._platforms = platforms
        self._rehearsal = rehearsal

    def compose(self, session: Session, *, post: Post, account: Account, campaign: Campaign) -> Composed:
        """Return what would go out on this account, and whatever else blocks it."""
        profile = self.profile(account)
        variants = session.scalars(select(Variant).where(Variant.post_id == post.id)).all()
        voice = voice_of(session, campaign)
        # An account's server may have limits of its own; the network's variant is meant for it all the same.
        composition = compose(post_text_of(post, variants), replace(profile, slug=account.platform), voice)
        return Composed(
            composition=composition,
            policy_version=voice.policy.version,
            language=post.language,
            refusals=(*_not_meant(post, account), *self._refusals(session, account, campaign)),
        )

    def profile(self, account: Account) -> TextProfile:
        """Return the text rules that hold for an account, its server's own limits included."""
        adapter = self._platforms.adapter(account.platform, Via(account.via))
        # Limits are no secret: none is read to know them.
        return adapter.profile(connection_for(account, MemoryCredentials()))

    def _refusals(self, session: Session, account: Account, campaign: Campaign) -> tuple[Finding, ...]:
        if self._rehearsal or account.via == Via.SANDBOX:
            return ()
        names = unconfirmed(session, campaign)
        if not names:
            return ()
        message = f"Nobody has confirmed these facts for {campaign.year}: {', '.join(names)}."
        return (Finding(UNCONFIRMED_CODE, Level.ERROR, (0, 0), message, "Confirm them for this campaign."),)
