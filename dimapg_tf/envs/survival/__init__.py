"""Survival with many agents on MAgent2 (paper 5.1, 5.4, App. C.3)."""

from dimapg_tf.envs.survival.env import Settings, SurvivalEnv, make

__all__ = ["Settings", "SurvivalEnv", "make"]
