"""A network as the page sets it."""

from __future__ import annotations

from msgspec.structs import replace

from koubai.data.dataset import Dataset
from koubai.errors import SettingError
from koubai.networks.network import Network
from koubai.play import messages
from koubai.play.limits import MOST_DIFFERENCES, MOST_ITERATIONS, MOST_PARAMETERS
from koubai.told import Told
from koubai.training.learner import Learner


def network_of(setting: messages.Network, data: Dataset) -> Network:
    """The network that suits the data. Raises SettingError for one beyond the limits."""
    if len(setting.activations) != len(setting.hidden):
        raise SettingError(
            f"activations names {len(setting.activations)} layers, hidden has "
            f"{len(setting.hidden)}: give one for each"
        )
    # One unit tells two classes apart by a probability; the squared error looks at a unit for each.
    two = data.classes is not None and data.outputs == 2 and setting.output == "sigmoid"
    two &= setting.loss != "squared_error"
    output = "identity" if data.classes is None else "softmax"
    network = Network(
        [data.inputs, *setting.hidden, 1 if two else data.outputs],
        hidden=setting.activations,
        output=setting.output or output,
        initialiser=setting.initialiser,
    )
    if network.parameter_count > MOST_PARAMETERS:
        raise SettingError(
            Told(
                f"the network has {network.parameter_count:,} parameters, and the playground takes "
                f"{MOST_PARAMETERS:,}: take fewer units",
                f"パラメータが {network.parameter_count:,} 個になりますが、扱えるのは "
                f"{MOST_PARAMETERS:,} 個までです。ユニットを減らしてください",
            )
        )
    if setting.gradient == "numerical":
        check_differences(network)
    return network


def check_differences(network: Network) -> None:
    """Raises SettingError for more gradients than are found by differences."""
    count = network.parameter_count
    if count > MOST_DIFFERENCES:
        raise SettingError(
            Told(
                f"the network has {count:,} parameters, and numerical gradients are found of "
                f"{MOST_DIFFERENCES:,}: take fewer units",
                f"パラメータが {count:,} 個ありますが、数値微分で求められるのは "
                f"{MOST_DIFFERENCES:,} 個までです。ユニットを減らしてください",
            )
        )


def filled_in(setting: messages.Network, learner: Learner) -> messages.Network:
    """The setting with the names and numbers that were chosen for it."""
    return replace(
        setting,
        output=learner.network.output.name,
        loss=learner.method.loss.name,
        learning_rate=learner.first["learning_rate"],
        batch_size=learner.plan.batch_size,
    )


def check_iterations(iterations: int) -> None:
    """Raises SettingError for more than are done at a time."""
    if iterations > MOST_ITERATIONS:
        raise SettingError(
            Told(
                f"these are {iterations:,} iterations, and {MOST_ITERATIONS:,} are done at a time: "
                f"ask for fewer, or let the network run",
                f"{iterations:,} 回の更新になりますが、一度にできるのは {MOST_ITERATIONS:,} 回まで"
                f"です。回数を減らすか、連続で実行してください",
            )
        )
