"""A pack in which a withdrawn number or link of its own is replaced by a new one, wherever the pack itself says it.

The posts stay as they are: they are the organization's to correct, and blocked until then.
"""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from app.errors import InvalidInput
from app.packs.rule_checks import rule_problems
from app.packs.schema import Pack
from app.text.carrying import replaced_link, replaced_number, same_number, same_place
from app.text.link_keys import link_key


def replaced_in_pack(pack: Pack, kind: str, old: str, new: str) -> Pack | None:
    """Return the pack with a `number` or `link` replaced in its contact, mention forms and kit; None if it has none.

    Raises:
        InvalidInput: With the new value it would be no valid pack.
    """
    document = pack.model_dump(mode="json")
    if kind == "number":
        _number(document, old, new)
    elif kind == "link":
        _link(document, old, new)
    if document == pack.model_dump(mode="json"):
        return None
    try:
        changed = Pack.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise _unfit(new, f"{where}: {first['msg']}") from None
    if problem := next(iter(rule_problems(changed)), None):
        raise _unfit(new, problem[1])
    return changed


def changed_facts(before: Pack, after: Pack) -> tuple[str, ...]:
    """Return the keys of the contact facts whose value differs, or that are in one of the packs only."""
    old = {fact.key: fact.value for fact in before.contact.facts}
    new = {fact.key: fact.value for fact in after.contact.facts}
    return tuple(key for key in dict.fromkeys([*old, *new]) if old.get(key) != new.get(key))


def _unfit(new: str, why: str) -> InvalidInput:
    return InvalidInput(f"{new!r} cannot stand in the pack: {why}", hint="Give it as the pack's own value is written.")


def _number(document: dict[str, Any], old: str, new: str) -> None:
    contact = document["contact"]
    for name in ("voice", "text_line", "tty"):
        if contact[name] and same_number(contact[name]["value"], old):
            contact[name]["value"] = new
    for good in contact["other_good_numbers"]:
        if same_number(good["number"], old):
            good["number"] = new
    for claim in contact["claims"]:
        claim["value"] = replaced_number(claim["value"], old, new)
    forms = document["mention_forms"]
    for language in forms:
        forms[language] = _in_order([replaced_number(form, old, new) for form in forms[language]])


def _link(document: dict[str, Any], old: str, new: str) -> None:
    contact, key = document["contact"], link_key(new)
    address = new if "://" in new else f"https://{new}"
    if contact["website"] and key is not None and same_place(contact["website"]["value"], old):
        contact["website"]["value"] = key.host
    if contact["chat"] and same_place(contact["chat"]["value"], old):
        contact["chat"]["value"] = address
    forms = document["mention_forms"]
    for language in forms:
        forms[language] = _in_order([replaced_link(form, old, new) for form in forms[language]])
    hosts = document["known_hosts"]
    if key is not None and any(same_place(host, old) for host in hosts) and key.host not in hosts:
        hosts.append(key.host)
    for section in document["kit"]:
        for link in section["links"]:
            if link["target"] and same_place(link["target"], old):
                link["target"] = address
        for item in section["items"]:
            if item["link"] and same_place(item["link"], old):
                item["link"] = address


def _in_order(forms: list[str]) -> list[str]:
    """Return mention forms longest first, as a pack has them; a new value may be longer than the old one was."""
    return sorted(dict.fromkeys(forms), key=len, reverse=True)
