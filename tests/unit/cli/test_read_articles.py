"""Articles from files: every format, and every mistake named with its file and line."""

import json
from pathlib import Path

import pytest

from supportmax.domain.errors import InvalidInput
from supportmax.domain.knowledge import ArticleDraft
from supportmax.services.read_articles import read_articles, stable_id

MARKDOWN = """---
id: "0042"
title: Change your PIN
topics: [change_pin, pin]
questions:
  - How do I change my PIN?
  - New PIN, please
language: no
status: draft
layout: page
---
Open **Cards**.

# Then
"""


def _file(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_front_matter(tmp_path: Path) -> None:
    """Scalars stay what they were written as: 0042 is no number and `no` is Norwegian."""
    assert read_articles(_file(tmp_path, "pin.md", MARKDOWN)) == [
        ArticleDraft(
            external_id="0042",
            title="Change your PIN",
            body="Open **Cards**.\n\n# Then",
            questions=["How do I change my PIN?", "New PIN, please"],
            topics=["change_pin", "pin"],
            language="no",
            status="draft",
        )
    ]


def test_a_folder_in_order_without_hidden_files(tmp_path: Path) -> None:
    _file(tmp_path, "cards/lost.md", "# Lost card\n\nFreeze it.\n")
    _file(tmp_path, "about.markdown", "\ufeff---\r\ntitle: About us\r\n---\r\nHello.\r\n")
    _file(tmp_path, ".git/note.md", "# No article\n\nx")
    _file(tmp_path, "notes.txt", "not an article")
    found = read_articles(tmp_path)
    assert [(a.external_id, a.title) for a in found] == [("about", "About us"), ("cards/lost", "Lost card")]


def test_json_lines_with_the_fields_of_articles_and_of_older_lists(tmp_path: Path) -> None:
    rows = [
        {"id": 7, "title": " A\n title ", "body": "b", "questions": ["q1", "q1", " "], "topics": "x | y"},
        {"question": "Do you ship?", "answer": "Yes."},
        {"id": "bare", "title": "Only a title", "body": ""},
    ]
    path = _file(tmp_path, "kb.jsonl", "\n".join(map(json.dumps, rows)) + "\n\n")
    first, second, third = read_articles(path)
    assert (first.external_id, first.title, first.questions, first.topics) == ("7", "A title", ["q1"], ["x", "y"])
    assert (second.external_id, second.title, second.body) == (stable_id("Do you ship?"), "Do you ship?", "Yes.")
    assert third.body == ""


@pytest.mark.parametrize("name", ["faq.json", "faq.jsonl"])
def test_json_lines_may_be_called_json(tmp_path: Path, name: str) -> None:
    path = _file(tmp_path, name, '{"question": "A?", "answer": "a"}\n{"question": "B?", "answer": "b"}\n')
    assert [a.title for a in read_articles(path)] == ["A?", "B?"]


def test_a_json_array(tmp_path: Path) -> None:
    path = _file(tmp_path, "faq.json", '[\n {"question": "A?", "answer": "a"},\n {"question": "B?", "answer": "b"}\n]')
    assert [a.body for a in read_articles(path)] == ["a", "b"]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_tables(tmp_path: Path, separator: str) -> None:
    text = '\ufeffQuestion|Answer|Topics\n"How?\nReally?"|"By mail"|"post|mail"\n'
    path = _file(tmp_path, "faq.csv", text.replace("post|mail", "post#mail").replace("|", separator).replace("#", "|"))
    (found,) = read_articles(path)
    assert (found.title, found.body, found.topics) == ("How? Really?", "By mail", ["post", "mail"])


def test_ids_from_questions_are_stable_readable_and_different() -> None:
    assert stable_id("How do I reset my PIN?") == stable_id("  how do I  reset my pin? ")
    assert stable_id("How do I reset my PIN?").startswith("how-do-i-reset-my-pin-")
    assert stable_id("Как дела?") != stable_id("Как же так?")


def test_what_no_database_stores_is_left_out(tmp_path: Path) -> None:
    path = _file(tmp_path, "kb.jsonl", '{"title": "A\\u0000B", "body": "x\\ud800y"}')
    (found,) = read_articles(path)
    assert (found.title, found.body) == ("AB", "xy")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.md", "---\ntitle: x\nno end", "a.md:1: the front matter has no closing line"),
        ("a.md", "---\ntitle: x\ntopics: [a\nid: y\n---\nb", "a.md:4: malformed front matter"),
        ("a.md", "---\ntitle: a: b\n---\nb", "a.md:2: malformed front matter"),
        ("a.md", "---\n- title\n---\nb", "a.md:2: malformed front matter"),
        ("a.md", "---\ntitle:\n---\nb", "a.md:1: the title is empty"),
        ("a.md", "no heading", "a.md:1: the title is empty"),
        ("a.md", "---\ntitle: {a: b}\n---\nb", "a.md:1: title must be text"),
        ("a.md", "---\ntitle: x\nquestions: {a: b}\n---\nb", "a.md:1: questions must be a list"),
        ("a.md", "---\ntitle: x\nstatus: gone\n---\nb", "a.md:1: status 'gone' is none of draft, published, archived"),
        ("a.md", "---\ntitle: x\nlanguage: German\n---\nb", "a.md:1: language 'German' is not a code"),
        ("a.md", f"---\ntitle: {'x' * 501}\n---\nb", "a.md:1: the title has 501 characters; the limit is 500"),
        ("a.md", b"# T\n\nb\xff", "a.md:3: not UTF-8 text"),
        ("a.jsonl", '{"title": "x", "body": "y"}\n{oops}', "a.jsonl:2: not JSON"),
        ("a.jsonl", '{"title": "x", "body": "y"}\n[1]', "a.jsonl:2: expected an object"),
        ("a.jsonl", '{"title": "x", "body": ["y"]}', "a.jsonl:1: body must be text"),
        ("a.jsonl", '{"title": " ", "body": "y"}', "a.jsonl:1: the title is empty"),
        ("a.jsonl", '{"title": "x", "body": "y", "topics": [["z"]]}', "a.jsonl:1: topics must be a list"),
        (
            "a.jsonl",
            '{"title": "x", "id": 1, "body": "y"}\n{"title": "z", "id": "1"}',
            "a.jsonl:2: the id '1' is taken",
        ),
        ("a.json", '[\n{"title": "x"},\n3]', "a.json:3: expected an object"),
        ("a.json", '[\n{"title": "x"},\n{"title": }]', "a.json:3: not JSON"),
        ("a.json", "[" * 100_000, "a.json:1: not JSON"),
        ("a.csv", "name,text\na,b\n", "a.csv:1: the first line must name the columns"),
        ("a.csv", "question,answer\na,b\nc,d,e\n", "a.csv:3: more values than the 2 columns"),
        ("a.csv", 'question,answer\na,b\n"c,d\n', "a.csv:3: malformed CSV"),
        ("a.csv", "question,answer\n,b\n", "a.csv:2: the title is empty"),
        ("a.csv", "question,answer\n", "a.csv: holds no articles"),
        ("a.pdf", "x", "a.pdf: not a kind of file with articles"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, name: str, text: str | bytes, said: str) -> None:
    path = _file(tmp_path, name, text)
    with pytest.raises(InvalidInput) as raised:
        read_articles(path)
    assert f"{tmp_path}/{said}" in raised.value.message
    assert "\n" not in raised.value.message


def test_a_folder_without_articles_and_a_missing_one(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no Markdown files"):
        read_articles(tmp_path)
    with pytest.raises(InvalidInput, match="no such file or folder"):
        read_articles(tmp_path / "missing")


def test_duplicates_across_files_name_both(tmp_path: Path) -> None:
    _file(tmp_path, "a.md", "---\nid: same\ntitle: A\n---\nx")
    _file(tmp_path, "b.md", "---\nid: same\ntitle: B\n---\nx")
    with pytest.raises(InvalidInput, match=r"b\.md:1: the id 'same' is taken by .*a\.md:1"):
        read_articles(tmp_path)
