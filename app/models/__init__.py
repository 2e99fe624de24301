"""All tables, one a file."""

from app.models.account import Account
from app.models.attempt import Attempt
from app.models.attempt_part import AttemptPart
from app.models.campaign import Campaign
from app.models.contact_confirmation import ContactConfirmation
from app.models.credential import Credential
from app.models.delivery import Delivery, State
from app.models.delivery_event import DeliveryEvent
from app.models.fill_in import FillIn
from app.models.organization import Organization
from app.models.pause import Pause
from app.models.post import Post
from app.models.sandbox_post import SandboxPost
from app.models.variant import Variant

__all__ = [
    "Account",
    "Attempt",
    "AttemptPart",
    "Campaign",
    "ContactConfirmation",
    "Credential",
    "Delivery",
    "DeliveryEvent",
    "FillIn",
    "Organization",
    "Pause",
    "Post",
    "SandboxPost",
    "State",
    "Variant",
]
