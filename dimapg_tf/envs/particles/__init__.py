"""Particle worlds: Cooperative Navigation and Predator-Prey on one physics (paper 5.1)."""

from dimapg_tf.envs.particles.physics import ParticleState

__all__ = ["ParticleState"]
