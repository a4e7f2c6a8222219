-- What one person's files take up is summed from an index alone, posters with what they stand for.
--
-- Nobody noted how long a poster is before: those count nothing.

alter table media add column poster_size integer not null default 0;

drop index media_by_user;
create index media_by_user on media (user_id, size, poster_size);
