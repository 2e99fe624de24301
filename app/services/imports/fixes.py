"""Bulk changes of chosen rows of a preview; they are remembered with it, and what is imported is what they leave."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta

from app.errors import InvalidInput
from app.packs.sheets.fields import FieldFault, read_text
from app.packs.sheets.moments import Forms, MomentFault, OrderNeeded, read_moment
from app.packs.sheets.tabular import settle_week
from app.packs.sheets.values import RowDraft
from app.services.imports.judging import Judge
from app.services.imports.targets import Ground
from app.services.imports.values import Fix
from app.text.hashtags import find_hashtags

_TWO = 2
_LONGEST_ALT = 2000
_SHIFT = {"d": "days", "h": "hours", "m": "minutes"}
#: Codes whose suggestion is what to write in the place of what was found; others' are advice in words.
_REPLACING = frozenset({"hashtag.case", "link.not_https", "mention.wrong_number", "mention.wrong_site"})

#: What stands in a suggestion of several wordings.
_SEVERAL = (" or ", "; ", ", ", "[", "/ ")

Change = Callable[[RowDraft, Fix, Ground], bool]


def apply_fixes(drafts: Sequence[RowDraft], fixes: Iterable[Fix], ground: Ground) -> None:
    """Change the drafts as a person has asked, in the order in which they asked.

    Raises:
        InvalidInput: A fix is none, lacks what it needs, or names a row that is not there or has nothing to fix.
    """
    for fix in fixes:
        change = _CHANGES.get(fix.name)
        if change is None:
            raise InvalidInput(f"There is no fix {fix.name[:60]!r}.", hint=f"The fixes are: {', '.join(_CHANGES)}.")
        _refuse_value(fix)
        if fix.rows is not None and (strange := fix.rows - {draft.row for draft in drafts}):
            raise InvalidInput(f"The file has no row {min(strange)} with a post.", hint="Name rows of the preview.")
        for draft in drafts:
            if fix.rows is not None and draft.row not in fix.rows:
                continue
            was = dict(draft.values)
            if change(draft, fix, ground):
                settle_week(draft, ground.target)
            draft.fixed |= draft.values != was


def _refuse_value(fix: Fix) -> None:
    needed = {"set_alt_text": "the alternative text", "reschedule": "a time, or how far to move, such as +2d or -30m",
              "apply_suggestion": "a rule's code"}  # fmt: skip
    if fix.name in needed and not (fix.value or "").strip():
        raise InvalidInput(f"The fix {fix.name} needs {needed[fix.name]}.", hint="Give it as the fix's value.")


def _keep_first_two_hashtags(draft: RowDraft, _fix: Fix, _ground: Ground) -> bool:
    draft.values["text"] = _with_two(draft.values.get("text") or "")
    if variants := draft.values.get("variants"):
        draft.values["variants"] = {slug: _with_two(text) for slug, text in variants.items()}
    return False


def _with_two(text: str) -> str:
    """Take the hashtags beyond two out: the sign alone within a sentence, the whole tag among those at the end."""
    tags = find_hashtags(text, None)
    for tag in reversed(tags[_TWO:]):
        start, end = tag.span
        kept = text[:start].rstrip() if _is_at_end(text[end:]) else text[:start] + text[start + 1 : end]
        text = kept + text[end:]
    return text


def _is_at_end(rest: str) -> bool:
    return all(word.startswith(("#", "＃")) for word in rest.split())


def _apply_suggestion(draft: RowDraft, fix: Fix, ground: Ground) -> bool:
    code = str(fix.value)
    if code not in _REPLACING and not code.startswith("language."):
        raise InvalidInput(
            f"What the rule {code[:60]} suggests is advice, nothing to put in.",
            hint=f"These can be applied: {', '.join(sorted(_REPLACING))}, and language.* where the pack has words.",
        )
    judge = Judge(ground.voice, (), ground.target)
    language = draft.values.get("language") or ground.target.language
    draft.values["text"] = _replaced(draft.values.get("text") or "", language, code, judge)
    if variants := draft.values.get("variants"):
        draft.values["variants"] = {s: _replaced(text, language, code, judge) for s, text in variants.items()}
    return False


def _replaced(text: str, language: str, code: str, judge: Judge) -> str:
    for finding in reversed(judge.verdict(text, language)):
        start, end = finding.span
        new = finding.suggestion
        if finding.code != code or new is None or end <= start or not _is_words(new):
            continue
        text = (
            text[:start]
            + (new[:1].upper() + new[1:] if text[start].isupper() and new[:1].islower() else new)
            + text[end:]
        )
    return text


def _is_words(suggestion: str) -> bool:
    """Whether a suggestion stands in a text as it is: one wording, not a choice of several or a sentence of advice."""
    return not suggestion.endswith((".", "…")) and not any(
        mark in suggestion for mark in (" or ", "; ", ", ", "[", "/ ")
    )


def _set_alt_text(draft: RowDraft, fix: Fix, _ground: Ground) -> bool:
    try:
        alt = " ".join(read_text(str(fix.value)).split())
    except FieldFault as fault:
        raise InvalidInput(fault.message, hint="Write it as plain text.") from None
    if len(alt) > _LONGEST_ALT:
        raise InvalidInput(f"An alternative text has {_LONGEST_ALT:,} characters at most.", hint="Shorten it.")
    media = draft.values.get("media") or []
    if not media and fix.rows is not None:
        raise InvalidInput(f"Row {draft.row} has no image.", hint="Choose rows that have one.")
    draft.values["media"] = [{**image, "alt": alt} for image in media]
    return False


def _reschedule(draft: RowDraft, fix: Fix, ground: Ground) -> bool:
    value = str(fix.value).strip()
    at = draft.values.get("at")
    if value[:1] in {"+", "-"} and value[-1:] in _SHIFT and value[1:-1].isdigit() and len(value) <= len("+9999d"):
        if at is None:
            if fix.rows is not None:
                raise InvalidInput(f"Row {draft.row} has no time to move.", hint="Give it a time of its own.")
            return False
        moved = timedelta(**{_SHIFT[value[-1]]: int(value[1:-1])})
        draft.values["at"] = _wall(at, moved if value[0] == "+" else -moved, ground)
    else:
        draft.values["at"] = _instant(value, ground)
        draft.is_open = False
        draft.errors = [error for error in draft.errors if not error.code.startswith(("at.", "date.", "time."))]
    if draft.week_inferred:
        draft.values["week"] = None
    return True


def _wall(at: datetime, shift: timedelta, ground: Ground) -> datetime:
    """Move a moment: by days on the wall clock of the campaign's zone, by less in elapsed time."""
    if shift.days and shift % timedelta(days=1) == timedelta(0):
        local = at.astimezone(ground.target.window.zone)
        return (local + shift).astimezone(UTC)
    return at + shift


def _instant(value: str, ground: Ground) -> datetime:
    try:
        return read_moment(value, ground.target.window.zone, Forms.ISO, None)
    except (MomentFault, OrderNeeded) as fault:
        raise InvalidInput(str(fault) or "That is no time.", hint="Write it as 2027-01-11 14:30, or +2d.") from None


_CHANGES: dict[str, Change] = {
    "keep_first_two_hashtags": _keep_first_two_hashtags,
    "apply_suggestion": _apply_suggestion,
    "set_alt_text": _set_alt_text,
    "reschedule": _reschedule,
}
FIX_NAMES = tuple(_CHANGES)
