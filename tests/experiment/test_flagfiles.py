"""The flagfiles of configs/: what they amount to, and how they are found and layered."""

import json
from pathlib import Path

import pytest

from dimapg_tf.experiment import flagfiles, flags
from dimapg_tf.experiment.config import config_from, load_config
from dimapg_tf.experiment.flagfiles import Token
from dimapg_tf.types import ConfigurationError

# {"env learner": effective flags} of every pair of the plan, as they were when each flagfile named
# every value and stood alone. Since then one value has changed: MEANT.
EFFECTIVE = json.loads((Path(__file__).parent / "data/effective_flags.json").read_text())
# The gradient that the paper designs is the default again, since it costs less than twice the time.
MEANT = {
    algorithm: {"--meta_gradient=first_order": "--meta_gradient=exact"}
    for algorithm in (
        *("dimapg_trpo", "dimapg_reinforce"),
        *("dimapg_reinforce_predator_prey", "dimapg_reinforce_predator_prey_12v4"),
    )
}
STEMS = {
    folder: sorted(path.stem for path in (flagfiles.configs() / folder).glob("*.flags"))
    for folder in ("env", "algorithm")
}


@pytest.mark.parametrize("pair", EFFECTIVE)
def test_layers_amount_to_what_was_written_out(pair):
    env, algorithm = pair.split()
    now = load_config(env, algorithm).values()
    there = {name: value for name, value in now.items() if value is not None}
    changed = MEANT.get(algorithm, {})
    assert flags.as_lines(there) == [changed.get(line, line) for line in EFFECTIVE[pair]]


def test_every_flagfile_is_in_a_pair():
    named = [set(column) for column in zip(*(pair.split() for pair in EFFECTIVE))]
    assert named == [set(STEMS["env"]), set(STEMS["algorithm"])]


@pytest.mark.parametrize("algorithm", STEMS["algorithm"])
def test_a_flagfile_holds_only_what_differs(algorithm):
    """A line that says what would hold without it is a copy that can go out of date."""
    tokens = flagfiles.named("algorithm_config", algorithm)
    whole = config_from(tokens)
    for token in tokens:
        inherited = f"/{algorithm}.flags:" not in token.source
        # The optimizer is named beside its epsilon, since the paper has another.
        if inherited or token.text.startswith(("--algorithm=", "--optimizer=")):
            continue
        try:
            without = config_from([other for other in tokens if other is not token])
        except ConfigurationError:
            continue  # the others cannot do without it
        assert without != whole, token


@pytest.mark.parametrize(
    "learner", ["dimapg", "fine_tune", "maddpg", "a3c_kitchensink", "trpo_kitchensink"]
)
def test_a_forgotten_flagfile_trains_what_is_recommended(learner):
    plain = [Token("--env=cooperative_navigation", ""), Token(f"--algorithm={learner}", "")]
    assert config_from(plain).settings == load_config(algorithm=learner).settings


def test_fine_tune_learns_as_dimapg_does():
    """What both have is the same, but for the episodes of an iteration."""
    ours, theirs = (vars(load_config(algorithm=a).settings) for a in ("fine_tune", "dimapg_trpo"))
    assert {n for n in ours.keys() & theirs.keys() if ours[n] != theirs[n]} == {"trajectories"}
    assert ours.keys() <= theirs.keys()


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Writes flagfiles into a configs/ of the test's own."""
    for folder in STEMS:
        (tmp_path / folder).mkdir()
    monkeypatch.setattr(flagfiles, "configs", lambda: tmp_path)

    def write(name, *lines):
        (tmp_path / f"{name}.flags").write_text("\n".join(lines) + "\n")

    return write


def test_layers_in_order_with_their_lines(own):
    own("env/base", "# a comment", "--env=survival", "--horizon=3", "--num_food=4")
    own("env/variant", "", "--env_config=base", "--horizon=5")
    tokens = flagfiles.named("env_config", "variant")
    assert tokens == [
        ("--env=survival", "configs/env/base.flags:2"),
        ("--horizon=3", "configs/env/base.flags:3"),
        ("--num_food=4", "configs/env/base.flags:4"),
        ("--horizon=5", "configs/env/variant.flags:3"),
    ]


def test_named_configurations_come_first_wherever_they_stand(own, tmp_path):
    own("env/world", "--env=survival", "--horizon=3")
    own("algorithm/learner", "--algorithm=dimapg", "--k=1", "--gamma=0.5")
    (tmp_path / "mine.flags").write_text("--gamma=0.6\n--horizon=4\n")
    arguments = ["--horizon=9", "--algorithm_config=learner", "--gamma=0.7"]
    arguments += [f"--flagfile={tmp_path}/mine.flags", "--env_config", "world"]
    config = config_from(flagfiles.expand(arguments))
    assert (config.env_settings.horizon, config.settings.gamma, config.settings.k) == (4, 0.6, 1)
    assert config.sources["gamma"] == f"{tmp_path}/mine.flags:1"
    assert config.sources["k"] == "configs/algorithm/learner.flags:2"


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ({"a": ["--env_config=a"]}, ["builds upon itself", "a.flags -> configs/env/a.flags"]),
        (
            {"a": ["--env_config=b"], "b": ["--env_config=c"], "c": ["--env_config=b"]},
            ["builds upon itself", "b.flags -> configs/env/c.flags -> configs/env/b.flags"],
        ),
        ({"a": ["--horizon=3", "--env_config=survival"]}, ["a.flags:2", "before all other flags"]),
        ({"a": ["horizon=3"]}, ["a.flags:1", "'horizon=3'", "--name=value"]),
        ({"a": ["--env=survival", "--horizn=3"]}, ["a.flags:2", "horizn", "'horizon'"]),
        ({"a": ["--env_config=surviva"]}, ["'surviva'", "did you mean 'survival'"]),
        ({}, ["'a'", "no such configuration"]),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_flagfile_is_told(files, named, own):
    for name, lines in files.items():
        own(f"env/{name}", *lines)
    with pytest.raises(ConfigurationError) as error:
        config_from(flagfiles.expand(["--env_config=a"]))
    for text in named:
        assert text in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["../env/survival_230", "/etc/passwd", "no/such"])
def test_a_name_is_no_path(name):
    with pytest.raises(ConfigurationError, match="no such configuration"):
        flagfiles.named("env_config", name)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"\xef\xbb\xbf--k=2\n", None),
        (b"\xef\xbb\xbf# a comment\r\n--k=2\r\n", None),
        ("--k=2\n".encode("utf-16"), "must be text in UTF-8"),
        ("--k=2\n".encode("utf-16-le"), r"plain\.flags:\d: "),
        (b"--k=\xff\n", "must be text in UTF-8"),
        (b"--k=2\0\n", r"plain\.flags:1: "),
    ],
    ids=["BOM", "BOM and CR", "UTF-16", "UTF-16 without BOM", "Latin-1", "NUL"],
)
def test_what_editors_make_of_a_flagfile(tmp_path, content, error):
    path = tmp_path / "plain.flags"
    path.write_bytes(content)
    tokens = lambda: config_from(flagfiles.expand([f"--flagfile={path}"]), "dimapg")  # noqa: E731
    if error is None:
        assert tokens().settings.k == 2
    else:
        with pytest.raises(ConfigurationError, match=error):
            tokens()


def test_paths_begin_at_home_and_hold_no_nul(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "mine.flags").write_text("--k=2\n")
    assert flagfiles.expand(["--flagfile=~/mine.flags"])[0].text == "--k=2"
    for path in ("\0", "a\0b", ""):
        with pytest.raises(ConfigurationError, match="must be a path"):
            flagfiles.expand([f"--flagfile={path}"])
