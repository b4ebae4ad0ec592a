"""What a session works at: the three benches, and which request each understands."""

from __future__ import annotations

from koubai.errors import SettingError
from koubai.play import messages as m
from koubai.play.datasets import Datasets
from koubai.play.hello import hello_of
from koubai.play.network import NetworkBench
from koubai.play.neuron import neuron_view
from koubai.play.slope import around, slope_view
from koubai.play.take_away import landscape_scene, restored, taken_away
from koubai.training.acts import Act


class Benches:
    """The benches of one page.

    `answers` does what the page asks for, and raises koubai's errors where it cannot; `go_on`
    lets a running network learn for a while, or measures one that was changed.
    """

    def __init__(self, datasets: Datasets) -> None:
        self.datasets = datasets
        self._network: NetworkBench | None = None

    @property
    def network(self) -> NetworkBench:
        """The network that stands there. Raises SettingError before there is one."""
        if self._network is None:
            raise SettingError("there is no network yet: send set_network first")
        return self._network

    @property
    def at_work(self) -> bool:
        """Whether there is something to go on with, unasked."""
        return self._network is not None and self._network.at_work

    def go_on(self, seconds: float) -> None:
        """Goes on for about so long with what there is."""
        self.network.go_on(seconds)

    def hello(self, number: int | None = None) -> m.Hello:
        """What there is to choose from."""
        return hello_of(self.datasets, number)

    def frame(self, number: int | None = None) -> m.Frame:
        """Where the network stands."""
        return self.network.frame(number)

    def answers(self, request: m.Request) -> list[m.Answer]:
        """Does what is asked for; what there is to say of it."""
        number = request.number
        match request:
            case m.SetSlope(slope=slope):
                return [slope_view(slope, number)]
            case m.LookAround():
                return [around(request)]
            case m.SetNeuron(neuron=neuron):
                return [neuron_view(neuron, number)]
            case m.SetNetwork(network=setting, acts=acts):
                return self._made(setting, acts, number)
            case m.Restore(state=state):
                return self._made(*restored(state), number)
            case m.Seen():
                return []
            case m.LookAt(own=own, example=example):
                bench = self.network
                look = (
                    bench.look(example, number) if own is None else bench.look_at_own(own, number)
                )
                return [look]
            case m.ExplainParameter(layer=layer, i=i, j=j):
                return [self.network.explain(layer, i, j, number)]
            case m.ShowRegions():
                return [self.network.regions(number)]
            case m.ShowLandscape():
                return [m.ValleyView(number=number, scene=landscape_scene(self.network))]
            case m.TakeAway(form=form):
                return [taken_away(self.network, form, number)]
            case _:
                self._do(request)
                return [self.network.frame(number)]

    def _made(
        self, setting: m.Network, acts: tuple[Act, ...], number: int | None
    ) -> list[m.Answer]:
        stops = m.Stops() if self._network is None else self._network.stops
        self._network = NetworkBench(setting, self.datasets[setting.data], acts, stops)
        return [self.network.made(number), self.network.frame(number)]

    def _do(self, request: m.Request) -> None:
        bench = self.network
        match request:
            case m.Advance(steps=steps, unit=unit):
                bench.advance(steps, unit)
            case m.Back(steps=steps):
                bench.back(steps)
            case m.Rewind():
                bench.rewind()
            case m.Run(on=on):
                bench.run(on)
            case m.SetStops(stops=stops):
                bench.stops = stops
            case m.ChangeSetting(name=name, value=value):
                bench.change(name, value)
            case m.EditParameter(edit=edit):
                bench.edit(edit)
            case _:
                raise SettingError(f"{type(request).__name__} is nothing that a bench does")
