"""Posts: written, changed, looked at as each network would get them, checked."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from app.api.desk import ViewDesk, WriteDesk
from app.api.etags import READ, EditDep, LookDep, tag, tagged
from app.api.paging import PLAIN_SLUG, PLAIN_WORDS, AskedDep, ReviewState, RowIdPath
from app.api.schemas.base import PageOut, PartOut, finding_out
from app.api.schemas.checks import CheckOut, PostCheckIn, check_out
from app.api.schemas.posts import PostChange, PostCreate, PostOut, PreviewOut, PreviewsOut, post_out
from app.api.schemas.problems import problems
from app.models import Campaign, Post
from app.services.checks import PostPreview, check_post, preview_post
from app.services.post_lists import WantedPosts, posts_page
from app.services.post_removal import delete_post
from app.services.posts import change_post, create_post, post_to_change
from app.services.scope import Scope
from app.services.voices import variants_of

router = APIRouter(prefix="/posts", tags=["posts"])


@router.get("", responses=problems(404))
def list_posts(
    desk: ViewDesk,
    asked: AskedDep,
    campaign_id: Annotated[int, Query(ge=1, le=2**63 - 1, description="The campaign whose posts are listed.")],
    week: Annotated[int | None, Query(ge=1, le=99, description="Only posts of this focus week.")] = None,
    language: Annotated[
        str | None, Query(max_length=35, pattern=r"^[A-Za-z0-9-]+$", description="Only posts in this language.")
    ] = None,
    text: Annotated[
        str | None,
        Query(
            min_length=1,
            max_length=200,
            pattern=PLAIN_WORDS,
            description="Only posts that say this, in the text or a variant, in any case.",
        ),
    ] = None,
    left_out: Annotated[
        bool | None, Query(description="Only posts that are left out of every plan, or only those that are not.")
    ] = None,
    review_state: Annotated[ReviewState | None, Query(description="Only posts that stand so in review.")] = None,
    platform: Annotated[
        str | None, Query(max_length=60, pattern=PLAIN_SLUG, description="Only posts that are for this network.")
    ] = None,
    sort: Annotated[
        Literal["position", "-position", "updated", "-updated", "week", "-week"],
        Query(description="The pack's order, the last change, or the focus week; with - the other way round."),
    ] = "position",
) -> PageOut[PostOut]:
    """List a campaign's posts, in the pack's order unless another is asked for."""
    wanted = WantedPosts(week, language, text, left_out, review_state, platform, sort)
    with desk.read() as scope:
        campaign = scope.get(Campaign, campaign_id)
        page = posts_page(scope, campaign, wanted, asked)
        variants = variants_of(scope.session, page.items)
        items = [post_out(post, variants[post.id], campaign.time_zone) for post in page.items]
        return PageOut(items=items, next_cursor=page.next_cursor)


@router.post("", status_code=201, responses=tagged(201) | problems(404, 409, 413, 415))
def create_a_post(desk: WriteDesk, body: PostCreate, response: Response) -> PostOut:
    """Add a post at the end of a campaign. It is planned with the next plan."""
    with desk.write() as scope:
        campaign = scope.get(Campaign, body.campaign_id, lock=True)
        answer = _out(scope, create_post(scope, campaign, body.values()))
    tag(response, answer, answer.version)
    response.headers["Location"] = f"/api/v1/posts/{answer.id}"
    return answer


@router.get("/{post_id}", responses=READ | problems(404))
def read_a_post(desk: ViewDesk, post_id: RowIdPath, look: LookDep, response: Response) -> PostOut:
    """Read a post as it is written, before anything is added."""
    with desk.read() as scope:
        answer = _out(scope, scope.get(Post, post_id))
    tag(response, answer, answer.version)
    look.refuse_known(response)
    return answer


@router.patch("/{post_id}", responses=tagged() | problems(404, 409, 412, 413, 415))
def change_a_post(desk: WriteDesk, post_id: RowIdPath, body: PostChange, edit: EditDep, response: Response) -> PostOut:
    """Change a post. What is out already keeps its text; what is ahead goes out with the new one."""
    with desk.write() as scope:
        post = post_to_change(scope, post_id)
        edit.require(post.version)
        answer = _out(scope, change_post(scope, post, body.values()))
    tag(response, answer, answer.version)
    return answer


@router.delete("/{post_id}", status_code=204, responses=problems(404, 409, 412, 415))
def delete_a_post(desk: WriteDesk, post_id: RowIdPath, edit: EditDep) -> None:
    """Delete a post of which nothing was ever attempted, with what is planned of it. The audit trail keeps it."""
    with desk.write() as scope:
        post = post_to_change(scope, post_id)
        edit.require(post.version)
        delete_post(scope, post, scope.get(Campaign, post.campaign_id))


@router.get("/{post_id}/preview", responses=problems(404))
def preview_a_post(
    desk: ViewDesk,
    post_id: RowIdPath,
    platform: Annotated[
        str | None, Query(max_length=60, description="A network; without it, every account that the post is for.")
    ] = None,
) -> PreviewsOut:
    """Show the exact parts that would go out as things stand, and what the rules say of them."""
    with desk.read() as scope:
        previews = preview_post(scope, desk.platforms, scope.get(Post, post_id), platform=platform)
        return PreviewsOut(items=[_preview(preview) for preview in previews])


@router.post("/{post_id}/check", responses=problems(404, 413, 415))
def check_a_post(desk: ViewDesk, post_id: RowIdPath, body: PostCheckIn | None = None) -> CheckOut:
    """Check a post's own text as it stands, nothing added."""
    platform = None if body is None else body.platform
    with desk.read() as scope:
        return check_out(check_post(scope, scope.get(Post, post_id), platform=platform))


def _out(scope: Scope, post: Post) -> PostOut:
    campaign = scope.get(Campaign, post.campaign_id)
    return post_out(post, variants_of(scope.session, [post])[post.id], campaign.time_zone)


def _preview(preview: PostPreview) -> PreviewOut:
    return PreviewOut(
        platform=preview.platform,
        account=preview.account,
        sendable=preview.sendable,
        parts=[PartOut(text=part.text, length=part.length) for part in preview.composition.parts],
        limit=preview.limit,
        mention_added=preview.composition.mention_added,
        findings=[finding_out(finding) for finding in preview.findings],
    )
