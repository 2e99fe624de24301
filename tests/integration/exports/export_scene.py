"""Short words for tests of exports, and texts that break careless files."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from openpyxl import load_workbook

from app.bootstrap import House
from app.models import Account, Campaign, Delivery, Post
from app.services.approvals import approve_everything
from app.services.exports import Export, ExportFormat, export_campaign
from app.services.imports.previews import compare, read_file
from app.services.imports.targets import ground_of
from app.services.imports.values import Asked, Preview
from app.services.plans import commit_plan, preview_plan
from app.services.posts import change_post, create_post

NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
#: Texts that a spreadsheet would calculate, part, or lose.
NASTY = [
    "=SUM(1;2)",
    "+1 for #Partner2Prevent",
    "-a dash",
    "@POTUS has called on us.",
    "\ttab first",
    "'=quoted formula",
    "''+twice quoted",
    "'plain apostrophe",
    'Quotes "inside", commas; semicolons\nand lines\n\nand 日本語 🫶🏽',
    "  spaces at both ends  ",
    "null",
    "0123",
    "https://example.org/a?b=c&d=e#f",
]


@dataclass
class Exporting:
    house: House
    campaign_id: int

    def export(self, form: str, account: str | None = None) -> Export:
        with self.house.read() as scope:
            campaign = scope.get(Campaign, self.campaign_id)
            return export_campaign(scope, self.house.platforms, campaign, ExportFormat(form), account=account)

    def preview(self, content: bytes, name: str, options: dict[str, Any] | None = None) -> Preview:
        with self.house.read() as scope:
            campaign = scope.get(Campaign, self.campaign_id)
            found = read_file(Asked(name, content, options or {}), ground_of(scope, campaign))
            compare(scope, campaign, found)
            return found

    def add_posts(self, *texts: str, **values: Any) -> list[str]:
        with self.house.write() as scope:
            campaign = scope.get(Campaign, self.campaign_id, lock=True)
            return [create_post(scope, campaign, {"week": 1, "text": text} | values).key for text in texts]

    def change(self, key: str, **values: Any) -> None:
        with self.house.write() as scope:
            post = scope.session.scalars(scope.query(Post).where(Post.key == key)).one()
            post.media = values.pop("media", post.media)
            post.tags = values.pop("tags", post.tags)
            post.at = values.pop("at", post.at)
            change_post(scope, post, values)

    def make_nasty(self) -> None:
        """Give the campaign everything that a file may lose."""
        self.add_posts(*NASTY)
        self.change(
            "w1-kickoff-partner-in-your-community",
            variants={"x": "=x", "bluesky": "Two\nlines"},
            pins=[date(2027, 1, 3), date(2027, 1, 28)],
            platforms=["x", "bluesky"],
            accounts=["our-mastodon"],
            media=[
                {"url": "https://example.org/a.png", "alt": None},
                {"url": "https://example.org/c.png", "alt": "A, b"},
            ],
            tags=["one", "two words"],
            at=datetime(2027, 1, 4, 14, 5, tzinfo=UTC),
        )
        self.change("w2-federal-housing-programs", left_out="Not for us", section="=Section", links=[
            {"visible": "Housing", "target": None},
            {"visible": "Learn", "target": "https://example.org/learn"},
        ])  # fmt: skip

    def plan(self) -> None:
        with self.house.write() as scope:
            campaign = scope.get(Campaign, self.campaign_id, lock=True)
            commit_plan(scope, campaign, preview_plan(scope, campaign).digest)
            approve_everything(scope, campaign, by="a reviewer")

    def planned(self, account: str = "our-mastodon") -> list[Delivery]:
        with self.house.read() as scope:
            query = scope.query(Delivery).join(Account, Account.id == Delivery.account_id)
            query = query.where(Account.slug == account).order_by(Delivery.due_at, Delivery.id)
            return list(scope.session.scalars(query))


def workbook_cells(content: bytes) -> list[list[Any]]:
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    return [list(row) for row in sheet.iter_rows()]
