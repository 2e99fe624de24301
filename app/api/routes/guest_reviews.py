"""Guest reviews: posts put before somebody who has no user here."""

# ruff: noqa: FAST003 - the link's token is read by `GuestDep`

from __future__ import annotations

from fastapi import APIRouter, Response

from app.api.desk import Open, WriteDesk
from app.api.guest import GuestDep, TokenPath, give_guest_cookie
from app.api.house import AskingDep, HouseDep
from app.api.paging import AskedDep, RowIdPath
from app.api.schemas.base import PageOut, moment
from app.api.schemas.problems import problems
from app.api.schemas.review_talk import (
    CodeIn,
    CommentIn,
    CommentOut,
    DoorOut,
    EnteredOut,
    GuestApprovalIn,
    GuestPostOut,
    GuestPostsOut,
    GuestReviewCreate,
    GuestReviewOut,
    NewGuestReviewOut,
    comment_out,
    door_out,
    guest_post_out,
    guest_review_out,
)
from app.api.schemas.reviews import ReturnIn
from app.services.approving import Word
from app.services.guest_access import enter, look_at_link, send_code
from app.services.guest_desk import guest_approve, guest_comment, guest_posts, guest_return
from app.services.guest_reviews import NewGuest, guest_reviews_page, invite_guest, refuse_other_post, revoke_guest
from app.services.review_comments import comments_page
from app.services.review_views import review_view

router = APIRouter(tags=["guest reviews"])


@router.get("/guest-reviews")
def list_guest_reviews(desk: WriteDesk, asked: AskedDep) -> PageOut[GuestReviewOut]:
    """List what was put before guests, newest first."""
    with desk.read() as scope:
        page = guest_reviews_page(scope, asked)
        return PageOut(items=[guest_review_out(row) for row in page.items], next_cursor=page.next_cursor)


@router.post("/guest-reviews", status_code=201, responses=problems(404, 409, 413, 415))
def invite_a_guest(desk: WriteDesk, body: GuestReviewCreate) -> NewGuestReviewOut:
    """Put posts before a guest. Give them the link; their code is mailed to them. Who decides is let by a reviewer."""
    new = NewGuest(body.email, body.post_ids, body.name or "", body.may_decide, body.expires)
    with desk.write() as scope:
        invited = invite_guest(scope, new, can_send=desk.letters.can_send)
        return NewGuestReviewOut(**guest_review_out(invited.row).model_dump(), token=invited.token)


@router.delete("/guest-reviews/{guest_review_id}", status_code=204, responses=problems(404, 409, 415))
def revoke_a_guest_review(desk: WriteDesk, guest_review_id: RowIdPath) -> None:
    """Let a guest in no longer."""
    with desk.write() as scope:
        revoke_guest(scope, guest_review_id)


@router.get("/guest/{token}", dependencies=[Open], responses=problems(404))
def look_at_a_guest_link(house: HouseDep, token: TokenPath) -> DoorOut:
    """Say what a guest's link is, before they have given their code."""
    return door_out(look_at_link(house, token))


@router.post("/guest/{token}/code", status_code=204, dependencies=[Open], responses=problems(404, 415, 502))
def send_a_guest_code(house: HouseDep, asking: AskingDep, token: TokenPath) -> None:
    """Mail a code of six digits to the guest. It holds for 15 minutes and may be tried five times."""
    send_code(house, asking, token)


@router.post("/guest/{token}/session", dependencies=[Open], responses=problems(404, 413, 415))
def come_in_as_a_guest(
    house: HouseDep, asking: AskingDep, token: TokenPath, body: CodeIn, response: Response
) -> EnteredOut:
    """Come in by the code. The session ends after 12 hours, or with the link."""
    entered = enter(house, asking, token, body.code)
    give_guest_cookie(response, house.settings, entered)
    return EnteredOut(session=entered.secret, expires=moment(entered.expires_at))


@router.get("/guest/{token}/posts", dependencies=[Open], responses=problems(404))
def list_guest_posts(house: HouseDep, guest: GuestDep) -> GuestPostsOut:
    """Show the exact parts of the posts that the guest was asked to look at."""
    with house.read(guest.who) as scope:
        return GuestPostsOut(items=[guest_post_out(view) for view in guest_posts(scope, guest)])


@router.get("/guest/{token}/posts/{post_id}/comments", dependencies=[Open], responses=problems(404))
def list_guest_comments(house: HouseDep, guest: GuestDep, post_id: RowIdPath, asked: AskedDep) -> PageOut[CommentOut]:
    """List what the guest said of a post."""
    with house.read(guest.who) as scope:
        refuse_other_post(guest.row, post_id)
        page = comments_page(scope, post_id, asked, said_by=guest.who.name)
        return PageOut(items=[comment_out(row) for row in page.items], next_cursor=page.next_cursor)


@router.post(
    "/guest/{token}/posts/{post_id}/comments", status_code=201, dependencies=[Open], responses=problems(404, 413, 415)
)
def comment_as_a_guest(house: HouseDep, guest: GuestDep, post_id: RowIdPath, body: CommentIn) -> CommentOut:
    """Say something of a post as a guest."""
    with house.write(guest.who) as scope:
        return comment_out(guest_comment(scope, guest, post_id, body.text))


@router.post("/guest/{token}/posts/{post_id}/approve", dependencies=[Open], responses=problems(404, 409, 413, 415))
def approve_as_a_guest(house: HouseDep, guest: GuestDep, post_id: RowIdPath, body: GuestApprovalIn) -> GuestPostOut:
    """Approve parts exactly as the guest saw them."""
    word = Word(frozenset(body.acknowledged), tuple(body.digests), second=body.second)
    with house.write(guest.who) as scope:
        guest_approve(scope, guest, post_id, word)
        return guest_post_out(review_view(scope, post_id))


@router.post("/guest/{token}/posts/{post_id}/return", dependencies=[Open], responses=problems(404, 409, 413, 415))
def return_as_a_guest(house: HouseDep, guest: GuestDep, post_id: RowIdPath, body: ReturnIn) -> GuestPostOut:
    """Give a post back with a reason, as a guest."""
    with house.write(guest.who) as scope:
        guest_return(scope, guest, post_id, body.reason)
        return guest_post_out(review_view(scope, post_id))
