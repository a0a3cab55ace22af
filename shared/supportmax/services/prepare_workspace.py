"""Set up a workspace: its row, its widget key, its first administrator. Doing it again changes nothing."""

import secrets
from dataclasses import dataclass
from uuid import UUID

from supportmax.domain.people import Workspace
from supportmax.ports import Store
from supportmax.services.sign_in import hash_password


@dataclass(frozen=True, slots=True)
class WorkspaceSetup:
    """`admin_password` may be empty: then nobody can sign in until an administrator is invited."""

    slug: str
    name: str
    admin_email: str = ""
    admin_password: str = ""


def prepare_workspace(store: Store, setup: WorkspaceSetup, workspace_id: UUID) -> Workspace:
    """The workspace with that slug; created under `workspace_id` if there is none."""
    found = store.find_workspace(slug=setup.slug)
    with store.begin(found or workspace_id) as tx:
        if found is None:
            tx.workspace.create(setup.slug, setup.name, f"wk_{secrets.token_urlsafe(18)}")
        if setup.admin_email and setup.admin_password and tx.accounts.by_email(setup.admin_email) is None:
            tx.users.add("admin", "Administrator", setup.admin_email, hash_password(setup.admin_password))
        return tx.workspace.get()
