from __future__ import annotations

from pathlib import Path

import pytest

from app.packs.bundled import bundled_pack_path, default_pack
from app.packs.reading import read_pack
from app.packs.schema import Pack

OTHER = Path(__file__).parents[2] / "fixtures" / "packs" / "agua-segura.yaml"


@pytest.fixture(scope="session")
def pack() -> Pack:
    return default_pack()


@pytest.fixture(scope="session")
def pack_yaml() -> str:
    return bundled_pack_path().read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def other() -> Pack:
    return read_pack(OTHER)


@pytest.fixture(scope="session")
def other_yaml() -> str:
    return OTHER.read_text(encoding="utf-8")
