"""What an export's report says."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from app.api.schemas.base import Moment, Output, moment_or_none
from app.services.exports import Export


class NotExportedOut(Output):
    """A post that is not in the file, or stands there otherwise than here."""

    post: str = Field(description="The post's key.", examples=["w1-welcome"])
    due: Moment | None = Field(description="When it is due here.")
    why: str = Field(description="Why, in words.")
    in_file: bool = Field(description="Whether it is in the file all the same, only at another minute.")


class ExportReportOut(Output):
    """What an export's file holds, and all that it cannot hold."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "file_name": "month-2027-our-page-buffer.csv",
                    "rows": 35,
                    "not_exported": [
                        {
                            "post": "w1-welcome",
                            "due": {"utc": "2027-01-04T15:00:00Z", "local": "2027-01-04T10:00:00-05:00"},
                            "why": "It is a thread of 2 parts, and a file's row is one message.",
                            "in_file": False,
                        }
                    ],
                }
            ]
        }
    )

    file_name: str
    rows: int = Field(description="How many posts, or planned deliveries, are in the file.")
    not_exported: list[NotExportedOut]


def report_out(made: Export, zone: str) -> ExportReportOut:
    """Return an export's report as an answer."""
    return ExportReportOut(
        file_name=made.file_name,
        rows=made.rows,
        not_exported=[
            NotExportedOut(post=one.post, due=moment_or_none(one.at, zone), why=one.why, in_file=one.moved)
            for one in made.left
        ],
    )
