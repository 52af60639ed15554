"""The simulated scheduler against cases with one answer, and the closed form."""

from itertools import pairwise

import numpy as np
import pytest

from benchmarks.scaling import model
from benchmarks.scaling.faults import Faults
from benchmarks.scaling.model import Block, Load, Wires
from benchmarks.scaling.simulation import Simulation

FREE = Wires()
SHARED, BLOCK = Block(0.5, 0.0, 0.25, 0.125), Block(1.5, 0.5, 0.25, 0.125)
LOAD = Load(24, BLOCK, SHARED, values=2, products=11, chief=0.75)
REINFORCE = LOAD._replace(values=0, products=0)
DEAR = Wires(call=0.01, second_per_byte=1e-6, latency=0.001)
HEAVY = LOAD._replace(theta=1000.0, again_bytes=10.0, returned=(2000.0, 1000.0))
DYING = Faults(between=40.0, restart=3.0, compile=2.0)


def simulated(load, workers, wires=FREE, iterations=3, **more):
    return Simulation(load, wires, workers, **more).run(iterations)


@pytest.mark.parametrize("workers", [1, 2, 3, 4, 6, 8, 12, 24])
@pytest.mark.parametrize("load", [LOAD, REINFORCE], ids=["trpo", "reinforce"])
def test_equal_blocks_are_the_closed_form(load, workers):
    expected = model.seconds(load, FREE, workers).total
    np.testing.assert_allclose(simulated(load, workers).seconds, expected)


def test_the_closed_form_by_hand():
    """τ^θ, six blocks of 2 s each; products and trials of six blocks; the chief."""
    found = model.seconds(LOAD, FREE, 4)
    np.testing.assert_allclose(found, (0.5 + 6 * 2, 11 * 6 * 0.125 + 2 * 6 * 0.25, 0.75))


def test_products_of_the_shared_rollouts_ask_nobody():
    load = LOAD._replace(block=BLOCK._replace(product=0.0), shared=SHARED._replace(product=0.004))
    found = (
        model.seconds(load, DEAR, 4).trust_region
        - model.seconds(load._replace(products=0), DEAR, 4).trust_region
    )
    np.testing.assert_allclose(found, 11 * 0.004)
    without = simulated(load._replace(products=0), 4, DEAR).seconds
    np.testing.assert_allclose(np.subtract(simulated(load, 4, DEAR).seconds, without), 11 * 0.004)


@pytest.mark.parametrize(("late", "longest"), [(0.0, 2.0), (3.0, 3.0)])
def test_the_limit_by_hand(late, longest):
    """τ^θ, then its gradient or a block, whichever is longer; of a round, one key."""
    load = LOAD._replace(shared=Block(0.5, late, 1.0, 0.125))
    expected = 0.5 + longest + 2 * 1.0 + 11 * 0.125 + 0.75
    np.testing.assert_allclose(model.limit(load, FREE), expected)
    np.testing.assert_allclose(model.seconds(load, FREE, 1000).total, expected)


@pytest.mark.parametrize("workers", [1, 2, 5, 7, 24, 40])
@pytest.mark.parametrize("blocks", [1, 7, 24])
@pytest.mark.parametrize("late", [0.0, 0.3, 2.0, 7.0])
def test_the_first_round_is_the_closed_form_for_any_number(workers, blocks, late):
    load = REINFORCE._replace(blocks=blocks, shared=Block(0.5, late))
    expected = model.seconds(load, FREE, workers).total
    np.testing.assert_allclose(simulated(load, workers).seconds, expected)


def test_one_worker_does_the_sum():
    """As a process alone, whatever the block times are."""
    drawn = np.random.default_rng(0).uniform(0.5, 2.0, 100)
    found = simulated(LOAD, 1, spread=drawn, seed=3)
    generator = np.random.default_rng(3)
    generator.permutation(1)
    for seconds in found.seconds:
        factors = generator.choice(drawn, LOAD.blocks)
        each = 2.0 + 2 * 0.25 + 11 * 0.125
        np.testing.assert_allclose(seconds, factors.sum() * each + 0.5 + 0.75)
    # The chief's own trials and products are not beside its worker's, where it is alone.
    shared = 2 * 0.25 + 11 * 0.125
    np.testing.assert_allclose(simulated(LOAD, 1).seconds[0] + shared, model.alone(LOAD))


def test_many_workers_take_as_long_as_the_longest_block():
    drawn = np.random.default_rng(0).uniform(0.5, 2.0, 100)
    found = simulated(REINFORCE, 100, spread=drawn, seed=3, iterations=1)
    generator = np.random.default_rng(3)
    generator.permutation(100)
    longest = generator.choice(drawn, LOAD.blocks).max()
    np.testing.assert_allclose(found.seconds[0], 0.5 + 2.0 * longest + 0.75)
    even = simulated(REINFORCE, 100).seconds[0]
    np.testing.assert_allclose(even, model.limit(REINFORCE, FREE))


def test_a_slow_worker_holds_the_others_up():
    """With as many blocks as workers, each does one, and all wait for the slow one."""
    load = REINFORCE._replace(blocks=8, shared=Block(0.0, 0.0), chief=0.0)
    slow = simulated(load, 8, faults=Faults(slow=0.125, factor=3.0), seed=1)
    np.testing.assert_allclose(slow.seconds, 6.0)
    np.testing.assert_allclose(simulated(load, 8).seconds, 2.0)


@pytest.mark.parametrize("load", [LOAD, REINFORCE], ids=["trpo", "reinforce"])
@pytest.mark.parametrize("hangs", [0.0, 0.5])
def test_losses_cost_time_and_nothing_else(load, hangs):
    """Each block counts once in each iteration."""
    faults = DYING._replace(hangs=hangs, watchdog=5.0)
    well, ill = (simulated(load, 6, faults=f, iterations=20, seed=2) for f in (Faults(), faults))
    assert well.lost == well.again == well.away == 0
    assert ill.lost > 10
    assert ill.away > 3.0 * (ill.lost - 6)
    assert sum(ill.seconds) > sum(well.seconds)
    assert ill.counted == well.counted
    keys = {(iteration, key) for iteration in range(20) for key in range(24)}
    assert ill.counted == dict.fromkeys(keys, 1)


def test_blocks_of_a_lost_worker_are_rolled_out_by_another():
    """One of two workers dies, and is away for longer than the iteration."""
    faults = Faults(between=60.0, restart=1e6)
    found = [simulated(LOAD, 2, faults=faults, iterations=1, seed=seed) for seed in range(30)]
    one = [outcome for outcome in found if outcome.lost == 1]
    well = simulated(LOAD, 2, iterations=1).seconds[0]
    assert any(outcome.again for outcome in one)
    assert all(well < outcome.seconds[0] < 4 * well for outcome in one)


def test_a_hang_costs_the_watchdogs_time_more():
    load = REINFORCE._replace(blocks=1, shared=Block(0.0, 0.0), chief=0.0)
    faults = Faults(between=5.0, restart=0.0, compile=0.0)
    hang = faults._replace(hangs=1.0, watchdog=100.0)
    dies, hangs = (simulated(load, 1, faults=f, iterations=50, seed=4) for f in (faults, hang))
    assert dies.lost > 5
    longest = max(hangs.seconds)
    assert longest > 100.0 > max(dies.seconds)


def test_the_same_seed_is_the_same():
    more = {"faults": DYING, "spread": [0.5, 1.0, 2.0]}
    one, same, other = (simulated(LOAD, 5, seed=s, **more) for s in (1, 1, 2))
    assert one == same
    assert one.seconds != other.seconds


def test_more_workers_are_never_slower_where_calls_cost_nothing():
    times = [simulated(REINFORCE, workers).seconds[0] for workers in range(1, 40)]
    assert all(later <= sooner + 1e-9 for sooner, later in pairwise(times))
    np.testing.assert_allclose(times[-1], model.limit(REINFORCE, FREE))
    assert all(time >= model.limit(REINFORCE, FREE) - 1e-9 for time in times)


def test_calls_that_cost_something_have_a_best_number_of_workers():
    load = HEAVY._replace(blocks=512)
    best = model.best_workers(load, DEAR)
    least = min(range(1, 513), key=lambda workers: model.seconds(load, DEAR, workers).total)
    assert 8 < best < 200
    assert abs(np.log(least / best)) < np.log(1.5)
    assert model.best_workers(REINFORCE, DEAR) == np.inf
    assert model.seconds(load, DEAR, 512).total > model.seconds(load, DEAR, least).total


@pytest.mark.parametrize("workers", [1, 2, 4, 8, 24])
def test_with_calls_simulation_and_closed_form_are_near(workers):
    expected = model.seconds(HEAVY, DEAR, workers).total
    np.testing.assert_allclose(simulated(HEAVY, workers, DEAR).seconds, expected, rtol=0.05)


def test_the_chief_cannot_send_faster():
    """Blocks that take no time take as long as their calls."""
    load = Load(100, Block(0.0, 1e-9), Block(0.0, 0.0), theta=500.0, returned=(500.0, 0.0))
    wires = Wires(call=0.01, second_per_byte=1e-5)
    found = simulated(load, 64, wires).seconds
    np.testing.assert_allclose(found, 100 * (0.01 + 1e-5 * 1000), rtol=1e-4)
    np.testing.assert_allclose(found, model.seconds(load, wires, 64).total, rtol=1e-4)
