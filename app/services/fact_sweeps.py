"""What a withdrawn fact does to one organization: its campaigns are touched, what says it is blocked or marked.

Deliveries are looked through in batches, each a transaction of its own in the order of all other lockers, so that the
engine never waits long. A sweep that was cut short is made again by a chore, and does nothing twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from app.delivery import gate, reasons, transitions
from app.delivery.deps import Composed
from app.delivery.withdrawn import CODE, Said, carries, described
from app.errors import InvalidInput
from app.identity.principal import Principal
from app.models import (
    Account,
    Campaign,
    ContactConfirmation,
    Delivery,
    Post,
    State,
    WithdrawnFact,
)  # fmt: skip
from app.packs.reading import pack_digest
from app.packs.replacing import changed_facts, replaced_in_pack
from app.records import journal
from app.services.campaigns import touch
from app.services.fact_marks import mark_handed_over, mark_published
from app.services.house import House
from app.services.scope import Scope
from app.services.voices import pack_of

#: So many deliveries are settled in one transaction: the engine's own writes wait for it.
_AT_ONCE = 100
_COMPOSED_AT_ONCE = 300
#: Not sent yet, and nothing of it out.
_AHEAD = (State.SCHEDULED.value, State.HELD.value)


@dataclass(frozen=True, slots=True)
class Swept:
    """What was found in one organization, in numbers.

    Deliveries `blocked` by this sweep, `published` ones that say it and are to be withdrawn, and those that were
    `handed_over` to a person to post. `replaced` counts campaigns whose pack has the new value now.
    """

    organization: str
    campaigns: int
    replaced: int = 0
    blocked: int = 0
    handed_over: int = 0
    published: int = 0


def sweep(house: House, who: Principal, organization_id: int, slug: str, fact: WithdrawnFact, *, first: bool) -> Swept:
    """Look through one organization's campaigns of the fact's pack.

    The `first` time they are touched, and the new value takes the old one's place in their packs.
    """
    there = replace(who, organization_id=organization_id)
    with house.write(there) as scope:
        campaigns = _locked(scope, fact.pack_key)
        replaced = sum(_replace(scope, campaign, fact) for campaign in campaigns) if first else 0
        for campaign in campaigns if first else ():
            touch(scope, campaign)
        ids = [campaign.id for campaign in campaigns]
    blocked = sum(_block(house, there, campaign_id, fact) for campaign_id in ids)
    handed_over = sum(mark_handed_over(house, there, campaign_id, fact) for campaign_id in ids)
    published = sum(mark_published(house, there, campaign_id, fact) for campaign_id in ids)
    if first or blocked:
        with house.write(there) as scope:
            after = {"fact": described(fact), "blocked": blocked, "published": published, "handed_over": handed_over}
            journal.note(scope.session, "fact_withdrawn", "withdrawn_fact", fact.id, after=after)
    return Swept(slug, len(ids), replaced, blocked, handed_over, published)


def touch_all(house: House, who: Principal, organization_id: int, pack_key: str) -> None:
    """Touch an organization's campaigns of a pack, so that what was blocked is looked at anew."""
    with house.write(replace(who, organization_id=organization_id)) as scope:
        for campaign in _locked(scope, pack_key):
            touch(scope, campaign)


def _locked(scope: Scope, pack_key: str) -> Sequence[Campaign]:
    query = scope.query(Campaign).where(Campaign.pack_key == pack_key).order_by(Campaign.id)
    return scope.session.scalars(query.with_for_update(key_share=True)).all()


def _replace(scope: Scope, campaign: Campaign, fact: WithdrawnFact) -> bool:
    """Put the new value in the place of the old one in a campaign's pack; its confirmation was of the old one."""
    if fact.new is None:
        return False
    before = pack_of(campaign)
    try:
        after = replaced_in_pack(before, fact.kind, fact.old, fact.new)
    except InvalidInput:
        # What is wrong stays stopped; the right value comes with a new version of the pack.
        return False
    if after is None:
        return False
    campaign.pack, campaign.pack_digest = after.model_dump(mode="json"), pack_digest(after)
    keys = changed_facts(before, after)
    query = scope.query(ContactConfirmation).where(ContactConfirmation.campaign_id == campaign.id)
    for row in scope.session.scalars(query.where(ContactConfirmation.fact_key.in_(keys))).all():
        scope.session.delete(row)
    journal.note(
        scope.session,
        "fact_replaced",
        "campaign",
        campaign.id,
        before={"value": fact.old},
        after={"value": fact.new, "facts": list(keys)},
    )
    return True


def _block(house: House, who: Principal, campaign_id: int, fact: WithdrawnFact) -> int:
    posts = _posts_that_say(house, who, campaign_id, fact)
    blocked, after = 0, 0
    while posts:
        with house.write(who) as scope:
            query = select(Delivery.id).where(Delivery.campaign_id == campaign_id, Delivery.post_id.in_(posts))
            query = query.where(Delivery.state.in_(_AHEAD), Delivery.parts_out == 0, Delivery.id > after)
            ids = scope.session.scalars(query.order_by(Delivery.id).limit(_AT_ONCE)).all()
            if not ids:
                break
            after = ids[-1]
            blocked += _block_batch(house, scope, ids, fact)
    return blocked


def _posts_that_say(house: House, who: Principal, campaign_id: int, fact: WithdrawnFact) -> set[int]:
    """Return the posts of which some delivery ahead would say it, without a lock: most say nothing of the kind."""
    with house.read(who) as scope:
        query = select(Delivery.post_id, Delivery.account_id).where(Delivery.campaign_id == campaign_id).distinct()
        query = query.where(Delivery.state.in_(_AHEAD), Delivery.parts_out == 0).order_by(Delivery.post_id)
        pairs = scope.session.execute(query).all()
        campaign = scope.get(Campaign, campaign_id)
        posts = {row.id: row for row in scope.session.scalars(scope.query(Post).where(Post.campaign_id == campaign_id))}
        accounts = {row.id: row for row in scope.session.scalars(scope.query(Account))}
        found: set[int] = set()
        for first in range(0, len(pairs), _COMPOSED_AT_ONCE):
            wanted = [(posts[p], accounts[a], campaign) for p, a in pairs[first : first + _COMPOSED_AT_ONCE]]
            composed = house.deps.composer.compose_all(scope.session, wanted)
            found |= {post.id for (post, _, _), one in zip(wanted, composed, strict=True) if _says(one, fact)}
        return found


def _says(composed: Composed | Exception, fact: WithdrawnFact) -> bool:
    if isinstance(composed, Exception):
        return False  # the gate blocks what cannot be composed
    parts = composed.composition.parts
    return carries(fact, Said([part.text for part in parts], [link.target for part in parts for link in part.links]))


def _block_batch(house: House, scope: Scope, ids: Sequence[int], fact: WithdrawnFact) -> int:
    cases = [case for case in gate.lock_cases(scope.session, ids).values() if case.delivery.state in _AHEAD]
    composed = house.deps.composer.compose_all(scope.session, [(c.post, c.account, c.campaign) for c in cases])
    blocked = 0
    for case, one in zip(cases, composed, strict=True):
        if isinstance(one, Exception) or case.delivery.parts_out or not _says(one, fact):
            continue
        findings = (*one.composition.verdict.findings, *one.refusals)
        blocked += transitions.move(
            scope.session,
            case.delivery.id,
            case.delivery.state,
            State.BLOCKED,
            at=scope.now,
            reason=reasons.FACT_WITHDRAWN,
            detail=described(fact),
            actor=scope.actor,
            fence=case.delivery.fence,
            values={"verdict": gate.as_json(tuple(sorted(findings, key=lambda found: found.code != CODE)))},
        )
    return blocked
