"""The house, as the API's routes ask for it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from app.services.house import House


def _house(request: Request) -> House:
    house: House = request.app.state.house
    return house


HouseDep = Annotated[House, Depends(_house)]
