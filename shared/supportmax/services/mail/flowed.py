"""RFC 3676 `format=flowed`: join the lines that the mail program broke only to keep them short."""

_SIGNATURE = "-- "


def unflow(text: str, *, delete_space: bool) -> str:
    """Paragraphs on one line each; quote marks, signature delimiter and hard line ends stay as they are."""
    paragraphs: list[list[str]] = []
    open_depth = -1  # quote depth of a paragraph that goes on in the next line
    for raw in text.split("\n"):
        depth = len(raw) - len(raw.lstrip(">"))
        line = raw[depth:].removeprefix(" ")
        if depth != open_depth or line == _SIGNATURE:
            paragraphs.append([">" * depth + " " if depth else ""])
        flows = line.endswith(" ") and line != _SIGNATURE
        paragraphs[-1].append(line[:-1] if flows and delete_space else line)
        open_depth = depth if flows else -1
    lines = ("".join(paragraph) for paragraph in paragraphs)
    return "\n".join(line if line == _SIGNATURE else line.rstrip() for line in lines)
