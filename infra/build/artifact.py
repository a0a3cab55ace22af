"""Builds one Lambda artifact into the folder that SAM gives.

`artifact.py function chat DIR` and `artifact.py layer core DIR`.

Third-party packages are installed once per lock file, Python version and platform into .supportmax/build/, with their
bytecode, and hard-linked from there; so a change of our own code rebuilds in a second. What is built depends on nothing
but the sources, which lets `sam deploy` skip what it has uploaded before.

Settings: SUPPORTMAX_BUILD_PYTHON (default: the runtime in template.yaml) and SUPPORTMAX_BUILD_PLATFORM.
"""

import compileall
import fcntl
import hashlib
import os
import py_compile
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".supportmax" / "build"
LAMBDA_PLATFORM = "x86_64-manylinux_2_28"
# Type stubs, tests and the metadata that only an installer reads; entry points and licences stay. Then the parts of
# big packages that no function imports: onnxruntime's converters and its C library (the Python module has its own
# copy of it), numpy's compilers. Without them two layers stay well below Lambda's 250 MB.
NEEDLESS = ("*.pyi", "*.pyx", "*.pxd", "RECORD", "INSTALLER", "REQUESTED", "onnxruntime/capi/libonnxruntime.so*")
NEEDLESS_FOLDERS = ("tests", "bin", "__pycache__")
NEEDLESS_PARTS = (
    *(f"onnxruntime/{part}" for part in ("backend", "datasets", "quantization", "tools", "transformers")),
    *(f"numpy/{part}" for part in ("distutils", "f2py", "_core/include", "_core/lib")),
)


def target_python() -> str:
    """The version to build for, e.g. "3.13": Lambda's, or that of the emulator, which runs on this interpreter."""
    chosen = os.environ.get("SUPPORTMAX_BUILD_PYTHON")
    if chosen:
        return chosen
    found = re.search(r"Runtime: python(\d+\.\d+)", (ROOT / "template.yaml").read_text(encoding="utf-8"))
    if not found:
        raise SystemExit("artifact: template.yaml names no Python runtime")
    return found.group(1)


def target_platform() -> str:
    return os.environ.get("SUPPORTMAX_BUILD_PLATFORM", LAMBDA_PLATFORM)


def is_host_python(version: str) -> bool:
    """Only the interpreter that will run the code can write its bytecode."""
    return version == f"{sys.version_info.major}.{sys.version_info.minor}"


def packages(lock: Path) -> Path:
    """A folder with the packages of a lock file, made when it is not there yet."""
    version, platform = target_python(), target_platform()
    recipe = Path(__file__).read_bytes()
    key = hashlib.sha256(b"\0".join([lock.read_bytes(), recipe, version.encode(), platform.encode()])).hexdigest()[:16]
    ready = CACHE / f"{lock.parent.name}-{version}-{key}"
    with one_at_a_time(ready):
        if not ready.exists():
            partial = Path(f"{ready}.{os.getpid()}.partial")
            install(lock, partial, version, platform)
            trim(partial)
            compile_bytecode(partial, version)
            partial.rename(ready)
            forget_older(ready)
    return ready


@contextmanager
def one_at_a_time(ready: Path) -> Iterator[None]:
    """Builds side by side, as two tests start them: whoever comes second waits, and finds the first one's packages."""
    ready.parent.mkdir(parents=True, exist_ok=True)
    with (ready.parent / f".{ready.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def install(lock: Path, target: Path, version: str, platform: str) -> None:
    uv = ROOT / ".venv" / "bin" / "uv"
    command = [uv if uv.exists() else "uv", "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:"]
    command += ["--target", target, "--python-version", version, "--python-platform", platform, "-r", lock]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"artifact: cannot install {lock.relative_to(ROOT)}: {done.stderr.strip()[-2000:]}")


def trim(folder: Path) -> None:
    for pattern in NEEDLESS:
        for path in folder.rglob(pattern):
            path.unlink()
    for part in NEEDLESS_PARTS:
        shutil.rmtree(folder / part, ignore_errors=True)
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and path.name in NEEDLESS_FOLDERS:
            shutil.rmtree(path)


def compile_bytecode(folder: Path, version: str) -> None:
    """Hash-based and unchecked: a zip keeps no reliable file times, and Lambda never edits the sources."""
    if is_host_python(version):
        mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
        compileall.compile_dir(folder, quiet=2, stripdir=str(folder), invalidation_mode=mode, workers=1)


def forget_older(ready: Path) -> None:
    """Keeps the two newest builds of the same packages, so that switching a branch back costs nothing."""
    family = "-".join(ready.name.split("-")[:-1])
    builds = sorted(CACHE.glob(f"{family}-*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in builds[2:]:
        shutil.rmtree(old, ignore_errors=True)


def link_tree(source: Path, target: Path) -> None:
    """Hard links where the file system can, copies elsewhere."""

    def place(origin: str, destination: str) -> None:
        try:
            os.link(origin, destination)
        except OSError:
            shutil.copy2(origin, destination)

    shutil.copytree(source, target, copy_function=place, dirs_exist_ok=True)


def copy_sources(
    source: Path, target: Path, patterns: Iterable[str] = ("*.py", "*.sql", "*.json", "*.html", "py.typed")
) -> None:
    for pattern in patterns:
        for path in source.rglob(pattern):
            copy = target / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)


def build_function(name: str, target: Path) -> None:
    folder = ROOT / "functions" / name
    lock = folder / "requirements.txt"
    if lock.exists():
        link_tree(packages(lock), target)
    code = target / "functions"
    copy_sources(folder, code / name)
    shutil.copyfile(ROOT / "functions" / "__init__.py", code / "__init__.py")
    if name == "migrate":
        copy_sources(ROOT / "infra" / "migrations", target / "infra" / "migrations")
    compile_bytecode(code, target_python())


def build_layer(name: str, target: Path) -> None:
    folder = {"core": ROOT / "shared", "embedder": ROOT / "infra" / "layers" / "embedder"}[name]
    link_tree(packages(folder / "requirements.txt"), target / "python")
    if name == "core":
        copy_sources(folder / "supportmax", target / "python" / "supportmax")
        compile_bytecode(target / "python" / "supportmax", target_python())
    else:
        link_tree(folder / "model", target / "model")


def main() -> None:
    kind, name, target = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    {"function": build_function, "layer": build_layer}[kind](name, target)


if __name__ == "__main__":
    main()
