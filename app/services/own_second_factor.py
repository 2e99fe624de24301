"""Turning one's own second factor on and off, and new recovery codes. Each asks for the password once more."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.errors import Conflict, NotAllowed
from app.identity import second_factor, sessions
from app.identity.principal import Principal
from app.identity.throttle import count_try, forgive
from app.models import User
from app.records import journal
from app.services.house import House
from app.services.own_user import confirm_password, signed_in_user
from app.services.sign_in import code_watch, lock_user


@dataclass(frozen=True, slots=True)
class Begun:
    """What an authenticator app is given: the secret (Base32), and the address that a QR code of it holds."""

    secret: str = field(repr=False)
    address: str = field(repr=False)


def begin_second_factor(house: House, who: Principal, password: str) -> Begun:
    """Make a secret for the user's app. It counts from `confirm_second_factor` on; until then, beginning again is free.

    Raises:
        Conflict: There is one in force.
        NotAllowed, TooManyTries: As in `own_user.confirm_password`.
    """
    user = confirm_password(house, who, password)
    with house.write_instance(who) as scope:
        known = lock_user(scope, user.id)
        if known.totp_since is not None:
            raise Conflict("A second factor is in force.", hint="Remove it first to set up another app.")
        begun = Begun(*second_factor.begin(known, house.vault))
        scope.session.flush()
    return begun


def confirm_second_factor(house: House, who: Principal, code: str) -> list[str]:
    """Put the second factor in force by a code of the app; return the recovery codes, shown once.

    All other sessions of the user end: they were opened without it.

    Raises:
        NotAllowed: The code is wrong, or it is a token that asks.
        Conflict: Nothing was begun, or it is in force.
        TooManyTries: Too many codes were wrong.
    """
    user_id, session_id = signed_in_user(who)
    with house.database.write() as session:
        watch = code_watch(session.get_one(User, user_id))
        count_try(session, [watch], house.clock.now())
    with house.write_instance(who) as scope:
        known = lock_user(scope, user_id)
        if known.totp is None or known.totp_since is not None:
            raise Conflict("No second factor waits to be confirmed.", hint="Begin to set one up first.")
        if not second_factor.take_totp(known, house.vault, code, scope.now):
            raise NotAllowed(
                "The code is not right.", hint="Give the code that the app shows now; see that its clock is right."
            )
        forgive(scope.session, watch)
        known.totp_since = scope.now
        codes = second_factor.new_recovery_codes(known)
        sessions.end_all(scope.session, user_id, scope.now, but=session_id)
        scope.session.flush()
        journal.note(scope.session, "second_factor_set_up", "user", user_id)
    return codes


def remove_second_factor(house: House, who: Principal, password: str) -> None:
    """Take the second factor and the recovery codes away.

    Raises:
        NotAllowed, TooManyTries: As in `own_user.confirm_password`.
    """
    user = confirm_password(house, who, password)
    with house.write_instance(who) as scope:
        known = lock_user(scope, user.id)
        if known.totp is None:
            return
        second_factor.remove(known)
        scope.session.flush()
        journal.note(scope.session, "second_factor_removed", "user", user.id)


def renew_recovery_codes(house: House, who: Principal, password: str) -> list[str]:
    """Return new recovery codes, shown once; the old ones are void.

    Raises:
        Conflict: No second factor is in force.
        NotAllowed, TooManyTries: As in `own_user.confirm_password`.
    """
    user = confirm_password(house, who, password)
    with house.write_instance(who) as scope:
        known = lock_user(scope, user.id)
        if known.totp_since is None:
            raise Conflict("There is no second factor to recover from.", hint="Set one up first.")
        codes = second_factor.new_recovery_codes(known)
        scope.session.flush()
        journal.note(scope.session, "recovery_codes_renewed", "user", user.id)
    return codes
