select
    cast(null as string) as namespace,
    cast(null as string) as record_id,
    cast(null as string) as other_namespace,
    cast(null as string) as other_record_id,
    cast(null as double) as match_probability,
    cast(null as date) as serves_from
where 1 = 0
