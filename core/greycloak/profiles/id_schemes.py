"""How a project gives its subjects their pseudonyms."""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from typing import Any

HASH, LIST, COUNTER, COMMAND, SERVICE = "hash", "list", "counter", "command", "service"
PSEUDONYM = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.+-]{0,63}")
"""What a pseudonym may be, wherever it comes from: it goes into Patient ID and, as a name, into folders."""

_DEFAULT_TIMEOUT, _MAX_TIMEOUT = 10, 120
_EXPECTED = (
    "'hash', 'list', a template with {counter} as '{project}-{counter:05d}', "
    '{ command = [...] } or { url = "https://..." }'
)


@dataclass(frozen=True, slots=True)
class IdScheme:
    """A way to give pseudonyms.

    Attributes
    ----------
    kind : str
        ``hash``, ``list``, ``counter``, ``command`` or ``service``.
    template : str
        Of a counter.
    command : tuple of str
        Of a command.
    url : str
        Of a service.
    token_variable : str
        Of a service: the environment variable with its bearer token.
    timeout : int
        Of a command or service, in seconds.
    """

    kind: str = HASH
    template: str = ""
    command: tuple[str, ...] = ()
    url: str = ""
    token_variable: str = ""
    timeout: int = _DEFAULT_TIMEOUT

    def written(self) -> Any:
        """Return it as profiles write it."""
        if self.kind in {HASH, LIST}:
            return self.kind
        if self.kind == COUNTER:
            return self.template
        if self.kind == COMMAND:
            return {"command": list(self.command), "timeout": self.timeout}
        token = {"token_variable": self.token_variable} if self.token_variable else {}
        return {"url": self.url, "timeout": self.timeout} | token

    def term(self) -> str:
        """Return what a project remembers of it: what another one must not differ in."""
        return self.template if self.kind == COUNTER else self.kind


def parse_id_scheme(written: Any) -> IdScheme:
    """Read a scheme as profiles write it.

    Raises
    ------
    ValueError
        If it is none; the message says what was expected.
    """
    if isinstance(written, IdScheme):
        return written
    if isinstance(written, str) and written in {HASH, LIST}:
        return IdScheme(written)
    if isinstance(written, str):
        return IdScheme(COUNTER, template=_template(written))
    if isinstance(written, dict) and "command" in written and set(written) <= {"command", "timeout"}:
        command = written["command"]
        if not isinstance(command, list) or not command or not all(isinstance(part, str) for part in command):
            raise ValueError(f"command is a list of texts, not {command!r}")
        return IdScheme(COMMAND, command=tuple(command), timeout=_timeout(written))
    if isinstance(written, dict) and "url" in written and set(written) <= {"url", "timeout", "token_variable"}:
        url, variable = written["url"], written.get("token_variable", "")
        is_local = isinstance(url, str) and url.startswith(("http://127.0.0.1", "http://localhost", "http://[::1]"))
        if not is_local and not (isinstance(url, str) and url.startswith("https://")):
            raise ValueError(f"url begins with https:// (http:// only on this machine): {url!r}")
        if not isinstance(variable, str):
            raise ValueError(f"token_variable names an environment variable, not {variable!r}")
        return IdScheme(SERVICE, url=url, token_variable=variable, timeout=_timeout(written))
    raise ValueError(f"expected {_EXPECTED}, not {written!r}")


def _template(written: str) -> str:
    try:
        fields = [
            (name, conversion) for _, name, _, conversion in string.Formatter().parse(written) if name is not None
        ]
        example = written.format(project="P", counter=1)
    except (ValueError, KeyError, IndexError, AttributeError) as error:
        raise ValueError(f"expected {_EXPECTED}, not {written!r}") from error
    if "counter" not in {name for name, _ in fields} or any(conversion for _, conversion in fields):
        raise ValueError(f"a template needs {{counter}}, or all subjects would be one: {written!r}")
    if not PSEUDONYM.fullmatch(example):
        raise ValueError(f"a pseudonym has letters, digits, spaces and _ . + -, at most 64: not {written!r}")
    return written


def _timeout(written: dict[str, Any]) -> int:
    value = written.get("timeout", _DEFAULT_TIMEOUT)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _MAX_TIMEOUT:
        raise ValueError(f"timeout is a number of seconds from 1 to {_MAX_TIMEOUT}, not {value!r}")
    return value
