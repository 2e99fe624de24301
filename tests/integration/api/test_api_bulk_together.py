"""Many rows changed by several people at once: nobody waits in a circle, and each row is changed once."""

from __future__ import annotations

import threading
from collections.abc import Callable

from app.bootstrap import House
from app.models import Campaign, Delivery, Post
from app.packs.bundled import default_pack
from app.platforms.base import Via
from app.services.accounts import NewAccount, add_account
from app.services.campaigns import create_campaign
from app.services.delivery_bulk import BulkAction, Change, change_deliveries
from app.services.plans import commit_plan, preview_plan
from app.services.post_bulk import PostAction, PostsChange, change_posts
from app.services.posts import change_post, post_to_change


def at_once(*deeds: Callable[[], object]) -> None:
    """Do several things at once, again and again, and let every failure through."""
    start = threading.Barrier(len(deeds))
    failures: list[BaseException] = []

    def run(deed: Callable[[], object]) -> None:
        try:
            for _ in range(5):
                start.wait(30)
                deed()
        except BaseException as error:
            failures.append(error)
            start.abort()
            raise

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(100)
    assert failures == []


class TestPostsAndDeliveries:
    def test_are_changed_from_all_sides_without_waiting_in_a_circle(self, house_on_each: House) -> None:
        house = house_on_each
        with house.write() as scope:
            campaign = create_campaign(scope, default_pack(), year=2027)
            add_account(scope, house.vault, NewAccount("bluesky", "bluesky", Via.SANDBOX))
            commit_plan(scope, campaign, preview_plan(scope, campaign).digest)
        with house.read() as scope:
            posts = sorted(post.id for post in scope.session.scalars(scope.query(Post)))
            rows = sorted(row.id for row in scope.session.scalars(scope.query(Delivery)))

        def one_by_one() -> None:
            for post_id in posts[::-5]:
                with house.write() as scope:
                    change_post(scope, post_to_change(scope, post_id), {"section": "Changed"})

        at_once(
            lambda: change_posts(house, posts, PostsChange(PostAction.SET_WEEK, week=2)),
            lambda: change_posts(house, posts[::-1], PostsChange(PostAction.LEAVE_OUT, reason="for now")),
            one_by_one,
            lambda: change_deliveries(house, rows[::-1], Change(BulkAction.SEND_NOW)),
        )
        with house.read() as scope:
            changed = scope.session.scalars(scope.query(Post)).all()
            assert {(post.week, post.left_out) for post in changed} == {(2, "for now")}
            assert scope.session.scalars(scope.query(Campaign)).one().version > 5
