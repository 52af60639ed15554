"""Pictures of a run: python -m dimapg_tf.render RUN_DIR [--output DIR] [--seed 0]."""

import sys

from dimapg_tf.experiment import console

USAGE = """Draw an episode of a run's policy: an animated GIF and a strip of moments.

  python -m dimapg_tf.render RUN_DIR [--output DIR] [--seed 0] [--num_agents=100 ...]

Writes episode.gif and episode.png into the output directory, by default RUN_DIR. Settings of the
environment, such as --num_agents, say in which other one to play. For Cooperative
Navigation, Predator-Prey and Survival; no display is needed."""


def main(argv: list[str]) -> int:
    """Draw from command-line arguments; returns the exit code."""
    from absl import flags

    from dimapg_tf.experiment import elsewhere
    from dimapg_tf.experiment.flags import given, parse
    from dimapg_tf.experiment.run import Run

    fv = flags.FlagValues()
    flags.DEFINE_string("output", None, "directory; by default RUN_DIR", flag_values=fv)
    flags.DEFINE_bool("trust_module", False, "import an environment's module", flag_values=fv)
    flags.DEFINE_integer("seed", 0, "of the episode; no training seed draws it", flag_values=fv)
    flags.DEFINE_integer("every", 2, "time steps between frames of the GIF", flag_values=fv)
    left = parse(fv, argv, USAGE, others=True)
    if left is None:
        return 0
    path, texts = elsewhere.one_run(left)
    trained = Run(path, trust=fv.trust_module)
    settings = given(trained.config.env, texts)
    pictures = trained.render(fv.output, fv.seed, fv.every, **settings)
    print(f"written: {pictures.gif}, {pictures.strip}; {pictures.caption}")
    return 0


def run() -> int:
    """The console script dimapg-render."""
    return console.run(main)


if __name__ == "__main__":
    sys.exit(run())
