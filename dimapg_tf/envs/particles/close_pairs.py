"""Pairs of points that are close to each other, in NumPy, without a table of all pairs."""

import numpy as np
from scipy.spatial import cKDTree

MANY = 64  # from so many points on, a tree is faster, and needs less memory
PAIRS_AT_ONCE = 1_000_000  # whose distances are held in memory


def of(points: np.ndarray, reach: float) -> tuple[np.ndarray, np.ndarray]:
    """(first, second) of all pairs of points [n, 2] nearer than `reach`, first < second."""
    if len(points) < MANY:
        first, second = np.triu_indices(len(points), k=1)
    else:
        # The tree rounds otherwise than the distance that decides, so it is asked for some more.
        pairs = cKDTree(points).query_pairs(1.001 * reach, output_type="ndarray")
        first, second = np.sort(pairs, axis=1).T
    near = np.linalg.norm(points[first] - points[second], axis=-1) < reach
    return first[near], second[near]


def count(worlds: np.ndarray, radii: np.ndarray) -> np.ndarray:
    """How many pairs of bodies with radii [n] touch, in each of some worlds [..., n, 2]: [...]."""
    flat = worlds.reshape(-1, *worlds.shape[-2:])
    if flat.shape[1] < MANY:
        first, second = np.triu_indices(flat.shape[1], k=1)
        counts = np.zeros(len(flat), np.int64)
        at_once = max(1, PAIRS_AT_ONCE // max(1, len(first)))
        for start in range(0, len(flat), at_once):
            part = slice(start, start + at_once)
            apart = np.linalg.norm(flat[part, first] - flat[part, second], axis=-1)
            counts[part] = (apart < radii[first] + radii[second]).sum(axis=1)
    else:
        counts = np.array([_touching(points, radii) for points in flat])
    return counts.reshape(worlds.shape[:-2])


def _touching(points: np.ndarray, radii: np.ndarray) -> int:
    """How many pairs of these many bodies touch."""
    first, second = of(points, 2.0 * radii.max())
    apart = np.linalg.norm(points[first] - points[second], axis=-1)
    return int((apart < radii[first] + radii[second]).sum())
