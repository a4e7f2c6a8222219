-- Guests who can come back no more are found without looking at everybody.

create index user_guest on user (id) where role = 'GUEST' and withdrawn_at is null;

-- A link that is asked for again is the same one. Of what it was asked for with, as of the link, only the hash is kept.

alter table room_invite add column client_hash blob;

create unique index room_invite_by_client on room_invite (room_id, inviter_id, client_hash) where client_hash is not null;

-- In a room that nothing more is written into each is called as they were when it ended, and has no picture.

alter table room_member add column nickname text;

-- Where it ended before this, as they are called now; every room is looked at, once.
update room_member set nickname = (select nickname from user where id = room_member.user_id)
where left_at is null and room_id in (select id from room where archived_at is not null);

-- From where somebody has ever been in a room: who left and came back begins anew, what they wrote before is theirs still.

alter table room_member add column first_joined_id integer not null default 0;
