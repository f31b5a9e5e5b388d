"""python -m benchmarks.truth: what the warehouse finds of what a company had planted.

The truth beside a generated company says who is the same person, who left and when,
which contacts were missed, who was left unanswered and which rows are bad. Everything
is compared by the published marts alone, as a reader would see it.
"""

import argparse
from pathlib import Path

import duckdb

# A warning is right if its customer has left or leaves within this many days.
HORIZON_DAYS = 90

KEYS = """
    create temp table people_by_key as
    select customer_key, min(person) as person
    from marts.customer_identities
    inner join truth_records using (namespace, record_id)
    group by customer_key
    having count(distinct person) = 1
"""

TWINS = """
    with records as (
        select person, kind, namespace, record_id, customer_key
        from truth_records
        inner join marts.customer_identities using (namespace, record_id)
    ),
    pairs as (
        select
            one.person = two.person as is_same_person,
            one.customer_key = two.customer_key as is_same_key,
            one.namespace = 'crm' and two.namespace = 'crm' as is_twin
        from records as one
        inner join records as two
            on (one.namespace, one.record_id) < (two.namespace, two.record_id)
            and (one.person = two.person or one.customer_key = two.customer_key)
    )
    select 'Pairs of records joined: right ones of them', sum(is_same_person::int),
        count(*) from pairs where is_same_key
    union all
    select 'Pairs of records of one person: joined', sum(is_same_key::int), count(*)
    from pairs where is_same_person
    union all
    select '  of these, both in the CRM (twins): joined', sum(is_same_key::int),
        count(*)
    from pairs where is_same_person and is_twin
"""

# Of those who left while the ledger was kept; the register of lost customers says until
# when a warning still came in time.
CHURN = f"""
    with ledger as (
        select min(decided_on) as first_day, max(decided_on) as last_day
        from marts.churn_decisions
        where kind = 'decided'
    ),
    leavers as (
        select
            people.person,
            cast(people.decided_at + interval 8 hour as date) as left_on,
            cause
        from truth_people as people
        cross join ledger
        where
            not people.is_one_time
            and cast(people.decided_at + interval 8 hour as date)
            between ledger.first_day and ledger.last_day
    ),
    told as (
        select
            leavers.person,
            leavers.cause,
            max(coalesce(
                warnings.opened_on between leavers.left_on - {HORIZON_DAYS}
                and leavers.left_on - 1, false
            )) as is_early,
            max(coalesce(
                warnings.opened_on >= leavers.left_on - {HORIZON_DAYS}
                and (lost.lost_on is null or warnings.opened_on < lost.lost_on), false
            )) as is_in_time
        from leavers
        inner join people_by_key as keys on leavers.person = keys.person
        left join marts.churn_warnings as warnings
            on keys.customer_key = warnings.customer_key
        left join (
            select customer_key, lost_on from marts.lost_customers where not is_won_back
        ) as lost on keys.customer_key = lost.customer_key
        group by leavers.person, leavers.cause
    ),
    judged_warnings as (
        select
            warnings.level,
            coalesce(
                cast(people.decided_at + interval 8 hour as date)
                <= warnings.opened_on + {HORIZON_DAYS}, false
            ) as is_right
        from marts.churn_warnings as warnings
        inner join people_by_key as keys on warnings.customer_key = keys.customer_key
        inner join truth_people as people on keys.person = people.person
        where warnings.opened_on + {HORIZON_DAYS} <= (
            select max(as_of_date) from quality.runs
        )
    ),
    held as (
        select
            coalesce(
                cast(people.decided_at + interval 8 hour as date)
                <= months.evaluation_date + {HORIZON_DAYS}, false
            ) as is_leaving
        from marts.customers_by_month as months
        inner join people_by_key as keys on months.customer_key = keys.customer_key
        inner join truth_people as people on keys.person = people.person
        cross join ledger
        where
            months.evaluation_date between ledger.first_day and ledger.last_day
            and months.evaluation_date + {HORIZON_DAYS}
            <= (select max(as_of_date) from quality.runs)
            and months.lifecycle_stage not in ('prospect', 'lost')
            and not people.is_one_time
    )
    select 'Planted leavers: warned of before they were lost', sum(is_in_time::int),
        count(*) from told
    union all
    select '  warned of before they had made up their mind', sum(is_early::int),
        count(*)
    from told
    union all
    select '  of these, driven away by an incident', sum(is_early::int), count(*)
    from told where cause <> 'natural'
    union all
    select 'Warnings: the customer has left or leaves in 90 days', sum(is_right::int),
        count(*) from judged_warnings
    union all
    select '  ' || level, sum(is_right::int), count(*)
    from judged_warnings group by level
    union all
    select '  customers held at those month ends who do', sum(is_leaving::int), count(*)
    from held
"""

SERVICE = """
    with today as (select max(as_of_date) as day from quality.runs)
    select 'Follow-ups missed in the last 90 days: in the plan',
        count(*) filter (plan.missed_plan_count > 0), count(*)
    from truth_incidents as incidents
    inner join people_by_key as keys on incidents.person = keys.person
    inner join marts.interactions as contacts
        on incidents.source_id = contacts.interaction_id
    left join marts.follow_up_plan as plan on contacts.customer_key = plan.customer_key
    cross join today
    where incidents.kind = 'follow_up_missed'
        and contacts.planned_at::date between today.day - 89 and today.day - 1
        and keys.customer_key = contacts.customer_key
    union all
    select 'Detractors left unanswered: open in the feedback loop',
        count(*) filter (loop.status in ('raised', 'decided')), count(*)
    from truth_incidents as incidents
    left join marts.feedback_loop as loop
        on loop.subject_type = 'survey' and loop.subject_id = incidents.source_id
    where incidents.kind = 'detractor_unanswered'
    union all
    select 'Complaints left unsolved: open in the feedback loop',
        count(*) filter (loop.status in ('raised', 'decided')), count(*)
    from truth_incidents as incidents
    left join marts.feedback_loop as loop
        on loop.subject_type = 'ticket' and loop.subject_id = incidents.source_id
    where incidents.kind = 'complaint_unsolved'
"""

DIRT = """
    with planted as (
        select distinct source, feed, file, row_number
        from truth_dirty_rows where expected_fate = 'quarantined'
    ),
    found as (
        select distinct source, feed, file, row_number from quality.quarantined_rows
    )
    select 'Bad rows planted: in quarantine', count(found.file), count(*)
    from planted left join found using (source, feed, file, row_number)
    union all
    select 'Rows in quarantine: planted', count(planted.file), count(*)
    from found left join planted using (source, feed, file, row_number)
"""


def measure(database: Path, truth: Path) -> list[tuple[str, int, int]]:
    """(what, how many of it, of how many) of a published file and its truth."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{database}' as published (read_only)")
        for table in truth.glob("*.parquet"):
            connection.execute(
                f"create temp view truth_{table.stem} as select * from '{table}'"
            )
        connection.execute("use published")
        connection.execute(KEYS)
        return [
            row
            for query in (TWINS, CHURN, SERVICE, DIRT)
            for row in connection.execute(query).fetchall()
        ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.truth")
    parser.add_argument("--truth", type=Path, required=True, help="OUT/truth")
    parser.add_argument("--data", type=Path, required=True, help="the night's DATA_DIR")
    arguments = parser.parse_args()
    database = arguments.data / "published" / "tierkeeper.duckdb"
    for what, hits, of in measure(database.resolve(), arguments.truth):
        share = f"{hits / of:.1%}" if of else "–"
        print(f"{what:56}{share:>8}  {hits or 0:,} of {of:,}")


if __name__ == "__main__":
    main()
