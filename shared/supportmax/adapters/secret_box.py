"""Encrypts what must be read again: AES-256-GCM with a key derived from the desk's token secret."""

import os
from typing import TYPE_CHECKING
from uuid import UUID

from supportmax.domain.errors import PermanentFailure

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12


class AESSecretBox:
    """cryptography travels with the one function that seals, so it is imported on first use."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def seal(self, plain: bytes, owner: UUID) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher().encrypt(nonce, plain, owner.bytes)

    def open(self, sealed: bytes, owner: UUID) -> bytes:
        from cryptography.exceptions import InvalidTag

        try:
            return bytes(self._cipher().decrypt(sealed[:_NONCE], sealed[_NONCE:], owner.bytes))
        except InvalidTag:
            raise PermanentFailure("A stored secret does not open: was the token secret changed?") from None

    def _cipher(self) -> "AESGCM":
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        key = HKDF(SHA256(), 32, salt=None, info=b"supportmax stored secrets").derive(self._secret.encode())
        return AESGCM(key)
