"""How the issuer asks people to write: language rules, figures about people, and phrases that age."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from app.packs.schema.base import Code, LanguageTag, Line, PackModel, Text

NonEmptyLines = Annotated[tuple[Line, ...], Field(min_length=1)]


class TermEntry(PackModel):
    """A word or phrase to avoid, and what to write instead."""

    forms: NonEmptyLines = Field(description="All spellings; plurals, possessives and hyphens are found anyway.")
    instead: Line | None = Field(None, description="What the issuer asks to write instead.")


class LanguageRuleEntry(PackModel):
    """One rule of the issuer's."""

    code: Code = Field(description="Stable code, such as `language.victim`.")
    kind: Literal["term", "adjective", "act"] = Field(
        "term",
        description="term: found wherever it stands; adjective: only directly before a word for people; "
        "act: a verb, only where it is done to people.",
    )
    terms: Annotated[tuple[TermEntry, ...], Field(min_length=1)] = Field(description="The words to avoid.")
    wording: Text = Field(description="The issuer's own sentence, shown to the writer.")
    heading: Line = Field(description="Heading that the sentence stands under.")
    except_phrases: tuple[Line, ...] = Field((), description="Phrases that contain a term and are fine.")


class StatisticWords(PackModel):
    """What makes a figure one about people, and what names its source."""

    nouns: NonEmptyLines = Field(description="Words for people that a figure counts.")
    quantities: tuple[Line, ...] = Field((), description="Words that make a figure without digits, such as `millions`.")
    source_words: tuple[Line, ...] = Field((), description="Words that name a source, such as `according to`.")


class LanguageSet(PackModel):
    """Everything about one language. A post in a language without a set is warned of, not checked."""

    language: LanguageTag = Field(description="Language that the rules are for.")
    rules: tuple[LanguageRuleEntry, ...] = Field((), description="The issuer's rules.")
    people: tuple[Line, ...] = Field((), description="Words for people.")
    people_determiners: tuple[Line, ...] = Field(
        (), description="Words that turn an adjective into people, such as `the` in `the vulnerable`."
    )
    harms: tuple[Line, ...] = Field(
        (), description="What people are brought out of, such as `servitude`: an act that names it is done to people."
    )
    names: tuple[Line, ...] = Field(
        (), description="Names of laws, programmes and titles, inside which no rule finds anything."
    )
    statistics: StatisticWords | None = Field(None, description="What a figure about people is.")


class DatedPhrase(PackModel):
    """A phrase that ages."""

    phrase: Line = Field(description="The phrase as it stands in texts.")
    note: Line = Field(description="Why it ages.")
