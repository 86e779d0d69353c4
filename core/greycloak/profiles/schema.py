"""JSON Schema of what pydantic cannot derive: the actions, and the table of attributes and actions."""

from __future__ import annotations

from typing import Any

from greycloak.profiles.actions import ALPHABETS, COMPOUND_CODES, LIKE_ORIGINAL, PLAIN_ACTIONS

_ALPHABET = {"type": "string", "examples": [*ALPHABETS, LIKE_ORIGINAL]}


def _one(name: str, value: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": {name: value}, "required": [name], "additionalProperties": False}


ACTION_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"type": "string", "enum": [*PLAIN_ACTIONS, *COMPOUND_CODES]},
        _one("replace", {"type": ["string", "number"]}),
        _one("add", {"type": ["string", "number"]}),
        _one(
            "hash",
            {
                "anyOf": [
                    {"const": True},
                    {
                        "type": "object",
                        "properties": {
                            "length": {"type": "integer", "minimum": 4, "maximum": 64},
                            "alphabet": _ALPHABET,
                        },
                        "additionalProperties": False,
                    },
                ]
            },
        ),
        _one("truncate", {"anyOf": [{"enum": ["year", "month"]}, {"type": "integer", "minimum": 1}]}),
        _one("script", {"type": "string", "pattern": r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$"}),
    ]
}
_SECONDS = {"type": "integer", "minimum": 1, "maximum": 120}
ID_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"type": "string", "examples": ["hash", "list", "{project}-{counter:05d}"]},
        {
            "type": "object",
            "properties": {"command": {"type": "array", "items": {"type": "string"}}, "timeout": _SECONDS},
            "required": ["command"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "properties": {"url": {"type": "string"}, "timeout": _SECONDS, "token_variable": {"type": "string"}},
            "required": ["url"],
            "additionalProperties": False,
        },
    ],
    "title": "Id",
}
TAGS_SCHEMA: dict[str, Any] = {"type": "object", "additionalProperties": ACTION_SCHEMA, "title": "Tags"}
