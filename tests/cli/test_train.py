from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import jax
import numpy as np
import pytest

import koubai as kb
from koubai.training.recipes import recipe

QUICK = ("--no-figures", "--json")

OPTIONS = {
    "optimizer": "nesterov",
    "learning_rate": 0.02,
    "schedule": "linear",
    "batch_size": 16,
    "epochs": 3,
    "seed": 7,
    "loss": "squared_error",
    "weight_decay": 0.001,
    "validation": 0.2,
    "patience": 2,
    "gradient": "numerical",
    "record_every": 5,
}


def written(folder) -> dict:
    return json.loads((Path(folder) / "run.json").read_text())


def same_bits(a: kb.Run, b: kb.Run) -> bool:
    pairs = zip(jax.tree.leaves(a.params), jax.tree.leaves(b.params), strict=True)
    return all(np.array_equal(left, right) for left, right in pairs)


def test_every_option_reaches_the_settings(cli):
    given = [f"--{name.replace('_', '-')}={value}" for name, value in OPTIONS.items()]
    network = ("--layers=4,3", "--hidden=tanh,sigmoid", "--output=sigmoid", "--initialiser=lecun")
    result = cli("train", "moons", *given, *network, "--out=here", *QUICK)
    assert (result.code, result.err) == (0, "")
    for settings in (result.json["settings"], written("here")["settings"]):
        assert {name: settings[name] for name in OPTIONS} == OPTIONS
    for shape in (result.json["network"], written("here")["network"]):
        assert shape["sizes"] == [2, 4, 3, 2]
        assert shape["activations"] == ["tanh", "sigmoid", "sigmoid"]
        assert shape["initialisers"] == ["lecun"] * 3


def test_json_says_what_the_run_holds(cli):
    result = cli("train", "moons", "--epochs=2", "--out=here", *QUICK).json
    run = kb.load_run("here")
    assert result["run"] == "here"
    assert result["network"]["parameters"] == run.network.parameter_count
    assert result["data"]["digest"] == run.data.digest
    outcome = written("here")["outcome"]
    assert {**result["outcome"], "seconds": 0} == {**outcome, "seconds": 0}
    assert result["outcome"]["test"]["accuracy"] == run.accuracy("test")
    speed = result["outcome"]["iterations"] / result["outcome"]["seconds"]
    assert result["iterations_per_second"] == pytest.approx(speed)
    assert result["figures"] == []


@pytest.mark.parametrize("what", ["digits", "bitmaps", "sine"])
def test_defaults_are_the_recipe(cli, what):
    result = cli("train", what, "--epochs=0", *QUICK).json
    data = kb.data.from_argument(what)
    usual = recipe(data)
    assert result["network"]["sizes"] == [data.inputs, *usual.layers, data.outputs]
    assert set(result["network"]["activations"][:-1]) == {usual.hidden}
    assert result["network"]["activations"][-1] == ("softmax" if data.classes else "identity")
    for name in ("optimizer", "learning_rate", "schedule", "batch_size"):
        assert result["settings"][name] == getattr(usual, name)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "rmsprop"])
def test_another_optimiser_brings_its_own_learning_rate(cli, optimizer):
    result = cli("train", "digits", f"--optimizer={optimizer}", "--epochs=0", *QUICK).json
    assert result["settings"]["learning_rate"] == kb.optimisers[optimizer].learning_rate


def test_the_recipes_own_optimiser_keeps_the_recipes_rate(cli):
    result = cli("train", "digits", "--optimizer=adam", "--epochs=0", *QUICK).json
    assert result["settings"]["learning_rate"] == 0.003


@pytest.mark.parametrize("none", ["", "0"])
def test_no_hidden_layer(cli, none):
    result = cli("train", "moons", f"--layers={none}", "--epochs=0", *QUICK).json
    assert result["network"]["sizes"] == [2, 2]


@pytest.mark.parametrize(
    ("what", "split", "accuracy"),
    [("digits", "test", 0.97), ("bitmaps", "train", 1.0), ("spirals", "test", 0.95)],
)
def test_defaults_learn(cli, what, split, accuracy):
    assert cli("train", what, *QUICK).json["outcome"][split]["accuracy"] >= accuracy


def test_defaults_learn_a_function(cli):
    loss = cli("train", "sine", *QUICK).json["outcome"]["test"]["loss"]
    assert loss < 1.5 * 0.1**2 / 2  # half the variance of the noise is the least there can be


def test_target_names_the_column(cli, houses):
    result = cli("train", houses, "--target=side", "--epochs=1", *QUICK).json
    assert result["data"]["classes"] == ["north", "south"]
    assert [column["name"] for column in result["data"]["columns"]] == ["area", "price"]


def test_folder_of_mnist(cli, mnist_folder):
    result = cli("train", "mnist", "--folder", mnist_folder, "--layers=0", "--epochs=0", *QUICK)
    assert result.json["data"]["source"]["arguments"]["folder"] == str(mnist_folder)
    assert result.json["network"]["sizes"] == [784, 10]


def test_runs_get_a_folder_each(cli):
    first, second = (cli("train", "line", "--epochs=0", *QUICK).json["run"] for _ in range(2))
    assert first != second
    assert {Path(first).parent, Path(second).parent} == {Path("runs")}
    assert first.startswith("runs/line-2")
    assert kb.load_run(first).about.name == "line"


def test_summary_is_plain_and_complete(cli):
    result = cli("train", "moons", "--epochs=2", "--out=here")
    assert (result.code, result.err) == (0, "")
    run = kb.load_run("here")
    words = result.out.split()
    for fact in (
        "2-20-20-2",
        "522",
        f"{run.accuracy('train'):.4f}",
        f"{run.accuracy('test'):.4f}",
        f"{run.outcome.test.loss:.4g}",
        str(run.outcome.iterations),
        "here",
    ):
        assert fact in words
    assert "\x1b" not in result.out
    assert max(map(len, result.out.splitlines())) <= 80
    pictures = [Path(word) for word in words if word.endswith(".png")]
    assert pictures
    assert all(picture.parent == Path("here/figures") for picture in pictures)
    assert all(picture.read_bytes().startswith(b"\x89PNG") for picture in pictures)


def test_figures_that_cannot_be_written_do_not_hide_the_summary(cli):
    Path("here").mkdir()
    Path("here/figures").write_text("in the way")
    result = cli("train", "moons", "--epochs=1", "--out=here")
    assert result.code == 0
    assert result.err.startswith("koubai: no pictures: ")
    assert result.err.count("\n") == 1
    assert "accuracy" in result.out


def test_force_overwrites(cli, spirals):
    before = written(spirals)
    assert cli("train", "moons", "--epochs=1", "--out", spirals, *QUICK).code == 2
    assert written(spirals) == before
    assert cli("train", "moons", "--epochs=1", "--out", spirals, "--force", *QUICK).code == 0
    assert kb.load_run(spirals).about.name == "moons"


def test_divergence_exits_1_and_keeps_the_run(cli):
    result = cli(
        "train", "sine", "--optimizer=sgd", "--learning-rate=1e6", "--out=here", "--no-figures"
    )
    assert result.code == 1
    assert result.err.startswith("koubai: training diverged: ")
    assert "epoch 1" in result.err
    assert result.err.count("\n") == 1
    run = kb.load_run("here")
    assert run.stopped == "diverged"
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(run.params))


def test_divergence_is_valid_json_too(cli):
    result = cli("train", "sine", "--optimizer=sgd", "--learning-rate=1e6", *QUICK)
    assert result.code == 1
    assert result.json["outcome"]["stopped"] == "diverged"


def test_a_loss_that_rises_and_stays_finite_exits_1(cli):
    result = cli("train", "moons", "--optimizer=sgd", "--learning-rate=300", "--epochs=4", *QUICK)
    outcome = result.json["outcome"]
    assert outcome["train"]["loss"] > 10
    assert (result.code, outcome["stopped"]) == (1, "diverged")
    assert result.err == f"koubai: training diverged: {outcome['message']}\n"


def test_either_spelling_of_an_option(cli, pictures):
    given = ("--optimiser=sgd", "--initializer=zeros", "--color", "--size=3x4", "--epochs=0")
    result = cli("train", pictures, *given, *QUICK).json
    assert result["settings"]["optimizer"] == "sgd"
    assert set(result["network"]["initialisers"]) == {"zeros"}
    assert result["data"]["image_shape"] == [3, 4, 3]
    assert cli("train", pictures, "--size=3x4", "--epochs=0", *QUICK).json["data"][
        "image_shape"
    ] == [3, 4]


def test_a_whole_number_is_a_class_unless_told_otherwise(cli, counted):
    usual, told = (
        cli("train", counted, *task, "--epochs=1", *QUICK).json
        for task in ((), ("--task=regression",))
    )
    assert usual["data"]["classes"] == ["4", "5", "6"]
    assert told["data"]["classes"] is None
    assert (usual["network"]["sizes"][-1], told["network"]["sizes"][-1]) == (3, 1)


def test_values_show_their_typical_error_in_the_targets_unit(cli, houses):
    result = cli("train", houses, "--epochs=60", "--out=here", "--no-figures")
    rows = {line.split("  ")[0]: line.split()[-2:] for line in result.out.splitlines() if line}
    predictions = cli("predict", "here", houses, "--json").json["predictions"]
    found = np.array([prediction["value"] for prediction in predictions])
    prices = np.loadtxt(houses, delimiter=",", skiprows=1, usecols=2)
    run = kb.load_run("here")
    squares = [run.typical_error(which) ** 2 for which in ("train", "test")]
    examples = [run.about.train_examples, run.about.test_examples]
    assert np.average(squares, weights=examples) == pytest.approx(np.mean((found - prices) ** 2))
    assert rows["typical error"] == [f"{error**0.5:.4g}" for error in squares]
    assert float(rows["R²"][0]) == pytest.approx(run.r_squared("train"), abs=1e-4)
    fit = cli("train", houses, "--epochs=1", *QUICK).json["fit"]
    assert set(fit) == {"train", "test"}
    assert set(fit["test"]) == {"typical_error", "r_squared"}
    assert cli("train", "moons", "--epochs=0", *QUICK).json["fit"] is None


def test_more_in_a_batch_than_there_are(cli):
    settings = ("train", "moons", "--validation=0.1", "--epochs=2", *QUICK)
    result = cli(*settings, "--batch-size=136")
    assert result.code == 0
    assert result.err == (
        "koubai: --batch-size is 136, but there are 135 training examples: "
        "each mini-batch is all of them\n"
    )
    assert result.json["outcome"]["iterations"] == 2
    assert cli(*settings, "--batch-size=135").err == ""


def test_step_trains_nothing_and_says_so(cli):
    result = cli("train", "moons", "--hidden=step", "--epochs=2", "--out=here", *QUICK)
    assert result.err.startswith("koubai: the derivative of step is 0 everywhere")
    assert result.err.count("\n") == 1
    run = kb.load_run("here")
    for layer, start in zip(run.params[:-1], run.network.init(0), strict=False):
        assert np.array_equal(layer.w, start.w)


def test_resume_ends_with_the_same_bits(cli):
    settings = ("spirals", "--schedule=constant", *QUICK)
    cli("train", *settings, "--epochs=5", "--out=whole")
    cli("train", *settings, "--epochs=2", "--out=parts")
    assert not same_bits(kb.load_run("whole"), kb.load_run("parts"))
    result = cli("train", "--resume=parts", "--epochs=5", *QUICK)
    assert (result.code, result.err) == (0, "")
    assert result.json["outcome"]["epochs"] == 5
    assert same_bits(kb.load_run("whole"), kb.load_run("parts"))


@pytest.mark.parametrize("place", ["koubai.data.from_argument", "koubai.training.train.train"])
def test_an_early_ctrl_c_is_one_line(cli, monkeypatch, place):
    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(place, interrupted)
    result = cli("train", "moons", "--out=here")
    assert (result.code, result.out) == (130, "")
    assert result.err == ("koubai: interrupted before the first iteration: nothing was learnt\n")


def test_a_second_ctrl_c_says_what_is_there(cli, monkeypatch, spirals):
    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("koubai.training.train.resume", interrupted)
    result = cli("train", f"--resume={spirals}", "--epochs=9")
    assert (result.code, result.out) == (130, "")
    assert f"{kb.load_run(spirals).outcome.iterations} iterations" in result.err
    assert result.err.endswith(f"koubai train --resume {spirals}\n")


def test_ctrl_c_while_drawing_leaves_the_summary(cli, monkeypatch):
    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("koubai.figures.save_run_figures", interrupted)
    result = cli("train", "moons", "--epochs=1", "--out=here")
    assert result.code == 0
    assert "accuracy" in result.out
    assert result.err == "koubai: no pictures: interrupted; the run is in 'here'\n"


def test_other_commands_are_interrupted_in_one_line(cli, monkeypatch):
    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("koubai.descent.descend.compare", interrupted)
    result = cli("descend", "bowl")
    assert (result.code, result.out, result.err) == (130, "", "koubai: interrupted\n")


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_keeps_what_was_learnt_and_says_how_to_go_on(cli, tmp_path, asked):
    settings = ("spirals", "--epochs=250")
    folder = tmp_path / "runs" / "a run"
    process = subprocess.Popen(
        [sys.executable, "-m", "koubai", "train", *settings, "--out", folder],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        deadline = time.monotonic() + 60
        while not (folder / "run.json").exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(asked)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 128 + asked
    assert "interrupted" in out
    assert err.count("\n") == 1
    run = kb.load_run(folder)
    assert run.stopped == "interrupted"
    assert f"after {run.outcome.iterations} iterations" in err
    assert (folder / "figures" / "curves.png").exists()
    assert "curves.png" in out

    command = shlex.split(err.split("To go on: ")[1])
    assert command == ["koubai", "train", "--resume", str(folder)]
    assert cli(*command[1:], "--no-figures").code == 0
    assert cli("train", *settings, "--no-figures", "--out=whole").code == 0
    assert same_bits(kb.load_run("whole"), kb.load_run(folder))


def test_what_goes_wrong_is_said_in_a_line_each(cli):
    command = ("train", "moons", "--optimizer=sgd", "--learning-rate=1e-7", "--epochs=3")
    lines = cli(*command, "--no-figures").out.splitlines()
    said = [line for line in lines if line.startswith("learning rate too small: with η = 1e-07")]
    assert len(said) == 1
    assert ". Try --learning-rate " in said[0]
    (found,) = cli(*command, *QUICK).json["findings"]
    assert found["kind"] == "learning rate too small"
    assert found["layer"] is None
    advice = found["advice"].replace("learning_rate=", "--learning-rate ")
    assert f"{found['kind']}: {found['evidence']}. {advice}." == said[0].rstrip()
    healthy = cli("train", "blobs", *QUICK)
    assert healthy.err == ""
    assert healthy.json["findings"] == []


def test_a_learning_rate_is_found_and_its_reason_said(cli):
    settings = ("moons", "--optimizer=sgd", "--epochs=1", "--seed=3", "--layers=7")
    result = cli("train", *settings, "--learning-rate=auto", *QUICK)
    assert result.code == 0
    network = kb.Network([2, 7, 2], hidden="relu")
    data = kb.data.moons()
    found = kb.learning_rate_range(network, data, "sgd", batch_size=20, seed=3)
    assert result.json["settings"]["learning_rate"] == found.suggestion
    assert result.err == f"koubai: learning rate {found.suggestion:g}: {found.reason}\n"
    wrong = cli("train", "moons", "--learning-rate=automatic")
    assert wrong.code == 2
    assert "--learning-rate is 'automatic': give a number, such as 0.1, or auto" in wrong.err


@pytest.mark.parametrize(
    ("options", "schedule"),
    [
        ([], "cosine"),
        (["--schedule=linear"], "linear"),
        (["--optimizer=sgd"], "constant"),
        (["--optimizer=sgd", "--schedule=linear"], "linear"),
    ],
)
def test_a_learning_rate_that_is_found_is_one_to_begin_a_schedule_with(cli, options, schedule):
    settings = ("train", "moons", "--epochs=1", "--learning-rate=auto", *options, *QUICK)
    assert cli(*settings).json["settings"]["schedule"] == schedule


def test_learning_by_finite_differences_is_said(cli):
    result = cli("train", "moons", "--gradient=numerical", "--epochs=1", "--no-figures")
    assert result.code == 0
    assert "batches of 20, numerical gradients" in result.out
    assert cli("train", "moons", "--gradient=exact").code == 2
