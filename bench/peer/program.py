"""The peer: LangChain with Chroma, and SQLAlchemy for the conversation. Runs in its own environment.

Reads one JSON request a line and answers each with one JSON line; it measures itself, so the pipe costs it nothing.
The same MiniLM on the same runtime makes its vectors. It keeps the conversation as the usual stack does (a row for the
question, committed before the answer is looked for, a row for the answer and one for what was retrieved, as a desk that
can say why must), in the same Postgres as ours.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import chromadb
import numpy as np
from chromadb.config import Settings
from langchain_chroma import Chroma
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from sqlalchemy import JSON, Engine, ForeignKey, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

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


class MiniLM(Embeddings):
    """Our embedder behind LangChain's interface."""

    def __init__(self, model: str) -> None:
        self._embedder = MiniLMEmbedder(Path(model))

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return self._embedder.embed(texts)

    def embed_query(self, text: str) -> list[float]:
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
        self._langchain = Chroma(client=self._client, collection_name=NAME, embedding_function=MiniLM(request["model"]))
        self._engine = _tables(request["database"])
        return {}

    def ask(self, request: Request) -> Request:
        """The best passage; nothing is kept."""
        started = time.perf_counter()
        found = self._find(request["text"], request["k"])
        return {"ms": _since(started), "articles": _articles(found)}

    def chat(self, request: Request) -> Request:
        """The same with what our turn keeps too: the messages and what was found."""
        started = time.perf_counter()
        with Session(self._engine) as session:
            key = self._receive(session, request["text"])
            found = self._find(request["text"], request["k"])
            best = found[0][0]
            session.add(ChatMessage(session_id=key, author="assistant", body=best.page_content))
            session.add(self._turn(key, request["text"], found, started))
            session.commit()
        return {"ms": _since(started), "articles": _articles(found)}

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

    def _find(self, text: str, k: int) -> list[Found]:
        """Nearest first."""
        return sorted(self._langchain.similarity_search_with_score(text, k=k), key=lambda passage: passage[1])


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
