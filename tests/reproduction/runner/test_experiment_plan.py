"""The plan against what the paper states, what the scripts accept, and how long there is."""

import importlib
from pathlib import Path

import pytest
from absl.flags import UnrecognizedFlagError
from fake_commands import commands

from dimapg_tf import load_config
from dimapg_tf.experiment.flagfiles import expand
from dimapg_tf.types import ConfigurationError
from reproduction import experiments, sizes
from reproduction.learners import LEARNERS
from reproduction.plan import EXPERIMENTS, FIRST_LOOK, PAPER
from reproduction.progress import expected
from reproduction.sizes import MODES, SIZES, seeds_of
from reproduction.steps import flagfiles_of, flags_of, runs_of, steps_of
from reproduction.tasks import TASKS

ROOT = Path(__file__).parents[3]
# Of the paper: who is compared where (Fig. 3 and 4, Tables 1 and 2), and with how many agents.
EVERYBODY = {"DiMA-PG", "MADDPG", "A3C-Kitchensink", "TRPO-Kitchensink"}
NUMBERS_OF_AGENTS = ("num_agents", "num_predators", "num_prey")
COMPARED = {
    "Fig. 3": {"Cooperative Navigation, N = 3", "Cooperative Navigation, N = 10"},
    "Fig. 4": {"Predator-Prey, 3v1", "Predator-Prey, 12v4"},
}


def all_steps(mode, names=tuple(PAPER)):
    return steps_of(mode, names, None, Path("runs") / mode, experiments.PYTHON)


def families_of(name):
    """{title of a task: families} of an experiment."""
    return {
        TASKS[task].title: {LEARNERS[learner].family for learner in learners}
        for task, learners in EXPERIMENTS[name].runs
    }


@pytest.mark.parametrize("mode", MODES)
def test_every_script_accepts_its_commands(mode, capsys, monkeypatch):
    """Asked for help or for its configuration beside, it parses all flags and does nothing else."""
    monkeypatch.chdir(ROOT)
    each_command = {tuple(command) for command in commands(capsys, mode, *EXPERIMENTS)}
    modules = set()
    for python, m, *rest in each_command:
        assert (python, m) == (".venv/bin/python", "-m")
        modules.add(rest[0])
        if rest[0] == "dimapg_tf.launch":
            assert rest[1:3] == ["--workers=2", "--"]
            rest[:3] = ["dimapg_tf.train"]
        module, *arguments = rest
        package = importlib.util.find_spec(module).submodule_search_locations
        main = importlib.import_module(f"{module}.__main__" if package else module).main
        trains = module.endswith(("train", "fine_tune"))
        asked = "--print_config" if trains else "--help"
        assert main([module, *arguments, asked]) == 0
        # These two know the flags of a run's environment once they have read the run.
        if module not in ("dimapg_tf.evaluate", "dimapg_tf.render"):
            with pytest.raises((UnrecognizedFlagError, ConfigurationError), match="no_such"):
                main([module, *arguments, "--no_such_flag=1", asked])
        assert f"runs/{mode}" in " ".join(arguments)
        assert not trains or "--resume" in arguments
    capsys.readouterr()
    assert len(modules) == 10


@pytest.mark.parametrize(("where", "titles"), COMPARED.items())
def test_figures_compare_what_the_papers_do(where, titles):
    families = {}
    for name, experiment in PAPER.items():
        if experiment.where == where:
            families |= families_of(name)
    assert families == dict.fromkeys(titles, EVERYBODY)


def test_tables_have_the_papers_rows():
    """Table 1: using theta and theta_n of DiMA-PG, fine tune; Table 2: 230 and 630 agents."""
    both = {"DiMA-PG", "Fine tune"}
    assert families_of("table1") == dict.fromkeys(COMPARED["Fig. 3"], both)
    assert families_of("table2_230") == families_of("fig5") == {"Survival, N = 230": {"DiMA-PG"}}
    assert families_of("table2_630") == families_of("fig6") == {"Survival, N = 630": {"DiMA-PG"}}
    wheres = {experiment.where for experiment in PAPER.values()}
    assert wheres == {"Fig. 3", "Table 1", "Fig. 4", "Table 2", "Fig. 5", "Fig. 6"}


def test_titles_say_what_the_flagfiles_have():
    for task in TASKS.values():
        settings = vars(load_config(env=task.flagfile).env_settings)
        agents = [settings[name] for name in NUMBERS_OF_AGENTS if name in settings]
        assert "v".join(map(str, agents)) == task.size
        assert task.size in task.title


def test_a_changed_flagfile_is_noticed_wherever_it_is_built_upon(monkeypatch):
    """The files that a command reads are those that the configuration itself names as sources."""
    monkeypatch.chdir(ROOT)
    for task, learner in runs_of(EXPERIMENTS):
        sources = {str(path) for path in flagfiles_of(task, learner)}
        assert {t.source.split(":")[0] for t in expand(flags_of(task, learner)[:2])} == sources
    twelve = flagfiles_of("predator_prey_12v4", "dimapg_reinforce_predator_prey_12v4")
    assert Path("configs/algorithm/dimapg_reinforce.flags") in twelve


def test_learners_have_a_flagfile_and_a_place():
    flagfiles = {path.stem for path in (ROOT / "configs/algorithm").glob("*.flags")}
    assert {learner.flagfile for learner in LEARNERS.values()} <= flagfiles
    assert {name for _, name in runs_of(EXPERIMENTS)} == set(LEARNERS)
    titles = {}
    for task, name in runs_of(EXPERIMENTS):
        assert titles.setdefault((task, LEARNERS[name].title), name) == name


def test_what_follows_the_runs(capsys):
    """Each is evaluated; of each environment, one run of DiMA-PG is drawn; the report is last."""
    names = [" ".join(c[2:4]) for c in commands(capsys, "standard")]
    trainings = sum(name.split()[0].endswith(("train", "fine_tune")) for name in names)
    assert trainings == sum(len(seeds_of("standard", *run)) for run in runs_of(PAPER)) == 101
    assert sum(name.startswith("dimapg_tf.evaluate ") for name in names) == trainings
    drawn = [name for name in names if name.startswith("dimapg_tf.render ")]
    assert len(drawn) == 6
    assert all("seed_1" in name and "/dimapg" in name for name in drawn)
    assert sum(name.startswith("dimapg_tf.crossplay ") for name in names) == 2
    assert names[-1] == "reproduction.report runs/standard"
    assert sum(name.startswith("reproduction.report ") for name in names) == 1


def test_quick_learns_first_and_then_looks_at_every_part(capsys):
    """Unless experiments are named: then at these, in small."""
    first, *others = commands(capsys, "quick")
    assert "runs/quick/cooperative_navigation_3_near/dimapg_set/seed_1" in " ".join(first)
    assert [c[2] for c in others[:2]] == ["dimapg_tf.evaluate", "dimapg_tf.render"]
    modules = {c[2] for mode in ("quick", "standard") for c in commands(capsys, mode)}
    assert {c[2] for c in [first, *others]} == modules
    assert len(others) < 16
    families = {LEARNERS[learner].family for _, learner in runs_of(FIRST_LOOK)}
    assert families == {learner.family for learner in LEARNERS.values()}
    assert all("12v4" not in " ".join(c) for c in others)
    assert commands(capsys, "quick", "fig4_12v4") != commands(capsys, "quick")


def test_what_is_beyond_the_paper_runs_where_it_is_named(capsys):
    for mode in MODES:
        text = str(commands(capsys, mode))
        assert not any(word in text for word in ("ablation", "simple_spread", "_first_order"))
    ablation = commands(capsys, "standard", "ablation", "--seeds=1")
    assert [c[2] for c in ablation] == [*["dimapg_tf.train"] * 20, "reproduction.report"]
    assert all("/ablation/" in c[-2] for c in ablation[:-1])
    # Flags that the ablation varies are all named, whatever the flagfile says.
    varied = (
        "meta_gradient",
        "sampling_term",
        "others_term",
        "consolidation",
        "alpha_1",
        "alpha_2",
    )
    for command in ablation[:-1]:
        assert all(any(word.startswith(f"--{flag}=") for word in command) for flag in varied)
    for name, learner in LEARNERS.items():
        gradient = [flag for flag in learner.overrides if flag.startswith("--meta_gradient=")]
        assert len(gradient) == (learner.family == "DiMA-PG")
        for word in ("exact", "first_order"):
            assert not name.startswith(word) or gradient == [f"--meta_gradient={word}"]


def test_crossplay_takes_in_the_variants_that_are_named_beside_it(capsys):
    def players(*names):
        (crossplay,) = [
            c for c in commands(capsys, "standard", *names, "--seeds=1") if "crossplay" in c[2]
        ]
        return {word.split("/")[-2] for word in crossplay if "/seed_" in word}

    alone = players("fig4_3v1")
    assert len(alone) == 7
    assert players("fig4_3v1", "variants") - alone == {
        *("dimapg_reinforce_predator_prey_first_order", "dimapg_reinforce_0.003"),
        *("maddpg", "a3c_kitchensink_predator_prey"),
        *("a3c_kitchensink_minimum", "trpo_kitchensink_minimum"),
    }


def test_experiments_share_their_runs(capsys):
    alone = commands(capsys, "quick", "fig3_n3", "--seeds=1")
    both = commands(capsys, "quick", "table1", "fig3_n3", "--seeds=1")
    assert len({tuple(c) for c in both}) == len(both)
    assert {tuple(c) for c in alone} < {tuple(c) for c in both}
    # Figures 5 and 6 are games of Table 2's policies.
    table, figure = (commands(capsys, "quick", name) for name in ("table2_230", "fig5"))
    assert [c for c in figure if c not in table] == [
        [
            experiments.PYTHON,
            "-m",
            "dimapg_tf.render",
            "runs/quick/survival_230/dimapg_survival_all_data/seed_1",
        ]
    ]


def test_needs_stand_before():
    for mode in MODES:
        seen = set()
        for step in all_steps(mode, EXPERIMENTS):
            assert step.name not in seen
            assert seen.issuperset(step.needs)
            seen.add(step.name)


def test_it_fits_into_the_time():
    """By the plan's own speeds, two jobs on two cores."""

    def hours(mode, names=tuple(PAPER)):
        return sum(expected(step, 2) for step in all_steps(mode, names)) / 3600

    assert hours("standard") < 8
    assert hours("quick", tuple(FIRST_LOOK)) < 6 / 60
    assert hours("quick") < 32 / 60
    assert hours("quick", ["fig3_n3"]) < 5 / 60
    assert hours("paper") > hours("standard")


def test_paper_has_the_papers_numbers():
    """5 runs (Fig. 3); 400,000 episodes, by which the slowest learners converge (5.2.1)."""
    assert {seeds_of("paper", *run) for run in runs_of(PAPER) if "survival" not in run[0]} == {
        (1, 2, 3, 4, 5)
    }
    assert sizes.EVALUATION_EPISODES["paper"] == 100
    for run in runs_of(PAPER):
        size = SIZES[run]
        if run[0].startswith("survival"):
            assert size.paper == size.standard
        else:  # a run with as many episodes as others is none of its own where all have as many
            assert size.paper == (0 if "_short" in run[1] else 400_000)
    assert not any("_short" in step.name for step in all_steps("paper"))
