"""One policy for any number of agents: what was learned in one team, played in others."""

from collections.abc import Sequence

import numpy as np

from reproduction import tasks
from reproduction.report import charts, names
from reproduction.report.charts import SOFT, Chart, Panel
from reproduction.report.records import Results, RunRecord, values
from reproduction.report.scores import main_learner
from reproduction.report.table import NONE, PLUS_MINUS, Table, mean_and_spread, number

HOME = tasks.NEAR_10
AT_HOME = int(names.size(HOME))
# Where a policy was trained in the very size.
TRAINED = {
    int(names.size(env)): env
    for env in (tasks.NEAR_3, tasks.NEAR_30, tasks.NEAR_100, tasks.NEAR_300)
}
NORMALISED, COVERED = "normalised_return", "share_of_goals_covered"
NEAREST, ASSIGNMENT = "nearest", "assignment"


def moved(results: Results) -> list[RunRecord]:
    """The runs whose policies were evaluated in other teams."""
    learner = main_learner(results, HOME)
    runs = results.runs_in(HOME, learner) if learner else []
    return [run for run in runs if run.evaluated and run.elsewhere]


def sizes(runs: Sequence[RunRecord]) -> list[int]:
    """Of all teams, that of training included."""
    return sorted({AT_HOME, *(agents for run in runs for agents in run.elsewhere)})


def seeds(runs: Sequence[RunRecord], agents: int, policy: str, measure: str) -> list[float]:
    """One value for each run that was evaluated in such a team."""
    rows = [run.evaluation if agents == AT_HOME else run.elsewhere.get(agents, {}) for run in runs]
    found = [row.get(policy, {}).get(measure) for row in rows]
    return [value for value in found if value is not None]


def table(results: Results) -> Table:
    """A row for each size of team."""
    title = f"One policy for any number of agents: learned with {AT_HOME}"
    columns = ["agents", "normalised return", "of nearest goal", "of one trained in that size"]
    table = Table(title, [*columns, "goals covered, %", "by assignment, %", "seeds"])
    runs = moved(results)
    for agents in sizes(runs) if runs else ():
        ours = seeds(runs, agents, "theta", NORMALISED)
        covered = [100 * share for share in seeds(runs, agents, "theta", COVERED)]
        assigned = [100 * share for share in seeds(runs, agents, ASSIGNMENT, COVERED)]
        there = values(_trained_in(results, agents), "theta", NORMALISED)
        table.rows.append(
            [
                *(f"{agents:,}", mean_and_spread(ours, 2)),
                number(_mean(seeds(runs, agents, NEAREST, NORMALISED)), 2),
                mean_and_spread(there, 2) if there else NONE,
                mean_and_spread(covered, 0),
                *(number(_mean(assigned), 0), str(len(ours))),
            ]
        )
    table.notes = [
        "The policy is played as it is, in arenas that are as dense as that of training. "
        "Normalised return: 0 is random play and 1 the Hungarian assignment, which knows all goals "
        f"and agents. Of one trained in that size: DiMA-PG as we recommend it there, of "
        f"{', '.join(TRAINED.values())}. {PLUS_MINUS}"
    ]
    return table


def _trained_in(results: Results, agents: int) -> list[RunRecord]:
    env = TRAINED.get(agents)
    learner = main_learner(results, env) if env else None
    return results.runs_in(env, learner) if learner else []


def _mean(found: Sequence[float]) -> float | None:
    return float(np.mean(found)) if found else None


def chart(results: Results) -> Chart:
    """Normalised return and goals covered over the number of agents."""
    labels = {NORMALISED: "normalised return", COVERED: "share of goals covered"}
    panels = [_panel(results, measure, label) for measure, label in labels.items()]
    caption = (
        f"A policy that was learned with {AT_HOME} agents, played as it is by fewer and by more in "
        "worlds of the same density. Dots are seeds, the line is their mean; squares: policies "
        "that were trained in that size, means over seeds. Normalised return: 0 is random play, "
        "1 the scripted Hungarian assignment."
    )
    return Chart("scale", caption, panels)


def _panel(results: Results, measure: str, label: str) -> Panel:
    runs = moved(results)
    teams = sizes(runs)
    ours = {agents: seeds(runs, agents, "theta", measure) for agents in teams}
    ours = {agents: found for agents, found in ours.items() if found}

    def draw(axes) -> None:
        colour = names.colour(runs[0].learner)
        means = [np.mean(found) for found in ours.values()]
        axes.plot(list(ours), means, color=colour, label=f"learned with {AT_HOME}: {len(runs)}")
        for agents, found in ours.items():
            axes.plot([agents] * len(found), found, "o", color=colour, markersize=4, alpha=0.6)
        trained = {n: values(_trained_in(results, n), "theta", measure) for n in TRAINED}
        trained = {n: found for n, found in trained.items() if found}
        if trained:
            heights = [np.mean(found) for found in trained.values()]
            axes.plot(list(trained), heights, "s", color=charts.INK, label="trained in that size")
        for policy, style in {ASSIGNMENT: (0, (1, 2)), NEAREST: (0, (5, 3))}.items():
            heights = [_mean(seeds(runs, agents, policy, measure)) for agents in teams]
            known = [(n, height) for n, height in zip(teams, heights) if height is not None]
            title = "assignment" if policy == ASSIGNMENT else "nearest goal"
            axes.plot(*zip(*known), color=SOFT, linestyle=style, label=title)
        axes.set_xscale("log")
        axes.set_xticks(teams, [f"{n:,}" for n in teams])
        axes.minorticks_off()
        axes.set_xlabel("agents, logarithmic")
        axes.set_ylabel(label)
        axes.set_ylim(bottom=0.0)
        charts.legend_below(axes, "policy: seeds")

    ends = "; ".join(f"{n:,} agents {np.mean(found):.2f}" for n, found in ours.items())
    alt = f"{label} of the policy that was learned with {AT_HOME} agents: {ends or 'not run'}."
    return Panel(f"scale_{measure}", label.capitalize(), alt, draw, empty=not ours)
