from __future__ import annotations

import pytest

from app.delivery.states import ALLOWED, FINAL, check_table
from app.models import State


class TestTable:
    def test_names_every_state(self) -> None:
        assert set(ALLOWED) == set(State)

    @pytest.mark.parametrize("state", sorted(FINAL))
    def test_lets_nothing_follow_a_final_state(self, state: State) -> None:
        assert not ALLOWED[state]

    def test_lets_nothing_lead_from_out_to_not_out(self) -> None:
        out = {State.PUBLISHED, State.WITHDRAWING, State.WITHDRAWN, State.WITHDRAW_FAILED}
        assert all(ALLOWED[state] <= out for state in out)

    def test_never_sends_from_anywhere_but_the_line(self) -> None:
        assert [state for state, after in ALLOWED.items() if State.SENDING in after] == [State.SCHEDULED]


class TestWrongTable:
    def test_without_a_row_for_a_state_is_refused(self) -> None:
        table = {state: after for state, after in ALLOWED.items() if state is not State.HELD}
        with pytest.raises(ValueError, match="held"):
            check_table(table)

    def test_that_leaves_a_final_state_is_refused(self) -> None:
        with pytest.raises(ValueError, match="cancelled"):
            check_table({**ALLOWED, State.CANCELLED: frozenset({State.SCHEDULED})})

    def test_with_a_state_that_nothing_leads_to_is_refused(self) -> None:
        failed = {
            State.WITHDRAWING: frozenset({State.WITHDRAW_FAILED}),
            State.WITHDRAW_FAILED: frozenset({State.WITHDRAWING}),
        }
        with pytest.raises(ValueError, match="withdrawn"):
            check_table({**ALLOWED, **failed})
