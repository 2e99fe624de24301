"""Column mappings: which heading of an agency's own spreadsheets is which field, kept by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.errors import InvalidInput, NotFound
from app.models import ColumnMapping
from app.packs.sheets.fields import FIELDS, is_field
from app.services.pages import Asked, Page, page_of
from app.services.scope import Scope


def mappings(scope: Scope) -> Sequence[ColumnMapping]:
    """Return the organization's mappings by name."""
    return scope.session.scalars(scope.query(ColumnMapping).order_by(ColumnMapping.name)).all()


def mappings_page(scope: Scope, asked: Asked) -> Page[ColumnMapping]:
    """Return a page of the organization's mappings, in the order in which they were saved first."""
    return page_of(scope.session, scope.query(ColumnMapping), (ColumnMapping.id,), lambda row: (row.id,), asked)


def mapping_by_name(scope: Scope, name: str) -> ColumnMapping:
    """Return a mapping by its name.

    Raises:
        NotFound: There is none.
    """
    found = scope.session.scalars(scope.query(ColumnMapping).where(ColumnMapping.name == name)).first()
    if found is None:
        known = ", ".join(one.name for one in mappings(scope)) or "none yet"
        raise NotFound(f"There is no column mapping {name[:100]!r}.", hint=f"Saved: {known}.")
    return found


def save_mapping(scope: Scope, name: str, columns: Mapping[str, str]) -> ColumnMapping:
    """Keep a mapping (field by heading) under a name; one of that name is replaced.

    Raises:
        InvalidInput: It maps nothing, maps to no field, or to one twice.
    """
    fields = list(columns.values())
    if strange := next((field for field in fields if not is_field(field)), None):
        known = ", ".join((*FIELDS, "text_<network>"))
        raise InvalidInput(f"{strange[:60]!r} is no field of a post.", hint=f"The fields are: {known}.")
    if "text" not in fields or len(set(fields)) < len(fields):
        raise InvalidInput("A mapping names the text, and each field once.", hint="For example: Message=text.")
    found = scope.session.scalars(scope.query(ColumnMapping).where(ColumnMapping.name == name)).first()
    if found is None:
        found = ColumnMapping(
            organization_id=scope.organization_id, name=name, columns=dict(columns), created_by=scope.actor,
            created_at=scope.now,
        )  # fmt: skip
        scope.session.add(found)
    else:
        found.columns = dict(columns)
    scope.session.flush()
    return found


def remove_mapping(scope: Scope, mapping_id: int) -> None:
    """Forget a mapping.

    Raises:
        NotFound: There is none.
    """
    scope.session.delete(scope.get(ColumnMapping, mapping_id))
    scope.session.flush()
