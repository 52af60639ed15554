"""A call of Python in another process by TensorFlow's cluster: one string there, one back.

The op PyFunc runs a function of the process that it is placed in, found by its name. A worker
registers `answer` under `TOKEN`, and the chief schedules the op with that name. So a worker runs
the same Python as a process alone does, games and users' worlds included, and no graph travels.
"""

import hashlib
import pickle
import queue
import time
import traceback
from pkgutil import resolve_name
from typing import Any, NamedTuple

import dimapg_tf
from dimapg_tf.distributed.executor import Recipe
from dimapg_tf.experiment import compilation_cache, machine
from dimapg_tf.types import ConfigurationError, NonFiniteError, WorldError
from dimapg_tf.workers import WorkerError

TOKEN = "pyfunc_0"  # of the first function that a process registers
COMPILED = 2.0  # seconds of a call, after which it must have been compiled in it
TELLING = (ConfigurationError, NonFiniteError, WorldError)  # travel as they are


class Call(NamedTuple):
    """What the chief asks for; held: of the keys that the process holds alone, by index."""

    version: str
    recipe: Recipe
    method: str
    common: Any
    keys: tuple[Any, ...]
    arguments: tuple[Any, ...]
    held: bool


def packed(call: Call) -> bytes:
    """The string that goes to a worker."""
    return pickle.dumps(call, pickle.HIGHEST_PROTOCOL)


class Answer(NamedTuple):
    """What comes back; failed: value is what was raised, else {index of a key: result}; machine:
    see `machine.fingerprint`.
    """

    failed: bool
    value: Any
    worker: int
    machine: str


def unpacked(text: bytes) -> Answer:
    """An answer; raises what the worker did, or WorkerError for the unforeseen."""
    answer = Answer(*pickle.loads(text))
    if answer.failed:
        raise answer.value
    return answer


class Answers:
    """A worker's side: calls come in threads of the server, one thread does the work.

    Args:
      worker: its number, which the chief is told.
    """

    def __init__(self, worker: int):
        self._worker, self._machine = worker, machine.fingerprint()
        self._calls: queue.Queue = queue.Queue()
        self._work: dict[bytes, Any] = {}
        self._begun: float | None = None

    def register(self) -> Any:
        """Let calls find this process; returns what must be kept as long as they should.

        Raises:
          RuntimeError: TensorFlow names functions otherwise than this module expects.
        """
        import tensorflow as tf

        spec = tf.TensorSpec([], tf.string)

        @tf.function(input_signature=[spec], autograph=False)
        def call(text):
            return tf.numpy_function(self._ask, [text], tf.string)

        concrete = call.get_concrete_function()
        operations = concrete.graph.get_operations()
        tokens = [op.get_attr("token").decode() for op in operations if op.type == "PyFunc"]
        if tokens != [TOKEN]:
            raise RuntimeError(f"TensorFlow registered {tokens}, not {TOKEN!r}")
        return concrete

    def serve(self) -> None:
        """Answer calls for ever, in this thread."""
        while True:
            text, answer = self._calls.get()
            self._begun = time.monotonic()
            answer.put(self.answer(text))
            if self.seconds() > COMPILED:  # let a worker that is started again find it
                compilation_cache.publish()
            self._begun = None

    def seconds(self) -> float:
        """How long the present call has been worked on; 0 where there is none."""
        begun = self._begun
        return time.monotonic() - begun if begun is not None else 0.0

    def _ask(self, text: bytes) -> bytes:
        answer: queue.Queue = queue.Queue()
        self._calls.put((text, answer))
        return answer.get()

    def answer(self, text: bytes) -> bytes:
        """The string that goes back."""
        try:
            value = (False, self._results(pickle.loads(text)))
        except TELLING as error:
            value = (True, error)
        except Exception:
            told = f"worker {self._worker} failed:\n{traceback.format_exc()}"
            value = (True, WorkerError(told))
        answer = Answer(*value, self._worker, self._machine)
        return pickle.dumps(tuple(answer), pickle.HIGHEST_PROTOCOL)

    def _results(self, call: Call) -> dict[int, Any]:
        if call.version != dimapg_tf.__version__:
            raise ConfigurationError(
                f"worker {self._worker} runs dimapg_tf {dimapg_tf.__version__}, the chief "
                f"{call.version}: must be the same"
            )
        work = self._made(call.recipe)
        return {
            index: getattr(work, call.method)(call.common, key, *call.arguments)
            for index, key in enumerate(call.keys)
            if not call.held or work.holds(call.common, key)
        }

    def _made(self, recipe: Recipe) -> Any:
        """The work of this recipe; that of others is dropped."""
        name = hashlib.blake2b(pickle.dumps(recipe)).digest()
        if name not in self._work:
            self._work.clear()
            self._work[name] = resolve_name(recipe.factory)(*recipe.arguments)
        return self._work[name]
