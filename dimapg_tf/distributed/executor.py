"""What a learner sees of the processes that work for it."""

from collections.abc import Callable, Container, Hashable, Sequence
from typing import Any, NamedTuple, Protocol


class Work(Protocol):
    """What a process does: its methods are pure functions of (common, key, arguments).

    common: of an iteration, the same for all of its keys; numbers are NumPy arrays, so that it can
    travel. What was computed for a key may be kept for `again`; results do not depend on it.
    """

    def holds(self, common: Any, key: Hashable) -> bool:
        """Whether a method called with this key has less to do here than elsewhere."""


class Recipe(NamedTuple):
    """How another process makes the same `Work`: "module:name" of a callable, its arguments."""

    factory: str
    arguments: tuple[Any, ...]


class Executor(Protocol):
    """Calls methods of a `Work`, here or elsewhere; results are in the order of the keys."""

    def map(self, method: str, common: Any, keys: Sequence[Hashable], *arguments: Any) -> list[Any]:
        """method(common, key, *arguments) for each key."""

    def again(
        self, method: str, common: Any, keys: Sequence[Hashable], *arguments: Any
    ) -> list[Any]:
        """The same for keys that were computed before in this iteration, where they are held."""

    def status(self) -> str:
        """How the work went since the last time, in a few words for the line of progress."""


class LocalExecutor:
    """This process does all the work, block after block."""

    def __init__(self, work: Work):
        self.work = work

    def map(self, method: str, common: Any, keys: Sequence[Hashable], *arguments: Any) -> list[Any]:
        """See `Executor.map`."""
        return [getattr(self.work, method)(common, key, *arguments) for key in keys]

    again = map

    def status(self) -> str:
        """Nothing that the user does not know."""
        return ""


def executor(
    make_work: Callable[[], Work], recipe: Recipe, here: Container[Hashable] = ()
) -> Executor:
    """Who works for this process: the workers it has gathered by `cluster.connect`, else itself.

    Args:
      make_work: makes the work of this process.
      recipe: of the work of other processes.
      here: keys that this process works on while others work on the rest.
    """
    from dimapg_tf.distributed import cluster

    if cluster.gathered():
        return cluster.ClusterExecutor(recipe, make_work(), here)
    return LocalExecutor(make_work())
