"""Minutes of training that runs can be compared by.

The seconds in a run's record depend on what its machine did beside it. `benchmarks.learner_speed`
measures all learners alone on one machine; where its record is there, a run's minutes are its
episodes divided by that speed. Where it is not, as for runs of one's own, they are the run's.
"""

import numpy as np

from reproduction.report.records import Results, RunRecord


def minutes(results: Results, run: RunRecord) -> np.ndarray | None:
    """At the end of each iteration; None where the learner's speed was not measured."""
    if results.speeds is None:
        return run.curve["seconds"] / 60.0
    speed = results.speeds.get((run.env, run.learner))
    return None if speed is None else run.curve["episodes"] / (60.0 * speed)


def explanation(results: Results) -> str:
    """What minutes are, for the caption of a figure."""
    if results.speeds is None:
        return "Minutes are those of the runs, whatever their machine did beside them. "
    return (
        "Minutes are episodes divided by the speed of a learner alone on two cores, without what "
        "compiles (benchmarks/learner_speed.json). "
    )
