"""One suite for every object store: the one in memory, and S3."""

import pytest

from supportmax.adapters import aws
from supportmax.adapters.objects import s3
from supportmax.adapters.objects.s3 import S3ObjectStore
from supportmax.domain.errors import NotFound, TooLarge, TransientFailure
from supportmax.ports import ObjectStore
from tests.cloud import REGION
from tests.fakes.memory import MemoryObjects

BUCKET = "objects"


@pytest.fixture
def bucket(account: None) -> S3ObjectStore:
    aws.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    return S3ObjectStore(BUCKET)


@pytest.fixture(params=["memory", "s3"])
def store(request: pytest.FixtureRequest, bucket: S3ObjectStore) -> ObjectStore:
    return MemoryObjects() if request.param == "memory" else bucket


@pytest.mark.parametrize("key", ["a", "workspace/message/recibo de salário.pdf", "a+b c&d?e=f#g%20", "💳/ü"])
def test_what_was_put_can_be_got(key: str, store: ObjectStore) -> None:
    data = bytes(range(256))
    store.put(key, data, "application/pdf")
    assert store.get(key) == data


def test_an_empty_object_is_an_object(store: ObjectStore) -> None:
    store.put("empty", b"", "text/plain")
    assert store.get("empty") == b""


def test_putting_again_replaces(store: ObjectStore) -> None:
    store.put("key", b"old", "text/plain")
    store.put("key", b"new", "text/plain")
    assert store.get("key") == b"new"


def test_what_is_not_there_is_not_found(store: ObjectStore) -> None:
    with pytest.raises(NotFound, match="nothing"):
        store.get("nothing")


# What only S3 has


def test_the_content_type_is_kept(bucket: S3ObjectStore) -> None:
    bucket.put("key", b"%PDF", "application/pdf")
    assert aws.client("s3").head_object(Bucket=BUCKET, Key="key")["ContentType"] == "application/pdf"


def test_a_bucket_that_is_gone_is_a_failure_that_may_pass(account: None) -> None:
    gone = S3ObjectStore("gone")
    with pytest.raises(TransientFailure, match="object store: NoSuchBucket"):
        gone.get("key")
    with pytest.raises(TransientFailure, match="object store: NoSuchBucket"):
        gone.put("key", b"", "text/plain")


def test_an_object_beyond_the_limit_is_not_read(bucket: S3ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3, "MAX_BYTES", 10)
    bucket.put("key", b"x" * 11, "text/plain")
    with pytest.raises(TooLarge, match="11 bytes"):
        bucket.get("key")
