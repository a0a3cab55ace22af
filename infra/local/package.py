"""Zips built artifacts once per content, so that a deploy sends only what has changed.

`sam deploy` compresses every folder anew each time, 12 s for two unchanged layers. It takes a ready zip as it is, and
knows by its checksum whether it was uploaded before; so these zips are written the same way from the same content.
"""

import hashlib
import re
import zipfile
from pathlib import Path

from infra.local import paths

ZIPS = paths.HOME / "zips"
# A line of the built template that names an artifact's folder, e.g. "      CodeUri: ChatFunction".
ARTIFACT = re.compile(r"^(?P<key>\s+(?:CodeUri|ContentUri): )(?P<folder>\w+)$", re.MULTILINE)
EPOCH = (1980, 1, 1, 0, 0, 0)
READABLE = 0o644 << 16
FAST = 1
KEPT = 3


def package(built: Path, target: Path) -> None:
    """Writes the built template again as `target`, with zips in the place of folders."""
    template = (built / "template.yaml").read_text(encoding="utf-8")
    target.write_text(ARTIFACT.sub(lambda match: match["key"] + str(zipped(built / match["folder"])), template))


def zipped(folder: Path) -> Path:
    """The zip of a folder's content; its name holds the content's hash."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    digest = hashlib.blake2b(digest_size=12)
    for path in files:
        digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes() + b"\0")
    ready = ZIPS / f"{folder.name}-{digest.hexdigest()}.zip"
    if not ready.exists():
        ZIPS.mkdir(parents=True, exist_ok=True)
        partial = ready.with_suffix(".partial")
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=FAST) as archive:
            for path in files:
                _add(archive, path, str(path.relative_to(folder)))
        partial.rename(ready)
        _forget_older(folder.name)
    return ready


def _add(archive: zipfile.ZipFile, path: Path, name: str) -> None:
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = READABLE
    archive.writestr(entry, path.read_bytes())


def _forget_older(name: str) -> None:
    zips = sorted(ZIPS.glob(f"{name}-*.zip"), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in zips[KEPT:]:
        old.unlink()
