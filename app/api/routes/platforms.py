"""Networks that posts can be composed for."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.desk import Open
from app.api.schemas.accounts import PlatformsOut, platform_out
from app.platforms.registry import NETWORKS

# What networks there are is no secret.
router = APIRouter(prefix="/platforms", tags=["accounts"], dependencies=[Open])


@router.get("")
def list_platforms() -> PlatformsOut:
    """List the networks with their limits, how posts can leave for them, and the secrets that they need."""
    return PlatformsOut(items=[platform_out(slug, network) for slug, network in NETWORKS.items()])
