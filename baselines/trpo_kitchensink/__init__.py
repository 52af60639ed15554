"""TRPO-Kitchensink: trust region policy optimisation over the joint spaces (App. C.1)."""

from dimapg_tf.experiment.learners import LearnerKind

LEARNER = LearnerKind(
    settings="baselines.trpo_kitchensink.settings:Settings",
    learner="baselines.trpo_kitchensink.learner:TRPOKitchensink",
    network="baselines.kitchensink.policy:RECURRENT",
    migrations="baselines.kitchensink.migrations:MIGRATIONS",
    memory="baselines.trpo_kitchensink.memory:needs",
)
