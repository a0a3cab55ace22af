"""The peer: LangChain with Chroma, and SQLAlchemy for the conversation. Runs in its own environment.

Reads one JSON request a line and answers each with one JSON line; it measures itself, so the pipe costs it nothing.
Its vectors are made by the MiniLM that ours comes from, as published, on the same runtime; or, for comparison, by our
embedder. It keeps the conversation as the usual stack does (a row for the question, committed before the answer is
looked for, a row for the answer and one for what was retrieved, as a desk that can say why must), in the same Postgres
as ours.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import chromadb
import numpy as np
import onnxruntime
from chromadb.config import Settings
from langchain_chroma import Chroma
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from sqlalchemy import JSON, Engine, ForeignKey, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from tokenizers import Tokenizer

from supportmax.adapters.embedder.minilm import MiniLMEmbedder

NAME = "articles"
BATCH = 5_000
Request = dict[str, Any]
Found = tuple[Document, float]


class Base(DeclarativeBase):
    pass


class ChatSession(Base):
    __tablename__ = "sessions"
    id: Mapped[int] = mapped_column(primary_key=True)


class ChatMessage(Base):
    __tablename__ = "messages"
    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey(ChatSession.id), index=True)
    author: Mapped[str]
    body: Mapped[str]


class ChatTurn(Base):
    __tablename__ = "turns"
    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey(ChatSession.id), index=True)
    question: Mapped[str]
    retrieved: Mapped[list[Any]] = mapped_column(JSON)
    latency_ms: Mapped[float]


class Timed(Embeddings):
    """An embedder behind LangChain's interface. `took`: milliseconds of the latest text."""

    took = 0.0

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        started = time.perf_counter()
        vector = self.embed(text)
        self.took = _since(started)
        return vector

    def embed(self, text: str) -> list[float]:
        raise NotImplementedError


class Published(Timed):
    """The model's file as it was published, and what onnxruntime makes of it by itself.

    One thread: the default, one a core that waits busily, takes them from Postgres and made a turn slower.
    """

    def __init__(self, model: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
        self._tokenizer.enable_truncation(256)
        self._tokenizer.no_padding()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(model / "model.onnx"), options, ["CPUExecutionProvider"])

    def embed(self, text: str) -> list[float]:
        encoded = self._tokenizer.encode(text)
        feeds = {
            "input_ids": np.array([encoded.ids], dtype=np.int64),
            "attention_mask": np.array([encoded.attention_mask], dtype=np.int64),
        }
        vector: list[float] = self._session.run(["embedding"], feeds)[0][0].tolist()
        return vector


class Ours(Timed):
    """SupportMax's embedder."""

    def __init__(self, model: Path) -> None:
        self._embedder = MiniLMEmbedder(model)

    def embed(self, text: str) -> list[float]:
        return self._embedder.embed([text])[0]


class Peer:
    """One handler per operation; what it returns is the reply."""

    def open(self, request: Request) -> Request:
        """Fill a persistent collection from the corpus file; HNSW with the cosine distance, else Chroma's defaults."""
        self._client = chromadb.PersistentClient(request["folder"], Settings(anonymized_telemetry=False))
        self._collection = self._client.create_collection(NAME, configuration={"hnsw": {"space": "cosine"}})
        corpus = json.loads(Path(request["corpus"]).read_text("utf-8"))
        vectors = np.load(request["vectors"])
        for start in range(0, len(vectors), BATCH):
            part = slice(start, start + BATCH)
            self._collection.add(
                ids=corpus["ids"][part],
                documents=corpus["texts"][part],
                metadatas=corpus["metadata"][part],
                embeddings=vectors[part],
            )
        model = Path(request["model"])
        self._embedders = {"published": Published(model), "ours": Ours(model)}
        self._langchain = {
            name: Chroma(client=self._client, collection_name=NAME, embedding_function=embedder)
            for name, embedder in self._embedders.items()
        }
        self._engine = _tables(request["database"])
        return {}

    def ask(self, request: Request) -> Request:
        """The best passage; nothing is kept."""
        started = time.perf_counter()
        found = self._find(request)
        return self._reply(request, started, found)

    def chat(self, request: Request) -> Request:
        """The same with what our turn keeps too: the messages and what was found."""
        started = time.perf_counter()
        with Session(self._engine) as session:
            key = self._receive(session, request["text"])
            found = self._find(request)
            best = found[0][0]
            session.add(ChatMessage(session_id=key, author="assistant", body=best.page_content))
            session.add(self._turn(key, request["text"], found, started))
            session.commit()
        return self._reply(request, started, found)

    def _receive(self, session: Session, text: str) -> int:
        conversation = ChatSession()
        session.add(conversation)
        session.flush()
        key: int = conversation.id
        session.add(ChatMessage(session_id=key, author="customer", body=text))
        session.commit()
        return key

    def _turn(self, key: int, question: str, found: list[Found], started: float) -> ChatTurn:
        retrieved = [{"article": doc.metadata["article"], "distance": float(score)} for doc, score in found]
        return ChatTurn(session_id=key, question=question, retrieved=retrieved, latency_ms=_since(started))

    def search(self, request: Request) -> Request:
        """The nearest passages with their texts, straight from Chroma."""
        vector = np.array(request["vector"], dtype=np.float32)
        started = time.perf_counter()
        found = self._collection.query(
            query_embeddings=[vector], n_results=request["k"], include=["documents", "metadatas", "distances"]
        )
        return {"ms": _since(started), "ids": found["ids"][0]}

    def _find(self, request: Request) -> list[Found]:
        """Nearest first, by the embedder that the request names."""
        store = self._langchain[request["embedder"]]
        found = store.similarity_search_with_score(request["text"], k=request["k"])
        return sorted(found, key=lambda passage: passage[1])

    def _reply(self, request: Request, started: float, found: list[Found]) -> Request:
        took = _since(started)
        return {"ms": took, "embed_ms": self._embedders[request["embedder"]].took, "articles": _articles(found)}


def _articles(found: list[Found]) -> list[str]:
    """Those of the passages, each where it comes first."""
    return list(dict.fromkeys(passage.metadata["article"] for passage, _ in found))


def _tables(url: str) -> Engine:
    engine = create_engine(url)
    Base.metadata.create_all(engine)
    return engine


def _since(started: float) -> float:
    return (time.perf_counter() - started) * 1000


def main() -> None:
    peer = Peer()
    handlers = {"open": peer.open, "ask": peer.ask, "chat": peer.chat, "search": peer.search}
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(handlers[request["op"]](request)), flush=True)


if __name__ == "__main__":
    main()
