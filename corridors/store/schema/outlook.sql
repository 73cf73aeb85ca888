-- What past years suggest for the next ones. A series that was considered is here, also when nothing can be said of it.

create table outlook (
    outlook_id varchar primary key, iso3 varchar not null, partner_iso3 varchar, -- as in figure
    indicator_id varchar not null references indicator (indicator_id), source_id varchar not null references source (source_id),
    first_year integer, last_year integer, years integer not null, -- the run of years that was looked at
    last_value double, last_lower double, last_upper double, -- a range, of which the value is the middle, where there is no single number
    shortened varchar, -- why earlier years were left out
    refusal varchar, -- why there is no outlook; the columns below are then null
    method varchar, skill double, mase double, coverage double, tried integer,
    -- how the same choice, made some years earlier, did on the years after it; errors added up, in units of the usual change
    unseen_tried integer, unseen_error double, unseen_naive double, unseen_held integer,
    tlp varchar not null
);
create table outlook_year (
    outlook_id varchar not null references outlook (outlook_id), year integer not null, middle double not null,
    lower_50 double not null, upper_50 double not null, lower_80 double not null, upper_80 double not null,
    lower_95 double not null, upper_95 double not null
);
-- what the method would have said one year ahead, and what came
create table outlook_record (
    outlook_id varchar not null references outlook (outlook_id), year integer not null, middle double not null,
    lower_80 double not null, upper_80 double not null, came double not null, worst boolean not null
);
-- recorded incidents and people by month, on a sea or a road; month 0: those that cannot be laid on a month
create table season_count (
    season_id varchar not null, name varchar not null, source_id varchar not null references source (source_id), year integer not null,
    month integer not null, incidents integer not null, people integer not null
);
-- what a time of the year usually brings: recorded incidents, or people, by month on a sea or a road. No figures: they are counted
-- anew from the table incident, which everybody may see
create table season (
    season_id varchar not null, measure varchar not null check (measure in ('incidents', 'people')), name varchar not null,
    first_year integer, last_year integer, years integer not null, total integer not null, left_out integer not null,
    refusal varchar, -- why nothing is said of the months; all below is then null
    starts date, no_outlook varchar, -- the six months that come, and why nothing is said of these
    middle double, lower_80 double, upper_80 double, skill double, coverage double, tried integer,
    source_id varchar not null references source (source_id), primary key (season_id, measure)
);
create table season_month (
    season_id varchar not null, measure varchar not null, month integer not null, middle double not null,
    lower_50 double not null, upper_50 double not null, lower_80 double not null, upper_80 double not null,
    lower_95 double not null, upper_95 double not null
);
create table season_record (
    season_id varchar not null, measure varchar not null, starts date not null, middle double not null,
    lower_80 double not null, upper_80 double not null, came double not null
);
create table season_published (
    edition_id varchar not null, published date not null, season_id varchar not null, measure varchar not null, name varchar not null,
    starts date not null, middle double not null, lower_80 double not null, upper_80 double not null, came double
);
-- every outlook that an edition published, with the figure when it comes
create table outlook_published (
    edition_id varchar not null, published date not null, iso3 varchar not null, partner_iso3 varchar, indicator_id varchar not null,
    source_id varchar not null, last_year integer not null, last_value double not null, method varchar not null, year integer not null,
    middle double not null, lower_80 double not null, upper_80 double not null, came double, tlp varchar not null
);
