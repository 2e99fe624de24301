"""What somebody asked for and may not: refused, and on record."""

from __future__ import annotations

import structlog

from app.errors import StorageUnavailable
from app.identity.permissions import Permission
from app.identity.principal import Principal
from app.records import journal
from app.services.house import House

log = structlog.get_logger(__name__)


def note_refusal(house: House, who: Principal, needed: Permission, asked: str) -> None:
    """Note that `who` asked for something (`POST /posts/{post_id}/check`) that takes a permission they do not have.

    Where it cannot be written the refusal stands all the same, and the log says so.
    """
    try:
        with house.database.write() as session:
            journal.acts(session, who, house.clock.now())
            journal.note(session, "refused", "permission", after={"needed": needed.value, "asked": asked})
    except StorageUnavailable:
        log.warning("refusal_not_noted", asked=asked)
