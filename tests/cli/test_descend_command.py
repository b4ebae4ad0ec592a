from __future__ import annotations

import math

import numpy as np
import pytest

import koubai as kb

BOWL = ("descend", "x0**2 + x1**2", "--start=3,4", "--learning-rate=0.1")


def test_the_summary(cli):
    result = cli(*BOWL)
    assert (result.code, result.err) == (0, "")
    for said in ("25 at (3, 4)", "(6.111e-10, 8.148e-10)", "1.037e-18", "100", "exact", "steps"):
        assert said in result.out
    assert "\x1b" not in result.out


def test_json(cli):
    (descent,) = cli(*BOWL, "--json").json["descents"]
    assert descent["start"] == [3, 4]
    np.testing.assert_allclose(descent["end"], np.array([3, 4]) * 0.8**100)
    assert math.isclose(descent["value"], 25 * 0.64**100, rel_tol=1e-9)
    assert descent["stopped"] == "steps"
    assert descent["steps"] == 100
    assert "points" not in descent
    (descent,) = cli(*BOWL, "--json", "--table", "--steps=3").json["descents"]
    assert descent["points"][1] == pytest.approx([2.4, 3.2])
    assert descent["gradients"][0] == [6, 8]
    assert descent["departure_angles"] == pytest.approx([90] * 3)


def table_of(out: str) -> list[list[str]]:
    lines = out.splitlines()
    head = next(i for i, line in enumerate(lines) if line.startswith("step"))
    assert all(len(line) <= 80 for line in lines[head:])
    return [line.split() for line in lines[head:]]


def test_the_table(cli):
    head, *rows = table_of(cli(*BOWL, "--table").out)
    assert head == ["step", "x0", "x1", "f", "∂f/∂x0", "∂f/∂x1", "leaves", "arrives"]
    assert rows[0] == ["0", "3", "4", "25", "6", "8", "90.0"]
    assert rows[1] == ["1", "2.4", "3.2", "16", "4.8", "6.4", "90.0", "90.0"]
    assert [row[0] for row in rows] == [*map(str, range(10)), "…", *map(str, range(91, 101))]
    assert len(rows[-1]) == 7  # nothing leaves the last point


def test_all_rows_of_the_table(cli):
    _, *rows = table_of(cli(*BOWL, "--table", "--all", "--steps=40").out)
    assert [row[0] for row in rows] == [*map(str, range(41))]
    _, *rows = table_of(cli(*BOWL, "--table", "--steps=19").out)
    assert len(rows) == 20


def test_the_widest_table_fits(cli):
    out = cli("descend", "x**2 + y**2", "--start=-3,-4", "--learning-rate=10", "--table").out
    head, *rows = table_of(out)
    assert head[1:3] == ["x", "y"]
    assert "-2.252e+128" in rows[-1]


def test_the_angles_of_a_long_valley(cli):
    out = cli("descend", "ellipse", "--learning-rate=0.95", "--table", "--steps=5").out
    _, *rows = table_of(out)
    path = kb.descend(kb.surfaces.ellipse, [-7.0, 2.0], 0.95, 5)
    for row, angle in zip(rows[1:5], path.arrival_angles, strict=False):
        assert float(row[-1]) == pytest.approx(angle, abs=0.06)
        assert float(row[-2]) == 90


def test_divergence_exits_1_and_names_the_bound(cli):
    result = cli("descend", "x0**2 + x1**2", "--start=-3,4", "--learning-rate=10")
    assert result.code == 1
    assert "diverged at 1, stable η < 1" in result.out
    assert result.err.count("\n") == 1
    assert "the value rises from step 1 on" in result.err
    assert "2/λ_max = 1;" in result.err
    facts = cli("descend", "x^2", "--start=1", "--learning-rate=10", "--steps=400", "--json")
    (descent,) = facts.json["descents"]
    assert facts.code == 1
    assert (descent["first_bad_step"], descent["stable_learning_rate"]) == (1, 1)
    assert descent["value"] is None  # not finite


def test_convergence(cli):
    result = cli(*BOWL, "--tolerance=1e-3", "--steps=1000", "--json").json["descents"][0]
    assert result["stopped"] == "converged"
    assert result["steps"] == math.ceil(math.log(1e4) / math.log(1.25))


def test_a_surface_from_its_own_start(cli):
    result = cli("descend", "rosenbrock", "--optimizer=adam", "--steps=2000")
    assert result.code == 0
    assert "12.5 at (-1.5, 2)" in result.out
    assert "minimum" in result.out
    assert "0 at (1, 1)" in result.out
    facts = cli("descend", "himmelblau", "--json").json
    assert facts["descents"][0]["start"] == [-0.5, -1]
    assert facts["formula"] == kb.surfaces.himmelblau.formula


def test_all_minima_are_printed(cli):
    out = cli("descend", "himmelblau", "--steps=3").out
    assert "0 at (3, 2), (-2.805, 3.131), (-3.779, -3.283), (3.584, -1.848)" in out
    out = cli("descend", "six_hump_camel", "--steps=3").out
    assert "-1.032 at (0.08984, -0.7127), (-0.08984, 0.7127)" in out
    assert "(1.704, -0.7961), (-1.704, 0.7961)" in out


@pytest.mark.parametrize("name", list(kb.surfaces))
def test_every_surface_as_it_is(cli, name):
    result = cli("descend", name)
    bottomless = kb.surfaces[name].minimum is None
    assert result.code == bottomless
    assert ("falls for ever" in result.err) == ("falls for ever" in result.out) == bottomless
    assert "nan" not in result.out
    assert bool(result.err) == bottomless


def test_a_swing_is_told(cli):
    result = cli("descend", "bowl", "--learning-rate=1")
    assert result.code == 0
    assert "steps, swings, stable η < 1" in result.out
    assert "at the stable bound 2/λ_max = 1" in result.err


def test_one_variable_has_no_angles(cli):
    head, *rows = table_of(cli("descend", "x^2", "--start=3", "--table", "--steps=3").out)
    assert head == ["step", "x", "f", "∂f/∂x"]
    assert rows[0] == ["0", "3", "9", "6"]


def test_the_language_of_the_picture(cli, tmp_path, japanese):
    for language, said in (("ja", "始点"), ("en", "start")):
        file = f"{language}.svg"
        result = cli(*BOWL, "--steps=8", f"--figure={file}", f"--language={language}")
        assert (result.code, result.err) == (0, "")
        assert said in (tmp_path / file).read_text(encoding="utf-8")


def test_several_optimizers(cli):
    rates = "--learning-rate=0.001,0.0001,0.1"
    result = cli("descend", "rosenbrock", "--optimizer=sgd, momentum,adam", rates, "--json")
    descents = result.json["descents"]
    assert [d["optimizer"] for d in descents] == ["sgd", "momentum", "adam"]
    assert [d["learning_rate"] for d in descents] == [0.001, 0.0001, 0.1]
    alone = kb.descend(kb.surfaces.rosenbrock, [-1.5, 2.0], 1e-4, optimizer="momentum")
    assert descents[1]["end"] == alone.points[-1].tolist()
    one = cli("descend", "bowl", "--optimizer=sgd,adam", "--learning-rate=0.2", "--json").json
    assert [d["learning_rate"] for d in one["descents"]] == [0.2, 0.2]


def test_the_numerical_gradient(cli):
    result = cli(*BOWL, "--gradient=numerical", "--json").json["descents"][0]
    assert result["gradient"] == "numerical"
    np.testing.assert_allclose(result["end"], np.array([3, 4]) * 0.8**100, atol=1e-9)
    assert cli(*BOWL, "--step=1e-4", "--json").json["descents"][0]["gradient"] == "numerical"


def test_one_variable_and_a_leading_minus(cli):
    result = cli("descend", "--start=1", "--learning-rate=0.5", "--json", "--", "-cos(x)").json
    assert result["descents"][0]["end"] == pytest.approx([0], abs=1e-12)


SIGNATURES = {
    ".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF", ".gif": b"GIF8",
}  # fmt: skip


@pytest.mark.parametrize("suffix", SIGNATURES)
def test_a_figure(cli, tmp_path, suffix):
    result = cli(*BOWL, "--steps=8", f"--figure=out/path{suffix}")
    assert (result.code, result.err) == (0, "")
    assert f"out/path{suffix}" in result.out
    assert (tmp_path / "out" / f"path{suffix}").read_bytes().startswith(SIGNATURES[suffix])


def test_more_figures(cli, tmp_path):
    cli("descend", "himmelblau", "--optimizer=sgd,adam", "--figure=two.svg")
    for name in ("sgd", "adam"):
        assert name in (tmp_path / "two.svg").read_text()
    assert cli("descend", "bowl", "--three-d", "--figure=space.png").code == 0
    assert cli("descend", "bowl", "--three-d", "--steps=5", "--figure=rolls.gif").code == 0
    both = cli("descend", "bowl", "--three-d", "--optimizer=sgd,adam", "--figure=both.svg")
    assert both.code == 0
    assert cli("descend", "x**4 - 3*x^2 + x", "--start=2", "--figure=curve.png").code == 0
    assert {path.name for path in tmp_path.iterdir()} == {
        "two.svg", "space.png", "rolls.gif", "both.svg", "curve.png",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["rosenbrok"], "Did you mean 'rosenbrock'"),
        (["x0**2"], "give a point, such as --start 3"),
        (["x*y"], "such as --start 3,4"),
        (["x0**2", "--start=a"], "--start is 'a'"),
        (["x0**2", "--start="], "--start is ''"),
        (["x0**2", "--start=nan"], "--start is [nan]"),
        (["x0**2", "--start=1,2"], "function of x0"),
        (["x0*x1", "--start=1"], "function of x0 and x1"),
        (["rosenbrock", "--start=1"], "function of two numbers"),
        (["log(x)", "--start=-1"], "f is nan at the start"),
        (["sqrt(x)", "--start=0"], "kink or a pole"),
        (["bowl", "--learning-rate=0"], "--learning-rate is 0"),
        (["bowl", "--learning-rate=x"], "--learning-rate is 'x': give a number, such as 0.1"),
        (["bowl", "--learning-rate=1,2"], "--learning-rate is '1,2', 2 numbers for one optimizer"),
        (["bowl", "--figure=x.png", "--language=fr"], "--language is 'fr': give en or ja"),
        (["bowl", "--steps=0"], "--steps is 0"),
        (["bowl", "--steps=x"], "--steps is 'x': give a whole number. See: koubai descend -"),
        (["bowl", "--tolerance=x"], "--tolerance is 'x': give a number"),
        (["bowl", "--optimizer=adm"], "Did you mean 'adam'"),
        (["bowl", "--gradient=x"], "choose 'exact' or 'numerical'"),
        (["bowl", "--gradient=exact", "--step=1"], "give --gradient numerical as well"),
        (["bowl", "--step=0"], "--step is 0"),
        (["bowl", "--tolerance=-1"], "--tolerance is -1"),
        (["bowl", "--figure=x.bmp"], "--figure is 'x.bmp', and .bmp is not supported"),
        (["bowl", "--figure=x"], "without a suffix"),
        (["bowl", "--figure=x.gif", "--optimizer=sgd,adam"], "an animation shows one path"),
        (["bowl", "--three-d"], "--figure is missing"),
        (["x0**2", "--start=1", "--three-d", "--figure=x.png"], "leave it out for"),
        ([], "WHAT"),
    ],
)
def test_bad_input_is_one_line(cli, tmp_path, arguments, says):
    result = cli("descend", *arguments)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("koubai: ")
    assert result.err.count("\n") == 1
    assert says in result.err
    assert list(tmp_path.iterdir()) == []


def test_an_unwritable_figure(cli, tmp_path):
    (tmp_path / "file").touch()
    result = cli("descend", "bowl", "--figure=file/x.png")
    assert result.code == 2
    assert "cannot be written" in result.err


def test_a_wrong_formula_has_a_caret_under_the_place(cli):
    result = cli("descend", "x0 + sni(x1)", "--start=1,2")
    assert (result.code, result.out) == (2, "")
    first, text, caret = result.err.splitlines()
    assert first.startswith("koubai: the formula has the unknown name 'sni'. Did you mean 'sin'?")
    assert text[caret.index("^") :] == "sni(x1)"


@pytest.mark.parametrize("name", ["six-hump camel", "six hump camel", "six_hump_camel"])
def test_a_surface_is_found_as_it_is_written_in_words(cli, name: str) -> None:
    (descent,) = cli("descend", name, "--steps=3", "--json").json["descents"]
    assert descent["start"] == list(kb.surfaces.six_hump_camel.start)
