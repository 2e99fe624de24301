"""A new version of a pack over an old one, as requests and answers."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from app.api.schemas.base import Input, Line100, Output
from app.packs.comparing import FieldChange, Kind, PostChange, Side
from app.packs.schema.base import Key
from app.services.pack_updates import PackUpdate, PackUpdated

_Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class PackUpdateIn(Input):
    """The new version of the pack."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"pack": "hhs-htpm-2023"}]})

    pack: Line100 | None = Field(None, description="A bundled pack's key.")
    pack_document: dict[str, Any] | str | None = Field(
        None, description="A whole pack instead: as an object, or as the text of a YAML or JSON file."
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> PackUpdateIn:
        if (self.pack is None) == (self.pack_document is None):
            raise PydanticCustomError("pack", "expected either a bundled pack's key or a document")
        return self


class PackUpdateCommitIn(PackUpdateIn):
    """The previewed version, its digest, and what a person chose where both sides have changed something."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"pack": "hhs-htpm-2023", "digest": "0" * 64, "choices": {"w1-welcome": "theirs"}}]
        }
    )

    digest: _Digest = Field(description="The preview's digest.")
    choices: dict[Key, Side] = Field(default={}, max_length=10_000, description="By post key: ours or theirs.")
    rest: Side | None = Field(None, description="For every conflict that is not named in choices.")


class FieldChangeOut(Output):
    """One field of a post that is not the same on all sides."""

    field: str = Field(description="text means the text with its links.", examples=["text"])
    base: Any = Field(description="The old version's value; null where it has no such post.")
    ours: Any = Field(description="The campaign's present value.")
    theirs: Any = Field(description="The new version's value.")
    taken: Side | None = Field(description="Whose value it gets; null where a person chooses.")


class PostChangeOut(Output):
    """What becomes of a post."""

    key: str
    kind: Kind = Field(
        description="changed: the issuer's change is taken; kept: the agency's is; conflict: a person chooses; "
        "added; removed: it is left out; removed_kept: it stays, for the agency has edited it."
    )
    fields: list[FieldChangeOut]


class PackUpdateOut(Output):
    """What a new version would change."""

    from_version: str
    to_version: str
    digest: str = Field(description="To be sent with the commit.")
    counts: dict[str, int] = Field(description="Posts of each kind.", examples=[{"changed": 2, "unchanged": 34}])
    posts: list[PostChangeOut] = Field(description="Every post of which something differs.")
    sections: list[str] = Field(description="Other parts of the pack that differ and are taken as they are.")
    contact_facts: list[str] = Field(description="Contact facts that must be confirmed again.")
    problems: list[str] = Field(description="What stands in the way of a commit.")


class PackUpdatedOut(Output):
    """What a commit did. Deliveries that are planned already stay until the next plan."""

    version: str
    changed: int = Field(description="Posts that got something of the new version.")
    added: int
    left_out: int
    kept: int = Field(description="Posts that stay as the agency has them.")


def update_out(update: PackUpdate) -> PackUpdateOut:
    """Return what a new version would change as an answer."""
    quiet = {Kind.UNCHANGED, Kind.OWN}
    comparison = update.comparison
    return PackUpdateOut(
        from_version=update.from_version,
        to_version=update.to_version,
        digest=update.digest,
        counts={kind.value: len(found) for kind in Kind if (found := comparison.of(kind))},
        posts=[_post_out(post) for post in comparison.posts if post.kind not in quiet],
        sections=list(comparison.sections),
        contact_facts=list(comparison.facts),
        problems=list(update.problems),
    )


def updated_out(done: PackUpdated) -> PackUpdatedOut:
    """Return what a commit did as an answer."""
    return PackUpdatedOut(
        version=done.version, changed=done.changed, added=done.added, left_out=done.left_out, kept=done.kept
    )


def _post_out(post: PostChange) -> PostChangeOut:
    return PostChangeOut(key=post.key, kind=post.kind, fields=[_field_out(change) for change in post.fields])


def _field_out(change: FieldChange) -> FieldChangeOut:
    return FieldChangeOut(
        field=change.field, base=change.base, ours=change.ours, theirs=change.theirs, taken=change.side
    )
