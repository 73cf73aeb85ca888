-- The tables of an edition. Names are the contract with every other room.

create table member (
    iso3 varchar primary key, name varchar not null, short_name varchar, listed_as varchar not null,
    subregion varchar not null, capital varchar not null, lat double not null, lon double not null,
    ad_hoc_group boolean not null, verified boolean not null, verified_from varchar not null, kind varchar not null,
    note varchar
);
create table country (iso3 varchar primary key, name varchar not null);
create table theme (
    theme varchar primary key, title varchar not null, question varchar not null, who_could_provide varchar not null,
    position integer not null, in_coverage boolean not null
);
create table indicator (
    indicator_id varchar primary key, name varchar not null, short_name varchar not null,
    theme varchar not null references theme (theme), unit varchar not null, unit_one varchar not null,
    unit_many varchar not null, stock_or_flow varchar not null, iccs varchar, definition varchar not null,
    place_role varchar not null, partner_role varchar, adds_over_partners boolean not null,
    adds_over_members boolean not null, headline integer not null, headline_view varchar not null,
    position integer not null, decimals integer not null, kind varchar not null
);
create table source (
    source_id varchar primary key, title varchar not null, publisher varchar not null, licence varchar not null,
    licence_url varchar, attribution varchar not null, address varchar not null, cadence varchar not null,
    edition varchar not null, released date not null, method varchar not null, reliability varchar not null,
    credibility varchar not null, tlp varchar not null, limits varchar not null,
    every_days integer -- about how many lie between two releases; null where there is no rhythm
);
create table source_method (source_id varchar not null, indicator_id varchar not null, method_class varchar not null);
create table caveat (
    caveat_id varchar primary key, title varchar not null, text varchar not null, family varchar not null,
    severity integer not null, remedy varchar not null, applies_later varchar
);
-- which use of a figure a caveat limits, to which answer; rank: the higher, the stricter (corridors/catalog/uses.py)
create table caveat_use (
    caveat_id varchar not null references caveat (caveat_id), use varchar not null check (use in ('level', 'trend', 'compare', 'sum')),
    answer varchar not null, rank integer not null
);
create table factor (
    factor_id varchar primary key, name varchar not null, side varchar not null, ends varchar[] not null,
    mechanism varchar not null, literature varchar[] not null, indicators varchar[] not null,
    cannot_say varchar not null, who_could_measure varchar not null, position integer not null
);
-- one row per combination that a caveat names; null = any
create table caveat_rule (
    caveat_id varchar not null references caveat (caveat_id), indicator_id varchar, source_id varchar, iso3 varchar,
    status varchar, form varchar, first_year integer, last_year integer, "end" varchar, "when" varchar
);
-- view: place or partner, null = both. A break that is not decided is a step that the build found, see breaks.toml
create table series_break (
    year integer not null, reason varchar not null, indicator_id varchar, source_id varchar, iso3 varchar, view varchar,
    decided boolean not null
);
create table real_change (
    year integer not null, reason varchar not null, indicator_id varchar, source_id varchar, iso3 varchar
);

create table figure (
    figure_id varchar not null,
    iso3 varchar not null, -- the place where the thing was counted; WLD = everywhere together
    partner_iso3 varchar, -- the other end of the corridor; null = no breakdown by partner
    indicator_id varchar not null references indicator (indicator_id),
    period_start date not null, period_end date not null,
    sex varchar not null, age varchar not null, form varchar not null,
    value double, lower double, upper double,
    status varchar not null check (status in ('reported', 'zero', 'masked', 'not_reported', 'estimated', 'derived',
                                              'corrected', 'provisional')),
    source_id varchar not null references source (source_id),
    source_ref varchar not null, provider_label varchar not null,
    reliability varchar not null, credibility varchar not null, tlp varchar not null,
    grade varchar not null, grade_reason varchar not null,
    -- what the grade was worked out from: 0 to 3 each, null = unknown
    coverage_score tinyint, method_score tinyint, source_score tinyint, agreement_score tinyint,
    answered tinyint, expected tinyint, -- years, of the last ten, for which the place had an answer and could have one
    method_class varchar not null,
    caveats varchar[] not null,
    -- what it may be used for: the strictest answer of its caveats, breaks and status
    use_level varchar not null check (use_level in ('yes', 'as a minimum', 'as a range', 'no')),
    use_trend varchar not null check (use_trend in ('yes', 'no') or starts_with(use_trend, 'since ') or starts_with(use_trend, 'before ')),
    use_compare varchar not null check (use_compare in ('yes', 'with care', 'no')),
    use_sum varchar not null check (use_sum in ('yes', 'no'))
);

create table incident (
    incident_id varchar not null, main_id varchar, date date, year integer not null, month integer, iso3 varchar,
    origin_iso3 varchar, region varchar, dead integer, missing integer, dead_and_missing integer not null,
    survivors integer, women integer, men integer, children integer, cause varchar, route varchar, lat double,
    lon double, source_quality integer, kind varchar not null, source_ref varchar not null,
    source_id varchar not null references source (source_id)
);

-- what a citizen of one place needs to enter another
create table visa_rule (
    origin_iso3 varchar not null, destination_iso3 varchar not null,
    rule varchar not null check (rule in ('free', 'on_arrival', 'electronic', 'required', 'refused')), days integer,
    source_ref varchar not null, provider_label varchar not null, source_id varchar not null references source (source_id)
);

-- when such a rule changed, as editors list it; `since` is a day or a month; `not_followed` why it is only listed, empty where it is followed
create table visa_change (
    destination_iso3 varchar not null, origin_iso3 varchar not null, since varchar not null, year integer not null,
    change varchar not null check (change in ('eased', 'tightened')), what varchar not null, publisher varchar not null,
    title varchar not null, address varchar not null, not_followed varchar not null
);

-- where a rule differs between two editions of the source; a pair without a row had today's rule in each
create table visa_rule_change (
    origin_iso3 varchar not null, destination_iso3 varchar not null, seen_before date not null, seen_after date not null,
    rule_before varchar not null, rule_after varchar not null
);
-- what goes together with such a change, fitted at build (etl/visa_changes.py), one row: applications are multiplied by lower to upper, at a
-- level of so many per cent, where a visa comes to be needed; freedom: on how many pairs that rests in effect
create table visa_model (
    method varchar not null, refusal varchar, n integer, pairs integer, changed integer, freedom double, years integer[], seen date[],
    lower_80 double, upper_80 double, lower_95 double, upper_95 double
);

-- what does not change between two places; of every ordered pair with a member at an end
create table pair_fact (
    origin_iso3 varchar not null, destination_iso3 varchar not null, distance_km integer not null,
    contiguous boolean not null, common_language boolean not null, colonial_tie boolean not null,
    source_id varchar not null references source (source_id)
);

-- what the models need of every country, members or not; written by etl/model_inputs.py
create table country_term (
    iso3 varchar not null, indicator_id varchar not null, period_start date not null, period_end date not null,
    value double not null, source_id varchar not null, source_ref varchar not null, provider_label varchar not null
);
-- models of pairs, fitted at build by etl/model.py. One row a model; where `refusal` says why, there is nothing else of it
create table model_meta (
    model_id varchar primary key, outcome varchar not null references indicator (indicator_id), period_start date,
    period_end date, n integer, zeros integer, deviance double, beyond_size double, -- share of the deviance that the two populations alone leave, explained
    r2_correlation double, r2_mcfadden double, errors varchar,
    method varchar not null, inputs varchar not null, refusal varchar
);
-- a coefficient of a logarithmic model, and what it means: the expected outcome is multiplied by `effect` for one `step`
create table model_fit (
    model_id varchar not null references model_meta (model_id), position integer not null, term varchar not null,
    label varchar not null, coefficient double not null, error double not null, lower double not null, upper double not null,
    z double not null, p double not null, step varchar, effect double, effect_lower double, effect_upper double,
    effect_with_ends double -- with an effect of every origin and destination
);
-- for the interval of a change of several terms at once
create table model_covariance (
    model_id varchar not null references model_meta (model_id), term varchar not null, other varchar not null,
    value double not null
);
-- lower and upper bound the mean of such pairs; half of the similar pairs lie between usual_lower and usual_upper
create table model_pair (
    model_id varchar not null references model_meta (model_id), origin_iso3 varchar not null,
    destination_iso3 varchar not null, observed double not null, expected double not null, lower double not null,
    upper double not null, usual_lower double, usual_upper double, place double, -- how many of 100 similar pairs have fewer
    verdict varchar not null check (verdict in ('more', 'about', 'less'))
);
-- places of which a model says nothing, and why
create table model_left_out (
    model_id varchar not null references model_meta (model_id), iso3 varchar not null, reason varchar not null
);

-- sums over members, made only where the indicator allows it; no value where a caveat bars the sum: then only who reported
create table regional_total (
    indicator_id varchar not null references indicator (indicator_id), view varchar not null, year integer not null,
    period_start date not null, period_end date not null, value double, lower double, upper double,
    status varchar not null, members integer not null,
    largest varchar[] not null, -- the up to three members with most, largest first
    one_share double, three_share double, -- of the first and of all three; only where they dominate the sum
    source_id varchar not null,
    grade varchar not null, grade_reason varchar not null, caveats varchar[] not null,
    use_level varchar not null check (use_level in ('yes', 'as a minimum', 'as a range', 'no')),
    use_trend varchar not null check (use_trend in ('yes', 'no') or starts_with(use_trend, 'since ') or starts_with(use_trend, 'before ')),
    use_compare varchar not null check (use_compare in ('yes', 'with care', 'no')),
    use_sum varchar not null check (use_sum in ('yes', 'no'))
);
-- the same members in every year, so that the line compares like with like
create table regional_panel (
    indicator_id varchar not null, view varchar not null, year integer not null, value double not null, lower double,
    upper double, members integer not null
);
create table coverage (
    iso3 varchar not null, theme varchar not null, year integer not null, state varchar not null, figures integer not null
);

create table check_result (name varchar not null, must boolean not null, offenders integer not null, example varchar);
create table rejected_row (
    source_id varchar not null, file varchar not null, sheet varchar, "row" integer, "column" varchar, found varchar,
    reason varchar not null, how_to_fix varchar
);
create table out_of_scope (source_id varchar not null, reason varchar not null, cells integer not null);
create table correction_applied (
    source_id varchar not null, indicator_id varchar not null, iso3 varchar, partner_iso3 varchar, year integer,
    found double, corrected double, reason varchar not null
);
create table input_file (source_id varchar not null, file varchar not null, bytes bigint not null, sha256 varchar not null);
create table source_account (
    source_id varchar not null, cells_read integer not null, kept integer not null, rejected integer not null,
    out_of_scope integer not null, first_year integer, last_year integer, figures integer not null
);
create table edition (
    edition_id varchar not null, built_at timestamp not null, dated date not null, inputs_sha256 varchar not null,
    previous_id varchar, duckdb_version varchar not null,
    lake_snapshot bigint -- at which the case records were read; null where they lie in a file
);
create table change (
    kind varchar not null, figure_id varchar not null, iso3 varchar, partner_iso3 varchar, indicator_id varchar not null,
    year integer not null, source_id varchar not null, before varchar, after varchar
);

-- the answers of the four uses by their rank (corridors/catalog/uses.py)
create macro use_level(rank) as ['yes', 'as a minimum', 'as a range', 'no'][coalesce(rank, 0) + 1];
create macro use_trend(rank, era) as case coalesce(rank, 0) when 0 then coalesce(era, 'yes') when 1 then coalesce(era, 'yes') else 'no' end;
create macro use_compare(rank) as ['yes', 'with care', 'no'][coalesce(rank, 0) + 1];
create macro use_sum(rank) as ['yes', 'no'][coalesce(rank, 0) + 1];
-- a range too wide to be said as one number; narrower ones are said as "about"
create macro wide(value, lower, upper) as value is null and upper - lower > 0.01 * upper;

-- the grade of a sum: the letter that the parts of at least four fifths of it reach; U where ungraded parts carry more than a fifth;
-- a sum of nothing but zeros has no fifths and takes its weakest part's
create macro grade_of_most(grade, weight) as
    case when sum(weight) = 0 then max(grade)
         when sum(weight) filter (grade <= 'A') >= 0.8 * sum(weight) then 'A'
         when sum(weight) filter (grade <= 'B') >= 0.8 * sum(weight) then 'B'
         when sum(weight) filter (grade <= 'C') >= 0.8 * sum(weight) then 'C'
         when sum(weight) filter (grade <= 'D') >= 0.8 * sum(weight) then 'D' else 'U' end;

-- what every page reads: a number never travels without its unit, source, grade and caveats
create view figure_annotated as
select
    figure.*,
    year(figure.period_end) as year,
    indicator.name as indicator, indicator.short_name, indicator.theme, indicator.unit_one, indicator.unit_many,
    indicator.stock_or_flow, indicator.position, indicator.decimals, indicator.kind,
    place.name as place, partner.name as partner,
    source.publisher, source.title as source_title, source.edition as source_edition, source.released, source.address
from figure
join indicator using (indicator_id)
join source using (source_id)
left join country as place on place.iso3 = figure.iso3
left join country as partner on partner.iso3 = figure.partner_iso3;

create table place (
    place_id varchar primary key, name varchar not null, iso3 varchar not null, lat double not null, lon double not null,
    kind varchar not null, anchor varchar not null, dx integer not null, dy integer not null, priority integer not null
);
create table route_family (
    family_id varchar primary key, position integer not null, name varchar not null, sentence varchar not null,
    west double not null, south double not null, east double not null, north double not null,
    deaths_on varchar[] not null, -- what IOM calls its routes, in the incidents; empty where it names none
    tlp varchar not null -- of its most widely shared route: whoever may see one may read the sentence
);
create table route (
    route_id varchar primary key, name varchar not null, crime varchar not null, forms varchar[] not null,
    origins varchar[] not null, transits varchar[] not null, destinations varchar[] not null, season varchar, summary varchar,
    methods varchar, told_by varchar not null, -- who says what stands in summary and methods
    fees varchar, strength varchar not null, verified varchar not null, tlp varchar not null,
    family_id varchar
);
create table route_leg (
    route_id varchar not null references route (route_id), branch varchar not null, leg integer not null,
    from_place varchar not null, to_place varchar not null, mode varchar not null, note varchar,
    path double[][] not null -- (longitude, latitude), schematic, continuous across the antimeridian
);
create table route_evidence (
    evidence_id varchar primary key, route_id varchar not null references route (route_id), leg varchar,
    measure varchar not null, what varchar not null, value double, lower double, upper double, bound_note varchar,
    approx boolean not null, unit varchar not null, stock_or_flow varchar not null, period_start date, period_end date,
    period_text varchar not null, source varchar not null, source_ref varchar not null, reliability varchar not null,
    credibility varchar not null, caveats varchar[] not null, conflict varchar, status varchar not null,
    verified varchar not null, tlp varchar not null, note varchar, grade varchar not null, grade_reason varchar not null
);
