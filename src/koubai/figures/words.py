"""Every text that koubai's figures show, in one place."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate
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
    # landscapes
    "landscape_title": (
        "{metric} on a {place} through the parameters",
        "パラメータ空間の{place}上の{metric}",
    ),
    "landscape_plane": ("plane", "平面"),
    "landscape_line": ("line", "直線"),
    "landscape_loss": ("Loss", "損失"),
    "landscape_gradient": ("Loss", "損失"),
    "landscape_accuracy": ("Accuracy", "正解率"),
    "landscape_gradient_norm": ("Gradient norm", "勾配のノルム"),
    "landscape_compressed": ("{metric} (height compressed)", "{metric}（高さは圧縮）"),
    "landscape_axis_path": (
        "principal component {number} ({share} of the path)",
        "第 {number} 主成分（経路の {share}）",
    ),
    "landscape_axis_path_short": ("component {number} ({share})", "第 {number} 主成分（{share}）"),
    "landscape_axis_points": ("from a (0) to {end} (1)", "a (0) から {end} (1) へ"),
    "landscape_axis_random": ("random direction {number}", "ランダムな方向 {number}"),
    "landscape_axis_curvature": ("eigenvector, {value}", "固有ベクトル、{value}"),
    "landscape_true": ("true loss of the path", "経路上の本当の損失"),
    "of": (": ", "："),
    "landscape_path": (
        "{share} of the path's movement lies in this {place}; it is off it by up to {distance}",
        "経路の動きの {share} がこの{place}内にある。{place}からの距離は最大 {distance}",
    ),
    "landscape_path_blurred": (
        "{share} of the path's movement lies in this {place}; its numbers are so large that "
        "rounding hides how far it is off it, and the losses on the {place} are not the path's",
        "経路の動きの {share} がこの{place}内にある。数値が大きすぎて{place}からの距離は丸め誤差に"
        "隠れ、{place}上の損失は経路の損失と異なる",
    ),
    "landscape_height": (
        "true loss L at the start {true}, on the {place} beneath it {beneath}",
        "始点の本当の損失 L は {true}、その真下の{place}上では {beneath}",
    ),
    "landscape_true_height": (
        "a path is drawn at its true loss, not at that of the plane beneath",
        "経路の高さは、真下の平面上の値ではなく、本当の損失",
    ),
    "landscape_skewed": (
        "directions of lengths {one} and {other}, cosine {cosine}: what is perpendicular need not "
        "look so",
        "2 方向の長さ {one} と {other}、余弦 {cosine}：直交していてもそうは見えないことがある",
    ),
    "landscape_made": (
        "origin: {origin}{drawn}; koubai {version}",
        "原点：{origin}{drawn}；koubai {version}",
    ),
    "landscape_origin_path": ("the end of the path", "経路の終点"),
    "landscape_origin_points": ("a", "a"),
    "landscape_origin_given": ("the parameters given", "与えられたパラメータ"),
    "landscape_drawn": (
        "; random directions, {normalise}, seed {seed}",
        "；ランダムな方向、{normalise}、シード {seed}",
    ),
    "by_filter": ("normalised by filter", "フィルタごとに正規化"),
    "by_layer": ("normalised by layer", "層ごとに正規化"),
    "by_none": ("not normalised", "正規化なし"),
    "landscape_data": (
        "{name}{examples} examples; SHA-256 of these {digest}",
        "{name}{examples} 例、これらの SHA-256 {digest}",
    ),
    "landscape_data_sample": (
        "{name}{examples} of {of} examples (seed {seed}); SHA-256 of these {digest}",
        "{name}{of} 例から選んだ {examples} 例（シード {seed}）、これらの SHA-256 {digest}",
    ),
    "landscape_split": ("{name}, {split} data: ", "{name} の{split}データ："),
    "landscape_mode": ("mode: {mode}", "モード：{mode}"),
    "batch_norm_frozen": (
        "batch norm: the running statistics, frozen",
        "バッチ正規化：移動平均の統計量に固定",
    ),
    "batch_norm_batch": (
        "batch norm: the statistics of each batch of {size}",
        "バッチ正規化：各バッチ（{size} 例）の統計量",
    ),
    "batch_norm_re-estimated": (
        "batch norm: statistics re-estimated at each point",
        "バッチ正規化：点ごとに推定し直した統計量",
    ),
    "landscape_looks": (
        "each value is the mean of {looks} looks at a noisy objective",
        "ばらつく目的関数の {looks} 回の平均",
    ),
    "landscape_error": (
        "standard error {middle} in the middle, {most} at most",
        "標準誤差：中央値 {middle}、最大 {most}",
    ),
    "landscape_band": ("± standard error", "± 標準誤差"),
    "landscape_not_finite": (
        "{count} of {of} values are not finite",
        "{of} 点のうち {count} 点は有限でない",
    ),
    # over-fitting
    "epochs": ("epoch", "エポック"),
    "least_at": (
        "Loss: least on the {split} data at epoch {epoch:,}",
        "損失：{split}データではエポック {epoch:,} で最小",
    ),
    "least_at_last": (
        "Loss: least on the {split} data at the last epoch",
        "損失：{split}データでは最後のエポックで最小",
    ),
    "overfitting": (
        "over-fitting:\n{split} loss {least} → {last}",
        "過学習：\n{split}の損失 {least} → {last}",
    ),
    # mini-batches as samples of all the data
    "all_data": ("all data", "全データ"),
    "all_data_loss": ("all data: {value}", "全データ：{value}"),
    "batch_curves": (
        "Loss of {count:,} mini-batches of {size:,} examples",
        "ミニバッチ {count:,} 個の損失（各 {size:,} 例）",
    ),
    "along_gradient": (
        r"$\eta$, along the line $\theta - \eta \, \nabla L(\theta)$",
        r"$\eta$（直線 $\theta - \eta \, \nabla L(\theta)$ に沿って）",
    ),
    "batch_losses": (
        "Loss of mini-batches of $N$ examples",
        "ミニバッチの損失（各 $N$ 例）",
    ),
    "batch_size": ("$N$ = {size:,}", "$N$ = {size:,}"),
    "spread": ("spread {spread}\ntheory {expected}", "標準偏差 {spread}\n理論値 {expected}"),
    "spread_bar": ("mean ± spread", "平均 ± 標準偏差"),
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
    "mistakes_few": ("{count} mistakes", "誤り {count} 個"),
    "mistakes": ("{count:,} mistakes, most confident first", "誤り {count:,} 個（確信度の高い順）"),
    "mistakes_shown": (
        "The {shown} most confident of {count:,} mistakes",
        "誤り {count:,} 個のうち確信度の高い {shown} 個",
    ),
    "mistakes_among": ("{mistakes} ({examples:,} examples)", "{mistakes}（{examples:,} 個中）"),
    "mistakes_few_among": (
        "{mistakes}\namong {examples:,} examples",
        "{examples:,} 個中\n{mistakes}",
    ),
    "no_mistakes": ("No mistakes", "誤りなし"),
    "no_mistakes_among": (
        "No mistakes: all {examples:,} examples are classed right",
        "誤りなし：{examples:,} 個すべて正しく分類",
    ),
    # maps and surfaces of a function, and paths on them
    "height": ("$f({x})$", "$f({x})$"),
    "neuron_loss": ("loss $l({x})$", "損失 $l({x})$"),
    "path": ("path", "経路"),
    "path_name": ("{optimizer} (η = {rate})", "{optimizer} (η = {rate})"),
    "path_falls": ("{name}\nfalls for ever", "{name}\nどこまでも下がる"),
    "path_diverged": ("{name}\ndiverges from step {step}", "{name}\nステップ {step} から発散"),
    "path_leaves": (
        "{name}\nleaves the window at step {step}",
        "{name}\nステップ {step} で枠の外に出る",
    ),
    "path_value": ("{name}\n${f}$ = {value}", "{name}\n${f}$ = {value}"),
    "path_ends": (
        "{name}\n${f}$ = {value} after {steps:,} steps",
        "{name}\n{steps:,} ステップ後に ${f}$ = {value}",
    ),
    "origin": ("origin", "原点"),
    "start": ("start", "始点"),
    "end": ("end", "終点"),
    "end_after": (
        "end: ${f}$ = {value} after {steps:,} steps",
        "終点：{steps:,} ステップ後に ${f}$ = {value}",
    ),
    "minimum": ("minimum", "極小点"),
    "flat": ("{value} everywhere here", "ここでは常に {value}"),
    "frame": ("step {step:,}   ${f}$ = {value}", "ステップ {step:,}   ${f}$ = {value}"),
    "compressed": ("${f}$ (height compressed)", "${f}$（高さは圧縮）"),
    "step": ("step", "ステップ"),
    # the gradient: its field, its directions, its angle with the contours, the tangent
    "field_to_scale": (
        r"arrows: $-\nabla {f}$, lengths to scale",
        r"矢印：$-\nabla {f}$（長さは $\|\nabla {f}\|$ に比例）",
    ),
    "field_cube_root": (
        r"arrows: $-\nabla {f}$, lengths by the cube root of $\|\nabla {f}\|$",
        r"矢印：$-\nabla {f}$（長さは $\|\nabla {f}\|$ の立方根に比例）",
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
    "gradient_arrow": (r"direction of $\nabla {f}$", r"$\nabla {f}$ の向き"),
    "leaves": ("contour it leaves: ${f}$ = {value}", "出発点の等高線：${f}$ = {value}"),
    "arrives": ("contour it arrives at: ${f}$ = {value}", "到着点の等高線：${f}$ = {value}"),
    "tangent": ("The slope of the tangent is the derivative", "接線の傾きが微分係数"),
    "tangents": ("The slopes of the tangents are the derivatives", "接線の傾きが微分係数"),
    "slope": ("at {x}: slope {slope}", "{x} での傾き {slope}"),
    # activation functions
    "activation_value": ("Activation $a(z)$", "活性化関数 $a(z)$"),
    "activation_slope": ("Derivative $a'(z)$", "導関数 $a'(z)$"),
    "flat_here": ("$a' = 0$ here:\nnothing is learnt", "ここでは $a' = 0$：\n学習しない"),
    "flat_everywhere": (
        "$a' = 0$ everywhere:\nnothing is learnt",
        "いたるところ $a' = 0$：\n学習しない",
    ),
    # learning rates, and what an optimiser keeps
    "stable_below": (
        r"Stable along the way: $\eta < 2/\lambda_{{\max}}$ = {bound}",
        r"経路上での安定条件：$\eta < 2/\lambda_{{\max}}$ = {bound}",
    ),
    "no_bound": (
        "Gradient descent with several learning rates",
        "学習率を変えた勾配降下法",
    ),
    "rate_diverges": ("diverges", "発散"),
    "rate_swings": ("too large, it swings", "大きすぎて振動"),
    "rate_slow": ("too small, it creeps", "小さすぎて遅い"),
    "rate_good": ("falls well", "順調に減少"),
    "diverges_from": ("diverges from step {step}", "ステップ {step} から発散"),
    "velocity": ("velocity", "速度"),
    "squared_gradients": ("squared gradients", "勾配の二乗"),
    # the chain rule: paths, what they cost, what becomes of them in depth
    "derivative_title": ("{name} = {value}: {which}", "{name} = {value}：{which}"),
    "sum_over_paths": ("sum over {count} paths", "{count} 本の経路の和"),
    "one_path": ("1 path", "経路 1 本"),
    "some_paths": (
        "the strongest {shown} of {count} paths",
        "{count} 本の経路のうち寄与の大きい {shown} 本",
    ),
    "path_of_rank": ("path {rank} of {count}", "{count} 本中 {rank} 番目の経路"),
    "raises_derivative": (r"path with a product $\geq 0$", r"積が $\geq 0$ の経路"),
    "lowers_derivative": ("path with a product $< 0$", "積が $< 0$ の経路"),
    "the_weight": ("the weight", "注目する重み"),
    "the_bias": ("the bias", "注目するバイアス"),
    "product_of_path": (
        "path with values: {product} = {value}",
        "値を示した経路：{product} = {value}",
    ),
    "multiplications": (
        "Multiplications for the gradient, one example",
        "勾配を求める乗算の回数（1 例あたり）",
    ),
    "by_paths": ("path by path: {count}", "経路ごとに計算：{count}"),
    "by_backpropagation": ("backpropagation: {count}", "誤差逆伝播：{count}"),
    "hidden_layers": ("hidden layers", "中間層の数"),
    "hidden": ("{count} hidden layers", "中間層 {count} 層"),
    "one_hidden": ("1 hidden layer", "中間層 1 層"),
    "at_start": ("before learning", "学習前"),
    "after_iterations": ("after {count:,} iterations", "{count:,} 反復後"),
    "layer_number": ("layer", "層"),
    "first_to_last": ("first/last = {share}", "最初／最後の層 = {share}"),
    "diverged_after": (
        "{depth} layers: diverged after {count:,}",
        "{depth} 層：{count:,} 反復で発散",
    ),
    "gradient_of_0": ("gradient 0", "勾配 0"),
    # the learning-rate range
    "step_sizes": (
        "Gradient against central differences: {kind}",
        "勾配と中心差分の比較：{kind}",
    ),
    "check_agrees": ("agrees", "一致"),
    "check_kink": ("kink", "折れ点"),
    "check_factor": ("factor", "係数の誤り"),
    "check_transposed": ("transposed", "転置されている"),
    "check_missing_bias": ("missing bias", "バイアスの勾配がない"),
    "check_missing_derivative": ("missing derivative", "活性化関数の微分がない"),
    "check_constant_in_log": ("constant in log", "対数の中の定数"),
    "check_step": ("step", "刻み幅が不適切"),
    "check_float32": ("float32", "float32 の精度不足"),
    "check_random": ("random", "値が毎回変わる"),
    "check_vacuous": ("vacuous", "導関数がすべて 0"),
    "check_undecided": ("undecided", "判定できない"),
    "check_differs": ("differs", "不一致"),
    "step_size_axis": ("step $h$", "刻み幅 $h$"),
    "relative_error_axis": ("relative error", "相対誤差"),
    "arm_truncation": (r"truncation, $\propto h^2$", r"打ち切り誤差 $\propto h^2$"),
    "arm_rounding": (r"rounding, $\propto 1/h$", r"丸め誤差 $\propto 1/h$"),
    "best_step": ("best: $h$ = {step}", "最良：$h$ = {step}"),
    "within_tolerance": ("tolerance {tolerance}", "許容誤差 {tolerance}"),
    "rate_range": ("Loss while the learning rate grows", "学習率を上げていくときの損失"),
    "rate_axis": (r"learning rate $\eta$", r"学習率 $\eta$"),
    "suggested": (r"suggested: $\eta$ = {rate}", r"推奨値：$\eta$ = {rate}"),
    "steepest_fall": (r"falls fastest: $\eta$ = {rate}", r"最も急に減少：$\eta$ = {rate}"),
    "least_loss": (r"least: $\eta$ = {rate}", r"最小：$\eta$ = {rate}"),
    "stable_edge": (
        r"edge of stability of plain descent: $2/\lambda_{{\max}}$ = {edge}",
        r"単純な勾配降下法の安定限界：$2/\lambda_{{\max}}$ = {edge}",
    ),
    # the data of a training that goes wrong
    "input_number": ("input", "入力の番号"),
    "input_scales": ("Scale of the inputs", "入力の大きさ"),
    "input_mean": ("|mean|", "|平均|"),
    "input_std": ("standard deviation", "標準偏差"),
    "input_one": ("1: what weights are drawn for", "1：初期値が想定する大きさ"),
    "class_examples": ("examples of the class", "クラスの例"),
    "class_recognised": ("of which recognised", "正しく認識された例"),
    "share_of_count": ("{share} of {count:,}", "{count:,} 個中 {share}"),
    "class_balanced": ("if all had as many", "均等な場合"),
    "training_examples": ("training examples", "訓練データの例の数"),
    "class_shares": (
        "Training examples of each class, and the share recognised",
        "各クラスの訓練データ数と、認識された割合",
    ),
    "right_on_training": ("training data", "訓練データ"),
    "right_on_test": ("test data", "テストデータ"),
    "right_by_neighbours": ("nearest\ntraining example", "最も近い\n訓練データ"),
    "chance": ("guessing: {share}", "当て推量：{share}"),
    "against_guessing": ("Share of labels that are right", "ラベルの正解率"),
    # softmax
    "shift": ("shift $c$ of all inputs", "入力全体のずらし $c$"),
    "share_of_first": (
        "Share of the first class of softmax({inputs}) in float32",
        "softmax({inputs}) の第 1 クラス（float32）",
    ),
    "stable_softmax": ("largest input taken off first", "最大値を引いてから計算"),
    "naive_softmax": ("formula as it is printed", "式のとおりに計算"),
    "overflow": (
        "$e^z$ overflows:\n$\\infty / \\infty$ = NaN",
        "$e^z$ がオーバーフロー：\n$\\infty / \\infty$ = NaN",
    ),
    "underflow": ("all $e^z$ are 0:\n0 / 0 = NaN", "$e^z$ がすべて 0：\n0 / 0 = NaN"),
    "value_by_step": ("Value at each step", "各ステップでの値"),
    # what each layer did
    "layers_gradient_norm": (
        r"Gradient norm $\|\partial L / \partial w\|$",
        r"勾配のノルム $\|\partial L / \partial w\|$",
    ),
    "layers_weight_norm": (r"Weight norm $\|w\|$", r"重みのノルム $\|w\|$"),
    "layers_update_ratio": (
        r"Step over weights $\|\Delta w\| / \|w\|$",
        r"更新量と重みの比 $\|\Delta w\| / \|w\|$",
    ),
    "layers_gradient_noise": (
        "Gradient noise: how far two mini-batches disagree",
        "勾配のノイズ：2 つのミニバッチの不一致",
    ),
    "layers_error_signal": (
        r"Error signal $\|\delta\|$ of one example",
        r"誤差信号 $\|\delta\|$（1 例あたり）",
    ),
    "layers_activation_mean": ("Mean activation", "活性化の平均"),
    "layers_activation_std": (
        "Standard deviation of the activations",
        "活性化の標準偏差",
    ),
    "layers_flat": (
        "Units × examples with next to no slope",
        "傾きがほとんどないユニット × 例の割合",
    ),
    "layers_dead": (
        "Units with next to no slope for every example",
        "どの例でも傾きがほとんどないユニットの割合",
    ),
    "layers_alike": (
        "Units with the weights of another unit",
        "ほかのユニットと同じ重みをもつユニットの割合",
    ),
    # the spectrum of the Hessian
    "spectrum_trace": (
        "{parameters:,} eigenvalues, sum {trace}",
        "固有値 {parameters:,} 個、和 {trace}",
    ),
    "spectrum_trace_error": (
        "{parameters:,} eigenvalues, sum {trace} ± {error}",
        "固有値 {parameters:,} 個、和 {trace} ± {error}",
    ),
    "spectrum_density": (r"density $\rho(\lambda)$", r"密度 $\rho(\lambda)$"),
    "spectrum_axis": (
        r"eigenvalue $\lambda$ of the Hessian $\nabla^2 f$",
        r"ヘッセ行列 $\nabla^2 f$ の固有値 $\lambda$",
    ),
    "spectrum_top": (
        r"the {count} largest: $\lambda_1$ = {value}",
        r"最大の {count} 個：$\lambda_1$ = {value}",
    ),
    "spectrum_bottom": (
        r"the {count} smallest: $\lambda_{{\min}}$ = {value}",
        r"最小の {count} 個：$\lambda_{{\min}}$ = {value}",
    ),
    "spectrum_probes": (
        r"estimated from {probes} random vectors, smoothed by $\sigma$ = {width}",
        r"乱数ベクトル {probes} 本による推定（$\sigma$ = {width} で平滑化）",
    ),
    "spectrum_exact": (r"smoothed by $\sigma$ = {width}", r"$\sigma$ = {width} で平滑化"),
    # the diagram of a network
    "layer": ("layer {number}", "層 {number}"),
    "layer_of_0": ("{name}: 0", "{name}：0"),
    "input_layer": ("input layer", "入力層"),
    "hidden_layer": ("hidden layer", "中間層"),
    "output_layer": ("output layer", "出力層"),
    "units": ("{count:,} units", "ユニット {count:,} 個"),
    "one_unit": ("1 unit", "ユニット 1 個"),
    "positive_weight": (r"weight $w \geq 0$", r"重み $w \geq 0$"),
    "negative_weight": (r"weight $w < 0$", r"重み $w < 0$"),
    "widest_weight": ("widest line: $|w|$ = {value}", "最も太い線：$|w|$ = {value}"),
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
    """A name on one line of at most so many columns, its middle left out if need be.

    What cannot be printed is left out too.
    """
    line = "".join(c for c in " ".join(name.split()) if c.isprintable())
    if columns(line) <= most:
        return line
    head = _beginning(line, most // 2)
    tail = _beginning(line[::-1], most - most // 2 - 1)[::-1]
    return f"{head.rstrip()}…{tail.lstrip()}"


def _beginning(text: str, most: int) -> str:
    """The first letters of a text, as many as fit into so many columns."""
    return text[: sum(width <= most for width in accumulate(map(columns, text)))]
