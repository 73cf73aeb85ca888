-- Protected tables of case records. No record, no key of one, and no hidden count is in an edition.

-- one row for each data set and crime: the two crimes are never added, nor are two data sets
create table case_dataset (
    dataset_id varchar primary key, crime varchar not null check (crime in ('trafficking', 'smuggling')),
    title varchar not null, publisher varchar not null, source varchar not null, released date, licence varchar not null,
    attribution varchar not null, address varchar not null, unit_one varchar not null, unit_many varchar not null,
    method varchar not null, -- how the counts were protected, in words; seed and keys are nowhere
    perturbed boolean not null, threshold integer not null, -- counts below it are withheld
    d integer, variance double, -- the largest noise and its variance; null where nothing is perturbed
    k integer, -- people who at least share every combination, where the publisher has seen to it
    depth integer not null, -- dimensions that a table may have
    dimensions varchar[] not null, -- those of which at least one value can be shown
    first_year integer, last_year integer, -- of what can be shown
    note varchar, caveats varchar[] not null, limits varchar[] not null, reliability varchar not null,
    credibility varchar not null, tlp varchar not null, grade varchar not null, grade_reason varchar not null,
    check (perturbed = (d is not null and variance is not null))
);

-- what can be shown: one row a cell of every table of up to `depth` dimensions. In a dimension null = all values together;
-- 'unknown' = not recorded, 'suppressed' = removed by the publisher. A cell that is not here is withheld: nobody, or too few
-- to show. The file does not tell the two apart, and so nobody can read them apart.
create table case_cell (
    dataset_id varchar not null references case_dataset (dataset_id),
    form varchar, sex varchar, age_band varchar, citizenship varchar, exploitation_country varchar,
    interception_country varchar, detected_year varchar, recruitment varchar, control varchar, network varchar,
    value bigint not null check (value > 0)
);
create view case_table as
select dataset_id,
       list_filter([
           case when form is not null then 'form' end, case when sex is not null then 'sex' end,
           case when age_band is not null then 'age_band' end, case when citizenship is not null then 'citizenship' end,
           case when exploitation_country is not null then 'exploitation_country' end,
           case when interception_country is not null then 'interception_country' end,
           case when detected_year is not null then 'detected_year' end,
           case when recruitment is not null then 'recruitment' end, case when control is not null then 'control' end,
           case when network is not null then 'network' end], lambda name: name is not null) as dims,
       * exclude (dataset_id), 'reported' as status
from case_cell;

-- the values that a table lists: those of a closed vocabulary whether or not a count can be shown; countries and years only
-- with one, because a list of those found would itself say where somebody was found
create table case_category (
    dataset_id varchar not null references case_dataset (dataset_id), dimension varchar not null, value varchar not null,
    position integer not null
);
