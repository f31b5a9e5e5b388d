"""What is planted in a company, how strongly, and the switch of each effect."""

from dataclasses import asdict, dataclass, replace
from datetime import date


@dataclass(frozen=True)
class World:
    """Every parameter; the SQL reads `complaint_hazard` as `world_complaint_hazard()`.

    A hazard is a factor: while an incident's window is open, the customer leaves that
    many times as readily as on an ordinary day.
    """

    customers: int
    seed: int
    from_day: date = date(2024, 1, 1)
    to_day: date = date(2026, 7, 14)

    # Who they are.
    firm_share: float = 0.08
    foreign_share: float = 0.04
    prospect_share: float = 0.08
    one_time_share: float = 0.33
    unknown_to_crm_share: float = 0.02
    unbridged_share: float = 0.03
    guest_share: float = 0.04
    twin_share: float = 0.05
    trap_share: float = 0.02
    typing_share: float = 0.0

    # How they buy.
    gap_median_days: float = 33.0
    gap_spread: float = 0.75
    spend_spread: float = 0.9
    season_strength: float = 1.0
    fading_share: float = 0.5

    # Why they leave: a year's hazard of an ordinary day, and what raises it.
    person_hazard: float = 0.20
    firm_hazard: float = 0.10
    complaint_hazard: float = 8.0
    detractor_hazard: float = 5.0
    missed_follow_up_hazard: float = 3.0
    slow_response_hazard: float = 3.0
    price_hazard: float = 5.0

    # Where we are at fault.
    tickets_a_year: float = 0.95
    slow_team_share: float = 0.7
    slow_share: float = 0.02
    missed_share: float = 0.07
    careless_missed_share: float = 0.5
    biased_cadence: float = 2.2
    biased_benefit: float = 0.25
    campaign_uplift: float = 0.10

    # How it is delivered.
    dirty_share: float = 0.005
    late_share: float = 0.02
    correction_share: float = 0.01
    change_share: float = 0.06


# What `--without EFFECT` sets. A hazard of 1 keeps the incidents without their effect.
EFFECTS: dict[str, dict[str, float]] = {
    "churn": {"person_hazard": 0.0, "firm_hazard": 0.0},
    "complaint_hazard": {"complaint_hazard": 1.0},
    "detractor_hazard": {"detractor_hazard": 1.0},
    "missed_follow_up_hazard": {"missed_follow_up_hazard": 1.0},
    "slow_response_hazard": {"slow_response_hazard": 1.0},
    "price_hazard": {"price_hazard": 1.0},
    "slow_team": {"slow_team_share": 0.0},
    "careless_staff": {"careless_missed_share": 0.07},
    "biased_branch": {"biased_cadence": 1.0, "biased_benefit": 1.0},
    "campaign_uplift": {"campaign_uplift": 0.0},
    "seasons": {"season_strength": 0.0},
    "fading": {"fading_share": 0.0},
    "guests": {"guest_share": 0.0},
    "unknown_customers": {"unknown_to_crm_share": 0.0, "unbridged_share": 0.0},
    "twins": {"twin_share": 0.0, "trap_share": 0.0},
    "dirty_rows": {"dirty_share": 0.0},
    "late_deliveries": {"late_share": 0.0},
    "versions": {"correction_share": 0.0, "change_share": 0.0},
}


# What `--world NAME` sets. Where hands type records anew, one person in five has two,
# most of them with an error of one of eight kinds (sql/08_records.sql).
WORLDS: dict[str, dict[str, float]] = {
    "ordinary": {},
    "typing": {"twin_share": 0.2, "typing_share": 0.8},
}


def without(world: World, effects: list[str]) -> World:
    """The same world with these effects switched off."""
    for effect in effects:
        world = replace(world, **EFFECTS[effect])
    return world


def macros(world: World) -> str:
    """Each parameter as a SQL macro of one constant, so that DuckDB folds it."""
    lines = []
    for name, value in asdict(world).items():
        literal = f"date '{value}'" if isinstance(value, date) else repr(value)
        if isinstance(value, float):
            literal = f"cast({value!r} as double)"
        lines.append(f"create macro world_{name}() as {literal};")
    return "\n".join(lines)
