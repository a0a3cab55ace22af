"""What the one-machine stack remembers."""

import stat
from pathlib import Path

from infra.local.state import State


def test_generated_passwords_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    first = State.load(file)
    first.save(file)

    assert State.load(file) == first
    assert State.load(tmp_path / "other.json").owner_password != first.owner_password


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    State().save(file)

    assert stat.S_IMODE(file.stat().st_mode) == stat.S_IRUSR | stat.S_IWUSR


def test_a_state_of_another_version_is_read_as_far_as_it_is_known(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    file.write_text('{"admin_password": "secret", "of_the_future": 1}')

    assert State.load(file).admin_password == "secret"


def test_a_torn_file_is_a_new_state(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    file.write_text('{"admin_password": "sec')

    assert len(State.load(file).admin_password) > 10
