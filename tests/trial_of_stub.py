"""`dimapg_tf.experiment.trial` where the learner "stub" is announced."""

import sys

from dimapg_tf.experiment import console, learners, trial

if __name__ == "__main__":
    known = {**learners.learner_names(), "stub": "stub_settings:STUB"}
    learners.learner_names = lambda: known
    sys.exit(console.run(trial.main))
