"""The environments, as data: flagfile, budget, and what is compared with random play."""

from typing import NamedTuple

# Beside --env_config. The trust region is not the default, since few iterations have to do. They
# are short: one agent of a population leaves theta.
LEARNER = ("--algorithm_config=dimapg", "--delta=0.05", "--sampled_agents=1")
LATE = "--gamma=0.95"  # where rewards come late; the default, 0.8, is for those that come at once


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
            3_000,
            10,
            (Score("a speaker, 3 words, and a listener, 5 moves"),),
            # With steps of 0.05 one seed of three stayed at -33, where the others came to -17.
            (LATE, "--delta=0.02"),
        ),
        Foreign(
            "simple_push_continuous",
            "simple_push, continuous",
            "mpe2",
            1_500,
            10,
            (
                Score("agent, 5 real numbers, against a random adversary", "agent", "adversary"),
                Score("adversary, 5 real numbers, against a random agent", "adversary", "agent"),
            ),
        ),
        Foreign(
            "pursuit",
            "pursuit",
            "pettingzoo.sisl",
            240,
            4,
            (Score("4 pursuers, 5 moves"),),
            (LATE,),
        ),
        Foreign(
            "multiwalker",
            "multiwalker",
            "pettingzoo.sisl",
            1_200,
            20,
            (Score("3 walkers, 4 real numbers"),),
            # A fall comes late, after some 70 steps.
            ("--delta=0.03", "--gamma=0.99", "--entropy_bonus=0"),
        ),
        Foreign(
            "knights_archers_zombies",
            "knights_archers_zombies",
            "pettingzoo.butterfly",
            800,
            10,
            (Score("2 archers and 2 knights, 6 actions"),),
            (LATE,),
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
            # 845 numbers are observed, and a fit for each agent takes long.
            (LATE, "--baseline=shared"),
        ),
    )
}
