'use strict';
// Groups: made, renamed, grown, left; who may do what, who hears what, and that who has gone gets nothing more.
const { test, before, after, beforeEach, afterEach } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { Person, hears, ask, uuid } = require('./person.js');
const { data, refuses, isFailure, acked } = require('./envelope.js');
const { until } = require('./kit.js');

let server, anna, ben, cleo, dan, everybody;

before(async () => { server = await Server.start(); });
after(() => server.stop());
// Two couples; Anna and Cleo share a room, so that Anna may bring Cleo in.
beforeEach(async () => {
  [anna, ben] = await Person.couple(server);
  [cleo, dan] = await Person.couple(server);
  everybody = [anna, ben, cleo, dan];
});
afterEach(() => everybody.forEach((person) => person.leaveAll()));

const ids = (people) => people.map(({ userId }) => userId).sort((a, b) => a - b);
const create = async (title, memberIds = [], more = {}) => data(await anna.post('/rooms', { title, memberIds, ...more }), 201);
const list = async (person, roomId) => data(await person.get(`/rooms/${roomId}/messages?limit=50`)).messages.reverse();
const summaryOf = async (person, roomId) => data(await person.get('/rooms')).find((room) => room.roomId === roomId);
const says = async (person, roomId, content) => data(await person.post(`/rooms/${roomId}/messages`, { clientId: uuid(), type: 'TEXT', content }), 201);
const heardOf = (socket, name) => socket.heard.filter(([event]) => event === name);

/** Brings Anna and Cleo together in a room of Ben's friend's making: by a link, as strangers meet. */
async function acquaint() {
  const room = await create('아는 사이');
  const { token } = data(await anna.post(`/rooms/${room.roomId}/invites`, {}), 201);
  data(await cleo.post(`/rooms/invites/${token}`));
  return room.roomId;
}

test('a group is made with a title and people one knows, and says so in its first line', async () => {
  const bens = await ben.rooms();
  const room = await create('  우리 가족 ', [ben.id, ben.id, anna.id]);
  assert.deepEqual([room.kind, room.title, room.isOwner, room.archived, room.unreadCount], ['GROUP', '우리 가족', true, false, 0]);
  assert.deepEqual(ids(room.members), [anna.id, ben.id]);
  const { lastMessage: line } = room;
  assert.deepEqual([line.id, line.type, line.senderId, line.content, line.unreadCount], [1, 'SYSTEM', anna.id, '', 1]);
  assert.deepEqual(line.system, { event: 'created', userIds: [ben.id], title: '우리 가족' });
  assert.deepEqual(await list(ben, room.roomId), [line]);

  const invited = await hears(bens, 'invite');
  assert.deepEqual(Object.keys(invited), ['roomId', 'by', 'users', 'message']);
  assert.deepEqual([invited.roomId, invited.by, ids(invited.users)], [room.roomId, anna.id, [ben.id]]);
  assert.deepEqual(invited.users[0], { userId: ben.id, nickname: '벤벤', role: 'DAD', avatarUrl: null, lastReadId: 0, rev: 1 });
  assert.deepEqual(invited.message, line);
  const summary = await hears(bens, 'room', ({ roomId }) => roomId === room.roomId);
  assert.deepEqual([summary.title, summary.unreadCount, summary.isOwner], ['우리 가족', 1, true]);
});

test('a group made again with the same client id is the first one', async () => {
  const clientId = uuid();
  const first = await create('한 번', [ben.id], { clientId });
  const again = await create('두 번', [], { clientId });
  assert.deepEqual(again, first);
  assert.equal(data(await anna.get('/rooms')).filter(({ kind }) => kind === 'GROUP').length, 1);
});

test('nobody can be found by counting ids', async () => {
  for (const memberIds of [[cleo.id], [987_654_321], [-1], [ben.id, cleo.id]]) {
    const answer = await anna.post('/rooms', { title: '낯선 이', memberIds });
    refuses(answer, 404, 3403);
  }
  const { roomId } = await create('우리');
  const [real, never] = [await anna.post(`/rooms/${roomId}/members`, { userIds: [cleo.id] }), await anna.post(`/rooms/${roomId}/members`, { userIds: [987_654_321] })];
  refuses(real, 404, 3403);
  assert.equal(real.text, never.text);
  assert.equal(data(await anna.get('/rooms')).filter(({ kind }) => kind === 'GROUP').length, 1);
  assert.deepEqual((await summaryOf(anna, roomId)).members.length, 1);
});

test('what is no group is refused, and nothing half done stays', async () => {
  const { rev, roomId } = await create('우리');
  for (const title of ['', '   ', 'x'.repeat(41), 'a\nb']) refuses(await anna.post('/rooms', { title }), 400, 1400, 6411);
  for (const title of [undefined, null]) refuses(await anna.post('/rooms', { title }), 400, 1400);
  for (const title of [5, {}, []]) refuses(await anna.post('/rooms', { title }), 400, 1401);
  for (const memberIds of [5, 'x', {}, ['x'], [1.5], [null]]) refuses(await anna.post('/rooms', { title: 'x', memberIds }), 400, 1401);
  refuses(await anna.post('/rooms', { title: 'x', memberIds: Array.from({ length: 51 }, (_, at) => at + 1) }), 409, 6406);
  refuses(await anna.patch(`/rooms/${roomId}`, { title: 'x'.repeat(41) }), 400, 6411);
  assert.equal(data(await anna.patch(`/rooms/${roomId}`, { title: '👶'.repeat(40) })).title, '👶'.repeat(40));
  assert.equal(data(await anna.get('/rooms')).filter(({ kind }) => kind === 'GROUP').length, 1);
  assert.equal((await summaryOf(anna, roomId)).rev, rev + 1);
});

test('a new name is told to who is inside as a line and to who is outside as a summary', async () => {
  const { roomId } = await create('처음', [ben.id]);
  const [annas, bens] = [await anna.rooms(), await ben.rooms()];
  acked(await ask(annas, 'enter', { roomId }));
  data(await ben.patch(`/rooms/${roomId}`, { title: '나중' }));
  const { message } = await hears(annas, 'chat');
  assert.deepEqual([message.type, message.senderId, message.system], ['SYSTEM', ben.id, { event: 'renamed', title: '나중' }]);
  await hears(bens, 'room', ({ title }) => title === '나중');
  data(await ben.patch(`/rooms/${roomId}`, { title: '나중' }));
  assert.equal((await list(anna, roomId)).length, 2, 'the same name again is no news');
});

test('who is brought in sees what comes from then on, and the room and they hear of it', async () => {
  const { roomId } = await create('우리');
  await says(anna, roomId, 'before');
  const [annas, bens] = [await anna.rooms(), await ben.rooms()];
  acked(await ask(annas, 'enter', { roomId }));
  const grown = data(await anna.post(`/rooms/${roomId}/members`, { userIds: [ben.id] }));
  assert.deepEqual(ids(grown.members), [anna.id, ben.id]);

  const [inside, invited] = [await hears(annas, 'invite'), await hears(bens, 'invite')];
  assert.deepEqual(inside, invited);
  assert.deepEqual([inside.by, ids(inside.users), inside.message.system], [anna.id, [ben.id], { event: 'invited', userIds: [ben.id] }]);
  assert.deepEqual((await list(ben, roomId)).map(({ system }) => system.event), ['invited']);
  assert.equal((await summaryOf(ben, roomId)).unreadCount, 1);
  assert.deepEqual(data(await ben.get(`/rooms/${roomId}/changes?since=0`)).messages.map(({ id }) => id), [3]);
  assert.deepEqual((await list(anna, roomId)).map(({ unreadCount }) => unreadCount), [0, 0, 1]);

  data(await anna.post(`/rooms/${roomId}/members`, { userIds: [ben.id, anna.id] }));
  assert.equal((await list(anna, roomId)).length, 3, 'who is in already stays, without a line');
});

test('who leaves gets nothing more, by request, socket or catching up, and the others hear it', async () => {
  const { roomId } = await create('우리', [ben.id]);
  await says(anna, roomId, 'one');
  const [annas, bens, tablet] = [await anna.rooms(), await ben.rooms(), await ben.rooms()];
  for (const socket of [annas, bens]) acked(await ask(socket, 'enter', { roomId, read: false }));
  await says(anna, roomId, 'two');
  assert.deepEqual((await list(anna, roomId)).map(({ unreadCount }) => unreadCount), [1, 1, 1]);
  data(await ben.delete(`/rooms/${roomId}/members/me`));

  const left = await hears(annas, 'leave');
  assert.deepEqual(Object.keys(left), ['roomId', 'userId', 'fromId', 'readCount', 'message']);
  assert.deepEqual([left.roomId, left.userId, left.fromId, left.readCount], [roomId, ben.id, 0, 3]);
  assert.deepEqual([left.message.id, left.message.senderId, left.message.system], [4, ben.id, { event: 'left' }]);
  assert.deepEqual((await list(anna, roomId)).map(({ unreadCount }) => unreadCount), [0, 0, 0, 1], 'but for the line itself, which Anna has not read');
  assert.deepEqual((await summaryOf(anna, roomId)).present, [anna.id]);

  for (const socket of [bens, tablet]) {
    const gone = await hears(socket, 'room', ({ deleted }) => deleted);
    assert.deepEqual(gone, { roomId, rev: left.message.rev, deleted: true });
    socket.heard.length = 0;
  }
  await says(anna, roomId, 'after');
  await hears(annas, 'chat', ({ message }) => message.content === 'after');
  for (const answer of [await ben.get(`/rooms/${roomId}/messages`), await ben.get(`/rooms/${roomId}/changes?since=1`), await ben.delete(`/rooms/${roomId}/members/me`)]) refuses(answer, 404, 6404);
  const acts = { enter: {}, send: { content: 'x' }, read: { messageId: 1 }, typing: {} };
  for (const [event, more] of Object.entries(acts)) isFailure(await ask(bens, event, { roomId, ...more }), 6404);
  assert.equal(await summaryOf(ben, roomId), undefined);
  for (const socket of [bens, tablet]) assert.deepEqual(socket.heard, []);
});

test('who comes back starts anew', async () => {
  const { roomId } = await create('우리', [ben.id]);
  await says(ben, roomId, 'his own of before');
  data(await ben.delete(`/rooms/${roomId}/members/me`));
  await says(anna, roomId, 'while he was away');
  const changes = data(await anna.get(`/rooms/${roomId}/changes?since=0`));
  assert.equal(changes.members.find(({ userId }) => userId === ben.id).left, true);
  data(await anna.post(`/rooms/${roomId}/members`, { userIds: [ben.id] }));

  assert.deepEqual((await list(ben, roomId)).map(({ id }) => id), [5]);
  assert.deepEqual((await list(anna, roomId)).map(({ unreadCount }) => unreadCount), [0, 1, 1, 0, 1], 'what Ben wrote before, and the line of his leaving, Anna has not read');
  assert.equal((await summaryOf(ben, roomId)).unreadCount, 1);
  const bens = await ben.rooms();
  acked(await ask(bens, 'enter', { roomId }));
  await says(anna, roomId, 'heard');
  await hears(bens, 'chat', ({ message }) => message.content === 'heard');
  bens.disconnect();
  await says(anna, roomId, 'and told');
  const tablet = await ben.rooms();
  await says(anna, roomId, 'told');
  await hears(tablet, 'room', ({ lastMessage }) => lastMessage?.content === 'told');
});

test('the couple looks after its room: others may neither rename, add nor remove, and neither of the two is removed', async () => {
  const roomId = await acquaint();
  data(await anna.post(`/rooms/${roomId}/members`, { userIds: [ben.id] }));
  assert.equal((await summaryOf(cleo, roomId)).isOwner, false);
  assert.equal((await summaryOf(ben, roomId)).isOwner, true);
  refuses(await cleo.patch(`/rooms/${roomId}`, { title: '내 것' }), 403, 6403);
  refuses(await cleo.post(`/rooms/${roomId}/members`, { userIds: [dan.id] }), 403, 6403);
  for (const person of [anna, ben, cleo]) refuses(await cleo.delete(`/rooms/${roomId}/members/${person.id}`), 403, 6403);
  for (const person of [anna, ben]) refuses(await anna.delete(`/rooms/${roomId}/members/${person.id}`), 403, 6403);
  for (const never of [dan.id, 987_654_321, 'x']) refuses(await anna.delete(`/rooms/${roomId}/members/${never}`), 404, 3403);

  const cleos = await cleo.rooms();
  acked(await ask(cleos, 'enter', { roomId }));
  data(await ben.delete(`/rooms/${roomId}/members/${cleo.id}`));
  assert.deepEqual((await hears(cleos, 'room', ({ deleted }) => deleted)).roomId, roomId);
  assert.deepEqual((await list(anna, roomId)).at(-1).system, { event: 'removed', userIds: [cleo.id] });
  refuses(await cleo.get(`/rooms/${roomId}/messages`), 404, 6404);
  for (const person of [cleo, dan]) refuses(await person.delete(`/rooms/${roomId}/members/${anna.id}`), 404, 6404);
});

test('one\'s own and the couple\'s room cannot be left, renamed or grown', async () => {
  for (const kind of ['SELF', 'COUPLE']) {
    const { roomId } = await anna.roomOfKind(kind);
    refuses(await anna.delete(`/rooms/${roomId}/members/me`), 403, 6403);
    refuses(await anna.patch(`/rooms/${roomId}`, { title: 'x' }), 403, 6403);
    refuses(await anna.post(`/rooms/${roomId}/members`, { userIds: [ben.id] }), 403, 6403);
    refuses(await anna.delete(`/rooms/${roomId}/members/${ben.id}`), 403, 6403);
    refuses(await anna.post(`/rooms/${roomId}/invites`, {}), 403, 6403);
  }
});

test('when both of the couple have left, whoever has been there longest looks after the room', async () => {
  const roomId = await acquaint();
  data(await anna.delete(`/rooms/${roomId}/members/me`));
  assert.equal((await summaryOf(cleo, roomId)).isOwner, true);
  assert.equal(data(await cleo.patch(`/rooms/${roomId}`, { title: '이제 우리 것' })).title, '이제 우리 것');
  data(await cleo.post(`/rooms/${roomId}/members`, { userIds: [dan.id] }));
  refuses(await anna.get(`/rooms/${roomId}/messages`), 404, 6404);
});

test('a group made alone is the couple\'s once two are paired', async () => {
  const [eve, fred] = [await Person.signUp(server, '이브', 'MOM'), await Person.signUp(server, '프레드', 'DAD')];
  everybody.push(eve, fred);
  const { roomId } = data(await fred.post('/rooms', { title: '혼자' }), 201);
  await fred.joins(eve);
  data(await fred.post(`/rooms/${roomId}/members`, { userIds: [eve.id] }));
  assert.equal((await summaryOf(eve, roomId)).isOwner, true);
  assert.equal(data(await eve.patch(`/rooms/${roomId}`, { title: '둘이' })).title, '둘이');
});

test('a person can be in two hundred rooms and no more', async () => {
  for (let count = 2; count < 200; count += 1) await create(`방 ${count}`);
  refuses(await anna.post('/rooms', { title: '하나 더' }), 409, 6410);
  const { roomId } = data(await ben.post('/rooms', { title: '벤의 방' }), 201);
  const { rev } = await summaryOf(ben, roomId);
  refuses(await ben.post(`/rooms/${roomId}/members`, { userIds: [anna.id] }), 409, 6410);
  assert.deepEqual([(await summaryOf(ben, roomId)).members.length, (await summaryOf(ben, roomId)).rev], [1, rev]);
  assert.equal(data(await anna.get('/rooms')).length, 200);
});

test('others can bring somebody into a hundred rooms, and the other hundred is theirs to come into', async () => {
  const make = (person, memberIds = []) => person.post('/rooms', { title: '방', memberIds });
  const bring = (roomId) => ben.post(`/rooms/${roomId}/members`, { userIds: [anna.id] });
  await acquaint();
  const brought = [];
  for (let count = 0; count < 100; count += 1) brought.push(data(await make(ben, [anna.id]), 201).roomId);
  const { roomId, rev } = data(await make(ben), 201);
  const groups = data(await ben.get('/rooms')).length;
  for (const answer of [await make(ben, [anna.id]), await bring(roomId), await make(cleo, [dan.id, anna.id])]) refuses(answer, 409, 6416);
  const untouched = await summaryOf(ben, roomId);
  assert.deepEqual([ids(untouched.members), untouched.rev, data(await ben.get('/rooms')).length], [[ben.id], rev, groups]);
  assert.deepEqual(data(await dan.get('/rooms')).map(({ kind }) => kind).sort(), ['COUPLE', 'SELF'], 'nobody of a list is brought where one is not');

  const link = async () => data(await ben.post(`/rooms/${roomId}/invites`, {}), 201).token;
  data(await anna.post(`/rooms/invites/${await link()}`));
  data(await anna.delete(`/rooms/${brought[0]}/members/me`));
  data(await bring(brought[0]));
  refuses(await make(ben, [anna.id]), 409, 6416);
  data(await anna.delete(`/rooms/${brought[0]}/members/me`));
  data(await anna.post(`/rooms/invites/${data(await ben.post(`/rooms/${brought[0]}/invites`, {}), 201).token}`));
  brought.push(data(await make(ben, [anna.id]), 201).roomId);
  refuses(await make(ben, [anna.id]), 409, 6416);
  for (let count = data(await anna.get('/rooms')).length; count < 200; count += 1) await create(`방 ${count}`);
  refuses(await anna.post('/rooms', { title: '하나 더' }), 409, 6410);
});

test('someone sent away by a burst of news hears of no room after hearing that it is gone', async () => {
  const { roomId } = await create('우리', [ben.id]);
  const bens = await ben.rooms();
  const sent = Array.from({ length: 60 }, (_, at) => says(anna, roomId, `news ${at}`));
  const left = ben.delete(`/rooms/${roomId}/members/me`);
  await Promise.all([...sent, left]);
  await until(() => heardOf(bens, 'room').some(([, { deleted }]) => deleted), 10_000, 'hearing that it is gone');
  await says(anna, roomId, 'after');
  data(await ben.get('/rooms'));
  assert.equal(heardOf(bens, 'room').at(-1)[1].deleted, true);
});
