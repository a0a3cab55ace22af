"""all-MiniLM-L6-v2 in process, on ONNX: 23 MB, loaded on first use, a few milliseconds a sentence."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from supportmax.domain.errors import PermanentFailure

if TYPE_CHECKING:
    from tokenizers import Tokenizer

MAX_TOKENS = 256


class MiniLMEmbedder:
    """`directory` holds the model and `tokenizer.json`; the model pools and normalises by itself.

    `one_text.onnx` computes what the published `model.onnx` does, in fewer steps, and takes its weights from there.
    """

    model = "all-MiniLM-L6-v2-int8"

    def __init__(self, directory: Path, threads: int = 1) -> None:
        self._directory = directory
        self._threads = threads

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector of 384 numbers, unit length, per text, in order. Texts beyond 256 tokens are cut.

        One text a run: batches pay for padding, and quantised they share one scale, so that a text's vector would
        depend on its company. Articles took 6 ms a text this way and 51 ms in batches of 32.
        """
        return [self._embed_one(text) for text in texts]

    def _embed_one(self, text: str) -> list[float]:
        import numpy as np

        ids = np.array([self._tokenizer.encode(text).ids], dtype=np.int64)
        vector: list[float] = self._session.run(["embedding"], {"input_ids": ids})[0][0].tolist()
        return vector

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self._file("tokenizer.json")))
        tokenizer.enable_truncation(MAX_TOKENS)
        tokenizer.no_padding()  # the file asks for 128 tokens, ten times what a question has
        return tokenizer

    @cached_property
    def _session(self) -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        # Without this an idle session keeps a core busy waiting for its next question.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._file("model.onnx")
        graph = str(self._file("one_text.onnx"))
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    def _file(self, name: str) -> Path:
        path = self._directory / name
        if not path.is_file():
            raise PermanentFailure(f"no embedding model at {path}: set SUPPORTMAX_EMBEDDER_MODEL_DIR")
        return path
