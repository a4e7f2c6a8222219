'use strict';
// How the mobile app, which cannot send a code, gets into a closed server: candidates and the couple's word.
const { test, beforeEach, afterEach } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { Person, hears, ask, uuid } = require('./person.js');
const { data, answers, refuses, acked } = require('./envelope.js');

const PASSWORD = 'a quiet meadow at 4';
let server, owner, nextKakaoId = 51_000_000;

beforeEach(async () => {
  server = await Server.start({ strict: true });
  const body = { setupCode: server.setupCode(), loginId: 'owner', password: PASSWORD, nickname: '주인', role: 'MOM', locale: 'ko', timeZone: 'Asia/Seoul' };
  const { accessToken, user } = data(await new Person(server).post('/setup', body), 201);
  owner = new Person(server, { accessToken, user, id: user.userId });
});
afterEach(async () => {
  owner.leaveAll();
  await server.stop();
});

const candidatesOf = async (person) => data(await person.get('/couples/candidates'));
const claim = (person, userId, as) => person.post(`/couples/candidates/${userId}`, { as });

/** What the app does: login, sign-up; resolves with the sign-up's answer. */
async function appSignsUp(kakaoId, nickname = '앱이') {
  const app = new Person(server, { kakaoId });
  assert.equal(data(await app.post('/auth/login', { accessToken: `k-${kakaoId}` }), 201).needSignup, true);
  return app.post('/auth/signup', { kakaoId, nickname, role: 'DAD' });
}

/** Someone whom the owner's live code let sign up. */
async function candidate(nickname) {
  data(await owner.post('/couples/invite-code'), 201);
  const kakaoId = ++nextKakaoId;
  const { accessToken, refreshToken, user } = data(await appSignsUp(kakaoId, nickname), 201);
  return new Person(server, { kakaoId, accessToken, refreshToken, user, id: user.userId });
}

/** Another account on the closed server, made on the machine itself. */
async function neighbour(loginId = 'neighbour') {
  const made = server.cli('user', 'add', '--login-id', loginId, '--nickname', '이웃', '--role', 'dad');
  assert.equal(made.code, 0, made.stderr);
  const { accessToken, user } = data(await new Person(server).post('/auth/password/login', { loginId, password: made.stdout.trim() }), 201);
  return new Person(server, { accessToken, user, id: user.userId });
}

test('a closed server takes a Kakao sign-up only while a code is alive', async () => {
  const kakaoId = ++nextKakaoId;
  refuses(await appSignsUp(kakaoId), 403, 3405);
  data(await owner.post('/couples/invite-code'), 201);
  const { user } = data(await appSignsUp(kakaoId), 201);
  assert.equal(typeof user.coupleId, 'number');
  assert.notEqual(user.coupleId, owner.user.coupleId);
  assert.equal(user.spouseId, null);
});

test('a candidate is seen by those whose code was alive, and by nobody else', async () => {
  const stranger = await neighbour();
  const app = await candidate('앱이');
  const [seen, ...others] = await candidatesOf(owner);
  assert.deepEqual(others, []);
  assert.equal(seen.userId, app.id);
  assert.equal(seen.nickname, '앱이');
  assert.equal(seen.role, 'DAD');
  assert.deepEqual(await candidatesOf(stranger), []);

  data(await stranger.post('/couples/invite-code'), 201);
  assert.deepEqual(await candidatesOf(stranger), [], 'a code made later shows nobody of before');
  const foreign = await claim(stranger, app.id, 'partner');
  assert.equal(foreign.status, 404);
  assert.equal((await claim(stranger, 987_654_321, 'partner')).text, foreign.text);
  assert.equal((await claim(stranger, app.id, 'me')).text, foreign.text);
  assert.equal((await candidatesOf(owner)).length, 1);
  refuses(await new Person(server).get('/couples/candidates'), 401, 2400);
});

test('a candidate may write alone but not invite', async () => {
  const app = await candidate();
  const invited = await app.post('/couples/invite-code');
  assert.equal(invited.status, 403);
  const socket = await app.chats();
  socket.emit('send_message', { type: 'TEXT', content: 'is anybody there' });
  assert.equal((await hears(socket, 'receive_message')).content, 'is anybody there');
  assert.equal(data(await app.get('/couples/me')).members.length, 1);
  app.leaveAll();
});

test('whom nobody has claimed lets nobody in by a group either, nor where one became theirs', async () => {
  const app = await candidate();
  const alone = data(await app.post('/rooms', { title: '몰래' }), 201);
  refuses(await app.post(`/rooms/${alone.roomId}/invites`, { uses: 50, days: 30 }), 403, 5404);

  const { roomId } = data(await owner.post('/rooms', { title: '우리 집' }), 201);
  const { token } = data(await owner.post(`/rooms/${roomId}/invites`, { uses: 2 }), 201);
  data(await app.post(`/rooms/invites/${token}`));
  refuses(await app.post(`/rooms/${roomId}/invites`, {}), 403, 6403);
  const guest = data(await new Person(server).post('/auth/guest', { invite: token, nickname: '손님' }), 201).user;
  data(await owner.delete(`/rooms/${roomId}/members/me`));
  assert.equal(data(await app.get('/rooms')).find((room) => room.roomId === roomId).isOwner, true, 'the test needs a group of theirs');
  refuses(await app.post(`/rooms/${roomId}/invites`, { uses: 50, days: 30 }), 403, 5404);
  refuses(await app.get(`/rooms/${roomId}/invites`), 403, 5404);
  for (const room of [roomId, alone.roomId]) refuses(await app.post(`/rooms/${room}/members`, { userIds: [guest.userId] }), 403, 5404);
  refuses(await app.post('/rooms', { title: '둘이서', memberIds: [guest.userId] }), 403, 5404);

  data(await claim(owner, app.id, 'partner'));
  data(await app.post(`/rooms/${roomId}/invites`, {}), 201);
  data(await app.post('/rooms', { title: '이제는', memberIds: [guest.userId] }), 201);
});

test('claimed as partner, the app is in the couple with the tokens and sockets it has', async () => {
  const app = await candidate();
  const [appSocket, ownerRooms] = [await app.chats(), await owner.rooms()];
  assert.equal((await claim(owner, app.id, 'partner')).status, 200);

  await hears(ownerRooms, 'couple');
  const ids = data(await app.get('/couples/me')).members.map(({ userId }) => userId);
  assert.deepEqual(ids.sort((a, b) => a - b), [owner.id, app.id]);
  const { user } = data(await app.post('/auth/login', { accessToken: `k-${app.kakaoId}` }), 201);
  assert.deepEqual(user, { ...app.user, coupleId: owner.user.coupleId, spouseId: owner.id });
  const ownerSocket = await owner.chats();
  appSocket.emit('send_message', { type: 'TEXT', content: 'home' });
  assert.equal((await hears(ownerSocket, 'receive_message')).content, 'home');
  assert.deepEqual(await candidatesOf(owner), []);
  refuses(await owner.post('/couples/invite-code'), 409, 5400);
  app.leaveAll();
});

test('claimed as me, the Kakao login opens my own account, and what it wrote is mine', async () => {
  const app = await candidate();
  const socket = await app.chats();
  socket.emit('send_message', { type: 'TEXT', content: 'typed before' });
  await hears(socket, 'receive_message');
  app.leaveAll();
  const { roomId: alone } = await app.roomOfKind('SELF');
  const write = async (person, room, content, more) => data(await person.post(`/rooms/${room}/messages`, { content, ...more }), 201);
  await write(owner, (await owner.roomOfKind('SELF')).roomId, 'written by me all along');
  const again = { clientId: uuid(), replyTo: 1 };
  const answer = await write(app, alone, 'an answer to it', again);
  data(await app.put(`/rooms/${alone}/messages/${answer.id}/reactions/${encodeURIComponent('👍')}`));
  const hidden = await write(app, alone, 'not to be seen');
  data(await app.delete(`/rooms/${alone}/messages/${hidden.id}?for=me`));
  const group = data(await app.post('/rooms', { title: '앱의 방' }), 201);
  assert.equal((await claim(owner, app.id, 'me')).status, 200);

  const { needSignup, accessToken, user } = data(await app.post('/auth/login', { accessToken: `k-${app.kakaoId}` }), 201);
  assert.equal(needSignup, false);
  assert.deepEqual(user, owner.user);
  const phone = new Person(server, { accessToken, id: owner.id });
  assert.equal(data(await phone.get('/users/me')).userId, owner.id);
  assert.deepEqual(await candidatesOf(owner), []);
  const rooms = data(await phone.get('/rooms'));
  const written = await Promise.all(rooms.map(async ({ roomId }) => data(await phone.get(`/rooms/${roomId}/messages`)).messages));
  assert.ok(written.flat().some(({ content }) => content === 'typed before'));
  const copy = written.flat().find(({ content }) => content === 'an answer to it');
  assert.equal(copy.replyTo.content, 'typed before');
  assert.deepEqual(copy.reactions, [{ emoji: '👍', userIds: [owner.id] }]);
  assert.equal((await write(phone, copy.roomId, 'sent again', { clientId: again.clientId })).id, copy.id, 'sent again it is the one that was copied');
  assert.ok(!written.flat().some(({ content }) => content === 'not to be seen'));
  const mine = rooms.find(({ roomId }) => roomId === group.roomId);
  assert.deepEqual([mine.isOwner, mine.members.map(({ userId }) => userId)], [true, [owner.id]], 'the room it made is mine');
});

test('claimed as me, what it wrote in a group is mine: to edit, hidden where it was, and with what it felt', async () => {
  const app = await candidate();
  const { roomId } = data(await owner.post('/rooms', { title: '모두' }), 201);
  const { token } = data(await owner.post(`/rooms/${roomId}/invites`, { uses: 2 }), 201);
  const signed = data(await new Person(server).post('/auth/guest', { invite: token, nickname: '할머니' }), 201);
  const grandma = new Person(server, { ...signed, id: signed.user.userId });
  const write = async (person, room, content, clientId = uuid()) => data(await person.post(`/rooms/${room}/messages`, { content, clientId }), 201);
  const react = async (person, { roomId: room, id }, emoji) => data(await person.put(`/rooms/${room}/messages/${id}/reactions/${encodeURIComponent(emoji)}`));
  const made = data(await app.post('/rooms', { title: '앱의 방' }), 201).roomId;
  data(await app.post(`/rooms/invites/${token}`));
  const [first, twice] = [await write(app, roomId, '내 글'), await write(owner, roomId, '두 번')];
  const same = await write(app, roomId, '같은 번호', twice.clientId);
  const [liked, hidden] = [await write(grandma, roomId, '좋은 글'), await write(grandma, roomId, '숨길 글')];
  for (const [person, emoji] of [[app, '👍'], [app, '❤️'], [owner, '❤️'], [grandma, '👍']]) await react(person, liked, emoji);
  data(await app.delete(`/rooms/${roomId}/messages/${hidden.id}?for=me`));
  const alone = await write(app, made, '혼자 쓴 글');
  const since = async (person, rev) => data(await person.get(`/rooms/${roomId}/changes?since=${rev}&limit=1`));
  const { rev } = data(await grandma.get('/rooms'))[0];

  data(await claim(owner, app.id, 'me'));
  const page = async (person, room) => data(await person.get(`/rooms/${room}/messages`)).messages;
  const mine = await page(owner, roomId);
  const byId = ({ id }) => mine.find((message) => message.id === id);
  assert.deepEqual([first, twice, same].map((message) => byId(message).senderId), [owner.id, owner.id, owner.id]);
  assert.deepEqual(byId(liked).reactions, [{ emoji: '👍', userIds: [owner.id, grandma.id] }, { emoji: '❤️', userIds: [owner.id] }]);
  assert.equal(byId(hidden), undefined);
  assert.equal((await page(grandma, roomId)).find(({ id }) => id === hidden.id).content, '숨길 글');
  assert.equal(data(await owner.patch(`/rooms/${roomId}/messages/${first.id}`, { content: '고친 글' })).content, '고친 글');
  assert.equal((await page(owner, made)).find(({ id }) => id === alone.id).senderId, owner.id);
  assert.equal((await write(owner, roomId, '다시', first.clientId)).id, first.id, 'sent again it is the same');
  assert.equal((await write(owner, roomId, '다시', twice.clientId)).id, twice.id);

  const seen = new Map();
  for (let [at, more] = [rev, true]; more;) {
    const answer = await since(grandma, at);
    answer.messages.forEach((message) => seen.set(message.id, message));
    ({ rev: at, more } = answer);
  }
  for (const { id } of [first, same, liked]) assert.deepEqual(seen.get(id), (await page(grandma, roomId)).find((message) => message.id === id), 'who was away learns of it');
  assert.deepEqual(data(await owner.get(`/rooms/${roomId}/changes?since=${rev}`)).hidden, [hidden.id]);
});

test('claimed as me, the groups it made are made by me: they go where I go', async () => {
  const app = await candidate('앱이');
  const [once, twice] = [uuid(), uuid()];
  const make = async (person, title, clientId) => data(await person.post('/rooms', { title, clientId }), 201).roomId;
  const [first, second] = [await make(app, '앱의 방', once), await make(app, '같은 번호', twice)];
  const own = await make(owner, '내 방', twice);
  data(await claim(owner, app.id, 'me'));
  assert.deepEqual([await make(owner, '다시', once), await make(owner, '다시', twice)], [first, own], 'sent again they are the same');

  const partner = await candidate('짝꿍');
  data(await claim(owner, partner.id, 'partner'));
  for (const room of [first, second, own]) data(await owner.post(`/rooms/${room}/members`, { userIds: [partner.id] }));
  data(await owner.delete('/couples/me'));
  data(await partner.delete('/couples/me'));
  const lookedAfter = async (person) => data(await person.get('/rooms')).filter(({ isOwner }) => isOwner).map(({ roomId }) => roomId).sort((a, b) => a - b);
  assert.deepEqual(await lookedAfter(owner), [first, second, own]);
  assert.deepEqual(await lookedAfter(partner), []);
});

test('claimed as me, a device stays in the room it is in, and the others there hear whose it is', async () => {
  const app = await candidate('앱이');
  const shared = data(await owner.post('/rooms', { title: '모두' }), 201).roomId;
  const { token } = data(await owner.post(`/rooms/${shared}/invites`, { uses: 2 }), 201);
  const signed = data(await new Person(server).post('/auth/guest', { invite: token, nickname: '할머니' }), 201);
  const grandma = new Person(server, { ...signed, id: signed.user.userId });
  data(await app.post(`/rooms/invites/${token}`));
  const made = data(await owner.post('/rooms', { title: '앱의 방', memberIds: [app.id, grandma.id] }), 201).roomId;
  data(await owner.delete(`/rooms/${made}/members/me`));
  const [phone, tablet] = [await app.rooms(), await grandma.rooms()];
  const { rev } = data(await grandma.get(`/rooms/${made}/changes?since=0`));
  for (const roomId of [shared, made]) for (const socket of [tablet, phone]) acked(await ask(socket, 'enter', { roomId }));
  await hears(tablet, 'info', ({ roomId, userId }) => roomId === made && userId === app.id);

  data(await claim(owner, app.id, 'me'));
  for (const roomId of [shared, made]) {
    await hears(tablet, 'out', (out) => out.roomId === roomId && out.userId === app.id);
    await hears(tablet, 'info', (info) => info.roomId === roomId && info.userId === owner.id);
    acked(await ask(phone, 'send', { roomId, clientId: uuid(), type: 'TEXT', content: 'still here' }));
    for (const socket of [phone, tablet]) assert.equal((await hears(socket, 'chat', ({ message }) => message.roomId === roomId)).message.senderId, owner.id);
  }
  assert.deepEqual(phone.heard.filter(([event, news]) => event === 'room' && news.deleted), []);
  const rooms = data(await grandma.get('/rooms'));
  assert.deepEqual(rooms.map(({ present }) => present), [[owner.id, grandma.id], [owner.id, grandma.id]]);
  const { users: [come] } = await hears(tablet, 'invite', ({ roomId }) => roomId === made);
  assert.equal(come.userId, owner.id);
  const left = await hears(tablet, 'leave', ({ roomId }) => roomId === shared);
  assert.deepEqual([left.userId, left.message.senderId, left.message.system], [app.id, owner.id, { event: 'came' }], 'nobody who is still there is said to have left');
  const { members } = data(await grandma.get(`/rooms/${made}/changes?since=${rev}`));
  assert.deepEqual([owner, app].map(({ id }) => members.find(({ userId }) => userId === id).left), [undefined, true]);
  [app, grandma].forEach((person) => person.leaveAll());
});

test('of two candidates one is the partner, and the other stays a stranger', async () => {
  const [first, second] = [await candidate('하나'), await candidate('두울')];
  assert.equal((await candidatesOf(owner)).length, 2);
  const both = await Promise.all([claim(owner, first.id, 'partner'), claim(owner, second.id, 'partner')]);
  assert.equal(both.filter(({ status }) => status === 200).length, 1);
  assert.equal(data(await owner.get('/couples/me')).members.length, 2);
});

test('a claim that says nothing is refused', async () => {
  const app = await candidate();
  for (const as of [undefined, null, 'spouse', 5, '']) refuses(await claim(owner, app.id, as), 400, 1400, 1401);
  const text = await owner.post('/couples/candidates/abc', { as: 'partner' });
  assert.ok([400, 404].includes(text.status));
  assert.equal((await candidatesOf(owner)).length, 1);
});

test('a candidate who is told the code may join with it', async () => {
  const app = await candidate();
  const { inviteCode } = data(await owner.post('/couples/invite-code'), 201);
  answers(await app.post('/couples/join', { inviteCode }), 200);
  assert.equal(data(await owner.get('/couples/me')).members.length, 2);
  assert.deepEqual(await candidatesOf(owner), []);
});

test('after two joined each other at once no code is left that would let anybody in', async () => {
  for (let round = 0; round < 5; round += 1) {
    const [carl, dora] = [await neighbour(`carl.${round}`), await neighbour(`dora.${round}`)];
    const codes = [await carl.post('/couples/invite-code'), await dora.post('/couples/invite-code')].map((answer) => data(answer, 201).inviteCode);
    const both = await Promise.all([carl.post('/couples/join', { inviteCode: codes[1] }), dora.post('/couples/join', { inviteCode: codes[0] })]);
    assert.equal(both.filter(({ status }) => status === 200).length, 1);
    refuses(await appSignsUp(++nextKakaoId), 403, 3405);
  }
});

test('the code of a removed person dies with the account', async () => {
  const carl = await neighbour('carl');
  const { inviteCode } = data(await carl.post('/couples/invite-code'), 201);
  const visitor = new Person(server);
  data(await visitor.get(`/couples/invite-code/${inviteCode}`));
  const removed = server.cli('user', 'remove', 'carl', '--yes');
  assert.equal(removed.code, 0, removed.stderr);

  refuses(await visitor.get(`/couples/invite-code/${inviteCode}`), [400, 404], 5401);
  refuses(await owner.post('/couples/join', { inviteCode }), [400, 404], 5401, 5403);
  refuses(await appSignsUp(++nextKakaoId), 403, 3405);
});

test('a candidate with more rooms than I may be in is claimed as me once I have left some; a partner always comes in', async () => {
  const made = [];
  for (let count = 1; count < 199; count += 1) made.push(data(await owner.post('/rooms', { title: `방 ${count}` }), 201).roomId);
  const [app, partner] = [await candidate('하나'), await candidate('두울')];
  for (const title of ['하나의 방', '하나의 다른 방']) data(await app.post('/rooms', { title }), 201);
  refuses(await claim(owner, app.id, 'me'), 409, 6410);
  assert.equal((await candidatesOf(owner)).length, 2);
  assert.equal(data(await app.get('/users/me')).userId, app.id, 'nothing has happened');

  data(await owner.delete(`/rooms/${made[0]}/members/me`));
  data(await claim(owner, app.id, 'me'));
  assert.equal(data(await owner.get('/rooms')).length, 200);
  data(await claim(owner, partner.id, 'partner'));
  assert.equal((await owner.roomOfKind('COUPLE')).members.length, 2);
});
