-- What people do with messages after they were sent: quote, edit, delete, hide, react; and cards of schedules.
--
-- A message's rev stays the one it came with, which grows with its id; what happened to it since has the room's rev of
-- that moment in changed_rev. Most messages never change, so the index that finds those which did is almost empty and
-- costs a new message nothing. Reactions and hidings are looked for only where a message, or a person, has any.

alter table message add column changed_rev integer;
alter table message add column reply_to integer;
-- No reference: a card outlives its schedule.
alter table message add column schedule_id integer;

create index message_by_change on message (room_id, changed_rev) where changed_rev is not null;
create index message_by_schedule on message (schedule_id) where schedule_id is not null;

create table reaction (
    room_id integer not null,
    message_id integer not null,
    emoji text not null,
    user_id integer not null references user (id),
    rev integer not null,
    primary key (room_id, message_id, emoji, user_id),
    foreign key (room_id, message_id) references message (room_id, id)
) strict, without rowid;

-- Deleted for one person alone.
create table hiding (
    user_id integer not null references user (id),
    room_id integer not null,
    message_id integer not null,
    rev integer not null,
    primary key (user_id, room_id, message_id),
    foreign key (room_id, message_id) references message (room_id, id)
) strict, without rowid;

create index hiding_by_rev on hiding (user_id, room_id, rev);
