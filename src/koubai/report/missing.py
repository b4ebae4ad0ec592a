"""What a run's page cannot show, and why."""

from __future__ import annotations

from koubai.errors import DataError, SettingError
from koubai.landscapes.plane import Plane
from koubai.report.scene import Text
from koubai.training.run import Run
from koubai.training.settings import CUSTOM

_ARRAYS = Text(
    "The data were passed as arrays, which a run does not store: load it with them, "
    "kb.load_run(folder, data=…), and write the page again",
    "データは配列として渡されたもので、実行には保存されない。kb.load_run(folder, data=…) で"
    "データを渡して読み込み、ページを書き直せばここに示される",
)
_OWN_LOSS = Text(
    "The loss was the user's own, which a run does not store: draw its valley with "
    "kb.landscape(run.objective(loss=…), path=run.path)",
    "損失関数は利用者自身のもので、実行には保存されない。谷は "
    "kb.landscape(run.objective(loss=…), path=run.path) で描ける",
)


def data_gone(run: Run) -> Text | None:
    """Why the data that a run was trained on cannot be looked at again; None if it can."""
    try:
        run.data  # noqa: B018  (loads it)
    except DataError as error:
        if run.about.source.loader == "arrays":
            return _ARRAYS
        source = run.about.source
        place = next((str(value) for value in source.arguments.values() if value), source.loader)
        return Text(
            f"The data of this run are no longer what they were: {error}",
            f"この実行のデータ（{place}）は当時のままでは手に入らない。もとのデータを "
            f"kb.load_run(folder, data=…) で渡し、ページを書き直せばここに示される",
        )
    return None


def no_valley(run: Run) -> Text | None:
    """Why there is no plane to draw a run's loss over; None if there is one."""
    if run.settings.loss == CUSTOM:
        return _OWN_LOSS
    try:
        Plane.of_path(run.path)
    except SettingError:
        count = len(run.path)
        return Text(
            f"The path is too short for a plane through it: it has {count} recorded "
            f"point{'' if count == 1 else 's'} that do not span one",
            f"経路が短く、それを通る平面が定まらない（記録された点は {count} 個）",
        )
    return None
