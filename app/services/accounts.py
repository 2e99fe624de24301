"""Accounts: places to publish to, with their secrets sealed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete

from app.errors import AlreadyExists, Conflict, InvalidInput
from app.models import Account, Credential, Delivery
from app.platforms.base import Via
from app.platforms.registry import network
from app.platforms.results import AccountCheck
from app.platforms.vault import Vault
from app.services.pages import Asked, Page, Sort, both_ways, chosen, orders, sorted_page
from app.services.scope import Scope

#: The secrets that each network's API needs, by name.
SECRETS: Mapping[str, tuple[str, ...]] = {"mastodon": ("token",), "bluesky": ("identifier", "password")}

#: Where an account is when no server is named; its own is asked for otherwise.
DEFAULT_SERVERS: Mapping[str, str] = {"bluesky": "https://bsky.social"}

_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
#: A base URL: scheme, host and port.
_SERVER = re.compile(r"https?://[^\s/?#@\\]+/?")


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account to be. `server` is a base URL such as https://mastodon.example; `secrets` never leave as they are."""

    slug: str
    platform: str
    via: Via
    name: str = ""
    server: str | None = None
    person: str | None = None
    min_gap_minutes: int | None = None
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    settings: Mapping[str, Any] = field(default_factory=dict)


def add_account(scope: Scope, vault: Vault, new: NewAccount) -> Account:
    """Add an account, its secrets sealed.

    Raises:
        UnknownPlatform: No such network.
        InvalidInput: What the way of posting needs is missing.
        AlreadyExists: The organization has an account of that slug.
    """
    network(new.platform)
    if not _SLUG.fullmatch(new.slug):
        raise InvalidInput(
            f"{new.slug[:80]!r} is no short name for an account.",
            hint="Use lower-case letters, digits, - and _, beginning with a letter or digit, 64 at most: our-page.",
        )
    _refuse_incomplete(new)
    if account_by_slug(scope, new.slug) is not None:
        raise AlreadyExists(f"There is an account {new.slug!r} already.", hint="Choose another slug.")
    account = Account(
        organization_id=scope.organization_id,
        slug=new.slug,
        platform=new.platform,
        via=new.via.value,
        name=new.name or new.slug,
        server=server_of(new).rstrip("/") or None,
        person=new.person,
        settings=dict(new.settings),
        min_gap_minutes=new.min_gap_minutes,
        next_free_at=scope.now,
        created_at=scope.now,
    )
    scope.session.add(account)
    scope.session.flush()
    if new.secrets:
        scope.session.add(
            Credential(
                organization_id=scope.organization_id,
                account_id=account.id,
                sealed=vault.encrypt(dict(new.secrets)),
                updated_at=scope.now,
            )
        )
        scope.session.flush()
    return account


def server_of(new: NewAccount) -> str:
    """Return the server's address that a new account is reached at, or an empty text."""
    default = DEFAULT_SERVERS.get(new.platform, "") if new.via is Via.NETWORK else ""
    return new.server or default


def _refuse_incomplete(new: NewAccount) -> None:
    if new.via is Via.BY_HAND and not (new.person or "").strip():
        raise InvalidInput(
            "An account that is posted to by hand needs the name of the person who posts.", hint="Give a person."
        )
    if new.via is not Via.NETWORK:
        return
    if new.platform not in SECRETS:
        raise InvalidInput(
            f"Posting to {new.platform} through its API is not available in this version.",
            hint="Add the account to be posted by hand, or as a sandbox.",
        )
    refuse_server(server_of(new))
    missing = [name for name in SECRETS[new.platform] if not new.secrets.get(name)]
    if missing:
        raise InvalidInput(f"{new.platform} needs {' and '.join(missing)}.", hint="Give what is missing.")


def refuse_server(server: str) -> None:
    """Refuse what is no base URL of a server.

    Raises:
        InvalidInput: It is none.
    """
    if not _SERVER.fullmatch(server):
        raise InvalidInput(
            f"{server[:200]!r} is no server's address." if server else "The account's server is missing.",
            hint="Give its address without a page, such as https://example.social.",
        )


def accounts_of(scope: Scope) -> Sequence[Account]:
    """Return the organization's accounts by slug."""
    return scope.session.scalars(scope.query(Account).order_by(Account.slug)).all()


#: The orders of accounts.
SORTS: dict[str, Sort[Account]] = orders(
    "slug",
    both_ways("slug", (Account.slug,), lambda row: (row.slug,)),
    both_ways("platform", (Account.platform, Account.slug), lambda row: (row.platform, row.slug)),
    both_ways("created", (Account.created_at, Account.id), lambda row: (row.created_at, row.id)),
)


def accounts_page(
    scope: Scope,
    asked: Asked,
    *,
    platform: str | None = None,
    state: str | None = None,
    via: str | None = None,
    sort: str | None = None,
) -> Page[Account]:
    """Return a page of the organization's accounts, by slug where no order is named; None asks for all.

    Raises:
        InvalidInput: There is no such order.
        BadCursor: The cursor is none of this list's, or of another order.
    """
    query = scope.query(Account)
    for column, wanted in ((Account.platform, platform), (Account.state, state), (Account.via, via)):
        if wanted is not None:
            query = query.where(column == wanted)
    return sorted_page(scope.session, query, chosen(SORTS, sort), asked)


def account_by_slug(scope: Scope, slug: str) -> Account | None:
    """Return the account of that slug, or None."""
    return scope.session.scalars(scope.query(Account).where(Account.slug == slug)).first()


def note_check(account: Account, check: AccountCheck) -> None:
    """Keep what the network said of an account: who it is and what its server allows.

    Where the network could not be asked, nothing is known that was not known before.
    """
    if check.unreachable:
        return
    if not check.ok:
        account.state, account.state_reason = "needs_reconnect", check.detail
        return
    account.state, account.state_reason = "connected", None
    account.remote_id = check.remote_id or account.remote_id
    account.handle = check.handle or account.handle
    account.settings = {**account.settings, **check.settings}
    account.token_expires_at = check.expires_at
    account.version += 1


def disconnect_account(scope: Scope, account: Account) -> Account:
    """Forget an account's secrets; what it published stays on record.

    Raises:
        Conflict: One of its deliveries is being sent.
    """
    query = scope.query(Delivery).where(Delivery.account_id == account.id, Delivery.state == "sending")
    if scope.session.scalars(query).first():
        raise Conflict("A delivery of this account is being sent.", hint="Wait until it is done, then try again.")
    scope.session.execute(delete(Credential).where(Credential.account_id == account.id))
    account.state, account.state_reason = "disconnected", "Disconnected by a person."
    account.token_expires_at = None
    account.version += 1
    return account
