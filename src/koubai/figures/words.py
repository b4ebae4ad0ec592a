"""Every text that koubai's figures show, in one place."""

from __future__ import annotations

from collections.abc import Iterable
from unicodedata import east_asian_width

from koubai.figures.languages import LANGUAGES, chosen_language

# By key: in English and in Japanese, with the same {values} in both.
WORDS: dict[str, tuple[str, str]] = {
    # learning curves
    "loss": ("Loss", "損失"),
    "accuracy": ("Accuracy", "正解率"),
    "iteration": ("iteration", "反復"),
    "epoch": ("epoch {number}", "エポック {number}"),
    "train": ("training", "訓練"),
    "validation": ("validation", "検証"),
    "test": ("test", "テスト"),
    "batches": ("mini-batches", "ミニバッチ"),
    "batches_thinned": ("1 in {stride} mini-batches", "ミニバッチ（{stride} 回に 1 回）"),
    "final_value": ("{name} {value}", "{name} {value}"),
    "final_not_finite": ("{name}: not finite", "{name}：有限でない"),
    "not_finite": ("NaN or Inf", "NaN または Inf"),
    "nothing_finite": ("no finite value", "有限な値がない"),
    "no_accuracy": ("no classes, hence no accuracy", "クラスがないため、正解率もない"),
    # confusion matrix
    "true_class": ("true class", "正解のクラス"),
    "taken_class": ("taken for", "予測したクラス"),
    "confusion": ("{wrong:,} of {examples:,} wrong", "{examples:,} 個中 {wrong:,} 個が誤り"),
    "confusion_none": ("All {examples:,} right", "{examples:,} 個すべて正解"),
    # mistakes
    "is": ("is {name}", "正解 {name}"),
    "taken": ("taken for {name}", "予測 {name}"),
    "sure": ("{percent} sure", "確信度 {percent}"),
    "output": ("output {value}", "出力 {value}"),
    "mistakes_one": ("1 mistake", "誤り 1 個"),
    "mistakes": ("{count:,} mistakes, most confident first", "誤り {count:,} 個（確信度の高い順）"),
    "mistakes_shown": (
        "The {shown} most confident of {count:,} mistakes",
        "誤り {count:,} 個のうち確信度の高い {shown} 個",
    ),
    "mistakes_among": ("{mistakes} ({examples:,} examples)", "{mistakes}（{examples:,} 個中）"),
    "no_mistakes": ("No mistakes", "誤りなし"),
    "no_mistakes_among": (
        "No mistakes: all {examples:,} examples are classed right",
        "誤りなし：{examples:,} 個すべて正しく分類",
    ),
    # maps and surfaces of a function, and paths on them
    "height": ("$f$({x})", "$f$({x})"),
    "path": ("path", "経路"),
    "path_name": ("{optimizer} (η = {rate})", "{optimizer} (η = {rate})"),
    "path_diverged": ("{name}\ndiverges from step {step}", "{name}\nステップ {step} から発散"),
    "path_leaves": ("{name}\nleaves the window", "{name}\n枠の外に出る"),
    "start": ("start", "始点"),
    "end": ("end", "終点"),
    "end_after": (
        "end: $f$ = {value} after {steps:,} steps",
        "終点：{steps:,} ステップ後に $f$ = {value}",
    ),
    "minimum": ("minimum", "極小点"),
    "flat": ("$f$ = {value} everywhere here", "ここでは常に $f$ = {value}"),
    "frame": ("step {step:,}   $f$ = {value}", "ステップ {step:,}   $f$ = {value}"),
    "compressed": ("$f$ (height compressed)", "$f$（高さは圧縮）"),
    "step": ("step", "ステップ"),
    # the gradient: its field, its directions, its angle with the contours, the tangent
    "field_to_scale": (
        r"arrows: $-\nabla f$, lengths to scale",
        r"矢印：$-\nabla f$（長さは $\|\nabla f\|$ に比例）",
    ),
    "field_cube_root": (
        r"arrows: $-\nabla f$, lengths by the cube root of $\|\nabla f\|$",
        r"矢印：$-\nabla f$（長さは $\|\nabla f\|$ の立方根に比例）",
    ),
    "predicted": (
        r"foretold: $\|\nabla f\| \, r \, \cos\theta$",
        r"勾配による予測 $\|\nabla f\| \, r \, \cos\theta$",
    ),
    "measured": (r"measured: $f(x + \Delta x) - f(x)$", r"実際の変化 $f(x + \Delta x) - f(x)$"),
    "angle_to_gradient": (
        r"angle $\theta$ between the step and the gradient",
        r"勾配とステップのなす角 $\theta$",
    ),
    "directions": (
        "Change of f by a step of length {radius} from ({x})",
        "点 ({x}) から長さ {radius} のステップによる f の変化",
    ),
    "least": ("least at θ = {angle}°: Δf = {value}", "最小は θ = {angle}° のとき：Δf = {value}"),
    "angles": (
        "Step {step}: leaves its contour at {leaves}°, arrives at {arrives}°",
        "ステップ {step}：等高線との角度 出発 {leaves}°、到着 {arrives}°",
    ),
    "step_arrow": (r"step $\Delta x$", r"ステップ $\Delta x$"),
    "gradient_arrow": (r"direction of $\nabla f$", r"$\nabla f$ の向き"),
    "leaves": ("contour it leaves: $f$ = {value}", "出発点の等高線：$f$ = {value}"),
    "arrives": ("contour it arrives at: $f$ = {value}", "到着点の等高線：$f$ = {value}"),
    "tangent": ("The slope of the tangent is the derivative", "接線の傾きが微分係数"),
    "tangents": ("The slopes of the tangents are the derivatives", "接線の傾きが微分係数"),
    "slope": ("at {x}: slope {slope}", "{x} での傾き {slope}"),
    "value_by_step": ("Value at each step", "各ステップでの値"),
}


def word(key: str, **values: object) -> str:
    """The text of that key in the chosen language, with the values put in."""
    return WORDS[key][LANGUAGES.index(chosen_language())].format(**values)


def number(value: float, digits: int = 3) -> str:
    """A number as figures show it: three digits, thousands in full, with a proper minus sign."""
    whole = 1_000 <= abs(value) < 1e6 and digits <= 4
    text = f"{value:,.0f}" if whole else f"{value:.{digits}g}"
    return text.replace("-", "\N{MINUS SIGN}")


def numbers(values: Iterable[float]) -> list[str]:
    """Numbers with as many digits as it takes to tell them apart."""
    values, digits = list(values), 3
    while len({number(value, digits) for value in values}) < len({*values}) and digits < 17:
        digits += 1
    return [number(value, digits) for value in values]


def columns(text: str) -> int:
    """How wide a text is, in Latin letters: Japanese ones are twice as wide."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def shortened(name: str, most: int) -> str:
    """A name on one line of at most so many characters, its middle left out if need be.

    What cannot be printed is left out too.
    """
    line = "".join(c for c in " ".join(name.split()) if c.isprintable())
    if len(line) <= most:
        return line
    head = most // 2
    return f"{line[:head].rstrip()}…{line[len(line) - (most - head - 1) :].lstrip()}"
