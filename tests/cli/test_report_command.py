from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np

import koubai as kb


def scene_in(page):
    text = Path(page).read_text(encoding="utf-8")
    return json.loads(re.search(r'id="scene">(.*?)</script>', text, re.DOTALL)[1])


def test_a_runs_page_is_written_into_it(cli, spirals):
    result = cli("report", spirals, "--size", "7", "--language", "ja", "--title", "渦 & <spirals>")
    assert (result.code, result.err) == (0, "")
    assert result.out.strip() == f"wrote {spirals / 'report.html'}"
    scene = scene_in(spirals / "report.html")
    assert (scene["title"], scene["language"]) == ("渦 & <spirals>", "ja")
    assert scene["valley"]["values"]["shape"] == [7, 7]
    facts = {fact["key"]: fact["value"] for fact in scene["summary"]}
    assert facts["test_accuracy"] == kb.load_run(spirals).accuracy("test")


def test_elsewhere_and_as_json(cli, spirals, tmp_path):
    found = cli("report", spirals, "--size=5", "--out", tmp_path / "pages/a.html", "--json").json
    assert found["bytes"] == Path(found["report"]).stat().st_size
    assert found["run"] == str(spirals)


def test_train_writes_it_at_its_end(cli):
    result = cli("train", "moons", "--epochs=3", "--out=runs/moons", "--no-figures", "--report")
    assert result.code == 0
    assert re.search(r"^report +runs/moons/report.html *$", result.out, re.MULTILINE)
    assert scene_in("runs/moons/report.html")["reproduce"]["command"].startswith("koubai train")


def test_data_that_are_gone_leave_a_page_without_what_needs_them(cli, tmp_path):
    rng = np.random.default_rng(3)
    rows = "".join(f"{a},{b},{'yes' if a > b else 'no'}\n" for a, b in rng.normal(size=(90, 2)))
    table = tmp_path / "table.csv"
    table.write_text(f"a,b,won\n{rows}", encoding="utf-8")
    assert cli("train", table, "--epochs=2", "--out", tmp_path / "run", "--no-figures").code == 0
    table.unlink()
    result = cli("report", tmp_path / "run")
    assert result.code == 0
    assert result.err.startswith("koubai: without its findings, mistakes and valley: The data of ")
    assert len(result.err.splitlines()) == 1
    scene = scene_in(tmp_path / "run" / "report.html")
    assert [scene[part] for part in ("findings", "mistakes", "valley")] == [None, None, None]
    assert {part["part"] for part in scene["missing"]} == {"findings", "mistakes", "valley"}
    found = cli("report", tmp_path / "run", "--json").json
    assert "table.csv" in found["missing"]["valley"]


def test_bad_input(cli, spirals, tmp_path):
    result = cli("report", tmp_path / "none")
    assert result.code == 2
    assert "none" in result.err
    for words, message in [
        (["--out", "page.txt"], ".txt is not supported: choose .html"),
        (["--size", "1"], "size is 1"),
        (["--size", "many"], "give a whole number"),
        (["--language", "fr"], "give en or ja"),
    ]:
        result = cli("report", spirals, *words)
        assert (result.code, result.out) == (2, "")
        assert message in result.err
        assert len(result.err.splitlines()) == 1
