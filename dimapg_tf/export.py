"""A policy for other programs: python -m dimapg_tf.export RUN_DIR OUTPUT [--onnx]."""

import sys
from pathlib import Path

from dimapg_tf.experiment import console

USAGE = """Export the policies of a run as TensorFlow SavedModels.

  python -m dimapg_tf.export RUN_DIR OUTPUT [--onnx]

Signatures: act (observations, noise), act_greedy and logits (observations). Of several populations
OUTPUT has a directory for each. With --onnx each signature is also written as an .onnx file, which
needs the extra `onnx`."""


def main(argv: list[str]) -> int:
    """Export from command-line arguments; returns the exit code."""
    from absl import flags

    from dimapg_tf.experiment.flags import parse
    from dimapg_tf.experiment.run import Run
    from dimapg_tf.types import ConfigurationError

    fv = flags.FlagValues()
    flags.DEFINE_bool("onnx", False, "write ONNX files as well", flag_values=fv)
    flags.DEFINE_bool("trust_module", False, "import an environment's module", flag_values=fv)
    left = parse(fv, argv, USAGE)
    if left is None:
        return 0
    if len(left) != 2:
        raise ConfigurationError(f"a run and an output are needed, {len(left)} were given")
    run = Run(left[0], trust=fv.trust_module)
    trained = run.load_policy()
    from dimapg_tf.experiment.exporting import export

    for directory in export(trained, run.directory.path, Path(left[1]), fv.onnx):
        print(f"written: {directory}")
    return 0


def run() -> int:
    """The console script dimapg-export."""
    return console.run(main)


if __name__ == "__main__":
    sys.exit(run())
