"""Whatever is edited, filled in, turned up or down and approved in whatever order: only what is approved goes out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from review_agency import CLEAN, START, Agency, open_agency

from app.bootstrap import House
from app.clock import VirtualClock
from app.delivery.options import EngineOptions
from app.errors import FocusweekError
from app.models import Account, Approval, Attempt, AttemptPart, Campaign, Post, State
from app.packs.bundled import default_pack
from app.platforms.base import Via
from app.services.approvals import approve
from app.services.approving import Word
from app.services.campaigns import change_settings, create_campaign, set_fill_ins
from app.services.posts import change_post, create_post
from app.services.reviews import return_post
from app.settings import Settings

PACK = default_pack()
FILL_IN = next(one for one in PACK.fill_ins if one.kind == "text")
PLATFORMS = ("bluesky", "mastodon", "x")
TEXTS = (
    CLEAN,
    f"{CLEAN} Stand with every victim.",
    f"{FILL_IN.text} {CLEAN}",
    f"{CLEAN} Read train.org #EndTrafficking",
    "Long " * 70 + CLEAN,
    CLEAN.replace(" #Partner2Prevent", ""),
    (
        "Notwithstanding considerable organizational heterogeneity, comprehensive collaboration necessitates "
        "multidisciplinary accountability. Call 1-888-373-7888."
    ),
)
TARGETS = ("https://train.org", "https://www.train.org/main", "https://elsewhere.example")
NOTES = ("text.grade_level", "hashtag.primary_missing")
CODES = ("language.victim", *NOTES)

Step = tuple[str, object]
STEPS: st.SearchStrategy[Step] = st.one_of(
    st.tuples(st.just("text"), st.sampled_from(TEXTS)),
    st.tuples(st.just("variant"), st.sampled_from(("", *TEXTS[:3]))),
    st.tuples(st.just("link"), st.sampled_from(TARGETS)),
    st.tuples(st.just("language"), st.sampled_from(("en", "es"))),
    st.tuples(st.just("fill_in"), st.sampled_from(("The agency", "Rescue victims", None))),
    st.tuples(st.just("level"), st.tuples(st.sampled_from(CODES), st.sampled_from(("note", "warning", "error")))),
    # What was but noted when it was approved.
    st.tuples(st.just("level"), st.tuples(st.sampled_from(NOTES), st.just("warning"))),
    # Approving comes often, or little would ever go out.
    st.tuples(st.just("approve"), st.booleans()),
    st.tuples(st.just("approve"), st.just(True)),
    st.tuples(st.just("approve_one"), st.integers(0, 2)),
    st.tuples(st.just("return"), st.none()),
)


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: bytes) -> Iterator[Agency]:
    directory: Path = tmp_path_factory.mktemp("property")
    (directory / "focusweek.sqlite3").write_bytes(migrated_sqlite)
    clock = VirtualClock(START)
    house = House(Settings(data_dir=directory), clock=clock, options=EngineOptions(workers=0, read_backs_budget=0))
    with house.write():
        pass
    made = open_agency(house, clock)
    for platform in PLATFORMS[1:]:
        made.account(platform, platform, Via.SANDBOX)
    yield made
    house.close()


@dataclass
class Run:
    """One post of a campaign of its own, and what people do with it."""

    agency: Agency
    campaign_id: int
    post_id: int
    voided: set[int] = field(default_factory=set)

    def do(self, step: Step) -> None:
        kind, value = step
        try:
            with self.agency.house.write(
                self.agency.author if kind in self._AUTHORS else self.agency.reviewer
            ) as scope:
                post = scope.get(Post, self.post_id, lock=True)
                campaign = scope.get(Campaign, self.campaign_id, lock=True)
                match kind:
                    case "text" | "language":
                        change_post(scope, post, {kind: value})
                    case "variant":
                        change_post(scope, post, {"variants": {"x": value} if value else {}})
                    case "link":
                        change_post(scope, post, {"links": [{"visible": "train.org", "target": value}]})
                    case "fill_in":
                        set_fill_ins(scope, campaign, {FILL_IN.key: value})  # type: ignore[dict-item]  # a text or None
                    case "level":
                        code, level = value  # type: ignore[misc]  # by the strategy
                        change_settings(scope, campaign, {"levels": campaign.levels | {code: level}})
                    case "approve":
                        approve(scope, post.id, Word(all_warnings=bool(value)))
                    case "approve_one":
                        digests = [one.digest for one in self.agency.sets(post.id)]
                        one = digests[min(int(str(value)), len(digests) - 1)]
                        approve(scope, post.id, Word(digests=(one,), all_warnings=True))
                    case "return":
                        return_post(scope, post.id, "No.")
        except FocusweekError as error:
            event(f"{kind} refused: {error.code}")

    _AUTHORS = ("text", "language", "variant", "link", "fill_in", "level")

    def approvals(self) -> list[Approval]:
        return self.agency.approvals(self.post_id)

    def what_passes(self) -> set[str]:
        """Look at each account as the gate will, hold it against the approvals themselves, and return what passes."""
        passing = set()
        with self.agency.house.read(self.agency.author) as scope:
            post, campaign = scope.get(Post, self.post_id), scope.get(Campaign, self.campaign_id)
            for account in scope.session.scalars(scope.query(Account)):
                composed = self.agency.house.deps.composer.compose(
                    scope.session, post=post, account=account, campaign=campaign
                )
                verdict = composed.composition.verdict
                if any(one.level == "error" for one in (*verdict.findings, *composed.refusals)):
                    continue
                passing.add(account.slug)
                out = [
                    (part.text, [(part.text[link.span[0] : link.span[1]], link.target) for link in part.links])
                    for part in composed.composition.parts
                ]
                whole = "\n\n".join(text for text, _ in out)
                warnings = {
                    f"{one.code}: {whole[one.span[0] : one.span[1]] or one.message}"
                    for one in verdict.findings
                    if one.level == "warning"
                }
                assert any(_is_of(row, out) and warnings <= set(row.acknowledged) for row in self.in_force()), out
        return passing

    def in_force(self) -> list[Approval]:
        return [row for row in self.approvals() if row.voided_at is None and row.step == 1]

    def nothing_is_revived(self) -> None:
        voided = {row.id for row in self.approvals() if row.voided_at is not None}
        assert self.voided <= voided
        self.voided = voided


def _is_of(row: Approval, out: list[tuple[str, list[tuple[str, str]]]]) -> bool:
    """Whether an approval was given to exactly these texts, whose links lead where they lead now."""
    approved = [(part["text"], [(link["visible"], link["target"]) for link in part["links"]]) for part in row.parts]
    if [text for text, _ in approved] != [text for text, _ in out]:
        return False
    # Where networks differ in what they link, the texts say the rest.
    shown = [dict(links) for _, links in approved]
    return all(
        shown[index].get(visible, target) == target for index, (_, links) in enumerate(out) for visible, target in links
    )


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(first=st.sampled_from(TEXTS), steps=st.lists(STEPS, min_size=1, max_size=10))
def test_only_what_an_approval_in_force_is_of_goes_out(agency: Agency, first: str, steps: list[Step]) -> None:
    with agency.house.write(agency.author) as scope:
        campaign = create_campaign(scope, PACK, year=2027, slug=f"c{agency.clock.now().timestamp():.0f}")
        post = create_post(scope, campaign, {"text": first, "week": 1})
        run = Run(agency, campaign.id, post.id)
    # Most begin from something that may go out.
    for step in (("approve", True), *steps):
        run.do(step)
        run.nothing_is_revived()
        passing = run.what_passes()
    event(f"{len(passing)} accounts pass")

    deliveries = {slug: agency.delivery(run.post_id, slug) for slug in ("sky", *PLATFORMS[1:])}
    agency.tick_after(10)
    out = {slug for slug, row in deliveries.items() if agency.get(row).state == State.PUBLISHED}
    assert out == passing
    with agency.house.read(agency.author) as scope:
        for slug in out:
            parts = (
                scope.query(AttemptPart)
                .join(Attempt, Attempt.id == AttemptPart.attempt_id)
                .where(Attempt.delivery_id == deliveries[slug])
                .order_by(AttemptPart.index)
            )
            sent = [part.text for part in scope.session.scalars(parts)]
            assert sent in [[part["text"] for part in row.parts] for row in run.in_force()]
