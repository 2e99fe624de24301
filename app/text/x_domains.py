"""Domains as X's own library judges them (twitter-text 3.1.0): top-level domains, label lengths, Latin pieces."""

from __future__ import annotations

import re
from functools import cache

from app.text.tlds import x_tlds
from app.text.x_tables import LATIN

_MAX_LABEL_LENGTH = 63
_ASCII_LIMIT = 0x80
_ASCII_TLD = re.compile("([A-Za-z]++)(?![0-9@+-])")
_AFTER_TLD = re.compile("(?![0-9A-Za-z@+-])")
_PUNYCODE = re.compile("[xX][nN]--[-0-9A-Za-z]++")
_LATIN_TAIL = re.compile(f"[-A-Za-z0-9{LATIN}]++$")
_LATIN_LABEL = re.compile(f"[-A-Za-z0-9{LATIN}]++")


@cache
def _wide_tlds() -> dict[str, tuple[str, ...]]:
    """Return the top-level domains with letters outside ASCII by their first letter, in capitals, longest first."""
    by_letter: dict[str, list[str]] = {}
    for tld in sorted((one for one in x_tlds() if not one.isascii()), key=len, reverse=True):
        folded = "".join(map(_capital, tld))
        by_letter.setdefault(folded[0], []).append(folded)
    return {letter: tuple(tlds) for letter, tlds in by_letter.items()}


def _capital(letter: str) -> str:
    """Return the capital as JavaScript's patterns compare letters: one for one, never from outside ASCII into it."""
    capital = letter.upper()
    if len(capital) != 1 or (ord(letter) >= _ASCII_LIMIT > ord(capital)):
        return letter
    return capital


def tld_end(text: str, begin: int) -> int:
    """Return where the top-level domain that begins here ends, or 0."""
    match = _ASCII_TLD.match(text, begin)
    if match and match[1].lower() in x_tlds():
        return match.end()
    for tld in _wide_tlds().get(_capital(text[begin]), ()) if begin < len(text) else ():
        end = begin + len(tld)
        if "".join(map(_capital, text[begin:end])) == tld and _AFTER_TLD.match(text, end):
            return end
    match = _PUNYCODE.match(text, begin)
    return match.end() if match else 0


def is_valid(domain: str) -> bool:
    """Say whether every label is short enough as Punycode. X reads full-width dots inside a label as dots."""
    if domain.isascii() and len(domain) <= _MAX_LABEL_LENGTH:
        return True
    if domain.startswith("xn--") and not latin_domains(domain):
        return False
    return all(_punycode_length(label) <= _MAX_LABEL_LENGTH for label in domain.split("."))


def _punycode_length(label: str) -> int:
    if label.isascii() or len(label) > _MAX_LABEL_LENGTH:
        return len(label)
    label = label.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    parts = re.split("[.\u3002\uff0e\uff61]", label)
    return len(parts) - 1 + sum(len(one) if one.isascii() else 4 + len(one.encode("punycode")) for one in parts)


def latin_domains(domain: str) -> list[tuple[int, int]]:
    """Return the spans inside a domain that are linked without a protocol: Latin labels and their top-level domain."""
    if domain.isascii() and "_" not in domain and '"' not in domain and "`" not in domain and domain.isprintable():
        return [(0, len(domain))]
    spans: list[tuple[int, int]] = []
    begins = [0, *(dot.end() for dot in re.finditer(r"\.", domain))]
    index, floor, searched = 0, 0, 0
    while index < len(begins) - 1:
        tail = _LATIN_TAIL.search(domain[max(begins[index], floor) : begins[index + 1] - 1])
        end = _latin_end(domain, begins, index + 1) if tail else 0
        if not tail or not end:
            index += 1
            continue
        first = max(begins[index], floor) + tail.start()
        # twitter-text looks the piece up again by its letters, which may hit an earlier place.
        piece = domain[first:end]
        place = domain.find(piece, searched)
        searched = place + len(piece)
        spans.append((place, searched))
        floor = end
        while index < len(begins) - 1 and begins[index + 1] <= end:
            index += 1
    return spans


def _latin_end(domain: str, begins: list[int], index: int) -> int:
    """Return the end of the longest domain whose labels from `index` on are Latin up to its top-level domain."""
    end = 0
    while index < len(begins):
        end = tld_end(domain, begins[index]) or end
        label_end = begins[index + 1] - 1 if index + 1 < len(begins) else len(domain)
        if not _LATIN_LABEL.fullmatch(domain, begins[index], label_end):
            break
        index += 1
    return end
