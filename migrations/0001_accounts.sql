-- People, their devices and their couples.
--
-- Everybody belongs to a couple from sign-up on, of one until paired, so that whatever belongs to a couple needs no
-- second home. Ids are never reused (autoincrement): a token or a link of somebody who left must not open the things of
-- somebody who came. Times are milliseconds UTC; only hashes of tokens are kept.

create table setting (
    name text primary key,
    value any not null
) strict, without rowid;

-- New with every start, and remembered beside the database: tells a log that belongs to it from any other.
insert into setting (name, value) values ('era', lower(hex(randomblob(16))));

create table couple (
    id integer primary key autoincrement,
    room_id integer references room (id),
    time_zone text not null,
    day_count text not null check (day_count in ('birthday-is-one', 'elapsed')),
    created_at integer not null,
    paired_at integer
) strict;

create table user (
    id integer primary key autoincrement,
    couple_id integer references couple (id),
    self_room_id integer references room (id),
    login_id text unique,
    password_hash text,
    kakao_id integer unique,
    nickname text not null,
    role text not null check (role in ('DAD', 'MOM', 'GUEST')),
    locale text not null check (locale in ('ko', 'en')),
    is_admin integer not null default 0 check (is_admin in (0, 1)),
    created_at integer not null,
    withdrawn_at integer
) strict;

create index user_by_couple on user (couple_id);

create table session (
    id integer primary key autoincrement,
    user_id integer not null references user (id),
    client text not null check (client in ('app', 'web', 'other')),
    device text not null,
    created_at integer not null,
    last_seen_at integer not null,
    ended_at integer
) strict;

create index session_by_user on session (user_id) where ended_at is null;

-- A used refresh token stays until its session ends: seeing it again means that somebody has a copy.
create table token (
    hash blob primary key,
    session_id integer not null references session (id),
    kind text not null check (kind in ('access', 'refresh')),
    expires_at integer not null,
    used_at integer
) strict, without rowid;

create index token_by_session on token (session_id);

create table server_invitation (
    hash blob primary key,
    created_at integer not null,
    expires_at integer not null,
    used_by integer references user (id)
) strict, without rowid;

-- Who signed up through the mobile app while a couple's invite code was alive, and waits for that couple's word.
create table candidate (
    user_id integer not null references user (id),
    couple_id integer not null references couple (id),
    created_at integer not null,
    primary key (user_id, couple_id)
) strict, without rowid;

create index candidate_by_couple on candidate (couple_id);
