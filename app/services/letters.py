"""Letters to single people over the operator's mail server: invitations, and links to set a new password."""

from __future__ import annotations

import queue
import secrets
import threading
from collections.abc import Callable
from datetime import datetime

import structlog

from app.errors import NetworkUnreachable
from app.services.alerting.mail import Letter, MailServer
from app.services.alerting.sending import SendFailed

log = structlog.get_logger(__name__)

Job = Callable[[], None]

_MOST_WAITING = 100


class Letters:
    """Sends letters, at once or behind the back of whoever asked. `mail` is None where no mail server is set up."""

    def __init__(self, mail: MailServer | None) -> None:
        self._mail = mail

    @property
    def can_send(self) -> bool:
        """Whether there is a mail server."""
        return self._mail is not None

    def send(self, to: str, subject: str, text: str, written_at: datetime) -> None:
        """Send a letter now, outside any transaction; returns when the server has taken it.

        Raises:
            NetworkUnreachable: It did not, or there is none.
        """
        if self._mail is None:
            raise NetworkUnreachable(
                "No mail server is set up, so no e-mail can be sent.",
                hint="The operator sets FOCUSWEEK_SMTP_HOST and FOCUSWEEK_SMTP_FROM.",
            )
        try:
            self._mail.send(Letter(to, subject, text, secrets.token_hex(16), written_at))
        except SendFailed as failure:
            raise NetworkUnreachable(
                f"The e-mail was not sent. {failure.detail}", hint="Ask the operator to look at the mail server."
            ) from None


class Errands:
    """Does what nobody is to wait for, one after the other, so that how long an answer takes tells nothing.

    What is still waiting when the process ends is lost: whoever asked asks again. A flood of it is dropped.
    """

    def __init__(self) -> None:
        self._waiting: queue.Queue[Job | None] = queue.Queue(_MOST_WAITING)
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def give(self, job: Job) -> None:
        """Have a job done soon."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="errands", daemon=True)
                self._thread.start()
        try:
            self._waiting.put_nowait(job)
        except queue.Full:
            log.warning("errand_dropped")

    def wait(self) -> None:
        """Wait until all that was given is done."""
        self._waiting.join()

    def close(self) -> None:
        """Finish the job under way and take no more."""
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is not None:
            self._drop_waiting()
            self._waiting.put(None)
            thread.join()

    def _drop_waiting(self) -> None:
        try:
            while True:
                self._waiting.get_nowait()
                self._waiting.task_done()
        except queue.Empty:
            return

    def _work(self) -> None:
        while (job := self._waiting.get()) is not None:
            try:
                job()
            except Exception as error:  # noqa: BLE001 - the next one must be done all the same
                # Its words might hold an address.
                log.error("errand_failed", error=type(error).__name__)  # noqa: TRY400 - as said above
            finally:
                self._waiting.task_done()
        self._waiting.task_done()
