"""The engine's composer: rows to the exact parts that would go out, with the rules' verdict."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.composing.values import Composition, Voice
from app.delivery.credentials import connection_for
from app.delivery.deps import Adapters, Composed
from app.delivery.withdrawn import Said, carried, finding, withdrawn_facts
from app.models import Account, Campaign, Organization, Post, WithdrawnFact
from app.platforms.base import Via
from app.platforms.credentials import MemoryCredentials
from app.policy.finding import Finding, Level
from app.services.approval_gate import Cleared, Ways, approvals_in_force, clearance, is_issuers_own
from app.services.compositions import Made, for_account, made
from app.services.contacts import unconfirmed
from app.services.posts import is_meant_for
from app.services.voices import pack_of, post_text_of, variants_of, voice_of
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


def _withdrawn(facts: Sequence[WithdrawnFact], composition: Composition) -> tuple[Finding, ...]:
    """Return what the issuer has withdrawn of what would go out: a rehearsal or a sandbox may not say it either."""
    if not facts:
        return ()
    addresses = [link.target for part in composition.parts for link in part.links]
    said = Said([part.text for part in composition.parts], addresses)
    return tuple(finding(fact) for fact in carried(facts, said))


class _Read:
    """What composing needs of the database, read once for all posts that are composed together."""

    def __init__(self, session: Session, posts: Sequence[Post], *, approvals: bool = True) -> None:
        self._session = session
        self.variants = variants_of(session, posts)
        self.approvals = approvals_in_force(session, {post.id for post in posts}) if approvals else {}
        self._organizations: dict[int, Organization] = {}
        self._voices: dict[int, Voice] = {}
        self._unconfirmed: dict[int, tuple[str, ...]] = {}
        self._withdrawn: dict[str, tuple[WithdrawnFact, ...]] = {}

    def voice(self, campaign: Campaign) -> Voice:
        """Return a campaign's voice."""
        if campaign.id not in self._voices:
            self._voices[campaign.id] = voice_of(self._session, campaign)
        return self._voices[campaign.id]

    def unconfirmed(self, campaign: Campaign) -> tuple[str, ...]:
        """Return the names of a campaign's contact facts that nobody has confirmed."""
        if campaign.id not in self._unconfirmed:
            self._unconfirmed[campaign.id] = unconfirmed(self._session, campaign)
        return self._unconfirmed[campaign.id]

    def withdrawn(self, campaign: Campaign) -> tuple[WithdrawnFact, ...]:
        """Return what the issuer of a campaign's pack has withdrawn."""
        if campaign.pack_key not in self._withdrawn:
            self._withdrawn[campaign.pack_key] = withdrawn_facts(self._session, campaign.pack_key)
        return self._withdrawn[campaign.pack_key]

    def ways(self, post: Post) -> Ways:
        """Return how the post's organization reviews. The row is held, or the session would read it again each time."""
        row = self._organizations.get(post.organization_id)
        if row is None:
            row = self._organizations[post.organization_id] = self._session.get_one(Organization, post.organization_id)
        return Ways.of(row)


class CampaignComposer:
    """Composes a post for an account as the campaign stands in the session. Reads only."""

    def __init__(self, platforms: Adapters, *, rehearsal: bool = False) -> None:
        self._platforms = platforms
        self._rehearsal = rehearsal

    def compose(self, session: Session, *, post: Post, account: Account, campaign: Campaign) -> Composed:
        """Return what would go out on this account, and whatever else blocks it."""
        return self._compose(self._read(session, [post]), post, account, campaign)

    def compose_all(
        self, session: Session, wanted: Sequence[tuple[Post, Account, Campaign]]
    ) -> Sequence[Composed | Exception]:
        """Compose many, reading what they share once; what one of them fails with stands in its place.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        read = self._read(session, [post for post, _, _ in wanted])
        composed: list[Composed | Exception] = []
        for post, account, campaign in wanted:
            try:
                composed.append(self._compose(read, post, account, campaign))
            except SQLAlchemyError:
                raise
            except Exception as error:  # noqa: BLE001  # it blocks this one and none of the others
                composed.append(error)
        return composed

    def _read(self, session: Session, posts: Sequence[Post]) -> _Read:
        return _Read(session, posts, approvals=not self._rehearsal)

    def _compose(self, read: _Read, post: Post, account: Account, campaign: Campaign) -> Composed:
        # First, for the voice takes the organization's fill-ins from the same row.
        read.ways(post)
        voice = read.voice(campaign)
        text = post_text_of(post, read.variants[post.id])
        ready = made(text, for_account(account, self.profile(account)), voice)
        cleared = Cleared() if self._rehearsal else _cleared(read, ready, post, account, campaign)
        return Composed(
            composition=ready.composition,
            policy_version=voice.policy.version,
            language=post.language,
            refusals=(
                *_withdrawn(read.withdrawn(campaign), ready.composition),
                *_not_meant(post, account),
                *self._refusals(read, account, campaign),
                *cleared.findings,
            ),
            approved_at=cleared.since,
        )

    def profile(self, account: Account) -> TextProfile:
        """Return the text rules that hold for an account, its server's own limits included."""
        adapter = self._platforms.adapter(account.platform, Via(account.via))
        # Limits are no secret: none is read to know them.
        return adapter.profile(connection_for(account, MemoryCredentials()))

    def _refusals(self, read: _Read, account: Account, campaign: Campaign) -> tuple[Finding, ...]:
        if self._rehearsal or account.via == Via.SANDBOX:
            return ()
        names = read.unconfirmed(campaign)
        if not names:
            return ()
        message = f"Nobody has confirmed these facts for {campaign.year}: {', '.join(names)}."
        return (Finding(UNCONFIRMED_CODE, Level.ERROR, (0, 0), message, "Confirm them for this campaign."),)


def _cleared(read: _Read, ready: Made, post: Post, account: Account, campaign: Campaign) -> Cleared:
    return clearance(
        ready,
        read.approvals[post.id],
        read.ways(post),
        sandbox=account.via == Via.SANDBOX,
        from_issuer=partial(_from_issuer, read, post, campaign),
    )


def _from_issuer(read: _Read, post: Post, campaign: Campaign) -> bool:
    return is_issuers_own(pack_of(campaign), post, read.variants[post.id])
