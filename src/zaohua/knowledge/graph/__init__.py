"""Entities and relations of the documents, and of files that state them, in the same database.

What lives here reads relations out of passages (by turns of phrase, or with a model), takes them
from CSV and RDF, and finds those that a question needs, over several steps.
"""

from zaohua.knowledge.graph.graph import Graph
from zaohua.knowledge.graph.importing import Columns
from zaohua.knowledge.graph.values import (
    Built,
    Edge,
    Entity,
    Fact,
    Imported,
    Neighbourhood,
)

__all__ = ["Built", "Columns", "Edge", "Entity", "Fact", "Graph", "Imported", "Neighbourhood"]
