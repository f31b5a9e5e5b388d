"""The graphs that components are tried on are what they say, and so is the oracle."""

import pytest
from graphs import ORDERS, SHAPES, Graph, components, graph, graphs, groups, long_paths
from hypothesis import given
from hypothesis import settings as proofs


@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape_is_one_component_of_all_its_nodes(shape):
    for n in range(1, 20):
        assert groups(components(range(n), shape(n))) == {frozenset(range(n))}


@pytest.mark.parametrize("shape", SHAPES)
def test_without_an_edge_of_a_tree_it_falls_in_two(shape):
    edges = shape(9)
    if len(edges) == 8:
        for edge in edges:
            rest = [other for other in edges if other != edge]
            assert len(groups(components(range(9), rest))) == 2
    else:
        assert len(edges) > 8


@pytest.mark.parametrize("order", ORDERS)
def test_an_order_names_every_node_once(order):
    for n in range(1, 40):
        assert sorted(order(n)) == list(range(n))


def test_orders_of_a_long_path_differ_and_all_are_one():
    paths = long_paths(64)
    assert len({path.edges for path in paths.values()}) == len(ORDERS)
    for path in paths.values():
        assert set(path.components().values()) == {0}


def test_shapes_side_by_side_stay_apart():
    made = graph(
        [(shape(6), order(6)) for shape in SHAPES for order in ORDERS], alone=2
    )
    assert len(groups(made.components())) == len(SHAPES) * len(ORDERS) + 2


def spread(made: Graph) -> dict[int, int]:
    """The same by a second way: the least number goes on until nothing changes."""
    found = {node: node for node in made.nodes}
    while True:
        before = dict(found)
        for one, other in made.edges:
            found[one] = found[other] = min(found[one], found[other])
        if found == before:
            return found


@proofs(max_examples=100)
@given(graphs())
def test_union_and_find_agrees_with_spreading_the_least_number(made):
    assert made.components() == spread(made)
