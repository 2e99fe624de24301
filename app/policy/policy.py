"""A campaign's policy as values: everything the rules know comes from here, nothing is built into them.

`packs` makes a `Policy` from a pack and a campaign's changes to it. All values are frozen and hashable, so that
what a rule prepares from them (patterns, tables) can be kept for as long as the policy is in use.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.policy.finding import Level

#: Codes that a campaign may not bring below error.
FIXED_CODES = frozenset({"hashtag.limit", "mention.missing", "mention.wrong_number", "mention.wrong_site",
                         "text.placeholder", "text.too_long"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class HashtagPolicy:
    """The campaign's hashtags, without `#`, as the issuer writes them."""

    limit: int
    primary: str | None = None
    secondary: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TextLine:
    """A number or keyword that one sends a text message to; `verbs` are the words that ask for it."""

    number: str
    keyword: str | None = None
    verbs: tuple[str, ...] = ("text", "texts", "texting", "sms")


@dataclass(frozen=True, slots=True)
class Site:
    """The hotline's website: its host without `www.`, and the paths that count as a mention.

    `paths` are without language part and trailing slash ("" is the home page); `languages` are path parts such as
    `es` that may stand before them.
    """

    host: str
    paths: tuple[str, ...] = ("",)
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Contact:
    """The hotline's facts that a mention is checked against. Numbers are digits only.

    `voice_verbs` are the words that ask for a call: a text line's number behind one of them is on the wrong channel.
    """

    name: str
    voice: str | None = None
    country_code: str = "1"
    text_line: TextLine | None = None
    site: Site | None = None
    other_good_numbers: tuple[str, ...] = ()
    voice_verbs: tuple[str, ...] = ("call", "calls", "calling", "dial", "phone", "ring", "llame", "llama", "marque")


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase that the issuer asks not to use, and the words to use instead.

    `forms` are all spellings that count (plural, possessive and hyphens are found without being listed).
    """

    forms: tuple[str, ...]
    instead: str | None = None


@dataclass(frozen=True, slots=True)
class LanguageRule:
    """One language rule of a pack.

    `kind`: "term" finds the words wherever they stand; "adjective" only directly before a word for people
    (`LanguageRules.people`); "act" only where the verb is done to people. `wording` is the issuer's own sentence,
    `heading` where it stands. `except_phrases` never count.
    """

    code: str
    kind: str
    terms: tuple[Term, ...]
    wording: str
    heading: str
    except_phrases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LanguageRules:
    """The rules for texts in one language (a BCP 47 tag such as `en`).

    `people` are words for people; `names` are names of laws, programmes and titles inside which no rule finds
    anything.
    """

    language: str
    rules: tuple[LanguageRule, ...] = ()
    people: tuple[str, ...] = ()
    people_determiners: tuple[str, ...] = ()
    harms: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StatisticPolicy:
    """What makes a figure about people (`nouns`) and what names a source (`source_words`), in one language."""

    language: str
    nouns: tuple[str, ...] = ()
    quantities: tuple[str, ...] = ()
    source_words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StalePhrase:
    """A phrase that ages, such as an office-holder's name; `note` says why."""

    phrase: str
    note: str


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A fill-in as it stands in texts, brackets included, and its key."""

    key: str
    text: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class HandleMapping:
    """A handle of the pack (without `@`), the plain name behind it, and its handle per network slug."""

    handle: str
    name: str
    networks: tuple[tuple[str, str], ...] = ()

    def on(self, network: str) -> str | None:
        """Return the handle on a network, without `@`, or None."""
        return dict(self.networks).get(network)


@dataclass(frozen=True, slots=True)
class Policy:
    """All that the rules judge a text by. `version` is a digest of everything else in it.

    `year` is the campaign's: a year before it in a text is past.
    """

    version: str
    year: int
    language: str
    hashtags: HashtagPolicy
    contact: Contact
    placeholders: tuple[Placeholder, ...] = ()
    languages: tuple[LanguageRules, ...] = ()
    statistics: tuple[StatisticPolicy, ...] = ()
    stale: tuple[StalePhrase, ...] = ()
    handles: tuple[HandleMapping, ...] = ()
    known_hosts: tuple[str, ...] = ()
    grade_level_aim: float | None = None
    levels: tuple[tuple[str, Level], ...] = ()
