-- Joint Periods of Action. A period's key is the period: sources number the periods differently.
-- certainty: verified, founding, unverified, inferred, conflict. Rows with a tlp are asked for with a ceiling.

create table action_source (
    source_key varchar primary key, title varchar not null, publisher varchar not null, address varchar not null, kind varchar not null
);
create table action_theme (theme varchar primary key, label varchar not null, position integer not null);
create table action (
    action varchar primary key, name varchar not null,
    held varchar not null check (held in ('yes', 'unclear')),
    opened date, first_day date not null, last_day date not null, when_text varchar not null, precision varchar not null,
    participants_stated integer, participants_note varchar, themes varchar[] not null, summary varchar not null,
    source varchar not null, certainty varchar not null
);
create table action_alias (
    alias varchar primary key, action varchar not null references action (action), source varchar not null, certainty varchar not null,
    note varchar
);
create table action_participant (
    action varchar not null references action (action), party varchar not null, party_name varchar not null, agency varchar,
    role varchar not null, source varchar not null, certainty varchar not null, note varchar
);
-- from_participation: not a commitment on record, but a party recorded as having taken part, dated by the first day of action
create table action_commitment (
    action varchar not null references action (action), party varchar not null, party_name varchar not null, agency varchar,
    as_of date not null, status varchar not null, rank integer not null, note varchar, source varchar not null,
    certainty varchar not null, from_participation boolean not null
);
create table action_milestone (
    milestone varchar primary key, action varchar references action (action), kind varchar not null, title varchar not null,
    first_day date, last_day date, when_text varchar not null, precision varchar not null, place varchar,
    state varchar not null check (state in ('planned', 'held')), note varchar, source varchar not null, certainty varchar not null
);
create table investigation_plan (
    plan varchar primary key, action varchar not null references action (action), title varchar not null,
    partners varchar[] not null, others varchar[] not null, crime varchar not null, corridors varchar[] not null,
    routes varchar[] not null, themes varchar[] not null, stage varchar not null, first_day date, last_day date,
    when_text varchar not null, precision varchar not null, sharing varchar[] not null, note varchar, tlp varchar not null,
    source varchar not null, certainty varchar not null
);
create table plan_step (
    plan varchar not null references investigation_plan (plan), kind varchar not null, text varchar not null, first_day date,
    last_day date, when_text varchar not null, precision varchar not null, position integer not null, tlp varchar not null,
    source varchar not null, certainty varchar not null
);
-- results of one period only: what was counted differs, so they are never added up or joined to a series
create table action_outcome (
    outcome varchar primary key, action varchar not null references action (action), plan varchar, member varchar, metric varchar not null,
    value double, lower double, upper double, bound_note varchar, unit varchar not null, scope varchar not null,
    caveats varchar[] not null, tlp varchar not null, note varchar, source varchar not null, certainty varchar not null
);
create table action_conflict (
    conflict varchar not null, action varchar, question varchar not null, says varchar not null, position integer not null,
    source varchar not null, certainty varchar not null
);
create table action_fact (
    topic varchar not null, text varchar not null, position integer not null, source varchar not null, certainty varchar not null
);
create table debrief_answer (
    action varchar not null references action (action), member varchar, member_name varchar, question varchar not null,
    text varchar not null, themes varchar[] not null, first_day date, last_day date, when_text varchar not null,
    precision varchar not null, tlp varchar not null, source varchar not null, certainty varchar not null
);
create table practice (
    practice varchar primary key, kind varchar not null, title varchar not null, text varchar not null, advice varchar,
    crime varchar not null, themes varchar[] not null, forms varchar[] not null, routes varchar[] not null,
    members varchar[] not null, source varchar not null, certainty varchar not null, reliability varchar not null,
    credibility varchar not null
);
create table scenario (
    scenario varchar primary key, title varchar not null, setting varchar not null, injects varchar[] not null,
    questions varchar[] not null, roles varchar[] not null, crime varchar not null, themes varchar[] not null,
    forms varchar[] not null, routes varchar[] not null, source varchar not null, certainty varchar not null
);
create table planning_tool (
    tool varchar primary key, kind varchar not null, title varchar not null, text varchar not null, use varchar not null,
    themes varchar[] not null, source varchar not null, certainty varchar not null
);
create table planning_question (
    question varchar primary key, "group" varchar not null, text varchar not null, position integer not null
);
