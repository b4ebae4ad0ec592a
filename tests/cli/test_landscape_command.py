"""`koubai landscape`: what it prints, draws, keeps and refuses."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from distributed import Client
from landscapes.cluster import cluster
from PIL import Image

import koubai as kb

KOUBAI = [sys.executable, "-m", "koubai"]


def is_one_line(text):
    return text.startswith("koubai: ") and text.count("\n") == 1 and text.endswith("\n")


def test_it_says_how_far_the_picture_can_be_trusted(cli, spirals):
    result = cli("landscape", spirals, "--size", "9,7", "--figure", "valley.png")
    assert result.code == 0
    run = kb.load_run(spirals)
    land = kb.landscape(run, size=(9, 7))
    for fact in (
        f"{land.path.share:.1%} of its movement",
        f"up to {land.path.distances.max():.3g} off it",
        f"{land.path.values[0]:.4g}, on the plane beneath it {land.path.beneath[0]:.4g}",
        f"{len(run.split('train'))} examples, sha256 {land.about['digest'][:12]}",
        f"{land.values.min():.4g} at (",
        "runs/spirals/landscapes/path-loss-train-",
    ):
        assert fact in result.out
    with Image.open("valley.png") as picture:
        assert len(np.unique(np.asarray(picture.convert("RGB")).reshape(-1, 3), axis=0)) > 20


def test_every_number_as_json(cli, spirals):
    asked = ("--plane", "random", "--metric", "accuracy", "--data", "test", "--seed", "3")
    more = ("--span", "-0.5,1.25", "--normalise", "layer", "--size", "6", "--out", "own.zarr")
    result = cli("landscape", spirals, *asked, *more, "--examples", "40", "--json")
    run = kb.load_run(spirals)
    objective = run.objective("test")
    plane = kb.Plane.random(objective, 3, "layer")
    land = kb.landscape(run, plane, 6, (-0.5, 1.25), "accuracy", data="test", examples=40, seed=3)
    facts = result.json
    assert facts["size"] == [6, 6]
    assert facts["axes"] == [[-0.5, 1.25]] * 2
    assert facts["greatest"] == land.values.max()
    assert facts["error"] == land.errors.max()
    assert facts["paths"][""]["share"] == land.path.share
    assert facts["about"] == land.about
    assert facts["kept"] == "own.zarr"
    np.testing.assert_array_equal(kb.load_landscape("own.zarr").values, land.values)


def test_several_runs_on_one_surface(cli):
    asked = ("train", "spirals", "--layers", "8", "--optimizer", "sgd", "--epochs", "3", "--seed")
    assert cli(*asked, "0", "--out", "runs/a").code == 0
    assert cli(*asked, "1", "--out", "runs/b").code == 0
    facts = cli("landscape", "runs/a", "runs/b", "--size", "5", "--json").json
    assert facts["runs"] == ["runs/a", "runs/b"]
    assert facts["kept"].startswith("runs/a/landscapes/")
    for name in ("a", "b"):
        run = kb.load_run(f"runs/{name}")
        assert facts["paths"][name]["end"] == pytest.approx(run.outcome.train.loss, rel=1e-5)
    twice = cli("landscape", "runs/a", "runs/a")
    assert (twice.code, is_one_line(twice.err)) == (2, True)
    assert "names 'runs/a' more than once" in twice.err


def test_a_second_call_reads_what_the_first_found(cli, spirals, monkeypatch):
    first = cli("landscape", spirals, "--size", "8", "--json").json
    monkeypatch.setattr("koubai.landscapes.tasks.values_of_chunk", None)  # nothing is computed
    assert cli("landscape", spirals, "--size", "8", "--json").json == first
    other = cli("landscape", spirals, "--size", "8", "--seed", "1", "--json")
    assert other.code == 70  # another question: it would have been


@pytest.mark.parametrize("plane", ["random", "curvature"])
@pytest.mark.parametrize("options", [["--three-d"], ["--metric", "gradient"]])
def test_other_planes_and_pictures(cli, spirals, plane, options):
    result = cli(
        "landscape", spirals, "--plane", plane, "--size", "5", "--figure", "a.svg", *options
    )
    assert result.code == 0
    assert Path("a.svg").stat().st_size > 5000


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--plane", "paths"], "unknown plane 'paths'. Did you mean 'path'?"),
        (["--size", "1"], "--size is 1: give a whole number, 2 or more"),
        (["--size", "big"], "--size is 'big'"),
        (["--size", "3,4,5"], "--size is (3, 4, 5)"),
        (["--span", "0"], "--span is 0.0"),
        (["--span", "far"], "--span is 'far'"),
        (["--metric", "los"], "unknown metric 'los'"),
        (["--data", "both"], "'both'"),
        (["--examples", "1"], "--examples is 1"),
        (["--examples", "99999"], "--examples is 99999"),
        (["--plane", "random", "--normalise", "units"], "unknown normalisation 'units'"),
        (["--normalise", "layer"], "--normalise is 'layer', which is for random directions"),
        (["--data", "validation"], "--data is 'validation': give 'train' or 'test'"),
        (["--seed", "-1"], "--seed is -1"),
        (["--figure", "a.jpg"], "--figure is 'a.jpg'"),
        (["--three-d"], "--figure is missing"),
        (["--three-d", "--metric", "gradient", "--figure", "a.png"], "--three-d"),
        (["--out", "runs/spirals"], "--out is 'runs/spirals'"),
    ],
)
def test_bad_options_are_one_line(cli, spirals, options, message):
    result = cli("landscape", spirals, *options)
    assert result.code == 2
    assert is_one_line(result.err)
    assert message in result.err
    assert result.out == ""


def test_a_run_without_a_path_says_what_to_do(cli):
    kb.train(kb.Network([2, 4, 3]), kb.data.spirals(), epochs=1, record_every=10**6, out="r")
    result = cli("landscape", "r")
    assert result.code == 2
    assert is_one_line(result.err)
    assert "the path has 2 points" in result.err
    assert cli("landscape", "r", "--plane", "random", "--size", "3").code == 0
    assert cli("landscape", "nowhere").code == 2


def test_a_run_whose_record_is_missing_has_planes_without_the_path(cli, spirals):
    asked = ("landscape", spirals, "--plane", "random", "--size", "3", "--json")
    whole = cli(*asked).json
    for record in spirals.glob("record-*"):
        shutil.rmtree(record)
    through = cli("landscape", spirals)
    assert (through.code, is_one_line(through.err)) == (2, True)
    assert "give another as --plane NAME, such as a random one" in through.err
    without = cli(*asked)
    assert without.json["paths"] == {}
    assert without.json["kept"] != whole["kept"]  # the grid with the path is still there
    assert without.json["least"] == pytest.approx(whole["least"])


def test_an_address_that_does_not_answer_is_said_within_seconds(cli, spirals):
    began = time.monotonic()
    for address in ("tcp://127.0.0.1:9", "nonsense://x", "tcp://127.0.0.1:port", "nowhere"):
        result = cli("landscape", spirals, "--size", "3", "--cluster", address)
        assert result.code == 2
        assert is_one_line(result.err)
        assert f"--cluster is {address!r}" in result.err
    assert time.monotonic() - began < 20


def test_on_a_cluster_it_finds_the_same_bits(cli, spirals, tmp_path):
    here = cli("landscape", spirals, "--size", "40", "--out", "here.zarr", "--json").json
    (tmp_path / "logs").mkdir()
    with cluster(tmp_path / "logs", workers=0) as empty:
        result = cli("landscape", spirals, "--cluster", empty.address)
        assert result.code == 2
        assert "has no workers" in result.err
    with cluster(tmp_path / "logs", workers=2) as own:
        with Client(own.address) as client:
            client.wait_for_workers(2, timeout=60)
        asked = ("--size", "40", "--out", "there.zarr", "--cluster", own.address, "--json")
        there = cli("landscape", spirals, *asked).json
    assert {**there, "kept": ""} == {**here, "kept": ""}
    first, second = kb.load_landscape("here.zarr"), kb.load_landscape("there.zarr")
    np.testing.assert_array_equal(first.values, second.values)


def test_ctrl_c_says_what_is_kept_and_the_same_command_goes_on(spirals, tmp_path):
    command = [*KOUBAI, "landscape", spirals, "--metric", "gradient_norm", "--size", "400"]
    command += ["--out", "valley.zarr"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    chunks = tmp_path / "valley.zarr" / "gradient_norm" / "c"
    while len(list(chunks.glob("*/0"))) < 3:
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGINT)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert is_one_line(error)
    assert "of 160,000 points are kept in valley.zarr" in error
    kept = len(list(chunks.glob("*/0")))
    assert f"{kept * 400:,} of" in error
    first = {file: file.stat().st_mtime_ns for file in chunks.glob("*/0")}
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    assert len(list(chunks.glob("*/0"))) == 400
    assert {file: file.stat().st_mtime_ns for file in first} == first


def test_the_picture_can_be_in_japanese(cli, spirals, japanese):
    words = ["landscape", spirals, "--size", "7", "--figure", "valley.svg", "--language", "ja"]
    assert cli(*words).code == 0
    assert cli("landscape", spirals, "--language", "fr").code == 2
