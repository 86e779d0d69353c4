"""What a request is told is what we say, without the words of the library that checks it."""

from __future__ import annotations

import pytest

from greycloak_orthanc.rest.answers import RestError
from greycloak_orthanc.rest.requests import read_anonymize_request


def test_a_profile_that_there_is_not_is_named_and_nothing_else():
    with pytest.raises(RestError) as caught:
        read_anonymize_request(b'{"Profile": "nonsense"}')
    assert str(caught.value).startswith("Profile: unknown profile 'nonsense'")


def test_no_message_begins_with_the_words_of_pydantic():
    for body in (b'{"Profile": "A B"}', b'{"Project": "A B"}', b'{"Profile": "none"}', b'{"Keep": "x"}'):
        with pytest.raises(RestError) as caught:
            read_anonymize_request(body)
        assert "Value error" not in str(caught.value)
