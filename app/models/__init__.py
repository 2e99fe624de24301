"""All tables, one a file."""

from app.models.account import Account
from app.models.alert import Alert
from app.models.alert_channel import AlertChannel
from app.models.alert_message import AlertMessage
from app.models.attempt import Attempt
from app.models.attempt_part import AttemptPart
from app.models.campaign import Campaign
from app.models.circuit import Circuit
from app.models.clock_mark import ClockMark
from app.models.contact_confirmation import ContactConfirmation
from app.models.correction import Correction
from app.models.credential import Credential
from app.models.delivery import Delivery, State
from app.models.delivery_event import DeliveryEvent
from app.models.fill_in import FillIn
from app.models.heartbeat import Heartbeat
from app.models.organization import Organization
from app.models.pause import Pause
from app.models.post import Post
from app.models.sandbox_post import SandboxPost
from app.models.variant import Variant

__all__ = [
    "Account",
    "Alert",
    "AlertChannel",
    "AlertMessage",
    "Attempt",
    "AttemptPart",
    "Campaign",
    "Circuit",
    "ClockMark",
    "ContactConfirmation",
    "Correction",
    "Credential",
    "Delivery",
    "DeliveryEvent",
    "FillIn",
    "Heartbeat",
    "Organization",
    "Pause",
    "Post",
    "SandboxPost",
    "State",
    "Variant",
]
