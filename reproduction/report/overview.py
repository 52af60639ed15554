"""Tables about the runs themselves: statistics over seeds, what was run, how, and on what."""

from collections import Counter

import numpy as np

from reproduction.learners import DIMAPG, FAMILIES
from reproduction.plan import PAPER
from reproduction.report import paper, statistics, tables
from reproduction.report.names import learner, task
from reproduction.report.records import Results, RunRecord
from reproduction.report.scores import Score, main_learner
from reproduction.report.table import NONE, PLUS_MINUS, Cell, Table, mean_and_spread, number, span


def wanted() -> dict[str, tuple[str, set[str]]]:
    """What the paper's figures and tables need, by the plan: {task: (where, families)}."""
    needed: dict[str, tuple[dict[str, None], set[str]]] = {}
    for experiment in PAPER.values():
        for env, directories in experiment.runs:
            where, families = needed.setdefault(env, ({}, set()))
            where[experiment.where] = None
            families.update(learner(name).family for name in directories)
    return {env: (", ".join(where), families) for env, (where, families) in needed.items()}


def what_was_run(results: Results) -> Table:
    """Every experiment of the paper and how much of it there is, then what is beyond the paper."""
    columns = ["task", "learner", "seeds", "evaluated", "episodes", "minutes a seed", "for"]
    table = Table("What was run", columns, text_columns=2)
    needed = wanted()
    for env in [*needed, *(env for env in results.envs if env not in needed)]:
        where, families = needed.get(env, ("beyond the paper", set()))
        names = results.learners(env)
        missing = families - {learner(name).family for name in names}
        for name in names:
            runs = results.runs_in(env, name)
            table.rows.append(_row(runs, env, learner(name).title, _purpose(name, names, where)))
        if missing:
            titles = ", ".join(family for family in FAMILIES if family in missing)
            table.rows.append([task(env), titles, "not run", *[NONE] * 3, where])
    table.notes = [f"The paper has {paper.SEEDS} seeds of each learner (Fig. 3). {tables.MINUTES}"]
    return table


def _purpose(name: str, names: list[str], where: str) -> str:
    """What a learner was run for; a variant stands in where its family's default was not run."""
    _, family, variant, *_ = learner(name)
    if not variant:
        return where
    default = any(learner(other)[1:3] == (family, "") for other in names)
    return "a variant" if default else f"{where}, by a variant"


def _row(runs: list[RunRecord], env: str, title: str, where: str) -> list:
    ended = [run for run in runs if run.evaluated]
    return [
        *(task(env), Cell(title, runs[0].path.parent), str(len(runs)), str(len(ended))),
        span([run.episodes for run in runs]),
        tables.minutes(runs),
        where,
    ]


def over_seeds(scores: list[Score], results: Results) -> Table:
    """Interquartile means with intervals, normalised scores, probability of improvement."""
    columns = ["task", "learner", "seeds", "mean", "IQM", "95 % interval"]
    columns += ["normalised IQM", "95 % interval", "DiMA-PG is better"]
    table = Table("Over seeds", columns, text_columns=2)
    for score in scores:
        best = main_learner(results, score.env)
        for name, seeds in score.seeds_by_learner.items():
            summary = statistics.summary(seeds)
            unit = score.normalised(name)
            between = [NONE, NONE]
            if unit is not None:
                inner = statistics.summary(unit)
                between = [number(inner.iqm, 2), interval(inner, 2)]
            better = NONE
            if best in score.seeds_by_learner and name != best:
                chance = statistics.probability_of_improvement(score.seeds_by_learner[best], seeds)
                better = number(chance, 2)
            cells = [
                str(summary.seeds),
                mean_and_spread(seeds),
                number(summary.iqm),
                interval(summary),
            ]
            table.rows.append([score.title, learner(name).title, *cells, *between, better])
    table.notes = [
        f"One number for each seed. {PLUS_MINUS} IQM: mean of the middle half of the seeds, which "
        "for three is their mean. Intervals: percentile bootstrap over seeds, for each task by "
        "itself; with one or two seeds there is none, and with three it reaches nearly from the "
        "worst seed to the best, so it says little. Normalised: 0 is random play, 1 scripted play "
        "(assignment; greedy or fleeing against the same opponent; go to food). DiMA-PG is better: "
        "the probability that a seed of DiMA-PG scores more than one of this learner.",
        "Scores: " + "; ".join(f"{score.title}: {score.measure}" for score in scores) + ".",
    ]
    return table


def over_tasks(scores: list[Score], results: Results) -> Table:
    """Each family's default over all tasks that it and DiMA-PG were run on."""
    columns = ["learner", "tasks", "seeds", "normalised IQM", "95 % interval", "DiMA-PG is better"]
    table = Table("Over all tasks", columns)
    for family in FAMILIES:
        ours, theirs = [], []
        for score in scores:
            names = [main_learner(results, score.env, f) for f in (DIMAPG, family)]
            if all(
                name in score.seeds_by_learner and score.normalised(name) is not None
                for name in names
            ):
                ours.append(score.normalised(names[0]))
                theirs.append(score.normalised(names[1]))
        if theirs:
            everything = np.concatenate(theirs)
            enough = min(map(len, theirs)) >= statistics.FEWEST
            low_high = statistics.bootstrap_interval(theirs) if enough else None
            chance = statistics.mean_probability_of_improvement(list(zip(ours, theirs)))
            table.rows.append(
                [
                    *(family, str(len(theirs)), span([len(seeds) for seeds in theirs])),
                    number(statistics.interquartile_mean(everything), 2),
                    *(_written(low_high, 2), NONE if family == DIMAPG else number(chance, 2)),
                ]
            )
    table.notes = [
        "Normalised scores of all tasks that both the learner and DiMA-PG were evaluated on, "
        "pooled; the bootstrap is stratified by task. Learners with different numbers of tasks "
        "are not comparable with one another."
    ]
    return table


def interval(summary: statistics.Summary, digits: int = 1) -> str:
    """ "−14.0 to −12.0", or why there is none."""
    return _written(summary.interval, digits)


def _written(low_high: tuple[float, float] | None, digits: int) -> str:
    if low_high is None:
        return "too few seeds"
    return " to ".join(number(value, digits) for value in low_high)


def extent(results: Results) -> str:
    """How many runs, how long, and on what, in one sentence."""
    runs = len(results.runs) + len(results.ablation)
    machines = ", ".join(machine_names(results)) or "a machine that no record names"
    return f"{runs} runs, {number(hours(results))} hours of training, on {machines}."


def machine_names(results: Results) -> list[str]:
    """Processor, system and cores, most runs first; a run that was moved counts for each."""
    seen: Counter[str] = Counter()
    cores: dict[str, set[int]] = {}
    for record in _version_records(results):
        name = f"{record.get('processor', '?')} ({record.get('system', '?')}, "
        seen[name] += 1
        cores.setdefault(name, set()).add(record.get("cores", "?"))
    return [f"{name}{_in_words(cores[name])})" for name, _ in seen.most_common()]


def _in_words(cores: set) -> str:
    """ "1 or 2 cores"."""
    counts = " or ".join(map(str, sorted(cores, key=str)))
    return f"{counts} core{'' if counts == '1' else 's'}"


def _version_records(results: Results) -> list[dict]:
    """versions.json of every run, and of every machine that went on with it."""
    return [
        record
        for run in [*results.runs, *results.ablation]
        for record in [run.versions, *run.versions.get("resumed_with", [])]
        if record
    ]


NO_VERSIONS = ("system", "processor", "cores", "resumed_with", "uncommitted_changes")


def versions(results: Results) -> dict[str, str]:
    """{package: versions that the runs were made with}."""
    versions_of: dict[str, set[str]] = {}
    for record in _version_records(results):
        for name, value in record.items():
            if name not in NO_VERSIONS:
                versions_of.setdefault(name, set()).add(str(value))
    return {name: ", ".join(sorted(values)) for name, values in versions_of.items()}


def hours(results: Results) -> float:
    """Training time of all runs together, the ablation's included."""
    return sum(run.minutes for run in [*results.runs, *results.ablation]) / 60
