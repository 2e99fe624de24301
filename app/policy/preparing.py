"""What a rule makes of a policy is made once and kept while the policy is in use."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, update_wrapper
from typing import Generic, TypeVar

from app.policy.policy import Policy

T = TypeVar("T")

#: How many policies are kept: a process serves some dozens of campaigns at a time.
_KEPT = 64


class PerPolicy(Generic[T]):
    """A function of a policy whose results are kept.

    The same object is recognised by its identity, for hashing a large policy takes longer than checking a text; an
    equal policy built anew is recognised by its value.
    """

    def __init__(self, prepare: Callable[[Policy], T]) -> None:
        self._by_value = lru_cache(maxsize=_KEPT)(prepare)
        # The policy is kept with its result, so that its identity cannot pass to another one.
        self._by_identity: dict[int, tuple[Policy, T]] = {}
        update_wrapper(self, prepare)

    def __call__(self, policy: Policy) -> T:
        """Return what was prepared from this policy, preparing it now if it was not."""
        kept = self._by_identity.get(id(policy))
        if kept is not None:
            return kept[1]
        result = self._by_value(policy)
        if len(self._by_identity) >= _KEPT:
            self._by_identity.clear()
        self._by_identity[id(policy)] = (policy, result)
        return result


def per_policy(prepare: Callable[[Policy], T]) -> PerPolicy[T]:
    """Keep what a function prepares from a policy."""
    return PerPolicy(prepare)
