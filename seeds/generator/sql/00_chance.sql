-- Chance is a hash of the seed, a stream's name and an entity: never of the order in
-- which rows come or of the number of threads. The outer hash is needed: DuckDB combines
-- hashes by xor, and two streams of one entity would move together.
create macro chance(stream, entity) as (
    ((hash(hash(cast(entity as bigint), stream || '|' || world_seed())) >> 11)::double + 0.5)
    * 1.1102230246251565e-16
);

create macro bell(stream, entity) as (
    sqrt(-2 * ln(chance(stream || ' radius', entity)))
    * cos(6.283185307179586 * chance(stream || ' angle', entity))
);

-- A waiting time of mean 1.
create macro wait(stream, entity) as -ln(chance(stream, entity));

create macro pick(items, draw) as items[1 + floor(len(items) * draw)::integer];

-- Days since the start of the history, as a number with fraction, and back to a time.
create macro moment(days) as (
    world_from_day()::timestamp + to_seconds(floor(days * 86400)::bigint)
);
create macro final_day() as date_diff('day', world_from_day(), world_to_day());
-- The end of the last day, just before which every export is made.
create macro day_end(day) as (day::timestamp + interval '86399 seconds');
create macro days_of(instant) as (
    epoch(instant - world_from_day()::timestamp) / 86400.0
);
-- A day and an hour of opening, from a day with fraction.
create macro in_hours(days, first_hour, last_hour) as (
    floor(days) + (first_hour + (days - floor(days)) * (last_hour - first_hour)) / 24.0
);
create macro hours(number) as to_seconds(floor(number * 3600)::bigint);
create macro money(number) as cast(round(number, 2) as decimal(14, 2));
