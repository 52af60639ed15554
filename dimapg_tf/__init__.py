"""DiMA-PG in TensorFlow 2: the public face of the package.

Scalable Centralized Deep Multi-Agent Reinforcement Learning via Policy Gradients,
Khan, Zhang, Lee, Kumar and Ribeiro, 2018.

    config = dimapg_tf.load_config("cooperative_navigation_3", "dimapg", episodes=20_000)
    run = dimapg_tf.Run("runs/my_run", config)
    run.train()
    run.evaluate(episodes=100)
    policy = run.load_policy()  # or dimapg_tf.load_policy("runs/my_run")
    state = policy.start(num_worlds=8, seed=0)
    actions, state = policy.act(state, observations)

The names are imported when first used, so that the scripts can set TensorFlow up before it is
imported.
"""

import importlib

__version__ = "0.1.0"

_PUBLIC = {
    "Run": "dimapg_tf.experiment.run",
    "load_config": "dimapg_tf.experiment.config",
    "make_env": "dimapg_tf.envs",
    "load_policy": "dimapg_tf.experiment.policies",
}

__all__ = ["Run", "__version__", "load_config", "load_policy", "make_env"]


def __getattr__(name: str):
    if name in _PUBLIC:
        return getattr(importlib.import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module 'dimapg_tf' has no attribute {name!r}")
