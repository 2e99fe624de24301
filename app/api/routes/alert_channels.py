"""Alert channels: who is told of which alerts, and how."""

from __future__ import annotations

from fastapi import APIRouter, Response

from app.api.desk import AdminDesk, ViewDesk
from app.api.etags import READ, EditDep, LookDep, edition, tag, tagged
from app.api.paging import AskedDep, RowIdPath
from app.api.schemas.alerts import (
    AlertChannelChange,
    AlertChannelCreate,
    AlertChannelOut,
    NewAlertChannelOut,
    SecretOut,
    TestedOut,
    channel_out,
    channel_values,
    tested_out,
)
from app.api.schemas.base import PageOut
from app.api.schemas.problems import problems
from app.models import AlertChannel
from app.services.alerting import channels as service

router = APIRouter(prefix="/alert-channels", tags=["alerts"])

#: What a change can change; the rest changes by itself.
_EDITED = ("name", "target", "kinds", "digest_minutes", "state")


@router.get("", responses=problems())
def list_alert_channels(desk: ViewDesk, asked: AskedDep) -> PageOut[AlertChannelOut]:
    """List the channels by name."""
    with desk.read() as scope:
        page = service.channels_page(scope, asked)
        return PageOut(items=[channel_out(row) for row in page.items], next_cursor=page.next_cursor)


@router.post("", status_code=201, responses=problems(409, 413, 415))
def create_an_alert_channel(desk: AdminDesk, body: AlertChannelCreate, response: Response) -> NewAlertChannelOut:
    """Add a channel. It is told at once of what is open now. A webhook's signing secret is shown this one time."""
    with desk.write() as scope:
        channel, secret = service.add_channel(scope, desk.alerting, lambda: desk.vault, body.value())
        answer = NewAlertChannelOut(**channel_values(channel), secret=secret)
    response.headers["Location"] = f"/api/v1/alert-channels/{answer.id}"
    return answer


@router.get("/{channel_id}", responses=READ | problems(404))
def read_an_alert_channel(desk: ViewDesk, channel_id: RowIdPath, look: LookDep, response: Response) -> AlertChannelOut:
    """Read a channel, without its secret."""
    with desk.read() as scope:
        answer = channel_out(scope.get(AlertChannel, channel_id))
    tag(response, answer, edition(answer, *_EDITED))
    look.refuse_known(response)
    return answer


@router.patch("/{channel_id}", responses=tagged() | problems(404, 409, 412, 413, 415))
def change_an_alert_channel(
    desk: AdminDesk, channel_id: RowIdPath, body: AlertChannelChange, edit: EditDep, response: Response
) -> AlertChannelOut:
    """Change a channel, or turn it off and on."""
    with desk.write() as scope:
        channel = scope.get(AlertChannel, channel_id, lock=True)
        edit.require(edition(channel_out(channel), *_EDITED))
        answer = channel_out(service.change_channel(scope, desk.alerting, channel, body.values()))
    tag(response, answer, edition(answer, *_EDITED))
    return answer


@router.delete("/{channel_id}", status_code=204, responses=problems(404, 415))
def remove_an_alert_channel(desk: AdminDesk, channel_id: RowIdPath) -> None:
    """Remove a channel and what waits to be sent over it. The alerts stay on record."""
    with desk.write() as scope:
        service.remove_channel(scope, scope.get(AlertChannel, channel_id, lock=True))


@router.post("/{channel_id}/test", responses=problems(404, 415))
def test_an_alert_channel(desk: AdminDesk, channel_id: RowIdPath) -> TestedOut:
    """Send a test message now and say what happened."""
    return tested_out(service.try_channel(desk, channel_id))


@router.post("/{channel_id}/new-secret", responses=problems(404, 409, 415))
def renew_the_secret_of_an_alert_channel(desk: AdminDesk, channel_id: RowIdPath) -> SecretOut:
    """Give a webhook a new signing secret, shown this one time. The old one signs nothing from now on."""
    with desk.write() as scope:
        channel = scope.get(AlertChannel, channel_id, lock=True)
        return SecretOut(secret=service.renew_secret(scope, lambda: desk.vault, channel))
