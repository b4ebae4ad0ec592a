"""A Dask cluster that is there already, for the chunks of a grid."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import joblib

from koubai.errors import SettingError, first_line, missing_extra
from koubai.version import __version__

# Seconds that a scheduler has to answer in, and its first worker to be there.
_PATIENCE = 5.0


@contextmanager
def on_cluster(address: str) -> Generator[None]:
    """What joblib is asked for inside goes to the Dask cluster whose scheduler has that address.

    Raises SettingError within seconds where no scheduler answers there, whatever else does, where
    there is no worker, or one without this koubai; MissingExtraError where Dask is not installed.
    """
    try:
        from distributed import Client
    except ImportError:
        raise missing_extra("cluster", "dask") from None
    with _quietly():
        _check_scheduler(address)
        try:
            client: Any = Client(address, timeout=_PATIENCE, set_as_default=False)
        except (OSError, ImportError) as error:  # it is gone, or will have no client of this Dask
            raise _no_scheduler(address, first_line(error)) from None
    with client:
        _check_workers(address, client)
        with joblib.parallel_config(backend="dask", client=client):
            yield


def _check_scheduler(address: str) -> None:
    """Asks what is at an address who it is: Dask's client would wait for its answer for ever."""
    try:
        kind = asyncio.run(asyncio.wait_for(_kind_at(address), _PATIENCE))
        reason = f"a Dask {kind} answers there".lower()
    except OSError:  # TimeoutError among them
        kind, reason = None, "no answer"
    except (ValueError, TypeError) as error:  # no address, or no certificate for it
        kind, reason = None, first_line(error)
    except Exception:  # other bytes than Dask's are read as lengths, indices, …
        kind, reason = None, "what answers there is not Dask"
    if kind != "Scheduler":
        raise _no_scheduler(address, reason)


async def _kind_at(address: str) -> object:
    from distributed import Security, rpc

    secrets = Security().get_connection_args("client")
    async with rpc(address, timeout=_PATIENCE, connection_args=secrets) as there:
        who: Any = await there.identity()
        return who["type"]


def _no_scheduler(address: str, reason: str) -> SettingError:
    return SettingError(
        f"cluster is {address!r}, where no scheduler is found ({reason}): start one with `dask "
        f"scheduler`, and give the address that it prints, tcp://HOST:8786"
    )


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
    """Dask logs each attempt to connect, and what it cannot read, which the error says once."""
    loggers = [logging.getLogger(name) for name in ("distributed", "distributed.client")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
