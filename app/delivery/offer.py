"""Offering a result to a database that may not take it at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import structlog

from app.delivery.deps import Deps
from app.errors import StorageUnavailable

log = structlog.get_logger(__name__)

#: The waits between offers, in seconds.
_WAITS = (0.2, 1.0, 3.0)

Stored = TypeVar("Stored")


def offered(deps: Deps, store: Callable[[], Stored]) -> Stored:
    """Call `store` until the database takes it, four times at most. It must do no harm when it is done twice.

    Raises:
        StorageUnavailable: It did not take it.
    """
    for wait in _WAITS:
        try:
            return store()
        except StorageUnavailable as error:
            log.warning("result_offered_again", error=error.message)
            deps.sleep(wait)
    return store()
