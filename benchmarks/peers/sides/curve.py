"""A learning curve over the seconds of a process, and when it has reached what is asked.

Without packages, for peers run it with a Python of their own.
"""

import time
from collections import deque

WINDOW = 500  # training episodes that a mean return is over
DRAWN = 200  # points of a curve that are kept


class Moving:
    """The mean over the last `window` episodes, from iterations' means."""

    def __init__(self, window: int = WINDOW):
        self._window = window
        self._rows: deque[tuple[int, float]] = deque()
        self._episodes, self._total = 0, 0.0

    def add(self, episodes: int, mean: float) -> float | None:
        """An iteration of so many episodes; None while there are too few for a window."""
        self._rows.append((episodes, mean))
        self._episodes += episodes
        self._total += episodes * mean
        while self._episodes - self._rows[0][0] >= self._window:
            first, value = self._rows.popleft()
            self._episodes -= first
            self._total -= first * value
        return self._total / self._episodes if self._episodes >= self._window else None


class Curve:
    """Watches a training.

    Args:
      levels: {name: mean return of an agent} that are to be reached.
      minutes: after which it may end in any case.
      started: when it began, by `time.perf_counter`.
    """

    def __init__(self, levels: dict[str, float], minutes: float, started: float):
        self._levels, self._minutes, self._started = levels, minutes, started
        self._moving = Moving()
        self._points: list[list[float]] = []
        self._reached: dict[str, dict[str, float] | None] = dict.fromkeys(levels)
        self._episodes = 0

    def add(self, episodes: int, mean: float) -> bool:
        """An iteration of so many episodes, and the mean return of an agent in it.

        Returns: whether nothing more is asked.
        """
        seconds = time.perf_counter() - self._started
        self._episodes += episodes
        smooth = self._moving.add(episodes, mean)
        if smooth is not None:
            self._points.append([round(seconds, 2), self._episodes, round(smooth, 3)])
            for name, level in self._levels.items():
                if self._reached[name] is None and smooth >= level:
                    self._reached[name] = {"seconds": seconds, "episodes": self._episodes}
        return all(self._reached.values()) or seconds > 60.0 * self._minutes

    def sample(self) -> dict:
        """What is kept: when each level was reached, the best mean, and points of the curve."""
        points = self._points
        step = max(1, len(points) // DRAWN)
        return {
            "reached": self._reached,
            "best": max((mean for _, _, mean in points), default=None),
            "seconds": time.perf_counter() - self._started,
            "episodes": self._episodes,
            "curve": points[::step] + points[-1:],
        }
