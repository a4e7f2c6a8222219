-- What is tidied away by its age, and who waits for a couple, are found without looking at all there is.

create index token_by_expiry on token (expires_at);
create index candidate_by_age on candidate (created_at);

-- In the order in which a couple sees them.
drop index candidate_by_couple;
create index candidate_by_couple on candidate (couple_id, created_at, user_id);
