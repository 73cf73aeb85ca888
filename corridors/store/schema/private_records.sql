-- Case records: in the writer's own file data/private/cases.duckdb, or in a lake (CORRIDORS_LAKE). Never part of an edition,
-- never opened by the app. Run at every opening by the writer, so that each statement must bear repeating.
-- Rows are only ever added: a withdrawal is a row, and so is its undoing. Two writers then never change the same row, and
-- what an edition was made of can be read again. A lake knows no keys and no checks: `take_in` is where they are kept.

-- whether the salt beside this file is the one that the records were hashed with
create table if not exists installation (salt_check varchar not null);

-- whether the seed beside this file is the one that the counts were protected with
create table if not exists protection_seed (seed_check varchar not null);

-- one row each time that a data set got other noise, because records were withdrawn for a person's sake
create table if not exists noise_renewal (dataset_id varchar not null, renewed timestamp not null, batch_id varchar not null);

-- of which batches tables were ever made, the last of them being on show: two that differ by few records are never both made
create table if not exists protected_state (
    dataset_id varchar not null, crime varchar not null, batches varchar[] not null, renewed integer not null, made date not null,
    noted timestamp not null
);

create table if not exists batch_received (
    batch_id varchar not null, dataset_id varchar not null, title varchar not null, source varchar not null,
    received date not null, sha256 varchar not null, rows_in bigint not null, accepted bigint not null,
    rejected bigint not null, supersedes varchar
);
create table if not exists batch_withdrawal (
    withdrawal_id uuid not null, batch_id varchar not null, withdrawn timestamp not null,
    withdrawn_by varchar -- the batch that took its place, if one did
);
create table if not exists withdrawal_undone (withdrawal_id uuid not null);

-- one row for each accepted record; states are ISO3; null = unknown; vocabularies are in corridors/catalog/cases.toml
create table if not exists case_record (
    dataset_id varchar not null, batch_id varchar not null,
    record_hash uuid not null, -- keyed hash of report_state and record_id; the id itself is stored nowhere
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
    reason varchar not null, how_to_fix varchar not null
);

-- of which snapshot of a lake an edition was made, and what else it takes to make it again: such a snapshot is never let go
create table if not exists edition_snapshot (
    edition_id varchar not null, snapshot_id bigint not null, built_at timestamp not null, previous_id varchar
);

create view if not exists batch as
select batch_received.*, gone.withdrawn, gone.withdrawn_by from batch_received left join (
    select batch_id, max(withdrawn) as withdrawn, arg_max(withdrawn_by, withdrawn) as withdrawn_by from batch_withdrawal
    where withdrawal_id not in (select withdrawal_id from withdrawal_undone) group by batch_id
) as gone using (batch_id);

-- the records that stand: what everything derived from cases is made of
create view if not exists case_standing as
select case_record.* from case_record join batch using (batch_id) where batch.withdrawn is null;
