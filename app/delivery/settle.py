"""Settling: a worker that still holds its delivery moves it to where the result sends it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import assert_never

from sqlalchemy.orm import Session

from app.delivery import hold, late, reasons, retry, transitions
from app.delivery.deps import Deps
from app.delivery.store import first_ref, publication, said
from app.delivery.window import window_end
from app.models import Account, Campaign, Delivery, State
from app.platforms.results import (
    AuthNeeded,
    HandedOver,
    Permanent,
    Published,
    PublishResult,
    RemoteRef,
    Retryable,
    Unknown,
)


@dataclass(frozen=True, slots=True)
class Settling:
    """One delivery in `sending` that this worker still holds, and the transaction that ends it.

    `account_version` is the account's when the attempt began: a higher one has been connected anew since.
    """

    session: Session
    deps: Deps
    delivery: Delivery
    account: Account
    account_version: int
    now: datetime

    def settle(self, result: PublishResult, ref: RemoteRef | None) -> None:
        """Move the delivery to where the result sends it."""
        if not isinstance(result, Published) and (out := late.earlier_proof(self.session, self.delivery.id)):
            # Late proof came while this attempt was under way: it is out, whatever became of the second send.
            self._to(State.PUBLISHED, reasons.LATE_PROOF, values=self._publication(first_ref(self.session, out)))
            return
        match result:
            case Published():
                self._published(ref)
            case Retryable():
                self._retryable(result)
            case Permanent():
                self._permanent(result)
            case AuthNeeded():
                self._auth_needed(result)
            case Unknown():
                self._to(State.UNKNOWN, reasons.NO_ANSWER, said(result))
            case HandedOver():
                self._to(State.NEEDS_REVIEW, reasons.CONTRACT, "The adapter handed over what was to be sent.")
            case _:
                assert_never(result)

    def _to(
        self, state: State, reason: str, detail: str | None = None, values: Mapping[str, object] = MappingProxyType({})
    ) -> bool:
        return transitions.move(
            self.session,
            self.delivery.id,
            State.SENDING,
            state,
            at=self.now,
            reason=reason,
            detail=detail,
            fence=self.delivery.fence,
            values=values,
        )

    def _published(self, ref: RemoteRef | None) -> None:
        self._to(State.PUBLISHED, reasons.PUBLISHED, values=self._publication(ref))

    def _publication(self, ref: RemoteRef | None) -> dict[str, object]:
        return publication(ref, self.now, self.deps.options.first_read_back(self.now))

    def _stopped(self, detail: str) -> bool:
        """Honour a stop that was asked in flight, and leave a begun thread to a person."""
        if self.delivery.stop_requested_at is None or self.delivery.parts_out:
            return False
        return self._to(State.CANCELLED, reasons.STOPPED, f"A stop was asked; nothing was sent. {detail}")

    def _thread(self, detail: str) -> None:
        out = f"{self.delivery.parts_out} parts are out"
        self._to(State.NEEDS_REVIEW, reasons.THREAD_UNFINISHED, f"{out}; {detail}")

    def _retryable(self, result: Retryable) -> None:
        begun = self.delivery.parts_out > 0
        if begun and self.delivery.stop_requested_at is not None:
            self._thread(f"a stop was asked. {said(result)}")
            return
        if self._stopped(said(result)):
            return
        if result.code == reasons.PUT_BACK:
            self._put_back(result)
            return
        campaign = self.session.get_one(Campaign, self.delivery.campaign_id)
        decision = retry.decide(
            self.delivery.attempts_made,
            self.now,
            window_end(self.delivery.due_at, campaign),
            result.retry_at,
            self.deps.options,
            self.deps.random,
        )
        if isinstance(decision, retry.Again):
            self._to(State.SCHEDULED, reasons.RETRY, said(result), values={"ready_at": decision.at})
            # Nothing is out, so the gap to the next post is not spent; but until the network takes posts again,
            # the account rests, too.
            if result.retry_at is not None or self.account.next_free_at > decision.at:
                self.account.next_free_at = decision.at
        elif begun:
            self._thread(said(result))
        else:
            self._to(decision.state, decision.reason, said(result))

    def _put_back(self, result: Retryable) -> None:
        """Take an attempt as never made: it spends neither the budget nor the account's gap."""
        values = {"ready_at": self.now, "attempts_made": max(self.delivery.attempts_made - 1, 0)}
        self._to(State.SCHEDULED, reasons.PUT_BACK, said(result), values=values)
        self.account.next_free_at = min(self.account.next_free_at, self.now)

    def _permanent(self, result: Permanent) -> None:
        if result.duplicate and late.was_unknown(self.session, self.delivery.id):
            self._to(State.UNKNOWN, reasons.DUPLICATE, said(result))
        elif self.delivery.parts_out:
            self._thread(said(result))
        elif not self._stopped(said(result)):
            self._to(State.FAILED, reasons.REFUSED, said(result))

    def _auth_needed(self, result: AuthNeeded) -> None:
        if self.account.state == "connected" and self.account.version != self.account_version:
            # It was connected anew meanwhile: what was refused is not what it has now.
            self._retryable(Retryable(result.code, result.detail))
            return
        hold.needs_reconnect(self.session, self.account, said(result), self.now)
        if self.delivery.parts_out:
            self._thread(said(result))
        elif not self._stopped(said(result)):
            self._to(State.HELD, reasons.ACCOUNT_NEEDS_RECONNECT, said(result))
