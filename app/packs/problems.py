"""Pydantic's errors in plain words, each with its line in the file."""

from __future__ import annotations

import difflib
import typing
from collections.abc import Iterator
from collections.abc import Sequence as AnySequence
from itertools import islice

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from app.errors import PackProblem
from app.packs.nodes import Mapping, Node, Path, Scalar, Sequence, locate, written
from app.packs.schema import Pack

#: What was expected, in words, by Pydantic's error type; braces name values of the error's context.
_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "named fields",
    "model_type": "named fields",
    "model_attributes_type": "named fields",
    "string_too_long": "at most {max_length} characters",
    "literal_error": "{expected}",
    "enum": "{expected}",
    "too_short": "at least {min_length} entry",
    "too_long": "at most {max_length} entries",
    "greater_than_equal": "a number of at least {ge}",
    "less_than_equal": "a number of at most {le}",
}
_LONGEST = 60
#: A file broken all over is told of by its first problems; the rest would bury them, and take long to put in words.
MOST_PROBLEMS = 200
#: Fields whose pattern is best told by an example.
_BY_EXAMPLE = {
    "key": "lower-case letters, digits and single hyphens, such as w1-welcome",
    "code": "lower-case words with dots between, such as language.victim",
    "target": "a web address with its scheme, such as https://example.org/page",
    "link": "a web address with its scheme, such as https://example.org/page",
    "language": "a language tag such as en or es-US",
    "known_hosts": "a host name such as example.org",
}


def problems_in(error: ValidationError, root: Node, *, posts: AnySequence[int] | None = None) -> list[PackProblem]:
    """Return the errors as problems, the first `MOST_PROBLEMS` and one more.

    `posts` gives the posts' places in the file where some were left out.
    """
    return [problem_at(path, message, root, posts) for path, message in islice(_told(error, root), MOST_PROBLEMS + 1)]


def _told(error: ValidationError, root: Node) -> Iterator[tuple[Path, str]]:
    for detail in error.errors(include_url=False, include_input=False):
        if detail["type"] == "pack.whole":
            yield from detail["ctx"]["problems"]
        else:
            path = _path(detail)
            if _only_seems_short(detail, root, path):
                continue
            yield path, _in_plain_words(detail, path, root)


def _only_seems_short(detail: ErrorDetails, root: Node, path: Path) -> bool:
    """Tell whether a list is called too short only because entries with problems of their own were not counted."""
    if detail["type"] != "too_short":
        return False
    _, node = locate(root, path)
    return isinstance(node, Sequence) and len(node.items) >= detail["ctx"]["min_length"]


def _path(detail: ErrorDetails) -> Path:
    # Pydantic marks a mapping's key by a step of its own; the author knows it by the key alone.
    return tuple(step for step in detail["loc"] if step != "[key]")


def problem_at(path: Path, message: str, root: Node, posts: AnySequence[int] | None = None) -> PackProblem:
    """Return a problem with the line at which its path stands in the file."""
    line, _ = locate(root, path)
    if posts is not None and len(path) > 1 and path[0] == "posts" and isinstance(path[1], int):
        path = ("posts", posts[path[1]], *path[2:])
    return PackProblem(line, written(path), message)


def _in_plain_words(detail: ErrorDetails, path: Path, root: Node) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    _, node = locate(root, path)
    if kind == "pack":
        return detail["msg"]
    if kind == "missing":
        return f"expected this field{_description(path)}, found none"
    if kind == "extra_forbidden":
        return _unknown_field(path)
    return f"expected {_expectation(kind, context, path)}, found {_found(node)}"


def _expectation(kind: str, context: dict[str, typing.Any], path: Path) -> str:
    if kind == "string_pattern_mismatch":
        name = next((step for step in reversed(path) if isinstance(step, str)), "")
        return _BY_EXAMPLE.get(name, f"text of the form {context['pattern']}")
    template = _EXPECTED.get(kind)
    return template.format_map(context) if template else f"something else ({kind.replace('_', ' ')})"


def _found(node: Node | None) -> str:
    if isinstance(node, Mapping):
        return "named fields"
    if isinstance(node, Sequence):
        return "a list" if node.items else "an empty list"
    if node is None or node.value is None:
        return "nothing"
    return repr(_short(node))


def _short(node: Scalar) -> str:
    value = node.value or ""
    return value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"


def _unknown_field(path: Path) -> str:
    model = _model_at(path[:-1])
    known = sorted(model.model_fields) if model else []
    near = difflib.get_close_matches(str(path[-1])[:_LONGEST], known, n=1)
    if near:
        return f"unknown field; did you mean `{near[0]}`?"
    return f"unknown field; expected one of {', '.join(known)}" if known else "unknown field"


def _description(path: Path) -> str:
    model = _model_at(path[:-1])
    field = model.model_fields.get(str(path[-1])) if model else None
    if field is None or not field.description:
        return ""
    return f" ({field.description.rstrip('.')})"


def _model_at(path: Path) -> type[BaseModel] | None:
    """Return the schema's model that stands at a path, by walking the fields' types."""
    at: object = Pack
    for step in path:
        # A step into a list or a mapping stays at the kind of its entries, which `_inner` has found already.
        if isinstance(step, int):
            continue
        if isinstance(at, type) and issubclass(at, BaseModel):
            field = at.model_fields.get(step)
            at = _inner(field.annotation) if field else None
    return at if isinstance(at, type) and issubclass(at, BaseModel) else None


def _inner(annotation: object) -> object:
    """Return the model inside `tuple[Model, ...]`, `Model | None` and the like, or None."""
    if parts := typing.get_args(annotation):
        return next((found for part in parts if (found := _inner(part)) is not None), None)
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None
