"""The errors of Focusweek: one tree, each with a stable code and a message for a person.

    FocusweekError
    ├── InvalidInput            something given to us cannot be used as it is
    │   ├── InvalidPack         a pack file: file, line, field and what was expected
    │   ├── KeyMismatch             (services.idempotency) the key was given to another request before
    │   ├── RefusedFile         a file that is no spreadsheet, is damaged, or made to do harm
    │   └── UnknownPlatform     a network that is not in the registry
    ├── NotFound                no such thing, or not yours
    ├── Conflict                the thing is not in a state that allows it, or has changed meanwhile
    │   ├── PlanChanged         what was previewed is no longer what would be committed
    │   ├── WarningsUnacknowledged  (services.approving) a warning on what is approved was not accepted
    │   ├── PreconditionFailed  If-Match names a state that is past
    │   ├── InProgress, AnswerLost  (services.idempotency) what became of the first request with this key
    │   ├── AlreadyExists       a name or key that must be unique is taken
    │   └── StateRefused        a delivery's state does not allow the step
    ├── NotSignedIn             it is not known who asks
    ├── NotAllowed              whoever asks may not, or a rule of the service forbids it
    │   └── TooManyTries        guessing is slowed down; it says for how long
    ├── BadConfiguration        a setting, key or file of the operator is missing or wrong
    ├── NetworkUnreachable      a network could not be asked
    └── StorageUnavailable      the database cannot be reached or written

The API maps the codes to RFC 9457 problems in one table (`api/problems.py`); the command line prints
`message` and `hint` and ends with exit code 2 for `InvalidInput` and 1 for the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class FocusweekError(Exception):
    """Base of all errors a person can meet.

    `code` is stable and machine-readable, `message` says what happened, `hint` what to do next.
    """

    code = "error"

    def __init__(self, message: str, *, hint: str = "", **context: object) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.context = context


class InvalidInput(FocusweekError):
    """Something given to us cannot be used as it is."""

    code = "input.invalid"


@dataclass(frozen=True, slots=True)
class PackProblem:
    """One thing wrong in a pack file: where it stands and what was expected there.

    `line` counts from 1; `field` is a dotted path such as `posts[3].week`.
    """

    line: int
    field: str
    message: str


class InvalidPack(InvalidInput):
    """A pack file that cannot be read or breaks its schema."""

    code = "pack.invalid"

    def __init__(self, file: str, problems: Sequence[PackProblem]) -> None:
        lines = [f"{file}:{p.line}: {p.field}: {p.message}" for p in problems]
        super().__init__("\n".join(lines), hint="Correct the lines named above and try again.")
        self.file = file
        self.problems = tuple(problems)


class RefusedFile(InvalidInput):
    """A file that is not read at all: no spreadsheet, damaged, too large, or made to do harm."""

    code = "file.refused"


class UnknownPlatform(InvalidInput):
    """A network that is not in the registry."""

    code = "platform.unknown"


class NotFound(FocusweekError):
    """No such thing, or it belongs to another organization."""

    code = "not_found"


class Conflict(FocusweekError):
    """The thing is not in a state that allows it, or it has changed meanwhile."""

    code = "conflict"


class PlanChanged(Conflict):
    """What was previewed is no longer what would be committed."""

    code = "plan.changed"


class PreconditionFailed(Conflict):
    """Something was to be changed in a state that is past: somebody else has changed it meanwhile."""

    code = "precondition.failed"


class AlreadyExists(Conflict):
    """A name or key that must be unique is taken."""

    code = "already_exists"


class StateRefused(Conflict):
    """A delivery's state does not allow the step."""

    code = "delivery.state_refused"


class NotSignedIn(FocusweekError):
    """It is not known who asks, and this is not for everybody."""

    code = "not_signed_in"


class NotAllowed(FocusweekError):
    """Whoever asks may not do this, or a rule of the service forbids it."""

    code = "not_allowed"


class TooManyTries(NotAllowed):
    """Something was tried too often in a short time. `wait_seconds` says how long to wait."""

    code = "too_many_tries"

    def __init__(self, message: str, *, wait_seconds: int, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.wait_seconds = wait_seconds


class BadConfiguration(FocusweekError):
    """A setting, key or file of the operator is missing or wrong."""

    code = "configuration.invalid"


class NetworkUnreachable(FocusweekError):
    """A network could not be asked."""

    code = "network.unreachable"


class StorageUnavailable(FocusweekError):
    """The database cannot be reached or written."""

    code = "storage.unavailable"
