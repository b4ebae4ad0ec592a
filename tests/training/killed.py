"""A process to be killed: trains into a folder, or goes on with the run that is there."""

import sys
from pathlib import Path

import koubai as kb
from koubai.training import session

NETWORK = kb.Network([2, 6, 3], hidden="tanh")
SETTINGS = {"optimizer": "adam", "batch_size": 9, "seed": 4, "record_every": 1}
SETTINGS["path_budget"] = 40 * (4 * NETWORK.parameter_count + 12)  # thinned again and again


def data():
    return kb.data.spirals(n=90, seed=1)


if __name__ == "__main__":
    folder, epochs = Path(sys.argv[1]), int(sys.argv[2])
    session._SECONDS_BETWEEN_COMMITS = 0.0  # so that a kill often falls into a commit
    examples = data()
    kb.train(NETWORK, examples, epochs=1, **SETTINGS)  # compiles everything before the clock runs
    print("ready", flush=True)
    if (folder / "run.json").exists():
        kb.resume(folder)
    else:
        kb.train(NETWORK, examples, epochs=epochs, out=folder, **SETTINGS)
