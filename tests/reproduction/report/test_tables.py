"""Tables, findings and the export against the records that they are made from."""

import copy
import dataclasses
from pathlib import Path

import numpy as np
import pytest
from small_records import write_all

from reproduction import tasks
from reproduction.report import (
    ablation,
    crossplay_records,
    export,
    findings,
    overview,
    predator_prey,
    predator_prey_tables,
    records,
    scores,
    tables,
    verdicts,
)
from reproduction.report.table import Cell


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return records.read(write_all(tmp_path_factory.mktemp("records")))


@pytest.fixture
def results(written):
    """The same for every test, which may change its own."""
    return copy.deepcopy(written)


def texts(table):
    return [[cell.text if isinstance(cell, Cell) else cell for cell in row] for row in table.rows]


def test_table_1(results):
    table = tables.table_1(results)
    rows = {(row[0], row[1]): row[2:] for row in texts(table)}
    minutes = ["3", "1,000", "1.0"]  # of three seeds; one alone has none
    means = ["−13.0 ± 1.0", "+21.8", "−12.0 ± 1.0", "+22.8", "−11.0 ± 1.0"]
    assert rows["Using θ", "3"] == ["−34.80", *means, *minutes]
    assert rows["Using θₙ", "3"][:3] == ["−37.19", "−13.5 ± 1.0", "+23.7"]
    assert rows["Using θ (first order)", "3"][1] == "−14.0"
    assert rows["Fine tune", "3"][:3] == ["−44.17", "−44.0", "+0.2"]
    assert rows["Fine tune", "3"][-3:] == ["1", "1,000", "–"]
    assert rows["Using θ: not run", "10"][:2] == ["−8.00", "–"]
    assert table.rows[0][0].link == results.root / "cooperative_navigation_3/dimapg"


def test_after_training_has_everybody_who_was_evaluated(results):
    rows = {row[0]: row[1:] for row in texts(tables.after_training(results, tasks.NAVIGATION_3))}
    assert list(rows) == [
        *("DiMA-PG", "DiMA-PG (first order)", "MADDPG", "Fine tune"),
        *("Hungarian assignment", "nearest goal", "random play"),
    ]
    assert rows["MADDPG"][0] == "−65.0 ± 7.1"
    assert rows["random play"][0] == "−190.0"


def test_variants_say_how_they_differ(results):
    (variant,) = results.runs_in(tasks.NAVIGATION_3, "dimapg_set_first_order")
    variant.flags |= {"k": "3", "sampled_agents": "none", "episodes": "1", "checkpoint_every": "7"}
    notes = tables.variant_notes(results, tasks.NAVIGATION_3)
    assert notes == [
        "DiMA-PG (first order): --k=3 instead of 1, --meta_gradient=first_order instead of exact, "
        "--policy=set instead of mlp, --sampled_agents=none instead of 2."
    ]
    variant.flags.clear()  # of a flags.txt that cannot be read
    assert tables.variant_notes(results, tasks.NAVIGATION_3) == []


def test_table_2(results):
    rows = {(row[0], row[1]): row[2:] for row in texts(tables.table_2(results))}
    assert rows["Average reward", "230"][:3] == ["946", "940.0", "−6.0"]
    assert rows["Average reward", "230"][3:6] == ["940.0", "−1,480.0", "960.0"]
    assert rows["Initial average reward", "230"][:3] == ["−1,530", "−1,500.0", "+30.0"]
    assert rows["Survivors: not run", "630"][0] == "490"


def test_table_2_says_how_variants_differ(results):
    (run,) = results.runs_in("survival_230")
    flags = {**run.flags, "k": "1"}
    run.flags["k"] = "3"
    few = dataclasses.replace(run, learner="dimapg_survival_constant_bonus", flags=flags)
    table = tables.table_2(dataclasses.replace(results, runs=[*results.runs, few]))
    assert "Survivors (constant bonus)" in {row[0] for row in texts(table)}
    assert table.notes[-1] == "DiMA-PG (constant bonus): --k=1 instead of 3."


def test_figure_4(results):
    rows = {
        row[0]: row[1:] for row in texts(predator_prey_tables.figure_4(results, tasks.PURSUIT_3V1))
    }
    contacts = ["12.0", "9.0", "4.5", "6.0"]  # own/own, greedy/own, greedy/fleeing, own/fleeing
    assert rows["DiMA-PG"][:5] == ["4.0", *contacts]
    assert predator_prey_tables.figure_4(results, tasks.PURSUIT_12V4).rows == []


def test_a_runs_own_evaluation_goes_before_the_crossplay(results):
    run = results.runs_in(tasks.PURSUIT_3V1, "maddpg_tuned")[0]
    players = (
        (predator_prey.TRAINED, predator_prey.GREEDY),
        (predator_prey.TRAINED, predator_prey.FLEEING),
    )
    pairs = [(predators, prey) for predators in players[0] for prey in players[1]]
    played = [predator_prey.match(results, run, *pair).get("contacts") for pair in pairs]
    assert played == [12.0, 3.0, 18.0, 4.5]
    rows = ("theta", "theta_against_fleeing_prey", "theta_against_greedy_predators")
    evaluation = {name: {"contacts": float(i)} for i, name in enumerate(rows)}
    evaluated = dataclasses.replace(run, evaluation=evaluation)
    played = [predator_prey.match(results, evaluated, *pair).get("contacts") for pair in pairs]
    assert played == [0.0, 1.0, 2.0, 4.5]
    assert predator_prey.match(results, dataclasses.replace(run, curve={}), *pairs[0]) == {}


def test_between_learners_takes_seeds_as_units():
    pairs = {
        ("a/seed_1", "b/seed_1"): 1.0,
        ("a/seed_1", "b/seed_2"): 3.0,
        ("a/seed_2", "b/seed_1"): 10.0,
        ("a/seed_2", "b/seed_2"): 20.0,
        ("greedy", "b/seed_1"): 5.0,
        ("greedy", "b/seed_2"): 7.0,
        ("greedy", "fleeing"): 0.5,
    }
    played = crossplay_records.CrossPlay(1, {pair: {"r": x} for pair, x in pairs.items()})
    assert predator_prey.between_learners(played, "r") == {
        ("a", "b"): [2.0, 15.0],
        ("greedy", "b"): [5.0, 7.0],
        ("greedy", "fleeing"): [0.5],
    }
    assert predator_prey.between_learners(played, "not played") == {}


def test_unit_of_2018(results):
    """Of random play in our unit: what FACTS of the original's print-out say, about -694."""
    assert tables._unit_of_2018(-26.04) == pytest.approx(-693.7, abs=0.1)
    (row,) = texts(tables.simple_spread(results))
    assert row[:4] == ["MADDPG (authors' values), seed 1", "−10.0", "–", "−405"]


def test_scores_are_normalised_between_random_and_scripted_play(results):
    by_title = {score.title: score for score in scores.all_scores(results)}
    cooperative = by_title["Cooperative Navigation, N = 3"]
    assert cooperative.normalised("dimapg") == pytest.approx((190 - np.array([13, 12, 14])) / 158)
    predators, prey = (by_title[f"Predator-Prey, 3v1: {side}"] for side in ("predators", "prey"))
    assert predators.seeds_by_learner["maddpg_tuned"] == [1.0]
    assert (predators.random, predators.scripted) == (0.25, 1.5)
    assert prey.seeds_by_learner["maddpg_tuned"] == [-24.0]
    assert (prey.random, prey.scripted) == (-120.0, -6.0)


def test_statistics_say_when_seeds_are_too_few(results):
    rows = texts(overview.over_seeds(scores.all_scores(results), results))
    by_learner = {row[1]: row for row in rows if row[0] == "Cooperative Navigation, N = 3"}
    assert by_learner["MADDPG"][5] == "too few seeds"
    assert " to " in by_learner["DiMA-PG"][5]
    assert by_learner["MADDPG"][-1] == "1.00"
    assert by_learner["DiMA-PG"][-1] == "–"


def test_findings(results):
    statements = {(f.where, f.claim): f for f in findings.all_findings(results)}
    verdict = {claim: finding.verdict for (_, claim), finding in statements.items()}
    # -13 ± 1 against -60 and -70: of two seeds the interval is 13 times as wide as their spread.
    assert verdict["N = 3: MADDPG performs worse than DiMA-PG"] == verdicts.UNDECIDED
    assert verdict["N = 3: using θ −34.80"] == verdicts.DIFFERS
    assert verdict["N = 3: fine tune −44.17"] == verdicts.TOO_FEW
    assert verdict["N = 3: θ and θₙ yield almost similar results"] == verdicts.AGREES
    assert verdict["N = 230: average reward 946"] == verdicts.TOO_FEW
    assert verdict["N = 630: survivors 490"] == verdicts.NOT_RUN
    assert verdict["N = 3: A3C-Kitchensink does well, MADDPG worse"] == verdicts.NOT_RUN
    hunting = "3v1: DiMA-PG's predators (reward against fleeing prey) are better than MADDPG's"
    assert verdict[hunting] == verdicts.TOO_FEW
    assert {finding.where for finding in statements.values()} == {
        *("Fig. 3", "Table 1", "Fig. 4", "Table 2"),
    }


def test_what_was_not_run_is_named(results):
    rows = texts(overview.what_was_run(results))
    missing = {row[0]: row[1] for row in rows if row[2] == "not run"}
    assert missing["Cooperative Navigation, N = 3"] == "TRPO-Kitchensink"
    assert missing["Survival, N = 630"] == "DiMA-PG"
    unfinished = next(row for row in rows if row[1] == "A3C-Kitchensink")
    assert unfinished[2:4] == ["1", "0"]
    assert unfinished[-1] == "Fig. 3, Table 1"


@pytest.mark.parametrize(
    ("seconds", "text"), [((60, 90), "1.0 to 1.5"), ((60, 90.1), "–"), ((60,), "–")]
)
def test_minutes_only_where_seeds_bear_each_other_out(seconds, text):
    """3.6 and 20.5 minutes of one configuration say what else the machine did."""
    runs = [
        records.RunRecord(
            Path(), "a", "maddpg_tuned", seed, curve={"seconds": np.array([float(value)])}
        )
        for seed, value in enumerate(seconds)
    ]
    assert tables.minutes(runs) == text


def test_ablation(results):
    rows = texts(ablation.table(results))
    assert [row[0] for row in rows] == ["exact, advantage", "plain parameter sharing"]
    assert rows[0][1] == "−60.0"  # of ten iterations from -105 to -15


def test_export_has_marl_evals_form(results):
    tree = export.marl_eval(results)
    run = tree["cooperative_navigation"]["cooperative_navigation_3"]["dimapg"]["run_1"]
    assert run["step_0"]["step_count"] == 20_000
    assert run["step_9"]["return_mean"] == [-13.0]
    assert len(run) == 11
    assert run["absolute_metrics"]["min_return_per_episode"] == [-13.0]
