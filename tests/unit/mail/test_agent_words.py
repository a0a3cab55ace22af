"""What of an agent's reply is kept for others."""

import pytest

from supportmax.services.mail.agent_words import without_name


@pytest.mark.parametrize(
    ("name", "text", "kept"),
    [
        ("Ann Harbour", "Thank you, Ann Harbour! Ann, wait.", "Thank you, [name]! [name], wait."),
        ("may", "May, you may wait until it is done.", "[name], you may wait until it is done."),
        ("Élodie", "Bonjour Élodie.", "Bonjour [name]."),
        ("Anna", "Annabel is a product.", "Annabel is a product."),
        ("A. (x)*", "A. is here.", "A. is here."),
        ("", "Nobody.", "Nobody."),
        (None, "Nobody.", "Nobody."),
    ],
)
def test_the_customers_name_is_not_kept(name: str | None, text: str, kept: str) -> None:
    assert without_name(text, name) == kept
