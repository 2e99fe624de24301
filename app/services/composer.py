"""The engine's composer: rows to the exact parts that would go out, with the rules' verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.composing.compose import compose
from app.composing.values import Composition, PostText, Voice
from app.delivery.credentials import connection_for
from app.delivery.deps import Adapters, Composed
from app.delivery.withdrawn import Said, carried, finding, withdrawn_facts
from app.models import Account, Campaign, Post, WithdrawnFact
from app.platforms.base import Via
from app.platforms.credentials import MemoryCredentials
from app.policy.finding import Finding, Level
from app.services.contacts import unconfirmed
from app.services.posts import is_meant_for
from app.services.voices import post_text_of, variants_of, voice_of
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

    def __init__(self, session: Session, posts: Sequence[Post]) -> None:
        self._session = session
        self.variants = variants_of(session, posts)
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


class _Kept:
    """A voice as a key: one that was built once is kept while in use, and comparing two costs more than it saves."""

    __slots__ = ("voice",)

    def __init__(self, voice: Voice) -> None:
        self.voice = voice

    def __hash__(self) -> int:
        return id(self.voice)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Kept) and other.voice is self.voice


@lru_cache(maxsize=512)
def _composition(post: PostText, profile: TextProfile, kept: _Kept) -> Composition:
    """Compose, or give what was composed before from the very same facts: text, variants, links, rules, fill-ins."""
    return compose(post, profile, kept.voice)


class CampaignComposer:
    """Composes a post for an account as the campaign stands in the session. Reads only."""

    def __init__(self, platforms: Adapters, *, rehearsal: bool = False) -> None:
        self._platforms = platforms
        self._rehearsal = rehearsal

    def compose(self, session: Session, *, post: Post, account: Account, campaign: Campaign) -> Composed:
        """Return what would go out on this account, and whatever else blocks it."""
        return self._compose(_Read(session, [post]), post, account, campaign)

    def compose_all(
        self, session: Session, wanted: Sequence[tuple[Post, Account, Campaign]]
    ) -> Sequence[Composed | Exception]:
        """Compose many, reading what they share once; what one of them fails with stands in its place.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        read = _Read(session, [post for post, _, _ in wanted])
        composed: list[Composed | Exception] = []
        for post, account, campaign in wanted:
            try:
                composed.append(self._compose(read, post, account, campaign))
            except SQLAlchemyError:
                raise
            except Exception as error:  # noqa: BLE001  # it blocks this one and none of the others
                composed.append(error)
        return composed

    def _compose(self, read: _Read, post: Post, account: Account, campaign: Campaign) -> Composed:
        voice = read.voice(campaign)
        # An account's server may have limits of its own; the network's variant is meant for it all the same.
        profile = replace(self.profile(account), slug=account.platform)
        composition = _composition(post_text_of(post, read.variants[post.id]), profile, _Kept(voice))
        return Composed(
            composition=composition,
            policy_version=voice.policy.version,
            language=post.language,
            refusals=(
                *_withdrawn(read.withdrawn(campaign), composition),
                *_not_meant(post, account),
                *self._refusals(read, account, campaign),
            ),
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
