"""How much Eq. 14 differs when the sampled agents deviate in the same worlds (Survival).

  python benchmarks/survival_deviation.py [RUN_DIR] [--sampled_agents=5] [--repeats=8]
      [--output=FILE.json]

Without a run, at the initial policy of 230 agents; with one, at its trained policy. Each repeat
estimates the gradient of `--deviation=isolated` and of `simultaneous` from the same seed, sampled
agents and τ^θ. Printed are the cosines between estimates of the two kinds, of one kind from
different seeds (what noise alone does), and between the means over all repeats.
"""

import dataclasses
import json
import sys
from itertools import combinations, product
from pathlib import Path

from dimapg_tf.experiment import console

STEP = 1e3  # large beside θ, so that nothing is lost in rounding
KINDS = ("isolated", "simultaneous")


def problem(run_dir: str | None):
    """(environment, settings, {population: θ}) of a run, or of the committed flagfiles."""
    from dimapg_tf.experiment.config import load_config
    from dimapg_tf.experiment.run import Run

    if run_dir is not None:
        run = Run(run_dir)
        trained = run.load_policy()
        return trained.env, run.config.settings, trained.thetas
    config = load_config("survival_230", "dimapg_survival")
    env, settings = config.make_env(), config.settings
    learner = config.make_learner(env)
    return env, settings, {name: learner.theta(name) for name in env.spec.populations}


def gradients(env, settings, thetas, repeats: int) -> dict:
    """{kind: an estimate of Eq. 14 for each repeat, as flat vectors}.

    A plain step of length `STEP` times the gradient is taken, read off, and taken back.
    """
    from dimapg_tf import trpo
    from dimapg_tf.algorithm.dimapg import DiMAPG

    (name,) = thetas
    plain = {"central_update": "reinforce", "optimizer": "sgd", "epsilon": STEP}
    found = {kind: [] for kind in KINDS}
    for kind in KINDS:
        learner = DiMAPG(env, dataclasses.replace(settings, deviation=kind, **plain), seed=1)
        for iteration in range(repeats):
            learner.assign(thetas)
            learner.update(iteration)
            moved = trpo.flatten(learner.theta(name)) - trpo.flatten(thetas[name])
            found[kind].append(moved.numpy() / STEP)
    return found


def cosines(found: dict) -> dict[str, float]:
    """Means of the cosines between estimates, by what is compared."""
    import numpy as np

    def cosine(a, b):
        return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))

    one, other = (found[kind] for kind in KINDS)
    different = [(a, b) for (i, a), (j, b) in product(enumerate(one), enumerate(other)) if i != j]
    return {
        "same_seed": float(np.mean([cosine(a, b) for a, b in zip(one, other)])),
        "different_seeds": float(np.mean([cosine(a, b) for a, b in different])),
        "isolated_from_different_seeds": float(
            np.mean([cosine(a, b) for a, b in combinations(one, 2)])
        ),
        "simultaneous_from_different_seeds": float(
            np.mean([cosine(a, b) for a, b in combinations(other, 2)])
        ),
        "means": cosine(np.mean(one, axis=0), np.mean(other, axis=0)),
    }


def main(argv: list[str]) -> int:
    """Measure and print; returns the exit code."""
    from absl import flags

    from dimapg_tf.experiment import files
    from dimapg_tf.experiment.flags import parse
    from dimapg_tf.experiment.versions import versions

    fv = flags.FlagValues()
    flags.DEFINE_integer("sampled_agents", 5, "N", flag_values=fv)
    flags.DEFINE_integer("repeats", 8, "estimates of each kind", flag_values=fv)
    flags.DEFINE_string("output", None, "JSON file for the record", flag_values=fv)
    left = parse(fv, argv, __doc__)
    if left is None:
        return 0
    console.prepare_tensorflow()
    env, settings, thetas = problem(left[0] if left else None)
    # The entropy bonus is the same in both kinds and would only make them look alike.
    settings = dataclasses.replace(settings, sampled_agents=fv.sampled_agents, entropy_bonus=0.0)
    found = cosines(gradients(env, settings, thetas, fv.repeats))
    for name, value in found.items():
        print(f"cosine, {name.replace('_', ' ')}: {value:.3f}")
    record = {
        "num_agents": env.settings["num_agents"],
        "sampled_agents": fv.sampled_agents,
        "trajectories": settings.trajectories,
        "repeats": fv.repeats,
        "policy": "trained" if left else "initial",
        "cosines": found,
        "versions": versions(),
    }
    if fv.output:
        files.write(Path(fv.output), json.dumps(record, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(console.run(main))
