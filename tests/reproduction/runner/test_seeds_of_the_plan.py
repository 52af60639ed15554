"""Which runs there are, and with how many seeds, by the plan or by the command line."""

from fake_commands import commands

from reproduction.sizes import MODES, seeds_of
from reproduction.steps import runs_of


def test_the_recommended_learner_has_more_seeds_and_survival_fewer():
    assert seeds_of("standard", "predator_prey_3v1", "dimapg_predator_prey") == (1, 2, 3, 4, 5)
    for others in ("dimapg_reinforce_predator_prey", "maddpg"):
        assert seeds_of("standard", "predator_prey_3v1", others) == (1, 2, 3)
    assert seeds_of("standard", "survival_630", "dimapg_survival_630_all_data") == (1, 2)
    of_many_seeds = "cooperative_navigation_3", "trpo_kitchensink_tuned"
    assert [len(seeds_of(mode, *of_many_seeds)) for mode in MODES] == [1, 5, 5]
    assert seeds_of("quick", "predator_prey_3v1", "dimapg_predator_prey") == (1,)


def test_every_run_has_its_own_seeds_unless_they_are_named(capsys):
    def seeds(*arguments):
        found = {}
        for _, _, module, *rest in commands(capsys, *arguments):
            if module.endswith("train"):
                task, learner, seed = rest[-2].split("/")[-3:]
                found.setdefault((task, learner), []).append(seed)
        return found

    own = seeds("standard", "fig4_3v1")
    assert {run: len(found) for run, found in own.items()} == {
        run: len(seeds_of("standard", *run)) for run in runs_of(["fig4_3v1"])
    }
    named = seeds("standard", "fig4_3v1", "--seeds=2 4")
    assert set(map(tuple, named.values())) == {("seed_2", "seed_4")}
    crossplay = commands(capsys, "standard", "fig4_3v1")[-2]
    players = [word for word in crossplay if "/seed_" in word]
    assert len(players) == sum(map(len, own.values()))


def test_some_learners_alone(capsys):
    """Also in the cross-play; where none of them is in a task, nothing of it is run."""
    chosen = commands(
        capsys, "paper", "fig3_n3", "fig4_3v1", "--learners=dimapg_predator_prey", "--seeds=1"
    )
    run = "runs/paper/predator_prey_3v1/dimapg_predator_prey/seed_1"
    modules = [command[2] for command in chosen]
    assert modules == [
        *(f"dimapg_tf.{name}" for name in ("train", "evaluate", "render", "crossplay")),
        "reproduction.report",
    ]
    assert all(run in " ".join(command) for command in chosen[:-1])
    assert sum("/seed_" in word for word in chosen[3]) == 1
    both = commands(capsys, "paper", "fig3_n3", "--learners", "dimapg, dimapg_trpo")
    assert sum(command[2] == "dimapg_tf.train" for command in both) == 10
