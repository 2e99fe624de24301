"""Structured logs on standard error: static event names with fields, never a text or a secret."""

from __future__ import annotations

import logging
import sys

import structlog

#: Fields that must never be written, whatever a caller passes.
_SECRET = ("token", "password", "secret", "authorization", "credential", "text")


def _without_secrets(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    return {
        key: "[left out]" if any(word in key.lower() for word in _SECRET) else value for key, value in event.items()
    }


def set_up_logs(level: str = "INFO") -> None:
    """Write log lines as JSON to standard error, or readable where it is a terminal. `level` is a standard name."""
    readable = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_secrets,
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer() if readable else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping().get(level.upper(), 20)),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
