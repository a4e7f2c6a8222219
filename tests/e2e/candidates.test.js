'use strict';
// How the mobile app, which cannot send a code, gets into a closed server: candidates and the couple's word.
const { test, beforeEach, afterEach } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { Person, hears } = require('./person.js');
const { data, answers, refuses } = require('./envelope.js');

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
