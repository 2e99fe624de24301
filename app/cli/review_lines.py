"""How `focusweek review` shows a post and outcomes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from app.cli.lines import spoken
from app.clock import utc_text
from app.models import Approval
from app.services.approvals import Outcome
from app.services.review_views import ReviewView, SetView, text_of

_MARKS = {"removed": "[-{}-]", "added": "{{+{}+}}"}


def review_lines(view: ReviewView, *, as_json: bool) -> Iterator[str]:
    """Give the lines that show a post in review: one of JSON, or several for a person."""
    if as_json:
        yield json.dumps(_json(view), ensure_ascii=False)
        return
    yield f"{view.post.key} ({view.campaign.slug}) is {view.post.review_state.replace('_', ' ')}."
    if view.review is not None:
        due = "" if view.review.due_at is None else f", due {spoken(view.review.due_at)}"
        yield f"Asked by {view.review.asked_by}{due}."
    if view.cleared_by is not None:
        also = "" if view.suffices else "; that is no approval here"
        yield f"The text is as {view.cleared_by} issued it{also}."
    for one in view.sets:
        yield ""
        yield from _set_lines(one)
    if view.comments:
        yield f"\n{view.comments} open comments."


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    """Return what became of a post as JSON."""
    return {
        "post": outcome.key, "id": outcome.post_id, "done": outcome.done, "code": outcome.code,
        "reason": outcome.reason,
    }  # fmt: skip


def _set_lines(one: SetView) -> Iterator[str]:
    where = ", ".join(one.parts.accounts or one.parts.platforms)
    yield f"{where}  [{one.parts.digest[:12]}]"
    yield f"  {_indented(text_of(one.parts))}"
    for finding in one.parts.findings:
        if finding.level != "warning":
            yield f"  {finding.level}: {finding.message} ({finding.code})"
    for key, warning in one.warnings.items():
        said = "acknowledged" if key in one.acknowledged else "to acknowledge"
        yield f"  warning ({said}): {warning.message}"
        yield f"    key: {key}"
    for approval in (one.first, one.second):
        if approval is not None:
            yield f"  Approved by {approval.approved_by}, {spoken(approval.approved_at)}."
    if one.previous is not None and one.first is None:
        yield f"  Since {one.previous.approved_by} approved it, {spoken(one.previous.approved_at)}:"
        marked = "".join(_MARKS.get(change.kind, "{}").format(change.text) for change in one.changes)
        yield f"  {_indented(marked)}"


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ")


def _json(view: ReviewView) -> dict[str, Any]:
    return {
        "post": view.post.key,
        "campaign": view.campaign.slug,
        "state": view.post.review_state,
        "cleared_by_issuer": view.cleared_by,
        "issuer_clearance_suffices": view.suffices,
        "sets": [
            {
                "digest": one.parts.digest,
                "platforms": list(one.parts.platforms),
                "accounts": list(one.parts.accounts),
                "parts": [part.text for part in one.parts.composition.parts],
                "sendable": one.parts.sendable,
                "findings": [finding.as_json() for finding in one.parts.findings],
                "warnings": [{"key": key, "acknowledged": key in one.acknowledged} for key in one.warnings],
                "approval": _approval(one.first),
                "second_clearance": _approval(one.second),
                "previous": _approval(one.previous),
            }
            for one in view.sets
        ],
    }


def _approval(row: Approval | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "by": row.approved_by, "at": utc_text(row.approved_at), "rules": row.policy_version,
        "parts": [part["text"] for part in row.parts],
    }  # fmt: skip
