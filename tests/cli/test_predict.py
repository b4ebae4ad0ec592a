from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import koubai as kb


@pytest.fixture(scope="module")
def digits(tmp_path_factory) -> kb.Run:
    folder = tmp_path_factory.mktemp("run") / "digits"
    network = kb.Network([64, 30, 10], hidden="relu")
    kb.train(network, kb.data.digits(), "adam", epochs=5, batch_size=20, out=folder)
    return kb.load_run(folder)


def draw(folder: Path, stored: np.ndarray, inverted: bool = False) -> list[Path]:
    files = []
    for i, image in enumerate(stored):
        pixels = np.round(image.astype(float) * 255 / 16).astype(np.uint8).reshape(8, 8)
        files.append(folder / f"{i}.png")
        Image.fromarray(255 - pixels if inverted else pixels).save(files[-1])
    return files


@pytest.mark.parametrize("inverted", [False, True])
def test_images_get_the_class_that_the_run_gives_them(cli, digits, tmp_path, inverted):
    data = digits.data.test
    files = draw(tmp_path, data.stored[:40], inverted)
    result = cli("predict", digits.folder, *files, "--json")
    predictions = result.json["predictions"]
    assert [p["class"] for p in predictions] == digits.classify(data.x[:40])
    assert [p["input"] for p in predictions] == [str(file) for file in files]
    y = digits.predict(data.x[:40])
    found = [list(p["probabilities"].values()) for p in predictions]
    np.testing.assert_allclose(found, y, atol=0.05)  # a pixel of 16 levels is rounded to 1/255


def test_inverting_is_said_in_one_line(cli, digits, tmp_path):
    light = draw(tmp_path, digits.data.test.stored[:2], inverted=True)
    result = cli("predict", digits.folder, *light)
    assert result.code == 0
    assert result.err.count("\n") == 1
    assert str(light[0]) in result.err
    assert str(light[1]) in result.err


def test_as_is_and_invert_have_the_last_word(cli, digits, tmp_path):
    (dark,) = draw(tmp_path, digits.data.test.stored[:1])
    x = digits.data.test.x[0]

    def probabilities(*options):
        result = cli("predict", digits.folder, dark, "--json", *options)
        return list(result.json["predictions"][0]["probabilities"].values())

    np.testing.assert_allclose(probabilities("--as-is"), digits.predict(x)[0], atol=0.05)
    np.testing.assert_allclose(probabilities("--invert"), digits.predict(1 - x)[0], atol=0.05)
    assert np.argmax(probabilities("--as-is")) != np.argmax(probabilities("--invert"))


def test_a_drawing_is_cropped_and_a_line_says_so(cli, digits, tmp_path):
    sheet = np.full((200, 300), 230, np.uint8)
    sheet[40:140, 220:240] = 30  # a 1, where no 1 of the digits is
    Image.fromarray(sheet).save(tmp_path / "one.png")
    result = cli("predict", digits.folder, "one.png", "--json")
    x = kb.data.read_drawing(tmp_path / "one.png", "digits").pixels.astype(np.float32) / 255
    (prediction,) = result.json["predictions"]
    expected = digits.predict(x)[0]
    np.testing.assert_allclose(list(prediction["probabilities"].values()), expected, rtol=1e-5)
    assert result.err.count("\n") == 1
    assert "one.png (inverted, cropped and centred)" in result.err


def test_as_is_only_resizes(cli, digits, tmp_path):
    Image.new("RGB", (40, 16), (51, 51, 51)).save(tmp_path / "grey.png")
    result = cli("predict", digits.folder, "grey.png", "--as-is", "--json")
    (prediction,) = result.json["predictions"]
    assert result.err == ""
    expected = digits.predict(np.full(64, 0.2, dtype=np.float32))[0]
    np.testing.assert_allclose(list(prediction["probabilities"].values()), expected, rtol=1e-5)


def test_numbers_are_in_the_unit_of_the_data(cli, digits, tmp_path):
    stored = digits.data.test.stored[:20]
    np.savetxt(tmp_path / "pixels.csv", stored, fmt="%d", delimiter=",")
    predictions = cli("predict", digits.folder, "pixels.csv", "--json").json["predictions"]
    expected = digits.predict(digits.data.test.x[:20])
    found = [list(p["probabilities"].values()) for p in predictions]
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-7)


def test_three_classes_or_all(cli, digits, tmp_path):
    (file,) = draw(tmp_path, digits.data.test.stored[:1])
    ranked = np.argsort(-digits.predict(digits.data.test.x[:1])[0])
    few, every = (cli("predict", digits.folder, file, *o).out for o in ((), ("--all",)))
    assert [part.split()[-2] for part in few.strip().split(",")] == [str(i) for i in ranked[:3]]
    assert [part.split()[-2] for part in every.strip().split(",")] == [str(i) for i in ranked]


def test_a_header_is_passed_over(cli, spirals):
    rows = "0.1,0.2\n-0.5,0.25\n"
    Path("bare.csv").write_text(rows)
    Path("headed.csv").write_text("x,y\n" + rows)
    bare, headed = (
        cli("predict", spirals, f"{name}.csv", "--json").json["predictions"]
        for name in ("bare", "headed")
    )
    run = kb.load_run(spirals)
    assert [p["class"] for p in bare] == run.classify([[0.1, 0.2], [-0.5, 0.25]])
    assert [p["probabilities"] for p in bare] == [p["probabilities"] for p in headed]


def test_a_tables_values_are_in_its_unit(cli, houses):
    cli("train", houses, "--out=run", "--no-figures")
    predictions = cli("predict", "run", houses, "--json").json["predictions"]

    area = kb.load_run("run").about.columns[0]
    rows = [line.split(",") for line in houses.read_text().splitlines()[1:]]
    x = [[(float(r[0]) - area.mean) / area.std, r[1] == "north", r[1] == "south"] for r in rows]
    expected = kb.load_run("run").predict(np.array(x, dtype=np.float32))[:, 0]
    np.testing.assert_allclose([p["value"] for p in predictions], expected, rtol=1e-5)
    prices = np.array([float(r[2]) for r in rows])
    assert np.corrcoef(prices, expected)[0, 1] > 0.98


def test_a_tables_target_may_be_absent(cli, houses, tmp_path):
    cli("train", houses, "--epochs=1", "--out=run", "--no-figures")
    bare = tmp_path / "bare.csv"
    lines = houses.read_text().splitlines()
    bare.write_text("\n".join(line.rpartition(",")[0] for line in lines))
    values = [
        [p["value"] for p in cli("predict", "run", file, "--json").json["predictions"]]
        for file in (houses, bare)
    ]
    assert values[0] == values[1]
    assert f"{values[0][0]:.6g}" in cli("predict", "run", bare).out


def test_one_sigmoid_unit_tells_two_classes_apart(cli):
    data = kb.data.moons()
    network = kb.Network([2, 4, 1], hidden="tanh", output="sigmoid")
    run = kb.train(network, data, "adam", epochs=20, out="run")
    np.savetxt("points.csv", data.test.x, delimiter=",")
    predictions = cli("predict", "run", "points.csv", "--json").json["predictions"]
    assert [p["class"] for p in predictions] == run.classify(data.test.x)
    assert {p["class"] for p in predictions} == {"0", "1"}
    y = run.predict(data.test.x)[:, 0]
    np.testing.assert_allclose(run.scores(data.test.x), np.stack([1 - y, y], axis=1))
    for p in predictions:
        assert sum(p["probabilities"].values()) == pytest.approx(1)
        assert max(p["probabilities"], key=p["probabilities"].get) == p["class"]


@pytest.mark.parametrize(
    ("output", "meaning"), [("sigmoid", "outputs"), ("softmax", "probabilities")]
)
def test_outputs_are_called_probabilities_where_they_are(cli, output, meaning):
    network = kb.Network([2, 4, 3], hidden="tanh", output=output)
    run = kb.train(network, kb.data.spirals(), "adam", epochs=1, out="run")
    Path("points.csv").write_text("0.25,-0.5\n")
    (prediction,) = cli("predict", "run", "points.csv", "--json").json["predictions"]
    assert set(prediction) == {"input", "class", meaning}
    np.testing.assert_allclose([*prediction[meaning].values()], run.scores([0.25, -0.5])[0])
    assert cli("predict", "run", "points.csv").out.splitlines()[0].split() == ["class", meaning]


def test_numbers_of_another_unit_are_warned_of_in_one_line(cli, digits, tmp_path):
    rows = digits.data.test.stored[:3].astype(int)
    np.savetxt(tmp_path / "right.csv", rows, fmt="%d", delimiter=",")
    np.savetxt(tmp_path / "big.csv", 16 * rows, fmt="%d", delimiter=",")
    assert cli("predict", digits.folder, "right.csv").err == ""
    result = cli("predict", digits.folder, "right.csv", "big.csv")
    assert result.code == 0
    assert result.err.count("\n") == 1
    assert "big.csv row 1 (and 2 more) is far from all" in result.err
    assert "where the training data have 0 to 16" in result.err
