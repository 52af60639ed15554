"""What the record of `parts` says an iteration costs: as measured, and fitted to other sizes."""

import pickle
from collections.abc import Mapping
from statistics import median
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import nnls

from benchmarks.scaling.model import Block, Load, Wires
from dimapg_tf.algorithm.partition import Block as Key

METHODS = ("roll_out", "gradient", "value", "product")
FLOAT32 = 4  # bytes
HORIZON, BESIDE = 200, 4  # steps; numbers of a trajectory beside the observation
GROUP = 8  # points of a group, see dimapg_tf/envs/particles/neighbours.py


def seconds(case: Mapping[str, Any], kind: str) -> dict[str, list[float]]:
    """{method: samples} of the "shared" τ^θ or of a "block" of a case of the record."""
    parts = case["parts"]
    gradient = parts[f"gradient, {kind}"]
    found = {"roll_out": gradient["rolled_out"]}
    both = zip(gradient["seconds"], gradient["rolled_out"])
    found["gradient"] = [whole - before for whole, before in both]
    for method in METHODS[2:]:
        found[method] = parts.get(f"{method}, {kind}", {"seconds": [0.0]})["seconds"]
    return found


def block(case: Mapping[str, Any], kind: str, middle=median) -> Block:
    """The middle of the samples of each method."""
    return Block(**{method: middle(found) for method, found in seconds(case, kind).items()})


def spread(case: Mapping[str, Any]) -> list[float]:
    """Seconds of each block, as times their mean."""
    samples = np.asarray(case["parts"]["gradient, block"]["seconds"])
    return list(samples / samples.mean())


def compiling(case: Mapping[str, Any]) -> float:
    """Seconds by which the first call of each kind was longer than the others, all together."""
    parts = case["parts"]
    usual = sum(median(parts[name]["seconds"]) for name in case["first"])
    return sum(case["first"].values()) - usual


def measured(record: Mapping[str, Any], name: str, middle=np.mean) -> Load:
    """An iteration of a case of the record."""
    (case,) = (case for case in record["cases"] if case["case"] == name)
    add = adding(record)
    gradient = case["parts"]["gradient, block"]
    returned = case["parts"].get("product, block", {"returned": 0.0})["returned"]
    return Load(
        case["blocks"],
        block(case, "block", middle),
        block(case, "shared", middle),
        *(float(np.mean(case["rounds"][method])) for method in ("value", "product")),
        theta=FLOAT32 * sum(case["parameters"].values()),
        chief=max(0.0, middle(case["chief"]) - add * case["blocks"]),
        add=add,
        again_bytes=key_bytes(case["block_agents"]),
        returned=(gradient["returned"], returned),
    )


def adding(record: Mapping[str, Any]) -> float:
    """Seconds of the chief for the gradient of one more block."""
    few, *_, many = record["sums"][0]["sums"]
    more = median(many["seconds"]) - median(few["seconds"])
    return max(0.0, more / (many["parts"] - few["parts"]))


def key_bytes(agents: int) -> float:
    """Of a block of so many agents in a call that names many blocks."""
    keys = tuple(
        Key("agents", number, tuple(range(number * agents, (number + 1) * agents)))
        for number in range(1000)
    )
    return len(pickle.dumps(keys, pickle.HIGHEST_PROTOCOL)) / len(keys)


def wires(record: Mapping[str, Any], workers: int | None = None) -> Wires:
    """Of calls to so many workers on the machine of the record, packing included; by default to
    workers elsewhere, who leave the chief a core: its processor time counts then."""
    echoes = [echo for echo in record["echo"] if workers in (None, echo["workers"])]
    what = "among_many" if workers else "cpu_among_many"
    found: dict[int, list[float]] = {}
    for echo in echoes:
        for size in echo["sizes"]:
            found.setdefault(size["bytes"], []).append(median(size[what]))
    among = {size: min(seconds) for size, seconds in found.items()}
    call, largest = among[0], max(among)
    alone = min(median(echo["sizes"][0]["alone"]) for echo in echoes)
    per_byte = max(0.0, among[largest] - call) / (2 * largest)
    return Wires(call, per_byte, max(0.0, alone - call) / 2)


class Size(NamedTuple):
    """agents: of the population; sampled: of them; block_agents: in a block."""

    agents: int
    sampled: int
    block_agents: int

    @property
    def blocks(self) -> int:
        """How many there are."""
        return max(1, self.sampled // self.block_agents)


class Fit:
    """Seconds of a key as sums of what grows with the size, fitted to the record's populations.

    A world's step looks for neighbours: it grows with N and N². What is learned from grows with the
    agents that are recorded. All coefficients are 0 or more; errors are relative.

    Attributes:
      coefficients: {(kind, method): of `_features`}; errors: {...: largest relative one}.
    """

    def __init__(self, record: Mapping[str, Any]):
        self._record = record
        self.cases = [case for case in record["cases"] if case["case"].startswith("population")]
        self._like = self.cases[0]
        self.coefficients, self.errors = {}, {}
        for kind in ("shared", "block"):
            for method in METHODS:
                rows = np.array([self._features(kind, method, _size(c)) for c in self.cases])
                found = np.array([median(seconds(case, kind)[method]) for case in self.cases])
                if not found.all():
                    self.coefficients[kind, method] = np.zeros(rows.shape[1])
                    continue
                solution, _ = nnls(rows / found[:, None], np.ones(len(found)))
                self.coefficients[kind, method] = solution
                self.errors[kind, method] = float(np.abs(rows @ solution / found - 1.0).max())

    def recorded(self, size: Size) -> int:
        """Agents whose trajectories are kept."""
        return min(size.agents, size.sampled + self._like["followers"])

    def _features(self, kind: str, method: str, size: Size) -> list[float]:
        """Of worlds played and samples looked at, in multiples of B."""
        worlds = 1 if kind == "shared" else size.block_agents
        samples = worlds * self.recorded(size)
        if method != "roll_out":
            return [1.0, samples]
        return [1.0, worlds * size.agents, worlds * size.agents**2, samples]

    def block(self, kind: str, size: Size, linear: bool = False) -> Block:
        """linear: of a world whose step is linear in its agents, all else the same."""
        found = {}
        for method in METHODS:
            row = self._features(kind, method, size)
            if linear and method == "roll_out":
                row[2] = 0.0
            found[method] = float(np.dot(row, self.coefficients[kind, method]))
        return Block(**found)

    def load(self, size: Size, linear: bool = False) -> Load:
        """An iteration of this size."""
        like = measured(self._record, self._like["case"])
        return like._replace(
            blocks=size.blocks,
            block=self.block("block", size, linear),
            shared=self.block("shared", size, linear),
            again_bytes=key_bytes(size.block_agents),
        )

    def spread(self) -> list[float]:
        """Of block times, in all populations of the record."""
        return [factor for case in self.cases for factor in spread(case)]

    def compiling(self) -> float:
        """Seconds, in the middle of the populations."""
        return median(compiling(case) for case in self.cases)

    def worker_bytes(self, size: Size, workers: int, linear: bool = False) -> float:
        """Of a worker, at least: what it holds until the end of the iteration, and the noise and,
        unless linear, the table of distances of the worlds of one block."""
        like = self._like
        worlds = size.block_agents * like["trajectories"]
        steps = worlds * HORIZON
        held = -(-size.blocks // workers) * like["adaptation_steps"]
        held *= steps * self.recorded(size) * (like["observation_size"] + BESIDE)
        noise = steps * size.agents
        table = 0 if linear else worlds * size.agents**2 / GROUP
        return FLOAT32 * (held + noise + table)


def _size(case: Mapping[str, Any]) -> Size:
    (agents,), (sampled,) = case["num_agents"].values(), case["sampled"].values()
    return Size(agents, sampled, case["block_agents"])
