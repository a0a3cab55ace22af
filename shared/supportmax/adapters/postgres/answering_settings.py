"""What a workspace decides about its answers."""

from datetime import date

from supportmax.adapters.postgres.repository import Repository, columns
from supportmax.domain import answers


class AnsweringSettings(Repository):
    file = "answering_settings"

    def get(self) -> answers.AnsweringSettings:
        return self.one(answers.AnsweringSettings, "get")

    def save(self, wanted: answers.AnsweringSettings, today: date) -> None:
        self.send("save", **columns(wanted))
        self.send("warn_again", day=today)
