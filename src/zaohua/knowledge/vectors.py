"""All vectors in memory, brought up to date when a collection has changed, and scanned whole."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from zaohua.store.tables import CollectionRow, PassageRow, VectorRow

_AT_ONCE = 500  # ids in one query
_STORED = np.dtype("<f2")
_ROWS = 2048  # of one step of the scan, whose products stay in the cache

State = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Near:
    """What a scan found.

    Attributes:
        ranks: by similarity, from 1, of the nearest passages and of those asked about; equal
            ones share a rank.
        similarities: their cosines.
        total: passages that were looked at.
    """

    ranks: dict[int, int]
    similarities: dict[int, float]
    total: int


@dataclass(frozen=True, slots=True)
class _Held:
    state: State
    ids: NDArray[np.int64]
    documents: NDArray[np.int64]
    matrix: NDArray[np.float32]


class VectorIndex:
    """Vectors of one model, read from the database as needed; for any thread."""

    def __init__(self, model: str, dimensions: int) -> None:
        self._model = model
        self._dimensions = dimensions
        nothing = np.zeros(0, np.int64)
        self._held = _Held((), nothing, nothing, np.zeros((0, dimensions), np.float32))
        self._refreshing = threading.Lock()

    def scan(
        self,
        session: Session,
        vector: Sequence[float],
        documents: Sequence[int] | None,
        *,
        nearest: int,
        also: Iterable[int] = (),
    ) -> Near:
        """Look at all passages of ``documents`` (None: of all) that have a vector.

        Args:
            session: to read with.
            vector: of the question.
            documents: ids.
            nearest: how many of the most similar to tell of.
            also: ids of other passages to tell of.
        """
        held = self._fresh(session)
        similarities, ids = _products(held.matrix, np.asarray(vector, np.float32)), held.ids
        if documents is not None:
            chosen = np.isin(held.documents, np.asarray(documents, np.int64))
            ids, similarities = ids[chosen], similarities[chosen]
        # Sorting the values alone is several times faster than finding the order of all.
        ascending = np.sort(similarities)
        least = ascending[-min(nearest, len(ids))] if len(ids) else 0.0
        asked = np.isin(ids, np.fromiter(also, np.int64))
        wanted = np.flatnonzero((similarities >= least) | asked)
        places = np.searchsorted(ascending, similarities[wanted], side="right")
        numbers = ids[wanted].tolist()
        return Near(
            dict(zip(numbers, (len(ids) + 1 - places).tolist(), strict=True)),
            dict(zip(numbers, similarities[wanted].tolist(), strict=True)),
            len(ids),
        )

    def _fresh(self, session: Session) -> _Held:
        state: State = tuple(
            (number, revision)
            for number, revision in session.execute(
                select(CollectionRow.id, CollectionRow.revision).order_by(CollectionRow.id)
            )
        )
        with self._refreshing:
            if self._held.state != state:
                self._held = self._read(session, state)
            return self._held

    def _read(self, session: Session, state: State) -> _Held:
        rows = session.execute(
            select(VectorRow.passage_id, PassageRow.document_id)
            .join(PassageRow, PassageRow.id == VectorRow.passage_id)
            .where(VectorRow.model == self._model)
            .order_by(VectorRow.passage_id)
        ).all()
        ids = np.array([row[0] for row in rows], np.int64)
        documents = np.array([row[1] for row in rows], np.int64)
        matrix = np.empty((len(ids), self._dimensions), np.float32)
        known = np.isin(ids, self._held.ids, assume_unique=True)
        matrix[known] = self._held.matrix[np.isin(self._held.ids, ids, assume_unique=True)]
        new = ids[~known]
        places = np.flatnonzero(~known)
        for place, raw in zip(places, self._stored(session, new), strict=True):
            matrix[place] = np.frombuffer(raw, _STORED)
        return _Held(state, ids, documents, matrix)

    def _stored(self, session: Session, ids: NDArray[np.int64]) -> Iterator[bytes]:
        """Vectors of ``ids``, which ascend."""
        for start in range(0, len(ids), _AT_ONCE):
            chosen = ids[start : start + _AT_ONCE].tolist()
            yield from session.scalars(
                select(VectorRow.vector)
                .where(VectorRow.passage_id.in_(chosen))
                .order_by(VectorRow.passage_id)
            )


def stored(vector: Sequence[float]) -> bytes:
    """A vector as it is kept."""
    return np.asarray(vector, _STORED).tobytes()


def _products(matrix: NDArray[np.float32], vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """``matrix @ vector`` without BLAS, whose threads spin for one another on a busy machine."""
    found = np.empty(len(matrix), np.float32)
    for start in range(0, len(matrix), _ROWS):
        np.einsum(
            "ij,j->i", matrix[start : start + _ROWS], vector, out=found[start : start + _ROWS]
        )
    return found
