"""Cross-play: python -m dimapg_tf.crossplay RUN_DIR... [--episodes 100] [--output DIR]."""

import csv
import io
import json
import sys
from pathlib import Path

from dimapg_tf.experiment import console

USAGE = """Play one population of every run against the other of every run, and scripted ones.

  python -m dimapg_tf.crossplay RUN_DIR... [--episodes 100] [--seed 0] [--output crossplay]
      [--rewards_of RUN_DIR]

All pairs play the same episodes, for the same rewards: those that all runs were trained with or,
where runs differ in them, those of the run that --rewards_of names. Prints a table and writes
crossplay.json, crossplay.csv and a heat map, crossplay.png and crossplay.pdf, into the output
directory."""


def main(argv: list[str]) -> int:
    """Play from command-line arguments; returns the exit code."""
    from absl import flags

    from dimapg_tf import checks
    from dimapg_tf.drawing import heat_map
    from dimapg_tf.experiment import files
    from dimapg_tf.experiment.flags import parse
    from dimapg_tf.experiment.versions import versions
    from dimapg_tf.types import ConfigurationError

    fv = flags.FlagValues()
    flags.DEFINE_integer("episodes", 100, "episodes of each pair", flag_values=fv)
    flags.DEFINE_bool("trust_module", False, "import an environment's module", flag_values=fv)
    flags.DEFINE_integer("seed", 0, "of the episodes; no training seed draws them", flag_values=fv)
    flags.DEFINE_string("output", "crossplay", "directory for what is written", flag_values=fv)
    flags.DEFINE_string("rewards_of", None, "the run whose rewards are paid", flag_values=fv)
    flags.DEFINE_bool("heat_map", True, "draw it, which needs Matplotlib", flag_values=fv)
    left = parse(fv, argv, USAGE)
    if left is None:
        return 0
    if not left:
        raise ConfigurationError("one run directory or more is needed, none was given")
    left = [str(checks.path("run directory", path)) for path in left]
    checks.at_least("episodes", fv.episodes, 1)
    checks.at_least("seed", fv.seed, 0)
    if fv.heat_map:
        heat_map.require_matplotlib()

    console.prepare_tensorflow()
    from dimapg_tf.experiment import matrix
    from dimapg_tf.experiment.policies import load_policy

    paths = dict(zip(matrix.labels(left), left))
    runs = {name: load_policy(path, trust=fv.trust_module) for name, path in paths.items()}
    payer = matrix.whose_rewards(runs, _label(fv.rewards_of, paths))
    env = runs[payer].env
    populations = list(env.spec.populations)
    if len(populations) != 2:
        raise ConfigurationError(
            f"env = {env.spec.name!r}: cross-play needs two populations, it has {len(populations)}"
        )
    players = matrix.contestants(env, runs)
    pairs = matrix.play_all(env, players, fv.seed, fv.episodes)

    rewards = f"in the rewards of {payer}" if fv.rewards_of else "in the rewards of all runs"
    table = matrix.Table(populations, players, pairs, rewards)
    print(f"{table.caption}\n{table.text()}")
    output = Path(fv.output)
    output.mkdir(parents=True, exist_ok=True)
    record = {
        "episodes": fv.episodes,
        "seed": fv.seed,
        "env": {"name": env.spec.name, **env.settings},
        "rewards_of": payer if fv.rewards_of else "all runs",
        "runs": paths,
        "pairs": [{**dict(zip(populations, pair)), **values} for pair, values in pairs.items()],
        "versions": versions(),
    }
    files.write(output / "crossplay.json", json.dumps(record, indent=2) + "\n")
    files.write(output / "crossplay.csv", _csv(record["pairs"]))
    if fv.heat_map:
        title = f"{env.spec.name}: {fv.episodes} episodes a pair"
        heat_map.draw(output / "crossplay", *table.heat_map(title, len(runs)))
    print(f"written to {output}")
    return 0


def _label(path: str | None, paths: dict[str, str]) -> str | None:
    """The short name of this run directory, if it is one of those that play."""
    same = [name for name, other in paths.items() if path and Path(other) == Path(path)]
    return same[0] if same else path


def _csv(pairs: list[dict]) -> str:
    """One line for each pair."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(pairs[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(pairs)
    return text.getvalue()


def run() -> int:
    """The console script dimapg-crossplay."""
    return console.run(main)


if __name__ == "__main__":
    sys.exit(run())
