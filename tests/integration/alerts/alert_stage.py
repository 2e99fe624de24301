"""The alerts on the engine's stage: virtual time, a real database, real servers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from alert_servers import USER
from cryptography.fernet import Fernet
from delivery_stage import Stage
from people import person
from sqlalchemy import select, update

from app.models import Alert, AlertChannel, AlertMessage, Campaign, Delivery, DeliveryEvent
from app.platforms.http import Outbound
from app.platforms.vault import Vault
from app.services.alerting.alerting import Alerting
from app.services.alerting.channels import NewChannel, add_channel
from app.services.scope import Scope
from app.settings import Settings

ALERTS = "alerts@agency.example"
SENDER = "focusweek@agency.example"


class AlertStage:
    """The stage with the alerts beside it; `again()` is another process on the same database."""

    def __init__(self, stage: Stage, settings: dict[str, Any], **options: Any) -> None:
        self.stage = stage
        self.clock = stage.clock
        self._settings = Settings(**({"allow_private_targets": True, "smtp_timeout_seconds": 5} | settings))
        self._options = options
        self.vault = Vault([Fernet.generate_key().decode()])
        self.alerting = self.again()

    def again(self) -> Alerting:
        return Alerting(
            database=self.stage.database,
            clock=self.clock,
            composer=self.stage.deps.composer,
            outbound=Outbound(self.clock, allow_private=True),
            settings=self._settings,
            vault=lambda: self.vault,
            **self._options,
        )

    # What happens.

    def channel(
        self, campaign: Campaign, *, via: str = "email", target: str = ALERTS, **values: Any
    ) -> tuple[int, str]:
        """Add a channel; return its id and secret."""
        with self.stage.database.write() as session:
            scope = Scope(session, campaign.organization_id, self.clock.now(), person("staff"))
            new = NewChannel(**({"name": f"{via} {target[:5]}", "via": via, "target": target} | values))
            channel, secret = add_channel(scope, self.alerting, lambda: self.vault, new)
            return channel.id, secret or ""

    def round(self, minutes: float = 0) -> None:
        """Let time pass, then do what the scheduler's process does every half minute."""
        self.stage.clock.advance(timedelta(minutes=minutes))  # type: ignore[attr-defined]  # virtual on this stage
        self.alerting.derive()
        self.alerting.send()

    def set(self, delivery_id: int, state: str, **values: Any) -> None:
        """Put a delivery into a state, as the engine would have left it."""
        row = {"state": state, "state_since": self.clock.now(), "state_reason": "test", "state_detail": None} | values
        with self.stage.database.write() as session:
            session.execute(update(Delivery).where(Delivery.id == delivery_id).values(**row))

    def event(self, delivery_id: int, reason: str, detail: str) -> None:
        row = self.stage.get(delivery_id)
        with self.stage.database.write() as session:
            session.add(
                DeliveryEvent(
                    organization_id=row.organization_id, delivery_id=row.id, from_state=row.state, to_state=row.state,
                    reason=reason, detail=detail, actor="engine", at=self.clock.now(),
                )
            )  # fmt: skip

    def change(self, row: Any, **values: Any) -> None:
        with self.stage.database.write() as session:
            session.execute(update(type(row)).where(type(row).id == row.id).values(**values))

    # What is to be seen.

    def alerts(self, *, closed: bool = False) -> list[Alert]:
        over = Alert.closed_at.is_not(None) if closed else Alert.closed_at.is_(None)
        with self.stage.database.read() as session:
            return list(session.scalars(select(Alert).where(over).order_by(Alert.id)))

    def kinds(self) -> list[str]:
        return [alert.kind for alert in self.alerts()]

    def messages(self) -> Sequence[AlertMessage]:
        with self.stage.database.read() as session:
            return session.scalars(select(AlertMessage).order_by(AlertMessage.id)).all()

    def get_channel(self, channel_id: int) -> AlertChannel:
        with self.stage.database.read() as session:
            return session.get_one(AlertChannel, channel_id)


def smtp_settings(port: int, **values: Any) -> dict[str, Any]:
    plain = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_from": SENDER, "smtp_security": "none"}
    return plain | values


def signed_in(password: str) -> dict[str, Any]:
    return {"smtp_user": USER, "smtp_password": password}
