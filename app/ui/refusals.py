"""A form that was refused: shown again with what was wrong, and what to do about it."""

from __future__ import annotations

from starlette.responses import HTMLResponse

from app.errors import (
    Conflict,
    FocusweekError,
    InvalidInput,
    NetworkUnreachable,
    NotFound,
    NotSignedIn,
    StorageUnavailable,
    TooManyTries,
)
from app.ui.pages import page

_STATUSES: tuple[tuple[type[FocusweekError], int], ...] = (
    (TooManyTries, 429),
    (NotSignedIn, 401),
    (NotFound, 404),
    (Conflict, 409),
    (InvalidInput, 422),
    (NetworkUnreachable, 502),
    (StorageUnavailable, 503),
)


def refused_page(template: str, error: FocusweekError, **values: object) -> HTMLResponse:
    """Return a form again, with what was wrong.

    Raises:
        FocusweekError: It is none that a form could be filled in better for.
    """
    status = next((status for kind, status in _STATUSES if isinstance(error, kind)), None)
    if status is None:
        raise error
    response = page(template, status, refusal=error, **values)
    if isinstance(error, TooManyTries):
        response.headers["Retry-After"] = str(error.wait_seconds)
    return response
