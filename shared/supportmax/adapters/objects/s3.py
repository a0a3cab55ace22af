"""Objects in one S3 bucket."""

from supportmax.adapters.aws import client, error_code
from supportmax.domain.errors import NotFound, TooLarge, TransientFailure

MAX_BYTES = 40 * 1024 * 1024  # what SES takes in, and room to spare


class S3ObjectStore:
    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    def get(self, key: str) -> bytes:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = client("s3").get_object(Bucket=self._bucket, Key=key)
            if answer["ContentLength"] > MAX_BYTES:
                raise TooLarge(f"{key} has {answer['ContentLength']} bytes; the limit is {MAX_BYTES}")
            data: bytes = answer["Body"].read()
        except ClientError as error:
            if error_code(error) in {"NoSuchKey", "404"}:
                raise NotFound(f"no object {key}") from None
            raise TransientFailure(f"object store: {error_code(error)}") from error
        except BotoCoreError as error:
            raise TransientFailure(f"object store: {type(error).__name__}") from error
        return data

    def put(self, key: str, data: bytes, content_type: str) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            client("s3").put_object(Bucket=self._bucket, Key=key, Body=data, ContentType=content_type)
        except (BotoCoreError, ClientError) as error:
            raise TransientFailure(f"object store: {error_code(error) or type(error).__name__}") from error

    def delete(self, key: str) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            client("s3").delete_object(Bucket=self._bucket, Key=key)
        except (BotoCoreError, ClientError) as error:
            raise TransientFailure(f"object store: {error_code(error) or type(error).__name__}") from error
