-- Once, for a file of case records from before November 2026: its rows in the tables of private_records.sql.
-- A record's hash was a number; as text it is the same sixteen bytes, the last one first.
insert into batch_received by name
select * exclude (withdrawn, withdrawn_by) from batch_before;

insert into batch_withdrawal
select uuid(), batch_id, withdrawn, withdrawn_by from batch_before where withdrawn is not null;

insert into case_record by name
select batch_before.dataset_id, record.* replace (
    array_to_string(list_reverse(regexp_extract_all(lpad(lower(to_hex(record_hash)), 32, '0'), '..')), '')::uuid as record_hash
)
from case_record_before as record join batch_before using (batch_id);

drop table case_record_before;
drop table batch_before;
