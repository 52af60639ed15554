"""Pictures of a run: python -m dimapg_tf.render RUN_DIR [--output DIR] [--seed 0]."""

import sys
from pathlib import Path

from dimapg_tf.experiment import console

USAGE = """Draw an episode of a run's policy: an animated GIF and a strip of moments.

  python -m dimapg_tf.render RUN_DIR [--output DIR] [--seed 0]

Writes episode.gif and episode.png into the output directory, by default RUN_DIR. For Cooperative
Navigation, Predator-Prey and Survival; no display is needed."""


def main(argv: list[str]) -> int:
    """Draw from command-line arguments; returns the exit code."""
    from absl import flags

    from dimapg_tf import checks
    from dimapg_tf.experiment import matrix
    from dimapg_tf.experiment.flags import parse
    from dimapg_tf.experiment.policies import load_policy
    from dimapg_tf.types import ConfigurationError

    fv = flags.FlagValues()
    flags.DEFINE_string("output", None, "directory; by default RUN_DIR", flag_values=fv)
    flags.DEFINE_integer("seed", 0, "of the episode; no training seed draws it", flag_values=fv)
    flags.DEFINE_integer("every", 2, "time steps between frames of the GIF", flag_values=fv)
    left = parse(fv, argv, USAGE)
    if left is None:
        return 0
    if len(left) != 1:
        raise ConfigurationError(f"one run directory is needed, {len(left)} were given")
    checks.at_least("seed", fv.seed, 0)
    checks.at_least("every", fv.every, 1)

    policy, title = load_policy(left[0]), matrix.labels(left)[0]
    output = Path(fv.output or left[0])
    draw = draw_game if policy.env.spec.name == "survival" else draw_world
    caption = draw(policy, fv.seed, title, output, fv.every)
    print(f"written: {output / 'episode.gif'}, {output / 'episode.png'}; {caption}")
    return 0


def draw_world(policy, seed: int, title: str, output: Path, every: int) -> str:
    """An episode of a particle world; returns the caption of its end."""
    from dimapg_tf.drawing import pictures
    from dimapg_tf.experiment import recording

    scene = recording.record(policy, seed, title)
    output.mkdir(parents=True, exist_ok=True)
    pictures.write_gif(scene, output / "episode.gif", every)
    pictures.write_strip(scene, output / "episode.png")
    return scene.captions[-1]


def draw_game(policy, seed: int, title: str, output: Path, every: int) -> str:
    """A game of Survival (Fig. 5, 6); returns the caption of its end."""
    from dimapg_tf.drawing import survival
    from dimapg_tf.experiment import survival_recording

    film = survival_recording.record(policy.env, policy.thetas, seed, f"Survival, {title}")
    output.mkdir(parents=True, exist_ok=True)
    survival.write_gif(film, output / "episode.gif", every)
    survival.write_strip(film, output / "episode.png")
    return film.frames[-1].caption


def run() -> int:
    """The console script dimapg-render."""
    return console.run(main)


if __name__ == "__main__":
    sys.exit(run())
