"""Who may read the service's numbers: Prometheus, which has no session. They hold no text, and are nobody else's."""

from __future__ import annotations

import hmac
import ipaddress

from pydantic import SecretStr
from starlette.requests import Request

from app.errors import NotSignedIn

_PASSED_ON = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


def refuse_strangers(request: Request, token: SecretStr | None) -> None:
    """Let through who has the token, or where there is none, whoever asks from this machine itself.

    Raises:
        NotSignedIn: It is somebody else.
    """
    if token is not None:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and hmac.compare_digest(given.encode(), token.get_secret_value().encode()):
            return
        raise NotSignedIn("This takes the token for the numbers.", hint="Send it: Authorization: Bearer.")
    passed_on = any(name in request.headers for name in _PASSED_ON)
    if passed_on or not _is_this_machine(request.client.host if request.client else ""):
        raise NotSignedIn(
            "The numbers are given to this machine only.", hint="Have the operator set FOCUSWEEK_METRICS_TOKEN."
        )


def _is_this_machine(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
