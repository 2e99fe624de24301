"""What a person sees when something goes wrong: what happened, what to do next, no traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from app.errors import FocusweekError, InvalidInput

EXIT_BAD_INPUT = 2
EXIT_FAILED = 1
EXIT_INTERRUPTED = 130

#: Set to 1, it shows the traceback of what was not foreseen.
DEBUG_VARIABLE = "FOCUSWEEK_DEBUG"


def run_safely(command: Callable[[], object]) -> None:
    """Run a command line and end the process with its exit code."""
    try:
        command()
    except FocusweekError as error:
        _say(error.message, error.hint)
        sys.exit(EXIT_BAD_INPUT if isinstance(error, InvalidInput) else EXIT_FAILED)
    except KeyboardInterrupt:
        _say("Stopped.")
        sys.exit(EXIT_INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has gone; Python's own attempt to flush at exit would complain again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(EXIT_FAILED)
    except OSError as error:
        _say(f"{error.strerror or error}: {error.filename}" if error.filename else f"{error.strerror or error}.")
        sys.exit(EXIT_FAILED)
    except Exception as error:
        if os.environ.get(DEBUG_VARIABLE) == "1":
            raise
        _say(
            f"Something went wrong inside Focusweek ({type(error).__name__}).",
            f"Nothing was changed by halves. Run it again with {DEBUG_VARIABLE}=1 to see where, and report that.",
        )
        sys.exit(EXIT_FAILED)


def _say(message: str, hint: str = "") -> None:
    print(f"focusweek: {message}", file=sys.stderr)
    if hint:
        print(f"  {hint}", file=sys.stderr)
