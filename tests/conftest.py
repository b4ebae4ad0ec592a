"""What tests of several rooms share."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import hypothesis
import pytest
from beartype import BeartypeConf, beartype
from browser import chromium
from jaxtyping import AbstractArray, install_import_hook

__all__ = ["chromium"]  # a fixture: one browser for the tests of all rooms

# --- Shapes: every jaxtyping annotation in koubai is checked whenever a test calls its function.
#
# Only those: a user may pass a list for an array, or "ten" for a number, and must then meet one of
# koubai's own errors, which the tests look for, and not beartype's.


# Made by users too: Dataset says what does not fit a Split, Objective what is no start, Plane what
# are no directions.
_CHECKED_BY_KOUBAI = {"Split.__init__", "Objective.__init__", "Plane.__init__"}


def _mentions_an_array(annotation: object) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, AbstractArray):
        return True
    return any(_mentions_an_array(part) for part in get_args(annotation))


def _check_shapes(function: Callable[..., Any]) -> Callable[..., Any]:
    if function.__qualname__ in _CHECKED_BY_KOUBAI:
        return function
    function.__annotations__ = {
        name: annotation if _mentions_an_array(annotation) else Any
        for name, annotation in function.__annotations__.items()
    }
    return beartype(function, conf=BeartypeConf(is_pep484_tower=True))


if "koubai" in sys.modules:
    raise RuntimeError("koubai was imported before the hook that checks its shapes was set")
_checker = ModuleType("koubai_shape_checker")  # the hook finds its checker by an importable name
_checker.check_shapes = _check_shapes  # pyright: ignore[reportAttributeAccessIssue]
sys.modules[_checker.__name__] = _checker
install_import_hook("koubai", f"{_checker.__name__}.check_shapes")

# --- What koubai compiles is compiled here as it is for its users. Single operations, of which the
# tests call thousands that are compiled for one shape each, are compiled in half the time.

os.environ["XLA_FLAGS"] = "--xla_backend_optimization_level=0 --xla_cpu_use_fusion_emitters=false"

# --- Ctrl-C: whoever starts the tests in the background has it ignored, here and in every process
# that a test starts.

signal.signal(signal.SIGINT, signal.default_int_handler)

# --- What is imported stays: to look through it for garbage again and again while more of it comes
# takes a quarter of the time of collecting the tests.


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


# --- Compiled functions: each takes some nine mappings of memory, of which Linux gives a process
# 65 530, and thousands of tests compile more than that: XLA then dies of a segmentation fault.

_MAPPINGS = Path("/proc/self/maps")
_MANY = 30_000


@pytest.fixture(scope="module", autouse=True)
def _few_mappings() -> Iterator[None]:
    yield
    if _MAPPINGS.exists() and _MAPPINGS.read_bytes().count(b"\n") > _MANY:
        import jax

        jax.clear_caches()
        gc.collect()


# --- Hypothesis: the same examples in every run, and the way to repeat a failing one printed with
# it. `pytest --hypothesis-profile=explore` looks further, with new examples each time.

hypothesis.settings.register_profile(
    "koubai", deadline=None, derandomize=True, print_blob=True, max_examples=30
)
hypothesis.settings.register_profile(
    "explore", deadline=None, derandomize=False, print_blob=True, max_examples=300
)
hypothesis.settings.load_profile("koubai")


@pytest.fixture(scope="session")
def mnist_folder() -> Path:
    """The folder of MNIST's four files; KOUBAI_REQUIRE=mnist makes its absence a failure."""
    folder = (Path(__file__).parents[1] / "../shared/data/mnist").resolve()
    if not folder.is_dir():
        reason = f"MNIST is not in {folder}"
        if "mnist" in os.environ.get("KOUBAI_REQUIRE", "").split(","):
            pytest.fail(reason)
        pytest.skip(reason)
    return folder


@pytest.fixture(scope="session")
def japanese() -> None:
    """A font with Japanese letters; KOUBAI_REQUIRE=fonts makes its absence a failure."""
    from koubai.errors import MissingExtraError
    from koubai.figures.languages import font_families

    try:
        font_families("ja")
    except MissingExtraError as error:
        if "fonts" in os.environ.get("KOUBAI_REQUIRE", "").split(","):
            pytest.fail(str(error))
        pytest.skip(str(error))
