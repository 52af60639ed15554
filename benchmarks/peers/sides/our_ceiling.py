"""What share of an iteration the policy's matrix products alone would take.

Case: env, algorithm (names of flagfiles), settings, seconds. Sample: {"iteration": seconds,
"products": seconds that the same products take by themselves, one after another, "operations": of
an iteration, "shapes": how many}.

The products are counted once, in the first iteration, not compiled: rollouts then take a step more
than the horizon, which tells the shapes. A sample measures the rate of
each shape of those that are nearly all of the work; the rest is taken to be as fast as their mean.
"""

import time

from benchmarks.peers.sides.serving import serve

MOST = 0.99  # of the operations are measured


def prepare(case: dict):
    """Count, then compile."""
    from dimapg_tf.experiment import console

    console.prepare_tensorflow()
    from benchmarks.peers.sides import products
    from dimapg_tf.experiment.config import load_config

    config = load_config(case["env"], case["algorithm"], **case["settings"])
    env = config.make_env()
    needed = count(config, env)
    learner = config.make_learner(env)
    learner.update(0)
    total = sum(times * product.operations for product, times in needed.items())
    largest, covered = [], 0
    for product in sorted(needed, key=lambda p: -needed[p] * p.operations):
        largest.append(product)
        covered += needed[product] * product.operations
        if covered >= MOST * total:
            break
    done = 1

    def measure() -> dict:
        nonlocal done
        started = time.perf_counter()
        learner.update(done)
        iteration = time.perf_counter() - started
        done += 1
        alone = sum(
            needed[product]
            * product.operations
            / products.operations_per_second(product, case["seconds"])
            for product in largest
        )
        return {
            "iteration": iteration,
            "products": alone * total / covered,
            "operations": total,
            "shapes": len(largest),
        }

    return measure


def count(config, env) -> dict:
    """{product of a policy's layer: how often it is needed in the first iteration}."""
    from unittest import mock

    from benchmarks.peers.sides import products
    from dimapg_tf.rollouts import compiled

    learner = config.make_learner(env)
    layers = [
        tuple(layer.weights.shape.as_list())
        for name in env.spec.populations
        for layer in learner.theta(name)
    ]
    # Products are counted in one thread, so worlds are not played in two halves.
    with mock.patch.object(compiled, "WORTH_SPLITTING", float("inf")), products.counted() as found:
        learner.update(0)
    return {product: n for product, n in found.items() if product.of_layer(layers)}


if __name__ == "__main__":
    serve(prepare)
