"""The ball that rolls down: a path as an animation."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import IO, Any, cast

import numpy as np
from jaxtyping import Float, UInt8
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from mpl_toolkits.mplot3d.art3d import Line3D
from PIL import Image

from koubai.descent.path import Path
from koubai.descent.window import check_variables, window_of
from koubai.errors import SettingError, missing_extra
from koubai.figures.contours import contours, draw_key, draw_starts, heights_of, path_colour
from koubai.figures.curve import curve_of, draw_curve, draw_start, name_curve_axes
from koubai.figures.save import check_suffix, unwritable
from koubai.figures.style import axes_or_new, in_style
from koubai.figures.subject import function_of, known_surface, letter
from koubai.figures.surface import draw_mountain, mark_start_in_space, new_axes_in_space
from koubai.figures.words import number, word
from koubai.objectives.grid import Function, Window

ANIMATIONS = (".gif", ".mp4")

_Point = Float[np.ndarray, " axes"]
_Points = Float[np.ndarray, "points axes"]
_Frame = UInt8[np.ndarray, "height width 3"]

_DPI = 90
_MOST_FRAMES = 180
# A step takes at most so many frames, in which the ball moves evenly.
_FRAMES_A_STEP = 6
# On a curve a line would cut across from step to step.
_DOTS = {"linestyle": "", "marker": "o", "markersize": 4, "alpha": 0.6}
# The last picture stays for so many seconds.
_REST = 1.5


def animate(
    path: Path,
    f: Function | None,
    file: str | os.PathLike[str],
    window: Window | None = None,
    frames_per_second: int = 20,
    show_progress: bool | None = None,
    three_d: bool = False,
) -> FilePath:
    """Writes an animation of a path to a file, .gif or .mp4: a ball rolls down, step by step.

    In two variables it rolls over the contours, or with three_d over the surface in space; in one
    along the curve. Its trail, the number of the step and the value go with it. A path with very
    many steps is shown in 180 frames. MP4 needs koubai[video]. A progress bar is shown where
    standard error is a terminal, or as show_progress says.

    f: None for the function that the path knows. Returns the file. Raises SettingError for
    another suffix, a file that cannot be written, or a path that knows no function; ShapeError
    for a path in more than two variables, or with three_d in one; MissingExtraError without the
    package for MP4.
    """
    target = FilePath(file)
    check_suffix(target, ANIMATIONS)
    if not 1 <= frames_per_second <= 50:
        raise SettingError(f"frames_per_second is {frames_per_second}: give 1 to 50")
    write = _write_gif if target.suffix.lower() == ".gif" else _video_writer()
    with in_style():
        curve = path.points[0].size == 1 and not three_d
        ball_on = _ball_on_surface if three_d else _ball_on_curve if curve else _ball_on_map
        ball = ball_on(path, function_of(path, f), window)
    times = _times(1 + int(ball.times[-1]))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write(target, _followed(ball.frames(times), len(times), show_progress), frames_per_second)
    except OSError as error:
        raise unwritable(target, error) from None
    return target


@dataclass(frozen=True, eq=False)
class _Ball:
    """A ball on a picture: at the time t it is at `place(t)`, where t counts the steps.

    track: where the path goes, in the plane or in space, and at which times.
    """

    path: Path
    ax: Axes
    times: Float[np.ndarray, " points"]
    track: _Points
    place: Callable[[float], _Point]
    trail: Mapping[str, Any]

    def frames(self, times: Float[np.ndarray, " frames"]) -> Iterator[_Frame]:
        """One picture after the other: what stands still is drawn only once."""
        figure: Any = self.ax.get_figure(root=True)
        figure.set_dpi(_DPI)
        canvas = FigureCanvasAgg(figure)
        trail, ball, text = self._artists()
        canvas.draw()
        still = canvas.copy_from_bbox(figure.bbox)
        for time in times:
            here = self.place(float(time))[None]
            gone = self.track[self.times <= time]
            _move(trail, gone if self.trail else np.concatenate([gone, here]))
            _move(ball, here)
            text.set_text(self._caption(int(time)))
            canvas.restore_region(still)
            for artist in (trail, ball, text):
                self.ax.draw_artist(artist)
            yield np.array(canvas.buffer_rgba())[..., :3]

    def _artists(self) -> tuple[Any, Any, Any]:
        colour, nowhere = path_colour(0), [[]] * self.track.shape[1]
        with in_style():
            trail = self.ax.plot(*nowhere, color=colour, animated=True, zorder=4, **self.trail)[0]
            ball = self.ax.plot(
                *nowhere, "o", color=colour, markersize=9, markeredgecolor="white",
                markeredgewidth=1.4, animated=True, zorder=7,
            )[0]  # fmt: skip
            below = -20 if self.track.shape[1] == 2 else -36  # in space ticks reach further down
            text = self.ax.annotate(
                "", (1, 0), xycoords="axes fraction", xytext=(0, below), textcoords="offset points",
                ha="right", va="top", animated=True, annotation_clip=False,
            )  # fmt: skip
        return trail, ball, text

    def _caption(self, k: int) -> str:
        return word(
            "frame", step=int(self.path.iterations[k]), f=letter(self.path.objective),
            value=number(float(self.path.values[k])),
        )  # fmt: skip


def _move(line: Any, points: _Points) -> None:
    """Puts a line, in the plane or in space, through other points."""
    (line.set_data_3d if isinstance(line, Line3D) else line.set_data)(*points.T)


def _ball_on_map(path: Path, f: Function, window: Window | None) -> _Ball:
    check_variables(path, 2)
    ax = contours(f, window=window or window_of(path, known_surface(f)))
    draw_starts([path], ax)
    draw_key([path], ax)
    track = _in_reach(path.points.reshape(len(path), 2).astype(np.float64))
    times = np.arange(len(track), dtype=np.float64)
    return _Ball(path, ax, times, track, _between(times, track), {})


def _ball_on_surface(path: Path, f: Function, window: Window | None) -> _Ball:
    check_variables(path, 2)
    ax = new_axes_in_space()
    [track] = draw_mountain(f, heights_of(f, [path], window), [path], ax)
    mark_start_in_space(track, ax)
    draw_key([path], ax)
    return _Ball(path, ax, track.times, track.line, _between(track.times, track.line), {})


def _ball_on_curve(path: Path, f: Function, window: Window | None) -> _Ball:
    check_variables(path, 1)
    line = curve_of(f, path, None if window is None else window[0])
    ax = axes_or_new(None, 7, 4.1)
    draw_curve(line, ax)
    name_curve_axes(f, ax)
    draw_start(path, ax)
    draw_key([path], ax)
    x = _in_reach(path.points.reshape(len(path), 1).astype(np.float64))[:, 0]
    finite, times = np.isfinite(line.values), np.arange(len(x), dtype=np.float64)

    def place(time: float) -> _Point:
        at = np.interp(time, times, x)
        return np.array([at, np.interp(at, line.x[finite], line.values[finite])])

    values = np.clip(np.nan_to_num(path.values[: len(x)].astype(np.float64)), -1e100, 1e100)
    return _Ball(path, ax, times, np.stack([x, values], axis=1), place, _DOTS)


def _between(times: Float[np.ndarray, " points"], track: _Points) -> Callable[[float], _Point]:
    """Where the ball is at any time, on straight lines between the points of its track."""
    return lambda time: np.array([np.interp(time, times, column) for column in track.T])


def _in_reach(points: Any) -> Any:
    """The points before the first that is not finite, or too far for matplotlib."""
    far = ~(np.abs(points) < 1e100).all(axis=1)
    return points[: int(np.argmax(far))] if far.any() else points


def _times(points: int) -> Float[np.ndarray, " frames"]:
    """When to take pictures, in steps from the start: at every point, and evenly in between."""
    steps = points - 1
    between = max(1, min(_FRAMES_A_STEP, _MOST_FRAMES // max(steps, 1)))
    return np.linspace(0, steps, min(steps * between, _MOST_FRAMES) + 1)


def _followed(frames: Iterable[_Frame], count: int, show: bool | None) -> Iterator[_Frame]:
    """The frames, with a bar on standard error while they are drawn."""
    if not (sys.stderr.isatty() if show is None else show):
        yield from frames
        return

    from rich.console import Console
    from rich.progress import track

    yield from track(
        frames, total=count, description="frames", console=Console(stderr=True), transient=True
    )


def _write_gif(file: FilePath, frames: Iterator[_Frame], rate: int) -> None:
    pictures: list[Image.Image] = []
    for frame in frames:
        image = Image.fromarray(frame)
        first = pictures[0] if pictures else _palette(image)
        pictures.append(image.quantize(palette=first, dither=Image.Dither.NONE))
    durations = [round(1000 / rate)] * (len(pictures) - 1) + [round(1000 * _REST)]
    drawn = io.BytesIO()
    pictures[0].save(
        drawn, "GIF", save_all=True, append_images=pictures[1:], duration=durations, loop=0
    )
    file.write_bytes(drawn.getvalue())


def _palette(image: Image.Image) -> Image.Image:
    """128 colours of a picture and of the path, which it hardly shows yet.

    Those that are all but white are made white.
    """
    whole = Image.new("RGB", (image.width, image.height + 1), to_hex(path_colour(0)))
    whole.paste(image)
    few = whole.quantize(128, Image.Quantize.MAXCOVERAGE)
    few.putpalette([255 if part >= 250 else part for part in few.getpalette() or []])
    return few


def _video_writer() -> Callable[[FilePath, Iterator[_Frame], int], None]:
    try:
        import imageio_ffmpeg
    except ImportError:
        raise missing_extra("An MP4 file", "video") from None
    ffmpeg: str = cast(Any, imageio_ffmpeg).get_ffmpeg_exe()

    def write(file: FilePath, frames: Iterator[_Frame], rate: int) -> None:
        # Beside the file, so that what is there stays whole until the new one is.
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=".koubai-") as folder:
            part = FilePath(folder) / "part.mp4"
            _encode(ffmpeg, part, (_even(frame) for frame in frames), rate)
            part.replace(file)

    return write


def _encode(ffmpeg: str, file: FilePath, frames: Iterator[_Frame], rate: int) -> None:
    first = next(frames)
    height, width = first.shape[:2]
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", str(rate)]
    h264 = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-crf", "20", "-movflags", "+faststart"]
    command = [ffmpeg, "-v", "error", "-y", *raw, "-i", "-", *h264, str(file)]
    last = first
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:  # noqa: S603 (our own words)
        pipe = cast(IO[bytes], process.stdin)
        pipe.write(first.tobytes())
        for last in frames:
            pipe.write(last.tobytes())
        pipe.write(last.tobytes() * round(_REST * rate))
    if process.returncode:
        raise OSError(f"ffmpeg gave up with status {process.returncode}")


def _even(frame: _Frame) -> _Frame:
    """Without a last odd row or column, which the codec would not take."""
    height, width = (side - side % 2 for side in frame.shape[:2])
    return np.ascontiguousarray(frame[:height, :width])
