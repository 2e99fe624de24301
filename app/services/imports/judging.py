"""What the rules say of rows: one verdict for each distinct text, and lengths for each network.

A verdict is of the text as it stands, fill-ins put in; a hashtag counts if any network links it. What differs between
networks besides that is little: what they make of handles, and what is too long for them with the mention added.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.composing.filling import make_clickable, put_in_fill_ins, put_in_handles
from app.composing.values import LinkTarget, Voice
from app.packs.sheets.values import ImportTarget, RowDraft
from app.platforms.registry import network
from app.policy.evaluate import evaluate
from app.policy.facts import Facts
from app.policy.finding import Finding, Level
from app.policy.rules import handle_unmapped, text_too_long
from app.services.imports.values import Judged, RowFinding, RowLength
from app.text.counting import fits, length
from app.text.profile import Clickable, TextProfile

_MISSING = "mention.missing"
_UNMAPPED = "handle.unmapped"
_TOO_LONG = "text.too_long"


class Judge:
    """Judges rows under a campaign's voice. What was said of a text once is kept for the next row that has it."""

    def __init__(self, voice: Voice, platforms: Sequence[str], target: ImportTarget) -> None:
        self._voice = voice
        self._platforms = tuple(platforms)
        self._target = target
        self._profiles = {slug: network(slug).profile for slug in platforms}
        self._texts: dict[tuple[str, str, tuple[LinkTarget, ...], tuple[str, ...]], Judged] = {}

    def judge(self, draft: RowDraft) -> Judged:
        """Return what the rules say of a row's text and variants on the networks that it is for."""
        values = draft.values
        wanted = tuple(values.get("platforms") or self._platforms)
        variants = values.get("variants") or {}
        language = values.get("language") or self._target.language
        links = tuple(
            LinkTarget(link["visible"], link["target"]) for link in values.get("links") or () if link["target"]
        )
        own = [slug for slug in variants if slug in wanted]
        shared = tuple(slug for slug in wanted if slug not in variants)
        found = self._text(values.get("text") or "", language, links, shared)
        findings, lengths = list(found.findings), list(found.lengths)
        for slug in own:
            judged = self._text(variants[slug], language, links, (slug,))
            findings += [RowFinding(one.finding, (slug,), slug, one.settled) for one in judged.findings]
            lengths += judged.lengths
        findings += self._moments(draft)
        return Judged(tuple(findings), tuple(lengths))

    def verdict(self, text: str, language: str) -> tuple[Finding, ...]:
        """Return what the rules say of a text as it stands, nothing put in."""
        return evaluate(Facts(text, language=language), self._voice.policy).findings

    def _text(self, text: str, language: str, links: tuple[LinkTarget, ...], platforms: tuple[str, ...]) -> Judged:
        key = (text, language, links, platforms)
        known = self._texts.get(key)
        if known is None:
            known = self._texts[key] = self._judged(text, language, links, platforms)
        return known

    def _judged(self, text: str, language: str, links: tuple[LinkTarget, ...], platforms: tuple[str, ...]) -> Judged:
        policy = self._voice.policy
        filled = put_in_fill_ins(text, self._voice)
        facts = Facts(filled, language=language)
        forms = self._voice.forms_in(language)
        findings: list[RowFinding] = []
        verdict = evaluate(facts, policy).findings
        for finding in verdict:
            if finding.code == _UNMAPPED and platforms:
                continue  # told of by network
            settled = f"Focusweek adds one, such as “{forms[0]}”." if finding.code == _MISSING and forms else None
            findings.append(RowFinding(finding, settled=settled))
        findings += self._unmapped(filled, platforms)
        missing = any(finding.code == _MISSING for finding in verdict)
        shortest = forms[-1] if forms and missing else None
        lengths: list[RowLength] = []
        for slug in platforms:
            profile = self._profiles.get(slug) or network(slug).profile
            whole = self._on_network(filled, slug, profile, links)
            whole = whole if shortest is None else f"{whole} {shortest}" if whole else shortest
            size = RowLength(slug, length(whole, profile), profile.limit, fits(whole, profile))
            if not size.fits and profile.has_threads and _can_be_split(whole, profile, shortest):
                size = RowLength(slug, size.length, size.limit, fits=False, thread=True)
            elif not size.fits:
                findings += _too_long(whole, profile, policy_level=Level.ERROR)
            lengths.append(size)
        return Judged(tuple(findings), tuple(lengths))

    def _on_network(self, text: str, slug: str, profile: TextProfile, links: tuple[LinkTarget, ...]) -> str:
        """Return a text as composing makes it for a network, before the mention."""
        text = text.strip()
        if "@" in text:
            text, _ = put_in_handles(text, self._voice.policy.handles, slug)
        return make_clickable(text, links, profile) if profile.clickable is Clickable.ADD_SCHEME else text

    def _unmapped(self, text: str, platforms: tuple[str, ...]) -> list[RowFinding]:
        """Return the handles that have no account on some of the networks; there the plain name goes out."""
        if "@" not in text:
            return []
        level = dict(self._voice.policy.levels).get(_UNMAPPED, Level.WARNING)
        where: dict[tuple[tuple[int, int], str | None], list[str]] = {}
        for slug in platforms:
            profile = self._profiles.get(slug) or network(slug).profile
            for _, span, _, suggestion in handle_unmapped.check(Facts(text, profile=profile), self._voice.policy):
                where.setdefault((span, suggestion), []).append(slug)
        found = []
        for (span, suggestion), slugs in where.items():
            name = text[slice(*span)]
            message = f"The campaign knows no account for {name} on {', '.join(slugs)}: the plain name goes out there."
            found.append(RowFinding(Finding(_UNMAPPED, level, span, message, suggestion), tuple(slugs)))
        return found

    def _moments(self, draft: RowDraft) -> list[RowFinding]:
        at, window = draft.values.get("at"), self._target.window
        found = []
        if at is not None and at <= self._target.now:
            found.append(_of_row("at.past", "Its time has passed: it would not go out.", "Give it a time ahead."))
        elif at is not None and not window.starts_on <= at.astimezone(window.zone).date() <= window.ends_on:
            days = f"{window.starts_on} to {window.ends_on}"
            found.append(
                _of_row("at.outside", f"Its time lies outside the campaign ({days}).", "See that it is meant so.")
            )
        if draft.assumed is not None:
            found.append(_of_row("week.assumed", draft.assumed, "Give it a week or a time.", Level.NOTE))
        return found


def _of_row(code: str, message: str, suggestion: str, level: Level = Level.WARNING) -> RowFinding:
    return RowFinding(Finding(code, level, (0, 0), message, suggestion))


def _too_long(text: str, profile: TextProfile, *, policy_level: Level) -> list[RowFinding]:
    found = text_too_long.check(Facts(text, profile=profile), None)  # type: ignore[arg-type] # it asks no policy
    return [
        RowFinding(Finding(one.code, policy_level, one.span, one.message, one.suggestion), (profile.slug,))
        for one in found
    ]


def _can_be_split(text: str, profile: TextProfile, mention: str | None) -> bool:
    """Whether a text makes a thread: no word of it is longer than a part, the mention's room left out."""
    room = profile.limit - (0 if mention is None else len(mention) + 1)
    return bool(text.strip()) and all(len(word) <= room for word in text.split()) and not _over_other(text, profile)


def _over_other(text: str, profile: TextProfile) -> bool:
    """Whether something else than its length keeps a text off a network."""
    return length(text, profile) <= profile.limit and (
        profile.byte_limit is None or len(text.encode("utf-8", "surrogatepass")) <= profile.byte_limit
    )
