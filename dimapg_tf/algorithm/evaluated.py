"""The policies of a run that an evaluation plays."""

from collections.abc import Mapping

from dimapg_tf.algorithm.dimapg import DiMAPG
from dimapg_tf.algorithm.settings import Settings
from dimapg_tf.envs.base import Env
from dimapg_tf.experiment.policies import theta_and_greedy
from dimapg_tf.rollouts.collect import records_everybody
from dimapg_tf.types import Params


def evaluated_policies(
    env: Env, settings: Settings, run_seed: int, thetas: Mapping[str, Params], seed: int
) -> dict[str, dict[str, Params]]:
    """What an evaluation plays of a run: θ before and after training, its most probable actions,
    and θ_n of every agent, adapted from θ (Table 1, row 2).

    Reading of the paper: all agents play with their own θ_n at once. Where only the sampled agents
    of many are recorded there is no θ_n, nor is there one without adaptation.
    """
    initial = DiMAPG(env, settings, run_seed)
    policies = {
        "theta_initial": {name: initial.theta(name) for name in thetas},
        **theta_and_greedy(env, settings, run_seed, thetas, seed),
    }
    if settings.meta_gradient != "none" and records_everybody(env):
        learner = DiMAPG(env, settings, seed)
        learner.assign(thetas)
        policies["theta_n"] = {name: learner.adapted(name, seed) for name in thetas}
    return policies
