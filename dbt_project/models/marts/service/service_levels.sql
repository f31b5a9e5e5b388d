with tickets as (

    select * from {{ ref('int_tickets__measured') }}

),

counted as (

    select
        cast(date_trunc('month', opened_on) as date) as month,
        tier_code,
        team,
        count(*) as ticket_count,
        count(case when is_responded_in_time then 1 end) as responded_in_time_count,
        count(case when is_responded_in_time is null then 1 end) as response_pending_count,
        count(is_responded_in_time) as response_measured_count,
        count(case when is_resolved_in_time then 1 end) as resolved_in_time_count,
        count(case when is_resolved_in_time is null then 1 end) as resolution_pending_count,
        count(is_resolved_in_time) as resolution_measured_count,
        count(case when is_reopened then 1 end) as reopened_count,
        count(case when is_open and not is_resolved_in_time then 1 end) as open_overdue_count,
        median(first_response_hours) as median_first_response_hours
    from tickets
    group by cast(date_trunc('month', opened_on) as date), tier_code, team

),

shares as (

    select
        *,
        case
            when response_measured_count > 0
                then cast(responded_in_time_count as double) / response_measured_count
        end as response_share,
        case
            when resolution_measured_count > 0
                then cast(resolved_in_time_count as double) / resolution_measured_count
        end as resolution_share,
        cast(responded_in_time_count as double) as responses,
        cast(nullif(response_measured_count, 0) as double) as measured_responses,
        cast(resolved_in_time_count as double) as resolutions,
        cast(nullif(resolution_measured_count, 0) as double) as measured_resolutions
    from counted

),

-- Rounding puts the lower bound of 0, and the upper of 1, a hair beyond it: it ends there.
service_levels as (

    select
        month,
        tier_code,
        team,
        ticket_count,
        responded_in_time_count,
        response_pending_count,
        response_share,
        {{ wilson_bound('responses', 'measured_responses', -1) }} as response_lower,
        {{ wilson_bound('responses', 'measured_responses', 1) }} as response_upper,
        median_first_response_hours,
        resolved_in_time_count,
        resolution_pending_count,
        resolution_share,
        {{ wilson_bound('resolutions', 'measured_resolutions', -1) }} as resolution_lower,
        {{ wilson_bound('resolutions', 'measured_resolutions', 1) }} as resolution_upper,
        reopened_count,
        open_overdue_count
    from shares

)

select * from service_levels
