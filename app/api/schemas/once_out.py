"""What becomes of a delivery once it is out: read back, taken back."""

from __future__ import annotations

from pydantic import Field

from app.api.schemas.base import Moment, Output, moment_or_none
from app.models import Delivery, State


class WithdrawalOut(Output):
    """That a delivery was to be taken back, and how far that has come."""

    reason: str | None = Field(description="In a person's own words.")
    asked_by: str | None
    asked: Moment | None
    tries: int = Field(description="How many rounds at the network did not succeed.")
    next_try: Moment | None = Field(description="When Focusweek tries next; null where it does not.")
    by_hand: str | None = Field(description="What a person has to delete, and where; null where nobody has to.")
    withdrawn: Moment | None = Field(description="Since when it is gone.")


class ReadBackOut(Output):
    """What was found when the published post was read back from its network."""

    result: str | None = Field(description="same, different, gone or cannot_tell; null before it was looked at.")
    detail: str | None
    next_look: Moment | None


def withdrawal_out(row: Delivery, zone: str) -> WithdrawalOut | None:
    """Return what there is to say of taking a delivery back, or None where nobody asked."""
    if row.withdraw_asked_at is None:
        return None
    by_hand = row.state == State.WITHDRAW_FAILED or (row.state == State.WITHDRAWING and row.withdraw_at is None)
    return WithdrawalOut(
        reason=row.withdraw_reason,
        asked_by=row.withdraw_asked_by,
        asked=moment_or_none(row.withdraw_asked_at, zone),
        tries=row.withdrawals_made,
        next_try=moment_or_none(row.withdraw_at if row.state == State.WITHDRAWING else None, zone),
        by_hand=row.state_detail if by_hand else None,
        withdrawn=moment_or_none(row.withdrawn_at, zone),
    )


def read_back_out(row: Delivery, zone: str) -> ReadBackOut | None:
    """Return what reading a delivery back found, or None where there is nothing to say."""
    if row.read_back is None and row.read_back_at is None:
        return None
    next_look = moment_or_none(row.read_back_at, zone)
    return ReadBackOut(result=row.read_back, detail=row.read_back_detail, next_look=next_look)
