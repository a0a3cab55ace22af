"""Passwords are kept as argon2id hashes that take the library's current effort; other tests take less of it."""

from unittest.mock import patch

from argon2 import PasswordHasher

from supportmax.services.sign_in import hash_password


def test_a_password_is_hashed_with_the_current_effort(quick_passwords: type[PasswordHasher]) -> None:
    with patch("argon2.PasswordHasher", quick_passwords):
        hashed = hash_password("ten characters")
    assert hashed.startswith("$argon2id$")
    assert not quick_passwords().check_needs_rehash(hashed)
    assert quick_passwords().verify(hashed, "ten characters")
