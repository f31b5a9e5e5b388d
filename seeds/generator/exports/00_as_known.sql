-- An export shows what its system knew at `seen()`. Each view below is one feed: the
-- declared columns in their order, then when the row was first there (_began_at), when
-- it last changed (_changed_at), and a number by which chance is drawn (_row).
create macro seen() as getvariable('seen');
create macro known(instant) as case when instant <= seen() then instant end;
create macro known_on(day) as case when day::timestamp <= seen() then day end;
create macro c_id(person) as 'C' || lpad(person::varchar, 8, '0');
create macro staff_code(number) as case when number is not null then 'E' || lpad(number::varchar, 4, '0') end;
