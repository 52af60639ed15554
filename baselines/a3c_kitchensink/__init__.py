"""A3C-Kitchensink: asynchronous advantage actor-critic over the joint spaces (App. C.1)."""

from dimapg_tf.experiment.learners import LearnerKind

LEARNER = LearnerKind(
    settings="baselines.a3c_kitchensink.settings:Settings",
    learner="baselines.a3c_kitchensink.learner:A3CKitchensink",
    network="baselines.kitchensink.policy:RECURRENT",
    migrations="baselines.kitchensink.migrations:MIGRATIONS",
    memory="baselines.a3c_kitchensink.memory:needs",
)
