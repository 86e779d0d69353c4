"""What the user would do: scripted answers to dialogs, and a record of what was shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Shown:
    """One message, question, dialog or web page that the user got to see."""

    kind: str
    text: str
    details: dict[str, Any] = field(default_factory=dict)


class Unanswered(BaseException):
    """A modal dialog opened for which the test has no answer; it would block for ever.

    Not an Exception, so that no production code takes it for an error it can deal with.
    """


@dataclass
class User:
    """The user at the screen.

    Attributes
    ----------
    answers : for each kind of dialog ("getOpenFileName", "confirmYesNoDisplay", "pip_ensure", ...) what is answered,
        one after the other.
    shown : everything that was displayed, in order.
    """

    answers: dict[str, list[Any]] = field(default_factory=dict)
    shown: list[Shown] = field(default_factory=list)

    def will_answer(self, kind: str, *answers: Any) -> None:
        self.answers.setdefault(kind, []).extend(answers)

    def sees(self, kind: str, text: str, **details: Any) -> None:
        self.shown.append(Shown(kind, text, details))

    def asked(self, kind: str, text: str, **details: Any) -> Any:
        self.sees(kind, text, **details)
        if not self.answers.get(kind):
            raise Unanswered(f"{kind} was shown, and no answer is scripted: {text}")
        return self.answers[kind].pop(0)

    def texts(self, kind: str) -> list[str]:
        return [each.text for each in self.shown if each.kind == kind]
