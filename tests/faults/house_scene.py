"""A scene: a real house on a real database, accounts on real servers, posts that come due, and workers to be killed."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

from sqlalchemy import select

from app.bootstrap import open_house
from app.errors import FocusweekError, StorageUnavailable
from app.models import Account, Campaign, Delivery, Organization, Post
from app.packs.bundled import default_pack
from app.platforms.base import Via
from app.services.account_checks import check_account
from app.services.account_connections import connect_account
from app.services.accounts import NewAccount, add_account
from app.services.approvals import approve_everything
from app.services.campaigns import create_campaign
from app.services.contacts import confirm_contacts, contact_facts
from app.services.posts import create_post
from app.settings import Settings
from tests.faults.platform_accounts import Manner
from tests.faults.processes import Networks, Worker, Zygote
from tests.faults.truth import Truth

ALL_MANNERS = (
    Manner("keyed-one"),
    Manner("keyed-two"),
    Manner("keyless", honours_keys=False),
    Manner("sky-one", network="bluesky"),
    Manner("sky-two", network="bluesky"),
    Manner("mute", honours_keys=False, list_status=404),
    Manner("broken", honours_keys=False, list_status=503),
)
#: States in which nothing happens any more without a person.
AT_REST = frozenset({"published", "needs_review", "failed", "missed", "cancelled", "blocked"})
PATIENT = {
    "FOCUSWEEK_PUBLISH_DEADLINE_SECONDS": "20",
    "FOCUSWEEK_DISPATCH_LEASE_SECONDS": "25",
    "FOCUSWEEK_SEND_LEASE_SECONDS": "30",
}
_SENTENCE = "This is sentence {n} of post {key}, and it says that help is there for everybody who asks."


class Scene:
    """Everything that one test or soak needs. As a context it leaves no process behind."""

    def __init__(
        self, url: str, directory: Path, *, zygote: Zygote, seed: int, manners: Sequence[Manner] = ALL_MANNERS
    ) -> None:
        self.url, self.directory, self.seed, self.manners = url, directory, seed, tuple(manners)
        self._zygote = zygote
        self.workers: list[Worker] = []
        self.log = directory / "workers.log"
        journal = directory / "journal.jsonl"
        self.networks = Networks(journal, seed, [asdict(manner) for manner in manners])
        # A person's words, spoken from here; the engine in it never ticks.
        settings = Settings(data_dir=directory / "data", database_url=url, allow_private_targets=True)
        self.house = open_house(settings)
        self.truth = Truth(self.house.database, journal, self.manners)
        self._posts = 0
        self._campaign = self._set_up()

    def _set_up(self) -> int:
        with self.house.write() as scope:
            # One person writes and approves here.
            scope.session.get_one(Organization, scope.organization_id).allows_own_approval = True
            campaign = create_campaign(scope, default_pack(), year=2027, slug="month")
            keys = [fact.key for fact in contact_facts(scope.session, campaign)]
            confirm_contacts(scope, campaign, keys, by="the operator", method="called")
            for manner in self.manners:
                add_account(scope, self.house.vault, self._new_account(manner))
        for account in self._accounts():
            check_account(self.house, account.id)
        return campaign.id

    def _new_account(self, manner: Manner) -> NewAccount:
        server = f"http://127.0.0.1:{self.networks.ports[manner.name]}"
        return NewAccount(manner.name, manner.network, Via.NETWORK, server=server, secrets=_secrets(manner))

    def _accounts(self) -> Sequence[Account]:
        with self.house.database.read() as session:
            return session.scalars(select(Account).order_by(Account.id)).all()

    # Work.

    def plan(self, posts: int, *, within: float = 0.0, after: float = 0.0, thread_every: int = 3) -> list[int]:
        """Add posts on all accounts, due in `after` seconds and spread `within` seconds; return the deliveries' ids."""
        ids: list[int] = []
        written: list[Post] = []
        with self.house.write() as scope:
            campaign = scope.get(Campaign, self._campaign)
            accounts = scope.session.scalars(scope.query(Account).order_by(Account.id)).all()
            for nth in range(posts):
                self._posts += 1
                text = _text(f"{self.seed}-{self._posts}", is_thread=self._posts % thread_every == 0)
                post = create_post(scope, campaign, {"text": text, "week": 1})
                due = scope.now + timedelta(seconds=after + within * nth / posts)
                rows = [_delivery(post.id, account, campaign, due, scope.now) for account in accounts]
                scope.session.add_all(rows)
                scope.session.flush()
                ids += [row.id for row in rows]
                written.append(post)
            approve_everything(scope, campaign, by="the scene", posts=written)
        return ids

    def worker(self, *, clock: Path | None = None, threads: int = 6, patient: bool = False) -> Worker:
        """Start a worker; a `patient` one has leases that no slow machine lets run out."""
        environment = {
            "FOCUSWEEK_DATA_DIR": str(self.directory / "data"),
            "FOCUSWEEK_DATABASE_URL": self.url,
            "FOCUSWEEK_WORKER_THREADS": str(threads),
            **(PATIENT if patient else {}),
        }
        worker = self._zygote.fork(
            environment=environment, clock=None if clock is None else str(clock), log=str(self.log)
        )
        self.workers.append(worker)
        return worker

    def reconnect(self) -> None:
        """Connect refused accounts anew, as a person would."""
        names = {manner.name: manner for manner in self.manners}
        for account in self._accounts():
            if account.state != "connected":
                with suppress(FocusweekError):
                    connect_account(self.house, account.id, _secrets(names[account.slug]))

    def open(self, but: Sequence[int] = ()) -> Counter[str]:
        """Return how many deliveries stand in which state, those at rest and those of these ids left out."""
        query = select(Delivery.state).where(Delivery.state.not_in(AT_REST), Delivery.id.not_in(but))
        try:
            with self.house.database.read() as session:
                return Counter(session.scalars(query))
        except StorageUnavailable:
            # Whoever ended the workers' connections has ended this process's, too.
            self.house.database.dispose()
            return self.open(but)

    def accepted_of(self, ids: Sequence[int]) -> list[str]:
        """Return what the networks accepted of these deliveries, by their posts' own words."""
        with self.house.database.read() as session:
            texts = session.scalars(
                select(Post.text).join(Delivery, Delivery.post_id == Post.id).where(Delivery.id.in_(ids))
            )
            heads = {text[:40] for text in texts}
        return [post["text"] for post in self.truth.entries("accepted") if post["text"][:40] in heads]

    def in_state(self, state: str) -> set[str]:
        """Return the accounts of which some delivery stands in a state."""
        query = select(Account.slug).join(Delivery, Account.id == Delivery.account_id).where(Delivery.state == state)
        with self.house.database.read() as session:
            return set(session.scalars(query))

    def await_accepted(self, posts: int) -> None:
        """Wait until the networks have accepted so many posts in all."""
        until = time.monotonic() + 30
        while len(self.truth.entries("accepted")) < posts:
            assert time.monotonic() < until, self.said()
            time.sleep(0.01)

    def settle(self, seconds: float = 90, *, but: Sequence[int] = ()) -> None:
        """Wait until a running worker has brought everything to rest, reconnecting what needs it."""
        until = time.monotonic() + seconds
        while still := self.open(but):
            assert time.monotonic() < until, f"not at rest after {seconds} s: {still}; {self.said()}"
            if still["held"] or still["scheduled"]:
                self.reconnect()
            time.sleep(0.05)

    def said(self) -> str:
        """Return what a person needs to understand a failure: the seed, the end of the log, where workers are."""
        for worker in self.workers:
            if worker.status is None:
                worker.say_where()
        time.sleep(0.2)
        end = self.log.read_text(errors="replace")[-6000:] if self.log.exists() else ""
        return f"seed {self.seed}\n{end}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        for worker in self.workers:
            if worker.status is None:
                worker.kill()
        self.networks.end()
        self.house.close()


def new_seed() -> int:
    """Return the seed of a run: FOCUSWEEK_FAULT_SEED, or the one that all runs of `make test` have."""
    return int(os.environ.get("FOCUSWEEK_FAULT_SEED", "20270111"))


def _secrets(manner: Manner) -> dict[str, str]:
    if manner.network == "mastodon":
        return {"token": f"key-of-{manner.name}"}
    return {"identifier": manner.name, "password": f"word-of-{manner.name}"}


def _text(key: str, *, is_thread: bool) -> str:
    if not is_thread:
        return f"Post {key}. Help is there."
    return " ".join(_SENTENCE.format(n=n, key=key) for n in range(9))


def _delivery(post_id: int, account: Account, campaign: Campaign, due: Any, now: Any) -> Delivery:
    return Delivery(
        organization_id=campaign.organization_id,
        campaign_id=campaign.id,
        post_id=post_id,
        account_id=account.id,
        occurrence="1",
        week=1,
        state_since=now,
        due_at=due,
        ready_at=due,
        created_at=now,
    )
