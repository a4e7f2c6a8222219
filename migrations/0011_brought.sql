-- Who was brought into a room by somebody else: of the rooms a person can be in, others fill a part and never all.
--
-- Nobody noted it before: who sits somewhere already has come by themselves.

alter table room_member add column brought integer not null default 0 check (brought in (0, 1));

create index room_member_brought on room_member (user_id) where brought = 1 and left_at is null;
