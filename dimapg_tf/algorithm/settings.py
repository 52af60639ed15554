"""The hyper-parameters of DiMA-PG, checked when they are made.

This module does without TensorFlow, so that a command line is read at once.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dimapg_tf import checks
from dimapg_tf.algorithm import choices
from dimapg_tf.algorithm.fading import faded
from dimapg_tf.algorithm.partition import block_sizes
from dimapg_tf.checks import setting
from dimapg_tf.types import ConfigurationError, EnvSpec

if TYPE_CHECKING:
    import tensorflow as tf

    from dimapg_tf.algorithm.meta_gradient import Estimator
    from dimapg_tf.algorithm.value_baseline import Fit


@dataclass(frozen=True)
class Settings:
    """Hyper-parameters of DiMA-PG, all of them flags as well.

    The defaults are what is recommended, with the source of each; configs/algorithm has variants.
    """

    # Not App. C.2's k = 3 and B = 25, with which an iteration is 250 episodes for 3 agents and 775
    # for 10. Short iterations learn from far fewer episodes (docs/trials.md).
    k: int = setting(1, "adaptation steps (Eq. 10; 3 in App. C.2)")
    trajectories: int = setting(5, "B, the episodes of each rollout (25 in App. C.2)")
    # Algorithm 1 samples N agents (line 2); the paper does not say how many. With two, an iteration
    # is short, and all_data looks at everybody in any case.
    sampled_agents: int | None = setting(
        2, "N of Algorithm 1, line 2, in each population; of a smaller one, and with none, all"
    )
    # Not in the paper. What is learned depends on it, so it never follows from the machines.
    block_agents: int | None = setting(
        None,
        "sampled agents are worked on in blocks of at least so many, each with a baseline and "
        "advantages of its own, which processes can share out; none: all together",
    )
    # Not in the paper. In a large population a part of those who follow theta says as much.
    followers: int | None = setting(
        None,
        "who follow theta and are looked at beside the sampled agents, so many of each population, "
        "drawn anew in each iteration, whose cost then grows by the worlds' steps alone; none: all",
    )
    # Eq. 8: agent n alone leaves theta.
    deviation: str = setting(
        "isolated",
        "isolated: in each of the worlds of Eq. 8 one sampled agent follows its theta_n; "
        "simultaneous: all of them do in the same worlds, N times fewer, which is the same where "
        "they do not meet",
    )
    alpha_1: float = setting(
        0.01, "step size of the first adaptation step (Eq. 9; 0.01 in App. C.2)"
    )
    alpha_2: float = setting(
        0.01, "step size of the other adaptation steps (Eq. 10; 0.01 in App. C.2)"
    )
    # Eq. 14 goes through the adaptation; the paper approximates its second derivatives (sec. 6). At
    # alpha = 0.01 first_order learns as much from 20,000 episodes at N = 3, in 60 % of the time an
    # iteration; after 50,000 it is not settled (docs/gradient.md).
    meta_gradient: str = setting(
        "exact",
        "how Eq. 14 differentiates theta_n: exact, by nested tapes through the k steps; "
        "first_order; or none, which is plain parameter sharing: it spends the same number of "
        "episodes on joint rollouts of everybody",
    )
    # Not Eq. 14 as printed, which is adapted_return: in all rollouts but the first it looks at one
    # agent's data, 2 / (1 + k N) of all in the end. N = 3 learns far less then (docs/gradient.md).
    sampling_term: str = setting(
        "all_data",
        "the second term of Eq. 14: adapted_return, as printed; adapted_return_all, which adds the "
        "data of adaptation steps 2 to k; advantage, which weights it with the advantage on "
        "tau^theta itself; all_data, one mean over every sample of everybody in every rollout, "
        "each with its own advantage; or none",
    )
    # Not in Eq. 14. The gradient of Eq. 13 needs it, but it takes the rollouts of all agents, and
    # N times the samples (docs/gradient.md).
    others_term: bool = setting(
        False, "add the scores of the other agents, which Eq. 14 leaves out, to every term"
    )
    consolidation: str = setting(
        "copy",
        "how theta_n become theta (section 4): copy, as in Algorithm 1, or project, their mean "
        "with theta",
    )
    # The paper has none. Short iterations lose their entropy early without it; it fades, because a
    # policy that rests on its goals has little (docs/trials.md).
    entropy_bonus: float = setting(0.02, "weight of the policy's entropy; the paper has none")
    entropy_half_life: int = setting(
        200,
        "iterations after which entropy_bonus has fallen to a half, again and again; 0: it stays",
    )
    # The paper's choice for Cooperative Navigation; for the others it is reinforce (5.2).
    central_update: str = setting("trpo", "Eq. 11 by trpo or reinforce")
    # The paper takes plain steps of 0.05 (App. C.2); see dimapg_reinforce.flags.
    optimizer: str = setting("adam", "of reinforce: sgd (Eq. 11 to the letter) or adam")
    epsilon: float = setting(0.05, "step size of reinforce (Eq. 11; 0.05 in App. C.2)")
    # Not in the paper. Few episodes an iteration learn fast at first, and later their noise moves
    # theta as much as what they say; shorter steps average over more iterations. Nothing is
    # compiled anew, as a growing batch would need.
    step_half_life: int = setting(
        1000,
        "iterations after which delta of trpo, or epsilon of reinforce, has fallen to a half, "
        "again and again; 0: it stays",
    )
    # Not in the paper; rllab's defaults, on which the paper's experiments stand (5.2).
    delta: float = setting(0.01, "largest KL divergence of a step of trpo; 0.01 in rllab")
    cg_iterations: int = setting(10, "conjugate gradient iterations of trpo; 10 in rllab")
    # Not rllab's: a Fisher matrix of few episodes says nothing about most directions.
    cg_damping: float = setting(1e-3, "added to the diagonal of the Fisher matrix; 1e-5 in rllab")
    # Not in the paper: every 10th step is enough for the curvature, and ten times cheaper.
    fisher_stride: int = setting(10, "Fisher-vector products use every so-many-th time step")
    # Neither is in the paper; docs/trials.md has the trials. Where rewards tell at once how well
    # an agent stands, what comes long after an action is noise.
    gamma: float = setting(0.8, "discount (Eq. 1); 0.99 in rllab")
    gae_lambda: float = setting(
        0.95, "lambda of the advantages; 1, rllab's default, is return minus baseline"
    )
    # Not in the paper; rllab's default (center_adv).
    standardize_advantages: bool = setting(
        True,
        "to mean 0 and standard deviation 1, for each agent or, with baseline = shared, for all "
        "sampled agents together; otherwise only the baseline",
    )
    # App. C.2: a linear feature baseline "for all agents"; read as one fit for each agent.
    baseline: str = setting(
        "agent", "linear value baseline: one for each agent, or one shared by all sampled agents"
    )
    # Not in the paper, whose features are rllab's alone. With these, an advantage says less about
    # luck and more about the action (docs/trials.md has the trials).
    baseline_features: int = setting(
        128, "random ReLU features in the value baseline, beside rllab's; 0 in App. C.2"
    )
    # Not in the paper. A thousand are as good as all of them, and the fit is what costs time.
    baseline_samples: int | None = setting(
        1000, "samples of an agent, at least, that the value baseline is fitted to; none: all"
    )
    hidden: tuple[int, ...] = setting(
        (100, 100), "units of the policy's hidden layers (two of 100 in 5.2)"
    )
    # Not in the paper. The policy itself finds out which goal or which agent matters
    # (docs/trials.md).
    policy: str = setting(
        "mlp",
        "mlp, the paper's (App. C.2), of all that is observed; or set, whose first layer attends "
        "to what is observed thing by thing, where observed_neighbours says what that is",
    )
    entity_units: int = setting(16, "units that policy=set has for each thing")

    def __post_init__(self):
        for name, least in choices.LEAST.items():
            if getattr(self, name) is not None or name not in choices.OR_NONE:
                checks.at_least(name, getattr(self, name), least)
        if self.followers is not None and self.others_term:
            raise ConfigurationError(f"followers = {self.followers}: must be none with others_term")
        if self.block_agents is not None:
            for name, value in (("meta_gradient", "none"), ("consolidation", "project")):
                if getattr(self, name) == value:
                    raise ConfigurationError(f"block_agents: must be none with {name} = {value!r}")
        checks.one_of("policy", self.policy, choices.POLICIES)
        checks.one_of("deviation", self.deviation, choices.DEVIATIONS)
        if self.others_term and self.deviation == "simultaneous":
            what = "the others must follow theta, so deviation must be 'isolated'"
            raise ConfigurationError(f"others_term = True: {what}")
        checks.one_of("baseline", self.baseline, choices.BASELINES)
        checks.not_negative("alpha_1", self.alpha_1)
        checks.not_negative("alpha_2", self.alpha_2)
        checks.one_of("meta_gradient", self.meta_gradient, choices.META_GRADIENTS)
        checks.one_of("sampling_term", self.sampling_term, choices.SAMPLING_TERMS)
        if self.all_data and self.others_term:
            what = "has everybody's samples already; others_term = True needs another one"
            raise ConfigurationError(f"sampling_term = 'all_data': {what}")
        checks.one_of("consolidation", self.consolidation, choices.CONSOLIDATIONS)
        if self.meta_gradient == "none" and self.consolidation == "project":
            what = "meta_gradient = 'none' adapts no policies to average"
            raise ConfigurationError(f"consolidation = 'project': {what}")
        checks.not_negative("entropy_bonus", self.entropy_bonus)
        checks.one_of("central_update", self.central_update, choices.CENTRAL_UPDATES)
        checks.one_of("optimizer", self.optimizer, choices.OPTIMIZERS)
        checks.not_negative("epsilon", self.epsilon)
        checks.positive("delta", self.delta)
        checks.not_negative("cg_damping", self.cg_damping)
        checks.between("gamma", self.gamma, 0.0, 1.0)
        checks.between("gae_lambda", self.gae_lambda, 0.0, 1.0)
        for units in self.hidden:
            checks.at_least("hidden", units, 1)

    @property
    def all_data(self) -> bool:
        """Whether every sample counts. In plain parameter sharing they do in any case."""
        return self.sampling_term == "all_data" and self.meta_gradient != "none"

    @property
    def fit(self) -> "Fit":
        """How the value baseline is fitted."""
        from dimapg_tf.algorithm.value_baseline import Fit

        return Fit(self.baseline == "shared", self.baseline_features, self.baseline_samples)

    @property
    def alphas(self) -> tuple[float, ...]:
        """The step size of each of the k adaptation steps."""
        return (self.alpha_1, *[self.alpha_2] * (self.k - 1))

    def estimator(self, entropy_bonus: "tf.Tensor | float | None" = None) -> "Estimator":
        """What `meta_gradient` has to know; entropy_bonus: that of the iteration."""
        from dimapg_tf.algorithm.meta_gradient import Estimator

        bonus = entropy_bonus if self.entropy_bonus else None
        return Estimator(self.alphas, self.meta_gradient, self.sampling_term, bonus)

    def entropy_bonus_at(self, iteration: int) -> float:
        """The weight of the entropy in this iteration; the first is 0, as `loop.train` counts."""
        return faded(self.entropy_bonus, self.entropy_half_life, iteration)

    def delta_at(self, iteration: int) -> float:
        """The largest KL divergence of this iteration's step of trpo."""
        return faded(self.delta, self.step_half_life, iteration)

    def epsilon_at(self, iteration: int) -> float:
        """The step size of reinforce in this iteration."""
        return faded(self.epsilon, self.step_half_life, iteration)

    def sampled(self, spec: EnvSpec) -> dict[str, int]:
        """N for each population: everybody where it is smaller than `sampled_agents`."""
        return {
            name: min(self.sampled_agents or population.num_agents, population.num_agents)
            for name, population in spec.populations.items()
        }

    def episodes_per_iteration(self, spec: EnvSpec) -> int:
        """B joint episodes, and B for each of the k adaptation steps of each sampled agent.

        Agents of a population, or of a block, who deviate simultaneously share theirs.
        """
        deviating = self.sampled(spec).values()
        if self.deviation == "simultaneous":
            deviating = [len(block_sizes(count, self.block_agents)) for count in deviating]
        return self.trajectories * (1 + self.k * sum(deviating))
