"""What runs of DiMA-PG from before a flag did: see `experiment.run_configuration`."""

from collections.abc import Mapping

Flags = Mapping[str, str]


def sampled_agents(flags: Flags) -> Flags:
    """Schema 1 has no line for a flag without a value: everybody is sampled."""
    return {"sampled_agents": "none", **flags}


def others_term(flags: Flags) -> Flags:
    """The first runs of schema 1 have Eq. 14 as printed, without the scores of the others."""
    return {"others_term": "false", **flags}


def consolidation(flags: Flags) -> Flags:
    """The first runs of schema 1 follow Algorithm 1: theta_n starts as a copy of theta."""
    return {"consolidation": "copy", **flags}


def deviation(flags: Flags) -> Flags:
    """In schema 1, before games: in each world of Eq. 8 one agent alone leaves theta."""
    return {"deviation": "isolated", **flags}


def baseline(flags: Flags) -> Flags:
    """In schema 1, before games: the value baseline was fitted for each agent."""
    return {"baseline": "agent", **flags}


def entropy_half_life(flags: Flags) -> Flags:
    """In schema 1, before the bonus could fade, it stayed."""
    return {"entropy_half_life": "0", **flags}


def rllab_baseline(flags: Flags) -> Flags:
    """Up to schema 4, before random features: rllab's, fitted to all samples."""
    return {"baseline_features": "0", "baseline_samples": "none", **flags}


def steps_stay(flags: Flags) -> Flags:
    """Up to schema 6 the steps of the central update did not shrink."""
    return {"step_half_life": "0", **flags}


def one_block(flags: Flags) -> Flags:
    """Up to schema 8 all sampled agents were worked on together."""
    return {"block_agents": "none", **flags}


def everybody_followed(flags: Flags) -> Flags:
    """Up to schema 10 all who follow θ were looked at."""
    return {"followers": "none", **flags}


def perceptron(flags: Flags) -> Flags:
    """Up to schema 12 all policies were multilayer perceptrons."""
    return {"policy": "mlp", "entity_units": "16", **flags}


DIMAPG = {
    1: (sampled_agents, others_term, consolidation, deviation, baseline, entropy_half_life),
    4: (rllab_baseline,),
    6: (steps_stay,),
    8: (one_block,),
    10: (everybody_followed,),
    12: (perceptron,),
}
