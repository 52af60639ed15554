"""Every committed record is of a run that the plan's command would train today."""

from pathlib import Path

import pytest
from absl import flags as absl_flags

from baselines.a3c_kitchensink.settings import Settings as A3CSettings
from baselines.maddpg.settings import Settings as MADDPGSettings
from baselines.trpo_kitchensink.settings import Settings as TRPOSettings
from dimapg_tf.algorithm.settings import Settings as DiMAPGSettings
from dimapg_tf.algorithm.single_agent import Settings as FineTuneSettings
from dimapg_tf.envs import settings_class
from dimapg_tf.experiment import flags
from reproduction.learners import LEARNERS
from reproduction.plan import EXPERIMENTS, SIZES
from reproduction.steps import flags_of, runs_of

ROOT = Path(__file__).parents[2]
SETTINGS = {
    "dimapg": DiMAPGSettings,
    "fine_tune": FineTuneSettings,
    "maddpg": MADDPGSettings,
    "a3c_kitchensink": A3CSettings,
    "trpo_kitchensink": TRPOSettings,
}
# How far to run, and which of equal runs: not what is trained.
NOT_CONFIGURATION = ("episodes", "checkpoint_every", "seed")
# Flags that are newer than some records, and what learners did before them.
BEFORE_THE_FLAG = {
    "baseline": "agent",
    "consolidation": "copy",
    "deviation": "isolated",
    "entropy_half_life": "0",
    "joint_reward": "minimum",
    "others_term": "false",
}
RECORDS = sorted((ROOT / "results").glob("*/*/seed_*/flags.txt"))


def recorded(path):
    """{flag: value} of a flags.txt."""
    lines = path.read_text(encoding="utf-8").split()
    return dict(line.removeprefix("--").split("=", 1) for line in lines)


def planned(task, learner, algorithm):
    """{flag: value} that the plan's command trains with, defaults included."""
    fv = absl_flags.FlagValues()
    flags.define_training(fv)
    flags.define_environment(fv)
    flags.define_settings(SETTINGS[algorithm], fv)
    assert flags.parse(fv, ["train", *flags_of(task, learner)], "usage") == []
    environment = vars(settings_class(fv.env)(**flags.environment_settings(fv)))
    effective = {
        **{"algorithm": algorithm, "env": fv.env, **environment},
        **vars(flags.make_settings(SETTINGS[algorithm], fv)),
    }
    return dict(line.removeprefix("--").split("=", 1) for line in flags.as_lines(effective))


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: "/".join(path.parts[-4:-1]))
def test_the_plans_command_has_the_records_flags(path, monkeypatch):
    monkeypatch.chdir(ROOT)  # flagfiles are named from here
    task, learner = path.parts[-4:-2]
    found = recorded(path)
    wanted = planned(task, learner, found["algorithm"])
    for flag in BEFORE_THE_FLAG.keys() & wanted.keys():
        found.setdefault(flag, BEFORE_THE_FLAG[flag])
    assert {k: v for k, v in found.items() if k not in NOT_CONFIGURATION} == wanted


def test_records_and_plan_name_each_other():
    """Nothing is published that the plan does not make, and no variant is planned for nothing."""
    published = {path.parts[-4:-2] for path in RECORDS}
    planned_runs = set(runs_of(EXPERIMENTS))
    assert published <= planned_runs
    assert set(SIZES) == planned_runs
    variants = {(task, name) for task, name in planned_runs if LEARNERS[name].variant}
    assert variants <= published
    assert len(RECORDS) >= 90


def test_directories_of_records_have_a_task():
    others = {"report", "benchmarks"}
    directories = {path.name for path in (ROOT / "results").iterdir() if path.is_dir()}
    assert directories - others == {path.parts[-4] for path in RECORDS}


def test_variants_differ_from_one_another(monkeypatch):
    """Two directories of a task that trained with the same flags would be one."""
    monkeypatch.chdir(ROOT)
    seen = {}
    for path in RECORDS:
        task, learner = path.parts[-4:-2]
        text = str(sorted(planned(task, learner, recorded(path)["algorithm"]).items()))
        assert seen.setdefault((task, text), learner) == learner
