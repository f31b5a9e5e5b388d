"""What was planted, written beside the landing folder; the warehouse never reads it."""

from dataclasses import asdict
from pathlib import Path

import duckdb

from seeds.generator.delivery import literal
from seeds.generator.world import World

TRUTH = {
    # One row per true person or firm; a one-time buyer leaves with the one order.
    "people": """
        with bought as (
            select person, min(ordered_at) as first_ordered_at,
                max(ordered_at) as last_ordered_at, count(*) as order_count
            from orders group by person
        )
        select
            spans.person,
            case when not is_unknown_to_crm then c_id(spans.person) end
                as source_customer_id,
            case when is_firm then 'company' else 'person' end as customer_type,
            is_prospect, is_one_time, is_foreign, is_unknown_to_crm, is_owned,
            is_biased_branch, place_no, value_class, gap_days, annual_value, mood,
            moment(joined_day)::date as joined_on,
            moment(price_rise_day)::date as price_rise_on,
            bought.first_ordered_at, bought.last_ordered_at,
            coalesce(bought.order_count, 0) as order_count,
            case when is_one_time then bought.first_ordered_at
                else moment(spans.churned_day) end as churned_at,
            case when is_one_time then bought.first_ordered_at::date
                else moment(spans.churned_day)::date end as churned_on,
            case when is_one_time and order_count > 0 then 'one_time'
                else spans.churn_kind end as churn_kind,
            moment(spans.decided_day) as decided_at,
            spans.is_fading,
            lives.cause, lives.incident_id as cause_incident_id, spans.reason_code
        from spans
        inner join lives on spans.person = lives.person
        left join bought on spans.person = bought.person
        order by spans.person
    """,
    # One row per incident before its customer left.
    "incidents": """
        select incidents.incident_id, incidents.person, incidents.kind,
            moment(incidents.day) as begins_at, incidents.window_days,
            incidents.factor, incidents.feed,
            case incidents.kind
                when 'detractor_unanswered' then
                    'R' || lpad(source_no::varchar, 10, '0')
                when 'follow_up_missed' then
                    'I' || lpad((source_no * 8)::varchar, 11, '0')
                when 'price_rise' then null
                else 'T' || lpad(source_no::varchar, 9, '0')
            end as source_id
        from incidents
        inner join spans on incidents.person = spans.person
        where incidents.day <= spans.ends_day
        order by incidents.incident_id
    """,
    # One row per record of a system: whose it is, and what kind of trap.
    "records": """
        select 'crm' as namespace, source_customer_id as record_id, person, kind, trap
        from records
        union all
        select 'shop', shop_id, accounts.person,
            case when accounts.kind = 'main' and records.source_customer_id is not null
                and id_in_shop is null then 'unbridged' else accounts.kind end,
            null
        from shop_accounts as accounts
        left join records
            on accounts.person = records.person and records.kind = 'main'
        order by namespace, record_id
    """,
    # One row per guest order; the person is null for a stranger.
    "guest_orders": """
        select order_number(ordered_at, order_key) as order_id,
            case when chance('stranger', order_key) >= 0.4 then person end as person
        from orders where is_guest order by order_id
    """,
    "staff": """
        select staff_id, case when role = 'head' then 'account_manager' else role end
            as role, team, is_slow_team, is_careless
        from staff order by staff_id
    """,
    "branches": """
        select distinct region,
            region_no = 4 and world_biased_cadence() > 1 as is_biased
        from places order by region
    """,
    "campaigns": """
        select campaigns.campaign_id, campaigns.kind, campaigns.uplift,
            count(*) filter (not is_holdout) as treated_count,
            count(*) filter (is_holdout) as holdout_count,
            count(extra_order_day) as extra_order_count
        from campaigns left join touches on campaigns.campaign_no = touches.campaign_no
        group by all order by campaigns.campaign_id
    """,
    "dirty_rows": "select * from dirty_rows order by all",
    "files": "select * from files order by all",
}


def write(connection: duckdb.DuckDBPyConnection, world: World, out: Path) -> None:
    folder = out / "truth"
    folder.mkdir()
    for name, query in TRUTH.items():
        connection.execute(
            f"copy ({query}) to {literal(folder / f'{name}.parquet')} "
            "(format parquet, compression zstd)"
        )
    lines = [f"{name},{value}" for name, value in asdict(world).items()]
    (folder / "world.csv").write_text("\n".join(["name,value", *lines]) + "\n")
