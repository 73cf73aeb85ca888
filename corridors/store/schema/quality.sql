-- How good a figure is, and where figures disagree.

create table agreement_rule (
    rule_id varchar primary key, title varchar not null, first_indicator varchar not null, first_source varchar not null,
    second_indicator varchar not null, second_source varchar not null, parts_by varchar,
    relation varchar not null check (relation in ('same', 'part', 'parts')), independent boolean not null,
    doubts varchar not null check (doubts in ('first', 'second', 'both', 'none')), reason varchar not null
);
-- two figures of one thing, side by side; `second_id` is null where the second is a sum of parts
create table agreement (
    rule_id varchar not null references agreement_rule (rule_id), iso3 varchar not null, partner_iso3 varchar, year integer not null,
    first_id varchar not null, second_id varchar, first_lower double not null, first_upper double not null,
    second_lower double not null, second_upper double not null,
    gap double not null, -- share of the larger by which the two are apart at the least; 0 where their ranges meet
    verdict varchar not null check (verdict in ('within 10 %', 'within 25 %', 'apart', 'possible', 'impossible'))
);
-- the same with what both ends count and who says so
create view agreement_told as
select agreement.*, rule.title, rule.reason, rule.parts_by, rule.independent, first_unit.decimals,
       first_unit.unit_many as first_unit, first_unit.name as first_name, first_unit.definition as first_definition,
       first_source.publisher || ', ' || first_source.title as first_source, first.source_ref as first_ref, first.grade as first_grade,
       second_unit.unit_many as second_unit, second_unit.name as second_name, second_unit.definition as second_definition,
       second_source.publisher || ', ' || second_source.title as second_source,
       coalesce(second.source_ref, 'added up by ' || rule.parts_by) as second_ref, coalesce(second.grade, first.grade) as second_grade
from agreement join agreement_rule as rule using (rule_id)
join figure as first on first.figure_id = first_id left join figure as second on second.figure_id = second_id
join indicator as first_unit on first_unit.indicator_id = first_indicator
join indicator as second_unit on second_unit.indicator_id = second_indicator
join source as first_source on first_source.source_id = rule.first_source
join source as second_source on second_source.source_id = rule.second_source;

-- why a figure's Admiralty digit is not the source's own
create table digit (figure_id varchar primary key, credibility varchar not null, reason varchar not null);

create table grade_override (
    indicator_id varchar not null, source_id varchar not null, iso3 varchar, year integer, grade varchar not null,
    set_by varchar not null, reason varchar not null, dated date not null, figures integer not null, computed varchar not null
);
-- one row per series of a member: whether what was recorded rose or fell since the last break
create table trend (
    iso3 varchar not null, view varchar not null, indicator_id varchar not null, source_id varchar not null,
    first_year integer, last_year integer, years integer not null,
    verdict varchar not null check (verdict in ('rose', 'fell', 'no steady rise or fall', 'too few years', 'not tested')),
    p double, q double, slope double, slope_lower double, slope_upper double, change_after integer, change_p double,
    since_break integer,
    -- the latest count over the mean of the earlier ones of the run, with an interval for counts that come in groups
    ratio double, ratio_lower double, ratio_upper double, dispersion double,
    counts varchar, -- the latest counts with their years, in words, also across a year without one
    note varchar
);
-- what disagrees, whatever kind it is: figures, route evidence, and what the notes record
create table conflict (
    conflict_id varchar primary key, kind varchar not null, title varchar not null, reason varchar not null, places varchar[] not null,
    year integer
);
create table conflict_side (
    conflict_id varchar not null references conflict (conflict_id), position integer not null, said varchar not null,
    definition varchar not null, period varchar not null, source varchar not null, source_ref varchar not null, grade varchar not null
);
