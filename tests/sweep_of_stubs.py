"""`dimapg_tf.sweep` where the learner "stub" is announced, also to the trainings that it starts."""

import sys

from dimapg_tf import sweep
from dimapg_tf.experiment import console, learners, sweep_plan, trial

command = sweep_plan.Trial.command.fget


def of_stubs(self) -> tuple[str, ...]:
    """The training's own flags, for this file."""
    _, _, module, *arguments = command(self)
    assert module == trial.__name__
    return (sys.executable, __file__, "trial", *arguments)


if __name__ == "__main__":
    known = {**learners.learner_names(), "stub": "stub_settings:STUB"}
    learners.learner_names = lambda: known
    sweep_plan.Trial.command = property(of_stubs)
    if sys.argv[1] == "trial":
        sys.exit(console.run(trial.main, sys.argv[1:]))
    sys.exit(console.run(sweep.main, sys.argv))
