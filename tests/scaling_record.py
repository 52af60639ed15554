"""A record of measured parts whose numbers follow a simple law, for tests of what is made of it."""

COEFFICIENTS = {"a call": 0.01, "world": 2e-4, "pair": 3e-6, "sample": 5e-4}
SIZES = ((10, 8, 2), (30, 8, 2), (100, 8, 2), (300, 8, 2), (100, 8, 4), (100, 32, 2))
FOLLOWERS = 8
WOBBLE = (0.9, 1.0, 1.1)  # of block times


def seconds(agents, sampled, worlds, method):
    """By the law, worlds in multiples of B."""
    samples = worlds * min(agents, sampled + FOLLOWERS)
    found = COEFFICIENTS["a call"] + COEFFICIENTS["sample"] * samples
    if method == "roll_out":
        found += COEFFICIENTS["world"] * worlds * agents + COEFFICIENTS["pair"] * worlds * agents**2
    return found


def case(agents, sampled, block):
    """One population."""
    parts = {}
    for kind, worlds in (("shared", 1), ("block", block)):
        rolled = [w * seconds(agents, sampled, worlds, "roll_out") for w in WOBBLE]
        gradient = [w * seconds(agents, sampled, worlds, "gradient") for w in WOBBLE]
        sizes = {"pack": 0.0, "unpack": 0.0, "sent": 800, "returned": 900}
        both = [a + b for a, b in zip(rolled, gradient)]
        parts[f"gradient, {kind}"] = {"seconds": both, "rolled_out": rolled, **sizes}
        for method in ("product", "value"):
            some = [w * seconds(agents, sampled, worlds, method) for w in WOBBLE]
            parts[f"{method}, {kind}"] = {"seconds": some, **sizes}
    return {
        "case": f"population {agents}, {sampled} sampled, blocks of {block}",
        "num_agents": {"agents": agents},
        "sampled": {"agents": sampled},
        "block_agents": block,
        "followers": FOLLOWERS,
        "trajectories": 5,
        "adaptation_steps": 1,
        "observation_size": 40,
        "parameters": {"agents": 1000},
        "blocks": sampled // block,
        "rounds": {"product": [11, 11], "value": [1, 2]},
        "chief": [0.02, 0.02],
        "parts": parts,
        "first": {name: 3.0 + part["seconds"][1] for name, part in parts.items()},
    }


def record():
    """As `parts` writes it, as far as it is read."""
    sizes = [(0, 0.001), (60_000, 0.0013), (1_000_000, 0.006)]
    echo = [
        {
            "workers": workers,
            "sizes": [
                {
                    "bytes": size,
                    "alone": [2 * s * workers],
                    "among_many": [s * workers],
                    "cpu_among_many": [0.5 * s],
                }
                for size, s in sizes
            ],
            "ask_each": [{"rest": 0.0, "seconds": [0.01], "answered": [workers]}],
        }
        for workers in (1, 2)
    ]
    name = case(*SIZES[0])["case"]
    return {
        "cases": [case(*size) for size in SIZES],
        "sums": [
            {"sums": [{"parts": 8, "seconds": [0.01]}, {"parts": 108, "seconds": [0.03]}]},
        ],
        "cluster": [{"workers": n, "case": name, "seconds": [2.0 / n]} for n in (1, 2)],
        "echo": echo,
    }
