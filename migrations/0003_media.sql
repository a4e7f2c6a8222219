-- Photos, videos and files.
--
-- A media's id is random, because it stands in links; its content never changes. The row is written after the file is on
-- disk, and removed before it: what a crash leaves in between is a file without a row, never a row without a file. Such a
-- file's id stands in `stray` from before the first byte until the row is there (or the file is gone), so a start knows
-- exactly what to clear away, and a database put back from a backup never takes a newer file for litter.

create table media (
    id blob primary key,
    user_id integer not null references user (id),
    kind text not null check (kind in ('IMAGE', 'VIDEO', 'FILE')),
    mime text not null,
    name text not null,
    size integer not null,
    sha256 blob not null,
    width integer,
    height integer,
    duration_ms integer,
    thumbhash blob,
    thumb text not null check (thumb in ('waiting', 'ready', 'none')),
    -- Counted before each try: a picture that kills the process is not tried for ever.
    thumb_tries integer not null default 0,
    poster_sha256 blob,
    created_at integer not null,
    trashed_at integer
) strict, without rowid;

create index media_waiting on media (thumb_tries, created_at) where thumb = 'waiting';
create index media_by_user on media (user_id);
create index media_in_trash on media (trashed_at) where trashed_at is not null;
create index media_by_age on media (created_at) where trashed_at is null;

create table stray (
    id blob primary key,
    since integer not null
) strict, without rowid;

alter table message add column media_id blob references media (id);
alter table user add column avatar_id blob references media (id);

create index message_by_media on message (media_id) where media_id is not null;
create index user_by_avatar on user (avatar_id) where avatar_id is not null;
