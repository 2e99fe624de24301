"""Webhooks: other systems that are told what happens, and the log of what they were told."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.api.desk import AdminDesk, Open, ViewDesk
from app.api.etags import READ, EditDep, LookDep, edition, tag, tagged
from app.api.paging import AskedDep, RowIdPath
from app.api.schemas.base import PageOut
from app.api.schemas.problems import problems
from app.api.schemas.webhooks import (
    NewWebhookOut,
    WebhookChange,
    WebhookCreate,
    WebhookKindsOut,
    WebhookMessageOut,
    WebhookOut,
    WebhookSecretOut,
    WebhookTriedOut,
    kind_out,
    message_out,
    tried_out,
    webhook_out,
    webhook_values,
)
from app.models import Webhook, WebhookMessage
from app.services.scope import Scope
from app.services.webhooks import endpoints, log
from app.services.webhooks.kinds import KINDS

router = APIRouter(tags=["webhooks"])

#: What a change can change; the rest changes by itself.
_EDITED = ("url", "description", "kinds", "state")


@router.get("/webhook-kinds", dependencies=[Open], responses=problems())
def list_webhook_kinds() -> WebhookKindsOut:
    """List the kinds of news, with the type under which each is sent."""
    return WebhookKindsOut(items=[kind_out(kind) for kind in KINDS])


@router.get("/webhooks", responses=problems())
def list_webhooks(desk: ViewDesk, asked: AskedDep) -> PageOut[WebhookOut]:
    """List the webhooks, the oldest first."""
    with desk.read() as scope:
        page = endpoints.webhooks_page(scope, asked)
        return PageOut(items=[webhook_out(row) for row in page.items], next_cursor=page.next_cursor)


@router.post("/webhooks", status_code=201, responses=problems(409, 413, 415))
def create_a_webhook(desk: AdminDesk, body: WebhookCreate, response: Response) -> NewWebhookOut:
    """Add a webhook. It is told of what happens from now on. Its signing secret is shown this one time."""
    with desk.write() as scope:
        webhook, secret = endpoints.add_webhook(
            scope, lambda: desk.vault, body.value(), allow_private=desk.webhooks.allow_private
        )
        answer = NewWebhookOut(**webhook_values(webhook), secret=secret)
    response.headers["Location"] = f"/api/v1/webhooks/{answer.id}"
    return answer


@router.get("/webhooks/{webhook_id}", responses=READ | problems(404))
def read_a_webhook(desk: ViewDesk, webhook_id: RowIdPath, look: LookDep, response: Response) -> WebhookOut:
    """Read a webhook, without its secret."""
    with desk.read() as scope:
        answer = webhook_out(scope.get(Webhook, webhook_id))
    tag(response, answer, edition(answer, *_EDITED))
    look.refuse_known(response)
    return answer


@router.patch("/webhooks/{webhook_id}", responses=tagged() | problems(404, 409, 412, 413, 415))
def change_a_webhook(
    desk: AdminDesk, webhook_id: RowIdPath, body: WebhookChange, edit: EditDep, response: Response
) -> WebhookOut:
    """Change a webhook, or turn it off and on. What happens while it is off is not told later."""
    with desk.write() as scope:
        webhook = scope.get(Webhook, webhook_id, lock=True)
        edit.require(edition(webhook_out(webhook), *_EDITED))
        allow_private = desk.webhooks.allow_private
        answer = webhook_out(endpoints.change_webhook(scope, webhook, body.values(), allow_private=allow_private))
    tag(response, answer, edition(answer, *_EDITED))
    return answer


@router.delete("/webhooks/{webhook_id}", status_code=204, responses=problems(404, 415))
def remove_a_webhook(desk: AdminDesk, webhook_id: RowIdPath) -> None:
    """Remove a webhook with its log, and what waits to be sent."""
    with desk.write() as scope:
        endpoints.remove_webhook(scope, scope.get(Webhook, webhook_id, lock=True))


@router.post("/webhooks/{webhook_id}/new-secret", responses=problems(404, 415))
def renew_the_secret_of_a_webhook(desk: AdminDesk, webhook_id: RowIdPath) -> WebhookSecretOut:
    """Give a webhook a new signing secret, shown this one time. For a day each message carries both signatures."""
    with desk.write() as scope:
        webhook = scope.get(Webhook, webhook_id, lock=True)
        return WebhookSecretOut(secret=endpoints.renew_secret(scope, lambda: desk.vault, webhook))


@router.post("/webhooks/{webhook_id}/test", responses=problems(404, 415))
def test_a_webhook(desk: AdminDesk, webhook_id: RowIdPath) -> WebhookTriedOut:
    """Send a test message now, once, and say what happened."""
    return tried_out(endpoints.try_webhook(desk, webhook_id))


@router.get("/webhooks/{webhook_id}/messages", responses=problems(404))
def list_messages_of_a_webhook(
    desk: ViewDesk,
    webhook_id: RowIdPath,
    asked: AskedDep,
    state: Annotated[log.MessageState | None, Query(description="Only those that stand so.")] = None,
    kind: Annotated[str | None, Query(pattern=r"^[a-z_]{1,32}$", description="Only of this kind.")] = None,
) -> PageOut[WebhookMessageOut]:
    """List what a webhook was told in the last 30 days, the newest first, with every try."""
    with desk.read() as scope:
        page = log.messages_page(scope, scope.get(Webhook, webhook_id), asked, state=state, kind=kind)
        tries = log.tries_of(scope, page.items)
        items = [message_out(message, tries[message.id]) for message in page.items]
        return PageOut(items=items, next_cursor=page.next_cursor)


@router.get("/webhooks/{webhook_id}/messages/{message_id}", responses=problems(404))
def read_a_message_of_a_webhook(desk: ViewDesk, webhook_id: RowIdPath, message_id: RowIdPath) -> WebhookMessageOut:
    """Read one message with every try."""
    with desk.read() as scope:
        return _out(scope, log.message_of(scope, scope.get(Webhook, webhook_id), message_id))


@router.post("/webhooks/{webhook_id}/messages/{message_id}/resend", responses=problems(404, 409, 415))
def resend_a_message_of_a_webhook(desk: AdminDesk, webhook_id: RowIdPath, message_id: RowIdPath) -> WebhookMessageOut:
    """Have a message sent again within seconds, with the same id."""
    with desk.write() as scope:
        webhook = scope.get(Webhook, webhook_id, lock=True)
        return _out(scope, log.resend(scope, webhook, message_id))


def _out(scope: Scope, message: WebhookMessage) -> WebhookMessageOut:
    return message_out(message, log.tries_of(scope, [message])[message.id])
