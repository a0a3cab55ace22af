"""all-MiniLM-L6-v2 in process, on ONNX: 23 MB, loaded on first use, a few milliseconds a sentence."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from supportmax.domain.errors import PermanentFailure

if TYPE_CHECKING:
    from tokenizers import Tokenizer

MAX_TOKENS = 256
BATCH = 32


class MiniLMEmbedder:
    """`directory` holds `model.onnx` and `tokenizer.json`; the model pools and normalises by itself."""

    model = "all-MiniLM-L6-v2-int8"

    def __init__(self, directory: Path, threads: int = 1) -> None:
        self._directory = directory
        self._threads = threads

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector of 384 numbers, unit length, per text, in order. Texts beyond 256 tokens are cut."""
        # Texts of like length share a batch, so that little is computed for padding.
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        vectors: list[list[float]] = [[] for _ in texts]
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            for index, vector in zip(batch, self._run([texts[i] for i in batch]), strict=True):
                vectors[index] = vector
        return vectors

    def _run(self, texts: Sequence[str]) -> list[list[float]]:
        import numpy as np

        encoded = self._tokenizer.encode_batch(list(texts))
        feeds = {
            "input_ids": np.array([e.ids for e in encoded], dtype=np.int64),
            "attention_mask": np.array([e.attention_mask for e in encoded], dtype=np.int64),
        }
        vectors: list[list[float]] = self._session.run(["embedding"], feeds)[0].tolist()
        return vectors

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self._file("tokenizer.json")))
        tokenizer.enable_truncation(MAX_TOKENS)
        tokenizer.enable_padding()
        return tokenizer

    @cached_property
    def _session(self) -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        # Without this an idle session keeps a core busy waiting for its next question.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        return onnxruntime.InferenceSession(str(self._file("model.onnx")), options, providers=["CPUExecutionProvider"])

    def _file(self, name: str) -> Path:
        path = self._directory / name
        if not path.is_file():
            raise PermanentFailure(f"no embedding model at {path}: set SUPPORTMAX_EMBEDDER_MODEL_DIR")
        return path
