"""What merging promises, measured on companies whose truth is planted."""

import pytest
from companies import Builder, land, upstream

from benchmarks import identity, known
from benchmarks.identity import Measured

CUSTOMERS = 3_000
RESOLVED = "int_records__resolved"


def by_rules(builder: Builder, folder, known_set: known.Known) -> Measured:
    """The data set landed, resolved by the models' own SQL, and measured."""
    known_set.make(folder)
    settings = known.installation(folder)
    assert land(settings, 0) is not None
    resolving = Builder(upstream(builder.project, RESOLVED), folder)
    warehouse = resolving.warehouse(settings).build(full=True)
    try:
        return identity.measured(warehouse.connection, known_set, folder)
    finally:
        warehouse.close()


@pytest.fixture(scope="module")
def ordinary(builder, tmp_path_factory) -> Measured:
    known_set = known.generated("ordinary", "ordinary", CUSTOMERS)
    return by_rules(builder, tmp_path_factory.mktemp("ordinary"), known_set)


@pytest.fixture(scope="module")
def typing(builder, tmp_path_factory) -> Measured:
    known_set = known.generated("typing", "typing", CUSTOMERS)
    return by_rules(builder, tmp_path_factory.mktemp("typing"), known_set)


@pytest.mark.long
@pytest.mark.parametrize("world", ["ordinary", "typing"])
def test_every_record_of_the_truth_is_there_and_every_trap_is_set(world, request):
    found = request.getfixturevalue(world)
    assert found.missing == 0
    assert {trap.trap for trap in found.traps} == identity.TRAPS.keys()
    assert {kind.kind for kind in found.kinds} <= {"main", *identity.KINDS}


@pytest.mark.long
@pytest.mark.parametrize("world", ["ordinary", "typing"])
def test_rules_merge_next_to_nobody_wrongly(world, request):
    score = request.getfixturevalue(world).scores[world]
    assert score.found_pairs > CUSTOMERS / 2
    assert score.precision >= 0.999


@pytest.mark.long
def test_rules_find_nearly_all_that_exact_keys_tie(ordinary):
    score = ordinary.scores["ordinary, exact keys"]
    assert score.precision >= 0.999
    assert score.recall >= 0.97


@pytest.mark.links
@pytest.mark.usefixtures("needs_links")
def test_links_find_a_tenth_more_of_who_was_mistyped_and_stay_precise(tmp_path):
    """Of the pairs of second records, since those of the shop's accounts need none."""
    known_set = known.generated("typing", "typing", CUSTOMERS)
    known_set.make(tmp_path)
    settings = known.installation(tmp_path)
    known.resolve(settings)
    rules = identity.read(settings, known_set)
    known.resolve_with_links(settings)
    links = identity.read(settings, known_set)
    assert links.scores["typing"].precision >= 0.99
    assert identity.recall_of_typed(links) >= identity.recall_of_typed(rules) + 0.1
