"""The environments, as data: flagfile, budget, and what is compared with random play."""

from typing import NamedTuple

# Beside --env_config. Neither discount nor trust region is the default: rewards come late here, and
# few iterations have to do. Short ones learn sooner: one agent of a population leaves theta.
LEARNER = ("--algorithm_config=dimapg", "--gamma=0.95", "--delta=0.05", "--sampled_agents=1")


class Score(NamedTuple):
    """Whose return is compared with that of random play.

    who: as it is shown; population: its name, or "" of everybody; opponent: the population that
    plays at random against the trained one, or "" where everybody is trained.
    """

    who: str
    population: str = ""
    opponent: str = ""


class Foreign(NamedTuple):
    """One environment.

    name: its flagfile in configs/env, and the directory of its runs; title: as it is shown; family:
    the package that has it; episodes: of a training; trajectories: of each rollout; scores: one of
    each population; more: flags of its trainings beside LEARNER.
    """

    name: str
    title: str
    family: str
    episodes: int
    trajectories: int
    scores: tuple[Score, ...]
    more: tuple[str, ...] = ()

    @property
    def flags(self) -> tuple[str, ...]:
        """Of its trainings, but for --env_config, --seed and --logdir."""
        size = (f"--trajectories={self.trajectories}", f"--episodes={self.episodes}")
        return (*LEARNER, *size, *self.more)


FOREIGN = {
    foreign.name: foreign
    for foreign in (
        Foreign(
            "simple_speaker_listener",
            "simple_speaker_listener",
            "mpe2",
            2_000,
            10,
            (Score("a speaker, 3 words, and a listener, 5 moves"),),
        ),
        Foreign(
            "simple_spread_continuous",
            "simple_spread, continuous",
            "mpe2",
            1_500,
            10,
            (Score("3 agents, 5 real numbers"),),
        ),
        Foreign("pursuit", "pursuit", "pettingzoo.sisl", 240, 4, (Score("4 pursuers, 5 moves"),)),
        Foreign(
            "multiwalker",
            "multiwalker",
            "pettingzoo.sisl",
            2_000,
            10,
            (Score("3 walkers, 4 real numbers"),),
        ),
        Foreign(
            "knights_archers_zombies",
            "knights_archers_zombies",
            "pettingzoo.butterfly",
            240,
            4,
            (Score("2 archers and 2 knights, 6 actions"),),
        ),
        Foreign(
            "battle",
            "battle",
            "magent2",
            120,
            4,
            (
                Score("6 red, 21 actions, against random blue", "red", "blue"),
                Score("6 blue, 21 actions, against random red", "blue", "red"),
            ),
            ("--baseline=shared",),  # 845 numbers are observed, and a fit for each agent takes long
        ),
    )
}
