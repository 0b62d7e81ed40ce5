from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from zaohua.assistant.branches import branch_to, leaf_below, newest_leaf


@dataclass
class Node:
    id: str
    parent_id: str | None
    seq: int


@st.composite
def trees(draw: st.DrawFn) -> list[Node]:
    """Every node under an earlier one, or a root."""
    nodes: list[Node] = []
    for seq in range(draw(st.integers(0, 25))):
        parent = draw(st.one_of(st.none(), st.sampled_from(nodes))) if nodes else None
        nodes.append(Node(f"n{seq}", parent.id if parent else None, seq))
    return nodes


@given(trees())
def test_a_branch_leads_from_a_root_to_its_message(nodes: list[Node]) -> None:
    for node in nodes:
        branch = branch_to(nodes, node.id)
        assert branch[0].parent_id is None
        assert branch[-1] is node
        assert all(b.parent_id == a.id for a, b in pairwise(branch))


@given(trees())
def test_a_leaf_is_below_and_has_nothing_below(nodes: list[Node]) -> None:
    for node in nodes:
        leaf = leaf_below(nodes, node.id)
        assert all(other.parent_id != leaf for other in nodes)
        assert node in branch_to(nodes, leaf)


@given(trees())
def test_the_newest_leaf_is_the_last_message(nodes: list[Node]) -> None:
    assert newest_leaf(nodes) == (nodes[-1].id if nodes else None)


@given(st.lists(st.tuples(st.integers(0, 6), st.one_of(st.none(), st.integers(0, 8)))))
def test_no_shape_of_links_loops_for_ever(links: list[tuple[int, int | None]]) -> None:
    nodes = [
        Node(str(name), None if parent is None else str(parent), seq)
        for seq, (name, parent) in enumerate(links)
    ]
    for node in nodes:
        assert branch_to(nodes, node.id)[-1].id == node.id
        leaf_below(nodes, node.id)
    assert branch_to(nodes, "missing") == []


def test_the_newest_child_is_followed() -> None:
    nodes = [Node("a", None, 1), Node("b", "a", 2), Node("c", "a", 3), Node("d", "b", 4)]
    assert leaf_below(nodes, "a") == "c"
    assert leaf_below(nodes, "b") == "d"
