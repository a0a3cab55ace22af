"""Presigned forms and URLs of one S3 bucket."""

from datetime import timedelta
from urllib.parse import quote

from supportmax.adapters.aws import client, error_code, error_status
from supportmax.domain.errors import TransientFailure
from supportmax.ports.files import UploadForm


class S3FileLinks:
    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    def upload(self, key: str, content_type: str, size: int, lifetime: timedelta) -> UploadForm:
        form = client("s3").generate_presigned_post(
            self._bucket,
            key,
            Fields={"Content-Type": content_type},
            Conditions=[{"Content-Type": content_type}, ["content-length-range", size, size]],
            ExpiresIn=int(lifetime.total_seconds()),
        )
        return UploadForm(form["url"], form["fields"])

    def download(self, key: str, name: str, content_type: str, lifetime: timedelta) -> str:
        # Never shown in the page: a file of a stranger is saved, not run. RFC 6266, section 4.3, for the name.
        wanted = {
            "ResponseContentDisposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
            "ResponseContentType": content_type,
        }
        url: str = client("s3").generate_presigned_url(
            "get_object",
            Params={"Bucket": self._bucket, "Key": key} | wanted,
            ExpiresIn=int(lifetime.total_seconds()),
        )
        return url

    def size(self, key: str) -> int | None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return int(client("s3").head_object(Bucket=self._bucket, Key=key)["ContentLength"])
        except ClientError as error:
            if error_status(error) in {403, 404}:  # without the right to list, S3 says 403 of what is not there
                return None
            raise TransientFailure(f"object store: {error_code(error)}") from error
        except BotoCoreError as error:
            raise TransientFailure(f"object store: {type(error).__name__}") from error
