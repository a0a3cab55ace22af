"""The API's reference, offline: the OpenAPI document of all functions together, and a page that shows it."""

from functools import cache
from pathlib import Path

from fastapi import APIRouter, Response

router = APIRouter(include_in_schema=False)


@cache
def _file(name: str) -> bytes:
    return (Path(__file__).parent / name).read_bytes()


@router.get("/openapi.json")
async def openapi() -> Response:
    return Response(_file("openapi.json"), media_type="application/json")


@router.get("/docs")
async def docs() -> Response:
    return Response(_file("docs.html"), media_type="text/html; charset=utf-8")
