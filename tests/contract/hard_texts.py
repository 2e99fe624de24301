"""Deterministic texts that are hard to measure: pieces of all sorts, glued together in all sorts of ways."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

_PIECES: dict[str, list[str]] = json.loads(Path(__file__).with_name("hard_pieces.json").read_text("utf-8"))


def url(random_: random.Random) -> str:
    pick = random_.choice
    return (
        pick(_PIECES["schemes"])
        + pick(_PIECES["hosts"])
        + pick(_PIECES["ports"])
        + pick(_PIECES["paths"])
        + pick(_PIECES["queries"])
    )


def texts(count: int, seed: int) -> Iterator[str]:
    """Give `count` texts, always the same for a seed."""
    random_ = random.Random(seed)  # noqa: S311 - repeatable texts, no secrets
    for _ in range(count):
        pieces: list[str] = []
        spaced = random_.random() < 0.5
        for _ in range(random_.randint(1, 12)):
            kind = random_.random()
            if kind < 0.3:
                pieces.append(url(random_))
            else:
                pieces.append(
                    random_.choice(_PIECES[random_.choice(["words", "words", "tags", "tags", "emoji", "handles"])])
                )
            pieces.append(" " if spaced and random_.random() < 0.6 else random_.choice(_PIECES["glue"]))
        yield "".join(pieces)


def noise(count: int, seed: int) -> Iterator[str]:
    """Give `count` texts of single characters that mean something to a finder."""
    random_ = random.Random(seed)  # noqa: S311 - repeatable texts, no secrets
    letters = "aAé中#＃@.,-_:/?()=& \n1٣\u0301\u200d\ufe0f\u20e3🙂👩🏽🇺…ſß'~!com"
    for _ in range(count):
        yield "".join(random_.choices(letters, k=random_.randint(1, 40)))
