{#- As many tiers as a policy may have; the lowest needs no bar. -#}
{%- set ranks = range(2, 7) -%}
with scored as (

    {{ touched_rows(ref('int_tier_criteria__scored')) }}

),

policies as (

    select * from {{ ref('tier_policies') }}

),

levels as (

    select * from {{ ref('tier_levels') }}

),

evaluations as (

    select * from {{ ref('int_evaluations__dated') }}

),

-- A tier keeps its rank in all versions, so it has a name where the newest lacks it.
tier_names as (

    select distinct
        policy_code,
        tier_code,
        tier_rank
    from levels

),

-- A new version starts to count from its own first evaluation.
version_starts as (

    select
        policies.policy_code,
        policies.policy_version,
        policies.hold_evaluations,
        min(evaluations.evaluation_number) as first_evaluation_number
    from policies
    inner join evaluations
        on policies.valid_from <= evaluations.evaluation_date
        and policies.valid_to >= evaluations.evaluation_date
    group by policies.policy_code, policies.policy_version, policies.hold_evaluations

),

bars as (

    select
        {% for rank in ranks -%}
            max(case when tier_rank = {{ rank }} then entry_score end) as entry_{{ rank }},
            max(case when tier_rank = {{ rank }} then stay_score end) as stay_{{ rank }},
        {% endfor -%}
        policy_code,
        policy_version
    from levels
    group by policy_code, policy_version

),

{%- if is_incremental() %}

    newest_built as (

        select
            scenario,
            customer_key,
            max(evaluation_number) as evaluation_number
        from {{ this }}
        where evaluation_date in ({{ standing_evaluations() }})
        group by scenario, customer_key

    ),

    -- Where a customer stood before the first evaluation that is built.
    earlier as (

        select
            built.scenario,
            built.customer_key,
            built.evaluation_number,
            built.first_evaluation_number,
        {% for rank in ranks -%}
            built.below_{{ rank }},
            built.is_in_{{ rank }}{{ ',' if not loop.last }}
        {% endfor %}
        from {{ this }} as built
        inner join newest_built
            on built.scenario = newest_built.scenario
            and built.customer_key = newest_built.customer_key
            and built.evaluation_number = newest_built.evaluation_number

    ),
{%- else %}

    earlier as (

        select
            cast(null as string) as scenario,
            cast(null as string) as customer_key,
            cast(null as bigint) as evaluation_number,
            cast(null as bigint) as first_evaluation_number,
        {% for rank in ranks -%}
            cast(null as smallint) as below_{{ rank }},
            cast(null as smallint) as is_in_{{ rank }}{{ ',' if not loop.last }}
        {% endfor %}
        where false

    ),
{%- endif %}

scored_against_bars as (

    select
        scored.*,
        {% for rank in ranks -%}
            bars.entry_{{ rank }},
            -- Evaluations in a row, of this version, under the bar to stay.
            scored.evaluation_number - greatest(
                version_starts.first_evaluation_number - 1,
                coalesce(
                    earlier.first_evaluation_number, min(scored.evaluation_number) over so_far
                ) - 1,
                coalesce(earlier.evaluation_number - earlier.below_{{ rank }}, 0),
                coalesce(max(
                    case when scored.score >= bars.stay_{{ rank }} then scored.evaluation_number end
                ) over so_far, 0)
            ) as below_{{ rank }},
            coalesce(earlier.is_in_{{ rank }}, 0) as was_in_{{ rank }}_earlier,
        {% endfor -%}
        version_starts.hold_evaluations,
        coalesce(
            earlier.first_evaluation_number, min(scored.evaluation_number) over so_far
        ) as first_evaluation_number
    from scored
    inner join version_starts
        on scored.policy_code = version_starts.policy_code
        and scored.policy_version = version_starts.policy_version
    inner join bars
        on scored.policy_code = bars.policy_code
        and scored.policy_version = bars.policy_version
    left join earlier
        on scored.scenario = earlier.scenario
        and scored.customer_key = earlier.customer_key
    window so_far as (
        partition by scored.scenario, scored.customer_key
        order by scored.evaluation_number nulls last
        rows between unbounded preceding and current row
    )

),

-- Reaching the entry bar is an event in; so many evaluations under the stay bar are one
-- out, and so is a level that the policy no longer has. Else nothing happens.
events as (

    select
        {% for rank in ranks -%}
            case
                when entry_{{ rank }} is null then 0
                when score >= entry_{{ rank }} then 1
                when below_{{ rank }} >= hold_evaluations then 0
            end as event_{{ rank }},
        {% endfor -%}
        *
    from scored_against_bars

),

-- The last event decides whether a level is held.
states as (

    select
        {% for rank in ranks -%}
            coalesce(
                {{ last_known('event_' ~ rank) }} over before, was_in_{{ rank }}_earlier
            ) as was_in_{{ rank }},
            coalesce(
                event_{{ rank }},
                {{ last_known('event_' ~ rank) }} over before,
                was_in_{{ rank }}_earlier
            ) as is_in_{{ rank }},
        {% endfor -%}
        *
    from events
    window before as (
        partition by scenario, customer_key
        order by evaluation_number nulls last
        rows between unbounded preceding and 1 preceding
    )

),

-- The tier is the highest level that is held.
ranked as (

    select
        *,
        case
            {% for rank in ranks | reverse -%}
                when score >= entry_{{ rank }} then {{ rank }}
            {% endfor -%}
            else 1
        end as raw_tier_rank,
        case
            {% for rank in ranks | reverse -%}
                when is_in_{{ rank }} = 1 then {{ rank }}
            {% endfor -%}
            else 1
        end as tier_rank,
        case
            when evaluation_number = first_evaluation_number then null
            {% for rank in ranks | reverse -%}
                when was_in_{{ rank }} = 1 then {{ rank }}
            {% endfor -%}
            else 1
        end as previous_tier_rank
    from states

),

under_bars as (

    select
        *,
        case tier_rank
            {% for rank in ranks -%}
                when {{ rank }} then below_{{ rank }}
            {% endfor -%}
            else 0
        end as evaluations_below
    from ranked

),

-- A held tier falls to the highest level that would still be held on that day.
falling as (

    select
        *,
        case
            {% for rank in ranks | reverse -%}
                when is_in_{{ rank }} = 1 and below_{{ rank }} < evaluations_below then {{ rank }}
            {% endfor -%}
            else 1
        end as falls_to_tier_rank
    from under_bars

),

decided as (

    select
        falling.scenario,
        falling.customer_key,
        falling.evaluation_date,
        falling.evaluation_number,
        falling.is_provisional,
        falling.is_latest,
        falling.policy_customer_type,
        falling.policy_code,
        falling.policy_version,
        falling.value_365_amount,
        raw_levels.tier_code as raw_tier_code,
        levels.tier_code,
        cast(falling.tier_rank as integer) as tier_rank,
        previous_names.tier_code as previous_tier_code,
        cast(falling.previous_tier_rank as integer) as previous_tier_rank,
        case
            when falling.previous_tier_rank is null then 'new'
            when falling.tier_rank > falling.previous_tier_rank then 'promoted'
            when falling.tier_rank < falling.previous_tier_rank then 'demoted'
            when falling.evaluations_below > 0 then 'held'
            else 'kept'
        end as reason_code,
        next_levels.tier_code as next_tier_code,
        case when falling.evaluations_below > 0 then fall_levels.tier_code end
            as falls_to_tier_code,
        {% for criterion_code in tier_criterion_codes() -%}
            falling.{{ criterion_code }}_points,
        {% endfor -%}
        falling.score,
        levels.entry_score,
        levels.stay_score,
        previous_levels.stay_score as previous_stay_score,
        cast(next_levels.entry_score - falling.score as decimal(9, 6)) as points_to_next_tier,
        cast(falling.score - levels.stay_score as decimal(9, 6)) as points_above_stay_bar,
        cast(falling.evaluations_below as integer) as evaluations_below,
        falling.hold_evaluations,
        case when falling.evaluations_below > 0 then last_day({{ add_months(
            'falling.evaluation_date', 'falling.hold_evaluations - falling.evaluations_below'
        ) }}) end as falls_on,
        -- The state itself, for the next evaluation that is built.
        {% for rank in ranks -%}
            cast(falling.below_{{ rank }} as smallint) as below_{{ rank }},
            cast(falling.is_in_{{ rank }} as smallint) as is_in_{{ rank }},
        {% endfor -%}
        falling.first_evaluation_number
    from falling
    left join levels
        on falling.policy_code = levels.policy_code
        and falling.policy_version = levels.policy_version
        and falling.tier_rank = levels.tier_rank
    left join levels as raw_levels
        on falling.policy_code = raw_levels.policy_code
        and falling.policy_version = raw_levels.policy_version
        and falling.raw_tier_rank = raw_levels.tier_rank
    left join tier_names as previous_names
        on falling.policy_code = previous_names.policy_code
        and falling.previous_tier_rank = previous_names.tier_rank
    left join levels as previous_levels
        on falling.policy_code = previous_levels.policy_code
        and falling.policy_version = previous_levels.policy_version
        and falling.previous_tier_rank = previous_levels.tier_rank
    left join levels as next_levels
        on falling.policy_code = next_levels.policy_code
        and falling.policy_version = next_levels.policy_version
        and falling.tier_rank + 1 = next_levels.tier_rank
    left join levels as fall_levels
        on falling.policy_code = fall_levels.policy_code
        and falling.policy_version = fall_levels.policy_version
        and falling.falls_to_tier_rank = fall_levels.tier_rank

)

select * from decided
