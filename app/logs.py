"""Structured logs on standard error: static event names with fields, never a text or a secret.

Libraries that log through the standard library end up in the same lines. Every line of the engine's work carries the
ids of its delivery and attempt (`work_on`). Tracebacks come without local variables.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import TextIO

import structlog
from structlog.contextvars import bound_contextvars
from structlog.typing import EventDict, Processor

from app.redaction import field

#: What these tell below a warning is each request with its address and headers, or each sleep.
_TALKATIVE = ("apscheduler", "httpx", "httpcore", "sqlalchemy", "alembic", "psycopg", "asyncio", "uvicorn")

#: Loggers that a web server sets up for itself where nobody stops it: whatever it did, their lines come this way.
_WITH_THEIR_OWN = ("uvicorn", "uvicorn.error", "uvicorn.access")


@contextmanager
def work_on(*, delivery: int, attempt: int | None = None) -> Iterator[None]:
    """Put the ids of a delivery, and of an attempt, on every line that this thread logs meanwhile.

    It may be used within itself: the attempt's id is added once it is known. A new thread begins without any.
    """
    ids = {"delivery": delivery} | ({} if attempt is None else {"attempt": attempt})
    with bound_contextvars(**ids):
        yield


def set_up_logs(level: str = "INFO", *, stream: TextIO | None = None) -> None:
    """Write log lines as JSON to standard error, or readable where it is a terminal. `level` is a standard name."""
    sink = _Sink(sys.stderr if stream is None else stream)
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    before = _before()
    structlog.configure(
        processors=[*before, _renderer(readable=sink.readable)],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(file=sink),  # type: ignore[arg-type]  # it writes and flushes
        cache_logger_on_first_use=False,
    )
    handler = _Handler(sink)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *before, _renderer(sink.readable)],
        )
    )
    root = logging.getLogger()
    for former in [one for one in root.handlers if isinstance(one, _Handler)]:
        root.removeHandler(former)
    root.addHandler(handler)
    root.setLevel(max(number, logging.WARNING))
    for name in _WITH_THEIR_OWN:
        theirs = logging.getLogger(name)
        theirs.handlers.clear()
        theirs.propagate = True
        theirs.setLevel(logging.NOTSET)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(number, logging.WARNING))
    logging.captureWarnings(capture=True)
    threading.excepthook = _thread_failed


class _Sink:
    """A stream that takes each line whole, whichever thread and library writes it.

    A line that cannot be written (the disk is full) is lost: no post, and no outcome of one, is lost with it.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self.readable = stream.isatty()

    def write(self, line: str) -> int:
        with self._lock, suppress(OSError):
            self._stream.write(line)
        return len(line)

    def flush(self) -> None:
        with self._lock, suppress(OSError):
            self._stream.flush()


class _Handler(logging.StreamHandler["_Sink"]):
    """Writes the standard library's records. One that cannot be written is not printed with all its arguments."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # the standard library's name
        structlog.get_logger(__name__).error("log_line_lost", logger=record.name, line=record.lineno)


def _before() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        # Texts of exceptions are fields like others from here on, so that the next step sees them.
        structlog.processors.format_exc_info,
        _without_secrets,
    ]


def _renderer(readable: bool) -> Processor:
    if readable:
        return structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    return structlog.processors.JSONRenderer()


def _without_secrets(_logger: object, _method: str, event: EventDict) -> EventDict:
    return {name: field(name, value) for name, value in event.items()}


def _thread_failed(failure: threading.ExceptHookArgs) -> None:
    if failure.exc_value is None or isinstance(failure.exc_value, SystemExit):
        return
    found: tuple[type[BaseException], BaseException, TracebackType | None] = (
        failure.exc_type,
        failure.exc_value,
        failure.exc_traceback,
    )
    thread = None if failure.thread is None else failure.thread.name
    structlog.get_logger(__name__).error("thread_failed", thread=thread, exc_info=found)
