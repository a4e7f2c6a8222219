-- The index learns that ㄳ is ㄱ and ㅅ, and forgets what was deleted before: it is filled anew, behind the messages.

insert into search_index (search_index) values ('delete-all');
update room set indexed_id = 0 where id > 0;
