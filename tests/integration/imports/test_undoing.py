from __future__ import annotations

from datetime import timedelta

import pytest
from import_scene import CALL, NOW, Importing, actions
from sqlalchemy import func, select

from app.errors import Conflict, NotFound
from app.models import Attempt, Delivery, DeliveryEvent, Post, Review, Variant

SHEET = f"""key,week,text,text_x,at
one,1,"One. {CALL}","One, on X. {CALL}",2027-01-05 09:00
two,2,"Two. {CALL}",,
"""
CHANGED = f"""key,week,text,text_x,at
one,2,"One, changed. {CALL}",,2027-01-12 09:00
three,1,"Three. {CALL}",,
"""


def attempted(importing: Importing, key: str) -> None:
    """Give a post's delivery an attempt, as the engine does before anything is sent."""
    post = importing.posts(own=False)[key]
    with importing.house.write() as scope:
        delivery = scope.session.scalars(scope.query(Delivery).where(Delivery.post_id == post.id)).one()
        attempt = Attempt(
            organization_id=scope.organization_id, delivery_id=delivery.id, token=1, generation=1, digest="d",
            policy_version="1", started_at=NOW + timedelta(minutes=1), deadline_at=NOW + timedelta(minutes=2),
        )  # fmt: skip
        scope.session.add(attempt)


class TestUndo:
    def test_removes_what_was_added_with_all_that_was_planned_of_it(self, importing: Importing) -> None:
        run = importing.commit(SHEET)
        importing.plan()
        post = importing.posts()["one"]
        with importing.house.write() as scope:
            review = Review(
                organization_id=scope.organization_id, post_id=post.id, asked_by="local", asked_at=scope.now
            )
            scope.session.add(review)
        undone = importing.undo(run.id)
        assert (undone.state, undone.undone_by) == ("undone", "local")
        assert importing.posts() == {}
        with importing.house.read() as scope:
            for table in (Delivery, Variant, Review):
                of_post = scope.query(table).where(table.post_id == post.id)
                assert scope.session.scalars(of_post).all() == []
            events = select(func.count()).select_from(DeliveryEvent).outerjoin(
                Delivery, Delivery.id == DeliveryEvent.delivery_id
            )  # fmt: skip
            assert scope.session.scalar(events.where(Delivery.id.is_(None))) == 0
        assert len(importing.posts(own=False)) == 36

    def test_puts_back_what_was_changed_variants_and_time_included(self, importing: Importing) -> None:
        importing.commit(SHEET)
        before = importing.posts()["one"]
        second = importing.commit(CHANGED)
        assert importing.posts()["one"].week == 2
        importing.undo(second.id)
        after = importing.posts()["one"]
        assert (after.week, after.text, after.at) == (before.week, before.text, before.at)
        assert importing.variants(after) == {"x": f"One, on X. {CALL}"}
        assert after.source_digest == before.source_digest
        assert list(importing.posts()) == ["one", "two"]
        # And then the first file changes nothing again.
        assert actions(importing.preview(SHEET)) == ["unchanged", "unchanged"]

    def test_is_refused_with_the_list_once_something_of_it_was_sent(self, importing: Importing) -> None:
        run = importing.commit(SHEET)
        importing.plan()
        attempted(importing, "two")
        with pytest.raises(Conflict, match="cannot be undone: two"):
            importing.undo(run.id)
        assert list(importing.posts()) == ["one", "two"]

    def test_of_a_change_is_refused_once_the_changed_post_was_sent(self, importing: Importing) -> None:
        importing.commit(SHEET)
        second = importing.commit(CHANGED)
        importing.plan()
        attempted(importing, "one")
        with pytest.raises(Conflict, match="cannot be undone: one"):
            importing.undo(second.id)

    def test_comes_in_the_order_of_the_imports(self, importing: Importing) -> None:
        first = importing.commit(SHEET)
        second = importing.commit(CHANGED)
        with pytest.raises(Conflict, match=f"Import {second.id} changed posts of this one later"):
            importing.undo(first.id)
        importing.undo(second.id)
        importing.undo(first.id)
        assert importing.posts() == {}

    def test_happens_once(self, importing: Importing) -> None:
        run = importing.commit(SHEET)
        importing.undo(run.id)
        with pytest.raises(Conflict, match="undone already"):
            importing.undo(run.id)

    def test_of_nothing_says_so(self, importing: Importing) -> None:
        with pytest.raises(NotFound):
            importing.undo(999)

    def test_is_noted_in_the_trail(self, importing: Importing) -> None:
        run = importing.commit(SHEET)
        importing.undo(run.id)
        (deed,) = [event for event in importing.noted("campaign") if event.action == "import_undone"]
        assert deed.after == {"run": run.id, "removed": 2, "put_back": 0}
        removed = [event for event in importing.noted("post") if event.action == "removed"]
        assert [event.before["key"] for event in removed] == ["one", "two"]

    def test_leaves_posts_of_others_alone(self, importing: Importing) -> None:
        run = importing.commit(SHEET)
        with importing.house.read() as scope:
            count = scope.session.scalar(select(func.count()).select_from(Post))
        importing.undo(run.id)
        assert count == 38
        assert len(importing.posts(own=False)) == 36
