from __future__ import annotations

import functools
import gzip
import shutil
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from koubai.data import load, mnist
from koubai.data.mnist import download
from koubai.errors import DataError, MissingExtraError

LABELS = "t10k-labels-idx1-ubyte"


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def mirror(tmp_path: Path, mnist_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server on this machine: /good has the files, /bad has them damaged, /empty has none."""
    root = tmp_path / "mirror"
    for name in ("bad", "empty"):
        (root / name).mkdir(parents=True)
    (root / "good").symlink_to(mnist_folder)
    for file in mnist_folder.iterdir():
        content = bytearray(gzip.decompress(file.read_bytes()))
        content[-1] ^= 1
        (root / "bad" / file.name).write_bytes(gzip.compress(bytes(content), compresslevel=0))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    handler = functools.partial(QuietHandler, directory=str(root))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def _no_folder_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KOUBAI_MNIST", raising=False)


@pytest.fixture
def copy(tmp_path: Path, mnist_folder: Path) -> Path:
    return Path(shutil.copytree(mnist_folder, tmp_path / "copy", copy_function=shutil.copy))


def test_counts_and_meaning(mnist_folder: Path) -> None:
    data = mnist(mnist_folder)
    assert (len(data.train), len(data.test)) == (60_000, 10_000)
    assert data.image_shape == (28, 28)
    assert data.classes == tuple("0123456789")
    assert data.train.stored.dtype == np.uint8
    assert data.train.t[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]  # as every tutorial prints
    assert data.test.t[:5].tolist() == [7, 2, 1, 0, 4]
    assert np.bincount(data.train.t).tolist() == [
        *(5923, 6742, 5958, 6131, 5842),
        *(5421, 5918, 6265, 5851, 5949),
    ]
    pixels = data.train.stored / 255
    assert pixels.mean() == pytest.approx(0.1307, abs=5e-5)  # the mean and std that everyone
    assert pixels.std() == pytest.approx(0.3081, abs=5e-5)  # normalises MNIST with


def test_reload_from_a_folder_and_from_the_environment(
    mnist_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = mnist(mnist_folder)
    assert data.source.arguments == {"folder": str(mnist_folder)}
    assert load(data.source).digest == data.digest
    monkeypatch.setenv("KOUBAI_MNIST", str(mnist_folder))
    assert mnist().source == data.source


def test_plain_and_dotted_names(copy: Path, mnist_folder: Path) -> None:
    for i, file in enumerate(sorted(copy.iterdir())):
        name = file.name.replace("-idx", ".idx") if i % 2 else file.name
        if i < 2:
            (copy / name.removesuffix(".gz")).write_bytes(gzip.decompress(file.read_bytes()))
            file.unlink()
        else:
            file.rename(copy / name)
    assert mnist(copy).digest == mnist(mnist_folder).digest


def test_missing_file(copy: Path) -> None:
    (copy / f"{LABELS}.gz").unlink()
    with pytest.raises(DataError, match=rf"MNIST's {LABELS} is not in .*copy"):
        mnist(copy)


def test_another_file_of_the_same_form(copy: Path) -> None:
    file = copy / f"{LABELS}.gz"
    content = bytearray(gzip.decompress(file.read_bytes()))
    content[8] = 3
    file.write_bytes(gzip.compress(bytes(content)))
    with pytest.raises(DataError, match=rf"{LABELS}.gz is not MNIST's {LABELS}: its SHA-256"):
        mnist(copy)


def test_truncated_file(copy: Path) -> None:
    file = copy / f"{LABELS}.gz"
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(DataError, match=rf"{LABELS}.gz is a damaged gzip file"):
        mnist(copy)


def test_folder_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataError, match=r"folder .*nowhere does not exist"):
        mnist(tmp_path / "nowhere")
    monkeypatch.setenv("KOUBAI_MNIST", str(tmp_path / "nowhere"))
    with pytest.raises(DataError, match=r"KOUBAI_MNIST .*nowhere does not exist"):
        mnist()


def test_download_passes_over_mirrors_without_the_files(
    mirror: str, tmp_path: Path, mnist_folder: Path
) -> None:
    folder = download(tmp_path / "cache", [f"{mirror}/empty/", f"{mirror}/good/"])
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        path.name for path in mnist_folder.iterdir()
    )
    assert download(folder, ["http://127.0.0.1:1/"]) == folder  # all there: nobody is asked


def test_download_passes_over_damaged_files(mirror: str, tmp_path: Path) -> None:
    folder = download(tmp_path / "cache", [f"{mirror}/bad", f"{mirror}/good"])
    assert len(mnist(folder).train) == 60_000


def test_a_damaged_file_in_the_cache_is_fetched_again(mirror: str, copy: Path) -> None:
    (copy / f"{LABELS}.gz").write_bytes(b"\x1f\x8b damaged")
    download(copy, [f"{mirror}/good"])
    assert len(mnist(copy).test) == 10_000


def test_mnist_downloads_into_the_cache_of_the_user(
    mirror: str, tmp_path: Path, mnist_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["koubai.data.mnist"], "MIRRORS", (f"{mirror}/good",))
    monkeypatch.setattr("pooch.os_cache", lambda project: tmp_path / project)
    data = mnist()
    assert (tmp_path / "koubai" / "mnist" / f"{LABELS}.gz").is_file()
    assert data.digest == mnist(mnist_folder).digest
    assert load(data.source).digest == data.digest


def test_no_mirror_answers(mirror: str, tmp_path: Path) -> None:
    mirrors = [f"{mirror}/empty", f"{mirror}/bad", "http://127.0.0.1:1"]
    with pytest.raises(
        DataError,
        match=r"^MNIST could not be downloaded \(HTTP 404, damaged file, no connection\): "
        r"put its four .gz files into a folder and pass folder=…, or set KOUBAI_MNIST to it$",
    ) as info:
        download(tmp_path / "cache", [*mirrors, f"{mirror}/empty"])  # 404 is said once
    assert len(str(info.value)) < 200
    assert list((tmp_path / "cache").iterdir()) == []


def test_cache_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match=r"cannot be stored in .* \(not a directory\): put"):
        download(tmp_path / "file" / "cache", ["http://127.0.0.1:1"])


def test_without_pooch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(MissingExtraError, match=r"folder=.* pip install '.\[mnist\]'"):
        mnist()
    with pytest.raises(MissingExtraError, match=r"pip install '.\[mnist\]'"):
        download(tmp_path / "cache")
