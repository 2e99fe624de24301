"""All tables, one a file."""

from app.models.account import Account
from app.models.alert import Alert
from app.models.alert_channel import AlertChannel
from app.models.alert_message import AlertMessage
from app.models.api_token import ApiToken
from app.models.approval import Approval
from app.models.attempt import Attempt
from app.models.attempt_part import AttemptPart
from app.models.audit_event import AuditEvent
from app.models.calendar_feed import CalendarFeed
from app.models.campaign import Campaign
from app.models.circuit import Circuit
from app.models.clock_mark import ClockMark
from app.models.column_mapping import ColumnMapping
from app.models.contact_confirmation import ContactConfirmation
from app.models.correction import Correction
from app.models.credential import Credential
from app.models.delivery import Delivery, State
from app.models.delivery_event import DeliveryEvent
from app.models.fill_in import FillIn
from app.models.guest_review import GuestReview
from app.models.heartbeat import Heartbeat
from app.models.idempotency_key import IdempotencyKey
from app.models.import_row import ImportRow
from app.models.import_run import ImportRun
from app.models.membership import Membership
from app.models.one_time_link import OneTimeLink
from app.models.organization import Organization
from app.models.pause import Pause
from app.models.post import Post
from app.models.review import Review
from app.models.review_comment import ReviewComment
from app.models.review_delegate import ReviewDelegate
from app.models.sandbox_post import SandboxPost
from app.models.throttle import Throttle
from app.models.user import User
from app.models.user_session import UserSession
from app.models.variant import Variant
from app.models.webhook import Webhook
from app.models.webhook_message import WebhookMessage
from app.models.webhook_try import WebhookTry
from app.models.withdrawn_fact import WithdrawnFact

__all__ = [
    "Account",
    "Alert",
    "AlertChannel",
    "AlertMessage",
    "ApiToken",
    "Approval",
    "Attempt",
    "AttemptPart",
    "AuditEvent",
    "CalendarFeed",
    "Campaign",
    "Circuit",
    "ClockMark",
    "ColumnMapping",
    "ContactConfirmation",
    "Correction",
    "Credential",
    "Delivery",
    "DeliveryEvent",
    "FillIn",
    "GuestReview",
    "Heartbeat",
    "IdempotencyKey",
    "ImportRow",
    "ImportRun",
    "Membership",
    "OneTimeLink",
    "Organization",
    "Pause",
    "Post",
    "Review",
    "ReviewComment",
    "ReviewDelegate",
    "SandboxPost",
    "State",
    "Throttle",
    "User",
    "UserSession",
    "Variant",
    "Webhook",
    "WebhookMessage",
    "WebhookTry",
    "WithdrawnFact",
]
