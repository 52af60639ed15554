"""The arithmetic of the baselines, counted from the weights of their networks."""

import pytest

from baselines.a3c_kitchensink.settings import Settings as A3C
from baselines.kitchensink import network
from baselines.maddpg import networks
from baselines.maddpg.settings import Settings
from baselines.trpo_kitchensink.settings import Settings as TRPO
from benchmarks import baseline_speed
from dimapg_tf import seeds
from dimapg_tf.types import EnvSpec, Population

POPULATION = Population(3, 14, 5)


def test_a_forward_pass_multiplies_each_weight_once_for_each_place():
    params = network.init(seeds.generator(0), POPULATION)
    places = [3 * 14, 3 * 14, 1, 1, 1, 1]
    sizes = [layer.weights.shape.num_elements() for layer in params]
    expected = 2 * sum(size * count for size, count in zip(sizes, places))
    assert baseline_speed.forward(POPULATION, A3C().sizes) == expected
    total, product = baseline_speed.a3c_kitchensink(POPULATION, 200, A3C())
    assert total == pytest.approx(200 * 3.2 * expected)
    assert product == (160, 3 * 14 * 32, 256)
    total, _ = baseline_speed.trpo_kitchensink(POPULATION, 200, TRPO())
    assert total == pytest.approx(200 * (4 + 4 * 5 / 4) * expected)


def test_an_update_of_maddpg():
    """Every product of `updates.update`, by its layer's weights."""
    spec = EnvSpec("team", {"agents": POPULATION}, 200, True)
    s = Settings()
    new = networks.init(seeds.generator(0), spec, "agents", s.hidden, share=False)
    (first, *above), (actor_first, *actor_above) = (
        [layer.weights.shape.num_elements() for layer in part] for part in (new.critic, new.actor)
    )
    own_action = 3 * 5 * s.hidden[0]
    target = first + sum(above) + actor_first + sum(actor_above)
    value = 2 * first + 3 * sum(above)  # nobody asks for the inputs' gradient
    actor = 2 * actor_first + 3 * sum(actor_above) + first + 2 * own_action + 2 * sum(above)
    update = 2 * s.batch_size * (target + value + actor)
    acting = 2 * (actor_first + sum(actor_above))
    total, _ = baseline_speed.maddpg(POPULATION, 200, s)
    assert total == pytest.approx(200 * acting + 2 * update)
