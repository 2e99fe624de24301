"""Column mappings: what the headings of an agency's own spreadsheets mean, kept by name."""

from __future__ import annotations

from fastapi import APIRouter, Response

from app.api.desk import ViewDesk, WriteDesk
from app.api.paging import AskedDep, RowIdPath
from app.api.schemas.base import PageOut
from app.api.schemas.column_mappings import MappingIn, MappingOut, mapping_out
from app.api.schemas.problems import problems
from app.models import ColumnMapping
from app.services.imports.mappings import mappings_page, remove_mapping, save_mapping

router = APIRouter(prefix="/column-mappings", tags=["imports"])


@router.get("")
def list_column_mappings(desk: ViewDesk, asked: AskedDep) -> PageOut[MappingOut]:
    """List the saved mappings."""
    with desk.read() as scope:
        page = mappings_page(scope, asked)
        return PageOut(items=[mapping_out(row) for row in page.items], next_cursor=page.next_cursor)


@router.post("", status_code=201, responses=problems(409, 413, 415))
def save_a_column_mapping(desk: WriteDesk, body: MappingIn, response: Response) -> MappingOut:
    """Save a mapping; one of the same name is replaced."""
    with desk.write() as scope:
        answer = mapping_out(save_mapping(scope, body.name, body.columns))
    response.headers["Location"] = f"/api/v1/column-mappings/{answer.id}"
    return answer


@router.get("/{mapping_id}", responses=problems(404))
def read_a_column_mapping(desk: ViewDesk, mapping_id: RowIdPath) -> MappingOut:
    """Read a mapping."""
    with desk.read() as scope:
        return mapping_out(scope.get(ColumnMapping, mapping_id))


@router.delete("/{mapping_id}", status_code=204, responses=problems(404))
def remove_a_column_mapping(desk: WriteDesk, mapping_id: RowIdPath) -> None:
    """Forget a mapping."""
    with desk.write() as scope:
        remove_mapping(scope, mapping_id)
