from __future__ import annotations

import numpy as np

# With all weights into them at zero, the hidden units lie on the kink of relu.
ON_THE_KINK = ("--hidden=relu", "--initialiser=zeros,he", "--layers=4")


def test_digits_pass(cli):
    result = cli("check", "digits")
    assert (result.code, result.err) == (0, "")
    rows = [line.split() for line in result.out.splitlines()]
    found = [row[:3] for row in rows if row[-1:] == ["agrees"]]
    assert found == [
        ["2", "w", "1,280"],
        ["2", "b", "20"],
        ["3", "w", "200"],
        ["3", "b", "10"],
    ]
    assert "agrees" in result.out
    assert "\x1b" not in result.out


def test_json(cli):
    result = cli("check", "digits", "--layers=6,5", "--hidden=tanh", "--examples=7", "--json").json
    assert result["passed"] is True
    assert result["network"]["sizes"] == [64, 6, 5, 10]
    assert result["network"]["activations"] == ["tanh", "tanh", "softmax"]
    assert result["examples"] == 7
    assert len(result["differences"]) == 6
    assert all(0 < d["relative_error"] < d["tolerance"] for d in result["differences"])


def test_values(cli):
    assert cli("check", "line", "--layers=4", "--json").json["passed"] is True


def test_a_table_with_a_target(cli, houses):
    result = cli("check", houses, "--target=side", "--layers=3", "--json").json
    assert result["network"]["sizes"] == [2, 3, 2]


def test_loss_output_and_seed_are_used(cli):
    base = ("check", "moons", "--layers=3", "--json")
    results = [
        cli(*base, *more).json
        for more in ((), ("--loss=squared_error",), ("--output=sigmoid",), ("--seed=1",))
    ]
    assert all(result["passed"] for result in results)
    assert len({str(result["differences"]) for result in results}) == 4


def test_nothing_to_compare_exits_1(cli):
    result = cli("check", "digits", *ON_THE_KINK)
    assert result.code == 1
    assert "nothing is left to compare" in result.out
    assert cli("check", "digits", *ON_THE_KINK, "--json").json["passed"] is False


def test_a_step_that_is_too_large_exits_1_and_is_named(cli):
    result = cli("check", "moons", "--layers=3", "--step=0.5")
    assert result.code == 1
    assert "step: the step 5e-01 is too large" in result.out
    assert "differs" in result.out


def test_the_error_at_every_step_is_shown(cli):
    base = ("check", "moons", "--layers=3")
    result = cli(*base, "--json").json
    steps, errors = np.array(result["steps"]), np.array(result["errors"])
    assert errors[0] > 1e3 * errors.min()
    assert errors[-1] > 10 * errors.min()
    assert 1e-9 < steps[errors.argmin()] < 1e-2
    lines = [line.split() for line in cli(*base).out.splitlines()]
    bars = {line[0]: len(line[2]) for line in lines if len(line) == 3 and set(line[2]) == {"▪"}}
    assert len(bars) == len(errors)
    assert bars["1e-01"] > bars["1e-05"] < bars["1e-09"]


def test_more_examples_than_there_are(cli):
    result = cli("check", "moons", "--examples=151", "--json")
    assert (result.code, result.json["examples"]) == (0, 150)
    assert result.err == "koubai: --examples is 151, but there are 150: all of them are looked at\n"
    assert cli("check", "moons", "--examples=150", "--json").err == ""


def test_a_table_as_classes_or_as_values(cli, counted):
    for task, outputs in (("classification", 3), ("regression", 1)):
        result = cli("check", counted, f"--task={task}", "--json").json
        assert result["network"]["sizes"] == [1, 20, outputs]


def test_the_error_against_the_step_is_drawn(cli, tmp_path):
    result = cli("check", "bitmaps", "--layers=3", "--figure=v/curve.png", "--language=ja")
    assert (result.code, result.err) == (0, "")
    assert result.out.splitlines()[-1].startswith("saved ")
    assert (tmp_path / "v/curve.png").stat().st_size > 10_000
    found = cli("check", "bitmaps", "--layers=3", "--figure=curve.svg", "--json").json
    assert found["figure"] == "curve.svg"
    assert (tmp_path / "curve.svg").exists()


def test_a_figure_of_another_kind_is_refused_before_anything_is_done(cli):
    result = cli("check", "bitmaps", "--figure=curve.gif")
    assert result.code == 2
    assert result.err.startswith("koubai: ")
    assert ".gif" in result.err
    assert result.out == ""
