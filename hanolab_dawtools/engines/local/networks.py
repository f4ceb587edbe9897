"""The two separation networks and the mask they give. The only user of onnx and onnxruntime.

The graph is a small ONNX file without any weights: it refers to our weights file beside it.
Magnitudes and masks are float32 of shape (2, 512, 1024): channels, windows in time, bins from
0 Hz up. Both libraries are imported when first needed, because they are slow to load.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hanolab_dawtools.engines.local.tensors import (
    INSTRUMENTS,
    N_STEPS,
    TENSORS,
    Array,
    Tensor,
)
from hanolab_dawtools.errors import EngineCannot, WeightsWrongHash

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, TensorProto

BLOCK_WINDOWS = 512  # windows that the networks see at once, 11.9 s; as trained
NETWORK_BINS = 1024  # bins that the networks see, 0 to 11 kHz; as trained

_SHAPE = [1, 2, BLOCK_WINDOWS, NETWORK_BINS]
_NORM_EPSILON = 1e-3  # Keras' default, which Spleeter uses
_LEAK = 0.2  # slope of the leaky rectifiers
_MASK_EPSILON = 1e-10  # Spleeter's EPSILON: both instruments silent share the sound
GRAPH_VERSION = 1  # counts up when the graph changes

_OPSET = 17
_IR_VERSION = 8


class MaskNetwork:
    """The vocal mask of a block of magnitudes.

    Parameters
    ----------
    graph_path
        A file that `write_graph` made, its weights file in the same folder.
    n_threads
        Threads that one call uses. The result does not depend on it; calls may run in parallel.

    Raises
    ------
    WeightsWrongHash
        onnxruntime cannot load the graph.
    """

    def __init__(self, graph_path: Path, n_threads: int) -> None:
        import onnxruntime  # noqa: PLC0415 - slow to load
        from onnxruntime.capi import onnxruntime_pybind11_state as failures  # noqa: PLC0415

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = n_threads
        options.inter_op_num_threads = 1
        options.use_deterministic_compute = True
        options.log_severity_level = 3  # errors alone
        self._failures = (  # onnxruntime's exceptions have no base of their own
            failures.Fail,
            failures.InvalidArgument,
            failures.InvalidGraph,
            failures.InvalidProtobuf,
            failures.NoSuchFile,
            failures.NotImplemented,
            failures.RuntimeException,
        )
        try:
            self._session = onnxruntime.InferenceSession(
                str(graph_path), options, providers=["CPUExecutionProvider"]
            )
        except self._failures as error:
            raise WeightsWrongHash(
                f"the separation network {graph_path} cannot be loaded",
                hint="Run: hanolab weights remove, then: hanolab weights fetch",
            ) from error

    def vocal_mask(self, magnitudes: Array) -> Array:
        """Share of the vocals in each bin, 0..1; shape (2, 512, 1024), as `magnitudes`.

        Raises
        ------
        EngineCannot
            onnxruntime failed, which here can only mean that memory ran out.
        """
        try:
            (mask,) = self._session.run(["vocal_mask"], {"magnitudes": magnitudes[np.newaxis]})
        except self._failures as error:
            raise EngineCannot(
                "the separation network could not run, probably for want of memory",
                hint="Close other programs, then resume the job.",
            ) from error
        return np.asarray(mask[0], dtype=np.float32)


def write_graph(path: Path, weights_name: str) -> None:
    """Write the ONNX graph of both networks, whose weights are in `weights_name` beside it."""
    path.write_bytes(_model(weights_name).SerializeToString(deterministic=True))


def _model(weights_name: str) -> ModelProto:
    from onnx import TensorProto, helper  # noqa: PLC0415 - slow to load

    graph = helper.make_graph(
        [node for instrument in INSTRUMENTS for node in _network(instrument)] + _ratio_mask(),
        "spleeter-2stems",
        [helper.make_tensor_value_info("magnitudes", TensorProto.FLOAT, _SHAPE)],
        [helper.make_tensor_value_info("vocal_mask", TensorProto.FLOAT, _SHAPE)],
        [_outside(tensor, weights_name) for tensor in TENSORS]
        + [
            helper.make_tensor("epsilon", TensorProto.FLOAT, [], [_MASK_EPSILON]),
            helper.make_tensor("half_epsilon", TensorProto.FLOAT, [], [_MASK_EPSILON / 2]),
        ],
    )
    return helper.make_model(
        graph,
        producer_name="hanolab_dawtools",
        opset_imports=[helper.make_opsetid("", _OPSET)],
        ir_version=_IR_VERSION,
    )


def _outside(tensor: Tensor, weights_name: str) -> TensorProto:
    """A tensor whose values are in the weights file."""
    from onnx import TensorProto  # noqa: PLC0415 - slow to load

    proto = TensorProto(
        name=tensor.name,
        data_type=TensorProto.FLOAT,
        dims=tensor.shape,
        data_location=TensorProto.EXTERNAL,
    )
    place = {"location": weights_name, "offset": tensor.offset_bytes, "length": tensor.n_bytes}
    for key, value in place.items():
        proto.external_data.add(key=key, value=str(value))
    return proto


def _network(instrument: str) -> list[NodeProto]:
    """One U-Net: six steps down, six up with what was seen on the way down, a mask, a product."""
    from onnx import helper  # noqa: PLC0415 - slow to load

    nodes: list[NodeProto] = []

    def add(kind: str, name: str, *inputs: str, **attributes: Any) -> str:
        output = f"{instrument}/{name}"
        nodes.append(helper.make_node(kind, list(inputs), [output], name=output, **attributes))
        return output

    def convolve(kind: str, layer: str, source: str, **attributes: Any) -> str:
        parts = [f"{instrument}/{layer}/{part}" for part in ("kernel", "bias")]
        return add(kind, layer, source, *parts, **attributes)

    def normalize(layer: str, source: str) -> str:
        parts = [f"{instrument}/{layer}/{p}" for p in ("gamma", "beta", "mean", "variance")]
        return add("BatchNormalization", layer, source, *parts, epsilon=_NORM_EPSILON)

    # TensorFlow's "same" padding of a 5 x 5 kernel with stride 2: one before, two behind
    halving = {"strides": [2, 2], "pads": [1, 1, 2, 2]}
    seen: list[str] = []
    signal = "magnitudes"
    for step in range(1, N_STEPS + 1):
        seen.append(convolve("Conv", f"down{step}", signal, **halving))
        if step < N_STEPS:
            signal = normalize(f"down{step}_norm", seen[-1])
            signal = add("LeakyRelu", f"down{step}_leak", signal, alpha=_LEAK)
    signal = seen.pop()
    for step in range(1, N_STEPS + 1):
        signal = convolve("ConvTranspose", f"up{step}", signal, **halving)
        signal = normalize(f"up{step}_norm", add("Relu", f"up{step}_relu", signal))
        if seen:
            signal = add("Concat", f"up{step}_join", seen.pop(), signal, axis=1)
    signal = convolve("Conv", "mask", signal, dilations=[2, 2], pads=[3, 3, 3, 3])
    add("Mul", "magnitudes", add("Sigmoid", "share", signal), "magnitudes")
    return nodes


def _ratio_mask() -> list[NodeProto]:
    """vocal_mask = (v^2 + epsilon / 2) / (v^2 + a^2 + epsilon), from both networks' magnitudes."""
    from onnx import helper  # noqa: PLC0415 - slow to load

    powers = [
        helper.make_node("Mul", [f"{name}/magnitudes"] * 2, [f"{name}/power"])
        for name in INSTRUMENTS
    ]
    return [
        *powers,
        helper.make_node("Add", [f"{name}/power" for name in INSTRUMENTS], ["both"]),
        helper.make_node("Add", ["vocals/power", "half_epsilon"], ["numerator"]),
        helper.make_node("Add", ["both", "epsilon"], ["denominator"]),
        helper.make_node("Div", ["numerator", "denominator"], ["vocal_mask"]),
    ]
