-- Where two figures speak of the same thing, and what that says of each. Runs once per build, after the figures have their ids.

-- name: agreement
-- A masked figure is its range; two figures agree as far as their ranges allow.
create temp table ranged as
select figure_id, iso3, partner_iso3, indicator_id, source_id, year, sex, age, form,
       coalesce(value, lower) as low, coalesce(value, upper) as high
from keyed where coalesce(value, lower) is not null;

create temp table whole as
select * from ranged where sex = 'total' and age = 'total' and form = 'total'
qualify count(*) over (partition by indicator_id, source_id, iso3, partner_iso3, year) = 1;

create temp table paired as
select rule_id, relation, whole.iso3, whole.partner_iso3, whole.year, whole.figure_id as first_id, other.figure_id as second_id,
       whole.low as first_lower, whole.high as first_upper, other.low as second_lower, other.high as second_upper
from agreement_rule as rule
join whole on whole.indicator_id = first_indicator and whole.source_id = first_source
join whole as other on other.indicator_id = second_indicator and other.source_id = second_source
    and other.iso3 = whole.iso3 and other.partner_iso3 is not distinct from whole.partner_iso3 and other.year = whole.year
where relation <> 'parts'
union all
select rule_id, relation, whole.iso3, whole.partner_iso3, whole.year, whole.figure_id, null,
       whole.low, whole.high, sum(part.low), sum(part.high)
from agreement_rule as rule
join whole on whole.indicator_id = first_indicator and whole.source_id = first_source and whole.partner_iso3 is null
join ranged as part on part.indicator_id = second_indicator and part.source_id = second_source
    and part.iso3 = whole.iso3 and part.partner_iso3 is null and part.year = whole.year
    and (parts_by = 'sex') = (part.sex <> 'total') and (parts_by = 'age') = (part.age <> 'total')
    and (parts_by = 'form') = (part.form <> 'total')
where relation = 'parts' group by all;

insert into agreement
with measured as (
    select *, greatest(0, greatest(first_lower - second_upper, second_lower - first_upper))
              / nullif(greatest(abs(first_upper), abs(second_upper)), 0) as gap,
           case relation when 'part' then first_lower > second_upper when 'parts' then second_lower > first_upper end as breaks
    from paired
)
select rule_id, iso3, partner_iso3, year, first_id, second_id, first_lower, first_upper, second_lower, second_upper,
       coalesce(gap, 0),
       case when relation = 'same' then case when coalesce(gap, 0) <= 0.10 then 'within 10 %' when gap <= 0.25 then 'within 25 %' else 'apart' end
            when breaks then 'impossible' else 'possible' end
from measured;

-- name: digit
-- Confirmed, near, or contradicted by another source; else the source's own digit stands. A figure's own trend is no second source.
insert into digit
with said as (
    select first_id as figure_id, verdict, doubts in ('first', 'both') as doubted, independent, title, relation, gap
    from agreement join agreement_rule using (rule_id)
    union all
    select second_id, verdict, doubts in ('second', 'both'), independent, title, relation, gap
    from agreement join agreement_rule using (rule_id) where second_id is not null
),
judged as (
    select figure_id, title, case
        when doubted and verdict = 'impossible' and (relation = 'parts' or gap > 0.10) then '4'
        when doubted and verdict = 'apart' and independent then '4'
        when independent and verdict = 'within 10 %' then '1'
        when independent and verdict = 'within 25 %' then '2' end as credibility
    from said
),
decided as (
    select figure_id, credibility, title from judged where credibility is not null
    qualify row_number() over (partition by figure_id order by credibility = '4' desc, credibility) = 1
)
select figure_id, credibility, case credibility when '4' then 'Contradicted: ' else 'Compared: ' end || title from decided;
