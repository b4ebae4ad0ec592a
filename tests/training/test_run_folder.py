"""A run on disk: what is written comes back, and what is damaged is named."""

from __future__ import annotations

import asyncio
import json
import shutil

import jax
import numpy as np
import optax
import pytest

import koubai as kb
from koubai.training.storage import RunFolder

NETWORK = kb.Network([2, 5, 3], hidden="relu", initialiser="normal(0.3)")


@pytest.fixture(scope="module")
def spirals():
    return kb.data.spirals(n=90, seed=1)


@pytest.fixture(scope="module")
def original(spirals, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "original"
    return kb.train(NETWORK, spirals, "adam", 0.01, batch_size=9, epochs=6, out=folder)


@pytest.fixture
def folder(original, tmp_path):
    return shutil.copytree(original.folder, tmp_path / "copy")


def same_run(a, b):
    for x, y in zip(jax.tree.leaves(a.params), jax.tree.leaves(b.params), strict=True):
        assert np.asarray(x).tobytes() == np.asarray(y).tobytes()
    for name in ("batch_iterations", "batch_losses", "epochs", "iterations", "train_loss"):
        np.testing.assert_array_equal(getattr(a.history, name), getattr(b.history, name))
    np.testing.assert_array_equal(a.path.points, b.path.points)
    np.testing.assert_array_equal(a.path.iterations, b.path.iterations)
    np.testing.assert_array_equal(a.path.values, b.path.values)
    assert a.outcome.iterations == b.outcome.iterations
    assert a.outcome.test == b.outcome.test


def test_a_run_comes_back_from_its_folder(original, spirals):
    loaded = kb.load_run(original.folder)
    same_run(loaded, original)
    assert loaded.settings == original.settings
    assert loaded.network == original.network
    assert loaded.data.digest == spirals.digest
    np.testing.assert_array_equal(loaded.predict(spirals.test.x), original.predict(spirals.test.x))


def test_a_run_kept_in_memory_can_be_saved(original, spirals, tmp_path):
    run = kb.train(NETWORK, spirals, "adam", 0.01, batch_size=9, epochs=6)
    run.save(tmp_path / "later")
    same_run(kb.load_run(tmp_path / "later"), original)


@pytest.mark.parametrize("extra", [{}, {"validation": 0.2, "patience": 50}, {"schedule": "cosine"}])
@pytest.mark.parametrize("optimizer", ["sgd", "adam", "momentum"])
def test_resumed_equals_uninterrupted(spirals, tmp_path, optimizer, extra):
    settings = {"optimizer": optimizer, "batch_size": 9, "seed": 8, "record_every": 3} | extra
    whole = kb.train(NETWORK, spirals, epochs=7, **settings)
    interrupt_at(17, lambda: kb.train(NETWORK, spirals, epochs=7, out=tmp_path, **settings))
    assert kb.load_run(tmp_path).outcome.iterations == 17  # in the middle of an epoch
    same_run(kb.resume(tmp_path), whole)
    same_run(kb.load_run(tmp_path), whole)


def interrupt_at(iterations, train):
    """Runs `train` and interrupts it as Ctrl-C would, after that many iterations."""
    from koubai.training import session

    original_advance = session.Session._advance

    def advance(self, report):
        original_advance(self, report)
        if self.iteration >= iterations:
            self._stop("interrupted", "")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "_MOST_AT_ONCE", 1)
        patch.setattr(session.Session, "_advance", advance)
        return train()


def test_more_epochs_can_be_asked_for(spirals, tmp_path):
    whole = kb.train(NETWORK, spirals, batch_size=9, epochs=5, record_every=4)
    kb.train(NETWORK, spirals, batch_size=9, epochs=3, record_every=4, out=tmp_path)
    same_run(kb.resume(tmp_path, epochs=5), whole)


def test_the_users_own_optimiser_is_asked_for_again(spirals, tmp_path):
    own = optax.adam(0.01)
    whole = kb.train(NETWORK, spirals, own, batch_size=9, epochs=5)
    kb.train(NETWORK, spirals, own, batch_size=9, epochs=2, record_every=1, out=tmp_path)
    with pytest.raises(kb.errors.SettingError, match=r"resume\(folder, optimizer="):
        kb.resume(tmp_path, epochs=5)
    resumed = kb.resume(tmp_path, epochs=5, optimizer=own)
    for a, b in zip(jax.tree.leaves(resumed.params), jax.tree.leaves(whole.params), strict=True):
        assert np.asarray(a).tobytes() == np.asarray(b).tobytes()


def test_what_a_resumed_run_is_given_must_belong_to_it(spirals, tmp_path):
    own = optax.adam(0.01)
    kb.train(NETWORK, spirals, own, batch_size=9, epochs=2, out=tmp_path / "own")
    kb.train(NETWORK, spirals, "sgd", batch_size=9, epochs=2, out=tmp_path / "named")
    for folder, given, says in (
        ("named", {"optimizer": own}, "optimizer is given, but the run goes on as it began"),
        ("named", {"learning_rate": lambda k: 0.1}, "learning_rate is given, but"),
        ("named", {"loss": kb.losses.huber}, "loss is given, but"),
        ("named", {"epochs": "9"}, "epochs is '9': give a whole number"),
        ("named", {"progress": "x"}, "progress is 'x'"),
        ("named", {"data": "spirals"}, "data is 'spirals': give the Dataset"),
        ("own", {"optimizer": "adam"}, r"which is not stored: pass the same again"),
        ("own", {"optimizer": optax.sgd(0.1)}, "optimizer keeps 0 arrays .* not the 9"),
    ):
        with pytest.raises(kb.errors.SettingError, match=says):
            kb.resume(tmp_path / folder, **({"epochs": 5} | given))


def test_a_schedule_of_the_users_own_is_asked_for_again(spirals, tmp_path):
    own = optax.warmup_cosine_decay_schedule(0.0, 0.3, 7, 35)  # which begins at 0
    whole = kb.train(NETWORK, spirals, learning_rate=own, batch_size=9, epochs=5)
    kb.train(
        NETWORK, spirals, learning_rate=own, batch_size=9, epochs=2, record_every=1, out=tmp_path
    )
    with pytest.raises(kb.errors.SettingError, match=r"resume\(folder, learning_rate="):
        kb.resume(tmp_path, epochs=5, learning_rate=0.3)
    resumed = kb.resume(tmp_path, epochs=5, learning_rate=own)
    for a, b in zip(jax.tree.leaves(resumed.params), jax.tree.leaves(whole.params), strict=True):
        assert np.asarray(a).tobytes() == np.asarray(b).tobytes()


def test_a_run_with_nothing_left_to_do_says_so(folder):
    with pytest.raises(kb.errors.RunError, match=r"nothing left to do.*after 6 epochs"):
        kb.resume(folder)


def test_a_diverged_run_does_not_go_on(tmp_path):
    network = kb.Network([1, 5, 1], hidden="relu", output="identity")
    kb.train(network, kb.data.sine(n=60), "sgd", 30.0, epochs=20, out=tmp_path)
    with pytest.raises(kb.errors.RunError, match="diverged and cannot go on"):
        kb.resume(tmp_path)


def test_an_older_run_is_not_overwritten(folder, spirals, original):
    with pytest.raises(kb.errors.RunError, match=r"already holds a run.*force=True"):
        kb.train(NETWORK, spirals, epochs=1, out=folder)
    same_run(kb.load_run(folder), original)


def test_a_run_is_not_strewn_among_other_files(tmp_path, spirals):
    pictures = tmp_path / "pictures"
    (pictures / "cats").mkdir(parents=True)
    with pytest.raises(kb.errors.RunError, match=r"holds 'cats' and is no run.*force=True"):
        kb.train(NETWORK, spirals, epochs=1, out=pictures)
    assert [entry.name for entry in pictures.iterdir()] == ["cats"]
    kb.train(NETWORK, spirals, epochs=1, out=pictures, force=True)
    assert kb.load_run(pictures).outcome.epochs == 1
    with pytest.raises(kb.errors.RunError, match="which is a file: name a folder"):
        kb.train(NETWORK, spirals, epochs=1, out=pictures / "run.json")


def test_what_a_kill_left_does_not_stand_in_the_way(tmp_path, spirals):
    """Before its first commit a run is a record that nothing names."""
    (tmp_path / "record-00112233.zarr").mkdir()
    (tmp_path / ".gitignore").write_text("*")
    kb.train(NETWORK, spirals, epochs=1, out=tmp_path)
    assert kb.load_run(tmp_path).outcome.epochs == 1


def test_forced_the_older_run_stays_until_the_new_one_is_there(
    folder, spirals, original, monkeypatch
):
    def fail(*args, **kwargs):
        raise RuntimeError("the machine stopped")

    with monkeypatch.context() as patch:
        patch.setattr(RunFolder, "commit", fail)
        with pytest.raises(RuntimeError, match="the machine stopped"):
            kb.train(NETWORK, spirals, epochs=1, out=folder, force=True)
    same_run(kb.load_run(folder), original)
    new = kb.train(NETWORK, spirals, epochs=1, out=folder, force=True)
    same_run(kb.load_run(folder), new)
    assert len(list(folder.glob("state-*"))) == len(list(folder.glob("record-*"))) == 1


@pytest.mark.parametrize("what", ["a missing folder", "an empty folder"])
def test_a_folder_that_is_not_a_run(tmp_path, what):
    folder = tmp_path if what == "an empty folder" else tmp_path / "nowhere"
    with pytest.raises(kb.errors.RunError, match=r"is not a run: it has no run\.json"):
        kb.load_run(folder)


def rewrite(folder, change):
    file = folder / "run.json"
    description = json.loads(file.read_text())
    change(description)
    file.write_text(json.dumps(description))


def test_a_run_of_a_newer_version(folder):
    rewrite(folder, lambda d: d.update(format=99, koubai="7.0", brand_new=[1]))
    with pytest.raises(kb.errors.RunError, match=r"written by koubai 7\.0.*upgrade koubai"):
        kb.load_run(folder)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(surprise=1),
        lambda d: d.pop("settings"),
        lambda d: d["settings"].update(batch_size="many"),
        lambda d: d["outcome"].update(iterations=1.5),
        lambda d: d.update(format="1"),
    ],
)
def test_a_description_that_was_altered(folder, change):
    rewrite(folder, change)
    with pytest.raises(kb.errors.RunError, match=r"run\.json' is damaged"):
        kb.load_run(folder)


def test_a_description_that_points_outside_its_folder_is_refused(folder):
    rewrite(folder, lambda d: d.update(state="../../etc/passwd"))
    with pytest.raises(kb.errors.RunError, match="damaged"):
        kb.load_run(folder)


def test_a_truncated_description(folder):
    file = folder / "run.json"
    file.write_bytes(file.read_bytes()[:200])
    with pytest.raises(kb.errors.RunError, match=r"run\.json' is damaged"):
        kb.load_run(folder)


@pytest.mark.parametrize("damage", ["truncate", "flip", "delete"])
def test_altered_parameters(folder, damage):
    file = next(folder.glob("state-*.safetensors"))
    content = bytearray(file.read_bytes())
    if damage == "delete":
        file.unlink()
    elif damage == "truncate":
        file.write_bytes(content[: len(content) // 2])
    else:
        content[-5] ^= 16
        file.write_bytes(content)
    with pytest.raises(kb.errors.RunError, match=r"safetensors' (is damaged|cannot be read)"):
        kb.load_run(folder)


def test_every_flipped_bit_in_a_record_is_noticed(folder):
    rng = np.random.default_rng(0)
    chunks = sorted(p for p in folder.rglob("c/**/*") if p.is_file())
    assert len(chunks) >= 13
    for _ in range(100):
        chunk = chunks[rng.integers(len(chunks))]
        content = bytearray(chunk.read_bytes())
        content[rng.integers(len(content))] ^= 1 << int(rng.integers(8))
        intact = chunk.read_bytes()
        chunk.write_bytes(content)
        with pytest.raises(kb.errors.RunError, match="damaged"):
            read_all(folder)
        chunk.write_bytes(intact)
    read_all(folder)


def read_all(folder):
    run = kb.load_run(folder)
    return run.history, run.path


@pytest.mark.parametrize(
    "damage",
    [
        lambda record: shutil.rmtree(record),
        lambda record: (record / "zarr.json").unlink(),
        lambda record: (record / "zarr.json").write_text("null"),
        lambda record: (record / "zarr.json").write_bytes(b"\xff\x00"),
        lambda record: shutil.rmtree(record / "path-1"),
        lambda record: shutil.rmtree(record / "path-1/point"),
        lambda record: (record / "path-1/point/zarr.json").write_text("[]"),
        lambda record: shutil.copy(record / "path-1/point/zarr.json", record / "path-1/zarr.json"),
    ],
)
def test_without_its_record_a_run_still_predicts(folder, original, spirals, damage):
    damage(next(folder.glob("record-*")))
    run = kb.load_run(folder)
    x = spirals.test.x
    np.testing.assert_array_equal(run.predict(x), original.predict(x))
    assert run.accuracy() == original.accuracy()
    before = sorted(folder.rglob("*"))
    for ask in (
        lambda: run.history,
        lambda: run.path,
        lambda: run.save(folder / "again"),
        lambda: kb.resume(folder, epochs=9),
    ):
        with pytest.raises(kb.errors.RunError, match=r"is damaged: .*"):
            ask()
    assert sorted(folder.rglob("*")) == before  # nothing is written by looking


def test_a_run_saved_over_itself_still_has_its_history(folder, original):
    run = kb.load_run(folder)
    run.save(folder, force=True)
    same_run(run, original)
    same_run(kb.load_run(folder), original)


def test_data_that_is_no_longer_the_same(folder):
    with pytest.raises(kb.errors.DataError, match="not what this run was trained on"):
        _ = kb.load_run(folder, data=kb.data.spirals(n=90, seed=2)).data


def test_an_activation_of_the_users_own_cannot_be_stored(spirals, tmp_path):
    own = kb.Activation("mine", *(2 * [lambda z: z]), "", "", "")
    with pytest.raises(kb.errors.RunError, match="not one of koubai's own"):
        kb.train(kb.Network([2, 4, 3], hidden=own), spirals, out=tmp_path / "run")
    assert kb.train(kb.Network([2, 4, 3], hidden=own), spirals, epochs=1).stopped == "epochs"


def test_a_folder_that_cannot_be_written(spirals, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(kb.errors.RunError, match="cannot be written"):
        kb.train(NETWORK, spirals, out=tmp_path / "file" / "run")


def test_the_records_open_in_plain_zarr(original, folder):
    import zarr

    points = zarr.open(next(folder.glob("record-*")), mode="r")["path-1/point"]
    assert points.metadata.dimension_names == ("row", "point_0")
    np.testing.assert_array_equal(points[:], original.path.points[: points.shape[0]])


def test_a_commit_between_two_readings_does_not_matter(spirals, tmp_path, monkeypatch):
    """Another process trains into the folder: the state that was named first is gone already."""
    from koubai.training import storage

    kb.train(NETWORK, spirals, batch_size=9, epochs=1, out=tmp_path)
    earlier = storage.read_description(tmp_path)
    later = kb.resume(tmp_path, epochs=2)
    assert not (tmp_path / earlier.state).exists()
    answers = iter([earlier, storage.read_description(tmp_path)])
    monkeypatch.setattr(storage, "read_description", lambda folder: next(answers))
    run = kb.load_run(tmp_path)
    assert run.outcome.epochs == later.outcome.epochs == 2

    monkeypatch.setattr(storage, "read_description", lambda folder: earlier)
    with pytest.raises(kb.errors.RunError, match="cannot be read"):
        kb.load_run(tmp_path)  # really damaged


def test_a_run_does_not_go_on_over_a_damaged_record(spirals, tmp_path):
    """Of several chunks any may be damaged, those that going on does not read too."""
    wide = kb.Network([2, 300, 300, 3])
    kb.train(wide, spirals, batch_size=9, epochs=2, record_every=1, out=tmp_path)
    chunk = next(tmp_path.glob("record-*/path-1/point/c/2/0"))
    intact = chunk.read_bytes()
    for content in (intact[:999] + bytes([intact[999] ^ 4]) + intact[1000:], intact[:-9], b""):
        chunk.write_bytes(content)
        with pytest.raises(
            kb.errors.RunError, match=r"point/c/2/0' is damaged.*[Rr]estore"
        ) as told:
            kb.resume(tmp_path, epochs=3)
        assert "b'" not in str(told.value)
    chunk.unlink()
    with pytest.raises(kb.errors.RunError, match=r"point/c/2/0' is missing.*[Rr]estore"):
        kb.resume(tmp_path, epochs=3)
    chunk.write_bytes(intact)
    assert kb.resume(tmp_path, epochs=3).outcome.epochs == 3


def test_nothing_is_left_under_way_by_a_damaged_record(spirals, tmp_path):
    kb.train(kb.Network([2, 300, 300, 3]), spirals, epochs=20, record_every=1, out=tmp_path)
    chunk = next(tmp_path.glob("record-*/path-1/point/c/2/0"))
    chunk.write_bytes(chunk.read_bytes()[:-9])
    from zarr.core.sync import _get_loop

    with pytest.raises(kb.errors.RunError, match="damaged"):
        _ = kb.load_run(tmp_path).path
    assert not asyncio.all_tasks(_get_loop())


def test_the_r_squared_of_values_is_kept(tmp_path):
    run = kb.train(
        kb.Network([1, 9, 1], output="identity"),
        kb.data.sine(),
        "adam",
        epochs=3,
        validation=0.2,
        out=tmp_path,
    )
    loaded = kb.load_run(tmp_path).outcome
    for name in ("train", "validation", "test"):
        assert getattr(loaded, name).r_squared == pytest.approx(run.r_squared(name), rel=1e-9)


def test_a_run_that_had_only_begun_is_resumed_from_its_start(tmp_path):
    data, network = kb.data.bitmaps(), kb.Network([12, 3, 2])
    kb.train(network, data, epochs=0, batch_size=9, out=tmp_path / "run")
    resumed = kb.resume(tmp_path / "run", epochs=2)
    whole = kb.train(network, data, epochs=2, batch_size=9)
    np.testing.assert_array_equal(resumed.history.epochs, whole.history.epochs)
    np.testing.assert_array_equal(resumed.history.test_loss, whole.history.test_loss)
