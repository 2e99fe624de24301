"""Checks of texts as requests and answers."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from app.api.schemas.base import FindingOut, Id, Input, Output, finding_out
from app.packs.schema.base import LanguageTag
from app.services.checks import TextCheck


class CheckIn(Input):
    """A text to be checked as it stands: nothing is added to it, and nothing is kept."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"text": "Help is there, day and night: 1-888-373-7888 #Partner2Prevent", "platform": "x"},
                {"text": "Join us!", "campaign_id": 1, "language": "en"},
            ]
        }
    )
    kept: ClassVar[bool] = False

    text: str = Field(max_length=100_000, description="The text.")
    platform: str | None = Field(
        None,
        max_length=60,
        description="Network whose limits and hashtags apply. Without it no length rule does, and a hashtag counts if "
        "any network links it.",
    )
    language: LanguageTag | None = Field(None, description="BCP 47 tag; the campaign's or pack's if left out.")
    campaign_id: Id | None = Field(None, description="Campaign whose rules apply.")
    pack: str | None = Field(
        None, max_length=80, description="Bundled pack whose rules apply; the default pack if neither is given."
    )

    @model_validator(mode="after")
    def _one_policy(self) -> CheckIn:
        if self.campaign_id is not None and self.pack is not None:
            raise PydanticCustomError("policy", "give either campaign_id or pack, not both")
        return self


class PostCheckIn(Input):
    """Which of a post's texts to check: as a network would get it before anything is added, or the plain one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}, {"platform": "bluesky"}]})

    platform: str | None = Field(None, max_length=60, description="Network; its variant of the post, if it has one.")


class MeasureOut(Output):
    """A text in a network's own count."""

    length: int
    limit: int
    fits: bool = Field(description="Whether it keeps within every limit of the network.")
    hashtags: list[str] = Field(description="Without `#`, in order, repeats kept.")


class CheckOut(Output):
    """What the rules say of a text."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "sendable": False,
                    "findings": [
                        {
                            "code": "mention.missing",
                            "level": "error",
                            "span": [0, 8],
                            "message": "No mention of the hotline.",
                            "suggestion": "Hotline: 1-888-373-7888",
                        }
                    ],
                    "platform": "x",
                    "length": 8,
                    "measure": {"length": 8, "limit": 280, "fits": True, "hashtags": []},
                    "policy_version": "1417ffdb1a1e4f39",
                }
            ]
        }
    )

    sendable: bool = Field(description="Whether nothing blocks it.")
    findings: list[FindingOut] = Field(description="In the order in which they stand in the text.")
    platform: str | None
    length: int | None = Field(description="In the network's own count; null without a platform.")
    measure: MeasureOut | None = Field(description="Null without a platform.")
    policy_version: str = Field(description="Digest of the rules that were applied.")


def check_out(check: TextCheck) -> CheckOut:
    """Return a check as an answer."""
    measured: dict[str, Any] | None = None
    if check.measure is not None:
        found = check.measure
        measured = {
            "length": found.length,
            "limit": found.limit,
            "fits": found.fits,
            "hashtags": list(found.hashtags),
        }
    return CheckOut(
        sendable=check.verdict.sendable,
        findings=[finding_out(finding) for finding in check.verdict.findings],
        platform=check.platform,
        length=None if measured is None else measured["length"],
        measure=None if measured is None else MeasureOut(**measured),
        policy_version=check.verdict.policy_version,
    )
