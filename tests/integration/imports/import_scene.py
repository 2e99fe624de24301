"""Short words for tests of imports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from app.bootstrap import House
from app.models import AuditEvent, Campaign, ImportRow, ImportRun, Post, Variant
from app.services.imports.doing import commit_file
from app.services.imports.previews import compare, judge, read_file
from app.services.imports.targets import ground_of
from app.services.imports.undoing import undo
from app.services.imports.values import Asked, Fix, Preview, RowView, Which
from app.services.plans import commit_plan, preview_plan

NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
CALL = "Call 1-888-373-7888. #Partner2Prevent"


@dataclass
class Importing:
    house: House
    campaign_id: int
    said: list[tuple[int, int]] = field(default_factory=list)

    def _asked(self, content: str | bytes, name: str, fixes: Sequence[Fix], options: dict[str, Any]) -> Asked:
        return Asked(name, content.encode() if isinstance(content, str) else content, options, fixes)

    def preview(
        self, content: str | bytes, name: str = "posts.csv", *, fixes: Sequence[Fix] = (), **options: Any
    ) -> Preview:
        with self.house.read() as scope:
            campaign = scope.get(Campaign, self.campaign_id)
            ground = ground_of(scope, campaign)
            found = read_file(self._asked(content, name, fixes, options), ground)
            judge(found, ground)
            compare(scope, campaign, found)
            return found

    def commit(
        self, content: str | bytes, which: str = "all", name: str = "posts.csv", *, fixes: Sequence[Fix] = (),
        **options: Any,
    ) -> ImportRun:  # fmt: skip
        with self.house.write() as scope:
            campaign = scope.get(Campaign, self.campaign_id, lock=True)
            asked = self._asked(content, name, fixes, options)
            found = read_file(asked, ground_of(scope, campaign))
            return commit_file(
                scope, campaign, asked, found, Which(which), lambda done, total: self.said.append((done, total))
            )

    def undo(self, run_id: int) -> ImportRun:
        with self.house.write() as scope:
            return undo(scope, run_id)

    def posts(self, *, own: bool = True) -> dict[str, Post]:
        """The campaign's posts by key; `own` leaves the toolkit's out."""
        with self.house.read() as scope:
            posts = scope.session.scalars(scope.query(Post).order_by(Post.position, Post.id)).all()
            return {post.key: post for post in posts if not own or post.source_digest is not None}

    def variants(self, post: Post) -> dict[str, str]:
        with self.house.read() as scope:
            rows = scope.session.scalars(scope.query(Variant).where(Variant.post_id == post.id))
            return {row.platform: row.text for row in rows}

    def rows(self, run: ImportRun) -> list[ImportRow]:
        with self.house.read() as scope:
            query = scope.query(ImportRow).where(ImportRow.import_run_id == run.id).order_by(ImportRow.row)
            return list(scope.session.scalars(query))

    def noted(self, subject: str) -> list[AuditEvent]:
        with self.house.read_instance() as scope:
            query = scope.session.query(AuditEvent).where(AuditEvent.subject == subject).order_by(AuditEvent.id)
            return list(query)

    def plan(self) -> None:
        with self.house.write() as scope:
            campaign = scope.get(Campaign, self.campaign_id, lock=True)
            commit_plan(scope, campaign, preview_plan(scope, campaign).digest)


def actions(preview: Preview) -> list[str]:
    return [view.action.value for view in preview.rows]


def codes(view: RowView) -> set[str]:
    return {one.finding.code for one in view.judged.findings}
