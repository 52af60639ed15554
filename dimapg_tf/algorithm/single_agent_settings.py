"""The hyper-parameters of the Fine-tune row of Table 1, checked when they are made.

This module does without TensorFlow, so that a command line is read at once.
"""

from dataclasses import dataclass

from dimapg_tf import checks
from dimapg_tf.checks import setting


@dataclass(frozen=True)
class Settings:
    """Hyper-parameters, all of them flags as well; but for `trajectories` those of DiMA-PG."""

    # Not in the paper; as many episodes as an iteration of DiMA-PG takes with 3 agents, B(1 + kN) =
    # 25 (1 + 3 x 3), so that equal numbers of episodes are equal numbers of steps of theta.
    trajectories: int = setting(250, "episodes of an iteration")
    delta: float = setting(0.01, "largest KL divergence of a step of trpo")
    cg_iterations: int = setting(10, "conjugate gradient iterations of trpo")
    cg_damping: float = setting(1e-5, "added to the diagonal of the Fisher matrix")
    fisher_stride: int = setting(10, "Fisher-vector products use every so-many-th time step")
    gamma: float = setting(0.95, "discount (Eq. 1)")
    gae_lambda: float = setting(1.0, "lambda of the advantages; 1 is return minus baseline")
    standardize_advantages: bool = setting(
        True, "to mean 0 and standard deviation 1; otherwise only the baseline"
    )
    hidden: tuple[int, ...] = setting(
        (100, 100), "units of the policy's hidden layers (two of 100 in 5.2)"
    )

    def __post_init__(self):
        checks.at_least("trajectories", self.trajectories, 1)
        checks.positive("delta", self.delta)
        checks.at_least("cg_iterations", self.cg_iterations, 1)
        checks.not_negative("cg_damping", self.cg_damping)
        checks.at_least("fisher_stride", self.fisher_stride, 1)
        checks.between("gamma", self.gamma, 0.0, 1.0)
        checks.between("gae_lambda", self.gae_lambda, 0.0, 1.0)
        for units in self.hidden:
            checks.at_least("hidden", units, 1)
