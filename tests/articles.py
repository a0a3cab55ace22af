"""A small knowledge base for tests."""

from supportmax.domain.knowledge import ArticleDraft

CARD = ArticleDraft(
    external_id="card-swallowed",
    title="A cash machine kept my card",
    body=(
        "Freeze the card in the app at once: Cards, then Freeze. The machine's owner destroys cards that it keeps.\n\n"
        "Order a new card in the app. It takes three to five working days to arrive, and it is free of charge."
    ),
    questions=["An ATM took my card", "The machine swallowed my card", "My card is stuck in the cash machine"],
    topics=["card_swallowed"],
)
PIN = ArticleDraft(
    external_id="change-pin",
    title="Changing your PIN",
    body="Change your PIN in the app: Cards, then PIN. A new PIN works after the next purchase with chip.",
    questions=["How do I change my PIN?", "I want a different PIN", "Where can I choose a new PIN?"],
    topics=["change_pin"],
)
TRANSFER = ArticleDraft(
    external_id="transfer-timing",
    title="How long a transfer takes",
    body="A transfer inside the country arrives within one working day. Abroad it takes up to five working days.",
    questions=["How long does a transfer take?", "When will my transfer arrive?", "How fast are bank transfers?"],
    topics=["transfer_timing"],
)
SHARED = "What does topping up cost?"
"""A question that three articles claim."""
CARD_FEE = ArticleDraft(
    external_id="top-up-by-card-charge",
    title="Fees for topping up by card",
    body="Topping up with a debit card is free. A credit card costs one per cent of the amount.",
    questions=[SHARED, "Is there a fee for topping up with a card?", "What does a top-up by card cost?"],
)
BANK_FEE = ArticleDraft(
    external_id="top-up-by-transfer-charge",
    title="Fees for topping up by bank transfer",
    body="Topping up by bank transfer is free inside the country. From abroad it costs two euros.",
    questions=[SHARED, "Is there a fee for topping up by bank transfer?", "What does a top-up by transfer cost?"],
)
CASH_FEE = ArticleDraft(
    external_id="top-up-by-cash-charge",
    title="Fees for topping up with cash",
    body="Topping up with cash in a partner shop costs one euro.",
    questions=[SHARED, "Is there a fee for topping up with cash?", "What does a top-up in a shop cost?"],
)
BASICS = (CARD, PIN, TRANSFER, CARD_FEE, BANK_FEE, CASH_FEE)
