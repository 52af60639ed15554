"""MADDPG (Lowe et al. 2017): a centralized critic for each agent, decentralized actors."""

from dimapg_tf.experiment.learners import LearnerKind

LEARNER = LearnerKind(
    settings="baselines.maddpg.settings:Settings",
    learner="baselines.maddpg.learner:MADDPG",
    migrations="baselines.maddpg.migrations:MIGRATIONS",
    memory="baselines.maddpg.memory:needs",
)
