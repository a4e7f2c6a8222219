'use strict';
// Sessions: refreshing, the web's cookie, the list of devices, and how they end with their sockets.
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { Person, hears, ask } = require('./person.js');
const { clockServer } = require('./clock.js');
const { answers, data, refuses, acked } = require('./envelope.js');
const { runSql } = require('./oracle.js');
const { cpuSeconds, until } = require('./kit.js');

const PASSWORD = 'a quiet meadow at 4';
const WEB = { 'X-BambiTalk-Client': 'web' };
const AT_ONCE_MS = 1_000;
let server, nobody, count = 0;

before(async () => {
  server = await Server.start();
  nobody = new Person(server);
});
after(() => server.stop());

const login = (loginId, options, password = PASSWORD) => nobody.post('/auth/password/login', { loginId, password }, options);
const changePassword = (person, password, newPassword) => person.put('/users/me/password', { password, newPassword });
const devicesOf = async (person) => data(await person.get('/users/me/sessions'));
const refresh = (refreshToken) => nobody.post('/auth/tokens/refresh', { refreshToken });

async function account() {
  const loginId = `anna.${++count}`;
  const tokens = data(await nobody.post('/auth/password/signup', { loginId, password: PASSWORD, nickname: '엄마', role: 'MOM' }), 201);
  return new Person(server, { ...tokens, id: tokens.user.userId, loginId });
}

/** The same account on another device. */
async function secondDevice({ loginId, id }, password = PASSWORD) {
  return new Person(server, { ...data(await login(loginId, {}, password), 201), id, loginId });
}

const lives = async (person) => data(await person.get('/users/me'));
const isDead = async (person) => refuses(await person.get('/users/me'), 401, 2400, 2403);

/** Resolves when the server has closed the socket; fails when that is not at once. */
function ends(socket) {
  return new Promise((resolve, reject) => {
    if (socket.disconnected) return resolve();
    const timer = setTimeout(() => reject(new Error('the socket lives on')), AT_ONCE_MS);
    socket.once('disconnect', () => { clearTimeout(timer); resolve(); });
  });
}

async function bothSockets(person, options) {
  return { rooms: await person.rooms(options), chats: await person.chats(options) };
}

async function endsWith({ rooms, chats }) {
  await Promise.all([hears(rooms, 'session_ended', ({ reason }) => typeof reason === 'string', AT_ONCE_MS), ends(rooms), ends(chats)]);
}

test('a refresh gives new tokens, and a repeat after a lost answer the same', async () => {
  const anna = await account();
  const first = await refresh(anna.refreshToken);
  const tokens = data(first);
  assert.notEqual(tokens.refreshToken, anna.refreshToken);
  assert.notEqual(tokens.accessToken, anna.accessToken);
  await lives(new Person(server, tokens));

  const repeated = data(await refresh(anna.refreshToken));
  assert.equal(repeated.refreshToken, tokens.refreshToken);
  await lives(new Person(server, repeated));
  data(await refresh(tokens.refreshToken));
});

test('two refreshes at the same moment get the same successor', async () => {
  let { refreshToken } = await account();
  for (let round = 0; round < 10; round += 1) {
    const racers = await Promise.all(Array.from({ length: 4 }, () => refresh(refreshToken)));
    const successors = new Set(racers.map((answer) => data(answer).refreshToken));
    assert.equal(successors.size, 1);
    [refreshToken] = successors;
  }
});

test('a refresh token used again later ends the whole family, and no other', { timeout: 60_000 }, async (t) => {
  const { server: late, set } = await clockServer(t);
  const at = new Person(late);
  const body = { loginId: 'anna', password: PASSWORD };
  const first = data(await at.post('/auth/password/signup', { ...body, nickname: '엄마', role: 'MOM' }), 201);
  const other = data(await at.post('/auth/password/login', body), 201);
  const renew = ({ refreshToken }) => at.post('/auth/tokens/refresh', { refreshToken });
  const second = data(await renew(first));
  const third = data(await renew(second));
  await lives(new Person(late, third));

  set('+2m');
  refuses(await renew(first), 401, 2400, 2403);
  for (const { accessToken, refreshToken } of [first, second, third]) {
    await isDead(new Person(late, { accessToken }));
    refuses(await renew({ refreshToken }), 401, 2400, 2403);
  }
  await lives(new Person(late, other));
});

test('what is no refresh token refreshes nothing', async () => {
  const anna = await account();
  for (const body of [{}, { refreshToken: null }, { refreshToken: 5 }]) refuses(await nobody.post('/auth/tokens/refresh', body), [400, 401], 1400, 1401, 2400);
  for (const wrong of ['', 'x', anna.accessToken, anna.refreshToken.slice(0, -1), `${anna.refreshToken}x`, 'x'.repeat(50_000), `${anna.refreshToken}\u0000`]) {
    refuses(await refresh(wrong), [400, 401], 1400, 2400);
  }
  data(await refresh(anna.refreshToken));
});

test('the web gets its refresh token as a cookie no script can read, and not in the body', async () => {
  const { loginId, refreshToken } = await account();
  assert.equal(typeof refreshToken, 'string');
  const answer = await login(loginId, { headers: WEB });
  assert.deepEqual(Object.keys(data(answer, 201)).sort(), ['accessToken', 'user']);
  const [cookie] = answer.headers['set-cookie'];
  assert.match(cookie, /;\s*HttpOnly/i);
  assert.match(cookie, /;\s*SameSite=Strict/i);
  assert.doesNotMatch(cookie, /;\s*Domain=/i);
  assert.doesNotMatch(answer.text, /btr_/);

  const refreshed = await nobody.post('/auth/tokens/refresh', undefined, { headers: { ...WEB, Cookie: cookie.split(';')[0] } });
  const { accessToken, ...rest } = data(refreshed);
  assert.equal('refreshToken' in rest, false);
  await lives(new Person(server, { accessToken }));
  assert.notEqual(refreshed.headers['set-cookie'][0].split(';')[0], cookie.split(';')[0]);
});

test('behind HTTPS the cookie is bound to the host and never sent in the clear', async () => {
  const { loginId } = await account();
  const plain = (await login(loginId, { headers: WEB })).headers['set-cookie'][0];
  assert.doesNotMatch(plain, /__Host-|;\s*Secure/i);
  const answer = await login(loginId, { headers: { ...WEB, 'X-Forwarded-Proto': 'https' } });
  const [cookie] = answer.headers['set-cookie'];
  assert.match(cookie, /^__Host-[^;]+;/);
  for (const attribute of [/;\s*Secure/i, /;\s*HttpOnly/i, /;\s*SameSite=Strict/i, /;\s*Path=\/(;|$)/i]) assert.match(cookie, attribute);
});

test('a browser that signs out over HTTPS is told to drop what it kept', async () => {
  const { loginId } = await account();
  for (const [headers, expected] of [[{ ...WEB, 'X-Forwarded-Proto': 'https' }, '"cache"'], [WEB, undefined], [{}, undefined]]) {
    const { accessToken } = data(await login(loginId, { headers }), 201);
    const out = await new Person(server, { accessToken }).post('/auth/logout', {}, { headers });
    assert.equal(out.status, 200);
    assert.equal(out.headers['clear-site-data'], expected);
  }
});

test('a web page that logs out cannot refresh any more', async () => {
  const { loginId } = await account();
  const answer = await login(loginId, { headers: WEB });
  const headers = { ...WEB, Cookie: answer.headers['set-cookie'][0].split(';')[0] };
  const web = new Person(server, data(answer, 201));
  const out = await web.post('/auth/logout', undefined, { headers });
  answers(out, 200);
  assert.match(out.headers['set-cookie'][0], /Max-Age=0|Expires=Thu, 01 Jan 1970/i);
  refuses(await nobody.post('/auth/tokens/refresh', undefined, { headers }), 401, 2400, 2403);
  await isDead(web);
});

test('a web page without a cookie is told so without an error', async () => {
  answers(await nobody.post('/auth/tokens/refresh', undefined, { headers: WEB }), 200);
  answers(await nobody.post('/auth/tokens/refresh', {}, { headers: WEB }), 200);
});

test('logging out ends this session and its sockets, and no other', async () => {
  const anna = await account();
  const other = await secondDevice(anna);
  const [mine, others] = [await bothSockets(anna), await other.rooms()];

  answers(await anna.post('/auth/logout'), 200);
  await endsWith(mine);
  await isDead(anna);
  refuses(await refresh(anna.refreshToken), 401, 2400, 2403);
  await lives(other);
  const { roomId } = await other.roomOfKind('SELF');
  acked(await ask(others, 'enter', { roomId }));
  other.leaveAll();
});

test('my devices are listed, and one of them can be ended', async () => {
  const anna = await account();
  const phone = await secondDevice(anna);
  const listed = await devicesOf(anna);
  assert.equal(listed.length, 2);
  const { sessionId: id } = listed.find(({ isCurrent }) => !isCurrent);
  const sockets = await bothSockets(phone);

  answers(await anna.delete(`/users/me/sessions/${id}`), 200);
  await endsWith(sockets);
  await isDead(phone);
  refuses(await refresh(phone.refreshToken), 401, 2400, 2403);
  const left = await devicesOf(anna);
  assert.deepEqual(left.map(({ isCurrent }) => isCurrent), [true]);
});

test('another\'s device does not exist for me', async () => {
  const [anna, ben] = [await account(), await account()];
  const [{ sessionId: id }] = await devicesOf(ben);
  const foreign = await anna.delete(`/users/me/sessions/${id}`);
  assert.equal(foreign.status, 404);
  assert.equal((await anna.delete('/users/me/sessions/987654321')).text, foreign.text);
  await lives(ben);
});

test('a new password ends the other sessions and their open sockets, and this one lives', async () => {
  const anna = await account();
  const phone = await secondDevice(anna);
  const [mine, phones, polling] = [await anna.rooms(), await bothSockets(phone), await bothSockets(phone, { transports: ['polling'], upgrade: false })];

  answers(await changePassword(anna, PASSWORD, 'a louder meadow at 5'), 200);
  await Promise.all([endsWith(phones), endsWith(polling)]);
  await isDead(phone);
  refuses(await refresh(phone.refreshToken), 401, 2400, 2403);
  await lives(anna);
  const { roomId } = await anna.roomOfKind('SELF');
  acked(await ask(mine, 'enter', { roomId }));
  data(await refresh(anna.refreshToken));
  refuses(await login(anna.loginId), 401, 3409);
  data(await login(anna.loginId, {}, 'a louder meadow at 5'), 201);
  anna.leaveAll();
});

test('a password is changed only by who knows the old one, to one of the right form', async () => {
  const anna = await account();
  const phone = await secondDevice(anna);
  refuses(await changePassword(anna, 'not her password', 'a louder meadow at 5'), [400, 401, 403], 3409);
  refuses(await changePassword(anna, PASSWORD, 'short'), 400, 3408);
  refuses(await changePassword(anna, PASSWORD, undefined), 400, 1400, 3408);
  await lives(anna);
  await lives(phone);
  data(await login(anna.loginId), 201);
});

test('who resets a password on the machine ends every session and socket of that person', async () => {
  const [anna, ben] = [await account(), await account()];
  const [sockets, others] = [await bothSockets(anna), await ben.rooms()];
  const reset = server.cli('user', 'reset-password', anna.loginId);
  assert.equal(reset.code, 0, reset.stderr);

  await endsWith(sockets);
  await isDead(anna);
  refuses(await refresh(anna.refreshToken), 401, 2400, 2403);
  refuses(await login(anna.loginId), 401, 3409);
  data(await login(anna.loginId, {}, reset.stdout.trim()), 201);
  await lives(ben);
  assert.ok(others.connected);
  ben.leaveAll();
});

test('a removed person is out at once, and the partner keeps everything and may invite anew', async () => {
  const [anna, ben] = [await account(), await account()];
  await ben.joins(anna);
  const { roomId } = await anna.roomOfKind('COUPLE');
  data(await ben.post(`/rooms/${roomId}/messages`, { type: 'TEXT', content: 'remember me' }), 201);
  const sockets = await bothSockets(ben);
  const removed = server.cli('user', 'remove', ben.loginId, '--yes');
  assert.equal(removed.code, 0, removed.stderr);

  await endsWith(sockets);
  await isDead(ben);
  refuses(await login(ben.loginId), 401, 3409);
  const { messages } = data(await anna.get(`/rooms/${roomId}/messages`));
  assert.deepEqual(messages.map(({ content }) => content), ['remember me']);
  data(await anna.post('/couples/invite-code'), 201);
});

test('sessions that ran out by the ten thousand are looked for once', { timeout: 120_000 }, async (t) => {
  const home = await Server.start();
  t.after(() => home.stop());
  const anna = await Person.signUp(home);
  const alive = () => runSql(home.database, 'select count(*) from session where ended_at is null', 'ro')[0][0];
  await until(() => runSql(home.database, "select count(*) from setting where name = 'heartbeat'", 'ro')[0][0], 5_000, 'the first look');
  await home.kill('SIGTERM');
  const count = 60_000;
  runSql(home.database, `insert into session (user_id, client, device, created_at, last_seen_at) with recursive n (i) as (select 1 union all select i + 1 from n where i < ${count}) select ${anna.id}, 'web', 'old', 1, 1 from n`);
  runSql(home.database, "insert into token (hash, session_id, kind, expires_at) select randomblob(32), id, 'access', 2 from session where device = 'old'");
  assert.equal(alive(), count + 1);
  await home.restart();
  await until(() => alive() === 1, 100_000, 'the old sessions being ended');
  assert.equal((await anna.get('/users/me')).status, 200);
  const seconds = cpuSeconds(home.pid);
  t.diagnostic(`${seconds} s of work`);
  assert.ok(seconds < 9, `${seconds} s of work`);
});
