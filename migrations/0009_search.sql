-- Finding what was said, and all that was shown.
--
-- The index holds pieces of texts and no text: each two characters that stand side by side, and the two initials of two
-- syllables. What it answers is a guess, compared with the message itself; so it needs no positions, and stays small.
-- A row's id is the room's and the message's in one number: a room is a range of them, in the order of its messages.
-- Messages come into it after they were sent; up to which one they have, the room says.

create virtual table search_index using fts5 (
    pieces, content = '', contentless_delete = 1, detail = 'none', tokenize = 'ascii'
);

alter table room add column indexed_id integer not null default 0;

create index message_shown on message (room_id, id) where type in ('IMAGE', 'VIDEO');
