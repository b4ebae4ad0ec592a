"""A Dask cluster that is there already, for the chunks of a grid."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import joblib

from koubai.errors import SettingError, missing_extra
from koubai.version import __version__

# Seconds that a scheduler has to answer in, and its first worker to be there.
_PATIENCE = 5.0


@contextmanager
def on_cluster(address: str) -> Generator[None]:
    """What joblib is asked for inside goes to the Dask cluster whose scheduler has that address.

    Raises SettingError within seconds where nothing answers there, where there is no worker, or
    one without this koubai; MissingExtraError where Dask is not installed.
    """
    try:
        from distributed import Client
    except ImportError:
        raise missing_extra("cluster", "dask") from None
    with _quietly():
        try:
            client: Any = Client(address, timeout=_PATIENCE, set_as_default=False)
        except (OSError, ValueError, TypeError, ImportError) as error:
            reason = str(error).splitlines()[0] if isinstance(error, ValueError) else "no answer"
            raise SettingError(
                f"cluster is {address!r}, where no scheduler is found ({reason}): start one with "
                f"`dask scheduler`, and give the address that it prints, tcp://HOST:8786"
            ) from None
    with client:
        _check_workers(address, client)
        with joblib.parallel_config(backend="dask", client=client):
            yield


def _check_workers(address: str, client: Any) -> None:
    with contextlib.suppress(TimeoutError):
        client.wait_for_workers(1, timeout=_PATIENCE)
    versions: dict[str, str | None] = client.run(_version_there)
    if not versions:
        raise SettingError(
            f"cluster is {address!r}, which has no workers: start some with `dask worker {address}`"
        )
    for worker, version in versions.items():
        if version != __version__:
            there = "no koubai" if version is None else f"koubai {version}"
            raise SettingError(
                f"cluster is {address!r}, whose worker {worker} has {there}: install koubai "
                f"{__version__} there"
            )


def _version_there() -> str | None:
    return __version__


@contextmanager
def _quietly() -> Generator[None]:
    """Dask logs each attempt to connect, which the error says once."""
    loggers = [logging.getLogger(name) for name in ("distributed.client", "distributed.comm")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
