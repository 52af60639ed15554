"""The ablation's records as a table and a figure for docs/gradient.md.

reproduction/ablation.sh                 makes the runs
python reproduction/ablation.py       copies their records from runs/ablation to results/ablation,
                                    rewrites the table in docs/gradient.md, draws docs/ablation.png
"""

import csv
import shutil
import sys
from pathlib import Path

import numpy as np
from scipy import stats

ROOT = Path(__file__).parents[1]
RUNS, RECORDS = ROOT / "runs/ablation", ROOT / "results/ablation"
PAGE = ROOT / "docs/gradient.md"
BEGIN, END = "<!-- ablation:begin -->\n", "<!-- ablation:end -->"
LAST = 10  # iterations over which the end of training is averaged

# Of the table, in this order: the folder and the words.
ROWS = {
    "plain_others": "plain sharing, others_term",
    "plain": "plain sharing (`none`)",
    "exact_none_others": "exact, no sampling term, others_term",
    "exact_advantage": "exact, `advantage`",
    "first_order_advantage": "first order, `advantage`",
    "exact_none": "exact, no sampling term",
    "first_order_none": "first order, no sampling term",
    "exact_advantage_project": "exact, `advantage`, `--consolidation=project`",
    "exact_adapted_return": "exact, `adapted_return` (Eq. 14 as printed)",
    "first_order_adapted_return": "first order, `adapted_return`",
    "exact_adapted_return_all": "exact, `adapted_return_all`",
    "exact_adapted_return_all_others": "exact, `adapted_return_all`, others_term (unbiased)",
    "exact_advantage_alpha_0.1": "exact, `advantage`, α = 0.1",
    "first_order_advantage_alpha_0.1": "first order, `advantage`, α = 0.1",
    "exact_none_alpha_0.1": "exact, no sampling term, α = 0.1",
    "first_order_none_alpha_0.1": "first order, no sampling term, α = 0.1",
    "exact_advantage_alpha_1": "exact, `advantage`, α = 1",
    "first_order_advantage_alpha_1": "first order, `advantage`, α = 1",
    "exact_none_alpha_1": "exact, no sampling term, α = 1",
    "first_order_none_alpha_1": "first order, no sampling term, α = 1",
}
# Of the figure's panels: the folder, a colour of Okabe and Ito, dashed or not.
PANELS = {
    "α = 0.01": {
        "plain": ("#000000", "-"),
        "plain_others": ("#000000", "--"),
        "exact_advantage": ("#D55E00", "-"),
        "first_order_advantage": ("#D55E00", "--"),
        "exact_none": ("#0072B2", "-"),
        "first_order_none": ("#0072B2", "--"),
        "exact_none_others": ("#56B4E9", "-"),
        "exact_adapted_return": ("#CC79A7", "-"),
        "exact_adapted_return_all_others": ("#009E73", "-"),
    },
    "α = 0.1 and 1": {
        "exact_advantage_alpha_0.1": ("#D55E00", "-"),
        "first_order_advantage_alpha_0.1": ("#D55E00", "--"),
        "exact_advantage_alpha_1": ("#E69F00", "-"),
        "first_order_advantage_alpha_1": ("#E69F00", "--"),
        "exact_none_alpha_0.1": ("#0072B2", "-"),
        "first_order_none_alpha_0.1": ("#0072B2", "--"),
        "exact_none_alpha_1": ("#56B4E9", "-"),
        "first_order_none_alpha_1": ("#56B4E9", "--"),
    },
}


def collect() -> None:
    """Copy the small files of every run; checkpoints stay behind."""
    for run in sorted(RUNS.glob("*/seed_*")):
        target = RECORDS / run.relative_to(RUNS)
        target.mkdir(parents=True, exist_ok=True)
        for name in ("flags.txt", "versions.json", "metrics.csv"):
            shutil.copy(run / name, target / name)


def curves(variant: str) -> list[dict[str, np.ndarray]]:
    """The columns of metrics.csv of each seed."""
    runs = []
    for path in sorted((RECORDS / variant).glob("seed_*/metrics.csv")):
        with path.open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        columns = ("episodes", "return_mean", "min_return_per_episode")
        runs.append({name: np.array([float(row[name]) for row in rows]) for name in columns})
    return runs


def interval(values: list[float]) -> str:
    """Mean and half of the 95 % t interval over seeds."""
    if len(values) == 1:
        return f"{values[0]:.1f} (one seed)"
    half = stats.t.ppf(0.975, len(values) - 1) * stats.sem(values)
    return f"{np.mean(values):.1f} ± {half:.1f}"


def table() -> str:
    """One line for each variant, in Markdown."""
    lines = [
        "| variant | seeds | mean return | worst agent per episode |",
        "| --- | --- | --- | --- |",
    ]
    for variant, words in ROWS.items():
        runs = curves(variant)
        ends = {
            name: interval([float(np.mean(run[name][-LAST:])) for run in runs])
            for name in ("return_mean", "min_return_per_episode")
        }
        lines.append(f"| {words} | {len(runs)} | {' | '.join(ends.values())} |")
    return "\n".join(lines) + "\n"


def draw(path: Path) -> None:
    """Mean return over episodes: the mean of the seeds bold, each seed thin."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(10, 5.6), sharey=True)
    for axis, (title, variants) in zip(axes, PANELS.items()):
        for variant, (color, line) in variants.items():
            runs = curves(variant)
            length = min(len(run["episodes"]) for run in runs)
            # Drawn as costs on a logarithmic axis, on which both ends can be told apart.
            smooth = [np.convolve(-run["return_mean"], np.ones(3) / 3, "valid") for run in runs]
            episodes = runs[0]["episodes"][2:length]
            for values in smooth:
                axis.plot(episodes, values[: length - 2], color=color, alpha=0.25, linewidth=0.7)
            mean = np.mean([values[: length - 2] for values in smooth], axis=0)
            words = ROWS[variant].replace("`", "").removesuffix(" (none)")
            axis.plot(episodes, mean, color=color, linestyle=line, linewidth=2, label=words)
        axis.set_title(title)
        axis.set_yscale("log")
        axis.set_ylim(200, 8)
        ticks = [10, 20, 50, 100, 200]
        axis.set_yticks(ticks, [f"−{tick}" for tick in ticks])
        axis.minorticks_off()
        axis.set_xlabel("episodes")
        axis.grid(alpha=0.25)
        axis.spines[["top", "right"]].set_visible(False)
        axis.legend(
            loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=1, frameon=False, fontsize=8
        )
    axes[0].set_ylabel("mean return of an episode")
    figure.tight_layout()
    figure.savefig(path, dpi=140)


def main() -> int:
    """Collect, rewrite the table, draw."""
    collect()
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    PAGE.write_text(before + BEGIN + table() + END + rest.split(END)[1], encoding="utf-8")
    draw(PAGE.with_name("ablation.png"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
