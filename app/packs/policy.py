"""A pack's rules as the values that the policy room takes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, replace

from app.errors import InvalidInput
from app.packs.schema import Contact as PackContact
from app.packs.schema import LanguageRuleEntry, LanguageSet, Pack
from app.packs.schema.contact import VoiceFact, digits_of
from app.policy.finding import Level
from app.policy.policy import (
    FIXED_CODES,
    Contact,
    HandleMapping,
    HashtagPolicy,
    LanguageRule,
    LanguageRules,
    Placeholder,
    Policy,
    Site,
    StalePhrase,
    StatisticPolicy,
    Term,
    TextLine,
)

#: Hexadecimal digits of the policy's version: 64 bits tell every policy of a campaign apart.
_VERSION_LENGTH = 16


def build_policy(pack: Pack, *, year: int, levels: Mapping[str, Level] | None = None) -> Policy:
    """Return the policy of the pack's campaign in `year`; `levels` are the campaign's own, over the pack's.

    The version is a digest of everything else: equal policies have equal versions, whatever made them.

    Raises:
        InvalidInput: A level is lowered that may not be.
    """
    policy = Policy(
        version="",
        year=year,
        language=pack.language,
        hashtags=HashtagPolicy(pack.hashtags.limit, pack.hashtags.primary, pack.hashtags.secondary),
        contact=_contact(pack.contact),
        placeholders=tuple(Placeholder(fill_in.key, fill_in.text, fill_in.label) for fill_in in pack.fill_ins),
        languages=tuple(_language(entry) for entry in pack.languages),
        statistics=tuple(
            StatisticPolicy(entry.language, words.nouns, words.quantities, words.source_words)
            for entry in pack.languages
            if (words := entry.statistics)
        ),
        stale=tuple(StalePhrase(entry.phrase, entry.note) for entry in pack.dated_phrases),
        handles=tuple(
            HandleMapping(handle.handle, handle.name, tuple(sorted(handle.networks.items()))) for handle in pack.handles
        ),
        known_hosts=tuple(host.lower() for host in pack.known_hosts),
        grade_level_aim=pack.grade_level_aim,
        levels=_levels(pack.levels, levels or {}),
    )
    return replace(policy, version=_digest(policy))


def _digest(policy: Policy) -> str:
    content = json.dumps(asdict(policy), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()[:_VERSION_LENGTH]


def _levels(of_pack: Mapping[str, Level], of_campaign: Mapping[str, Level]) -> tuple[tuple[str, Level], ...]:
    levels = {**of_pack, **of_campaign}
    for code in sorted(FIXED_CODES & levels.keys()):
        if levels[code] is not Level.ERROR:
            raise InvalidInput(
                f"{code} cannot fall below error, but {levels[code].value} was asked for",
                hint="Leave this rule's level as it is.",
            )
    return tuple(sorted(levels.items()))


def _contact(contact: PackContact) -> Contact:
    text, site = contact.text_line, contact.website
    # The TTY number is a good number of its own: it stands beside the voice number and is no slip in it.
    others = [entry.number for entry in contact.other_good_numbers] + ([contact.tty.value] if contact.tty else [])
    return Contact(
        name=contact.name,
        voice=digits_of(contact.voice.value) if contact.voice else None,
        country_code=contact.country_code,
        text_line=TextLine(digits_of(text.value), text.keyword, _verbs(text.verbs)) if text else None,
        site=Site(
            site.value.lower().removeprefix("www."),
            tuple(dict.fromkeys(path.strip("/") for path in site.paths)),
            tuple(tag.lower() for tag in site.languages),
        )
        if site
        else None,
        # Without a number to call, calling the text line is still a slip.
        voice_verbs=_verbs(contact.voice.verbs if contact.voice else VoiceFact.model_fields["verbs"].default),
        other_good_numbers=tuple(dict.fromkeys(digits_of(number) for number in others)),
    )


def _verbs(by_language: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(verb.lower() for verbs in by_language.values() for verb in verbs))


def _language(entry: LanguageSet) -> LanguageRules:
    return LanguageRules(
        language=entry.language,
        rules=tuple(_rule(rule) for rule in entry.rules),
        people=entry.people,
        people_determiners=entry.people_determiners,
        harms=entry.harms,
        names=entry.names,
    )


def _rule(rule: LanguageRuleEntry) -> LanguageRule:
    return LanguageRule(
        code=rule.code,
        kind=rule.kind,
        terms=tuple(Term(term.forms, term.instead) for term in rule.terms),
        wording=rule.wording,
        heading=rule.heading,
        except_phrases=rule.except_phrases,
    )
