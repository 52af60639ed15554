"""How far a training is, on the terminal: a progress bar with the learning curve, or lines."""

import sys
import time
from collections.abc import Mapping

import tqdm

from dimapg_tf.experiment import sparkline
from dimapg_tf.experiment.metrics_file import Row

REPORT_SECONDS = 10.0  # between lines of progress where there is no terminal to draw a bar on
CURVE_SECONDS = 0.5  # between drawings of the learning curve


class Reporter:
    """A progress bar and a learning curve on a terminal, a line every few seconds elsewhere.

    Args:
      done, total: episodes.
      kept: rows of metrics.csv, with which the curve of a resumed run begins.
    """

    def __init__(self, done: int, total: int, kept: list[Row]):
        self._total = total
        self._bar = tqdm.tqdm(
            total=total, initial=done, unit=" episodes", disable=None, dynamic_ncols=True
        )
        self._curve = tqdm.tqdm(bar_format="{desc}", position=1, disable=None, dynamic_ncols=True)
        self._values: list[float] = []
        self._drawn = sparkline.column(kept[0]) if kept else None
        if self._drawn is not None:
            self._values = [float(row[self._drawn]) for row in kept if row[self._drawn]]
        self._first, self._last = (time.perf_counter(), done), 0.0

    def iteration(self, episodes: int, returns: Mapping[str, float], status: str = "") -> None:
        """Tell that so many episodes are behind the run, the last of them with these returns.

        status: what else is to be said of the iteration.
        """
        text = ", ".join(filter(None, [_summary(returns), status]))
        now = time.perf_counter()
        if not self._bar.disable:
            self._draw_curve(returns, now)
            self._bar.set_postfix_str(text, refresh=False)
            # The last iteration may go past the budget; the bar ends at 100 %.
            self._bar.update(min(episodes, self._total) - self._bar.n)
            return
        if now - self._last > REPORT_SECONDS or episodes >= self._total:
            self._last = now
            rate = (episodes - self._first[1]) / (now - self._first[0])
            left = max(self._total - episodes, 0) / rate
            done = f"{episodes:,} of {self._total:,} episodes"
            print(
                f"{done}, {rate:.0f}/s, {left:.0f} s left, {text}",
                file=sys.stderr,
                flush=True,
            )

    def _draw_curve(self, returns: Mapping[str, float], now: float) -> None:
        self._drawn = self._drawn or sparkline.column(returns)
        if self._drawn is None:
            return
        self._values.append(returns[self._drawn])
        if now - self._last > CURVE_SECONDS:
            self._last = now
            self._curve.set_description_str(self._text())

    def _text(self) -> str:
        """The curve in the width of the terminal."""
        width = (self._curve.ncols or sparkline.WIDTH) - 1
        return sparkline.curve(self._drawn, self._values, width)

    def close(self) -> None:
        """Leave the bar and the curve as they are last."""
        if self._drawn is not None and not self._curve.disable:
            self._curve.set_description_str(self._text())
        self._bar.close()
        self._curve.close()


def _summary(returns: Mapping[str, float]) -> str:
    """The returns in a few words: of each population where there are two or more."""
    populations = [name.removesuffix("/return_mean") for name in returns if "/return_mean" in name]
    if populations:
        return ", ".join(f"{name} {returns[f'{name}/return_mean']:.1f}" for name in populations)
    worst = returns["min_return_per_episode"]
    return f"return {returns['return_mean']:.1f}, worst agent {worst:.1f}"
