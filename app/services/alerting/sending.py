"""What sending an alert message can come to."""

from __future__ import annotations


class SendFailed(Exception):
    """A message was not taken, or nobody knows: it may be tried again, with the same key.

    `detail` is for people and holds no secret; `gone` says that the receiver wants nothing more, ever.
    """

    def __init__(self, detail: str, *, gone: bool = False) -> None:
        self.detail = detail
        self.gone = gone
        super().__init__(detail)
