"""Packaging. Lower bounds are what the code needs; constraints.txt is what was tested."""

import re
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent
VERSION = re.search(r'__version__ = "(.+)"', (HERE / "dimapg_tf/__init__.py").read_text()).group(1)

REQUIRED = [
    "absl-py>=2.1",  # flags and flagfiles of every script
    "tensorflow>=2.18",  # 2.18 is the first with NumPy 2
    "tensorflow-probability>=0.25",  # categorical distributions; 0.25 is the first with NumPy 2
    "tf-keras>=2.18",  # TensorFlow Probability still stands on Keras 2
    "numpy>=2.0",
    "gym>=0.26",  # the joint-space view of an environment
    "pettingzoo>=1.24",  # environments of the user's own
    "mpe2>=1.0",  # PettingZoo's particle environments: what our physics are checked against
    "magent2>=0.3.3",  # Survival
    "scipy>=1.13",  # linear_sum_assignment of the scripted reference policy
    "cloudpickle>=2.2",  # sends what makes a user's environment to worker processes
    "tensorboard>=2.18",  # event files
    "tqdm>=4.66",  # progress bars
    # TensorFlow Probability imports distutils, since Python 3.12 only in setuptools.
    "setuptools>=68",
]
PLOTS = ["matplotlib>=3.8", "pillow>=10.1"]  # heat maps; pictures of episodes
ONNX = ["tf2onnx>=1.16"]  # policies as ONNX files; needed for nothing else
# psutil: resident memory of a run; onnxruntime: plays what was written as ONNX.
TEST = ["pytest>=8", "pytest-xdist>=3.5", "psutil>=5.9", "onnxruntime>=1.18", *ONNX, *PLOTS]
# What some environments of PettingZoo's need, such as multiwalker; its versions as in configs/env.
WORLDS = ["pettingzoo[butterfly,sisl]>=1.27"]
WANDB = ["wandb>=0.16"]  # metrics to Weights & Biases as well: --log_to=wandb
MLFLOW = ["mlflow-skinny>=2.10"]  # the same to MLflow: --log_to=mlflow
DOCS = [
    "mkdocs-material>=9.5",  # the theme; brings MkDocs itself
    "mkdocstrings[python]>=0.26",  # the API reference, read from the docstrings
    "latex2mathml>=3.77",  # formulas as MathML: no script from another host
]
RUFF = ["ruff>=0.14"]
DEV = [*TEST, *DOCS, *RUFF, "pre-commit>=4"]

setup(
    name="dimapg_tf",
    version=VERSION,
    description="DiMA-PG: scalable multi-agent policy gradients in TensorFlow 2",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="MIT",
    packages=[*find_packages(include=["dimapg_tf*", "baselines*"]), "dimapg_tf.configs"],
    # The flagfiles stand at the top of the repository and are installed beside the modules.
    package_dir={"dimapg_tf.configs": "configs"},
    package_data={
        "dimapg_tf": ["py.typed"],
        "dimapg_tf.configs": ["env/*.flags", "algorithm/*.flags"],
        "baselines": ["py.typed"],
    },
    python_requires=">=3.10,<3.14",
    install_requires=REQUIRED,
    extras_require={
        "plots": PLOTS,
        "onnx": ONNX,
        "worlds": WORLDS,
        "wandb": WANDB,
        "mlflow": MLFLOW,
        "test": TEST,
        "docs": DOCS,
        "lint": RUFF,
        "dev": DEV,
    },
    entry_points={
        "console_scripts": [
            "dimapg-train = dimapg_tf.train:run",
            "dimapg-launch = dimapg_tf.launch:run",
            "dimapg-evaluate = dimapg_tf.evaluate:run",
            "dimapg-crossplay = dimapg_tf.crossplay:run",
            "dimapg-render = dimapg_tf.render:run",
            "dimapg-export = dimapg_tf.export:run",
            "dimapg-sweep = dimapg_tf.sweep:run",
        ],
        "dimapg_tf.learners": [
            "dimapg = dimapg_tf.algorithm.announce:DIMAPG",
            "fine_tune = dimapg_tf.algorithm.announce:FINE_TUNE",
            "maddpg = baselines.maddpg:LEARNER",
            "a3c_kitchensink = baselines.a3c_kitchensink:LEARNER",
            "trpo_kitchensink = baselines.trpo_kitchensink:LEARNER",
        ],
    },
)
