from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.models import Account
from app.platforms.results import AccountCheck
from app.services.accounts import note_check

AT = datetime(2027, 4, 1, tzinfo=UTC)


@pytest.fixture
def account() -> Account:
    return Account(state="connected", settings={}, version=1, token_expires_at=AT)


class TestACheckOfAnAccount:
    def test_keeps_when_its_token_ends(self, account: Account) -> None:
        later = AT.replace(year=2028)
        note_check(account, AccountCheck(ok=True, detail="", expires_at=later))
        assert account.token_expires_at == later

    def test_forgets_the_end_of_a_token_that_has_none(self, account: Account) -> None:
        note_check(account, AccountCheck(ok=True, detail=""))
        assert account.token_expires_at is None

    @pytest.mark.parametrize("unreachable", [True, False])
    def test_that_failed_says_nothing_of_it(self, account: Account, unreachable: bool) -> None:
        note_check(account, AccountCheck(ok=False, detail="x", unreachable=unreachable))
        assert account.token_expires_at == AT
