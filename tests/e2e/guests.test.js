'use strict';
// Guests and the links that bring them in: a seat in one room, from then on, until it is taken away.
const { test, before, after, beforeEach, afterEach } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const { Server } = require('./server.js');
const { Person, hears, ask, uuid } = require('./person.js');
const { INSTANT, data, refuses, isFailure, acked } = require('./envelope.js');
const { clockServer } = require('./clock.js');
const { runSql } = require('./oracle.js');
const { until } = require('./kit.js');

const PHOTO = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
let server, anna, ben, roomId, everybody;

before(async () => { server = await Server.start(); });
after(() => server.stop());
beforeEach(async () => {
  [anna, ben] = await Person.couple(server);
  everybody = [anna, ben];
  ({ roomId } = data(await anna.post('/rooms', { title: '우리 가족', memberIds: [ben.id] }), 201));
});
afterEach(() => everybody.forEach((person) => person.leaveAll()));

const link = async (terms = {}, person = anna) => data(await person.post(`/rooms/${roomId}/invites`, terms), 201);
const list = async (person) => data(await person.get(`/rooms/${roomId}/messages?limit=50`)).messages.reverse();
const says = async (person, content) => data(await person.post(`/rooms/${roomId}/messages`, { clientId: uuid(), type: 'TEXT', content }), 201);

/** Somebody with nothing but a link. */
async function guest(token, nickname = '할머니', host = server) {
  const signed = data(await new Person(host).post('/auth/guest', { invite: token, nickname }), 201);
  const person = new Person(host, { ...signed, id: signed.user.userId });
  everybody.push(person);
  return person;
}

test('whoever holds a link sees who invites into what, and comes in with a nickname', async () => {
  await says(anna, 'before');
  const made = await link({ days: 3, uses: 2 });
  assert.deepEqual(Object.keys(made), ['inviteId', 'inviterId', 'usesLeft', 'createdAt', 'expiredAt', 'token', 'inviteUrl', 'qrSvg']);
  assert.equal(Date.parse(made.expiredAt) - Date.parse(made.createdAt), 3 * 86_400_000);
  assert.equal(made.inviteUrl, `${server.url}/guest/${made.token}`);
  assert.match(made.qrSvg, /^<svg/);
  const stranger = new Person(server);
  assert.deepEqual(data(await stranger.get(`/rooms/invites/${made.token}`)), { title: '우리 가족', nickname: '안나', expiredAt: made.expiredAt });
  assert.match(made.expiredAt, INSTANT);

  const annas = await anna.rooms();
  acked(await ask(annas, 'enter', { roomId }));
  const grandma = await guest(made.token);
  assert.deepEqual(grandma.user, { userId: grandma.id, coupleId: null, spouseId: null, nickname: '할머니', role: 'GUEST' });
  const invited = await hears(annas, 'invite');
  assert.deepEqual([invited.by, invited.users.map(({ userId, role }) => [userId, role])], [anna.id, [[grandma.id, 'GUEST']]]);
  assert.deepEqual([invited.message.senderId, invited.message.system], [grandma.id, { event: 'came' }]);

  const rooms = data(await grandma.get('/rooms'));
  assert.deepEqual(rooms.map((room) => [room.roomId, room.isOwner, room.unreadCount]), [[roomId, false, 0]]);
  assert.deepEqual((await list(grandma)).map(({ type }) => type), ['SYSTEM']);
  const grandmas = await grandma.rooms();
  acked(await ask(grandmas, 'enter', { roomId }));
  const said = acked(await ask(grandmas, 'send', { roomId, clientId: uuid(), type: 'TEXT', content: '아가 보고 싶다' }));
  assert.deepEqual((await hears(annas, 'chat', ({ message }) => message.senderId === grandma.id)).message, said);
  await says(ben, 'soon');
  await hears(grandmas, 'chat', ({ message }) => message.content === 'soon');
});

test('a guest sends photos and has a profile, and nothing of the couple\'s', async () => {
  const grandma = await guest((await link()).token);
  const { mediaId } = data(await grandma.upload(PHOTO, 'p.png'), 201);
  const sent = data(await grandma.post(`/rooms/${roomId}/messages`, { clientId: uuid(), type: 'IMAGE', mediaId }), 201);
  assert.equal((await anna.open((await list(anna)).at(-1).url)).status, 200);
  assert.equal(sent.mediaId, mediaId);
  const named = data(await grandma.patch('/users/me', { nickname: '외할머니', avatar: mediaId }));
  assert.deepEqual([named.nickname, named.role, named.coupleId, named.loginId], ['외할머니', 'GUEST', null, null]);
  assert.equal((await list(anna), data(await anna.get('/rooms')).find((room) => room.roomId === roomId).members.find(({ userId }) => userId === grandma.id).nickname), '외할머니');

  refuses(await grandma.patch('/users/me', { role: 'MOM' }), 403, 2410);
  for (const path of ['/schedules?yearMonth=2026-11', '/children', '/couples/me', '/messages', '/users/me/sessions']) refuses(await grandma.get(path), 403, 2410);
  for (const path of ['/rooms', `/rooms/${roomId}/members`, `/rooms/${roomId}/invites`, '/couples/invite-code']) refuses(await grandma.post(path, { title: 'x', userIds: [ben.id] }), 403, 2410);
  const app = grandma.socket('/chats');
  app.connect();
  isFailure(await hears(app, 'error'), 2410);
});

test('a guest does not hold on to a photo that its owner takes back, and their own picture goes with them', async () => {
  const grandma = await guest((await link()).token);
  const annas = data(await anna.upload(PHOTO, 'p.png'), 201);
  const shown = data(await anna.post(`/rooms/${roomId}/messages`, { clientId: uuid(), type: 'IMAGE', mediaId: annas.mediaId }), 201);
  assert.equal((await grandma.open((await list(grandma)).at(-1).url)).status, 200);
  refuses(await grandma.patch('/users/me', { avatar: annas.mediaId }), 404, 6408);
  data(await anna.delete(`/rooms/${roomId}/messages/${shown.id}?for=all`));
  assert.equal((await grandma.open(annas.url)).status, 404);

  const own = data(await grandma.upload(PHOTO, 'q.png'), 201);
  data(await grandma.patch('/users/me', { avatar: own.mediaId }));
  assert.equal((await anna.open(own.url)).status, 200);
  data(await anna.delete(`/rooms/${roomId}/members/${grandma.id}`));
  assert.equal((await anna.open(own.url)).status, 404);
});

test('a guest who is sent away is signed out at once, everywhere', async () => {
  const grandma = await guest((await link()).token);
  await says(grandma, 'hers');
  const [annas, grandmas] = [await anna.rooms(), await grandma.rooms()];
  acked(await ask(annas, 'enter', { roomId }));
  acked(await ask(grandmas, 'enter', { roomId }));
  const gone = new Promise((resolve) => { grandmas.once('disconnect', resolve); });
  data(await ben.delete(`/rooms/${roomId}/members/${grandma.id}`));

  assert.deepEqual(await hears(grandmas, 'session_ended'), { reason: 'removed' });
  await gone;
  for (const path of ['/rooms', '/users/me', `/rooms/${roomId}/messages`, `/rooms/${roomId}/changes?since=0`]) refuses(await grandma.get(path), 401, 2400);
  refuses(await grandma.post('/auth/tokens/refresh', { refreshToken: grandma.refreshToken }), 401, 2400);
  const left = await hears(annas, 'leave');
  assert.deepEqual([left.userId, left.message.senderId, left.message.system], [grandma.id, ben.id, { event: 'removed', userIds: [grandma.id] }]);
  const changes = data(await anna.get(`/rooms/${roomId}/changes?since=0`));
  assert.deepEqual(changes.members.filter(({ left: isGone }) => isGone).map(({ nickname }) => nickname), ['할머니'], 'what she wrote keeps her name');
  assert.ok(!JSON.stringify(grandmas.heard).includes('"removed","userIds"'));
});

test('a guest who leaves has left for good', async () => {
  const grandma = await guest((await link()).token);
  data(await grandma.delete(`/rooms/${roomId}/members/me`));
  refuses(await grandma.get('/rooms'), 401, 2400);
  assert.deepEqual((await list(anna)).at(-1).system, { event: 'left' });
});

/** Hears of it, and finds nobody waited for. */
async function isVacated(phone, guestId) {
  const left = await hears(phone, 'leave', ({ userId }) => userId === guestId);
  assert.deepEqual([left.message.senderId, left.message.system], [guestId, { event: 'left' }]);
  const room = data(await anna.get('/rooms')).find((one) => one.roomId === left.roomId);
  assert.ok(!room.members.some(({ userId }) => userId === guestId));
  assert.equal(data(await anna.post(`/rooms/${left.roomId}/messages`, { clientId: uuid(), type: 'TEXT', content: 'hello?' }), 201).unreadCount, room.members.length - 1);
}

test('a guest who signs out has left every room: nobody else could use the seat', async () => {
  const grandma = await guest((await link({ uses: 2 })).token);
  const aunt = await guest((await link()).token, '고모님');
  const other = data(await anna.post('/rooms', { title: '둘째 방', memberIds: [grandma.id] }), 201);
  const phone = await anna.rooms();
  for (const id of [roomId, other.roomId]) acked(await ask(phone, 'enter', { roomId: id }));
  data(await grandma.post('/auth/logout'));
  await isVacated(phone, grandma.id);
  await isVacated(phone, grandma.id);
  assert.equal(data(await aunt.get('/rooms')).length, 1, 'who is signed in stays');
  data(await ben.post('/auth/logout'));
  data(await aunt.post('/auth/logout'));
  await isVacated(phone, aunt.id);
  assert.ok(data(await anna.get('/rooms')).find((room) => room.roomId === roomId).members.some(({ userId }) => userId === ben.id), 'a member comes back');
});

test('a guest whose session runs out, or ended while nobody looked, has left', async (t) => {
  const { server: old, set } = await clockServer(t);
  const host = await Person.signUp(old, '안나', 'MOM');
  const room = data(await host.post('/rooms', { title: '가족' }), 201);
  const invite = async () => data(await host.post(`/rooms/${room.roomId}/invites`, {}), 201).token;
  const late = await guest(await invite(), '늦은이', old);
  const phone = await host.rooms();
  acked(await ask(phone, 'enter', { roomId: room.roomId }));
  await set('+91d');
  refuses(await late.post('/auth/tokens/refresh', { refreshToken: late.refreshToken }), 401, 2403);
  await hears(phone, 'leave', ({ userId }) => userId === late.id);

  await set('+0');
  const lost = await guest(await invite(), '잊힌이', old);
  const stays = await guest(await invite(), '있는이', old);
  await old.kill('SIGTERM');
  runSql(old.database, `update session set ended_at = ${Date.now()} where user_id = ${lost.id}`);
  await old.restart();
  const ids = async () => data(await host.get('/rooms')).find((one) => one.roomId === room.roomId).members.map(({ userId }) => userId);
  await until(async () => !(await ids()).includes(lost.id), 10_000, 'the seat is given up');
  assert.deepEqual(await ids(), [host.id, stays.id]);
  assert.deepEqual((data(await host.get(`/rooms/${room.roomId}/messages`)).messages[0]).system, { event: 'left' });
});

test('a guest in two rooms stays signed in until the last is gone', async () => {
  const grandma = await guest((await link()).token);
  const other = data(await anna.post('/rooms', { title: '둘째 방', memberIds: [grandma.id] }), 201);
  data(await anna.delete(`/rooms/${roomId}/members/${grandma.id}`));
  assert.deepEqual(data(await grandma.get('/rooms')).map((room) => room.roomId), [other.roomId]);
  refuses(await grandma.get(`/rooms/${roomId}/messages`), 404, 6404);
  data(await anna.delete(`/rooms/${other.roomId}/members/${grandma.id}`));
  refuses(await grandma.get('/rooms'), 401, 2400);
});

test('where only guests would remain, the group ends with them', async () => {
  const grandma = await guest((await link()).token);
  for (const person of [anna, ben]) data(await person.delete(`/rooms/${roomId}/members/me`));
  refuses(await grandma.get('/rooms'), 401, 2400);
});

test('a link opens as often as it says and no more, also when many come at once', async () => {
  const { token, inviteId } = await link({ uses: 3 });
  const comers = await Promise.all(Array.from({ length: 8 }, () => new Person(server).post('/auth/guest', { invite: token, nickname: '손님' })));
  assert.deepEqual(comers.map(({ status }) => status).sort(), [201, 201, 201, 400, 400, 400, 400, 400]);
  for (const late of comers.filter(({ status }) => status === 400)) refuses(late, 400, 5401);
  assert.equal(data(await anna.get('/rooms')).find((room) => room.roomId === roomId).members.length, 5);
  refuses(await new Person(server).get(`/rooms/invites/${token}`), 400, 5401);
  assert.ok(!data(await anna.get(`/rooms/${roomId}/invites`)).some((invite) => invite.inviteId === inviteId));
});

test('somebody who is here already comes in by a link as themselves, and once', async () => {
  const cleo = await Person.signUp(server, '클레오', 'MOM');
  everybody.push(cleo);
  const { token } = await link({ uses: 2 });
  const room = data(await cleo.post(`/rooms/invites/${token}`));
  assert.deepEqual([room.roomId, room.title, room.isOwner], [roomId, '우리 가족', false]);
  const lines = (await list(anna)).length;
  data(await cleo.post(`/rooms/invites/${token}`));
  data(await ben.post(`/rooms/invites/${token}`));
  assert.equal((await list(anna)).length, lines);
  assert.deepEqual(data(await anna.get(`/rooms/${roomId}/invites`)).map(({ usesLeft }) => usesLeft), [1]);
});

test('a link is revoked by its number or by itself, by the couple and nobody else', async () => {
  const cleo = await Person.signUp(server, '클레오', 'MOM');
  everybody.push(cleo);
  const [first, second, third] = [await link(), await link({}, ben), await link()];
  data(await cleo.post(`/rooms/invites/${third.token}`));
  refuses(await cleo.get(`/rooms/${roomId}/invites`), 403, 6403);
  for (const named of [first.inviteId, first.token, 987_654_321, 'btg_nonsense']) refuses(await cleo.delete(`/rooms/invites/${named}`), 400, 5401);
  assert.deepEqual(data(await ben.get(`/rooms/${roomId}/invites`)).map(({ inviteId, inviterId }) => [inviteId, inviterId]), [[first.inviteId, anna.id], [second.inviteId, ben.id]]);
  data(await ben.delete(`/rooms/invites/${first.inviteId}`));
  data(await anna.delete(`/rooms/invites/${second.token}`));
  assert.deepEqual(data(await anna.get(`/rooms/${roomId}/invites`)), []);
  for (const { token } of [first, second]) refuses(await new Person(server).post('/auth/guest', { invite: token, nickname: '늦은이' }), 400, 5401);
});

test('a link dies with the seat of who made it', async () => {
  const { token } = await link({}, ben);
  data(await ben.delete(`/rooms/${roomId}/members/me`));
  refuses(await new Person(server).get(`/rooms/invites/${token}`), 400, 5401);
  refuses(await new Person(server).post('/auth/guest', { invite: token, nickname: '늦은이' }), 400, 5401);
});

test('a full room takes nobody more, and the link keeps its use', async () => {
  const { token } = await link({ uses: 50 });
  for (let count = 2; count < 50; count += 1) data(await new Person(server).post('/auth/guest', { invite: token, nickname: `손님 ${count}` }), 201);
  const { rev } = data(await anna.get('/rooms')).find((room) => room.roomId === roomId);
  refuses(await new Person(server).post('/auth/guest', { invite: token, nickname: '하나 더' }), 409, 6406);
  const room = data(await anna.get('/rooms')).find((one) => one.roomId === roomId);
  assert.deepEqual([room.members.length, room.rev], [50, rev]);
  assert.deepEqual(data(await anna.get(`/rooms/${roomId}/invites`)).map(({ usesLeft }) => usesLeft), [2]);
});

test('terms out of bounds are refused, and a room has twenty links at once', async () => {
  for (const terms of [{ days: 0 }, { days: 31 }, { days: 'x' }, { uses: 0 }, { uses: 51 }, { uses: 1.5 }]) refuses(await anna.post(`/rooms/${roomId}/invites`, terms), 400, 1401);
  for (let count = 0; count < 20; count += 1) await link();
  refuses(await anna.post(`/rooms/${roomId}/invites`, {}), 409, 6412);
});

test('a link that opens nothing any more, for its maker is of another couple, is neither listed nor counted', async () => {
  const bens = [];
  for (let count = 0; count < 20; count += 1) bens.push(await link({}, ben));
  refuses(await anna.post(`/rooms/${roomId}/invites`, {}), 409, 6412);
  for (const person of [ben, anna]) data(await person.delete('/couples/me'));
  for (const { token } of bens) refuses(await new Person(server).get(`/rooms/invites/${token}`), 400, 5401);
  assert.deepEqual(data(await anna.get(`/rooms/${roomId}/invites`)), []);
  for (let count = 0; count < 20; count += 1) await link();
  refuses(await anna.post(`/rooms/${roomId}/invites`, {}), 409, 6412);
  assert.equal(data(await anna.get(`/rooms/${roomId}/invites`)).length, 20);
});

test('coming in is safe to send again: it is one seat and one session', async () => {
  const { token } = await link({ uses: 2 });
  const comes = (more = {}) => new Person(server).post('/auth/guest', { invite: token, nickname: '할머니', ...more });
  const clientId = uuid();
  refuses(await comes({ clientId: 'mine' }), 400, 1401);
  const answered = await Promise.all([comes({ clientId }), comes({ clientId }), comes({ clientId })]);
  const [first, ...again] = answered.map((answer) => data(answer, 201));
  for (const one of [...again, data(await comes({ clientId, nickname: '다른이' }), 201)]) assert.deepEqual(one, first, 'the first content wins');
  assert.deepEqual(data(await anna.get('/rooms')).find((room) => room.roomId === roomId).members.map(({ userId }) => userId), [anna.id, ben.id, first.user.userId]);
  const grandma = new Person(server, first);
  assert.equal(data(await grandma.get('/rooms')).length, 1);

  // Whoever else has the link has not her session.
  assert.notEqual(data(await comes({ clientId: uuid(), nickname: '고모님' }), 201).user.userId, first.user.userId);
  for (const other of [{}, { clientId: uuid() }]) refuses(await comes(other), 400, 5401);
  assert.deepEqual(data(await comes({ clientId }), 201), first);
  data(await grandma.post('/auth/tokens/refresh', { refreshToken: first.refreshToken }));
  refuses(await comes({ clientId }), 400, 5401);
});

test('who has renewed their session has heard the answer: asked again, a link that lives gives no second one', async () => {
  const { token } = await link({ uses: 2 });
  const body = { invite: token, nickname: '할머니', clientId: uuid() };
  const signed = data(await new Person(server).post('/auth/guest', body), 201);
  data(await new Person(server).post('/auth/tokens/refresh', { refreshToken: signed.refreshToken }));
  refuses(await new Person(server).post('/auth/guest', body), 400, 5401);
});

test('a link made again with the same client id is the same one, and once it is revoked another', async () => {
  const clientId = uuid();
  refuses(await anna.post(`/rooms/${roomId}/invites`, { clientId: 5 }), 400, 1401);
  const first = await link({ clientId, uses: 2 });
  assert.deepEqual(await link({ clientId, uses: 9 }), first);
  await guest(first.token);
  assert.deepEqual(await link({ clientId }), { ...first, usesLeft: 1 });
  const bens = await link({ clientId }, ben);
  const other = data(await anna.post('/rooms', { title: '둘째 방' }), 201);
  const second = data(await anna.post(`/rooms/${other.roomId}/invites`, { clientId }), 201);
  assert.equal(new Set([first, bens, second].map(({ token }) => token)).size, 3);
  assert.equal(data(await anna.get(`/rooms/${roomId}/invites`)).length, 2);

  data(await anna.delete(`/rooms/invites/${first.inviteId}`));
  const later = await link({ clientId });
  assert.notEqual(later.token, first.token);
  refuses(await new Person(server).get(`/rooms/invites/${first.token}`), 400, 5401);
  assert.equal(data(await new Person(server).get(`/rooms/invites/${later.token}`)).title, '우리 가족');
  assert.ok(!runSql(server.database, "select hex(coalesce(client_hash, '')) from room_invite", 'ro').flat().includes(clientId.replaceAll('-', '').toUpperCase()));
});

test('a guest needs a link and a nickname', async () => {
  const { token } = await link();
  for (const body of [{}, { nickname: '손님' }, { invite: token }, { invite: '', nickname: '손님' }]) refuses(await new Person(server).post('/auth/guest', body), 400, 1400);
  refuses(await new Person(server).post('/auth/guest', { invite: token, nickname: 'x' }), 400, 3400);
  refuses(await new Person(server).post('/auth/guest', { invite: 5, nickname: '손님' }), 400, 1401);
  const web = await new Person(server).post('/auth/guest', { invite: token, nickname: '손님' }, { headers: { 'X-BambiTalk-Client': 'web' } });
  assert.ok(!('refreshToken' in data(web, 201)));
  assert.match(web.headers['set-cookie'][0], /^bambitalk=btr_.*HttpOnly/);
});

test('the file has no link\'s secret in it', async () => {
  const { token } = await link();
  for (const file of fs.readdirSync(server.dataDir)) {
    const stat = fs.statSync(`${server.dataDir}/${file}`);
    if (stat.isFile()) assert.ok(!fs.readFileSync(`${server.dataDir}/${file}`).includes(token.slice(4)), file);
  }
  assert.ok(!server.output.includes(token));
});

test('under closed registration a guest comes in too, and guessing links is counted', async (t) => {
  const closed = await Server.start({ strict: true });
  t.after(() => closed.stop());
  const owner = { loginId: 'owner', password: 'a quiet meadow at 4', nickname: '안나', role: 'MOM', setupCode: closed.setupCode() };
  const { accessToken } = data(await new Person(closed).post('/setup', owner), 201);
  const host = new Person(closed, { accessToken });
  const room = data(await host.post('/rooms', { title: '우리 가족' }), 201);
  const { token } = data(await host.post(`/rooms/${room.roomId}/invites`, { uses: 50 }), 201);
  const grandma = await guest(token, '할머니', closed);
  assert.equal(data(await grandma.get('/rooms')).length, 1);
  assert.deepEqual(data(await grandma.get('/server')).registration, 'closed');

  const tries = [];
  for (let count = 0; count < 30; count += 1) tries.push((await new Person(closed).get(`/rooms/invites/btg_${count}`)).status);
  assert.deepEqual(new Set(tries), new Set([400]));
  for (const answer of [await new Person(closed).get(`/rooms/invites/${token}`), await new Person(closed).post('/auth/guest', { invite: token, nickname: '손님' })]) {
    refuses(answer, 429, 1429);
    assert.ok(Number(answer.headers['retry-after']) > 0);
  }
});
