"""Where a person finds what an alert is about, where the operator has said at which address the service is."""

from __future__ import annotations

from app.models import Alert


class Links:
    """Makes addresses below the operator's `public_url`, or none where none is set."""

    def __init__(self, public_url: str | None) -> None:
        self._base = None if public_url is None else public_url.rstrip("/")

    def start(self) -> str | None:
        """Return the start page, which lists what waits for a person."""
        return None if self._base is None else f"{self._base}/"

    def alert(self, alert: Alert) -> str | None:
        """Return the address of what an alert is about."""
        if self._base is None:
            return None
        if alert.delivery_id is not None:
            return f"{self._base}/api/v1/deliveries/{alert.delivery_id}"
        return f"{self._base}/api/v1/accounts/{alert.account_id}"
