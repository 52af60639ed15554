"""The paper's figures from the records: what learners learn over episodes and minutes."""

import numpy as np

from dimapg_tf.drawing.learning_curves import PARTS
from reproduction import tasks
from reproduction.report import curves, names, paper, predator_prey, pursuit_figures, speeds
from reproduction.report.charts import Chart
from reproduction.report.records import Results, RunRecord
from reproduction.report.scores import MINIMUM, TEAM, reference
from reproduction.report.table import number

COVERED = "goals_covered"
BOTH = (curves.EPISODES, curves.MINUTES)
WORST = "return of the worst agent"
CURVES = (
    f"Thin lines are seeds, thick ones their means; a point is the mean over a {PARTS}th of "
    "the run. "
)


def figure_3(results: Results) -> Chart:
    """Minimum reward in Cooperative Navigation, over episodes and over minutes."""
    panels = []
    for over in BOTH:
        for env in (tasks.NAVIGATION_3, tasks.NAVIGATION_10):
            printed = paper.TABLE_1[env][paper.USING_THETA]
            lines = {
                f"paper {number(printed)}": printed,
                "assignment": reference(results.runs_in(env), "assignment", MINIMUM),
                "random play": reference(results.runs_in(env), "random", MINIMUM),
            }
            name = f"fig3_n{names.size(env)}_{over}"
            what = (name, _column(MINIMUM), WORST, lines)
            panels.append(curves.panel(results, env, *what, over=over, variants=False))
    caption = (
        "Minimum reward over episodes and over minutes of training. " + CURVES + "The minimum is "
        "the first reading, the mean over episodes of the worst agent's return, of episodes played "
        "while training. Dashed: the paper's Table 1, using θ; dotted: scripted play. Variants are "
        "in the tables. " + speeds.explanation(results)
    )
    return Chart("fig3", caption, panels)


def near(results: Results) -> Chart:
    """What the recommended values learn where agents see near things finely: return, coverage."""
    panels = []
    for env in (tasks.NEAR_3, tasks.NEAR_10):
        runs, size = results.runs_in(env), names.size(env)
        for column, label, over in (
            *((MINIMUM, WORST, over) for over in BOTH),
            (COVERED, "goals covered", curves.EPISODES),
        ):
            lines = {"assignment": reference(runs, "assignment", column)}
            name, title = f"near_n{size}_{column}_{over}", f"N = {size}: {label}"
            panels.append(
                curves.panel(results, env, name, _column(column), label, lines, title, over)
            )
    caption = (
        "Agents see how far the nearest other agent is from each goal, and near things finely. "
        "Minimum reward over episodes and over minutes of training, and goals with an agent nearer "
        "than 0.1 after the last step. Dotted: the scripted Hungarian assignment. "
        + CURVES
        + speeds.explanation(results)
    )
    return Chart("near", caption, panels)


def figure_4(results: Results) -> Chart:
    """Predator reward after training in both games, and while 3v1 is learned."""
    envs = (tasks.PURSUIT_3V1, tasks.PURSUIT_12V4)
    panels = [pursuit_figures.bars(results, env) for env in envs]
    env = tasks.PURSUIT_3V1
    label, title = "reward of a predator", f"{names.task(env)}: training"
    reward = _column(predator_prey.REWARD)
    for over in BOTH:
        name = f"fig4_training_{over}"
        what = (name, reward, label, {}, title)
        panels.append(curves.panel(results, env, *what, over=over, variants=False))
    caption = (
        "Above: reward of a predator after training, against the prey of every learner and "
        "scripted fleeing prey; dots are seeds of the predators (one number for each, the mean "
        "over the seeds of the prey); variants are in the tables. Below: reward of a predator "
        "against the prey that learns beside it. " + CURVES + speeds.explanation(results)
    )
    return Chart("fig4", caption, panels)


def survival(results: Results) -> Chart:
    """Team return over episodes in Survival; the paper has no such figure, only Table 2."""
    panels = []
    for env in (tasks.SURVIVAL_230, tasks.SURVIVAL_630):
        printed = paper.TABLE_2[env]
        lines = {
            f"paper {number(printed[paper.AVERAGE], 0)}": printed[paper.AVERAGE],
            f"paper {number(printed[paper.INITIAL], 0)}": printed[paper.INITIAL],
            "go to food": reference(results.runs_in(env), "go_to_food", TEAM),
        }
        panels.append(curves.panel(results, env, env, _team_return, "team return", lines))
    caption = (
        "Survival: the sum of all agents' returns over episodes of training. Dashed: the paper's "
        "Table 2, after training and initially; dotted: scripted play. " + CURVES
    )
    return Chart("survival", caption, panels)


def _column(name: str) -> curves.Value:
    return lambda run: run.curve.get(name)


def _team_return(run: RunRecord) -> np.ndarray | None:
    """The mean over agents times their number."""
    agents, mean = run.flags.get("num_agents", ""), run.curve.get("return_mean")
    return mean * int(agents) if mean is not None and agents.isdigit() else None
