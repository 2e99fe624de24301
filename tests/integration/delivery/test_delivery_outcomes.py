from __future__ import annotations

from delivery_stage import Stage


class TestDueDelivery:
    def test_goes_out_at_its_time_and_not_before(self, stage: Stage) -> None:
        delivery = stage.one()
        stage.tick_after(9)
        assert stage.texts() == []
        stage.tick_after(1)
        assert stage.texts() == ["Help is there. 1-888-373-7888"]
        row = stage.get(delivery)
        assert (row.state, row.published_at, row.parts_out) == ("published", row.due_at, 1)
        assert row.remote_id
        assert stage.history(delivery) == [
            ("scheduled", "sending", "claimed"),
            ("sending", "published", "published"),
        ]
