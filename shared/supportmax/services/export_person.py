"""Export everything about a person: a ZIP of JSON, one file a table, and of their files."""

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import PurePosixPath
from uuid import UUID

from supportmax.domain.clock import utcnow
from supportmax.domain.errors import NotFound, TooLarge
from supportmax.domain.events import Envelope
from supportmax.domain.privacy import StoredObject
from supportmax.domain.ticket_work import Job
from supportmax.ports import Store
from supportmax.services.privacy_jobs import Closet, take_up

# The bucket's lifecycle rule in the template deletes exports after as many days.
KEPT = timedelta(days=7)
MOST_BYTES = 300_000_000
TELL_EVERY = 20
README = """Everything that this desk has about one person, of {now} UTC.

data/   one JSON file for each kind of thing
files/  attachments, and mails as they came

Internal notes of agents and the words of others in the same conversations are in here: look before you hand it out.
"""


def export_person(closet: Closet, store: Store, envelope: Envelope) -> None:
    """Handle ExportRequested. A delivery that comes again makes it anew."""
    taken = take_up(store, envelope)
    if taken is None:
        return
    job, whom = taken
    with store.begin(envelope.workspace_id) as tx:
        footprint = tx.privacy.of(whom)
        objects = [found for found in tx.privacy.objects(footprint) if not found.key.startswith("exports/")]
        tables = dict(tx.privacy.contents(footprint))
    packed = io.BytesIO()
    try:
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("README.txt", README.format(now=f"{utcnow():%Y-%m-%d %H:%M}"))
            for table, rows in tables.items():
                archive.writestr(f"data/{table}.json", json.dumps(rows, indent=1, ensure_ascii=False))
            _add_files(archive, closet, store, envelope.workspace_id, job, objects)
    except TooLarge as error:
        _finish(store, envelope.workspace_id, replace(job, problems=[{"problem": error.message}]), {})
        return
    key = f"exports/{envelope.workspace_id}/{job.id}.zip"
    closet.attachments.put(key, packed.getvalue(), "application/zip")
    result = {"object_key": key, "bytes": packed.tell(), "expires_at": (utcnow() + KEPT).isoformat()}
    _finish(store, envelope.workspace_id, job, result)


def _add_files(
    archive: zipfile.ZipFile,
    closet: Closet,
    store: Store,
    workspace_id: UUID,
    job: Job,
    objects: Sequence[StoredObject],
) -> None:
    """Raises TooLarge. A file that is gone is not there for anybody; its row tells of it."""
    size = 0
    for number, found in enumerate(objects, start=1):
        try:
            content = closet.store_of(found.bucket).get(found.key)
        except NotFound:
            continue
        size += len(content)
        if size > MOST_BYTES:
            raise TooLarge(f"There are more than {MOST_BYTES:,} bytes of files: ask for their tickets one by one.")
        archive.writestr(f"files/{found.bucket}/{number}-{PurePosixPath(found.key).name}", content)
        if number % TELL_EVERY == 0:
            with store.begin(workspace_id) as tx:
                tx.jobs.save(replace(job, position=min(number, job.total - 1)))


def _finish(store: Store, workspace_id: UUID, job: Job, result: dict[str, object]) -> None:
    with store.begin(workspace_id) as tx:
        tx.jobs.save(replace(job, status="done", position=job.total, result=result, finished_at=utcnow()))
        tx.audit.add(str(job.created_by or "system"), "privacy.export", "job", job.id, {})
