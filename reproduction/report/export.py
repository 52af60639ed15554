"""The records in the JSON format of marl-eval (Gorsane et al. 2022)."""

import numpy as np

from reproduction.report.records import Results, RunRecord

READINGS = ("return_mean", "min_return_per_episode", "min_mean_return")
MOST_STEPS = 50  # of a run that are exported


def marl_eval(results: Results) -> dict:
    """{environment: {task: {algorithm: {run_1: {step_0: {step_count, metric: [..]}, ..}}}}}.

    Lists hold one number, the mean over episodes: single episodes are not in our records. Steps are
    training iterations, evenly thinned; absolute_metrics is the evaluation after training.
    """
    tree: dict = {}
    for run in results.runs:
        if run.curve:
            world = run.flags.get("env", run.env)
            algorithms = tree.setdefault(world, {}).setdefault(run.env, {})
            algorithms.setdefault(run.learner, {})[f"run_{run.seed}"] = _run(run)
    return tree


def _run(run: RunRecord) -> dict:
    steps = run.curve.get("env_steps", run.curve["episodes"])
    count = len(steps)
    kept = sorted({round(i * (count - 1) / (MOST_STEPS - 1)) for i in range(MOST_STEPS)})
    names = [name for name in run.curve if name.rpartition("/")[2] in READINGS]
    tree = {
        f"step_{position}": {
            "step_count": int(steps[index]),
            # JSON knows no nan; a version that did not measure it has left it empty.
            **{n: [float(run.curve[n][index])] for n in names if np.isfinite(run.curve[n][index])},
        }
        for position, index in enumerate(kept)
    }
    if run.evaluated:
        row = run.evaluation["theta"]
        tree["absolute_metrics"] = {name: [row[name]] for name in names if name in row}
    return tree
