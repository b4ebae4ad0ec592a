"""Max pooling by slices: bit for bit that of PyTorch, whatever the window."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812

from koubai.adapters import torch_pooling
from koubai.adapters.torch_pooling import max_pools_by_slices

GENERATOR = torch.Generator().manual_seed(4)
IMAGES = torch.randn(3, 5, 13, 10, generator=GENERATOR)


def taken(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many windows each call of `_maximum` covers."""
    found: list[int] = []
    own = torch_pooling._maximum

    def counted(x: Any, axis: int, width: int, step: int) -> Any:
        found.append(width)
        return own(x, axis, width, step)

    monkeypatch.setattr(torch_pooling, "_maximum", counted)
    return found


@pytest.mark.parametrize(
    ("window", "by_slices"),
    [
        ({"kernel_size": 2}, True),
        ({"kernel_size": 3}, True),  # 13 and 10 are no multiples of it
        ({"kernel_size": 3, "stride": 2}, True),
        ({"kernel_size": (2, 5), "stride": (3, 1)}, True),
        ({"kernel_size": 1, "stride": 4}, True),
        ({"kernel_size": (13, 10)}, True),
        ({"kernel_size": 3, "stride": 2, "padding": 1}, False),
        ({"kernel_size": 2, "dilation": 3}, False),
        ({"kernel_size": 3, "ceil_mode": True}, False),
    ],
)
@pytest.mark.parametrize("kind", ["module", "function"])
def test_it_is_pytorchs(
    window: dict[str, Any], by_slices: bool, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool: Any = nn.MaxPool2d(**window) if kind == "module" else lambda x: F.max_pool2d(x, **window)
    images = IMAGES.clone()
    images[1, 2, 6, 3], images[0, 0, 0, 0] = torch.nan, -torch.inf
    calls = taken(monkeypatch)
    for x in (images, images[0], images.contiguous(memory_format=torch.channels_last)):
        expected = pool(x)
        with max_pools_by_slices():
            torch.testing.assert_close(pool(x), expected, rtol=0, atol=0, equal_nan=True)
    assert bool(calls) is by_slices


def test_places_are_pytorchs() -> None:
    with max_pools_by_slices():
        values, places = F.max_pool2d(IMAGES, 2, return_indices=True)
    expected = F.max_pool2d(IMAGES, 2, return_indices=True)
    assert torch.equal(values, expected[0])
    assert torch.equal(places, expected[1])


def test_within_vmap(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = taken(monkeypatch)
    factors = torch.tensor([1.0, -2.0, 0.5])
    with max_pools_by_slices():
        found = torch.func.vmap(lambda factor: F.max_pool2d(factor * IMAGES, 3, 2))(factors)
    for factor, each in zip(factors, found, strict=True):
        assert torch.equal(each, F.max_pool2d(factor * IMAGES, 3, 2))
    assert calls
