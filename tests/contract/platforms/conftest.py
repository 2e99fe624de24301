from __future__ import annotations

import os

import pytest
from bluesky_double import BlueskyDouble
from mastodon_double import MastodonDouble
from real_pds import FOLDER, RealPds, Relay, set_up
from rigs import BlueskyRig, MastodonRig, PdsRig, SandboxRig


@pytest.fixture(scope="session")
def real_pds(tmp_path_factory):
    """The real server, once for the whole run; skipped with the reason where it cannot run, but never in CI."""
    setup = set_up()
    lacking = setup.missing(FOLDER)
    if lacking is not None:
        (pytest.fail if os.environ.get("CI", "").lower() == "true" else pytest.skip)(lacking)
    pds = RealPds(setup.find_node(), tmp_path_factory.mktemp("pds"))
    yield pds
    pds.close()


@pytest.fixture
def mastodon():
    with MastodonDouble() as double:
        yield MastodonRig(double)


@pytest.fixture
def bluesky():
    with BlueskyDouble() as double:
        yield BlueskyRig(double)


@pytest.fixture
def pds(real_pds):
    with Relay(real_pds) as relay:
        yield PdsRig(real_pds, relay)


@pytest.fixture
def sandbox():
    return SandboxRig()


@pytest.fixture(params=["sandbox", "mastodon", "bluesky", pytest.param("pds", marks=pytest.mark.node)])
def rig(request):
    """Every platform that publishes by itself."""
    return request.getfixturevalue(request.param)
