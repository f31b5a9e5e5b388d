-- What customers leave behind around a loss, each under the one taxonomy of reasons; a
-- word that it does not know is a reason all the same.
with customers as (

    select * from {{ ref('int_customers__in_force') }}

),

contracts as (

    select * from {{ ref('int_contracts__in_force') }}

),

responses as (

    select * from {{ ref('int_responses__scored') }}

),

opportunities as (

    select * from {{ ref('int_opportunities__in_force') }}

),

tickets as (

    select * from {{ ref('int_tickets__in_force') }}

),

records as (

    select * from {{ ref('int_records__resolved') }}

),

loss_reasons as (

    select * from {{ ref('loss_reasons') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

said as (

    select
        'crm_customer' as loss_source_code,
        source_customer_id as statement_id,
        'crm' as namespace,
        source_customer_id as record_id,
        termination_reason as reason_word,
        competitor,
        false as is_complaint,
        false as is_negative,
        terminated_at as said_at,
        cast(null as date) as said_on
    from customers
    where terminated_at is not null
    union all
    select
        'contract' as loss_source_code,
        contract_id as statement_id,
        'crm' as namespace,
        source_customer_id as record_id,
        reason_code as reason_word,
        cast(null as string) as competitor,
        false as is_complaint,
        false as is_negative,
        terminated_at as said_at,
        case when terminated_at is null then ends_on end as said_on
    from contracts
    where reason_code is not null
    union all
    select
        case when survey_type = 'exit' then 'exit_survey' else 'survey' end as loss_source_code,
        response_id || chr(31) || coalesce(question_code, '') as statement_id,
        namespace,
        record_id,
        -- Of other surveys a reason is one for the score, not for leaving.
        case when survey_type = 'exit' then reason_code end as reason_word,
        cast(null as string) as competitor,
        false as is_complaint,
        survey_type <> 'exit' and sentiment = 'negative' as is_negative,
        responded_at as said_at,
        cast(null as date) as said_on
    from responses
    where survey_type = 'exit' or sentiment = 'negative'
    union all
    select
        'opportunity' as loss_source_code,
        opportunity_id as statement_id,
        'crm' as namespace,
        source_customer_id as record_id,
        lost_reason as reason_word,
        competitor,
        false as is_complaint,
        false as is_negative,
        closed_at as said_at,
        cast(null as date) as said_on
    from opportunities
    where stage = 'lost' and closed_at is not null
    union all
    select
        'ticket' as loss_source_code,
        ticket_id as statement_id,
        'crm' as namespace,
        source_customer_id as record_id,
        cast(null as string) as reason_word,
        competitor_mentioned as competitor,
        kind = 'complaint' as is_complaint,
        false as is_negative,
        opened_at as said_at,
        cast(null as date) as said_on
    from tickets
    where kind = 'complaint' or competitor_mentioned is not null

),

statements as (

    select
        records.customer_key,
        said.loss_source_code,
        said.statement_id,
        case
            when said.reason_word is not null then coalesce(loss_reasons.loss_reason_code, 'other')
        end as loss_reason_code,
        said.competitor,
        coalesce(said.is_complaint, false) as is_complaint,
        coalesce(said.is_negative, false) as is_negative,
        coalesce(said.said_on, {{ business_day('said.said_at', 'parameters.business_timezone') }})
            as said_on
    from said
    inner join records
        on said.namespace = records.namespace
        and said.record_id = records.record_id
    left join loss_reasons
        on {{ lower_case(trimmed('said.reason_word')) }} = loss_reasons.source_word
    cross join parameters

)

select * from statements
