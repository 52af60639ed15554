"""Of each family, the paper's figures show one learner; its variants are left to the tables."""

from pathlib import Path

import numpy as np

from reproduction import tasks
from reproduction.report import charts, curves, pursuit_figures, records


def test_curves_of_the_papers_figures_leave_variants_to_the_tables():
    """But for DiMA-PG to the letter; and of a family without its default one variant is drawn."""
    runs = []
    for name in ("dimapg", "dimapg_trpo", "dimapg_perceptron", "maddpg", "maddpg_pooled"):
        curve = {"episodes": np.array([50.0, 100.0]), "return_mean": np.array([-2.0, -1.0])}
        runs.append(records.RunRecord(Path(name), "a", name, 1, {"episodes": "100"}, curve=curve))
    results = records.Results(Path(), runs, [], {}, [])

    def drawn(variants):
        what = ("x", lambda run: run.curve["return_mean"], "return", {})
        panel = curves.panel(results, "a", *what, variants=variants)
        (axes,) = charts._drawn([panel]).axes
        return {text.get_text().rpartition(":")[0] for text in axes.get_legend().get_texts()}

    shown = {"DiMA-PG", "DiMA-PG (to the letter)", "MADDPG (authors' values)"}
    assert drawn(variants=False) == shown
    assert drawn(variants=True) == shown | {
        *("DiMA-PG (perceptron)", "MADDPG (pooled critic)"),
    }


def test_bars_leave_variants_to_the_tables(monkeypatch):
    """One of each family: the default, or the first of its variants in the plan."""
    trained = (
        *("a3c_kitchensink_tuned", "a3c_kitchensink_minimum"),
        *("trpo_kitchensink_minimum", "trpo_kitchensink_predator_prey", "greedy"),
    )
    cells = {(predators, "fleeing"): [1.0] for predators in trained}
    monkeypatch.setattr(pursuit_figures, "_all_cells", lambda *_: cells)
    left = {predators for predators, _ in pursuit_figures._bar_cells(None, tasks.PURSUIT_3V1)}
    assert left == {"a3c_kitchensink_tuned", "trpo_kitchensink_predator_prey", "greedy"}
