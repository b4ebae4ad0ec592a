"""Landscapes in folders: opened by others, gone on with, refused, damaged."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
import zarr

import koubai as kb
from koubai.errors import RunError, SettingError
from koubai.landscapes import tasks

SCRIPT = Path(__file__).with_name("killed.py")
SQUARE = kb.Plane.between([0.2, 0.1], [1.2, 0.1], [0.2, 2.1])


def chunks_in(folder, name="loss"):
    return sorted(file for file in (folder / name / "c").rglob("*") if file.is_file())


@pytest.fixture(scope="module")
def digits():
    network = kb.Network([64, 5, 10], hidden="tanh")
    return kb.objective(network, network.init(0), kb.data.digits())


def test_xarray_opens_it_as_it_is(tmp_path, digits):
    plane = kb.Plane.random(digits, seed=4)
    land = kb.landscape(digits, plane, (40, 21), 0.7, out=tmp_path / "valley.zarr", examples=900)
    with xr.open_zarr(tmp_path / "valley.zarr", consolidated=False) as seen:
        assert seen["loss"].dims == ("alpha", "beta")
        np.testing.assert_array_equal(seen["loss"], land.values)
        np.testing.assert_array_equal(seen["loss_error"], land.errors)
        np.testing.assert_array_equal(seen["alpha"], land.axes[0])
        np.testing.assert_array_equal(seen.coords["beta"], land.axes[1])
        np.testing.assert_array_equal(seen["origin"], plane.origin)
        np.testing.assert_array_equal(seen["directions"], plane.directions)
        nearest = seen["loss"].sel(alpha=0.7, beta=-0.7, method="nearest")
        assert float(nearest) == land.values[39, 0]
        about = seen.attrs["about"]
    assert (about["examples"], about["of"], about["koubai"]) == (900, 1437, kb.__version__)
    assert len(about["digest"]) == 64


@pytest.mark.parametrize("metric", ["loss", "accuracy", "gradient", "gradient_norm"])
@pytest.mark.parametrize("dimensions", [1, 2])
def test_saved_and_loaded_it_is_the_same(tmp_path, digits, metric, dimensions):
    plane = kb.Plane.random(digits, seed=4, dimensions=dimensions)
    points = plane.at(np.linspace([1.0] * dimensions, [0.0] * dimensions, 4))
    path = kb.Path(points + 0.001, np.zeros(4), np.arange(4), "steps")
    land = kb.landscape(digits, plane, 5, metric=metric, path=path, out=tmp_path / "own.zarr")
    land.save(tmp_path / "copy.zarr")
    for name in ("own.zarr", "copy.zarr"):
        again = kb.load_landscape(tmp_path / name)
        np.testing.assert_array_equal(again.values, land.values)
        assert (again.metric, again.about, again.errors) == (metric, land.about, None)
        assert again.plane.labels == plane.labels
        np.testing.assert_array_equal(again.path.beneath, land.path.beneath)
        np.testing.assert_array_equal(again.path.coordinates, land.path.coordinates)
        assert again.path.share == land.path.share
        assert (again.heights is None) is (metric != "gradient")


def test_pictures_by_suffix(tmp_path, digits):
    land = kb.landscape(digits, size=4)
    for suffix in ("png", "svg", "pdf"):
        assert land.save(tmp_path / f"valley.{suffix}").stat().st_size > 2000
    with pytest.raises(SettingError, match=r"choose \.png, \.svg, \.pdf, \.html or \.zarr"):
        land.save(tmp_path / "valley.jpg")


def counted(monkeypatch):
    """The chunks that are computed from now on."""
    found, own = [], tasks.values_of_chunk

    def values_of_chunk(job, chunk):
        found.append(chunk)
        return own(job, chunk)

    monkeypatch.setattr(tasks, "values_of_chunk", values_of_chunk)
    return found


def test_what_is_there_is_kept_and_what_is_damaged_is_done_again(tmp_path, digits, monkeypatch):
    out, plane = tmp_path / "valley.zarr", kb.Plane.random(digits)
    first = kb.landscape(digits, plane, (70, 30), out=out)
    files = chunks_in(out)
    assert len(files) == 5
    computed = counted(monkeypatch)
    kb.landscape(digits, plane, (70, 30), out=out)
    assert computed == []
    content = bytearray(files[1].read_bytes())
    content[100] ^= 1
    files[1].write_bytes(content)
    files[3].unlink()
    files[4].write_bytes(files[4].read_bytes()[:-7])
    with pytest.raises(RunError, match="3 of its 5 chunks"):
        kb.load_landscape(out)
    again = kb.landscape(digits, plane, (70, 30), out=out)
    assert computed == [1, 3, 4]
    np.testing.assert_array_equal(again.values, first.values)
    np.testing.assert_array_equal(kb.load_landscape(out).values, first.values)


def test_chunks_without_a_finite_value_are_written_too(tmp_path, monkeypatch):
    def f(x):
        return float(x[0] if x[0] > 0 else np.nan)

    objective, out = kb.objective(f, [1.0, 0.0]), tmp_path / "valley.zarr"
    land = kb.landscape(objective, SQUARE, (80, 40), 2.0, out=out)
    assert len(chunks_in(out)) == 5
    computed = counted(monkeypatch)
    again = kb.landscape(objective, SQUARE, (80, 40), 2.0, out=out)
    assert computed == []
    assert np.isnan(land.values[:20]).all()
    np.testing.assert_array_equal(again.values, land.values)


def test_a_folder_with_anything_else_is_refused(tmp_path, digits):
    out = tmp_path / "valley.zarr"
    plane = kb.Plane.random(digits)
    kb.landscape(digits, plane, 4, out=out)
    others = [{"size": 5}, {"span": 2.0}, {"metric": "accuracy"}, {"examples": 9}, {"seed": 1}]
    for other in others:
        with pytest.raises(SettingError, match="holds another grid"):
            kb.landscape(digits, plane, **({"size": 4} | other), out=out)
    with pytest.raises(SettingError, match="holds another grid"):
        kb.landscape(digits, kb.Plane.random(digits, seed=1), 4, out=out)
    with pytest.raises(SettingError, match="holds another grid"):
        kb.landscape(digits, plane, 5).save(out)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(SettingError, match="holds no landscape"):
        kb.landscape(digits, plane, 4, out=tmp_path / "mine")
    with pytest.raises(SettingError, match="cannot be written"):
        kb.landscape(digits, plane, 4, out=tmp_path / "mine" / "letter.txt" / "valley.zarr")
    assert [file.name for file in (tmp_path / "mine").iterdir()] == ["letter.txt"]


def test_another_function_on_the_same_plane_is_refused(tmp_path):
    def grid(f):
        return kb.landscape(kb.objective(f, [1.0, 0.0]), SQUARE, 4, out=tmp_path / "valley.zarr")

    grid(lambda x: x @ x)
    with pytest.raises(SettingError, match="another objective"):
        grid(lambda x: 2 * x @ x)
    grid(lambda x: x @ x)


def test_a_folder_that_is_none_says_so(tmp_path, digits):
    with pytest.raises(RunError, match="not a landscape"):
        kb.load_landscape(tmp_path / "nothing.zarr")
    zarr.open_group(tmp_path / "other.zarr", mode="w")
    with pytest.raises(RunError, match="not a landscape"):
        kb.load_landscape(tmp_path / "other.zarr")
    kb.landscape(digits, size=3, out=tmp_path / "valley.zarr")
    for damage in ("origin", "path_values", "loss/zarr.json"):
        shutil.copytree(tmp_path / "valley.zarr", tmp_path / "damaged.zarr")
        victim = tmp_path / "damaged.zarr" / damage
        if victim.exists():
            shutil.rmtree(victim) if victim.is_dir() else victim.write_text("{")
            with pytest.raises(RunError, match="damaged"):
                kb.load_landscape(tmp_path / "damaged.zarr")
        shutil.rmtree(tmp_path / "damaged.zarr")
    file = tmp_path / "valley.zarr" / "zarr.json"
    content = json.loads(file.read_text())
    content["attributes"]["koubai_grid"] = 2
    file.write_text(json.dumps(content))
    with pytest.raises(RunError, match="upgrade koubai"):
        kb.load_landscape(tmp_path / "valley.zarr")


def script():
    spec = importlib.util.spec_from_file_location("killed", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_killed_grid_is_gone_on_with_to_the_same_bits(tmp_path, monkeypatch):
    out, grid = tmp_path / "valley.zarr", script().grid
    uninterrupted = grid(0.0)
    for least in (1, 3):
        process = subprocess.Popen([sys.executable, SCRIPT, out, "0.002"])
        while len(chunks_in(out)) < least:
            assert process.poll() is None, "it ended before it could be killed"
            time.sleep(0.02)
        process.kill()
        process.wait()
    kept = len(chunks_in(out))
    computed = counted(monkeypatch)
    resumed = grid(0.0, out)
    assert 3 <= kept < 6
    assert len(computed) <= 6 - kept + 1  # one may have been half written
    np.testing.assert_array_equal(resumed.values, uninterrupted.values)
    np.testing.assert_array_equal(kb.load_landscape(out).values, uninterrupted.values)
    assert [file.name for file in tmp_path.iterdir()] == ["valley.zarr"]
