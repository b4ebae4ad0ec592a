"""Where the pages' modules come from."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from koubai.errors import MissingExtraError
from koubai.report import modules


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A folder like web/, with sources that are older than what was built from them."""
    web = tmp_path / "web"
    (web / "src").mkdir(parents=True)
    source, built = web / "src" / "index.ts", tmp_path / "viewer.js"
    source.write_text("")
    built.write_text("export { a as mount };")
    os.utime(source, (1_000, 1_000))
    os.utime(built, (2_000, 2_000))
    monkeypatch.setattr(modules, "_WEB", web)
    monkeypatch.setattr(modules, "BUILT", {"viewer": built})
    return source, built


def test_it_is_built_when_its_sources_are_newer_or_it_is_missing(checkout):
    source, built = checkout
    assert not modules.is_stale()
    os.utime(source, (3_000, 3_000))
    assert modules.is_stale()
    os.utime(source, (1_000, 1_000))
    built.unlink()
    assert modules.is_stale()


def test_an_installed_one_has_no_sources(checkout, tmp_path):
    shutil.rmtree(tmp_path / "web")
    assert not modules.is_stale()


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("const a=1;export{a as mount};", "const a=1;\nconst mount = a;\n"),
        (
            "const x=2,b=1;export { x as other, b as mount };\n",
            "const x=2,b=1;\nconst mount = b;\n",
        ),
        ("function mount(){}\nexport { mount };", "function mount(){}\n"),
        ("const s='</script>';export{s as mount};", "const s='<\\/script>';\nconst mount = s;\n"),
    ],
)
def test_in_a_page_it_has_a_name_and_no_export(module, text):
    assert modules.inline(module, "mount") == text


@pytest.mark.parametrize("version", [None, "v18.20.4"])
def test_without_node_20_it_says_what_to_install(version, checkout, tmp_path, monkeypatch):
    """A machine with no Node at all, or with an old one."""
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    if version:
        for name in ("node", "npm"):
            (bin_ / name).write_text(f"#!/bin/sh\necho {version}\n")
            (bin_ / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{bin_}:/bin" if version else str(bin_))
    with pytest.raises(MissingExtraError, match="Node 20 or newer is missing: install"):
        modules.build()


def test_a_build_that_fails_says_what_npm_said(checkout, tmp_path, monkeypatch):
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    (bin_ / "node").write_text("#!/bin/sh\necho v22.1.0\n")
    (bin_ / "npm").write_text("#!/bin/sh\necho 'the disk is full' >&2\nexit 3\n")
    for name in ("node", "npm"):
        (bin_ / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{bin_}:{os.environ['PATH']}")
    (tmp_path / "web" / "package-lock.json").write_text("{}")
    with pytest.raises(MissingExtraError, match="the disk is full"):
        modules.build()


@pytest.mark.parametrize("name", modules.EXPORTS)
def test_the_real_one_is_valid_javascript(name, tmp_path):
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not installed")
    file = tmp_path / f"{name}.mjs"
    file.write_text(modules.module_source(name), encoding="utf-8")
    checked = subprocess.run([node, "--check", file], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


def test_a_wheel_has_it(tmp_path):
    root = Path(__file__).parents[2]
    modules.module_source("play")  # built now, so that the wheel need not
    words = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(words, cwd=root, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as files:
        for name, built in modules.BUILT.items():
            packed = files.read(f"koubai/report/{name}.js").decode()
            assert packed == built.read_text(encoding="utf-8")
