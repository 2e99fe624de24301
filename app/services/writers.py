"""Who wrote a post: whoever has changed what it says since it was last approved may not approve it."""

from __future__ import annotations

from app.identity.principal import LOCAL_ACTOR, Principal
from app.models import Post


def writer_of(who: Principal) -> int | str:
    """Return how somebody stands in a post's `writers`: their user's id, or their name where they have none."""
    return who.name if who.user_id is None else who.user_id


def add_writer(post: Post, who: Principal) -> None:
    """Note that somebody has changed what a post says."""
    writer = writer_of(who)
    if writer not in post.writers:
        post.writers = [*post.writers, writer]


def has_written(post: Post, who: Principal) -> bool:
    """Whether somebody has changed what a post says since it was last approved.

    Whoever has the machine itself is one person, whatever name they give.
    """
    mine = {writer_of(who), who.name, LOCAL_ACTOR if who.via == "local" else who.name}
    # A token that belongs to no user goes by its maker's name.
    of_mine = f"{who.name} (token "
    return any(writer in mine or str(writer).startswith(of_mine) for writer in post.writers)
