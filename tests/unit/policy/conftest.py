from __future__ import annotations

from collections.abc import Callable

import pytest

from app.policy.evaluate import evaluate
from app.policy.facts import Facts
from app.policy.policy import (
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

HEADING = "Guidelines for Messaging and Images"
PEOPLE = [
    "person",
    "people",
    "individual",
    "man",
    "men",
    "woman",
    "women",
    "child",
    "children",
    "kid",
    "girl",
    "boy",
    "teen",
    "youth",
    "minor",
    "adult",
    "student",
    "worker",
    "migrant",
    "immigrant",
    "refugee",
    "family",
    "parent",
    "community",
    "group",
    "population",
    "survivor",
    "victim",
    "runaway",
    "patient",
    "resident",
    "veteran",
    "American",
    "someone",
    "neighborhood",
    "household",
]


def _rule(
    code: str, kind: str, *forms: str, instead: str | None = None, excepted: tuple[str, ...] = ()
) -> LanguageRule:
    return LanguageRule(code, kind, (Term(forms, instead),), f"The wording on {forms[0]}.", HEADING, excepted)


TRAFFICKING = Policy(
    version="trafficking-1",
    year=2027,
    language="en",
    hashtags=HashtagPolicy(
        2,
        "Partner2Prevent",
        ("EndTrafficking", "HumanTrafficking", "ForcedLabor", "LaborTrafficking", "SexTrafficking"),
    ),
    contact=Contact(
        name="National Human Trafficking Hotline",
        voice="18883737888",
        text_line=TextLine(
            "233733", "BEFREE", ("text", "texts", "texting", "sms", "texto", "mensaje", "envía", "envíe")
        ),
        site=Site("humantraffickinghotline.org", ("", "chat"), ("en", "es")),
        other_good_numbers=("911", "988", "711", "741741", "18007997233", "18888737888"),
    ),
    placeholders=(
        Placeholder("proclamation-link", "[link to proclamation]", "Link to this year's proclamation"),
        Placeholder("day", "[XX]", "Day of December"),
        Placeholder("place", "(insert State, City, County, etc.)", "Your state or city"),
    ),
    languages=(
        LanguageRules(
            "en",
            rules=(
                _rule(
                    "language.victim",
                    "term",
                    "victim",
                    instead="person who has experienced human trafficking",
                    excepted=("revictimization", "re-victimization"),
                ),
                _rule("language.homeless", "adjective", "homeless", instead="people who are experiencing homelessness"),
                _rule(
                    "language.runaway",
                    "term",
                    "runaway",
                    instead="youth who has run away",
                    excepted=("runaway success", "runaway inflation", "runaway train"),
                ),
                _rule("language.vulnerable", "adjective", "vulnerable"),
                _rule(
                    "language.marginalized",
                    "adjective",
                    "marginalized",
                    "marginalised",
                    excepted=("economically and socially marginalized",),
                ),
                _rule("language.high_risk", "adjective", "high-risk", "high risk", "higher-risk"),
                _rule("language.at_risk", "adjective", "at-risk", "at risk"),
                _rule("language.rescue", "act", "rescue", "rescues", "rescued", "rescuing"),
                _rule("language.save", "act", "save", "saves", "saved", "saving", excepted=("save the date",)),
            ),
            people=(*PEOPLE, "young people"),
            people_determiners=("the", "our", "their", "your"),
            harms=("exploitation", "slavery", "servitude", "bondage", "captivity", "abuser", "abusers", "brothel"),
            names=(
                "Trafficking Victims Protection Act",
                "Trafficking Victims Protection Reauthorization Act",
                "Victims of Trafficking and Violence Protection Act",
                "Office for Victims of Crime",
                "Runaway and Homeless Youth Act",
                "Runaway and Homeless Youth Program",
                "National Runaway Safeline",
                "Crime Victims' Rights Week",
                "Save the Children",
                "International Rescue Committee",
            ),
        ),
        LanguageRules(
            "es",
            rules=(_rule("language.victim", "term", "víctima", instead="persona que ha sufrido la trata"),),
            people=("personas",),
            names=("Ley de Protección a Víctimas de la Trata",),
        ),
    ),
    statistics=(
        StatisticPolicy(
            "en",
            nouns=(
                "people",
                "person",
                "child",
                "children",
                "youth",
                "student",
                "survivor",
                "victim",
                "worker",
                "adult",
            ),
            quantities=(
                "hundreds",
                "thousands",
                "millions",
                "hundred",
                "thousand",
                "million",
                "percent",
                "half",
                "most",
            ),
            source_words=("according to", "source", "data from", "reported by", "study by"),
        ),
    ),
    stale=(
        StalePhrase("New Training!", "The training was new in 2023."),
        StalePhrase("President Biden", "President until 20 January 2025."),
    ),
    handles=(
        HandleMapping("POTUS", "the President", (("x", "POTUS"),)),
        HandleMapping(
            "ACFHHS", "Administration for Children and Families", (("x", "ACFHHS"), ("instagram", "ACF_gov"))
        ),
    ),
    known_hosts=("hhs.gov", "humantraffickinghotline.org", "train.org", "youtube.com"),
    grade_level_aim=10.0,
)

BLOOD = Policy(
    version="blood-1",
    year=2028,
    language="en",
    hashtags=HashtagPolicy(3, "GiveBloodJune", ("DonorHeroes", "ShareLife")),
    contact=Contact(
        name="Bloodline",
        voice="08001234567",
        country_code="44",
        text_line=TextLine("62000", "GIVE"),
        site=Site("giveblood.example", ("", "talk")),
    ),
    languages=(
        LanguageRules(
            "en",
            rules=(
                _rule("language.sufferer", "term", "sufferer", "sufferer from anaemia", instead="person with anaemia"),
                _rule("language.needy", "adjective", "needy"),
                _rule("language.bleed", "act", "bleed", "bleeds", "bled"),
            ),
            people=("donor", "patient"),
            people_determiners=("the",),
        ),
    ),
    statistics=(StatisticPolicy("en", ("donor", "patient"), ("thousands",), ("according to",)),),
    known_hosts=("giveblood.example",),
)

Findings = Callable[..., list[tuple[str, str]]]


@pytest.fixture
def trafficking() -> Policy:
    return TRAFFICKING


@pytest.fixture
def blood() -> Policy:
    return BLOOD


@pytest.fixture
def found() -> Findings:
    """Give what the trafficking-like policy finds in a text: codes beginning with a prefix, with the text found."""

    def find(text: str, prefix: str = "", policy: Policy = TRAFFICKING, **facts: object) -> list[tuple[str, str]]:
        verdict = evaluate(Facts(text, **facts), policy)  # type: ignore[arg-type]
        return [(f.code, text[slice(*f.span)]) for f in verdict.findings if f.code.startswith(prefix)]

    return find
