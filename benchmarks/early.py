"""python -m benchmarks.early: do incidents warn before orders do? As docs/churn.md.

In an invented world incidents make customers leave: complaints, slow answers, unhappy
answers to surveys, contacts that were not made. They befall who has left as well, so
that they tell of their harm alone. What `make fit` would fit is fitted on earlier month
ends, with all features and with those of orders alone (BG/NBD is in both), and tried on
the newest, among those who bought in the last 45 days: their orders say little yet.

- *Gain fitted*: AUC of all features less AUC of orders alone.
- *Gain true*: AUC of orders alone with what was planted, less AUC of orders alone. What
  was planted is added in log odds: those of buying nothing in 90 days by the law of the
  world, given what the customer bought and the incidents that were open by the day,
  less the same without incidents. So nothing is learned there: it is the most that
  whoever knows rates, dropout and factors can make of the incidents.
- *Ratio*: the sum of the first over the seeds by the sum of the second.

Intervals are Student's t over the seeds, 95 %; that of the ratio by linearisation. In a
world without effect the same incidents befall the same customers, and harm nobody. The
world was chosen before its first result was seen, and not changed since.
"""

import argparse
import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import logit

from benchmarks.report import table
from orchestration.settings import PROJECT, REFERENCE
from scoring import measures, served, training
from scoring.served import CERTAIN, Feature, Fitted, Histories
from scoring.training import Examples
from seeds.generator.world import World as Generated

PAGE = PROJECT / "docs" / "churn.md"
SEEDS = range(1, 21)
HARM, NO_EFFECT = "incidents harm", "without effect"
CUSTOMERS = 20_000
DAYS = 900
HORIZON = 90
RECENT_DAYS = 45
MOST_SILENT_DAYS = 180
NEWEST = DAYS - HORIZON - 1  # the last day whose horizon is over
CUTOFFS = [NEWEST, *range(NEWEST - HORIZON, NEWEST - HORIZON - 12 * 30, -30)]

# How they buy: Poisson, at rates of a gamma distribution, one in 25 days in the mean.
# A lognormal one of the generator's spread has its shape.
RATE_SHAPE, RATE_MEAN = 1.3, 1 / 25
AMOUNT, AMOUNT_SPREAD, OWN_SPREAD = 100.0, 0.9, 0.4

# A year's hazard of an ordinary day, and what an incident adds to it in its window, by
# the generator: complaints and slow answers from the day after they came, an unhappy
# answer once nobody called for three days, a contact from the day after its plan.
ORDINARY = Generated(customers=0, seed=0)
HAZARD = ORDINARY.person_hazard / 365
COMPLAINTS_A_YEAR = 0.4
REQUESTS_A_YEAR, SLOW_SHARE = 0.55, 0.5
ANSWERS_A_YEAR, UNHAPPY_SHARE = 2.0, 0.15
MISSED_A_YEAR = 0.65


# --- the world -----------------------------------------------------------------------


@dataclass(frozen=True)
class Events:
    """What befell customers, shapes (n,), and how much it harms.

    day: on which it happened; until: the first on which it is over, or answered; value:
    hours or a share; window and factor: of the hazard, from `delay` days after it on.
    """

    customer: NDArray
    day: NDArray
    until: NDArray
    value: NDArray
    factor: NDArray
    delay: int = 1
    window: int = 0

    def only(self, chosen: NDArray) -> "Events":
        columns = {
            one.name: value[chosen] if isinstance(value, np.ndarray) else value
            for one in fields(self)
            for value in [getattr(self, one.name)]
        }
        return Events(**columns)


@dataclass(frozen=True)
class World:
    """(n,) first day; (n, days) purchases and amounts; the events."""

    first: NDArray
    bought: NDArray
    amount: NDArray
    events: dict[str, Events]


def happened(
    draw: np.random.Generator, first: NDArray, rate: float
) -> tuple[NDArray, NDArray]:
    """Customer and day of events at a rate a year, from the first purchase on."""
    counts = draw.poisson(rate * (DAYS - first) / 365)
    customer = np.repeat(np.arange(len(first)), counts)
    day = first[customer] + draw.random(len(customer)) * (DAYS - first[customer])
    order = np.lexsort([day, customer])
    return customer[order], np.floor(day[order]).astype(int)


def incidents(
    draw: np.random.Generator, first: NDArray, has_effect: bool
) -> dict[str, Events]:
    """Tickets, answers and missed contacts; without effect every factor is 1."""

    def factors(harms: NDArray, factor: float) -> NDArray:
        return np.where(harms & has_effect, factor, 1.0)

    customer, day = happened(draw, first, COMPLAINTS_A_YEAR)
    everyone = np.ones(len(day), bool)
    found = {
        "complaint": Events(
            customer,
            day,
            day + draw.integers(15, 76, len(day)),
            np.ones(len(day)),
            factors(everyone, ORDINARY.complaint_hazard),
            window=60,
        )
    }
    customer, day = happened(draw, first, REQUESTS_A_YEAR)
    is_slow = draw.random(len(day)) < SLOW_SHARE
    hours = np.where(
        is_slow, draw.uniform(36, 120, len(day)), draw.uniform(1, 12, len(day))
    )
    found["request"] = Events(
        customer,
        day,
        day + np.ceil(hours / 24).astype(int),
        hours,
        factors(is_slow, ORDINARY.slow_response_hazard),
        window=45,
    )
    customer, day = happened(draw, first, ANSWERS_A_YEAR)
    is_unhappy = draw.random(len(day)) < UNHAPPY_SHARE
    # Of five steps: the lowest two, or the highest two.
    share = np.where(is_unhappy, 0.0, 0.75) + draw.integers(0, 2, len(day)) / 4
    found["answer"] = Events(
        customer,
        day,
        day + 365,
        share,
        factors(is_unhappy, ORDINARY.detractor_hazard),
        delay=3,
        window=60,
    )
    customer, day = happened(draw, first, MISSED_A_YEAR)
    everyone = np.ones(len(day), bool)
    found["missed"] = Events(
        customer,
        day + 1,
        day + 61,
        np.ones(len(day)),
        factors(everyone, ORDINARY.missed_follow_up_hazard),
        delay=0,
        window=60,
    )
    return found


def hazards(events: dict[str, Events], customers: int) -> NDArray:
    """Of each customer and day, (n, DAYS)."""
    steps = np.zeros((customers, DAYS + 1), np.float32)
    for one in events.values():
        begins, more = one.day + one.delay, (one.factor - 1).astype(np.float32)
        np.add.at(steps, (one.customer, np.minimum(begins, DAYS)), more)
        ends = np.minimum(begins + one.window, DAYS)
        np.subtract.at(steps, (one.customer, ends), more)
    return HAZARD * (1 + np.cumsum(steps[:, :DAYS], axis=1))


def world(seed: int, has_effect: bool, customers: int = CUSTOMERS) -> World:
    draw = np.random.default_rng(seed)
    first = draw.integers(0, NEWEST - 30, customers)
    rate = draw.gamma(RATE_SHAPE, RATE_MEAN / RATE_SHAPE, customers)
    budget = draw.exponential(size=customers)
    befell = incidents(draw, first, has_effect)
    days = np.arange(DAYS)
    used = hazards(befell, customers)
    used[days[None, :] <= first[:, None]] = 0
    gone = np.cumsum(used, axis=1) >= budget[:, None]
    left = np.where(gone.any(1), gone.argmax(1), DAYS)
    buys = draw.random((customers, DAYS), np.float32) < -np.expm1(-rate)[:, None]
    there = (days > first[:, None]) & (days < left[:, None])
    bought = (buys & there) | (days == first[:, None])
    own = AMOUNT * np.exp(AMOUNT_SPREAD * draw.standard_normal(customers))
    amount = np.zeros((customers, DAYS))
    noise = np.exp(OWN_SPREAD * draw.standard_normal(int(bought.sum())))
    amount[bought] = own[bought.nonzero()[0]] * noise
    return World(first, bought, amount, befell)


# --- what is known as of a day -------------------------------------------------------


def listed(is_wanted: Callable[[dict], bool] = lambda line: True) -> list[Feature]:
    """The features of the logistic score as the list has them, in its order."""
    with (REFERENCE / "churn_features.csv").open(encoding="utf-8") as file:
        return [
            Feature(
                line["feature_code"],
                line["is_logged"] == "true",
                int(line["expected_sign"]),
            )
            for line in csv.DictReader(file)
            if line["component"] == "logistic" and is_wanted(line)
        ]


def signals(events: dict[str, Events], day: int, customers: int) -> dict[str, NDArray]:
    """What int_signals__dated and int_churn_features__measured make of the events."""

    def summed(one: Events, chosen: NDArray) -> NDArray:
        return np.bincount(one.customer[chosen], minlength=customers).astype(float)

    def most(one: Events, chosen: NDArray, values: NDArray) -> NDArray:
        found = np.zeros(customers)
        np.maximum.at(found, one.customer[chosen], values[chosen])
        return found

    def lives(since: NDArray, until: NDArray) -> NDArray:
        return (since <= day) & (day < until)

    complaint, request = events["complaint"], events["request"]
    open_complaint = lives(complaint.day, complaint.until)
    open_request = lives(request.day, request.until)
    # Sorted by customer and day: the last that is known is the newest.
    answer = events["answer"].only(events["answer"].day <= day)
    newest, before = np.full(customers, -1), np.full(customers, np.nan)
    newest[answer.customer] = np.arange(len(answer.day))
    has_one = newest >= 0
    earlier = newest - 1
    has_two = has_one & (earlier >= 0)
    has_two[has_two] = answer.customer[earlier[has_two]] == has_two.nonzero()[0]
    before[has_two] = answer.value[earlier[has_two]]
    share = np.full(customers, np.nan)
    share[has_one] = np.where(
        answer.until[newest[has_one]] > day, answer.value[newest[has_one]], np.nan
    )
    return {
        "complaint_open_days": most(complaint, open_complaint, day - complaint.day),
        "complaint_90_count": summed(
            complaint, lives(complaint.day, complaint.day + 90)
        ),
        "request_open_days": most(request, open_request, day - request.day),
        "slow_answer_hours": most(
            request, lives(request.until, request.until + 90), request.value
        ),
        "competitor_90_count": np.zeros(customers),
        "satisfaction_share": share,
        "satisfaction_drop_share": before - share,
        "contact_missed_count": summed(
            events["missed"], lives(events["missed"].day, events["missed"].until)
        ),
    }


def as_of(made: World, day: int, codes: Sequence[str]) -> tuple[Examples, NDArray]:
    """Who could be warned of on a day, as `make fit` knows them, and who they are.

    All else that the list names is unknown, as by a feed that never came.
    """
    customers, known = len(made.first), made.bought[:, : day + 1]

    def within(days: int, values: NDArray) -> NDArray:
        return values[:, max(day - days + 1, 0) : day + 1].sum(1).astype(float)

    count = known.sum(1).astype(float)
    recency = known[:, ::-1].argmax(1).astype(float)
    tenure = (day - made.first).astype(float)
    bought_90, bought_180 = within(90, made.bought), within(180, made.bought)
    spent_90, spent_180 = within(90, made.amount), within(180, made.amount)
    with np.errstate(divide="ignore", invalid="ignore"):
        columns = {
            "recency_days": recency,
            "purchase_day_count": count,
            "purchase_day_90_count": bought_90,
            "purchase_day_365_count": within(365, made.bought),
            "tenure_days": tenure,
            "net_revenue_365_amount": within(365, made.amount),
            "silence_ratio": np.where(
                count >= 3,
                np.minimum(recency * (count - 1) / np.maximum(tenure - recency, 1), 10),
                np.nan,
            ),
            "frequency_drop_share": np.where(
                bought_180 - bought_90 >= 2,
                np.maximum(1 - bought_90 / (bought_180 - bought_90), 0),
                np.nan,
            ),
            "spend_drop_share": np.where(
                spent_180 - spent_90 > 0,
                np.clip(1 - spent_90 / (spent_180 - spent_90), 0, 1),
                np.nan,
            ),
            **signals(made.events, day, customers),
        }
    unknown = np.full(customers, np.nan)
    chosen = (count >= 2) & (recency <= MOST_SILENT_DAYS)
    examples = Examples(
        features=np.column_stack([columns.get(code, unknown) for code in codes]),
        day=np.full(customers, float(day)),
        lost=~made.bought[:, day + 1 : day + 1 + HORIZON].any(1),
        x=count - 1,
        t_x=tenure - recency,
        T=tenure,
        served=unknown,
    )
    return examples.only(chosen), chosen.nonzero()[0]


def histories(made: World, day: int) -> Histories:
    """All who had bought by the end of a day."""
    there = made.first <= day
    known = made.bought[there, : day + 1]
    count = known.sum(1).astype(float)
    tenure = (day - made.first[there]).astype(float)
    recency = known[:, ::-1].argmax(1)
    spent = made.amount[there, : day + 1].sum(1)
    return Histories(count - 1, tenure - recency, tenure, count, spent / count)


# --- what was planted ----------------------------------------------------------------


def planted(made: World, one: Examples, who: NDArray) -> NDArray:
    """What the incidents known by the newest day add to the log odds, shape (n,)."""
    recency = (one.T - one.t_x).astype(int)
    hazard = hazards_after(made, who, recency)
    with_them, without = (
        log_odds_of_silence(one, recency, of_each)
        for of_each in (hazard, np.full_like(hazard, HAZARD))
    )
    return with_them - without


def hazards_after(made: World, who: NDArray, recency: NDArray) -> NDArray:
    """From the day after the last purchase to the end of the horizon, (n, days).

    By the incidents that happened up to the newest day.
    """
    known = {
        name: events.only(events.day <= NEWEST) for name, events in made.events.items()
    }
    steps = np.arange(1, recency.max() + HORIZON + 1)
    days = np.minimum(NEWEST - recency[:, None] + steps, DAYS - 1)
    return hazards(known, len(made.first))[who[:, None], days]


def log_odds_of_silence(one: Examples, recency: NDArray, hazard: NDArray) -> NDArray:
    """By the law of the world, given what was bought, and the hazard after the last.

    Of each rate its weight a posteriori times how probable the silence so far is, and
    that of the whole horizon too: either they left on a day, or did not buy.
    """
    rates = stats.gamma.ppf(
        (np.arange(200) + 0.5) / 200, RATE_SHAPE, scale=RATE_MEAN / RATE_SHAPE
    )
    silent = np.exp(-rates)  # of a day, by rate
    weight = one.x[:, None] * np.log1p(-silent) - rates * (one.t_x - one.x)[:, None]
    weight = np.exp(weight - weight.max(1, keepdims=True))
    stays = np.exp(-np.cumsum(hazard, axis=1))
    leaves = np.diff(stays, axis=1, prepend=1) * -1
    steps = np.arange(1, hazard.shape[1] + 1)

    def silence(days: NDArray) -> NDArray:
        left = (leaves * (steps <= days[:, None])) @ silent ** (steps - 1)[:, None]
        stayed = np.take_along_axis(
            np.hstack([np.ones((len(days), 1)), stays]), days[:, None], 1
        )
        return left + stayed * silent ** days[:, None]

    so_far = (weight * silence(recency)).sum(1)
    whole = (weight * silence(recency + HORIZON)).sum(1)
    return logit(np.clip(whole / so_far, CERTAIN, 1 - CERTAIN))


# --- measuring -----------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """Of one world: who bought of late, how many of them left, and three AUCs."""

    customers: int
    lost_share: float
    orders: float
    fitted: float
    true: float

    @property
    def gains(self) -> tuple[float, float]:
        return self.fitted - self.orders, self.true - self.orders


def measure(seed: int, has_effect: bool, customers: int = CUSTOMERS) -> Found:
    features = listed()
    of_orders = listed(lambda line: line["signal_source"] == "orders")
    codes = [one.code for one in features]
    made = world(seed, has_effect, customers)
    months, [who, *_] = zip(*(as_of(made, day, codes) for day in CUTOFFS), strict=True)
    joined = Examples(
        *(
            np.concatenate([getattr(month, one.name) for month in months])
            for one in fields(Examples)
        )
    )
    newest, before = training.split(joined, HORIZON)
    known = histories(made, NEWEST)

    def probability(chosen: list[bool]) -> NDArray:
        """By a fit of the chosen features, of the newest day."""
        some = [one for one, is_in in zip(features, chosen, strict=True) if is_in]
        fitted: Fitted = training.learned(some, with_only(before, chosen), known)
        values = newest.features[:, chosen]
        return served.risk(fitted, values, newest.times, HORIZON).probability

    alone = logit(probability([one in of_orders for one in features]))
    full = probability([True for _ in features])
    recent = newest.T - newest.t_x <= RECENT_DAYS
    lost = newest.lost[recent]
    knowing = alone[recent] + planted(made, newest.only(recent), who[recent])
    return Found(
        int(recent.sum()),
        float(lost.mean()),
        *(
            measures.auc(score, lost)
            for score in (alone[recent], full[recent], knowing)
        ),
    )


def with_only(examples: Examples, chosen: list[bool]) -> Examples:
    return Examples(**{**vars(examples), "features": examples.features[:, chosen]})


@dataclass(frozen=True)
class Estimate:
    """A mean over the seeds, or a ratio of two, and its interval of 95 %."""

    value: float
    low: float
    high: float

    def told(self, shape: str) -> str:
        return f"{self.value:{shape}} [{self.low:{shape}}, {self.high:{shape}}]"


def mean(values: Sequence[float]) -> Estimate:
    return ratio(values, np.ones(len(values)))


def ratio(above: Sequence[float], below: Sequence[float]) -> Estimate:
    """Of the sums; the interval is that of what each seed adds to it."""
    above, below = np.asarray(above, float), np.asarray(below, float)
    value = above.sum() / below.sum()
    rest = above - value * below
    error = rest.std(ddof=1) / np.sqrt(len(rest)) / abs(below.mean())
    width = stats.t.ppf(0.975, len(rest) - 1) * error
    return Estimate(float(value), float(value - width), float(value + width))


# --- telling -------------------------------------------------------------------------


def told(worlds: dict[str, list[Found]]) -> str:
    """The two kinds of worlds, a line each."""
    head = ["world", "bought in 45 days", "then bought nothing", "AUC of orders alone"]
    head += ["gain fitted", "gain true", "ratio"]
    body = []
    for name, found in worlds.items():
        fitted, true = zip(*(one.gains for one in found), strict=True)
        is_planted = max(map(abs, true)) > 0
        body.append(
            [
                name,
                f"{np.mean([one.customers for one in found]):,.0f}",
                f"{np.mean([one.lost_share for one in found]):.2f}",
                f"{np.mean([one.orders for one in found]):.3f}",
                mean(fitted).told("+.4f"),
                mean(true).told("+.4f") if is_planted else "0",
                ratio(fitted, true).told(".0%") if is_planted else "–",
            ]
        )
    return table([head, *body], is_markdown=True)


def measured(seeds: Sequence[int] = SEEDS) -> dict[str, list[Found]]:
    return {
        name: [measure(seed, has_effect) for seed in seeds]
        for name, has_effect in ((HARM, True), (NO_EFFECT, False))
    }


TITLE = "## Early warning: incidents beside orders, in invented worlds"
SECTION = """\
{title}

Written by `python -m benchmarks.early` (four minutes): {seeds} seeds of each world,
{customers:,} customers, gains in AUC among those who bought in the last {recent} days.

{table}

- **The world**: customers buy by Poisson, at rates of a gamma distribution of mean one
  day in {gap:.0f}, and leave for good at a hazard of {hazard} a year. In the window of
  an incident that is several times as high, by the generator's factors and windows:
  after complaints {complaint:g} times (of {complaints} a year), bad answers to a survey
  {answer:g} ({bad:.2f}), slow answers {slow:g} ({slows:.2f}), contacts not made
  {missed:g} ({misses}). They befall who has left as well, so they tell of their harm
  alone.
- **Fitted** is what `make fit` fits on {months} month ends whose horizon was over, all
  features of [the list](scores.md), less the same with those of orders alone; BG/NBD is
  in both. Known there are days of purchase and revenue, complaints, requests, waits,
  the newest answer and contacts not made; all else is unknown.
- **True** is the score of orders alone with what was planted added: the log odds of
  buying nothing by the law of the world, of who bought so and had these incidents, less
  those without incidents. Nothing is learned there. That law is calibrated (tested).
- **Ratio** is that of the sums over the seeds. Brackets are Student's t over the seeds,
  95 %. Without effect the same incidents harm nobody.
- The world was chosen before any result was seen, and not changed since."""


def section(page: Path) -> str:
    """What a page says of this: `benchmarks.churn` makes the rest of it."""
    text = page.read_text("utf-8") if page.exists() else ""
    found = re.search(rf"{re.escape(TITLE)}\n.*?(?=\n+## |\Z)", text, re.DOTALL)
    missing = f"{TITLE}\n\nNot measured: `python -m benchmarks.early` does it."
    return found[0] if found else missing


def worded(worlds: dict[str, list[Found]]) -> str:
    return SECTION.format(
        title=TITLE,
        seeds=len(worlds[HARM]),
        customers=CUSTOMERS,
        recent=RECENT_DAYS,
        table=told(worlds),
        gap=1 / RATE_MEAN,
        hazard=ORDINARY.person_hazard,
        complaint=ORDINARY.complaint_hazard,
        complaints=COMPLAINTS_A_YEAR,
        answer=ORDINARY.detractor_hazard,
        bad=ANSWERS_A_YEAR * UNHAPPY_SHARE,
        slow=ORDINARY.slow_response_hazard,
        slows=REQUESTS_A_YEAR * SLOW_SHARE,
        missed=ORDINARY.missed_follow_up_hazard,
        misses=MISSED_A_YEAR,
        months=len(CUTOFFS) - 1,
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.early")
    parser.add_argument("--page", type=Path, default=PAGE, help="default docs/churn.md")
    page = parser.parse_args().page
    text = page.read_text("utf-8")
    if (before := section(page)) not in text:
        raise SystemExit(f"{page} has no {TITLE!r}: run `make churn` first.")
    found = worded(measured())
    page.write_text(text.replace(before, found), "utf-8")
    print(found)


if __name__ == "__main__":
    main()
