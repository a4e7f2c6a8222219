-- The couple's children, before and after birth.
--
-- One row from the first due date to the twentieth birthday: being born changes the status and keeps what was known
-- before. Days are days, never instants. A due date may be revised, and each one is kept with when it was said. How far
-- along or how old a child is stands nowhere: it is counted from today when somebody asks.

create table child (
    id integer primary key autoincrement,
    couple_id integer not null references couple (id),
    creator_id integer not null references user (id),
    client_id blob,
    status text not null check (status in ('FETAL', 'BORN')),
    fetal_name text,
    due_date text,
    name text,
    gender text check (gender in ('GIRL', 'BOY')),
    birth_date text,
    created_at integer not null,
    updated_at integer not null,
    deleted_at integer,
    check (status <> 'FETAL' or (due_date is not null and birth_date is null)),
    check (status <> 'BORN' or birth_date is not null)
) strict;

create index child_by_couple on child (couple_id, deleted_at);

-- What has had its 30 days.
create index child_by_deletion on child (deleted_at) where deleted_at is not null;

-- One child a client id and creator: sending again is safe.
create unique index child_by_client on child (creator_id, client_id) where client_id is not null;

-- The last one of a child is the one that counts.
create table child_due_date (
    id integer primary key autoincrement,
    child_id integer not null references child (id) on delete cascade,
    due_date text not null,
    changed_at integer not null
) strict;

create index child_due_date_by_child on child_due_date (child_id);
