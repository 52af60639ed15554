"""A3C-Kitchensink: asynchronous and synchronous updates, failures, runs end to end."""

import csv
import itertools
import json
import threading
import traceback

import numpy as np
import pytest
import tensorflow as tf

from baselines.a3c_kitchensink import train
from baselines.a3c_kitchensink.learner import A3CKitchensink
from baselines.a3c_kitchensink.settings import Settings
from baselines.kitchensink import rollout
from dimapg_tf import evaluate, seeds, trpo
from dimapg_tf.envs import make_env
from dimapg_tf.experiment import console
from dimapg_tf.experiment.checkpoint import Checkpoints
from dimapg_tf.types import ConfigurationError, NonFiniteError

SMALL = {"worlds": 2, "n_steps": 3, "conv": (2, 3), "dense": 4, "lstm": 5}


@pytest.fixture(scope="module")
def env():
    return make_env("cooperative_navigation", num_agents=2, horizon=6)


def flat(learner):
    return trpo.flatten(learner.params()).numpy()


def everything(learner):
    """Parameters, and Adam's moments and count of steps."""
    return [*learner.variables_of["agents"], *learner.optimizers["agents"].variables]


def column(logdir, name):
    with open(logdir / "metrics.csv", newline="") as file:
        return [row[name] for row in csv.DictReader(file)]


@pytest.mark.parametrize("bootstrap", [True, False])
def test_a_worker_alone_learns_as_adam_says(bootstrap, env):
    """Its unrolls one by one, their gradients summed up by an Adam of our own."""
    settings = Settings(workers=1, bootstrap_horizon=bootstrap, **SMALL)
    learner, other = (A3CKitchensink(env, settings, seed=3) for _ in range(2))
    theta, moment, square = flat(learner), 0.0, 0.0
    result = learner.update(0)

    params = other.params()
    carry = rollout.start(env, params, seeds.derive(3, 0, 0, 0, seeds.STATES), 2)
    noise = seeds.action_noise(env.spec, seeds.derive(3, 0, 0, 0, seeds.NOISE), 2)["agents"]
    returns = 0.0
    for step, goes_on in ((1, 1.0), (2, float(bootstrap))):
        part = {"agents": tf.constant(noise[3 * step - 3 : 3 * step])}
        played = other.play(params, carry, part, tf.constant(goes_on))
        carry, gradient = played.carry, trpo.flatten(played.gradients).numpy()
        moment = 0.9 * moment + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient**2
        rate = settings.learning_rate * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
        theta = theta + rate * moment / (np.sqrt(square) + 1e-7)  # Keras' epsilon
        params = trpo.unflatten(tf.constant(theta, tf.float32), params)
        returns = returns + played.returns["agents"].numpy()
    # Adam makes a whole step of a gradient that is nothing but rounding.
    clear = np.sqrt(square) > 1e-6
    assert clear.mean() > 0.5
    np.testing.assert_allclose(flat(learner)[clear], theta[clear], atol=2e-6)
    np.testing.assert_allclose(result.returns["agents"], returns, atol=1e-5)
    assert (result.episodes, result.env_steps) == (2, 12)


def test_workers_do_not_wait_for_one_another(env):
    """Worker 0 is held up before its first gradient until worker 1 has applied all of its own."""
    learner = A3CKitchensink(env, Settings(workers=2, **SMALL), seed=0)
    finished, steps = threading.Event(), []
    play, apply = learner.play, learner.apply
    first = threading.Lock()
    held = []

    def slow(*arguments):
        if first.acquire(blocking=False):
            held.append(threading.current_thread().name)
            assert finished.wait(600)  # a guard only
        return play(*arguments)

    def counted(gradients):
        apply(gradients)
        steps.append(threading.current_thread().name)
        if len(steps) == learner.unrolls:
            finished.set()

    learner.play, learner.apply = slow, counted
    learner.update(0)
    assert len(steps) == 2 * learner.unrolls
    assert held[0] not in steps[: learner.unrolls]
    assert int(learner.optimizers["agents"].iterations) == len(steps)


def test_synchronous_is_one_step_with_the_mean(env):
    """Both workers' gradients are of the same parameters."""
    learner = A3CKitchensink(env, Settings(workers=2, synchronous=True, **SMALL), seed=0)
    seen, applied = [], []
    play, apply = learner.play, learner.apply

    def recorded(params, *arguments):
        result = play(params, *arguments)
        seen.append((trpo.flatten(params).numpy(), trpo.flatten(result.gradients).numpy()))
        return result

    def recorded_apply(gradients):
        applied.append(trpo.flatten(gradients).numpy())
        apply(gradients)

    learner.play, learner.apply = recorded, recorded_apply
    learner.update(0)
    assert len(seen) == 2 * len(applied) == 2 * learner.unrolls
    for (one, first), (other, second), mean in zip(seen[::2], seen[1::2], applied):
        np.testing.assert_array_equal(one, other)
        assert not np.allclose(first, second)
        np.testing.assert_allclose(mean, (first + second) / 2, rtol=1e-5, atol=1e-7)


def test_a_failing_worker_ends_the_iteration_with_its_traceback(env):
    learner = A3CKitchensink(env, Settings(workers=2, **SMALL), seed=0)

    def out_of_coffee(*_):
        raise RuntimeError("no more coffee")

    learner.play = out_of_coffee
    with pytest.raises(RuntimeError, match="no more coffee") as caught:
        learner.update(0)
    assert "out_of_coffee" in "".join(traceback.format_tb(caught.value.__traceback__))


def test_what_is_not_a_number_changes_nothing(env):
    learner = A3CKitchensink(env, Settings(workers=2, **SMALL), seed=0)
    learner.update(0)
    before = [v.numpy().copy() for v in everything(learner)]
    play, calls = learner.play, itertools.count(1)

    def third_is_bad(*arguments):
        number = next(calls)
        played = play(*arguments)
        if number == 3:
            played.measures["agents"]["gradient_norm"] = tf.constant(np.nan)
        return played

    learner.play = third_is_bad
    with pytest.raises(NonFiniteError, match="iteration 1: gradient_norm"):
        learner.update(1)
    for value, variable in zip(before, everything(learner)):
        np.testing.assert_array_equal(variable, value)


def test_a_restored_learner_goes_on_as_if_never_stopped(env, tmp_path):
    """Synchronous: bit for bit."""
    settings = Settings(workers=2, synchronous=True, **SMALL)
    whole, stopped, resumed = (A3CKitchensink(env, settings, seed=1) for _ in range(3))
    results = [whole.update(iteration) for iteration in range(3)]
    stopped.update(0)
    Checkpoints(tmp_path, stopped).save()
    assert Checkpoints(tmp_path, resumed).restore()
    for iteration in (1, 2):
        again = resumed.update(iteration)
        np.testing.assert_array_equal(again.returns["agents"], results[iteration].returns["agents"])
        assert again.values == results[iteration].values
    np.testing.assert_array_equal(flat(resumed), flat(whole))


def test_asynchronous_from_training_to_evaluation(tmp_path, capfd):
    """Two populations: two joint learners at once, one of a single agent."""
    flags = [
        *("--env=predator_prey", "--num_predators=2", "--num_prey=1", "--horizon=6"),
        *("--worlds=2", "--n_steps=3", "--conv=2,3", "--dense=4", "--lstm=5"),
    ]
    logdir = tmp_path / "run"
    train_flags = ["train", *flags, f"--logdir={logdir}"]
    assert console.run(train.main, [*train_flags, "--episodes=8"]) == 0
    assert console.run(train.main, [*train_flags, "--episodes=12", "--resume"]) == 0
    assert column(logdir, "env_steps") == ["24", "48", "72"]
    for population in ("predators", "prey"):
        norms = [float(value) for value in column(logdir, f"{population}/gradient_norm")]
        assert min(norms) > 0.0
    assert console.run(evaluate.main, ["evaluate", str(logdir), "--episodes=2"]) == 0
    assert "random" in capfd.readouterr().out
    record = json.loads((logdir / "evaluation.json").read_text())
    assert np.isfinite(record["theta"]["predators/return_mean"])


def test_n_steps_must_divide_the_horizon(env):
    with pytest.raises(ConfigurationError, match=r"n_steps = 4: .* 6"):
        A3CKitchensink(env, Settings(**{**SMALL, "n_steps": 4}), seed=0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("workers", 0),
        ("worlds", 0),
        ("gamma", 1.5),
        ("learning_rate", 0.0),
        ("conv", (3,)),
        ("joint_reward", "sum"),
    ],
)
def test_settings_that_cannot_be(name, value):
    with pytest.raises(ConfigurationError, match=f"^{name} = "):
        Settings(**{name: value})
