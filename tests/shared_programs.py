"""Tests share compiled programs: a function equal to one before takes its name and compiled code.

TensorFlow numbers what it traces and knows compiled code by the number, so two learners with the
same settings compile everything twice. They are traced twice here, too; but then each compiled
function is compared with those before it, node by node and without names, and only a new one is
compiled.
"""

import hashlib

from tensorflow.core.framework.attr_value_pb2 import AttrValue
from tensorflow.core.framework.function_pb2 import FunctionDef
from tensorflow.python.eager import context
from tensorflow.python.eager.polymorphic_function import atomic_function

COMPILED = "_XlaMustCompile"
# Attributes that say where something comes from, not what it does.
ORIGINS = ("_gradient_op_type", "_user_specified_name", "_construction_context")

_names: dict[bytes, bytes] = {}  # {what a function does: the name by which it is compiled}


def begin() -> None:
    """Share what is traced from here on."""
    make = atomic_function.from_func_graph

    def from_func_graph(name, graph, attrs, *arguments, **options):
        function = make(name, graph, attrs, *arguments, **options)
        # Within another function it is a part of that one's code.
        if COMPILED not in function.cached_definition.attr or not context.executing_eagerly():
            return function
        known = _names.setdefault(_content(function.cached_definition), function.name)
        if known == function.name:
            _keep(known)
            return function
        return atomic_function.AtomicFunction(
            known,
            context.context(),
            function.function_type,
            function.children,
            function.call_options,
            cached_graph=graph,
        )

    atomic_function.from_func_graph = from_func_graph


def _keep(name: bytes) -> None:
    """Never forget a function and those that it calls, though Python needs them no more."""
    key = (context.context().function_scope_id, name)
    references = atomic_function.RUNTIME_FUNCTION_REFS
    references[key] = references.get(key, 0) + 1
    for node in context.context().get_function_def(name).node_def:
        for attribute in node.attr.values():
            for called in _called(attribute):
                _keep(called.encode())


def _called(attribute: AttrValue) -> list[str]:
    """Names of functions in an attribute."""
    kind = attribute.WhichOneof("value")
    if kind == "func":
        return [attribute.func.name]
    return [function.name for function in attribute.list.func] if kind == "list" else []


def _content(function: FunctionDef) -> bytes:
    """What a function does, whatever it, its parts and the functions that it calls are named."""
    parts = {arg.name: f"argument {i}" for i, arg in enumerate(function.signature.input_arg)}
    parts |= {node.name: f"node {i}" for i, node in enumerate(function.node_def)}

    def unnamed(place: str) -> str:
        """Of `^node`, `argument`, or `node:output:0`."""
        name, colon, output = place.removeprefix("^").partition(":")
        return "^" * place.startswith("^") + parts[name] + colon + output

    signature = function.signature
    said = [
        [arg.type for arg in signature.input_arg],
        [unnamed(function.ret[arg.name]) for arg in signature.output_arg],
        sorted(map(unnamed, function.control_ret.values())),
        _attributes(function.attr),
        [(index, _attributes(arg.attr)) for index, arg in sorted(function.arg_attr.items())],
    ]
    for node in function.node_def:
        said.append((node.op, node.device, list(map(unnamed, node.input)), _attributes(node.attr)))
    return hashlib.blake2b(repr(said).encode(), digest_size=16).digest()


def _attributes(attributes) -> list:
    """In the order of their names; of each function its content."""
    said = []
    for name, value in sorted(attributes.items()):
        if name in ORIGINS:
            continue
        called = _called(value)
        if called:
            library = context.context()
            content = [_content(library.get_function_def(function)) for function in called]
            said.append((name, content))
        elif name != "_class":  # beside which node it is to be placed
            said.append((name, value.SerializeToString(deterministic=True)))
    return said
