-- Group rooms, and links that bring somebody into one.
--
-- A group belongs to a couple: its members who are of that couple look after it. Who leaves keeps their row, so that
-- those who stay still know who wrote what; who comes back starts anew in the same row. Only the hash of a link's token
-- is kept, and a link that is used up or has had its time is removed.

alter table room add column creator_id integer references user (id);
alter table room add column client_id blob;

create index room_by_couple on room (couple_id) where couple_id is not null;

-- One room a client id and creator: sending again is safe.
create unique index room_by_client on room (creator_id, client_id) where client_id is not null;

create table room_invite (
    id integer primary key autoincrement,
    room_id integer not null references room (id),
    inviter_id integer not null references user (id),
    hash blob not null unique,
    created_at integer not null,
    expires_at integer not null,
    uses_left integer not null check (uses_left > 0)
) strict;

create index room_invite_by_room on room_invite (room_id);
create index room_invite_by_expiry on room_invite (expires_at);
