"""Figures of Predator-Prey: rewards after training, and cross-play."""

import re
import textwrap
from pathlib import Path

import numpy as np

from dimapg_tf.drawing import heat_map
from reproduction.report import charts, names, predator_prey
from reproduction.report.charts import INK, SOFT, Panel
from reproduction.report.predator_prey_tables import player
from reproduction.report.records import Results
from reproduction.report.table import number

WIDEST = 14  # characters of a line of a variant's name, under a cell of the heat map


def bars(results: Results, env: str) -> Panel:
    """Groups of bars: one for each prey; in it one for each learner's predators, and greedy ones.

    Without cross-play, each learner's predators against their own prey. One learner of each family:
    the default, or the variant that is closest to it; the others are left to the table and the heat
    map.
    """
    cells = _bar_cells(results, env)
    title = f"{names.task(env)}: after training"
    predators, prey = predator_prey.sides(list(cells)) if cells else ([], [])

    def draw(axes) -> None:
        for index, row in enumerate(predators):
            for group, column in enumerate(prey):
                _bar(axes, row, cells.get((row, column), []), group, index, len(predators))
        labels = [_broken(f"{player(name)} prey") for name in prey]
        axes.set_xticks(range(len(prey)), labels)
        axes.tick_params(axis="x", length=0)
        axes.grid(visible=False, axis="x")
        axes.set_ylabel("reward of a predator")
        charts.minus(axes)
        _bar_legend(axes, predators, max(label.count("\n") + 1 for label in labels))

    alt_parts = [
        f"{player(a)} predators against {player(b)} prey {number(float(np.mean(v)))}"
        for (a, b), v in cells.items()
    ]
    alt = f"{title}: reward of a predator. {'; '.join(alt_parts) or 'not run'}."
    return Panel(f"fig4_{env.rpartition('_')[2]}", title, alt, draw, 5.2, empty=not cells)


def _bar_cells(results: Results, env: str) -> dict[tuple[str, str], list[float]]:
    cells = _all_cells(results, env)
    learners = {name for pair in cells for name in pair if not predator_prey.is_scripted(name)}
    left_out = learners - names.foremost(learners)
    return {pair: seeds for pair, seeds in cells.items() if not left_out.intersection(pair)}


def _all_cells(results: Results, env: str) -> dict[tuple[str, str], list[float]]:
    played = results.crossplay.get(env)
    if played is not None:
        cells = predator_prey.between_learners(played, predator_prey.REWARD)
        shown = ("greedy", "fleeing")
        return {
            pair: seeds
            for pair, seeds in cells.items()
            if all(not predator_prey.is_scripted(name) or name in shown for name in pair)
        }
    cells = {}
    for name in results.learners(env):
        against_own_prey = (predator_prey.TRAINED, predator_prey.TRAINED, predator_prey.REWARD)
        seeds = predator_prey.scores(results, results.runs_in(env, name), *against_own_prey)
        if seeds:
            cells[name, name] = seeds
    return cells


def _bar(axes, predators: str, seeds: list[float], group: int, index: int, count: int) -> None:
    if not seeds:
        return
    width = 0.8 / count
    x = group - 0.4 + (index + 0.5) * width
    axes.bar(x, np.mean(seeds), 0.9 * width, **_fill(predators))
    if len(seeds) > 1:
        places = x + np.linspace(-0.2, 0.2, len(seeds)) * width
        axes.plot(places, seeds, "o", markersize=2.6, color=INK, markeredgewidth=0)


def _fill(predators: str) -> dict:
    """A variant's bar is paler than its family's."""
    variant = "" if predator_prey.is_scripted(predators) else names.learner(predators).variant
    return {"color": _colour(predators), "alpha": 0.45 if variant else 1.0}


def _bar_legend(axes, predators: list[str], lines: int) -> None:
    from matplotlib.patches import Patch

    handles = [Patch(**_fill(name), label=player(name)) for name in predators]
    charts.legend_below(axes, "predators", handles, lines)


def _colour(name: str) -> str:
    return SOFT if predator_prey.is_scripted(name) else names.colour(name)


def _broken(text: str) -> str:
    """A name in lines, so that it fits under a group of bars or a cell."""
    text = re.sub(r" (\(.*\))", lambda found: "\n" + textwrap.fill(found[1], WIDEST), text)
    return text.replace(" prey", "\nprey").replace("-Kitchensink", "-\nKitchensink")


def crossplay_name(env: str) -> str:
    """Of the heat map's files: crossplay_3v1."""
    return f"crossplay_{env.removeprefix('predator_prey_')}"


def crossplay(results: Results, env: str, path: Path) -> None:
    """The heat map of all learners and scripted players as path.png and path.pdf."""
    played = results.crossplay.get(env)
    if played is None:
        return
    cells = {
        key: predator_prey.between_learners(played, key)
        for key in (predator_prey.REWARD, predator_prey.CONTACTS)
    }
    if not all(cells.values()):
        return
    rows, columns = predator_prey.sides(list(cells[predator_prey.REWARD]))
    means = {key: _means(cells[key], rows, columns) for key in cells}
    reward, contacts = means[predator_prey.REWARD], means[predator_prey.CONTACTS]
    texts = [[f"{r:.1f}\n{c:.1f}" for r, c in zip(*both)] for both in zip(reward, contacts)]
    title = (
        f"{names.task(env)}: {played.episodes} episodes a pair of runs\n"
        "reward of a predator, and below it the contacts"
    )
    labels = (title, "predators", "prey", "reward of a predator")
    lines = tuple(sum(not predator_prey.is_scripted(n) for n in side) for side in (rows, columns))
    shown = [[_broken(player(name)) for name in side] for side in (rows, columns)]
    heat_map.draw(path, *shown, reward, texts, labels, lines)


def _means(cells: dict, rows: list[str], columns: list[str]) -> np.ndarray:
    nothing = [float("nan")]
    return np.array(
        [[np.mean(cells.get((row, column), nothing)) for column in columns] for row in rows]
    )
