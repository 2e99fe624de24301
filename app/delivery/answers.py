"""What a network answers, as the database can keep it: a hostile or broken server must not cost us the outcome."""

from __future__ import annotations

from dataclasses import replace

from app.platforms.results import (
    AuthNeeded,
    CannotTell,
    FindResult,
    Found,
    HandedOver,
    Permanent,
    Published,
    PublishResult,
    RemoteRef,
    Retryable,
    Unknown,
)

_LONGEST_DETAIL = 2000
_LONGEST_CODE = 64
_LONGEST_ID = 500
_LONGEST_ADDRESS = 1000
_NO_ID = "The network's answer names no id that can be kept."


def kept_result(result: PublishResult) -> PublishResult:
    """Return a publishing call's result with what cannot be kept cut away.

    A `Published` without a usable id is `Unknown`: nobody could tell later which post it was.
    """
    match result:
        case Published():
            ref = kept_ref(result.ref)
            return Unknown("platform.contract", _NO_ID) if ref is None else replace(result, ref=ref)
        case Retryable() | Permanent() | AuthNeeded() | Unknown():
            return replace(result, code=words(result.code, _LONGEST_CODE), detail=words(result.detail))
        case HandedOver():
            return result


def kept_find(result: FindResult, taken: frozenset[str]) -> FindResult:
    """Return a look's result; a post without a usable id, or recorded elsewhere (`taken`), is no proof."""
    match result:
        case Found():
            ref = kept_ref(result.ref)
            if ref is None:
                return CannotTell(_NO_ID)
            if ref.remote_id in taken:
                return CannotTell("The post that was found belongs to another delivery.")
            return replace(result, ref=ref)
        case CannotTell():
            return replace(result, reason=words(result.reason))
        case _:
            return result


def kept_ref(ref: RemoteRef) -> RemoteRef | None:
    """Return a ref without an address that cannot be kept, or None where its id cannot."""
    if not ref.remote_id or words(ref.remote_id, _LONGEST_ID) != ref.remote_id:
        return None
    url = ref.url if ref.url and words(ref.url, _LONGEST_ADDRESS) == ref.url else None
    return RemoteRef(ref.remote_id, url, {words(name): words(value) for name, value in ref.extra.items()})


def words(text: str, longest: int = _LONGEST_DETAIL) -> str:
    """Return a text without NUL and lone surrogates, which no database takes, cut to `longest` code points."""
    return text[:longest].replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode("utf-8")
