# /// script
# requires-python = ">=3.11"
# dependencies = ["onnx==1.23.2"]
# ///
"""Writes `model/one_text.onnx`: what the published model computes, for one text, without the bookkeeping for many.

    .venv/bin/uv run --script infra/layers/embedder/one_text_graph.py

The published graph works out shapes, positions and masks for a batch with padding: two hundred small nodes beside the
matrix products. Of one text they are constants. What is left does the same operations on the same numbers in the same
order, so that vectors are the same to the last bit (tests/contract/test_embedder.py). Large weights are not copied: the
file says where in `model.onnx` they lie.
"""

from pathlib import Path
from typing import Any

import onnx
from onnx import TensorProto, helper

PUBLISHED = Path(__file__).with_name("model") / "model.onnx"
ONE_TEXT = PUBLISHED.with_name("one_text.onnx")
LAYERS = 6
HEADS = 12
WIDTH = 384
# To the last digit as in the published graph: the rounding to 256 steps makes much of little.
SCALE = 0.1767767071723938
EPSILON = 9.999999960041972e-13
LARGE = 10_000  # bytes
MICROSOFT = "com.microsoft"
EMBEDDINGS = ("word", "token_type", "position")
PARTS_OF_MATRIX = ("weight", "scale", "zero_point", "bias")


class Graph:
    """The new graph under construction, on the weights of the published one."""

    def __init__(self, published: onnx.ModelProto, content: bytes) -> None:
        self._content = content
        self._published = {weight.name: weight for weight in published.graph.initializer}
        # Weights of matrices have numbers for names; the products with them are called like the modules of the model.
        self._matrices = {
            node.name.strip("/").replace("/", ".").removesuffix(".MatMul_quant"): node.input[1]
            for node in published.graph.node
            if node.op_type == "MatMulInteger"
        }
        self._weights: dict[str, onnx.TensorProto] = {}
        self._nodes: list[onnx.NodeProto] = []

    def node(self, kind: str, inputs: list[str], *outputs: str, domain: str = "", **attributes: Any) -> str:
        """Its first output."""
        self._nodes.append(helper.make_node(kind, inputs, outputs, domain=domain, **attributes))
        return outputs[0]

    def number(self, value: int) -> str:
        name = f"number_{value}"
        self._weights[name] = helper.make_tensor(name, TensorProto.INT64, [1], [value])
        return name

    def weight(self, name: str) -> str:
        weight = self._published[name]
        self._weights[name] = self._reference(weight) if len(weight.raw_data) > LARGE else weight
        return name

    def quantised(self, name: str) -> list[str]:
        """Integers, scale and zero point."""
        return [self.weight(f"{name}_{part}") for part in ("quantized", "scale", "zero_point")]

    def matrix(self, module: str) -> list[str]:
        """Those of a linear module, and its bias."""
        return [*self.quantised(self._matrices[module].removesuffix("_quantized")), self.weight(f"{module}.bias")]

    def _reference(self, weight: onnx.TensorProto) -> onnx.TensorProto:
        place = {
            "location": PUBLISHED.name,
            "offset": self._content.index(weight.raw_data),
            "length": len(weight.raw_data),
        }
        found = TensorProto(name=weight.name, data_type=weight.data_type, dims=weight.dims)
        found.data_location = TensorProto.EXTERNAL
        for key, value in place.items():
            found.external_data.add(key=key, value=str(value))
        return found

    def model(self) -> onnx.ModelProto:
        ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, "tokens"])
        embedding = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [1, WIDTH])
        graph = helper.make_graph(self._nodes, "one_text", [ids], [embedding], list(self._weights.values()))
        opsets = [helper.make_opsetid("", 17), helper.make_opsetid(MICROSOFT, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def build(graph: Graph) -> None:
    state = embeddings(graph)
    for number in range(LAYERS):
        state = layer(graph, f"m.encoder.layer.{number}", state)
    mean = graph.node("ReduceMean", [state], "mean", axes=[1], keepdims=0)
    graph.node("Div", [mean, graph.node("ReduceL2", [mean], "length", axes=[1])], "embedding")


def embeddings(graph: Graph) -> str:
    """Of the word, of the text's only segment, and of the position."""
    words, kinds, positions = (graph.quantised(f"m.embeddings.{what}_embeddings.weight") for what in EMBEDDINGS)
    count = graph.node("Shape", ["input_ids"], "count", start=1)
    word = dequantised(graph, graph.node("Gather", [words[0], "input_ids"], "word_ids"), words)
    kind = dequantised(graph, graph.node("Gather", [kinds[0], graph.number(0)], "kind_ids"), kinds)
    first = graph.node("Slice", [positions[0], graph.number(0), count], "position_ids")
    position = dequantised(graph, first, positions)
    total = graph.node("Add", [graph.node("Add", [word, kind], "word_and_kind"), position], "embeddings")
    return normalised(graph, total, "m.embeddings.LayerNorm")


def dequantised(graph: Graph, chosen: str, table: list[str]) -> str:
    return graph.node("DequantizeLinear", [chosen, *table[1:]], f"{chosen}_dequantised")


def layer(graph: Graph, name: str, state: str) -> str:
    """Attention and feed-forward. The two norms are written differently, as onnxruntime fuses the published graph."""
    attended = linear(graph, f"{name}.attention.output.dense", attention(graph, f"{name}.attention.self", state))
    added = graph.node("Add", [attended, state], f"{name}.attended")
    state = normalised(graph, added, f"{name}.attention.output.LayerNorm")
    wide = linear(graph, f"{name}.intermediate.dense", state)
    narrow = linear(graph, f"{name}.output.dense", graph.node("Gelu", [wide], f"{name}.gelu", domain=MICROSOFT))
    norm = [graph.weight(f"{name}.output.LayerNorm.{part}") for part in ("weight", "bias")]
    skip = [narrow, state, *norm]
    return graph.node("SkipLayerNormalization", skip, f"{name}.state", domain=MICROSOFT, epsilon=EPSILON)


def attention(graph: Graph, name: str, state: str) -> str:
    """Query, key and value in one product: scales are per column, so it is the three side by side."""
    of_each = [graph.matrix(f"{name}.{part}") for part in ("query", "key", "value")]
    weight, scale, zero, bias = (
        graph.node("Concat", list(parts), f"{name}.{what}", axis=axis)
        for parts, what, axis in zip(zip(*of_each, strict=True), PARTS_OF_MATRIX, (1, 0, 0, 0), strict=True)
    )
    asked = [f"{name}.{part}" for part in ("input", "input_scale", "input_zero")]
    graph.node("DynamicQuantizeLinear", [state], *asked)
    inputs = [asked[0], weight, bias, asked[1], scale, "", asked[2], zero]
    return graph.node("QAttention", inputs, f"{name}.output", domain=MICROSOFT, num_heads=HEADS, scale=SCALE)


def linear(graph: Graph, module: str, state: str) -> str:
    return graph.node("DynamicQuantizeMatMul", [state, *graph.matrix(module)], f"{module}.output", domain=MICROSOFT)


def normalised(graph: Graph, state: str, module: str) -> str:
    norm = [graph.weight(f"{module}.{part}") for part in ("weight", "bias")]
    return graph.node("LayerNormalization", [state, *norm], f"{module}.output", epsilon=EPSILON)


def main() -> None:
    graph = Graph(onnx.load(PUBLISHED), PUBLISHED.read_bytes())
    build(graph)
    ONE_TEXT.write_bytes(graph.model().SerializeToString(deterministic=True))


if __name__ == "__main__":
    main()
