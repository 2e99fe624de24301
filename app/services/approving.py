"""Who may approve what, and what an approval writes down: the steps that every way to approve goes through."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from app.composing.approving import parts_as_json
from app.errors import Conflict, InvalidInput, NotAllowed
from app.identity.permissions import Permission, Role
from app.identity.principal import LOCAL_ACTOR, Principal
from app.models import Approval, Organization, Post
from app.policy.finding import Finding
from app.services.approval_gate import DEMONSTRATION
from app.services.approval_voiding import REPLACED, void
from app.services.review_sets import PartsSet
from app.services.scope import Scope
from app.services.writers import has_written

FIRST, SECOND = 1, 2

#: What somebody must be allowed to give the second clearance, by the role that the organization names.
_TAKES = {
    Role.VIEWER: Permission.REVIEW,
    Role.AUTHOR: Permission.REVIEW,
    Role.REVIEWER: Permission.REVIEW,
    Role.ADMIN: Permission.ADMINISTER,
}


class WarningsUnacknowledged(Conflict):
    """Some warnings on what is to be approved were not acknowledged; nothing was changed. `warnings` by their keys."""

    code = "approval.unacknowledged"

    def __init__(self, warnings: dict[str, Finding]) -> None:
        count = "A warning is" if len(warnings) == 1 else f"{len(warnings)} warnings are"
        super().__init__(
            f"{count} not acknowledged: {'; '.join(list(warnings)[:5])}.",
            hint="Look at each one, and name its key among those acknowledged: `acknowledged` in the API, "
            "--acknowledge on the command line.",
        )
        self.warnings = warnings


@dataclass(frozen=True, slots=True)
class Word:
    """What somebody approves of a post.

    `digests` names the sets of parts that they have seen, None for all as they stand now. `acknowledged` are the keys
    of the warnings that they accept; with `all_warnings`, whatever there is. `second` is for the second clearance.
    """

    acknowledged: frozenset[str] = frozenset()
    digests: tuple[str, ...] | None = None
    second: bool = False
    all_warnings: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """A post with what there is to approve of it and which approvals are in force, as they are in one unit of work."""

    post: Post
    sets: tuple[PartsSet, ...]
    organization: Organization
    held: list[Approval] = field(default_factory=list)

    def first(self, digest: str) -> Approval | None:
        """Return the review's approval of some parts."""
        return next((one for one in self.held if one.digest == digest and one.step == FIRST), None)

    def second(self, digest: str) -> Approval | None:
        """Return the second clearance of some parts."""
        return next((one for one in self.held if one.digest == digest and one.step == SECOND), None)

    def covered(self, digest: str) -> bool:
        """Whether some parts have every approval that the organization asks for."""
        first = self.first(digest)
        if first is None or first.role == DEMONSTRATION:
            return first is not None
        return self.organization.second_clearance is None or self.second(digest) is not None


def refuse_approver(scope: Scope, standing: Standing) -> None:
    """Refuse whoever may not approve a post.

    Raises:
        NotAllowed: They may not review, are no person, or have written it.
        InvalidInput: The machine's owner has not said who they are.
    """
    who = scope.who
    who.require(Permission.REVIEW)
    if who.name == LOCAL_ACTOR:
        raise InvalidInput("An approval carries the name of the person who gives it.", hint="Say who: --as NAME.")
    if who.via == "token" and who.user_id is None:
        raise NotAllowed(
            "An approval is a person's word, and this token belongs to no user.",
            hint="Use a token of the person who approves, or sign in.",
        )
    refuse_writer(standing, who)


def refuse_writer(standing: Standing, who: Principal) -> None:
    """Refuse whoever has written a post, unless the organization lets people approve their own texts.

    Raises:
        NotAllowed: They have.
    """
    if has_written(standing.post, who) and not standing.organization.allows_own_approval:
        raise NotAllowed(
            f"{who.name} has changed what this post says since its last approval, and nobody approves their own text.",
            hint="Have somebody else approve it, or have an admin let people approve their own texts.",
        )


def give(scope: Scope, standing: Standing, word: Word, *, by: str, role: str | None = None) -> list[Approval]:
    """Write down an approval of a (locked) post; returns the new rows, none where all of it was approved already.

    Raises:
        Conflict: Parts that are named are not what would go out any more, or the rules let them out nowhere.
        WarningsUnacknowledged: A warning was not acknowledged.
        NotAllowed: See `_second`.
    """
    chosen = _chosen(standing, word)
    if word.second:
        return _second(scope, standing, chosen, by=by)
    seen = {key: finding for one in chosen for key, finding in one.warnings.items()}
    accepted = frozenset(seen) if word.all_warnings else word.acknowledged
    if left := {key: finding for key, finding in seen.items() if key not in accepted}:
        raise WarningsUnacknowledged(left)
    return [
        _write(scope, standing, one, FIRST, by=by, role=role, acknowledged=one.warnings.keys())
        for one in chosen
        if not _stands(standing.first(one.digest), one, role)
    ]


def _chosen(standing: Standing, word: Word) -> Sequence[PartsSet]:
    sendable = {one.digest: one for one in standing.sets if one.sendable}
    if word.digests is None:
        if not sendable:
            raise Conflict(
                f"The rules let nothing of {standing.post.key} out, so there is nothing to approve: {_error(standing)}",
                hint="Correct the text first.",
            )
        return list(sendable.values())
    known = {one.digest for one in standing.sets}
    if gone := [digest for digest in word.digests if digest not in known]:
        raise Conflict(
            f"What was seen ({gone[0][:12]}) is not what would go out any more.", hint="Look at the post again."
        )
    if held_back := [digest for digest in word.digests if digest not in sendable]:
        raise Conflict(
            f"The rules let these parts ({held_back[0][:12]}) out nowhere: {_error(standing)}",
            hint="Correct the text first.",
        )
    return [sendable[digest] for digest in dict.fromkeys(word.digests)]


def _error(standing: Standing) -> str:
    errors = [error for one in standing.sets for error in one.made[0].composition.verdict.errors]
    return errors[0].message if errors else "it has no text."


def _stands(approval: Approval | None, parts: PartsSet, role: str | None) -> bool:
    """Whether an approval in force says all that a new one would."""
    if approval is None or (approval.role == DEMONSTRATION and role != DEMONSTRATION):
        return False
    return parts.warnings.keys() <= set(approval.acknowledged)


def _second(scope: Scope, standing: Standing, chosen: Sequence[PartsSet], *, by: str) -> list[Approval]:
    """Write down the second clearance.

    Raises:
        Conflict: The organization asks for none, or the review's approval is not there yet.
        NotAllowed: It takes another role, or the person who gave the first.
    """
    organization = standing.organization
    if organization.second_clearance is None:
        raise Conflict(
            "The organization asks for no second clearance.", hint="Approve it as usual; an admin may ask for a second."
        )
    scope.who.require(_TAKES[Role(organization.second_clearance_role or Role.REVIEWER)])
    for one in chosen:
        first = standing.first(one.digest)
        if first is None:
            raise Conflict("The review comes before the second clearance.", hint="Have it approved first.")
        same = first.user_id is not None and first.user_id == scope.who.user_id
        if same or first.approved_by == by:
            raise NotAllowed(
                f"The second clearance ({organization.second_clearance}) takes another person than the first.",
                hint="Have somebody else clear it.",
            )
    missing = [one for one in chosen if standing.second(one.digest) is None]
    role = organization.second_clearance
    return [_write(scope, standing, one, SECOND, by=by, role=role, acknowledged=()) for one in missing]


def _write(
    scope: Scope, standing: Standing, parts: PartsSet, step: int, *, by: str, role: str | None,
    acknowledged: Collection[str],
) -> Approval:  # fmt: skip
    if earlier := [one for one in standing.held if one.digest == parts.digest and one.step == step]:
        void(scope, earlier, REPLACED)
        standing.held[:] = [one for one in standing.held if one not in earlier]
    approval = Approval(
        organization_id=scope.organization_id,
        post_id=standing.post.id,
        digest=parts.digest,
        step=step,
        role=role,
        platforms=list(parts.platforms),
        parts=parts_as_json(parts.composition),
        policy_version=parts.policy_version,
        acknowledged=list(acknowledged),
        approved_by=by,
        user_id=scope.who.user_id,
        approved_at=scope.now,
    )
    scope.session.add(approval)
    standing.held.append(approval)
    return approval
