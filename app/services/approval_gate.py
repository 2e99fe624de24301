"""What the gate asks of approvals: is what would go out approved, exactly as it is, with every warning on it?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.composing.approving import unacknowledged
from app.db import RowId
from app.models import Approval, Organization, Post, Variant
from app.packs.schema import Pack
from app.policy.finding import Finding, Level
from app.services.compositions import Made

MISSING_CODE = "approval.missing"
WARNINGS_CODE = "approval.warnings"
SECOND_CODE = "approval.second_missing"
#: The `role` of an approval that a demonstration gave itself: it counts in the sandbox only.
DEMONSTRATION = "demonstration"

#: A text has no more of these than a person can read.
_MOST_TOLD = 20


@dataclass(frozen=True, slots=True)
class InForce:
    """An approval in force, as the gate needs it."""

    digest: str
    step: int
    role: str | None
    acknowledged: frozenset[str]
    approved_at: datetime


@dataclass(frozen=True, slots=True)
class Ways:
    """How an organization reviews, as the gate needs it."""

    second_clearance: str | None = None
    issuer_clearance_suffices: bool = False

    @classmethod
    def of(cls, organization: Organization) -> Ways:
        """Return an organization's."""
        return cls(organization.second_clearance, organization.issuer_clearance_suffices)


@dataclass(frozen=True, slots=True)
class Cleared:
    """What the gate finds: why it may not go out, if anything, and since when it has been approved otherwise."""

    findings: tuple[Finding, ...] = ()
    since: datetime | None = None


# Built once, and columns instead of rows: the gate asks it for every group of deliveries.
_IN_FORCE = select(
    Approval.post_id, Approval.digest, Approval.step, Approval.role, Approval.acknowledged, Approval.approved_at
).where(Approval.post_id.in_(bindparam("posts", type_=RowId, expanding=True)), Approval.voided_at.is_(None))


def approvals_in_force(session: Session, post_ids: Iterable[int]) -> dict[int, list[InForce]]:
    """Return the approvals in force of posts, by post id, in one query; every post has an entry."""
    found: dict[int, list[InForce]] = {post_id: [] for post_id in post_ids}
    for post_id, digest, step, role, acknowledged, at in session.execute(_IN_FORCE, {"posts": list(found)}):
        found[post_id].append(InForce(digest, step, role, frozenset(acknowledged), at))
    return found


def clearance(
    made: Made, held: Sequence[InForce], ways: Ways, *, sandbox: bool, from_issuer: Callable[[], bool]
) -> Cleared:
    """Judge what would go out by the approvals in force of its post.

    `from_issuer` says whether the text is the issuer's own, unchanged; it is only asked where that may suffice.
    """
    of_these = [one for one in held if one.digest == made.digest]
    first = next((one for one in of_these if one.step == 1 and (sandbox or one.role != DEMONSTRATION)), None)
    if first is None and not (ways.issuer_clearance_suffices and from_issuer()):
        return Cleared((_missing(),))
    findings = (
        [] if first is None else [_not_acknowledged(w) for w in unacknowledged(made.warnings, first.acknowledged)]
    )
    second = None
    if ways.second_clearance is not None:
        second = next((one for one in of_these if one.step == 2), None)  # noqa: PLR2004 - the second step
        if second is None and (first is None or first.role != DEMONSTRATION):
            findings.append(_second_missing(ways.second_clearance))
    if findings:
        return Cleared(tuple(findings[:_MOST_TOLD]))
    return Cleared(since=max((one.approved_at for one in (first, second) if one is not None), default=None))


def is_issuers_own(pack: Pack, post: Post, variants: Sequence[Variant]) -> bool:
    """Whether a post is exactly what the pack's issuer cleared: its text, links, language and variants, nothing put in.

    What an organization fills in is its own words, so a text with fill-ins is not.
    """
    entry = next((entry for entry in pack.posts if entry.key == post.key), None)
    if entry is None or not pack.issuer.strip() or entry.text != post.text:
        return False
    if any(fill_in.text in post.text for fill_in in pack.fill_ins):
        return False
    return (
        (entry.language or pack.language) == post.language
        and {variant.platform: variant.text for variant in variants} == dict(entry.variants)
        and _targets(post.links) == _targets(link.model_dump(mode="json") for link in entry.links)
    )


def _targets(links: Iterable[Mapping[str, object]]) -> list[tuple[object, object]]:
    return [(link["visible"], link.get("target")) for link in links]


def _missing() -> Finding:
    message = "Nobody has approved these exact parts."
    return Finding(MISSING_CODE, Level.ERROR, (0, 0), message, "Ask for a review, and have them approved.")


def _not_acknowledged(warning: Finding) -> Finding:
    message = f"The approval does not acknowledge this warning ({warning.code}): {warning.message}"
    return Finding(WARNINGS_CODE, Level.ERROR, warning.span, message, "Approve it anew, the warning acknowledged.")


def _second_missing(role: str) -> Finding:
    return Finding(
        SECOND_CODE, Level.ERROR, (0, 0), f"The second clearance ({role}) has not been given.", f"Have {role} clear it."
    )
