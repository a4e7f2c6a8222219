-- Parting, withdrawing, and coming in by a link.
--
-- Who proposed parting stands at the couple until the other one confirms or either of them cancels. Parting and
-- withdrawing remove nothing: a couple that nobody is in any more, and a room that everybody has left, are kept for 30
-- days more. A login link that somebody made for themselves works at once; one that the partner asked for, later.

alter table couple add column parting_by integer references user (id);
alter table couple add column parting_at integer;
alter table couple add column trashed_at integer;

create index couple_in_trash on couple (trashed_at) where trashed_at is not null;
create index room_member_by_leaving on room_member (left_at) where left_at is not null;

-- What has to be looked through before a room or somebodys devices may go.
create index couple_by_room on couple (room_id) where room_id is not null;
create index session_by_owner on session (user_id);
create index user_admin on user (is_admin) where is_admin = 1 and withdrawn_at is null;
create index user_by_self_room on user (self_room_id) where self_room_id is not null;

-- What hangs on a message goes before it.
create index hiding_by_message on hiding (room_id, message_id);

-- It is the partner's word where the session is not the user's own.
create table login_link (
    hash blob primary key,
    user_id integer not null references user (id),
    session_id integer not null references session (id),
    created_at integer not null,
    works_at integer not null,
    expires_at integer not null
) strict, without rowid;

create index login_link_by_user on login_link (user_id);
create index login_link_by_session on login_link (session_id);
create index login_link_by_expiry on login_link (expires_at);
