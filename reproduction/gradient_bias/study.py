"""How far each estimator's expectation is from the exact gradient of Eq. 13, as α grows.

  python reproduction/gradient_bias/study.py --output=docs

Enumerates random Markov teams (nothing is sampled), takes the median over them, and writes
gradient_bias.json and the figure gradient_bias.png, and prints the table of docs/gradient.md. Takes
a few minutes.
"""

import json
import sys
from pathlib import Path

import numpy as np
import tensorflow as tf
from absl import app, flags

from dimapg_tf.algorithm.meta_gradient import Estimator
from reproduction.gradient_bias import estimator_bias
from reproduction.gradient_bias import markov_team as exact

OUTPUT = flags.DEFINE_string("output", "docs", "folder of the two files")
TEAMS = flags.DEFINE_integer("teams", 10, "random teams", lower_bound=1)

ALPHAS = [0.01, 0.03, 0.1, 0.3, 1.0, 3.0]
CASES = {"k = 1, B = 2": (1, 2, False), "k = 3, B = 1": (3, 1, True)}  # k, B, deterministic

# Name: (meta_gradient, sampling_term, others_term).
ESTIMATORS = {
    "all data, all agents": ("exact", "adapted_return_all", True),
    "first data, all agents": ("exact", "adapted_return", True),
    "Eq. 14 as printed": ("exact", "adapted_return", False),
    "Eq. 14, first order": ("first_order", "adapted_return", False),
    "all data, all agents, first order": ("first_order", "adapted_return_all", True),
    "no sampling term, all agents": ("exact", "none", True),
    "advantage": ("exact", "advantage", False),
    "advantage, all agents": ("exact", "advantage", True),
    "every sample": ("exact", "all_data", False),
    "every sample, first order": ("first_order", "all_data", False),
    "plain sharing": ("none", "none", False),
    "plain sharing, all agents": ("none", "none", True),
}


def compare(case: tuple[int, int, bool], alpha: float, seed: int) -> dict[str, tuple[float, ...]]:
    """{estimator: (relative error, cosine, norm ratio)} on one random team of two agents."""
    k, batch_size, deterministic = case
    team = exact.random_team(seed, 2, 2, 2, deterministic)
    paths = exact.enumerate_trajectories(team)
    table = np.random.default_rng(1000 + seed).normal(0.0, 0.7, (team.num_observations, 2))
    theta, alphas = tf.constant(table), (alpha,) * k
    truth = exact.exact_gradient(theta, paths, alphas, batch_size)
    size = float(tf.norm(truth))
    rows = {}
    for name, (how, term, others) in ESTIMATORS.items():
        estimator = Estimator(alphas, how, term)
        if term == "all_data":
            got = estimator_bias.expected_all_data_gradient(theta, paths, estimator, batch_size)
        else:
            got = estimator_bias.expected_gradient(theta, paths, estimator, batch_size, others)
        cosine = float(tf.reduce_sum(got * truth)) / (float(tf.norm(got)) * size)
        rows[name] = (float(tf.norm(got - truth)) / size, cosine, float(tf.norm(got)) / size)
    return rows


def measure(teams: int) -> dict:
    """{case: {estimator: {"relative_error": [of each α], "cosine": ..., "norm_ratio": ...}}}."""
    record = {}
    for title, case in CASES.items():
        rows = {name: {"relative_error": [], "cosine": [], "norm_ratio": []} for name in ESTIMATORS}
        for alpha in ALPHAS:
            results = [compare(case, alpha, seed) for seed in range(teams)]
            for name in ESTIMATORS:
                values = np.median([result[name] for result in results], axis=0)
                for key, value in zip(rows[name], values):
                    rows[name][key].append(float(value))
            print(f"{title}, alpha = {alpha}: done", file=sys.stderr, flush=True)
        record[title] = rows
    return record


def draw(record: dict, path: Path) -> None:
    """Relative error and angle over α, one column a case."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    from dimapg_tf.drawing import png

    styles = {
        "all data, all agents": ("#009E73", "-", "o"),
        "first data, all agents": ("#009E73", "--", "s"),
        "Eq. 14 as printed": ("#0072B2", "-", "o"),
        "Eq. 14, first order": ("#0072B2", "--", "s"),
        "no sampling term, all agents": ("#56B4E9", "-", "^"),
        "advantage": ("#D55E00", "-", "o"),
        "every sample": ("#CC79A7", "-", "o"),
        "plain sharing": ("#000000", "-", "o"),
        "plain sharing, all agents": ("#000000", "--", "s"),
    }
    figure, axes = plt.subplots(2, 2, figsize=(9.5, 6.4), sharex=True, sharey="row")
    for column, (title, rows) in zip(axes.T, record.items()):
        for name, (color, line, marker) in styles.items():
            options = {"color": color, "linestyle": line, "marker": marker, "markersize": 4}
            error = np.maximum(rows[name]["relative_error"], 1e-16)
            angle = np.degrees(np.arccos(np.clip(rows[name]["cosine"], -1.0, 1.0)))
            column[0].loglog(ALPHAS, error, label=name, **options)
            column[1].semilogx(ALPHAS, angle, **options)
        column[0].set_title(title)
        column[1].set_xlabel("step size α of the adaptation")
        for axis in column:
            axis.grid(alpha=0.25)
            axis.spines[["top", "right"]].set_visible(False)
    axes[0, 0].set_ylabel("relative error")
    axes[1, 0].set_ylabel("angle to the exact gradient (degrees)")
    axes[1, 0].set_ylim(0, 180)
    axes[1, 0].set_yticks([0, 45, 90, 135, 180])
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower center", ncols=4, frameon=False, fontsize=9)
    figure.tight_layout(rect=(0, 0.08, 1, 1))
    png.save_figure(figure, path, dpi=150)


def table(record: dict) -> str:
    """Relative error (cosine) at α = 0.01, 0.1 and 1, in Markdown."""
    shown = [ALPHAS.index(alpha) for alpha in (0.01, 0.1, 1.0)]
    titles = [f"{case}, α = {ALPHAS[i]:g}" for case in record for i in shown]
    lines = [f"| estimator | {' | '.join(titles)} |", "| --- |" + " --- |" * len(titles)]
    for name in ESTIMATORS:
        cells = [
            f"{rows[name]['relative_error'][i]:.1g} ({rows[name]['cosine'][i]:.2f})"
            for rows in record.values()
            for i in shown
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main(_) -> None:
    output = Path(OUTPUT.value)
    output.mkdir(parents=True, exist_ok=True)
    record = measure(TEAMS.value)
    text = json.dumps({"teams": TEAMS.value, "alphas": ALPHAS, "cases": record}, indent=1)
    (output / "gradient_bias.json").write_text(text + "\n", encoding="utf-8")
    draw(record, output / "gradient_bias.png")
    print(table(record))


if __name__ == "__main__":
    app.run(main)
