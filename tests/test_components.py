"""Components by SQL are those by union and find, and words of people are kept.

The graphs that they are tried on are what they say, and so is the oracle.
"""

import hashlib

import duckdb
import pytest
from graphs import (
    ORDERS,
    SHAPES,
    Graph,
    Weighted,
    components,
    cut,
    graph,
    graphs,
    groups,
    long_paths,
)
from hypothesis import given
from hypothesis import settings as proofs
from hypothesis import strategies as st

from benchmarks.components import connect


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


# --- the SQL --------------------------------------------------------------------------


@st.composite
def weighted(draw: st.DrawFn) -> Weighted:
    made = draw(graphs(longest=12))
    count = len(made.edges)
    levels = draw(st.lists(st.integers(1, 4), min_size=count, max_size=count))
    apart = []
    if made.nodes:
        node = st.sampled_from(made.nodes)
        apart = draw(st.lists(st.tuples(node, node), max_size=3))
    apart = [(one, other) for one, other in apart if one != other]
    return Weighted(made, tuple(levels), tuple(apart))


def name(node: int) -> str:
    return hashlib.md5(str(node).encode()).hexdigest()


def in_sql(
    connection: duckdb.DuckDBPyConnection, given: Weighted, name=name
) -> tuple[dict[int, str], set[int]]:
    """(component of each node with an edge, nodes of components that were cut)."""
    rows = [
        (name(one), name(other), level, False)
        for (one, other), level in zip(
            given.graph.edges, given.confidences, strict=True
        )
    ]
    rows += [(name(one), name(other), 0, True) for one, other in given.apart]
    connection.execute(
        "create or replace table given (left_key varchar, right_key varchar, "
        "confidence integer, is_apart boolean)"
    )
    if rows:
        connection.executemany("insert into given values (?, ?, ?, ?)", rows)
    connect(connection, "given", "found")
    nodes = {name(node): node for node in given.graph.nodes}
    found = connection.execute("select node, component, is_cut from found").fetchall()
    return (
        {nodes[node]: component for node, component, _ in found},
        {nodes[node] for node, _, is_cut in found if is_cut},
    )


def unweighted(made: Graph) -> Weighted:
    return Weighted(made, (1,) * len(made.edges), ())


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect() as connection:
        yield connection


@proofs(max_examples=60, deadline=None)
@given(made=graphs(), name=st.sampled_from([name, "{:09d}".format]))
def test_sql_finds_the_components_of_any_graph(connection, made, name):
    found, is_cut = in_sql(connection, unweighted(made), name)
    alone = set(made.nodes) - set(found)
    assert all(node not in edge for edge in made.edges for node in alone)
    assert groups(found) | {frozenset({node}) for node in alone} == groups(
        made.components()
    )
    assert not is_cut


@pytest.mark.parametrize("order", ORDERS)
def test_a_chain_of_ten_thousand_records_is_one_customer(connection, order):
    n = 10_000
    names = order(n)
    connection.execute("create or replace table ends (one integer, other integer)")
    connection.execute(
        "insert into ends select unnest(?), unnest(?)", [names[:-1], names[1:]]
    )
    connection.execute(
        "create or replace table given as select md5(one::varchar) as left_key, "
        "md5(other::varchar) as right_key, 1 as confidence, false as is_apart from ends"
    )
    connect(connection, "given", "found")
    assert connection.execute(
        "select count(*), count(distinct component) from found"
    ).fetchone() == (n, 1)


@proofs(max_examples=80, deadline=None)
@given(weighted())
def test_who_is_kept_apart_is_and_no_more_than_the_weakest_edges_are_cut(
    connection, given
):
    found, is_cut = in_sql(connection, given)
    wanted = cut(given)
    alone = set(given.graph.nodes) - set(found)
    assert groups(found) | {frozenset({node}) for node in alone} == groups(wanted)
    whole = given.graph.components()
    torn = {whole[one] for one, other in given.apart if whole[one] == whole[other]}
    assert is_cut == {node for node in found if whole[node] in torn}


def test_a_word_cuts_the_weaker_of_two_links(connection):
    # a =.99= b -.90- c, and a is not c: b stays with a.
    made = Graph((0, 1, 2), ((0, 1), (1, 2)))
    found, is_cut = in_sql(connection, Weighted(made, (99, 90), ((0, 2),)))
    assert groups(found) == {frozenset({0, 1}), frozenset({2})}
    assert is_cut == {0, 1, 2}
