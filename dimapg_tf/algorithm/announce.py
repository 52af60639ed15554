"""What the learners of this package announce of themselves (see `experiment.learners`)."""

from dimapg_tf.experiment.learners import LearnerKind

DIMAPG = LearnerKind(
    settings="dimapg_tf.algorithm.settings:Settings",
    learner="dimapg_tf.algorithm.dimapg:DiMAPG",
    evaluated="dimapg_tf.algorithm.evaluated:evaluated_policies",
    migrations="dimapg_tf.algorithm.migrations:DIMAPG",
    memory="dimapg_tf.algorithm.memory:dimapg",
    cluster="dimapg_tf.algorithm.cluster_use:CLUSTER_USE",
)
FINE_TUNE = LearnerKind(
    settings="dimapg_tf.algorithm.single_agent_settings:Settings",
    learner="dimapg_tf.algorithm.single_agent:FineTune",
    memory="dimapg_tf.algorithm.memory:fine_tune",
)
