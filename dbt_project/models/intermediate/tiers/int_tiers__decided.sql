{#- As many tiers as a policy may have; the lowest needs no bar. -#}
{%- set ranks = range(2, 7) -%}
with scored as (

    {{ touched_rows(ref('int_tier_criteria__scored')) }}

),

rows_to_decide as (

    {{ touched_rows(ref('int_tier_criteria__scored')) }}

),

policies as (

    select * from {{ ref('int_tier_policies__evaluated') }}

),

levels as (

    select * from {{ ref('tier_levels') }}

),

-- A tier has one rank in all policies, so it has a name where the newest lacks it.
tier_names as (

    select distinct
        tier_code,
        tier_rank
    from levels

),

-- A new version starts to count from its own first evaluation.
version_starts as (

    select
        policy_code,
        policy_version,
        hold_evaluations,
        valid_to,
        min(evaluation_number) as first_evaluation_number
    from policies
    group by policy_code, policy_version, hold_evaluations, valid_to

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

-- Read for itself: what is read twice is kept, and with all that a row holds it would not
-- fit into memory.
scores as (

    select
        scenario,
        customer_key,
        evaluation_number,
        policy_code,
        policy_version,
        score
    from rows_to_decide

),

-- By numbers alone: windows over keys, and over all that a row holds, take three times as
-- long.
rated_customers as (

    select distinct
        scenario,
        customer_key
    from scores

),

numbered_customers as (

    select
        *,
        row_number() over (order by customer_key nulls last, scenario nulls last)
            as customer_number
    from rated_customers

),

numbered_versions as (

    select
        version_starts.policy_code,
        version_starts.policy_version,
        version_starts.hold_evaluations,
        version_starts.valid_to,
        version_starts.first_evaluation_number,
        {% for rank in ranks -%}
            bars.entry_{{ rank }},
            bars.stay_{{ rank }},
        {% endfor -%}
        row_number() over (
            order by
                version_starts.policy_code nulls last, version_starts.policy_version nulls last
        ) as version_number
    from version_starts
    inner join bars
        on version_starts.policy_code = bars.policy_code
        and version_starts.policy_version = bars.policy_version

),

numbered_levels as (

    select
        numbered_versions.version_number,
        levels.*,
        lead(levels.tier_code) over upwards as next_tier_code,
        lead(levels.entry_score) over upwards as next_entry_score
    from levels
    inner join numbered_versions
        on levels.policy_code = numbered_versions.policy_code
        and levels.policy_version = numbered_versions.policy_version
    window upwards as (
        partition by numbered_versions.version_number order by levels.tier_rank nulls last
    )

),

numbered_scores as (

    select
        numbered_customers.customer_number,
        numbered_versions.version_number,
        scores.evaluation_number,
        scores.score
    from scores
    inner join numbered_customers
        on scores.scenario = numbered_customers.scenario
        and scores.customer_key = numbered_customers.customer_key
    inner join numbered_versions
        on scores.policy_code = numbered_versions.policy_code
        and scores.policy_version = numbered_versions.policy_version

),

numbered_earlier as (

    select
        numbered_customers.customer_number,
        earlier.*
    from earlier
    inner join numbered_customers
        on earlier.scenario = numbered_customers.scenario
        and earlier.customer_key = numbered_customers.customer_key

),

scored_against_bars as (

    select
        {% for rank in ranks -%}
            max(
                case
                    when numbered_scores.score >= numbered_versions.stay_{{ rank }}
                        then numbered_scores.evaluation_number
                end
            ) over so_far as stayed_{{ rank }}_number,
        {% endfor -%}
        numbered_scores.customer_number,
        numbered_scores.evaluation_number,
        numbered_scores.version_number,
        numbered_scores.score,
        min(numbered_scores.evaluation_number) over so_far as first_number
    from numbered_scores
    inner join numbered_versions
        on numbered_scores.version_number = numbered_versions.version_number
    window so_far as (
        partition by numbered_scores.customer_number
        order by numbered_scores.evaluation_number nulls last
        rows between unbounded preceding and current row
    )

),

counted as (

    select
        {% for rank in ranks -%}
            -- Evaluations in a row, of this version, under the bar to stay.
            scored_against_bars.evaluation_number - greatest(
                numbered_versions.first_evaluation_number - 1,
                coalesce(
                    numbered_earlier.first_evaluation_number, scored_against_bars.first_number
                ) - 1,
                coalesce(
                    numbered_earlier.evaluation_number - numbered_earlier.below_{{ rank }}, 0
                ),
                coalesce(scored_against_bars.stayed_{{ rank }}_number, 0)
            ) as below_{{ rank }},
            numbered_versions.entry_{{ rank }},
            coalesce(numbered_earlier.is_in_{{ rank }}, 0) as was_in_{{ rank }}_earlier,
        {% endfor -%}
        scored_against_bars.customer_number,
        scored_against_bars.evaluation_number,
        scored_against_bars.version_number,
        scored_against_bars.score,
        numbered_versions.hold_evaluations,
        coalesce(
            numbered_earlier.first_evaluation_number, scored_against_bars.first_number
        ) as first_evaluation_number
    from scored_against_bars
    inner join numbered_versions
        on scored_against_bars.version_number = numbered_versions.version_number
    left join numbered_earlier
        on scored_against_bars.customer_number = numbered_earlier.customer_number

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
            cast(below_{{ rank }} as smallint) as below_{{ rank }},
            was_in_{{ rank }}_earlier,
        {% endfor -%}
        customer_number,
        evaluation_number,
        version_number,
        first_evaluation_number
    from counted

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
            below_{{ rank }},
        {% endfor -%}
        customer_number,
        evaluation_number,
        version_number,
        first_evaluation_number
    from events
    window before as (
        partition by customer_number
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

-- What the state is told beside.
told as (

    select
        {% for rank in ranks -%}
            falling.below_{{ rank }},
            falling.is_in_{{ rank }},
        {% endfor -%}
        falling.tier_rank,
        falling.previous_tier_rank,
        falling.evaluations_below,
        falling.falls_to_tier_rank,
        falling.first_evaluation_number,
        falling.version_number,
        numbered_versions.hold_evaluations,
        numbered_versions.valid_to,
        case when falling.evaluations_below > 0 then last_day({{ add_months(
            'scored.evaluation_date',
            'numbered_versions.hold_evaluations - falling.evaluations_below'
        ) }}) end as hold_ends_on,
        case
            {% for rank in ranks | reverse -%}
                when scored.score >= numbered_versions.entry_{{ rank }} then {{ rank }}
            {% endfor -%}
            else 1
        end as raw_tier_rank,
        scored.*
    from scored
    inner join numbered_customers
        on scored.scenario = numbered_customers.scenario
        and scored.customer_key = numbered_customers.customer_key
    inner join falling
        on numbered_customers.customer_number = falling.customer_number
        and scored.evaluation_number = falling.evaluation_number
    inner join numbered_versions
        on falling.version_number = numbered_versions.version_number

),

decided as (

    select
        told.scenario,
        told.customer_key,
        told.evaluation_date,
        told.evaluation_number,
        told.is_provisional,
        told.is_latest,
        told.policy_customer_type,
        told.policy_code,
        told.policy_version,
        told.value_365_amount,
        raw_levels.tier_code as raw_tier_code,
        levels.tier_code,
        cast(told.tier_rank as integer) as tier_rank,
        previous_names.tier_code as previous_tier_code,
        cast(told.previous_tier_rank as integer) as previous_tier_rank,
        case
            when told.previous_tier_rank is null then 'new'
            when told.tier_rank > told.previous_tier_rank then 'promoted'
            when told.tier_rank < told.previous_tier_rank then 'demoted'
            when told.evaluations_below > 0 then 'held'
            else 'kept'
        end as reason_code,
        levels.next_tier_code,
        -- The next version counts anew, by bars of its own: nobody knows what falls under it.
        case when told.hold_ends_on <= told.valid_to then fall_levels.tier_code end
            as falls_to_tier_code,
        case when told.hold_ends_on <= told.valid_to then told.hold_ends_on end as falls_on,
        {% for criterion_code in tier_criterion_codes() -%}
            told.{{ criterion_code }}_points,
        {% endfor -%}
        told.score,
        levels.entry_score,
        levels.stay_score,
        previous_levels.stay_score as previous_stay_score,
        cast(levels.next_entry_score - told.score as decimal(9, 6)) as points_to_next_tier,
        cast(told.score - levels.stay_score as decimal(9, 6)) as points_above_stay_bar,
        cast(told.evaluations_below as integer) as evaluations_below,
        told.hold_evaluations,
        -- The state itself, for the next evaluation that is built.
        {% for rank in ranks -%}
            cast(told.below_{{ rank }} as smallint) as below_{{ rank }},
            cast(told.is_in_{{ rank }} as smallint) as is_in_{{ rank }},
        {% endfor -%}
        told.first_evaluation_number
    from told
    left join numbered_levels as levels
        on told.version_number = levels.version_number
        and told.tier_rank = levels.tier_rank
    left join numbered_levels as raw_levels
        on told.version_number = raw_levels.version_number
        and told.raw_tier_rank = raw_levels.tier_rank
    left join tier_names as previous_names
        on told.previous_tier_rank = previous_names.tier_rank
    left join numbered_levels as previous_levels
        on told.version_number = previous_levels.version_number
        and told.previous_tier_rank = previous_levels.tier_rank
    left join numbered_levels as fall_levels
        on told.version_number = fall_levels.version_number
        and told.falls_to_tier_rank = fall_levels.tier_rank

)

select * from decided
