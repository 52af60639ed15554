"""Any environment of PettingZoo's, the user's own above all: `env.PettingZooEnv`.

The class is imported when first used: the settings beside it do without PettingZoo.
"""

__all__ = ["PettingZooEnv"]


def __getattr__(name: str):
    if name == "PettingZooEnv":
        from dimapg_tf.envs.pettingzoo.env import PettingZooEnv

        return PettingZooEnv
    raise AttributeError(name)
