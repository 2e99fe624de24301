from __future__ import annotations

import io
import json
import logging
import threading
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from app.logs import set_up_logs, work_on
from app.redaction import LEFT_OUT

SECRET = "Zk3-JX9vQm4rT8yLw2BnH6cPd1sF7uAeRgK5oIqMx0Y"  # noqa: S105  # made up
POST = "If you or someone you know needs help, call 1-888-373-7888."


class Log:
    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def log() -> Iterator[Log]:
    root, hook = logging.getLogger(), threading.excepthook
    level, levels = root.level, {name: logging.getLogger(name).level for name in ("apscheduler", "httpcore", "httpx")}
    log = Log()
    set_up_logs("DEBUG", stream=log.stream)
    yield log
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    logging.captureWarnings(capture=False)
    threading.excepthook = hook
    root.setLevel(level)
    for name, former in levels.items():
        logging.getLogger(name).setLevel(former)
    for handler in [one for one in root.handlers if type(one).__module__ == "app.logs"]:
        root.removeHandler(handler)


def fail(text: str) -> None:
    local_secret = SECRET
    assert local_secret
    raise ValueError(text)


class TestLines:
    def test_are_json_with_a_static_event_a_level_and_a_time(self, log: Log) -> None:
        structlog.get_logger().info("delivery_published", delivery=3)
        (line,) = log.lines
        assert (line["event"], line["level"], line["delivery"]) == ("delivery_published", "info", 3)
        assert line["timestamp"].endswith("Z")

    def test_of_the_standard_library_look_the_same(self, log: Log) -> None:
        logging.getLogger("uvicorn.error").error("Exception in ASGI application")
        (line,) = log.lines
        assert (line["event"], line["level"], line["logger"]) == (
            "Exception in ASGI application",
            "error",
            "uvicorn.error",
        )

    def test_are_written_once_however_often_logs_are_set_up(self, log: Log) -> None:
        set_up_logs("DEBUG", stream=log.stream)
        logging.getLogger("uvicorn.error").error("once")
        assert len(log.lines) == 1

    def test_of_a_server_that_had_set_up_its_own_logs_come_through_all_the_same(self, log: Log) -> None:
        theirs = logging.getLogger("uvicorn.error")
        theirs.setLevel(logging.CRITICAL)
        logging.getLogger("uvicorn").propagate = False
        set_up_logs("DEBUG", stream=log.stream)
        theirs.error("once")
        assert len(log.lines) == 1

    def test_of_many_threads_stay_whole(self, log: Log) -> None:
        def talk(number: int) -> None:
            for _ in range(50):
                structlog.get_logger().info("ours", number=number)
                logging.getLogger("library").warning("theirs %s", number)

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(talk, range(8)))
        assert len(log.lines) == 8 * 50 * 2

    def test_that_cannot_be_written_do_not_print_their_arguments(self, log: Log, capsys: Any) -> None:
        (ours,) = (one for one in logging.getLogger().handlers if type(one).__module__ == "app.logs")
        # Only ours: pytest has a handler there, too, which raises.
        ours.handle(logging.LogRecord("library", logging.ERROR, "library.py", 3, "%d", (SECRET,), None))
        assert SECRET not in log.text + capsys.readouterr().err
        assert log.lines[-1]["event"] == "log_line_lost"


class TestSecrets:
    def test_do_not_come_through_fields_events_or_exceptions(self, log: Log) -> None:
        ours = structlog.get_logger()
        ours.info("connected", url=f"https://user:{SECRET}@social.example/", token=SECRET, headers={"Cookie": SECRET})
        ours.info(f"Bearer {SECRET}")
        try:
            fail(f"refused: Authorization: Bearer {SECRET}")
        except ValueError:
            ours.exception("publish_failed")
        assert SECRET not in log.text
        assert "ValueError" in log.lines[-1]["exception"]
        assert LEFT_OUT in log.lines[-1]["exception"]

    def test_do_not_come_through_the_standard_library(self, log: Log) -> None:
        theirs = logging.getLogger("library")
        theirs.error("GET %s", f"https://api.example/me?access_token={SECRET}")
        theirs.warning("headers %r", [(b"Authorization", f"Bearer {SECRET}".encode())])
        try:
            fail(f'{{"password": "{SECRET}"}}')
        except ValueError:
            theirs.exception("failed")
        assert SECRET not in log.text
        assert len(log.lines) == 3

    def test_do_not_come_out_of_a_chain_of_exceptions_or_their_variables(self, log: Log) -> None:
        try:
            try:
                fail(f"whsec_{SECRET}")
            except ValueError as error:
                raise RuntimeError("the store failed") from error
        except RuntimeError:
            structlog.get_logger().exception("gate_failed")
        assert SECRET not in log.text
        assert "the store failed" in log.text
        assert "local_secret =" not in log.text.replace("local_secret = SECRET", "")

    def test_do_not_come_from_a_thread_that_died(self, log: Log) -> None:
        thread = threading.Thread(target=fail, args=(f"Bearer {SECRET}",), name="reader")
        thread.start()
        thread.join()
        assert (log.lines[-1]["event"], log.lines[-1]["thread"]) == ("thread_failed", "reader")
        assert SECRET not in log.text

    def test_do_not_come_through_warnings(self, log: Log) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            logging.captureWarnings(capture=True)
            warnings.warn(f"https://u:{SECRET}@h/", UserWarning, stacklevel=1)
        assert SECRET not in log.text

    def test_in_requests_of_http_libraries_are_not_told_even_when_debugging(self, log: Log) -> None:
        logging.getLogger("httpcore.http11").debug("send_request_headers.started headers=%s", SECRET)
        logging.getLogger("httpx").info("HTTP Request: POST https://api.example/%s", SECRET)
        assert log.text == ""

    def test_in_the_arguments_of_scheduled_jobs_are_not_told(self, log: Log) -> None:
        ran = threading.Event()

        def job(password: str, *, address: str) -> None:
            ran.set()
            raise RuntimeError(f"could not use password={password} at {address}")

        scheduler = BackgroundScheduler()
        address = f"https://u:{SECRET}@h/"
        scheduler.add_job(partial(job, SECRET), "date", kwargs={"address": address}, name="job")
        scheduler.start()
        assert ran.wait(5)
        deadline = time.monotonic() + 5
        while not log.lines and time.monotonic() < deadline:
            time.sleep(0.01)
        scheduler.shutdown()
        assert any("RuntimeError" in line.get("exception", "") for line in log.lines)
        assert SECRET not in log.text

    def test_and_texts_of_posts_are_left_out(self, log: Log) -> None:
        structlog.get_logger().info("composed", text=POST, parts=[{"text": POST, "length": 59}])
        assert POST not in log.text
        assert log.lines[0]["parts"] == [{"text": LEFT_OUT, "length": 59}]


class TestWorkOn:
    def test_puts_the_ids_on_every_line_of_ours_and_others(self, log: Log) -> None:
        with work_on(delivery=7):
            structlog.get_logger().info("claimed")
            with work_on(delivery=7, attempt=9):
                logging.getLogger("library").warning("retrying")
            structlog.get_logger().info("ended")
        structlog.get_logger().info("idle")
        assert [(line.get("delivery"), line.get("attempt")) for line in log.lines] == [
            (7, None),
            (7, 9),
            (7, None),
            (None, None),
        ]

    def test_keeps_threads_apart_and_leaves_nothing_behind(self, log: Log) -> None:
        meet = threading.Barrier(4)

        def work(number: int) -> None:
            with work_on(delivery=number, attempt=number):
                meet.wait(5)
                structlog.get_logger().info("working", number=number)
            structlog.get_logger().info("between", number=number)

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(work, range(4)))
        for line in log.lines:
            assert line.get("delivery") == (line["number"] if line["event"] == "working" else None)

    def test_ends_when_the_work_fails(self, log: Log) -> None:
        with pytest.raises(ValueError, match="no"), work_on(delivery=1):
            fail("no")
        structlog.get_logger().info("after")
        assert "delivery" not in log.lines[-1]


class FullDisk(io.StringIO):
    def write(self, _line: str) -> int:
        raise OSError(28, "No space left on device")


class TestLogThatCannotBeWritten:
    def test_keeps_nobody_from_going_on(self, log: Log) -> None:
        set_up_logs(stream=FullDisk())
        structlog.get_logger().error("outcomes_kept_for_later")
        logging.getLogger("apscheduler").error("a library's line")
