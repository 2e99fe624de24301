"""Every way in which a call can go wrong, on the real wire, for a real worker."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.faults.house_scene import Scene
from tests.faults.platform_accounts import Manner
from tests.faults.platform_faults import LOOK, PUBLISH

#: After which faults on the publishing call a delivery fails: the network's no to a text is final.
_FAILS = {"mastodon": {"moved", "refused_text", "expired_token"}, "bluesky": {"moved", "refused_text"}}


def _manners(network: str, faults: object) -> list[Manner]:
    return [Manner(f"{network}-{name}".replace("_", "-"), network=network) for name in faults]


@pytest.mark.parametrize("network", ["mastodon", "bluesky"])
class TestPublishingCall:
    def test_that_goes_wrong_in_any_way_ends_in_a_true_state(self, scene: Callable[..., Scene], network: str) -> None:
        manners = _manners(network, PUBLISH)
        with scene(manners=manners) as stage:
            for manner, fault in zip(manners, PUBLISH, strict=True):
                stage.networks.script(manner.name, "publish", fault)
            stage.plan(2, thread_every=2)
            worker = stage.worker(threads=16)
            stage.settle()
            worker.stop()
            found = stage.truth.compare()
            assert not found.wrong, stage.said()
            assert not stage.truth.too_early(), stage.said()
            fail = {m.name for m, fault in zip(manners, PUBLISH, strict=True) if fault in _FAILS[network]}
            assert stage.in_state("failed") == fail
            assert found.states == {"failed": len(fail), "published": 2 * len(manners) - len(fail)}


@pytest.mark.parametrize("network", ["mastodon", "bluesky"])
class TestLook:
    def test_that_goes_wrong_in_any_way_never_has_a_post_sent_twice(
        self, scene: Callable[..., Scene], network: str
    ) -> None:
        manners = _manners(network, LOOK)
        with scene(manners=manners) as stage:
            for manner, fault in zip(manners, LOOK, strict=True):
                stage.networks.script(manner.name, "publish", "reset_after")
                stage.networks.script(manner.name, "look", fault)
            stage.plan(1)
            worker = stage.worker(threads=16)
            stage.settle()
            worker.stop()
            assert not stage.truth.compare().wrong, stage.said()
