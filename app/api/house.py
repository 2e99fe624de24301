"""The house, as the API's routes ask for it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from app.identity.authentication import Asking
from app.services.house import House
from app.web.asking import asking


async def _house(request: Request) -> House:
    # It waits for nothing; as a plain function it would take a thread, and health must answer where none is free.
    house: House = request.app.state.house
    return house


HouseDep = Annotated[House, Depends(_house)]

#: What a request brings along, for routes that everybody may ask.
AskingDep = Annotated[Asking, Depends(asking)]
