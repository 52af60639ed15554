"""The tutorial, as it stands there but for the numbers of episodes: from its files to a GIF."""

import re
import subprocess
import sys
from pathlib import Path

import quick_compilation
from PIL import Image

ROOT = Path(__file__).parents[1]


def test_the_tutorial_ends_in_a_gif(tmp_path):
    text = (ROOT / "docs/tutorial.md").read_text(encoding="utf-8")
    files = re.findall(r'```python title="(\w+\.py)"\n(.*?)```', text, re.DOTALL)
    assert [name for name, _ in files] == ["meeting.py", "learn.py", "compare.py", "show.py"]
    for name, code in files:
        shorter = code.replace("episodes=3_000", "episodes=20, trajectories=2, hidden=(4,)")
        shorter = shorter.replace("episodes=100", "episodes=2")
        assert (shorter == code) == (name in ("meeting.py", "show.py"))
        (tmp_path / name).write_text(shorter, encoding="utf-8")
    # One process for all, since each would import TensorFlow anew.
    run = "import runpy; [runpy.run_path(f) for f in ('learn.py', 'compare.py', 'show.py')]"
    done = subprocess.run(
        [sys.executable, "-c", run],
        cwd=tmp_path,
        env={
            **quick_compilation.environment(),
            "PYTHONPATH": f"{ROOT}:{tmp_path}",
            "PATH": "/usr/bin:/bin",
            "HOME": str(tmp_path),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == [
        *("random", "theta", "theta_greedy"),
    ]
    with Image.open(tmp_path / "meeting.gif") as gif:
        assert gif.size == (320, 80)
        assert gif.n_frames > 1
