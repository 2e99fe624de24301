"""What previewing, committing and undoing an import take and give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from app.packs.sheets.values import Question, RowDraft, RowError
from app.policy.finding import Finding


class Action(StrEnum):
    """What becomes of a row."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class Which(StrEnum):
    """Which rows are committed: all, or nothing where one cannot be; or the good ones only."""

    ALL = "all"
    GOOD = "good"


@dataclass(frozen=True, slots=True)
class RowFinding:
    """What a rule says of a row's text, fill-ins put in; `platforms` are the networks it is about, None for all.

    `variant` is the network whose own text it stands in, None for the text. `settled` says what Focusweek does about
    it by itself.
    """

    finding: Finding
    platforms: tuple[str, ...] | None = None
    variant: str | None = None
    settled: str | None = None

    def as_json(self, row: int) -> dict[str, Any]:
        """Return the finding as it is written to people."""
        about = {"platforms": None if self.platforms is None else list(self.platforms), "variant": self.variant}
        return {"row": row, **self.finding.as_json(), **about, "settled": self.settled}


@dataclass(frozen=True, slots=True)
class RowLength:
    """How long a text is on a network, mention added, in its own count; what does not fit may be a `thread`."""

    platform: str
    length: int
    limit: int
    fits: bool
    thread: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """What the rules say of a row, and its lengths."""

    findings: tuple[RowFinding, ...] = ()
    lengths: tuple[RowLength, ...] = ()


NOT_JUDGED = Judged()


@dataclass(slots=True)
class RowView:
    """A row of a preview: the draft, what the rules say of it, and what would be done. `fields` are what changes."""

    draft: RowDraft
    judged: Judged = NOT_JUDGED
    action: Action = Action.ADDED
    post_id: int | None = None
    key: str | None = None
    fields: tuple[str, ...] = ()

    @property
    def row(self) -> int:
        """The row's number, as the spreadsheet shows it."""
        return self.draft.row

    @property
    def errors(self) -> list[RowError]:
        """Why it cannot be imported."""
        return self.draft.errors


@dataclass(slots=True)
class Preview:
    """A file as it would be imported."""

    format: str
    rows: list[RowView]
    questions: tuple[Question, ...]
    unused_columns: tuple[str, ...]
    encoding: str | None
    platforms: tuple[str, ...] = ()

    def fresh(self) -> Preview:
        """Return it anew, not yet compared with the campaign; what was read and judged is shared."""
        rows = [
            RowView(view.draft, view.judged, Action.REFUSED if view.draft.errors else Action.ADDED, key=view.draft.key)
            for view in self.rows
        ]
        return replace(self, rows=rows)

    @property
    def counts(self) -> dict[str, int]:
        """How many rows there are, and of each action."""
        found = Counter(view.action for view in self.rows)
        return {"rows": len(self.rows), **{action.value: found[action] for action in Action}}


@dataclass(frozen=True, slots=True)
class Fix:
    """One bulk change of chosen rows; None chooses every row that it fits. `value` is what it needs, if anything."""

    name: str
    rows: frozenset[int] | None = None
    value: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it as it is kept with a run."""
        return {"fix": self.name, "rows": None if self.rows is None else sorted(self.rows), "value": self.value}

    @staticmethod
    def from_json(kept: Mapping[str, Any]) -> Fix:
        """Return the fix that was kept."""
        rows = kept.get("rows")
        return Fix(str(kept["fix"]), None if rows is None else frozenset(rows), kept.get("value"))


@dataclass(frozen=True, slots=True)
class Asked:
    """A file and all that a person has said of it."""

    file_name: str
    content: bytes
    options: Mapping[str, Any] = field(default_factory=dict)
    fixes: Sequence[Fix] = ()
