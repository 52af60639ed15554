"""Before training: a few steps of the user's environment, so that what is wrong is said at once."""

import contextlib
import io
import traceback
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from dimapg_tf import seeds
from dimapg_tf.envs.pettingzoo.user_code import calling
from dimapg_tf.envs.pettingzoo.worlds import make_world
from dimapg_tf.types import ConfigurationError, WorldError

if TYPE_CHECKING:
    from dimapg_tf.envs.pettingzoo.env import PettingZooEnv

STEPS = 30  # of random play, and of PettingZoo's own test
# What PettingZoo's test forbids and we can do with.
ALLOWED = ("cannot be revived",)


def rehearse(env: "PettingZooEnv", factory: Callable[[], Any]) -> list[str]:
    """Play a little at random, then let PettingZoo test the environment.

    Returns:
      Remarks, a line each: what works but is not as it should be.

    Raises:
      ConfigurationError: what cannot work, named by agent, space and value.
    """
    try:
        remarks = [*_play(env), *_pettingzoos_test(make_world(factory, env.spec.name), env)]
    except WorldError as error:
        raise _before_training(error) from error
    return remarks


def _before_training(error: WorldError) -> Exception:
    """What the user's code raised is its failure; what we found is wrong input."""
    return error if error.__cause__ else ConfigurationError(str(error))


def _play(env: "PettingZooEnv") -> list[str]:
    """Two episodes from one seed: every observation in its space, equal from equal seeds."""
    remarks, firsts = [], []
    for _ in range(2):
        _, seen = env.reset(0, 1)
        firsts.append(seen)
        _check_spaces(env, "reset")
        for t in range(min(STEPS, env.spec.horizon)):
            noise = seeds.generator(0, t)
            actions = {
                name: env.players["random"](
                    name, seen[name], (), seeds.noise_of(noise, p, (p.num_agents, 1))
                )
                for name, p in env.spec.populations.items()
            }
            seen = env.step((), actions).observations
            _check_spaces(env, f"step {t + 1}")
            if not any(alive.any() for alive in env.present.values()):
                break
    if any(not np.array_equal(firsts[0][name], firsts[1][name]) for name in firsts[0]):
        remarks.append(
            f"{env.spec.name}: two resets with the same seed start differently, so runs of it "
            "cannot be repeated"
        )
    return remarks


def _check_spaces(env: "PettingZooEnv", when: str) -> None:
    """Raise ConfigurationError for an observation that is not in the space it is said to be of."""
    world = env.worlds[0]
    for agent in world.present:
        space = env.agents[agent].observation_space
        value = world.observations[agent]
        if not space.contains(value):
            raise ConfigurationError(
                f"{env.spec.name}: {when}: the observation of {agent} is not in its space {space}: "
                f"{_why(space, value)}"
            )


def _why(space: Any, value: Any) -> str:
    """What is wrong with it, in a few words."""
    low, high = getattr(space, "low", None), getattr(space, "high", None)
    array = np.asarray(value) if low is not None else None
    if array is None or array.dtype == object:
        return " ".join(repr(value).split())[:100]
    if not np.can_cast(array.dtype, space.dtype):
        return f"it is of {array.dtype}, not of {space.dtype}"
    outside = np.argwhere((array < low) | (array > high))
    if len(outside):
        where = tuple(outside[0].tolist())
        return f"at {list(where)} it is {array[where]}, beyond [{low[where]}, {high[where]}]"
    return f"it has the shape {array.shape}"


def _pettingzoos_test(world: Any, env: "PettingZooEnv") -> list[str]:
    """PettingZoo's parallel_api_test, its assertions and warnings in our words."""
    from pettingzoo.test import parallel_api_test

    name = env.spec.name
    with (
        warnings.catch_warnings(record=True) as caught,
        contextlib.redirect_stdout(io.StringIO()),
        calling(name, "PettingZoo's parallel_api_test"),
    ):
        warnings.simplefilter("always")
        try:
            parallel_api_test(world, STEPS)
        except Exception as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            if not last.filename.endswith(("parallel_test.py", "api_test.py")):
                raise  # the environment's own
            if not isinstance(error, AssertionError):  # the test lost its way
                return [f"{name}: PettingZoo's parallel_api_test cannot follow it: {error!r}"]
            said = " ".join(str(error).split()) or last.line
            if not any(text in said for text in ALLOWED):
                raise ConfigurationError(
                    f"{name}: does not pass PettingZoo's parallel_api_test: {said}"
                ) from error
    lines = {" ".join(str(w.message).split()) for w in caught if w.category is UserWarning}
    return [f"{name}: PettingZoo's parallel_api_test says: {line}" for line in sorted(lines)]
