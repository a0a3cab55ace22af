"""Mails for tests, built by hand because the standard library refuses to build broken ones."""

HEADERS = "From: Ann Lee <ann@example.com>\nTo: support@pebblebank.example\nSubject: Card\n"


def mail(body: str, headers: str = "") -> bytes:
    """A mail with the usual headers, `headers` (each ends with \\n) and a body."""
    return f"{HEADERS}{headers}\n{body}".encode()


def multipart(kind: str, *parts: str, headers: str = "") -> bytes:
    """A multipart mail; each part is its headers, an empty line and its content."""
    body = "".join(f"--b\n{part}\n" for part in parts) + "--b--\n"
    return mail(body, f'{headers}MIME-Version: 1.0\nContent-Type: multipart/{kind}; boundary="b"\n')


def plain(text: str) -> str:
    """A plain-text part."""
    return f"Content-Type: text/plain; charset=utf-8\n\n{text}"


def html(text: str) -> str:
    """An HTML part."""
    return f"Content-Type: text/html; charset=utf-8\n\n{text}"
