-- The couple's calendar.
--
-- A schedule is either at an instant or on a day, never both: when the couple moves to another time zone what has a time
-- keeps its instant, and what has a day keeps its day. So a month is two index ranges, one of each kind, and only what
-- is not deleted stands in them. A deleted schedule stays for 30 days, to be brought back.

create table schedule (
    id integer primary key autoincrement,
    couple_id integer not null references couple (id),
    creator_id integer not null references user (id),
    client_id blob,
    title text not null,
    description text,
    starts_at integer,
    on_date text,
    color text not null check (color in ('RED', 'ORANGE', 'YELLOW', 'GREEN', 'BLUE', 'PURPLE')),
    is_completed integer not null default 0 check (is_completed in (0, 1)),
    created_at integer not null,
    updated_at integer not null,
    deleted_at integer,
    check ((starts_at is null) <> (on_date is null))
) strict;

create index schedule_by_time on schedule (couple_id, starts_at) where deleted_at is null and starts_at is not null;
create index schedule_by_day on schedule (couple_id, on_date) where deleted_at is null and on_date is not null;

-- How many a couple has, and what moves when it is paired: deleted ones too.
create index schedule_by_couple on schedule (couple_id, deleted_at);

-- What has had its 30 days.
create index schedule_by_deletion on schedule (deleted_at) where deleted_at is not null;

-- One schedule a client id and creator: sending again is safe.
create unique index schedule_by_client on schedule (creator_id, client_id) where client_id is not null;
