"""Tiers are steady, and the top one catches what it is for, over three years."""

import pytest
from companies import Builder, land, upstream

from benchmarks import stability

DECIDED = "int_tiers__decided"


@pytest.fixture(scope="module")
def steadiness(builder, tmp_path_factory) -> dict[tuple[str, str, str], object]:
    folder = tmp_path_factory.mktemp("steady")
    settings = stability.company(folder)
    assert land(settings, 0) is not None
    deciding = Builder(upstream(builder.project, DECIDED), folder)
    warehouse = deciding.warehouse(settings).build(full=True)
    try:
        found = stability.measure(warehouse.connection)
    finally:
        warehouse.close()
    return {(one.scenario, one.rule, one.kind): one for one in found}


@pytest.mark.long
def test_few_change_tier_and_hardly_anybody_goes_up_and_down_within_a_year(steadiness):
    shipped = steadiness["live", "policy", "all"]
    assert shipped.holders > 2_000
    assert shipped.changing <= 0.04
    assert shipped.up_and_down <= 0.035


@pytest.mark.long
def test_protection_does_not_cost_sight_of_the_best_customers(steadiness):
    shipped = steadiness["live", "policy", "all"]
    bare = steadiness["live", "no protection", "all"]
    assert 0 < shipped.top_share <= 0.055
    assert shipped.top_revenue >= bare.top_revenue


@pytest.mark.long
def test_it_is_the_protection_that_keeps_tiers_steady(steadiness):
    for kind in ("person", "company"):
        shipped = steadiness["live", "policy", kind]
        bare = steadiness["live", "no protection", kind]
        assert shipped.changing < bare.changing
        assert shipped.up_and_down < bare.up_and_down / 2
