"""As many customers have a tier, cost as much and ask for as much as they did."""

import great_expectations as gx

from expectations.limits import warns

suite = gx.ExpectationSuite(
    name="marts.tier_entitlements",
    expectations=[
        warns(
            "row_count__drift",
            "Customers lost their tier: an evaluation or a policy is missing.",
            at_least=0.8,
            at_most=1.25,
        ),
        warns(
            "spent_amount__mean__drift",
            "Costs of benefits or messages went missing, or came twice.",
            at_least=0.3,
            at_most=3,
        ),
        warns(
            "budget_amount__mean__drift",
            "Budgets changed: a policy did, or customers fell into other tiers.",
            at_least=0.5,
            at_most=2,
        ),
        warns(
            "strategy_code__share__win_back__drift",
            "Many more to win back: purchases are missing, or the playbook changed.",
            at_most=1.5,
        ),
    ],
)
