"""Particle worlds: Cooperative Navigation and Predator-Prey on one physics (paper 5.1).

`ParticleState` is imported when first used: the settings beside it do without TensorFlow.
"""

__all__ = ["ParticleState"]


def __getattr__(name: str):
    if name == "ParticleState":
        from dimapg_tf.envs.particles.physics import ParticleState

        return ParticleState
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
