"""Withdrawals as requests and answers."""

from __future__ import annotations

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from app.api.schemas.base import Flag, Id, Input, Line500, Line2000, Output
from app.api.schemas.deliveries import DeliveryOut, PostRef, delivery_out
from app.models import Post
from app.services.deliveries import DeliveryView
from app.services.published_search import Hit
from app.services.withdrawals import Answer

_REASON = "What is wrong with it, in a person's own words; it stays with the delivery."


class WithdrawIn(Input):
    """Why a delivery is taken back."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "The hotline's number has a wrong digit."}]})

    reason: Line500 = Field(description=_REASON)


class WithdrawManyIn(Input):
    """Which deliveries are taken back, and why."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"delivery_ids": [12, 13], "reason": "The hotline's number has a wrong digit.", "correct": True}
            ]
        }
    )

    delivery_ids: list[Id] = Field(min_length=1, max_length=1000, description="Such as a search found them.")
    reason: Line500 = Field(description=_REASON)
    correct: Flag = Field(False, description="Whether a draft of the correction is opened, one for each post.")


class WithdrawnByHandIn(Input):
    """What a person says of a delivery that is theirs to delete."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"gone": True}, {"gone": False, "detail": "The account was closed meanwhile."}]}
    )

    gone: bool = Field(True, description="Whether all of it is deleted.")
    detail: Line2000 | None = Field(None, description="Why it cannot be deleted; for `gone: false` only.")

    @model_validator(mode="after")
    def _why_it_stays(self) -> WithdrawnByHandIn:
        if self.gone == (self.detail is not None):
            raise PydanticCustomError("detail", "a detail belongs to gone: false, and only there")
        return self


class ProblemRef(Output):
    """Why a delivery is not being taken back."""

    code: str = Field(examples=["delivery.state_refused"])
    detail: str
    hint: str


class WithdrawAnswerOut(Output):
    """What became of one delivery."""

    delivery_id: Id
    state: str | None = Field(description="Where it stands now; null where there is no such delivery.")
    problem: ProblemRef | None = Field(description="Null where it is being taken back.")
    draft: PostRef | None = Field(description="The draft that corrects it.")


class WithdrawAnswersOut(Output):
    """What became of each delivery, in the order asked for."""

    items: list[WithdrawAnswerOut]


class CorrectedOut(Output):
    """A delivery that is being taken back, and the draft that corrects it."""

    delivery: DeliveryOut
    draft: PostRef = Field(description="Left out of every plan until a person takes it in.")


class PublicPartOut(Output):
    """One message that is out, or may be."""

    index: int = Field(description="Its place in the thread, from 0.")
    text: str
    url: str | None


class HitOut(Output):
    """A delivery that a search found."""

    delivery: DeliveryOut
    parts: list[PublicPartOut]


def hit_out(hit: Hit) -> HitOut:
    """Return a search's find as an answer."""
    parts = [PublicPartOut(index=part.index, text=part.text, url=part.remote_url) for part in hit.parts]
    return HitOut(delivery=delivery_out(hit.view), parts=parts)


def answer_out(answer: Answer) -> WithdrawAnswerOut:
    """Return what became of one delivery of many as an answer."""
    problem = answer.problem
    return WithdrawAnswerOut(
        delivery_id=answer.delivery_id,
        state=answer.state,
        problem=None if problem is None else ProblemRef(code=problem.code, detail=problem.message, hint=problem.hint),
        draft=None if answer.draft is None else _ref(answer.draft),
    )


def corrected_out(view: DeliveryView, draft: Post) -> CorrectedOut:
    """Return a delivery and its correction as an answer."""
    return CorrectedOut(delivery=delivery_out(view), draft=_ref(draft))


def _ref(post: Post) -> PostRef:
    return PostRef(id=post.id, key=post.key)
