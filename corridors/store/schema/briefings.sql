-- What members say themselves. One row a valid briefing; earlier and withdrawn versions stay in the text, not in an edition.

create table measure (
    measure_id varchar primary key, name varchar not null, unit varchar not null, unit_one varchar not null,
    unit_many varchar not null, crime varchar not null check (crime in ('smuggling', 'trafficking', 'both')),
    stage varchar not null, stage_name varchar not null, definition varchar not null, part_of varchar, compares_with varchar,
    differs varchar not null, partner_role varchar, by_form boolean not null, iccs varchar, caveats varchar[] not null,
    position integer not null
);
create table briefing (
    briefing_id varchar primary key, iso3 varchar not null, period varchar not null, period_start date not null,
    period_end date not null, tlp varchar not null check (tlp in ('CLEAR', 'GREEN', 'AMBER', 'AMBER+STRICT')), office varchar not null,
    state varchar not null check (state in ('provisional', 'final')),
    compiled boolean not null, -- from public statements, not submitted by the member
    version integer not null, versions integer not null, sha256 varchar, received date, note varchar,
    rows_in integer not null, accepted integer not null, rejected integer not null, check (rows_in = accepted + rejected)
);
-- value is empty when masked, when only bounds are known, and when nothing is reported: three different things, see status
create table briefing_figure (
    figure_id varchar primary key, briefing_id varchar not null references briefing (briefing_id), iso3 varchar not null,
    measure_id varchar not null references measure (measure_id), partner_iso3 varchar, sex varchar not null, age varchar not null,
    form varchar not null, period_start date not null, period_end date not null, value double, lower double, upper double,
    approx boolean not null,
    status varchar not null check (status in ('reported', 'zero', 'masked', 'not_reported', 'estimated', 'provisional')),
    reports_expected double, reports_received double, method varchar, caveats varchar[] not null, source varchar not null,
    source_ref varchar, said_by varchar not null, reliability varchar not null, credibility varchar not null, verified varchar not null,
    tlp varchar not null, note varchar, grade varchar not null, grade_reason varchar not null,
    check (status <> 'masked' or (value is null and lower is not null and upper is not null)),
    check (status <> 'not_reported' or (value is null and lower is null and upper is null)),
    check (status <> 'zero' or value = 0)
);
create table briefing_route (
    briefing_id varchar not null references briefing (briefing_id), iso3 varchar not null, route_id varchar, origins varchar[] not null,
    transits varchar[] not null, destinations varchar[] not null, mode varchar not null, crime varchar not null,
    change varchar not null, evidence varchar[] not null, source varchar not null, source_ref varchar,
    said_by varchar not null, reliability varchar not null,
    credibility varchar not null, verified varchar not null, tlp varchar not null, note varchar
);
create table briefing_factor (
    briefing_id varchar not null references briefing (briefing_id), iso3 varchar not null, factor_id varchar not null,
    side varchar not null, partner_iso3 varchar, statement varchar not null, basis varchar[] not null, source varchar not null,
    source_ref varchar, said_by varchar not null, reliability varchar not null, credibility varchar not null, verified varchar not null, tlp varchar not null,
    note varchar
);
create table briefing_network (
    briefing_id varchar not null references briefing (briefing_id), iso3 varchar not null,
    structure varchar not null check (structure in ('organised', 'loose', 'family_friends', 'unknown')),
    read_in boolean not null, -- the source does not say the structure: whoever compiled the row read it in
    crime varchar not null,
    roles varchar, methods varchar, money varchar, recruitment varchar[] not null, evidence varchar[] not null, cases double,
    share varchar, source varchar not null, source_ref varchar,
    said_by varchar not null, reliability varchar not null, credibility varchar not null,
    verified varchar not null, tlp varchar not null, note varchar
);
-- limits that a member names itself; measure null = everything in the briefing
create table briefing_caveat (
    briefing_id varchar not null references briefing (briefing_id), iso3 varchar not null, measure_id varchar, text varchar not null,
    remedy varchar, tlp varchar not null
);
create table briefing_rejected (
    briefing_id varchar not null references briefing (briefing_id), iso3 varchar not null, sheet varchar not null, "row" integer not null,
    "column" varchar, found varchar not null, reason varchar not null, how_to_fix varchar, readable varchar, tlp varchar not null
);

-- what pages read: a member's number never travels without its counted thing, source, grade, limits and standing
create view briefing_annotated as
select
    figure.*,
    measure.name as measure, measure.unit, measure.unit_one, measure.unit_many, measure.crime, measure.stage, measure.stage_name,
    measure.definition, measure.part_of, measure.compares_with, measure.differs, measure.partner_role, measure.position,
    briefing.period, briefing.office, briefing.state, briefing.compiled, briefing.version, briefing.received,
    place.name as place, partner.name as partner,
    (select list(limit_of.text) from briefing_caveat as limit_of
     where limit_of.briefing_id = figure.briefing_id and coalesce(limit_of.measure_id, figure.measure_id) = figure.measure_id) as own_caveats
from briefing_figure as figure
join measure using (measure_id)
join briefing using (briefing_id)
left join country as place on place.iso3 = figure.iso3
left join country as partner on partner.iso3 = figure.partner_iso3;
