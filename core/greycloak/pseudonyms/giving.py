"""Give a new subject its pseudonym, as the project's scheme says."""

from __future__ import annotations

import json
import os
import subprocess
import time
from typing import TYPE_CHECKING, Any

from greycloak.outcomes import Refused
from greycloak.profiles.id_schemes import COMMAND, COUNTER, LIST, PSEUDONYM, SERVICE, IdScheme
from greycloak.pseudonyms.derive import derive_pseudonym
from greycloak.pseudonyms.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from greycloak.pseudonyms.identity import Identity

_TRIES = 3
_PAUSE = 0.5
_NOT_KNOWN = 404
_MAX_ANSWER = 4096


def pseudonym_giver(
    scheme: IdScheme, project: str, key: bytes, identity: Identity, derive_from: Identity
) -> Callable[[int], str]:
    """Return what gives a new subject its pseudonym, once its number in the project is known.

    Whoever has to be asked is asked now, before anything in the store is locked.

    Parameters
    ----------
    scheme : IdScheme
        The project's.
    project : str
        Its name.
    key : bytes
        Its key for pseudonyms.
    identity : Identity
        The identity as it came, for those who are asked.
    derive_from : Identity
        What all identities of the subject have in common.

    Raises
    ------
    StoreError
        If the command or service does not answer, or with nonsense.
    Refused
        If there is no pseudonym for this subject.
    """
    if scheme.kind == COUNTER:
        return lambda number: scheme.template.format(project=project, counter=number)
    if scheme.kind == LIST:
        raise Refused("not-on-list")
    if scheme.kind in {COMMAND, SERVICE}:
        given = _asked(scheme, project, identity)
        return lambda _number: given
    derived = derive_pseudonym(key, project, derive_from.serialized())
    return lambda _number: derived


def _asked(scheme: IdScheme, project: str, identity: Identity) -> str:
    question = {
        "project": project,
        "patient_id": identity.patient_id,
        "issuer": identity.issuer,
        "study_uid": identity.study_uid,
    }
    ask = _ask_command if scheme.kind == COMMAND else _ask_service
    for left in reversed(range(_TRIES)):
        try:
            answer = ask(scheme, question)
        except _NoAnswerError as error:
            if not left:
                raise StoreError(f"the pseudonym {scheme.kind} does not answer: {error}") from None
            time.sleep(_PAUSE)
        else:
            break
    if not PSEUDONYM.fullmatch(answer):
        raise StoreError(f"the pseudonym {scheme.kind} answers with something that cannot be a pseudonym")
    return answer


class _NoAnswerError(Exception):
    """No answer this time; the message says why, without what was asked."""


def _ask_command(scheme: IdScheme, question: dict[str, str]) -> str:
    try:
        done = subprocess.run(  # noqa: S603  the profile of the site names it
            scheme.command,
            input=json.dumps(question).encode(),
            capture_output=True,
            timeout=scheme.timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _NoAnswerError(f"nothing within {scheme.timeout} s") from None
    except OSError as error:
        raise _NoAnswerError(error.strerror or "it cannot be started") from None
    if done.returncode:
        raise _NoAnswerError(f"it ended with status {done.returncode}")
    return done.stdout[:_MAX_ANSWER].decode("utf-8", "replace").strip()


def _ask_service(scheme: IdScheme, question: dict[str, str]) -> str:
    import requests  # noqa: PLC0415  rarely needed, and slow to load

    token = os.environ.get(scheme.token_variable, "") if scheme.token_variable else ""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        with requests.Session() as session:
            session.trust_env = False  # no proxy, and no other credentials than those that the profile names
            answer = session.post(
                scheme.url, json=question, headers=headers, timeout=scheme.timeout, allow_redirects=False
            )
        if answer.status_code == _NOT_KNOWN:
            raise Refused("not-on-list")
        content: Any = answer.json() if answer.ok else None
    except (requests.RequestException, ValueError) as error:
        raise _NoAnswerError(type(error).__name__) from None
    if not answer.ok:
        raise _NoAnswerError(f"status {answer.status_code}")
    found = content.get("pseudonym") if isinstance(content, dict) else None
    return found if isinstance(found, str) else ""
