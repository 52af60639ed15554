"""How many seeds each run has, by the plan or by the command line."""

from fake_commands import commands

from reproduction.sizes import seeds_of
from reproduction.steps import runs_of


def test_the_recommended_learner_has_more_seeds_and_survival_fewer():
    assert seeds_of("standard", "predator_prey_3v1", "dimapg_predator_prey") == (1, 2, 3, 4, 5)
    for others in ("dimapg_reinforce_predator_prey", "maddpg"):
        assert seeds_of("standard", "predator_prey_3v1", others) == (1, 2, 3)
    assert seeds_of("standard", "survival_630", "dimapg_survival_630_all_data") == (1, 2)
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
