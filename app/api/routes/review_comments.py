"""Comments on posts."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.desk import ViewDesk, WriteDesk
from app.api.paging import AskedDep, RowIdPath
from app.api.schemas.base import PageOut
from app.api.schemas.problems import problems
from app.api.schemas.review_talk import CommentIn, CommentOut, comment_out
from app.services.review_comments import comment, comments_page, settle_comment

router = APIRouter(tags=["reviews"])


@router.get("/posts/{post_id}/comments", responses=problems(404))
def list_comments(desk: ViewDesk, post_id: RowIdPath, asked: AskedDep) -> PageOut[CommentOut]:
    """List what was said of a post, oldest first."""
    with desk.read() as scope:
        page = comments_page(scope, post_id, asked)
        return PageOut(items=[comment_out(row) for row in page.items], next_cursor=page.next_cursor)


@router.post("/posts/{post_id}/comments", status_code=201, responses=problems(404, 413, 415))
def comment_on_a_post(desk: WriteDesk, post_id: RowIdPath, body: CommentIn) -> CommentOut:
    """Say something of a post."""
    with desk.write() as scope:
        return comment_out(comment(scope, post_id, body.text))


@router.post("/comments/{comment_id}/settle", responses=problems(404, 409, 415))
def settle_a_comment(desk: WriteDesk, comment_id: RowIdPath) -> CommentOut:
    """Mark a comment settled."""
    with desk.write() as scope:
        return comment_out(settle_comment(scope, comment_id))
