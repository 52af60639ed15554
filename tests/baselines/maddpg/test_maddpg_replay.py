"""The replay: what is sampled is what happened, round the ring and through a checkpoint."""

import numpy as np
import pytest
import tensorflow as tf

from baselines.maddpg import networks
from baselines.maddpg.replay import Replay
from dimapg_tf.rollouts import collect as rollout
from dimapg_tf.types import ConfigurationError

B = 3


def collected(env, seed):
    generator = np.random.default_rng(0)
    thetas = {
        name: networks.init(generator, env.spec, name, (4,), share=False).actor
        for name in env.spec.populations
    }
    return rollout.roll_out(env, thetas, seed, B, record_states=True)[:2]


def make(env, episodes):
    return Replay(env.spec, env.reset(0, 1)[0], episodes * env.spec.horizon + 2)


def assert_same(one, other):
    tf.nest.map_structure(np.testing.assert_array_equal, one, other)


def test_sampled_transitions_happened(chase_env):
    """Replaying a sampled action in a sampled state gives the sampled next state and rewards."""
    replay = make(chase_env, 4)
    for seed in (1, 2):
        replay.add(*collected(chase_env, seed))
    drawn = replay.sample(np.random.default_rng(3), (2, 50))
    for k in range(2):
        state, following = (
            tf.nest.map_structure(lambda v, k=k: tf.constant(v[k]), s)
            for s in (drawn.states, drawn.next_states)
        )
        actions = {name: values[k].astype(np.int32) for name, values in drawn.actions.items()}
        step = chase_env.step(state, actions)
        tf.nest.map_structure(
            lambda ours, theirs: np.testing.assert_allclose(ours, theirs, atol=1e-5),
            step.state,
            following,
        )
        for name, rewards in drawn.rewards.items():
            np.testing.assert_allclose(rewards[k], step.rewards[name], atol=1e-5)


def test_the_oldest_episodes_are_overwritten(chase_env):
    replay = make(chase_env, 4)
    filled = []
    batches = [collected(chase_env, seed) for seed in range(4)]
    for batch in batches:
        replay.add(*batch)
        filled.append(replay.transitions // chase_env.spec.horizon)
    assert filled == [3, 4, 4, 4]
    assert replay.cursor == 0
    starts = [states.positions[0].numpy() for _, states in batches]  # [B, n, 2] of each
    kept = np.concatenate([starts[2][2:], starts[3]])  # the last four episodes
    drawn = replay.sample(np.random.default_rng(0), (1, 500)).states.positions[0]
    for episode in kept:
        assert (drawn == episode).all(axis=(1, 2)).any()
    for episode in np.concatenate([starts[0], starts[1], starts[2][:2]]):
        assert not (drawn == episode).all(axis=(1, 2)).any()


def test_samples_are_uniform(chase_env):
    replay = make(chase_env, 4)
    replay.add(*collected(chase_env, 1))
    drawn = replay.sample(np.random.default_rng(0), (1, 18_000)).states.positions
    _, counts = np.unique(drawn.reshape(18_000, -1), axis=0, return_counts=True)
    assert len(counts) == B * chase_env.spec.horizon
    assert np.abs(counts / 1000 - 1).max() < 0.15


def test_through_a_checkpoint(chase_env, tmp_path):
    """Saved half full and over its end; the copy samples and goes on as the first does."""
    replay = make(chase_env, 4)
    for seed in range(3):
        replay.add(*collected(chase_env, seed))
        path = tf.train.Checkpoint(replay=replay).write(str(tmp_path / f"c{seed}"))
        copy = make(chase_env, 4)
        tf.train.Checkpoint(replay=copy).read(path).assert_consumed()
        assert (copy.cursor, copy.filled) == (replay.cursor, replay.filled)
        assert_same(*(r.sample(np.random.default_rng(1), (2, 9)) for r in (replay, copy)))
    for r in (replay, copy):
        r.add(*collected(chase_env, 5))
    assert_same(*(r.sample(np.random.default_rng(1), (2, 9)) for r in (replay, copy)))
    with pytest.raises(ValueError, match="replay"):
        make(chase_env, 3).deserialize(replay.serialize())


def test_go_back(chase_env):
    replay = make(chase_env, 4)
    replay.add(*collected(chase_env, 1))
    kept = replay.serialize()
    before = replay.before(2 * B)
    replay.add(*collected(chase_env, 2))
    replay.add(*collected(chase_env, 3))
    replay.go_back(before)
    assert replay.serialize() == kept


def test_too_small(chase_env):
    with pytest.raises(ConfigurationError, match="replay_size = 5"):
        Replay(chase_env.spec, chase_env.reset(0, 1)[0], 5)
