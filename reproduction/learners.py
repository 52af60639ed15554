"""The learners: which family each run directory belongs to, and the flags that it trains with.

The name of a run directory says nothing by itself: family, variant and flags follow from its entry
here. A variant names every flag that it varies, so that it stays what it is when a flagfile
changes.
"""

from typing import NamedTuple

DIMAPG, MADDPG, A3C, TRPO, FINE_TUNE = FAMILIES = (
    *("DiMA-PG", "MADDPG", "A3C-Kitchensink", "TRPO-Kitchensink", "Fine tune"),
)
# The module that trains a family.
MODULES = {
    DIMAPG: "dimapg_tf.train",
    MADDPG: "baselines.maddpg.train",
    A3C: "baselines.a3c_kitchensink.train",
    TRPO: "baselines.trpo_kitchensink.train",
    FINE_TUNE: "dimapg_tf.fine_tune",
}


class Learner(NamedTuple):
    """What is trained in the run directories of one name.

    directory: that name; family: one of FAMILIES, or for a directory that is not in the plan its
    name in words; variant: what sets it apart in its family, "" for the default; flagfile: its
    name in configs/algorithm; overrides: flags beside those of the flagfile; workers: processes
    that share out its blocks, 0: it trains in one.
    """

    directory: str
    family: str
    variant: str = ""
    flagfile: str = ""
    overrides: tuple[str, ...] = ()
    workers: int = 0

    @property
    def title(self) -> str:
        """The name to show: "DiMA-PG (exact)"."""
        return f"{self.family} ({self.variant})" if self.variant else self.family


_A3C, _TRPO = "a3c_kitchensink", "trpo_kitchensink"
FIRST_ORDER, EXACT = "--meta_gradient=first_order", "--meta_gradient=exact"
_REINFORCE, _PURSUIT, _SURVIVAL = (
    *("dimapg_reinforce_predator_prey", "dimapg_predator_prey", "dimapg_survival"),
)

# The defaults of the families, of which a task has one each. Of DiMA-PG they are what we recommend.
_DEFAULTS = (
    Learner("dimapg", DIMAPG, "", "dimapg", (EXACT,)),
    *(Learner(name, DIMAPG, "", name, (EXACT,)) for name in ("dimapg_set", "dimapg_crowd")),
    Learner(_PURSUIT, DIMAPG, "", _PURSUIT, (EXACT,)),
    *(
        Learner(f"{name}_all_data", DIMAPG, "", f"{name}_all_data", (EXACT,))
        for name in (_SURVIVAL, f"{_SURVIVAL}_630")
    ),
    *(Learner(name, MADDPG, "", name) for name in ("maddpg_tuned", "maddpg_tuned_predator_prey")),
    *(Learner(name, A3C, "", name) for name in (f"{_A3C}_tuned", f"{_A3C}_tuned_predator_prey")),
    Learner(f"{_TRPO}_tuned", TRPO, "", f"{_TRPO}_tuned"),
    Learner(f"{_TRPO}_predator_prey", TRPO, "", f"{_TRPO}_predator_prey"),
    # The minimum over 10 agents says little about any of them.
    Learner(f"{_A3C}_tuned_mean", A3C, "", f"{_A3C}_tuned", ("--joint_reward=mean",)),
    Learner(f"{_TRPO}_tuned_mean", TRPO, "", f"{_TRPO}_tuned", ("--joint_reward=mean",)),
    Learner("fine_tune", FINE_TUNE, "", "fine_tune"),
)
# The paper's estimator, batches and number of adaptation steps, and where it has it, REINFORCE.
_LETTER = tuple(
    Learner(name, DIMAPG, "to the letter", name, (EXACT,))
    for name in (*("dimapg_trpo", _REINFORCE, f"{_REINFORCE}_12v4", _SURVIVAL, f"{_SURVIVAL}_630"),)
)
LETTER = tuple(learner.directory for learner in _LETTER)
_VARIANTS = (
    *(
        Learner(f"{name}_first_order", DIMAPG, "to the letter, first order", name, (FIRST_ORDER,))
        for name in ("dimapg_trpo", _REINFORCE, f"{_REINFORCE}_12v4")
    ),
    Learner("dimapg_perceptron", DIMAPG, "perceptron", "dimapg", (EXACT,)),
    Learner("dimapg_set_first_order", DIMAPG, "first order", "dimapg_set", (FIRST_ORDER,)),
    # The default has as many minutes as MADDPG, these have as many episodes as others.
    Learner(f"{_PURSUIT}_short", DIMAPG, "episodes of MADDPG", _PURSUIT, (EXACT,)),
    Learner(f"{_PURSUIT}_shorter", DIMAPG, "episodes of TRPO-Kitchensink", _PURSUIT, (EXACT,)),
    Learner(
        f"{_PURSUIT}_random_features",
        DIMAPG,
        "random features",
        _PURSUIT,
        (EXACT, "--baseline_features=128", "--baseline_samples=1000", "--hidden=100,100"),
    ),
    Learner(
        "dimapg_by_workers",
        DIMAPG,
        "perceptron, everybody, in blocks by two workers",
        "dimapg",
        (EXACT, "--sampled_agents=none", "--block_agents=2"),
        workers=2,
    ),
    # As many episodes an iteration, and so as many updates, as with the meta-gradient.
    Learner(
        "dimapg_set_plain",
        DIMAPG,
        "plain parameter sharing",
        "dimapg_set",
        ("--meta_gradient=none", "--trajectories=15"),
    ),
    Learner(
        "dimapg_reinforce_0.003",
        DIMAPG,
        "ε = 0.003",
        _REINFORCE,
        (FIRST_ORDER, "--epsilon=0.003", "--entropy_bonus=0.01"),
    ),
    Learner(
        f"{_REINFORCE}_everybody",
        DIMAPG,
        "everybody",
        f"{_REINFORCE}_12v4",
        (FIRST_ORDER, "--sampled_agents=none"),
    ),
    Learner(
        f"{_SURVIVAL}_constant_bonus",
        DIMAPG,
        "constant bonus",
        _SURVIVAL,
        (EXACT, "--entropy_half_life=0"),
    ),
    Learner(
        f"{_SURVIVAL}_25_sampled",
        DIMAPG,
        "25 sampled",
        f"{_SURVIVAL}_630",
        (EXACT, "--sampled_agents=25"),
    ),
    Learner("maddpg", MADDPG, "authors' values", "maddpg"),
    Learner("maddpg_pooled", MADDPG, "pooled critic", "maddpg_pooled"),
    *(Learner(name, A3C, "paper's values", name) for name in (_A3C, f"{_A3C}_predator_prey")),
    Learner(_TRPO, TRPO, "δ = 0.03", _TRPO),
    Learner(
        "a3c_kitchensink_synchronous",
        A3C,
        "synchronous",
        "a3c_kitchensink",
        ("--synchronous=true",),
    ),
    Learner(
        "a3c_kitchensink_minimum",
        A3C,
        "minimum",
        "a3c_kitchensink_predator_prey",
        ("--joint_reward=minimum", "--reward_scale=0.1"),
    ),
    Learner(
        "trpo_kitchensink_minimum",
        TRPO,
        "minimum",
        "trpo_kitchensink_predator_prey",
        ("--joint_reward=minimum",),
    ),
)


def _ablated(
    directory: str,
    gradient: str,
    term: str,
    alpha: str = "0.01",
    others: bool = False,
    consolidation: str = "copy",
) -> Learner:
    """One variant of the ablation: all of them name all six flags that it varies."""
    title_parts = [_GRADIENTS[gradient]]
    if gradient != "none":
        title_parts.append("no sampling term" if term == "none" else term.replace("_", " "))
    title_parts += ["others' scores"] * others + [consolidation] * (consolidation != "copy")
    title_parts += [f"α = {alpha}"] * (alpha != "0.01")
    overrides = (
        *(f"--meta_gradient={gradient}", f"--sampling_term={term}"),
        *(f"--others_term={str(others).lower()}", f"--consolidation={consolidation}"),
        *(f"--alpha_1={alpha}", f"--alpha_2={alpha}"),
    )
    return Learner(directory, DIMAPG, ", ".join(title_parts), "dimapg_trpo", overrides)


_GRADIENTS = {"exact": "exact", "first_order": "first order", "none": "plain parameter sharing"}
_ABLATED = (
    _ablated("exact_advantage", "exact", "advantage"),
    _ablated("first_order_advantage", "first_order", "advantage"),
    _ablated("plain", "none", "advantage"),
    _ablated("exact_none", "exact", "none"),
    _ablated("exact_adapted_return", "exact", "adapted_return"),
    _ablated("exact_adapted_return_all_others", "exact", "adapted_return_all", others=True),
    _ablated("first_order_none", "first_order", "none"),
    _ablated("first_order_adapted_return", "first_order", "adapted_return"),
    _ablated("exact_none_others", "exact", "none", others=True),
    _ablated("plain_others", "none", "advantage", others=True),
    _ablated("exact_adapted_return_all", "exact", "adapted_return_all"),
    _ablated("exact_advantage_project", "exact", "advantage", consolidation="project"),
    _ablated("exact_advantage_alpha_0.1", "exact", "advantage", "0.1"),
    _ablated("first_order_advantage_alpha_0.1", "first_order", "advantage", "0.1"),
    _ablated("exact_advantage_alpha_1", "exact", "advantage", "1"),
    _ablated("first_order_advantage_alpha_1", "first_order", "advantage", "1"),
    _ablated("exact_none_alpha_0.1", "exact", "none", "0.1"),
    _ablated("first_order_none_alpha_0.1", "first_order", "none", "0.1"),
    _ablated("exact_none_alpha_1", "exact", "none", "1"),
    _ablated("first_order_none_alpha_1", "first_order", "none", "1"),
)
ABLATED = tuple(learner.directory for learner in _ABLATED)
LEARNERS = {learner.directory: learner for learner in (*_DEFAULTS, *_LETTER, *_VARIANTS, *_ABLATED)}

# Flags beside the flagfiles', by the family. MADDPG's checkpoints hold its replay, 100 MB and more.
OVERRIDES = {MADDPG: ("--checkpoint_every=50",)}
# Shorter iterations, so that there are a few of them.
QUICK_OVERRIDES = {
    MADDPG: ("--rollouts=1", "--learning_starts=4000"),
    A3C: ("--worlds=8",),
    TRPO: ("--trajectories=8", "--fisher_trajectories=4"),
}
