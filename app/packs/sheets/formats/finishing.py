"""What several schedulers do with a whole row: a link in a column of its own is published behind the message."""

from __future__ import annotations

from app.packs.sheets.values import ImportTarget, RowDraft


def append_link(draft: RowDraft, _target: ImportTarget) -> None:
    """Put the link of a row behind its text, where it does not stand in it."""
    link, text = draft.values.get("appended_link"), draft.values.get("text", "")
    if "appended_link" not in draft.values:
        return
    draft.values["links"] = [] if link is None else [{"visible": link, "target": link}]
    if link is not None and link not in text:
        draft.values["text"] = f"{text} {link}" if text else ""
