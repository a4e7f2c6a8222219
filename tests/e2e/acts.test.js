'use strict';
// What people do with messages after they were sent: quote, edit, delete, hide, react; and schedules shown as cards.
const { test, before, after, beforeEach, afterEach } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const { Server } = require('./server.js');
const { Person, hears, ask, uuid } = require('./person.js');
const { INSTANT, data, refuses, isFailure, acked } = require('./envelope.js');

const PHOTO = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
let server, anna, ben, roomId, group, everybody;

before(async () => { server = await Server.start(); });
after(() => server.stop());
beforeEach(async () => {
  [anna, ben] = await Person.couple(server);
  everybody = [anna, ben];
  ({ roomId } = await anna.roomOfKind('COUPLE'));
  group = data(await anna.post('/rooms', { title: '우리 가족', memberIds: [ben.id] }), 201).roomId;
});
afterEach(() => everybody.forEach((person) => person.leaveAll()));

const send = async (person, content, more = {}, room = roomId) => data(await person.post(`/rooms/${room}/messages`, { clientId: uuid(), type: 'TEXT', content, ...more }), 201);
const list = async (person, room = roomId) => data(await person.get(`/rooms/${room}/messages?limit=50`)).messages.reverse();
const changes = async (person, since, room = roomId) => data(await person.get(`/rooms/${room}/changes?since=${since}&limit=50`));
const summaryOf = async (person, room = roomId) => data(await person.get('/rooms')).find((one) => one.roomId === room);
const pathOf = ({ roomId: room, id }) => `/rooms/${room}/messages/${id}`;
const reactionPath = (message, emoji) => `${pathOf(message)}/reactions/${encodeURIComponent(emoji)}`;
async function inside(person, room = roomId) {
  const socket = await person.rooms();
  acked(await ask(socket, 'enter', { roomId: room, read: false }));
  return socket;
}
async function guest(room = group) {
  const { token } = data(await anna.post(`/rooms/${room}/invites`, {}), 201);
  const signed = data(await new Person(server).post('/auth/guest', { invite: token, nickname: '할머니' }), 201);
  const person = new Person(server, { ...signed, id: signed.user.userId });
  everybody.push(person);
  return person;
}

test('an answer carries what it answers to, over every way', async () => {
  const asked = await send(anna, `저녁 뭐 먹을까? ${'x'.repeat(300)}`);
  const bens = await inside(ben);
  const reply = await send(ben, '국수', { replyTo: asked.id });
  const quote = { id: asked.id, senderId: anna.id, type: 'TEXT', content: asked.content.slice(0, 200) };
  assert.deepEqual(reply.replyTo, quote);
  assert.deepEqual((await hears(bens, 'chat')).message, reply);
  assert.deepEqual((await list(anna)).at(-1), reply);
  assert.deepEqual((await changes(anna, asked.rev)).messages, [reply]);
  assert.deepEqual((await summaryOf(anna)).lastMessage.replyTo, quote);
  assert.deepEqual(acked(await ask(bens, 'send', { roomId, clientId: reply.clientId, content: 'again' })).replyTo, quote);

  const { mediaId } = data(await anna.upload(PHOTO, 'p.png'), 201);
  const photo = await send(anna, undefined, { type: 'IMAGE', mediaId });
  const { replyTo } = await send(ben, '예쁘다', { replyTo: photo.id });
  assert.deepEqual([replyTo.type, replyTo.content, replyTo.thumbnailUrl], ['IMAGE', '', photo.thumbnailUrl]);
});

test('what one answers to must be there and say something', async () => {
  const hidden = await send(anna, 'hidden');
  const deleted = await send(anna, 'deleted');
  data(await anna.delete(`${pathOf(hidden)}?for=me`));
  data(await anna.delete(`${pathOf(deleted)}?for=all`));
  for (const replyTo of [0, -1, 99, hidden.id, deleted.id]) refuses(await anna.post(`/rooms/${roomId}/messages`, { content: 'x', replyTo }), 404, 6404);
  for (const replyTo of ['1', 1.5, {}]) refuses(await anna.post(`/rooms/${roomId}/messages`, { content: 'x', replyTo }), 400, 1401);
  refuses(await anna.post(`/rooms/${group}/messages`, { content: 'x', replyTo: 1 }), 404, 6404);
  assert.equal((await list(anna)).length, 1);
});

test('a quote of what a reader may not see is a bare number, live and later', async () => {
  const secret = await send(anna, 'before grandma came', {}, group);
  const grandma = await guest();
  const [annas, bens, grandmas] = [await inside(anna, group), await inside(ben, group), await inside(grandma, group)];
  data(await ben.delete(`${pathOf(secret)}?for=me`));
  const reply = await send(anna, 'an answer', { replyTo: secret.id }, group);
  assert.equal(reply.replyTo.content, 'before grandma came');
  assert.deepEqual((await hears(annas, 'chat')).message.replyTo, reply.replyTo);
  for (const socket of [bens, grandmas]) assert.deepEqual((await hears(socket, 'chat')).message.replyTo, { id: secret.id });
  for (const person of [ben, grandma]) {
    assert.deepEqual((await list(person, group)).at(-1).replyTo, { id: secret.id });
    assert.deepEqual((await changes(person, 0, group)).messages.at(-1).replyTo, { id: secret.id });
    assert.deepEqual((await summaryOf(person, group)).lastMessage.replyTo, { id: secret.id });
  }
  data(await anna.patch(pathOf(reply), { content: 'edited' }));
  assert.equal((await hears(annas, 'edit')).message.replyTo.content, 'before grandma came');
  for (const socket of [bens, grandmas]) {
    assert.deepEqual((await hears(socket, 'edit')).message.replyTo, { id: secret.id });
    assert.ok(!JSON.stringify(socket.heard).includes('before grandma'));
  }
  refuses(await grandma.post(`/rooms/${group}/messages`, { content: 'x', replyTo: secret.id }), 404, 6404);
  refuses(await grandma.put(reactionPath(secret, '👍')), 404, 6404);
});

test('what happens to what one may not see is told to those who see it alone', async () => {
  const secret = await send(anna, 'before grandma came', {}, group);
  const answer = await send(ben, 'an answer', { replyTo: secret.id }, group);
  const { scheduleId } = data(await anna.post('/schedules', { title: '병원', date: '2026-11-25' }), 201);
  const card = await send(anna, undefined, { type: 'SCHEDULE', scheduleId }, group);
  const hidden = await send(anna, 'hidden by grandma', {}, group);
  const grandma = await guest();
  const after = await send(anna, 'since she came', {}, group);
  const unwanted = await send(anna, 'she does not want this', {}, group);
  data(await grandma.delete(`${pathOf(unwanted)}?for=me`));
  const [bens, grandmas] = [await inside(ben, group), await inside(grandma, group)];
  grandmas.heard.length = 0;

  for (const { id } of [secret, hidden, unwanted]) data(await anna.patch(`/rooms/${group}/messages/${id}`, { content: `changed ${id}` }));
  data(await ben.patch(pathOf(answer), { content: 'another answer' }));
  data(await ben.patch(`/schedules/${scheduleId}`, { title: '산부인과' }));
  for (const message of [secret, unwanted]) data(await ben.put(reactionPath(message, '👍')));
  for (const id of [secret, hidden, unwanted, answer, card].map((message) => message.id)) await hears(bens, 'edit', ({ message }) => message.id === id);
  for (const message of [secret, unwanted]) await hears(bens, 'react', ({ messageId }) => messageId === message.id);

  data(await ben.put(reactionPath(after, '👍')));
  data(await anna.patch(pathOf(after), { content: 'hers too' }));
  await hears(grandmas, 'react', ({ messageId }) => messageId === after.id);
  const { message: { rev } } = await hears(grandmas, 'edit', ({ message }) => message.content === 'hers too');
  assert.deepEqual(grandmas.heard, []);
  assert.deepEqual((await changes(grandma, after.rev, group)).messages.map(({ id }) => id), [after.id]);
  data(await anna.delete(`${pathOf(secret)}?for=all`));
  assert.deepEqual(await hears(grandmas, 'delete'), { roomId: group, messageIds: [secret.id], for: 'all', rev: rev + 1 }, 'a number and no more');
});

test('my text can be edited, and everybody sees that it was', async () => {
  const message = await send(anna, '아녕');
  const [bens, tablet] = [await inside(ben), await ben.rooms()];
  const edited = data(await anna.patch(pathOf(message), { content: '안녕' }));
  assert.deepEqual(edited, { ...message, content: '안녕', rev: message.rev + 1, editedAt: edited.editedAt });
  assert.match(edited.editedAt, INSTANT);
  assert.deepEqual(await hears(bens, 'edit'), { message: edited });
  await hears(tablet, 'room', ({ lastMessage }) => lastMessage.content === '안녕');
  assert.deepEqual(await list(ben), [edited]);
  assert.deepEqual((await changes(ben, message.rev)).messages, [edited]);
  assert.equal(data(await ben.get('/messages')).messages[0].content, '안녕');

  const again = data(await anna.patch(pathOf(message), { content: '안녕' }));
  assert.deepEqual(again, edited, 'the same text again is no change');
  const annas = await inside(anna);
  assert.equal(acked(await ask(annas, 'edit', { roomId, messageId: message.id, content: '안녕!' })).content, '안녕!');
});

test('nobody edits what is not theirs, or is no text', async () => {
  const message = await send(anna, 'mine');
  const { mediaId } = data(await anna.upload(PHOTO, 'p.png'), 201);
  const photo = await send(anna, undefined, { type: 'IMAGE', mediaId });
  const line = (await list(anna, group))[0];
  refuses(await ben.patch(pathOf(message), { content: 'his' }), 403, 6403);
  refuses(await anna.patch(pathOf(photo), { content: 'x' }), 403, 6403);
  refuses(await anna.patch(pathOf(line), { content: 'x' }), 403, 6403);
  for (const id of [0, 99, 'x']) refuses(await anna.patch(`/rooms/${roomId}/messages/${id}`, { content: 'x' }), 404, 6404);
  refuses(await anna.patch(pathOf(message), { content: '' }), 400, 6405);
  refuses(await anna.patch(pathOf(message), { content: 'x'.repeat(5_001) }), 400, 6405);
  refuses(await anna.patch(pathOf(message), {}), 400, 1400);
  assert.deepEqual((await list(anna)).map(({ content, editedAt }) => [content, editedAt]), [['mine', undefined], ['', undefined]]);
});

test('deleted for everyone nothing is left but the place, at once and everywhere', async () => {
  const canary = `canary-${uuid()}`;
  const message = await send(anna, canary);
  const reply = await send(ben, 'answer', { replyTo: message.id });
  data(await ben.put(reactionPath(message, '👍')));
  const [bens, app] = [await inside(ben), await ben.chats()];
  app.heard.length = 0;
  data(await anna.delete(`${pathOf(message)}?for=all`));

  const deleted = await hears(bens, 'delete');
  assert.deepEqual(deleted, { roomId, messageIds: [message.id], for: 'all', rev: deleted.rev });
  const tombstone = (await list(ben))[0];
  assert.deepEqual(tombstone, { ...message, rev: deleted.rev, type: 'DELETED', content: '', unreadCount: tombstone.unreadCount });
  assert.deepEqual((await changes(ben, reply.rev)).messages, [tombstone]);
  assert.deepEqual((await list(ben))[1].replyTo, { id: message.id, senderId: anna.id, type: 'DELETED', content: '' });
  const shown = data(await ben.get('/messages')).messages.at(-1);
  assert.deepEqual([shown.id, shown.type, shown.content], [message.id, 'TEXT', '삭제된 메시지입니다.']);
  assert.deepEqual(app.heard, [], 'the app sees it at the next fetch');

  data(await anna.delete(`${pathOf(message)}?for=all`));
  assert.equal((await summaryOf(anna)).rev, deleted.rev, 'deleted is deleted');
  assert.equal(data(await anna.post(`/rooms/${roomId}/messages`, { clientId: message.clientId, content: canary }), 201).type, 'DELETED');
  refuses(await anna.patch(pathOf(message), { content: 'back' }), 403, 6403);
  refuses(await ben.put(reactionPath(message, '👍')), 403, 6403);
  assert.ok(!server.output.includes(canary));
});

test('only mine is deleted for everyone, and it must be said for whom', async () => {
  const message = await send(anna, 'mine');
  refuses(await ben.delete(`${pathOf(message)}?for=all`), 403, 6403);
  refuses(await anna.delete(`${pathOf((await list(anna, group))[0])}?for=all`), 403, 6403);
  refuses(await anna.delete(pathOf(message)), 400, 1400);
  refuses(await anna.delete(`${pathOf(message)}?for=everybody`), 400, 1401);
  refuses(await anna.delete(`/rooms/${roomId}/messages/99?for=me`), 404, 6404);
  assert.equal((await list(anna)).length, 1);
});

test('a photo that is deleted opens no more, unless something else shows it', async () => {
  const { mediaId } = data(await anna.upload(PHOTO, 'p.png'), 201);
  const first = await send(anna, undefined, { type: 'IMAGE', mediaId });
  const second = await send(anna, undefined, { type: 'IMAGE', mediaId }, group);
  data(await anna.delete(`${pathOf(first)}?for=all`));
  assert.equal((await ben.open(first.url)).status, 200);
  assert.deepEqual([(await list(ben))[0].mediaId, (await list(ben))[0].url], [undefined, undefined]);
  data(await anna.delete(`${pathOf(second)}?for=all`));
  for (const url of [second.url, second.thumbnailUrl]) assert.equal((await ben.open(url)).status, 404);
  assert.ok(fs.readdirSync(`${server.dataDir}/media`, { recursive: true }).some((file) => String(file).includes(mediaId)), 'it lies in the trash for thirty days');
});

test('a video deleted while it streams comes whole or ends, without a fault', async () => {
  const film = Buffer.concat([Buffer.from('\0\0\0\x18ftypmp42\0\0\0\0mp42isom', 'latin1'), Buffer.alloc(24 << 20)]);
  const { mediaId } = data(await anna.upload(film, 'film.mp4'), 201);
  const message = await send(anna, undefined, { type: 'VIDEO', mediaId });
  const { data: stream, status } = await ben.open(message.url, { responseType: 'stream' });
  assert.equal(status, 200);
  await new Promise((resolve) => { stream.once('readable', resolve); });
  data(await anna.delete(`${pathOf(message)}?for=all`));
  let size = 0;
  for await (const chunk of stream) size += chunk.length;
  assert.equal(size, film.length);
  assert.equal((await ben.open(message.url)).status, 404);
});

test('deleted for me it is gone on all my devices and nowhere else', async () => {
  const [first, second] = [await send(anna, 'one'), await send(anna, 'two')];
  const [phone, tablet, annas] = [await inside(ben), await ben.rooms(), await inside(anna)];
  data(await ben.delete(`${pathOf(second)}?for=me`));
  const expected = { roomId, messageIds: [second.id], for: 'me', rev: second.rev + 1 };
  for (const socket of [phone, tablet]) assert.deepEqual(await hears(socket, 'delete'), expected);
  assert.deepEqual((await list(ben)).map(({ id }) => id), [first.id]);
  assert.deepEqual(data(await ben.get(`/rooms/${roomId}/messages?after=0`)).messages.map(({ id }) => id), [first.id]);
  assert.deepEqual(data(await ben.get(`/rooms/${roomId}/messages?around=${second.id}`)).messages.map(({ id }) => id), [first.id]);
  assert.deepEqual(data(await ben.get('/messages')).messages.map(({ id }) => id), [first.id]);
  const missed = await changes(ben, second.rev);
  assert.deepEqual([missed.messages, missed.hidden, missed.rev], [[], [second.id], expected.rev]);
  const summary = await summaryOf(ben);
  assert.deepEqual([summary.lastMessage.id, summary.unreadCount], [first.id, 1], 'what is hidden is not unread');
  for (const act of [() => ben.put(reactionPath(second, '👍')), () => ben.patch(pathOf(second), { content: 'x' })]) refuses(await act(), 404, 6404);

  data(await ben.delete(`${pathOf(second)}?for=me`));
  assert.equal((await summaryOf(ben)).rev, expected.rev);
  assert.deepEqual((await list(anna)).map(({ id }) => id), [first.id, second.id]);
  assert.deepEqual((await changes(anna, second.rev)).hidden, []);
  assert.deepEqual(annas.heard.filter(([event]) => event === 'delete'), []);
});

test('reactions are one real emoji each, of whom, in the order they came', async () => {
  const message = await send(anna, '아기가 뒤집었어!');
  const [annas, bens] = [await inside(anna), await inside(ben)];
  const first = data(await ben.put(reactionPath(message, '❤')));
  assert.deepEqual(first, { roomId, messageId: message.id, rev: message.rev + 1, reactions: [{ emoji: '❤️', userIds: [ben.id] }] });
  assert.deepEqual(await hears(annas, 'react'), first);
  acked(await ask(annas, 'react', { roomId, messageId: message.id, emoji: '👍🏽' }));
  const all = acked(await ask(annas, 'react', { roomId, messageId: message.id, emoji: '❤️' }));
  assert.deepEqual(all.reactions, [{ emoji: '❤️', userIds: [ben.id, anna.id] }, { emoji: '👍🏽', userIds: [anna.id] }]);
  assert.deepEqual((await list(ben))[0].reactions, all.reactions);
  const missed = await changes(ben, message.rev);
  assert.deepEqual([missed.messages.map(({ reactions }) => reactions), missed.rev], [[all.reactions], all.rev]);

  assert.deepEqual(data(await ben.put(reactionPath(message, '❤️'))), all, 'again is no change');
  const less = data(await ben.delete(reactionPath(message, '❤️')));
  assert.deepEqual(less.reactions.map(({ userIds }) => userIds), [[anna.id], [anna.id]]);
  assert.deepEqual(acked(await ask(bens, 'react', { roomId, messageId: message.id, emoji: '❤️', on: false })), less);
  for (const wrong of ['x', '👍👍', '1', ':+1:']) refuses(await ben.put(reactionPath(message, wrong)), 400, 6413);
  refuses(await ben.put(reactionPath({ roomId, id: 99 }, '👍')), 404, 6404);
  refuses(await ben.put(reactionPath((await list(ben, group))[0], '👍')), 403, 6403);
});

test('a message holds twenty kinds of reactions', async () => {
  const message = await send(anna, 'x');
  const faces = [...'😀😃😄😁😆😅🤣😂🙂🙃😉😊😇🥰😍🤩😘😗😚😙😋'];
  for (const emoji of faces.slice(0, 20)) data(await anna.put(reactionPath(message, emoji)));
  refuses(await ben.put(reactionPath(message, faces[20])), 409, 6414);
  assert.equal(data(await ben.put(reactionPath(message, faces[0]))).reactions.length, 20);
  data(await anna.delete(reactionPath(message, faces[1])));
  assert.equal(data(await ben.put(reactionPath(message, faces[20]))).reactions.length, 20);
});

test('a schedule is shown as a card that follows it, to who sees no calendar, too', async () => {
  const { scheduleId } = data(await anna.post('/schedules', { title: '병원', description: '비밀', date: '2026-11-25T01:30:00.000Z', color: 'RED' }), 201);
  const grandma = await guest();
  const [bens, grandmas] = [await inside(ben, group), await inside(grandma, group)];
  const sent = await send(anna, undefined, { type: 'SCHEDULE', scheduleId }, group);
  const card = { scheduleId, title: '병원', date: '2026-11-25', time: '10:30', allDay: false, color: 'RED', isCompleted: false };
  assert.deepEqual([sent.type, sent.content, sent.schedule], ['SCHEDULE', '', card]);
  assert.deepEqual((await hears(grandmas, 'chat')).message.schedule, card);
  assert.ok(!JSON.stringify(await list(grandma, group)).includes('비밀'));
  refuses(await grandma.get(`/schedules/${scheduleId}`), 403, 2410);

  data(await ben.patch(`/schedules/${scheduleId}`, { isCompleted: true }));
  for (const socket of [bens, grandmas]) assert.deepEqual((await hears(socket, 'edit')).message.schedule, { ...card, isCompleted: true });
  assert.deepEqual((await changes(grandma, sent.rev, group)).messages.map(({ schedule, editedAt }) => [schedule.isCompleted, editedAt]), [[true, undefined]]);
  const { rev } = await summaryOf(anna, group);
  data(await ben.patch(`/schedules/${scheduleId}`, { description: '더 비밀' }));
  assert.equal((await summaryOf(anna, group)).rev, rev, 'what the card does not carry does not change it');
  data(await anna.patch(`/schedules/${scheduleId}`, { date: '2026-12-01' }));
  assert.deepEqual((await hears(bens, 'edit')).message.schedule, { ...card, isCompleted: true, date: '2026-12-01', time: '00:00', allDay: true });
  data(await anna.delete(`/schedules/${scheduleId}`));
  assert.equal((await hears(grandmas, 'edit', ({ message }) => message.schedule.deleted)).message.schedule.title, '병원');
  data(await anna.post(`/schedules/${scheduleId}/restore`));
  assert.equal((await list(grandma, group)).at(-1).schedule.deleted, undefined);
});

test('a card is of my couple\'s calendar, and the app reads it as a line', async () => {
  const stranger = await Person.signUp(server, '낯선이');
  const { scheduleId: theirs } = data(await stranger.post('/schedules', { title: '남의 일', date: '2026-11-25' }), 201);
  const { scheduleId } = data(await anna.post('/schedules', { title: '병원', date: '2026-11-25' }), 201);
  const gone = data(await anna.post('/schedules', { title: '취소', date: '2026-11-25' }), 201).scheduleId;
  data(await anna.delete(`/schedules/${gone}`));
  for (const wrong of [theirs, gone, 987_654_321]) refuses(await anna.post(`/rooms/${roomId}/messages`, { type: 'SCHEDULE', scheduleId: wrong }), 404, 4404);
  refuses(await (await guest()).post(`/rooms/${group}/messages`, { type: 'SCHEDULE', scheduleId }), 404, 4404);
  refuses(await anna.post(`/rooms/${roomId}/messages`, { type: 'SCHEDULE' }), 400, 1400);

  const app = await ben.chats();
  const sent = await send(anna, undefined, { type: 'SCHEDULE', scheduleId });
  const heard = await hears(app, 'receive_message');
  assert.deepEqual([heard.type, heard.content], ['TEXT', '📅 병원 · 2026-11-25']);
  assert.equal(data(await ben.get('/messages')).messages[0].content, heard.content);
  data(await anna.delete(`${pathOf(sent)}?for=all`));
  data(await anna.patch(`/schedules/${scheduleId}`, { title: '다른 병원' }));
  assert.deepEqual((await list(anna)).at(-1).schedule, undefined, 'a deleted card comes not back');
  isFailure(await ask(app, 'send_message', { type: 'SCHEDULE', content: '📅' }), 1401);
});

test('a phone that was away learns of every act in the order of the changes, page by page', async () => {
  const messages = [];
  for (let count = 0; count < 30; count += 1) messages.push(await send(anna, `m${count}`));
  const { rev: since } = await summaryOf(ben);
  for (const message of [...messages].reverse()) {
    const acts = [() => anna.patch(pathOf(message), { content: `${message.content}!` }), () => ben.put(reactionPath(message, '👍')), () => anna.delete(`${pathOf(message)}?for=all`)];
    data(await acts[message.id % 3]());
  }
  await send(ben, 'new');
  const caught = [];
  let rev = since;
  for (let more = true; more;) {
    const page = data(await ben.get(`/rooms/${roomId}/changes?since=${rev}&limit=7`));
    caught.push(...page.messages);
    assert.ok(page.rev > rev);
    ({ rev, more } = page);
  }
  assert.deepEqual(caught.map(({ id }) => id), [...messages.map(({ id }) => id).reverse(), 31]);
  const now = new Map((await list(ben)).map((message) => [message.id, message]));
  for (const message of caught) assert.deepEqual(message, now.get(message.id));
});

test('someone who sends faster than twenty a second hears so after five hundred', { timeout: 60_000 }, async (t) => {
  const strict = await Server.start({ strict: true, flags: ['--registration', 'open'] });
  t.after(() => strict.stop());
  const [greedy, other] = [await Person.signUp(strict, '빠른이'), await Person.signUp(strict, '느린이')];
  const { roomId: own } = await greedy.roomOfKind('SELF');
  const socket = await greedy.rooms();
  const first = uuid();
  const begun = Date.now();
  const acks = await Promise.all(Array.from({ length: 700 }, (_, at) => ask(socket, 'send', { roomId: own, clientId: at ? uuid() : first, content: `${at}` }, 30_000)));
  const refused = acks.filter(({ code }) => code !== '0000');
  refused.forEach((ack) => isFailure(ack, 6407));
  const saved = acks.length - refused.length;
  const most = 500 + Math.ceil((Date.now() - begun) / 50);
  assert.ok(saved >= 500 && saved <= most, `${saved} saved, at most ${most} in that time`);
  assert.equal(acked(await ask(socket, 'send', { roomId: own, clientId: first, content: 'again' })).content, '0', 'sending again is free');
  const late = await greedy.post(`/rooms/${own}/messages`, { content: 'late' });
  if (late.status !== 201) assert.equal(refuses(late, 429, 6407) ?? late.headers['retry-after'], '1');
  data(await other.post(`/rooms/${(await other.roomOfKind('SELF')).roomId}/messages`, { content: 'fine' }), 201);
  greedy.leaveAll();
});
