"""The pack's schema, version 1: one module per noun; `Pack` holds them all."""

from app.packs.schema.contact import Claim, Contact, Fact, GoodNumber, TextLineFact, VoiceFact, WebsiteFact
from app.packs.schema.kit import KitItem, KitSection
from app.packs.schema.language import DatedPhrase, LanguageRuleEntry, LanguageSet, StatisticWords, TermEntry
from app.packs.schema.pack import SCHEMA_VERSION, Hashtags, KeyDate, Pack, Source, Week, WindowDays
from app.packs.schema.posts import FillIn, Handle, PackLink, PackMedia, PackPost, Typo

__all__ = [
    "SCHEMA_VERSION",
    "Claim",
    "Contact",
    "DatedPhrase",
    "Fact",
    "FillIn",
    "GoodNumber",
    "Handle",
    "Hashtags",
    "KeyDate",
    "KitItem",
    "KitSection",
    "LanguageRuleEntry",
    "LanguageSet",
    "Pack",
    "PackLink",
    "PackMedia",
    "PackPost",
    "Source",
    "StatisticWords",
    "TermEntry",
    "TextLineFact",
    "Typo",
    "VoiceFact",
    "WebsiteFact",
    "Week",
    "WindowDays",
]
