"""A pack file becomes a `Pack`, or an `InvalidPack` that names every problem with its line and field.

bytes -> text -> nodes (with lines) -> Pydantic -> Pack
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from pydantic import ValidationError

from app.errors import InvalidPack, PackProblem
from app.packs.confirming import unconfirmed_problems
from app.packs.json_nodes import json_nodes
from app.packs.nodes import Entry, Mapping, Node, Sequence, Unreadable, plain, repeated, written
from app.packs.problems import MOST_PROBLEMS, problem_at, problems_in
from app.packs.rule_checks import rule_problems
from app.packs.schema import Pack
from app.packs.yaml_nodes import yaml_nodes

#: The largest file that is read, in bytes; the largest real pack is a fiftieth of it.
LARGEST = 5_000_000


def read_pack(path: Path) -> Pack:
    """Return the pack in a YAML or JSON file.

    Raises:
        InvalidPack: The file is missing, cannot be read, or is no valid pack; names every problem.
    """
    name = str(path)
    try:
        # One byte more than is allowed tells a file that is too large, devices that never end included.
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise _unreadable(name, "expected a pack file, found nothing there") from None
    except IsADirectoryError:
        raise _unreadable(name, "expected a pack file, found a folder") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise _unreadable(name, f"expected a file that can be read, but: {reason}") from None
    if len(content) > LARGEST:
        raise _unreadable(name, f"expected at most {LARGEST:,} bytes, found more")
    return parse_pack(_decoded(content, name), name)


def parse_pack(text: str, name: str) -> Pack:
    """Return the pack in a text of YAML, or of JSON where it starts with `{`; `name` is the file's, for messages.

    Raises:
        InvalidPack: It is no valid pack; names every problem.
    """
    text = text.removeprefix("\ufeff")
    if len(text) > LARGEST:
        raise _unreadable(name, f"expected at most {LARGEST:,} characters, found more")
    try:
        root = _nodes(text, name)
    except Unreadable as unreadable:
        raise InvalidPack(name, [unreadable.problem]) from None
    if root is None or (not isinstance(root, Mapping | Sequence) and root.value is None):
        raise _unreadable(name, "expected a pack, found an empty file")
    if not isinstance(root, Mapping):
        raise InvalidPack(
            name, [PackProblem(root.line, "(file)", "expected the fields of a pack, found something else")]
        )
    problems = [
        PackProblem(line, written(path), f"expected the field once, found it again (first in line {first})")
        for path, line, first in repeated(root)
    ]
    pack, more = _validated(root)
    problems += more
    problems += unconfirmed_problems(root)
    if problems or pack is None:
        problems.sort(key=lambda problem: problem.line)
        raise InvalidPack(name, _shortened(problems))
    return pack


def pack_digest(pack: Pack) -> str:
    """Return the SHA-256 (hex) of the pack's canonical JSON: the same content has the same digest in any format."""
    content = json.dumps(pack.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()


def _unreadable(name: str, message: str) -> InvalidPack:
    return InvalidPack(name, [PackProblem(1, "(file)", message)])


def _decoded(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"expected UTF-8, found the byte 0x{content[error.start]:02X} that is none"
        raise InvalidPack(name, [PackProblem(line, "(file)", message)]) from None


def _nodes(text: str, name: str) -> Node | None:
    if name.lower().endswith(".json") or text.lstrip(" \t\r\n").startswith("{"):
        return json_nodes(text) if text.strip() else None
    return yaml_nodes(text)


def _validated(root: Mapping) -> tuple[Pack | None, list[PackProblem]]:
    try:
        pack = Pack.model_validate(plain(root))
    except ValidationError as error:
        problems = problems_in(error, root)
        broken = _broken_posts(error)
    else:
        return pack, [problem_at(path, message, root) for path, message in rule_problems(pack)]
    # The checks between parts run on whole packs only. Nothing refers to a post, so where only posts are broken
    # the rest is checked without them, and its problems are told in the same go.
    return None, [*problems, *_problems_without(root, broken)] if broken else problems


def _broken_posts(error: ValidationError) -> frozenset[int]:
    """Return the places of the broken posts, or none where anything else is broken as well."""
    places: set[int] = set()
    for detail in error.errors(include_url=False, include_context=False, include_input=False):
        match detail["loc"]:
            case ("posts", int(place), *_):
                places.add(place)
            case _:
                return frozenset()
    return frozenset(places)


def _problems_without(root: Mapping, broken: frozenset[int]) -> list[PackProblem]:
    posts = root.get("posts")
    if posts is None or not isinstance(posts.node, Sequence):
        return []
    kept = [place for place in range(len(posts.node.items)) if place not in broken]
    rest = Sequence(posts.node.line, tuple(posts.node.items[place] for place in kept))
    entries = tuple(Entry(e.line, e.name, rest) if e is posts else e for e in root.entries)
    without = Mapping(root.line, entries)
    try:
        Pack.model_validate(plain(without))
    except ValidationError as error:
        return problems_in(error, without, posts=kept) if kept else []
    return []


def _shortened(problems: list[PackProblem]) -> list[PackProblem]:
    if len(problems) <= MOST_PROBLEMS:
        return problems
    last = PackProblem(problems[MOST_PROBLEMS].line, "(file)", "more problems follow; correct those above first")
    return [*problems[:MOST_PROBLEMS], last]
