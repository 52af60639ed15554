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

CONFIGS = Path(__file__).parents[1] / "configs"
STEP = 1e3  # large beside θ, so that nothing is lost in rounding
KINDS = ("isolated", "simultaneous")


def problem(run_dir: str | None):
    """(environment, settings, {population: θ}) of a run, or of the committed flagfiles."""
    from absl import flags

    from dimapg_tf.algorithm.dimapg import DiMAPG
    from dimapg_tf.algorithm.settings import Settings
    from dimapg_tf.envs import make_env
    from dimapg_tf.experiment import flags as run_flags
    from dimapg_tf.experiment.policies import load_policy
    from dimapg_tf.experiment.run_directory import RunDirectory

    if run_dir is not None:
        trained = load_policy(run_dir)
        settings = run_flags.settings_of_run(Settings, RunDirectory(run_dir).flags)
        return trained.env, settings, trained.thetas
    fv = flags.FlagValues()
    run_flags.define_environment(fv)
    run_flags.define_settings(Settings, fv)
    files = (CONFIGS / "env/survival_230.flags", CONFIGS / "algorithm/dimapg_survival.flags")
    fv(["", *(f"--flagfile={path}" for path in files)])
    env = make_env(fv.env, **run_flags.environment_settings(fv))
    settings = run_flags.make_settings(Settings, fv)
    learner = DiMAPG(env, settings, seed=1)
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

    from dimapg_tf.experiment.flags import parse
    from dimapg_tf.experiment.run_directory import versions, write_atomically

    fv = flags.FlagValues()
    flags.DEFINE_integer("sampled_agents", 5, "N", flag_values=fv)
    flags.DEFINE_integer("repeats", 8, "estimates of each kind", flag_values=fv)
    flags.DEFINE_string("output", None, "JSON file for the record", flag_values=fv)
    left = parse(fv, argv, __doc__)
    if left is None:
        return 0
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
        write_atomically(Path(fv.output), json.dumps(record, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(console.run(main))
