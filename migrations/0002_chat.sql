-- Rooms and messages.
--
-- A message's id is its number in its room, given by the single writer: the table is clustered by (room, number), so a
-- page is one range and "how many since" a subtraction. A room's rev grows with every change in it, and each row holds
-- the rev it came with: that is how a phone that was away asks what it missed. A message's rev grows with its id, so the
-- first one after a rev is found by looking back from the newest; an index on it would cost every message a page of log.
-- Read marks are one number a member, never a row a message.

create table room (
    id integer primary key autoincrement,
    kind text not null check (kind in ('SELF', 'COUPLE', 'GROUP')),
    couple_id integer references couple (id),
    title text,
    rev integer not null default 0,
    last_message_id integer not null default 0,
    created_at integer not null,
    archived_at integer
) strict;

create table room_member (
    room_id integer not null references room (id),
    user_id integer not null references user (id),
    joined_id integer not null default 0,
    last_read_id integer not null default 0,
    rev integer not null,
    muted integer not null default 0 check (muted in (0, 1)),
    joined_at integer not null,
    left_at integer,
    primary key (room_id, user_id)
) strict, without rowid;

create index room_member_by_user on room_member (user_id);

create table message (
    room_id integer not null references room (id),
    id integer not null,
    rev integer not null,
    sender_id integer not null references user (id),
    client_id blob,
    type text not null check (type in ('TEXT', 'IMAGE', 'VIDEO', 'FILE', 'SCHEDULE', 'SYSTEM', 'DELETED')),
    content text not null,
    sent_at integer not null,
    edited_at integer,
    primary key (room_id, id)
) strict, without rowid;

-- One message a client id and author: sending again is safe.
create unique index message_by_client on message (sender_id, client_id) where client_id is not null;
