-- The writer's own database of case records, data/private/cases.duckdb. Never part of an edition, never opened by the app.
-- Run at every opening by the writer, so that each statement must bear repeating.

-- whether the salt beside this file is the one that the records were hashed with
create table if not exists installation (salt_check varchar not null);

-- whether the seed beside this file is the one that the counts were protected with
create table if not exists protection_seed (seed_check varchar not null);

-- one row each time that a data set got other noise, because records were withdrawn for a person's sake
create table if not exists noise_renewal (dataset_id varchar not null, renewed timestamp not null, batch_id varchar not null);

create table if not exists batch (
    batch_id varchar primary key, dataset_id varchar not null, title varchar not null, source varchar not null,
    received date not null, sha256 varchar not null, rows_in bigint not null, accepted bigint not null,
    rejected bigint not null, withdrawn timestamp, withdrawn_by varchar, -- the batch that took its place, if one did
    supersedes varchar, check (rows_in = accepted + rejected)
);

-- one row for each accepted record; states are ISO3; null = unknown; vocabularies are in corridors/catalog/cases.toml
create table if not exists case_record (
    batch_id varchar not null,
    record_hash uhugeint not null, -- keyed hash of report_state and record_id; the id itself is stored nowhere
    record_key utinyint not null, -- 0 to 255, for the cell-key method; from the same keyed hash, never published
    report_state varchar, detected_year usmallint, detected_month utinyint,
    citizenship varchar, exploitation_country varchar, interception_country varchar,
    crime varchar not null, form varchar not null, sex varchar not null, age_band varchar not null,
    recruitment varchar not null, control varchar not null, network varchar not null,
    evidence varchar not null, justice_status varchar not null, weight uinteger not null
);

-- rows that were left out, and why; what was found is kept only where it cannot name a person
create table if not exists rejected_case (
    batch_id varchar not null, "row" bigint not null, "column" varchar not null, found varchar not null,
    reason varchar not null, cure varchar not null
);

-- the records that stand: what everything derived from cases is made of
create view if not exists case_standing as
select batch.dataset_id, case_record.* from case_record join batch using (batch_id) where batch.withdrawn is null;
