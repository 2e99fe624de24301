"""Fields that requests about people share: e-mail addresses, passwords, one-time tokens."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

from app.api.schemas.base import Line200
from app.identity.emails import LONGEST, MAILBOX, is_mailbox
from app.identity.links import LONGEST_TOKEN
from app.identity.passwords import LONGEST as LONGEST_PASSWORD
from app.identity.passwords import SHORTEST as SHORTEST_PASSWORD


def _mailbox(text: str) -> str:
    if not is_mailbox(text):
        raise PydanticCustomError("email", "expected one e-mail address, such as name@agency.example")
    return text.lower()


#: One e-mail address, in lower case.
Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, pattern=f"^{MAILBOX.pattern}$", max_length=LONGEST),
    AfterValidator(_mailbox),
]
#: What somebody gives as their e-mail address where no answer says whether it is one.
GivenEmail = Annotated[str, StringConstraints(min_length=1, max_length=320)]
#: A password that is set.
NewPassword = Annotated[str, StringConstraints(min_length=SHORTEST_PASSWORD, max_length=LONGEST_PASSWORD)]
#: A password that is looked at.
GivenPassword = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
#: A code of the second factor, or a recovery code.
Code = Annotated[str, StringConstraints(min_length=1, max_length=64)]
#: The token of a one-time link.
LinkToken = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TOKEN)]
#: A person's name.
PersonName = Line200
