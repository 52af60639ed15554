"""The trainings of a sweep in this process, one after another: no TensorFlow to import for each."""

from dimapg_tf.experiment import console, trial
from dimapg_tf.experiment.sweep_runs import SweepRuns


class TrainedHere(SweepRuns):
    """Takes the same commands; how they are started and watched is tested in test_sweep.py."""

    def run(self) -> int:
        for waiting in self._waiting:
            _, _, module, *arguments = waiting.command
            assert module == trial.__name__
            code = console.run(trial.main, ["trial", *arguments])
            if code or not waiting.is_done:
                self.failed[waiting.name] = f"exit {code}"
        return 1 if self.failed else 0
