"""ETag, If-Match and If-None-Match (RFC 9110, section 13) of things that count their versions."""

import re
from typing import Annotated

from fastapi import Depends, Header

_TAG = re.compile(r'(?:W/)?"(\d{1,9})"')


def etag(version: int) -> str:
    """The version as a strong validator."""
    return f'"{version}"'


def is_known(header: str, tag: str) -> bool:
    """Whether `If-None-Match` names the tag, which may be any text in quotes."""
    return tag in {found.strip().removeprefix("W/") for found in header.split(",")}


def _versions(header: str | None) -> frozenset[int] | None:
    """Those named; None for any. A tag that is not ours matches none."""
    if header is None or header.strip() == "*":
        return None
    return frozenset(int(found) for found in _TAG.findall(header))


async def _if_match(
    if_match: Annotated[
        str | None,
        Header(description='The `ETag` that you have read, such as `"3"`: not done if it has changed since.'),
    ] = None,
) -> frozenset[int] | None:
    return _versions(if_match)


async def _if_none_match(
    if_none_match: Annotated[
        str | None, Header(description="The `ETag` that you have already: 304 without a body if it is still the same.")
    ] = None,
) -> frozenset[int]:
    return (_versions(if_none_match) or frozenset()) if if_none_match else frozenset()


IfMatch = Annotated[frozenset[int] | None, Depends(_if_match)]
IfNoneMatch = Annotated[frozenset[int], Depends(_if_none_match)]
