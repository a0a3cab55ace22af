"""Zips of built artifacts: the same content gives the same zip, and the template names it."""

import os
import zipfile
from pathlib import Path

import pytest

from infra.local import package


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(package, "ZIPS", tmp_path / "zips")
    folder = tmp_path / "built"
    (folder / "ChatFunction" / "functions").mkdir(parents=True)
    (folder / "ChatFunction" / "functions" / "app.py").write_text("handler = 1\n")
    (folder / "template.yaml").write_text(
        "Resources:\n  ChatFunction:\n    Properties:\n      CodeUri: ChatFunction\n      Handler: app.handler\n"
    )
    return folder


def zip_named_by(template: Path) -> Path:
    line = next(line for line in template.read_text().splitlines() if "CodeUri" in line)
    return Path(line.split(": ", 1)[1])


def test_template_names_a_zip_of_the_folder(built: Path, tmp_path: Path) -> None:
    package.package(built, tmp_path / "template.yaml")

    with zipfile.ZipFile(zip_named_by(tmp_path / "template.yaml")) as archive:
        assert archive.read("functions/app.py") == b"handler = 1\n"
    assert "Handler: app.handler" in (tmp_path / "template.yaml").read_text()


def test_same_content_gives_the_same_bytes_whatever_the_file_times(built: Path) -> None:
    first = package.zipped(built / "ChatFunction")
    content = first.read_bytes()
    first.unlink()
    os.utime(built / "ChatFunction" / "functions" / "app.py", (0, 0))

    assert package.zipped(built / "ChatFunction").read_bytes() == content


def test_other_content_gets_another_zip(built: Path) -> None:
    before = package.zipped(built / "ChatFunction")
    (built / "ChatFunction" / "functions" / "app.py").write_text("handler = 2\n")

    assert package.zipped(built / "ChatFunction") != before


def test_a_zip_that_is_there_is_not_written_again(built: Path) -> None:
    first = package.zipped(built / "ChatFunction")
    os.utime(first, (1, 1))

    assert package.zipped(built / "ChatFunction").stat().st_mtime == 1
