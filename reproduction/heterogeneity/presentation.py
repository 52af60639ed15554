"""Figure, table and answer of docs/heterogeneity.md, from the record."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from reproduction.report import charts, sections, statistics

PAGE, FIGURE = "heterogeneity.md", "heterogeneity.png"
MEASURE = "return_mean"
ADAPTED = "theta_n_25"  # on as many episodes a step as in the paper
TITLES = {"exact": "exact", "first_order": "first order", "none": "plain sharing"}
COLOURS = {"exact": "#0072B2", "first_order": "#D55E00", "none": "#000000"}
SHIFTS = {"exact": 1.0, "first_order": 1.12, "none": 1 / 1.12}  # so that bars stand side by side


def values(row: Mapping, policy: str, measure: str = MEASURE) -> np.ndarray:
    """One value for each seed, in their order."""
    return np.array([policies[policy][measure] for policies in row["seeds"].values()])


def gain(row: Mapping, adapted: str = ADAPTED) -> np.ndarray:
    """θ_n's return less θ's, for each seed."""
    return values(row, adapted) - values(row, "theta")


def table(record: Mapping) -> str:
    """A line for each gradient, k and α, in Markdown."""
    lines = [
        "| gradient | k | α | return of θ | θ_n − θ, 5 episodes a step | θ_n − θ, 25 "
        "| goals covered by θ, θ_n |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for row in record["rows"]:
        covered = (values(row, name, "goals_covered").mean() for name in ("theta", ADAPTED))
        cells = [
            *(TITLES[row["gradient"]], str(row["k"]), f"{row['alpha']:g}"),
            *(_mean(values(row, "theta")), _mean(gain(row, "theta_n_5")), _mean(gain(row))),
            ", ".join(f"{value:.2f}" for value in covered),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _mean(seeds: np.ndarray) -> str:
    """ "−13.2 (−14.7 to −11.7)": the mean and its 95 % interval over seeds."""
    interval = statistics.interval_of_mean(seeds)
    ends = "" if interval is None else f" ({' to '.join(map(_number, interval))})"
    return f"{_number(float(seeds.mean()))}{ends}"


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def answer(record: Mapping) -> str:
    """Two sentences: when adaptation pays, and whether the meta-gradient makes it pay more."""
    surely = [row for row in record["rows"] if _above_zero(gain(row))]
    if surely:
        best = max(surely, key=lambda row: gain(row).mean())
        first = (
            f"Adaptation raises the return beyond the spread of the seeds in {len(surely)} of "
            f"{len(record['rows'])} cases, most with {_named(best)}: by {_mean(gain(best))}."
        )
    else:
        best = max(record["rows"], key=lambda row: gain(row).mean())
        first = (
            f"Adaptation raises the return beyond the spread of the seeds in none of "
            f"{len(record['rows'])} cases; the largest gain, with {_named(best)}, is "
            f"{_mean(gain(best))}."
        )
    return sections.wrapped(f"**{first} {_meta_gradient(record)}**")


def _meta_gradient(record: Mapping) -> str:
    """Whether learning through the adaptation makes adaptation gain more than plain sharing."""
    by_case = {(row["gradient"], row["k"], row["alpha"]): row for row in record["rows"]}
    cases = [(k, alpha) for gradient, k, alpha in by_case if gradient == "exact"]
    more, ahead = [], []
    for k, alpha in cases:
        case, exact, plain = (k, alpha), by_case["exact", k, alpha], by_case["none", k, alpha]
        if _above_zero(gain(exact) - gain(plain)):
            more.append(_of_case(case))
        if _above_zero(values(exact, ADAPTED) - values(plain, ADAPTED)):
            ahead.append(_of_case(case))
    return (
        "After learning with the exact meta-gradient it surely gains more, or loses less, than "
        f"after plain sharing with {_listed(more)} of {len(cases)} pairs of k and α, and θ_n ends "
        f"surely higher with {_listed(ahead)}."
    )


def _listed(cases: Sequence[str]) -> str:
    return f"{len(cases)} ({'; '.join(cases)})" if cases else "none"


def _above_zero(seeds: np.ndarray) -> bool:
    interval = statistics.interval_of_mean(seeds)
    return interval is not None and interval[0] > 0.0


def _named(row: Mapping) -> str:
    return f"{TITLES[row['gradient']]}, {_of_case((row['k'], row['alpha']))}"


def _of_case(case: tuple[int, float]) -> str:
    return f"k = {case[0]}, α = {case[1]:g}"


def draw(record: Mapping, path: Path) -> None:
    """What adaptation gains, and where θ_n ends, over α; a column for each k."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    from dimapg_tf.drawing import png

    steps = sorted({row["k"] for row in record["rows"]})
    with plt.rc_context(charts.STYLE):
        figure, axes = plt.subplots(
            2, len(steps), figsize=(9.0, 6.2), sharex=True, sharey="row", squeeze=False
        )
        for column, k in zip(axes.T, steps):
            for gradient, title in TITLES.items():
                rows = [r for r in record["rows"] if (r["gradient"], r["k"]) == (gradient, k)]
                for axis, seeds_of in zip(column, (gain, lambda row: values(row, ADAPTED))):
                    _bars(axis, rows, seeds_of, gradient, title)
            column[0].axhline(0.0, color=charts.SOFT, linewidth=1.0)
            column[0].set_title(f"k = {k}")
            column[1].set_xlabel("step size α of the adaptation")
        # A large step after plain sharing costs a hundred times what others gain or lose.
        for row, linear in zip(axes, (1.0, 10.0)):
            row[0].set_yscale("symlog", linthresh=linear)
            ends = np.array([axis.dataLim.intervaly for axis in row])
            low, high = ends.min() - 0.1 * abs(ends.min()), ends.max() + 0.1 * linear
            row[0].set_ylim(low, high)
            wanted = linear * np.array([-100, -10, -5, -2, -1, -0.75, -0.5, -0.25, 0, 0.5, 1])
            ticks = [tick for tick in wanted if low <= tick <= high]
            row[0].set_yticks(ticks, [f"{tick:g}".replace("-", "−") for tick in ticks])
            row[0].minorticks_off()
        axes[0, 0].set_ylabel("return of θ_n less that of θ")
        axes[1, 0].set_ylabel("return of θ_n")
        handles, labels = axes[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="lower center", ncols=len(TITLES))
        figure.tight_layout(rect=(0, 0.05, 1, 1))
        png.save_figure(figure, path, dpi=150)
        plt.close(figure)


def _bars(axis, rows: Sequence[Mapping], seeds_of, gradient: str, title: str) -> None:
    """Means over seeds with 95 % intervals, over α on a logarithmic axis."""
    alphas = np.array([row["alpha"] for row in rows]) * SHIFTS[gradient]
    means = np.array([seeds_of(row).mean() for row in rows])
    intervals = [statistics.interval_of_mean(seeds_of(row)) for row in rows]
    ends = [(m, m) if i is None else i for m, i in zip(means, intervals)]
    lengths = np.abs(np.array(ends).T - means)
    if len(rows) > 1:
        axis.set_xscale("log")
    ticks = [row["alpha"] for row in rows]
    axis.set_xticks(ticks, [f"{alpha:g}" for alpha in ticks])
    axis.minorticks_off()
    axis.errorbar(
        alphas, means, lengths, color=COLOURS[gradient], label=title, marker="o", capsize=3
    )


def check(output: Path) -> None:
    """Before hours of training: raises ConfigurationError for a page that cannot be written to."""
    if (output / PAGE).exists():
        for name in ("answer", "table"):
            sections.read(output / PAGE, name)


def publish(record: Mapping, output: Path) -> None:
    """The figure; table and answer in the page, or on the terminal where there is none."""
    draw(record, output / FIGURE)
    for name, text in {"answer": answer(record), "table": table(record)}.items():
        if (output / PAGE).exists():
            sections.write(output / PAGE, name, text)
        else:
            print(text)
