"""The messages as JSON Schema, from which the page has its types."""

from __future__ import annotations

from typing import Any

import msgspec

from koubai.play.messages import Answer, Request
from koubai.report import scene

_NUMBERS = {"tsType": "Numbers"}
# Types that the page has already, with scenes.
_KNOWN = {f"#/$defs/{name}": {"tsType": name} for name in ("Scene", "Text")}


def messages_schema() -> dict[str, Any]:
    """One object with a request and an answer, and the definition of each message."""
    (request, answer), found = msgspec.json.schema_components(
        [Request, Answer], schema_hook=lambda _: _NUMBERS
    )
    own = {name: _with_known(each) for name, each in found.items() if not hasattr(scene, name)}
    return {
        "title": "Messages",
        "type": "object",
        "properties": {"request": request, "answer": answer},
        "required": ["request", "answer"],
        "$defs": own,
    }


def _with_known(schema: Any) -> Any:
    """The schema with references to the known types by their name."""
    match schema:
        case {"$ref": str(name)} if name in _KNOWN:
            return _KNOWN[name]
        case dict():
            return {key: _with_known(value) for key, value in schema.items()}
        case list():
            return [_with_known(value) for value in schema]
        case _:
            return schema
