"""Messages as bytes: taken apart by hand, as the page does it."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import numpy as np
import pytest

from koubai.play import messages as m
from koubai.play.schema import messages_schema
from koubai.play.wire import decoded, encoded

SCHEMA = Path(__file__).parents[2] / "web" / "src" / "play" / "messages.schema.json"


def test_the_page_has_the_same_schema():
    """To bring it up to date: scripts/scene-types."""
    assert json.loads(SCHEMA.read_text()) == json.loads(json.dumps(messages_schema()))


def test_arrays_lie_behind_the_json_where_it_says():
    outputs = np.arange(30, dtype=np.float32).reshape(3, 5, 2)[:, ::-1]  # not in one piece
    answer = m.Regions(
        number=7,
        axes=(np.array([0.5, 1.5, np.nan]), np.linspace(0, 1, 5)),
        outputs=outputs,
        x=np.array([[1.0, -np.inf]]),
        t=np.array([3], np.int64),
    )
    frame = encoded(answer)
    size = int.from_bytes(frame[:4], "little")
    told, arrays = json.loads(frame[4 : 4 + size]), frame[-(-(4 + size) // 8) * 8 :]
    assert (told["type"], told["number"]) == ("regions", 7)
    for packed, array, kind in [
        (told["axes"][0], answer.axes[0], "f8"),
        (told["axes"][1], answer.axes[1], "f8"),
        (told["outputs"], outputs, "f4"),
        (told["x"], answer.x, "f8"),
        (told["t"], answer.t, "i4"),
    ]:
        assert packed["type"] == kind
        assert packed["at"] % 8 == 0
        found = np.frombuffer(arrays, f"<{kind}", array.size, packed["at"])
        np.testing.assert_array_equal(found.reshape(packed["shape"]), array)


def test_a_request_is_what_it_says():
    edit = '{"type": "edit", "layer": 2, "i": null, "j": 1, "value": 0.5}'
    text = f'{{"type": "edit", "number": 3, "edit": {edit}}}'
    assert decoded(text) == m.EditParameter(number=3, edit=m.Edit(2, None, 1, 0.5))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"type": "advance"}',
        '{"type": "advance", "number": -1}',
        '{"type": "advance", "number": 1, "steps": 0}',
        '{"type": "advance", "number": 1, "steps": 1.5}',
        '{"type": "advance", "number": 1, "more": 1}',
        '{"type": "advance", "number": 1, "unit": "year"}',
        '{"type": "leap", "number": 1}',
        '{"type": "set_network", "number": 1, "network": {"hidden": [2001]}}',
        '{"type": "set_network", "number": 1, "network": {"hidden": [1,1,1,1,1,1,1,1,1]}}',
        '{"type": "set_network", "number": 1, "network": {"seed": 4294967296}}',
        '{"type": "look", "number": 1, "own": ["a"]}',
        '{"type": "set_slope", "number": 1, "slope": {"formula": ["x"]}}',
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(msgspec.DecodeError):
        decoded(text)
