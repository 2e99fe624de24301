"""The OpenID provider as operators meet it; signing in with a real one stands in `tests/contract/oidc`."""

from __future__ import annotations

import httpx
import pytest
from api_client import ok
from sqlalchemy import update
from users import give_user

from app.bootstrap import House
from app.errors import BadConfiguration
from app.models import User
from app.settings import read_settings

ISSUER = "https://login.agency.example"


def test_an_operator_sees_who_is_known_there_and_has_it_forgotten(api: httpx.Client, house: House) -> None:
    user_id = give_user(house.database, "author@agency.example")
    with house.database.write() as session:
        session.execute(update(User).where(User.id == user_id).values(issuer=ISSUER, subject="248289761001"))
    assert ok(api.get(f"/users/{user_id}"))["openid"] is True
    assert ok(api.post(f"/users/{user_id}/forget-openid"))["openid"] is False
    assert ok(api.get(f"/users/{user_id}"))["openid"] is False


class TestTheSettings:
    def test_make_the_provider_known(self, house: House) -> None:
        given = read_settings(oidc_issuer=ISSUER, oidc_client_id="focusweek", public_url="https://focusweek.example")
        opened = House(given.model_copy(update={"data_dir": house.settings.data_dir}))
        try:
            assert opened.openid is not None
            assert (opened.openid.issuer, opened.openid.name) == (ISSUER, "your organization")
        finally:
            opened.close()
        assert house.openid is None

    @pytest.mark.parametrize("missing", ["oidc_client_id", "public_url"])
    def test_that_lack_something_are_refused_at_the_start(self, missing: str) -> None:
        given = {"oidc_issuer": ISSUER, "oidc_client_id": "focusweek", "public_url": "https://focusweek.example"}
        with pytest.raises(BadConfiguration, match=r"FOCUSWEEK_OIDC_ISSUER.*are needed with it"):
            read_settings(**{name: value for name, value in given.items() if name != missing})

    def test_do_not_show_the_secret(self) -> None:
        assert "hidden" not in repr(read_settings(oidc_client_secret="hidden"))  # noqa: S106 - made for tests
