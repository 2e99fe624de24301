"""What the letters to single people say. A link stands on a line of its own, so that no mail program breaks it."""

from __future__ import annotations


def password_reset_letter(link: str) -> tuple[str, str]:
    """Return subject and text of a letter with a link to set a new password."""
    return (
        "Set a new password for Focusweek",
        f"""Somebody asked for a new password for your user of Focusweek.

To set one, open this page within an hour. The link works once:

{link}

If it was not you, do nothing: your password stays as it is.
""",
    )


def invitation_letter(link: str, *, organization: str, role: str, invited_by: str) -> tuple[str, str]:
    """Return subject and text of an invitation to an organization."""
    article = "an" if role[0] in "aeiou" else "a"
    return (
        f"You are invited to {organization} on Focusweek",
        f"""{invited_by} invites you to plan and review posts of {organization} as {article} {role}.

To accept, open this page within seven days. The link works once:

{link}

If you do not know what this is about, do nothing.
""",
    )
