from __future__ import annotations

import gzip
import hashlib
import shutil
from pathlib import Path

import pytest
from PIL import Image

from koubai.cli import main
from koubai.errors import KoubaiError


def content(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def refused(cli, spirals, houses):
    """One line on standard error, exit code 2, nothing printed; the run there is untouched."""

    def refuse(*arguments: object) -> str:
        before = content(spirals)
        result = cli(*arguments)
        assert result.code == 2
        assert result.out == ""
        assert result.err.startswith("koubai: ")
        assert result.err.count("\n") == 1
        assert content(spirals) == before
        return result.err

    return refuse


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["digitz"], "Did you mean 'digits'"),
        (["moons", "--hidden=rely"], "Did you mean 'relu'"),
        (["moons", "--output=softmx"], "Did you mean 'softmax'"),
        (["moons", "--optimizer=adm"], "Did you mean 'adam'"),
        (["moons", "--schedule=cosin"], "Did you mean 'cosine'"),
        (["moons", "--loss=crossentropy"], "Did you mean 'cross_entropy'"),
        (["moons", "--loss=mse"], "Did you mean 'mean_squared_error'"),
        (["moons", "--loss=BCE"], "Did you mean 'binary_cross_entropy'"),
        (["moons", "--optimizer=Adam"], "Did you mean 'adam'"),
        (["moons", "--optimiser=SGD"], "Did you mean 'sgd'"),
        (["moons", "--hidden=LeakyReLU"], "Did you mean 'leaky_relu'"),
        (["moons", "--initialiser=xavir"], "Did you mean 'xavier'"),
        (["moons", "--initialiser=normal(x)"], "--initialiser 'normal(x)' needs a number"),
        (["moons", "--initializer=normal(0.01"], "lacks its closing bracket"),
        (["moons", "--learning-rate=0"], "--learning-rate is 0"),
        (["moons", "--learning-rate=-1"], "--learning-rate is -1"),
        (["moons", "--learning-rate=nan"], "--learning-rate is nan"),
        (["moons", "--learning-rate=inf"], "--learning-rate is inf"),
        (["moons", "--epochs=-1"], "--epochs is -1"),
        (["moons", "--batch-size=0"], "--batch-size is 0"),
        (["moons", "--seed=-1"], "--seed is -1"),
        (["moons", "--weight-decay=-1"], "--weight-decay is -1"),
        (["moons", "--validation=1.5"], "--validation is 1.5"),
        (
            ["moons", "--patience=3"],
            "--patience needs a validation split to watch: add --validation 0.1",
        ),
        (["moons", "--record-every=-1"], "--record-every is -1"),
        (["moons", "--layers=a"], "--layers is 'a'"),
        (["moons", "--layers=5,0"], "--layers is '5,0'"),
        (["moons", "--layers=-3"], "--layers is '-3'"),
        (["moons", "--layers=5", "--hidden=relu,relu"], "--hidden names 2 layers"),
        (["moons", "--layers=0", "--hidden=relu"], "--hidden is 'relu', but the network has no"),
        (["line", "--hidden=relu"], "give --layers some units"),
        (
            ["line", "--loss=cross_entropy"],
            "--loss 'cross_entropy' needs classes, but data 'line' has values: "
            "use --output identity and --loss squared_error\n",
        ),
        (["houses.csv", "--task=regresion"], "Did you mean 'regression'"),
        (["houses.csv", "--size=8x8"], "--size is '8x8' but houses.csv is not a folder of images"),
        (["houses.csv", "--colour"], "--colour is given but houses.csv is not a folder of images"),
        (["moons", "--task=regression"], "--task is 'regression' but moons is not a .csv file"),
        (["moons", "--target=x"], "--target is 'x'"),
        (["moons", "--folder=."], "--folder is '.' but moons is not mnist"),
        (["mnist", "--folder=nowhere"], "--folder nowhere does not exist"),
        (["mnist", "--folder=runs"], "train-images-idx3-ubyte is not in"),
        (["nowhere.csv"], "koubai: nowhere.csv does not exist"),
        (["./a/nowhere.csv"], "koubai: a/nowhere.csv does not exist"),
        (["houses.csv", "--target=prise"], "Did you mean 'price'"),
        (["./runs"], "sub-folder of images"),
        ([], "WHAT is missing"),
        (
            ["moons", "--out=runs/spirals"],
            "already holds a run: choose another folder, or overwrite it with --force\n",
        ),
        (["moons", "--out=houses.csv"], "which is a file: name a folder"),
        (["moons", "--out=houses.csv/run"], "cannot be written"),
        (["moons", "--resume=runs/spirals"], "WHAT is given together with --resume"),
        (["--resume=runs/spirals", "--seed=0"], "--seed is given together with --resume"),
        (["--resume=runs/spirals", "--force"], "--force is given together with --resume"),
        (["--resume=runs/spirals", "--out=x"], "--out is given together with --resume"),
        (["--resume=runs/spirals"], "nothing left to do"),
        (["--resume=nowhere"], "is not a run"),
        (["moons", "--epochs=x"], "--epochs is 'x': give a whole number. See: koubai train -"),
        (["moons", "--batch-size=1.5"], "--batch-size is '1.5': give a whole number"),
        (["moons", "--learning-rate=0,1"], "--learning-rate is '0,1': give a number"),
        (["moons", "--validation"], "requires an argument. See: koubai train --help"),
        (["moons", "--learning-rat=1"], "--learning-rate"),
        (["moons", "xor"], "See: koubai train --help"),
    ],
)
def test_train(refused, arguments, says):
    assert says in refused("train", *arguments)


def test_a_resumed_run_needs_what_only_python_can_give_it(refused, spirals):
    description = spirals / "run.json"
    description.write_text(
        description.read_text().replace('"optimizer": "adam"', '"optimizer": "custom"')
    )
    assert "resume(folder, optimizer=…)" in refused("train", "--resume=runs/spirals", "--epochs=9")


@pytest.mark.parametrize("command", ["train", "check"])
def test_images_of_several_sizes(refused, tmp_path, command):
    for name, width in (("a", 5), ("b", 6)):
        (tmp_path / "images" / name).mkdir(parents=True)
        Image.new("L", (width, 7)).save(tmp_path / "images" / name / "1.png")
    assert "images/b/1.png has 7x6 pixels" in refused(command, "images")
    assert "pass --size " in refused(command, "images")
    assert "--size is '7': give height and width, such as '28x28'" in refused(
        command, "images", "--size=7"
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("a,b\n", "no rows"),
        ("a,b\n1,2\n3\n", "line 3"),
        ("a,b\n1,0.5\nnan,1.5\n2,2.5\n", "line 3, column 'a'"),
        ("a,b\n1,0.5\n,1.5\n2,2.5\n", "line 3, column 'a'"),
        ("a,b\n1,0.5\n1e60,1.5\n2,2.5\n", "line 3, column 'a'"),
    ],
)
def test_a_table_that_cannot_be_learnt_from(refused, tmp_path, text, says):
    (tmp_path / "bad.csv").write_text(text)
    assert says in refused("train", "bad.csv")


def test_a_truncated_idx_file(refused, mnist_folder, tmp_path):
    for file in mnist_folder.glob("*.gz"):
        shutil.copy(file, tmp_path)
    images = gzip.decompress((tmp_path / "t10k-images-idx3-ubyte.gz").read_bytes())
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(images[:-1])
    assert "t10k-images-idx3-ubyte" in refused("train", "mnist", "--folder", tmp_path)


def test_a_damaged_image(refused, tmp_path):
    for name in ("a", "b"):
        (tmp_path / "images" / name).mkdir(parents=True)
        (tmp_path / "images" / name / "1.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    assert "1.png cannot be read as an image" in refused("train", "images")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["runs", "x.csv"], "is not a run"),
        (["nowhere", "x.csv"], "is not a run"),
        (["runs/spirals", "nowhere.csv"], "nowhere.csv does not exist"),
        (["runs/spirals", "house.png"], "not images"),
        (["runs/spirals", "houses.csv"], "3 values where the network takes 2"),
        (["runs/spirals", "words.csv"], "line 2: 'north' is not a finite number"),
        (["runs/spirals", "large.csv"], "line 1: '1e60' is not a finite number"),
        (["runs/spirals", "nan.csv"], "line 1: 'nan' is not a finite number"),
        (["runs/spirals", "empty.csv"], "is empty"),
        (["runs/spirals"], "FILE"),
        ([], "DIR"),
    ],
)
def test_predict(refused, tmp_path, arguments, says):
    (tmp_path / "words.csv").write_text("1,2\n3,north\n")
    (tmp_path / "empty.csv").write_text("\n")
    (tmp_path / "large.csv").write_text("1,1e60\n")
    (tmp_path / "nan.csv").write_text("1,nan\n")
    assert says in refused("predict", *arguments)


def _truncate(spirals: Path) -> None:
    (state,) = spirals.glob("state-*.safetensors")
    state.write_bytes(state.read_bytes()[:-1])


def _alter(spirals: Path) -> None:
    (state,) = spirals.glob("state-*.safetensors")
    altered = bytearray(state.read_bytes())
    altered[-1] ^= 1
    state.write_bytes(altered)


def _newer(spirals: Path) -> None:
    description = spirals / "run.json"
    description.write_text(description.read_text().replace('"format": 3', '"format": 99'))


def _alter_the_record(spirals: Path) -> None:
    (path,) = spirals.glob("record-*.zarr/path-*/point/c/0/0")
    altered = bytearray(path.read_bytes())
    altered[3] ^= 1
    path.write_bytes(altered)


@pytest.mark.parametrize(
    ("damage", "says"),
    [(_truncate, "damaged"), (_alter, "damaged"), (_newer, "upgrade koubai")],
)
@pytest.mark.parametrize(
    "command", [["predict", "runs/spirals", "x.csv"], ["train", "--resume=runs/spirals"]]
)
def test_a_run_that_cannot_be_loaded(refused, spirals, damage, says, command):
    damage(spirals)
    assert says in refused(*command)


def test_an_altered_record(refused, spirals):
    _alter_the_record(spirals)
    assert "damaged" in refused("train", "--resume=runs/spirals", "--epochs=4")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["check", "digitz"], "Did you mean 'digits'"),
        (["check", "moons", "--examples=0"], "--examples is 0"),
        (["check", "moons", "--layers=x"], "--layers is 'x'"),
        (["check", "moons", "--examples=x"], "--examples is 'x': give a whole number"),
        (["check", "moons", "--hidden=relu", "--layers=0"], "has no hidden layer"),
        (["check", "moons", "--size=8x8"], "--size is '8x8' but moons is not"),
        (["check"], "WHAT"),
        (["runs", "nowhere"], "'nowhere' is not a folder"),
        (["runs", "houses.csv"], "is not a folder"),
        (["trian"], "Did you mean 'train'"),
        (["--colour"], "See: koubai --help"),
    ],
)
def test_other_commands(refused, arguments, says):
    assert says in refused(*arguments)


def test_debug_shows_the_traceback(cli):
    plain, debugged = cli("train", "digitz"), cli("--debug", "train", "digitz")
    assert debugged.code == plain.code == 2
    assert "Traceback" not in plain.err
    assert "Traceback" in debugged.err
    assert debugged.err.endswith(plain.err)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OSError(28, "No space left on device", "runs/x"), 2),
        (KoubaiError("two\nlines"), 2),
        (TypeError("a mistake"), 70),
    ],
)
def test_whatever_fails_is_one_line(cli, monkeypatch, error, code):
    def fail(*arguments, **options):
        raise error

    monkeypatch.setattr("koubai.training.train.train", fail)
    result = cli("train", "moons")
    assert (result.code, result.out) == (code, "")
    assert result.err.startswith("koubai: ")
    assert result.err.count("\n") == 1
    assert str(error.args[-1]).split()[-1] in result.err


def test_main_takes_the_process_arguments(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["koubai", "trian"])
    assert main() == 2
    assert "train" in capsys.readouterr().err
