"""What the hyper-parameters of DiMA-PG can be: the choices, and the least of whole numbers."""

META_GRADIENTS = ("exact", "first_order", "none")
SAMPLING_TERMS = ("adapted_return", "adapted_return_all", "advantage", "all_data", "none")
DEVIATIONS = ("isolated", "simultaneous")
BASELINES = ("agent", "shared")
CENTRAL_UPDATES = ("trpo", "reinforce")
OPTIMIZERS = ("sgd", "adam")
CONSOLIDATIONS = ("copy", "project")
POLICIES = ("mlp", "set")
LEAST = {  # of whole numbers
    **dict.fromkeys(("k", "trajectories", "sampled_agents", "baseline_samples"), 1),
    **{"block_agents": 2, "cg_iterations": 1, "fisher_stride": 1, "entity_units": 1},
    **dict.fromkeys(("followers", "baseline_features", "entropy_half_life", "step_half_life"), 0),
}
OR_NONE = ("sampled_agents", "block_agents", "followers", "baseline_samples")
