'use strict';
// Ways in that were found open once: each stays shut.
const { test } = require('node:test');
const assert = require('node:assert/strict');
const http = require('node:http');
const { Server } = require('./server');
const { Person, ask, hears } = require('./person');
const { data, refuses } = require('./envelope');
const { seeded, until } = require('./kit');

const PASSWORD = 'a quiet meadow at 4';
let nextKakaoId = 88_000_000;

async function serverFor(t, options) {
  const server = await Server.start(options);
  t.after(() => server.stop());
  return server;
}

/** The admin of a closed server. */
async function ownerOf(server) {
  const body = { setupCode: server.setupCode(), loginId: 'owner', password: PASSWORD, nickname: '주인', role: 'MOM' };
  const { accessToken, user } = data(await new Person(server).post('/setup', body), 201);
  return new Person(server, { accessToken, user, id: user.userId });
}

async function appSignsUp(server, kakaoId = ++nextKakaoId) {
  const app = new Person(server, { kakaoId });
  await app.post('/auth/login', { accessToken: `k-${kakaoId}` });
  const answer = await app.post('/auth/signup', { kakaoId, nickname: '앱이', role: 'DAD' });
  return Object.assign(app, answer.data.data, { answer, id: answer.data.data?.user.userId });
}

test('a socket that connects while its session is ended hears nothing afterwards', { timeout: 120_000 }, async (t) => {
  const server = await serverFor(t);
  const [anna, ben] = await Person.couple(server);
  const room = (await anna.roomOfKind('COUPLE')).roomId;
  const late = [];
  const chance = seeded();
  for (let round = 0; round < 160; round += 1) {
    const { accessToken } = data(await ben.post('/auth/login', { accessToken: `k-${ben.kakaoId}` }), 201);
    const phone = new Person(server, { accessToken });
    const socket = phone.socket(round % 2 ? '/chats' : '/rooms');
    const opened = new Promise((resolve) => { socket.io.once('open', resolve); });
    socket.connect();
    // The server is letting it in from here on: the sign-out comes at another moment of that each time.
    await opened;
    await new Promise((resolve) => setTimeout(resolve, chance.between(0, 4)));
    assert.equal((await phone.post('/auth/logout')).status, 200);
    late.push(socket);
  }
  await until(() => late.every((socket) => !socket.connected), 10_000, 'every socket of an ended session being closed');
  late.forEach((socket) => { socket.heard.length = 0; });
  const partner = await anna.rooms();
  assert.equal((await ask(partner, 'enter', { roomId: room })).code, '0000');
  assert.equal((await ask(partner, 'send', { roomId: room, content: 'a secret' })).code, '0000');
  await hears(partner, 'chat', ({ message }) => message.content === 'a secret');
  assert.deepEqual(late.filter((socket) => socket.connected || socket.heard.length > 0).map(({ heard }) => heard), []);
  anna.leaveAll();
});

test('a login with the old password that overlaps its change opens nothing that lasts', { timeout: 120_000 }, async (t) => {
  const server = await serverFor(t);
  const signUp = { loginId: 'anna', password: `${PASSWORD} 0`, nickname: '안나', role: 'MOM' };
  let { accessToken } = data(await new Person(server).post('/auth/password/signup', signUp), 201);
  for (let round = 0; round < 5; round += 1) {
    const anna = new Person(server, { accessToken });
    const [old, next] = [`${PASSWORD} ${round}`, `${PASSWORD} ${round + 1}`];
    const login = () => new Person(server).post('/auth/password/login', { loginId: 'anna', password: old });
    let isChanged = false;
    const changing = anna.put('/users/me/password', { password: old, newPassword: next }).finally(() => { isChanged = true; });
    // Some of these read the old hash and wait for their turn to check it until after the change.
    const overlapping = [];
    while (!isChanged && overlapping.length < 60) {
      overlapping.push(login());
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const change = await changing;
    assert.equal(change.status, 200, change.text);
    for (const answer of await Promise.all(overlapping)) {
      if (answer.status === 201) assert.equal((await new Person(server, answer.data.data).get('/users/me')).status, 401);
      else assert.equal(answer.data.code, '3409');
    }
    refuses(await login(), 401, 3409);
    accessToken = anna.accessToken;
    assert.equal((await anna.get('/users/me')).status, 200);
  }
});

test('who waited for one couple waits for the couple it became, and cannot invite', async (t) => {
  const server = await serverFor(t, { strict: true });
  const anna = await ownerOf(server);
  data(await anna.post('/couples/invite-code'), 201);
  const stranger = await appSignsUp(server);
  refuses(await stranger.post('/couples/invite-code'), 403, 5404);

  const made = server.cli('user', 'add', '--login-id', 'ben', '--nickname', '벤벤', '--role', 'dad');
  const ben = new Person(server, data(await new Person(server).post('/auth/password/login', { loginId: 'ben', password: made.stdout.trim() }), 201));
  const { inviteCode } = data(await ben.post('/couples/invite-code'), 201);
  assert.equal((await anna.post('/couples/join', { inviteCode })).status, 200);

  refuses(await stranger.post('/couples/invite-code'), 403, 5404);
  assert.deepEqual(data(await ben.get('/couples/candidates')).map(({ userId }) => userId), [stranger.id]);
});

test('a candidate who was removed is nobody to claim', async (t) => {
  const server = await serverFor(t, { strict: true });
  const anna = await ownerOf(server);
  data(await anna.post('/couples/invite-code'), 201);
  const stranger = await appSignsUp(server);
  assert.equal(server.cli('user', 'remove', `#${stranger.id}`, '--yes').code, 0);

  assert.deepEqual(data(await anna.get('/couples/candidates')), []);
  refuses(await anna.post(`/couples/candidates/${stranger.id}`, { as: 'partner' }), 404, 5405);
  assert.equal(data(await anna.get('/couples/me')).members.length, 1);
  refuses(await new Person(server).post('/auth/signup', { kakaoId: stranger.kakaoId, nickname: '다시', role: 'DAD' }), 401, 2400);
});

test('claiming a candidate as me never takes the place of the Kakao login I have', async (t) => {
  const server = await serverFor(t, { strict: true });
  const anna = await ownerOf(server);
  data(await anna.post('/couples/invite-code'), 201);
  const mine = await appSignsUp(server);
  assert.equal((await anna.post(`/couples/candidates/${mine.id}`, { as: 'me' })).status, 200);
  const other = await appSignsUp(server);

  refuses(await anna.post(`/couples/candidates/${other.id}`, { as: 'me' }), 409, 3402);

  const again = data(await new Person(server).post('/auth/login', { accessToken: `k-${mine.kakaoId}` }), 201);
  assert.equal(again.user.userId, anna.id);
  assert.equal(data(await anna.get('/couples/candidates')).length, 1, 'the candidate goes on waiting');
});

test('a parameter that only looks like a session does not slip past the handshake limit', { timeout: 60_000 }, async (t) => {
  const server = await serverFor(t, { strict: true });
  const handshake = () => new Promise((resolve, reject) => {
    http.get(`${server.url}/socket.io/?EIO=4&transport=polling&xsid=1`, (answer) => { answer.resume(); answer.on('end', () => resolve(answer.statusCode)); }).on('error', reject);
  });
  const seen = [];
  for (let count = 0; count < 301; count += 1) seen.push(await handshake());
  assert.deepEqual([seen[0], seen[299], seen[300]], [200, 200, 429]);
});

test('over plain HTTP at home the session cookie is one that a browser takes, also with a public https address', async (t) => {
  const server = await serverFor(t, { flags: ['--public-url', 'https://home.example'] });
  const login = { loginId: 'anna', password: PASSWORD };
  await new Person(server).post('/auth/password/signup', { ...login, nickname: '안나', role: 'MOM' });
  const cookie = async (headers) => {
    const answer = await new Person(server).post('/auth/password/login', login, { headers: { 'X-BambiTalk-Client': 'web', ...headers } });
    return answer.headers['set-cookie'][0];
  };
  assert.match(await cookie({}), /^bambitalk=btr_[^;]+; HttpOnly; SameSite=Strict; Path=\/; Max-Age=\d+$/);
  assert.match(await cookie({ Host: 'home.example' }), /^__Host-bambitalk=.*; Secure; /);
  assert.match(await cookie({ 'X-Forwarded-Proto': 'https' }), /^__Host-bambitalk=.*; Secure; /);
});

test('even the most talkative log names no token, no password and no message', async (t) => {
  const server = await serverFor(t, { flags: ['--log', 'trace'] });
  const [anna, ben] = await Person.couple(server);
  const chats = await anna.chats();
  chats.emit('send_message', { type: 'TEXT', content: 'canary in the chat' });
  await hears(chats, 'receive_message');
  const room = (await ben.roomOfKind('COUPLE')).roomId;
  await ben.post(`/rooms/${room}/messages`, { content: 'canary over REST' });
  await new Person(server).post('/auth/password/login', { loginId: 'canary-login', password: 'canary password' });
  await ben.post('/auth/tokens/refresh', { refreshToken: ben.refreshToken });
  anna.leaveAll();
  await server.kill('SIGTERM');
  assert.match(server.output, /stopping/);
  for (const secret of ['canary', anna.accessToken, ben.accessToken, ben.refreshToken, `k-${anna.kakaoId}`]) {
    assert.equal(server.output.includes(secret), false, secret);
  }
});
