"""Documents that answers may rest on: collections, passages, search by words and by meaning.

What lives here reads files with the readers of ``data``, cuts them into passages that say where
they stand, and finds passages for a question. What is done with them (prompts, citations, pages)
lives above.
"""

from zaohua.knowledge.library import Knowledge
from zaohua.knowledge.shelves import Reader, Shelf, Shelves
from zaohua.knowledge.values import (
    Added,
    Collection,
    Document,
    File,
    Filters,
    Found,
    Limits,
    Passage,
    Problem,
)

__all__ = [
    "Added",
    "Collection",
    "Document",
    "File",
    "Filters",
    "Found",
    "Knowledge",
    "Limits",
    "Passage",
    "Problem",
    "Reader",
    "Shelf",
    "Shelves",
]
