"""DiMA-PG beside its peers: worlds, whole training, minutes to a quality, the ceiling, and growth.

  python -m benchmarks.peers [--parts=worlds,training,ceiling,growth,quality] [--rounds=5]
      [--jaxmarl_python=PYTHON] [--jaxmarl_clone=DIRECTORY] [--vmas_python=PYTHON]
      [--benchmarl_python=PYTHON] [--max_minutes=10] [--output=results/benchmarks/peers.json]

All contenders of a contest are measured in turn, once a round, so that a change of the machine's
speed hits all alike; figures are medians. Each runs in a process of its own, and each peer by a
Python of its own; who is not named is left out. They are installed so:

  python3 -m venv peers/jaxmarl && peers/jaxmarl/bin/pip install 'jaxmarl[algs]'
  python3 -m venv peers/benchmarl && peers/benchmarl/bin/pip install benchmarl vmas
  git clone https://github.com/FLAIROx/JaxMARL peers/JaxMARL

and named --jaxmarl_python=peers/jaxmarl/bin/python and --vmas_python and --benchmarl_python, both
peers/benchmarl/bin/python, and --jaxmarl_clone=peers/JaxMARL.

Every sample is kept at once: the same command again goes on where the last one was stopped, and
with more --rounds it adds to the record. docs/performance.md has what comes of it, written by
`python -m benchmarks.peers.page`.
"""

import os
import sys
from functools import partial
from pathlib import Path

from benchmarks.peers import found, page, parts
from benchmarks.peers.contests import PEERS
from benchmarks.peers.measuring import PATIENCE, Measuring
from benchmarks.peers.options import PARTS, Options
from benchmarks.peers.quality import LAST_ITERATION, quality
from benchmarks.peers.store import Store
from benchmarks.peers.tasks import TASKS
from dimapg_tf import checks
from dimapg_tf.experiment import console


def run(options: Options, chosen: list[str], tasks: list[str], output: Path) -> Store:
    """Measure what is missing in the record; raises ConfigurationError before anything starts."""
    from dimapg_tf.experiment.versions import versions

    tell = partial(print, flush=True)
    there = found.peers(options.pythons, options.clone, tell)
    store = Store(output, {"versions": versions(), "options": options.lasting()}, there)
    patience = max(PATIENCE, 60.0 * options.max_minutes + LAST_ITERATION)
    measuring = Measuring(store, tell, patience)
    of_part = {
        "worlds": parts.worlds,
        "training": parts.training,
        "ceiling": parts.ceiling,
        "growth": parts.growth,
        "quality": partial(quality, store=store),
    }
    for part in chosen:
        for contest in of_part[part](options, tasks):
            measuring.carry_out(contest)
    return store


def main(argv: list[str]) -> int:
    """Measure and print; returns the exit code."""
    from absl import flags

    from dimapg_tf.experiment.flags import parse

    fv = flags.FlagValues()
    defaults = Options()
    flags.DEFINE_list("parts", list(PARTS), f"of {','.join(PARTS)}", flag_values=fv)
    flags.DEFINE_list("tasks", list(TASKS), "N = 3 and so on", flag_values=fv)
    flags.DEFINE_integer("rounds", defaults.rounds, "of each", lower_bound=1, flag_values=fv)
    flags.DEFINE_integer(
        "quality_rounds", 1, "seeds of a training to a quality", lower_bound=1, flag_values=fv
    )
    flags.DEFINE_float("seconds", defaults.seconds, "of a speed", 0.0, flag_values=fv)
    flags.DEFINE_float(
        "max_minutes", defaults.max_minutes, "of a training to a quality", 0.0, flag_values=fv
    )
    for peer in PEERS:
        flags.DEFINE_string(peer.flag, None, f"a Python that has {peer.name}", flag_values=fv)
    flags.DEFINE_string("jaxmarl_clone", None, "a clone of JaxMARL's repository", flag_values=fv)
    flags.DEFINE_bool("smallest", False, "only to see that all works", flag_values=fv)
    flags.DEFINE_string("output", str(page.RECORD), "the record", flag_values=fv)
    if parse(fv, argv, __doc__) is None:
        return 0
    for flag, known in (("parts", PARTS), ("tasks", TASKS)):
        for name in fv[flag].value:
            checks.one_of(flag, name, tuple(known))
    options = Options(
        seconds=fv.seconds,
        smallest=fv.smallest,
        max_minutes=fv.max_minutes,
        rounds=fv.rounds,
        quality_rounds=fv.quality_rounds,
        pythons={peer.flag: _absolute(fv[peer.flag].value) for peer in PEERS},
        clone=_absolute(fv.jaxmarl_clone),
    )
    store = run(options, fv.parts, fv.tasks, Path(fv.output))
    for text in page.texts(store.record).values():
        print(text)
    return 0


def _absolute(path: str | None) -> str | None:
    """As processes elsewhere see it; links are kept, which are what a venv's Python is."""
    return None if path is None else os.path.abspath(path)


if __name__ == "__main__":
    sys.exit(console.run(main))
