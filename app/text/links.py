"""Links in a text, as the networks recognise them.

- X: twitter-text's own rules (`x_urls.py`).
- PLAIN and BLUESKY: any `http(s)://` address, and a host without a scheme under a known top-level domain. Bluesky
  links nothing by itself: what is found here gets a facet that we write, so one careful finder serves both.
- SCHEME_ONLY (Mastodon): `http(s)://` and a host under a known top-level domain.
- None: whatever any of them links; of finds that overlap, the longest.

The domain of an e-mail address is no link, nor is a host that other letters of an address stand before. A full-width
dot (`example。com`) makes no link: no network links it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from app.text.common_links import CommonLink, common_links
from app.text.profile import LinkDialect
from app.text.tlds import known_tlds
from app.text.x_urls import scan as scan_as_x

# Letters that stand in a host: not ASCII signs, general punctuation, arrows and symbols, CJK and full-width signs,
# nor emoji.
_NO_HOST = (
    "\\x00-,/:-@\\[-^`{-\u00b6\u00b8-\u00bf\u00d7\u00f7\u061c\u1680\u180e\u2000-\u200b\u200e-\u206f\u2190-\u2bff\u3000-\u303f"
    "\ufe10-\ufe1f\ufe30-\ufe6f\ufeff\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\ufff0-\uffff\U0001f000-\U0001faff"
)
# Scripts that set no space between words: without a scheme it cannot be told where a host in them begins.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u2fff\u3040-\ua4cf\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc"
    "\U0001b000-\U0001b2ff\U00020000-\U0003ffff"
)
# A path ends at white space, quotation marks, angle brackets and the marks of CJK text.
_PATH_LETTERS = (
    '[^\\s<>"`{}|\\\\^“”„‟«»‹›「」『』【】〈〉《》（）、。，！？；：'
    "\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\u0000-\u001f]"
)
_PORT = "(?::[0-9]{1,5}+(?![0-9]))?+"
_PATH = f"(?:[/?\\#]{_PATH_LETTERS}*+)?+"
_WITH_SCHEME = re.compile(
    f'(?<![A-Za-z0-9@＠$])(?P<scheme>[hH][tT][tT][pP][sS]?)://(?:[^\\s/?\\#@<>"“”]++@)?+'
    f"(?P<host>[^{_NO_HOST}.-][^{_NO_HOST}]*+|\\[[0-9A-Fa-f:.]++\\]){_PORT}(?P<path>{_PATH})"
)
_BARE_RUN = re.compile(f"[^{_NO_HOST}{_UNSPACED}]*+")
_BARE_DOT = re.compile(f"\\.(?=[^._{_NO_HOST}{_UNSPACED}-])")
_BARE_REST = re.compile(f"{_PORT}(?P<path>{_PATH})")
_NOT_BEFORE = frozenset("@＠#＃$/\\＄&=%+")
_TRAILING = frozenset(".,;:!?'’‘*_~…·&%)]")
_PAIRS = {")": "(", "]": "["}


class Link(NamedTuple):
    """A link in a text: half-open span, the text there, and its pieces.

    `host` is lower case, without port and user information, its script as written; `path` is path, query and
    fragment as written ("" if none); `scheme` is `http`, `https` or None where none is written.
    """

    span: tuple[int, int]
    text: str
    host: str
    path: str
    scheme: str | None

    @property
    def url(self) -> str:
        """The address with a scheme: `https://` where none is written."""
        return self.text if self.scheme else f"https://{self.text}"


@lru_cache(maxsize=8)  # rules, hashtags and counting ask for the links of one text in turn
def find_links(text: str, dialect: LinkDialect | None) -> tuple[Link, ...]:
    """Return the links of a text in order, as a network with this dialect links them.

    Without a dialect: everything that any network links; where finds overlap, the longest.
    """
    if "." not in text and "://" not in text:
        return ()
    common = common_links(text)
    if common is not None:
        links = tuple(_as_link(text, link) for link in common)
        return tuple(link for link in links if link.scheme) if dialect is LinkDialect.SCHEME_ONLY else links
    if dialect is LinkDialect.X:
        return _as_x(text)
    if dialect is LinkDialect.SCHEME_ONLY:
        return tuple(link for link in _with_scheme(text) if _under_known_tld(link.host))
    plain = _plain(text)
    if dialect is None:
        return _longest([*plain, *_as_x(text)])
    return plain


def _as_link(text: str, link: CommonLink) -> Link:
    start, host_start, host_end, end, scheme = link
    return Link((start, end), text[start:end], text[host_start:host_end].lower(), text[host_end:end], scheme)


def _as_x(text: str) -> tuple[Link, ...]:
    links = []
    for url in scan_as_x(text):
        domain_start, domain_end = url.domain
        scheme = text[url.start : domain_start - 3].lower() if domain_start > url.start else None
        rest = text[domain_end : url.end]
        path = rest.lstrip(":0123456789") if rest.startswith(":") else rest
        links.append(
            Link((url.start, url.end), text[url.start : url.end], text[domain_start:domain_end].lower(), path, scheme)
        )
    return tuple(links)


def _plain(text: str) -> tuple[Link, ...]:
    schemed = _with_scheme(text)
    bare = _without_scheme(text, schemed)
    if not schemed:
        return tuple(bare)
    return tuple(sorted([*schemed, *bare], key=lambda link: link.span)) if bare else tuple(schemed)


def _with_scheme(text: str) -> list[Link]:
    links: list[Link] = []
    if "://" not in text:
        return links
    for match in _WITH_SCHEME.finditer(text):
        end = _trimmed(text, match.end("host"), match.end())
        host_end = min(match.end("host"), end)
        host = match["host"].rstrip(".-_").lower()
        if not match["path"]:
            end = host_end if match.end() == match.end("host") else end
            end -= len(text[match.start("host") : end]) - len(text[match.start("host") : end].rstrip(".-_"))
        path = text[match.start("path") : max(end, match.start("path"))]
        links.append(Link((match.start(), end), text[match.start() : end], host, path, match["scheme"].lower()))
    return links


def _without_scheme(text: str, taken: list[Link]) -> list[Link]:
    links: list[Link] = []
    dot = _BARE_DOT.search(text)
    if dot is None:
        return links
    backwards = text[::-1]
    length = len(text)
    spans = iter(taken)
    current = next(spans, None)
    consumed = 0
    while dot is not None:
        while current is not None and current.span[1] <= dot.start():
            current = next(spans, None)
        if current is not None and current.span[0] < dot.start():
            consumed = current.span[1]
            dot = _BARE_DOT.search(text, consumed)
            continue
        before = _BARE_RUN.match(backwards, length - dot.start())
        after = _BARE_RUN.match(text, dot.start())
        begin = max(length - (before.end() if before else 0), consumed)
        end = after.end() if after else dot.end()
        link = _bare_link(text, begin, end)
        if link is not None:
            links.append(link)
            end = max(end, link.span[1])
        consumed = end
        dot = _BARE_DOT.search(text, end)
    return links


def _bare_link(text: str, begin: int, end: int) -> Link | None:
    """Return the link that a run of host letters makes, with what follows it."""
    if begin and text[begin - 1] in _NOT_BEFORE:
        return None
    run = text[begin:end]
    stripped = run.lstrip("._-")
    begin += len(run) - len(stripped)
    host = stripped.rstrip("._-")
    if host.count(".") == 0 or not _is_host(host):
        return None
    host_end = begin + len(host)
    if host_end < len(text) and (text[end : end + 1] in ("@", "＠") or text.startswith("://", end)):
        return None
    if host_end < end:
        return Link((begin, host_end), host, host.lower(), "", None)
    rest = _BARE_REST.match(text, host_end)
    stop = _trimmed(text, host_end, rest.end()) if rest else host_end
    path_start = rest.start("path") if rest else host_end
    path = text[path_start:stop] if stop > path_start else ""
    if not path and stop < path_start:
        stop = host_end
    return Link((begin, stop), text[begin:stop], host.lower(), path, None)


def _is_host(host: str) -> bool:
    labels = host.split(".")
    return all(label and label[0] != "-" and label[-1] != "-" for label in labels) and _known(labels[-1])


def _known(tld: str) -> bool:
    return tld.lower() in known_tlds() or tld[:4].lower() == "xn--"


def _under_known_tld(host: str) -> bool:
    return "." in host and _known(host.rpartition(".")[2])


def _trimmed(text: str, begin: int, end: int) -> int:
    """Return where a link ends once the sentence's punctuation is left out; a bracket stays if it was opened inside."""
    closings: dict[str, int] | None = None
    while end > begin and (letter := text[end - 1]) in _TRAILING:
        if letter in _PAIRS:
            if closings is None:
                part = text[begin:end]
                closings = {one: part.count(one) - part.count(_PAIRS[one]) for one in _PAIRS}
            if closings[letter] <= 0:
                break
            closings[letter] -= 1
        end -= 1
    return end


def _longest(links: list[Link]) -> tuple[Link, ...]:
    """Return the links in order; of those that overlap, the longest (the first of equals)."""
    links.sort(key=lambda link: (link.span[0], -link.span[1]))
    kept: list[Link] = []
    for link in links:
        if kept and link.span[0] < kept[-1].span[1]:
            if link.span[1] - link.span[0] > kept[-1].span[1] - kept[-1].span[0]:
                kept[-1] = link
            continue
        kept.append(link)
    return tuple(kept)
