'use strict';
// The wall clock jumps: order comes from numbers, what has died stays dead, and nobody's word for the time is taken.
const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server');
const { Person, ask, hears, uuid } = require('./person');
const { clockServer, ahead } = require('./clock');
const { stored, assertSound, pages, runSql } = require('./oracle');
const { couples } = require('./senders');
const { until } = require('./kit');

const HOURS = { h: 1, y: 365 * 24 };
const offsetMs = (offset) => Number.parseInt(offset, 10) * (HOURS[offset.at(-1)] ?? 0) * 3_600_000;
const PASSWORD = 'a long enough one';

/** A local account in a browser: its access token lives an hour. */
async function local(server, loginId) {
  const answer = await new Person(server).post('/auth/password/signup', { loginId, password: PASSWORD, nickname: '안나', role: 'MOM' });
  assert.equal(answer.status, 201, JSON.stringify(answer.data));
  const { accessToken, refreshToken, user } = answer.data.data;
  return new Person(server, { accessToken, refreshToken, user, id: user.userId });
}

const me = async (person) => (await person.get('/users/me')).status;
const say = async (socket, roomId, content) => {
  const answer = await ask(socket, 'send', { roomId, clientId: uuid(), type: 'TEXT', content });
  assert.equal(answer.code, '0000', JSON.stringify(answer));
  return answer.data;
};

test('the clock goes back a day: messages keep their order, sockets live, nothing panics', { timeout: 60_000 }, async (t) => {
  const { server, set } = await clockServer(t);
  const [{ people: [anna, ben], roomId }] = await couples(server, 1);
  const socket = await anna.rooms();
  const app = await ben.chats();
  for (let count = 1; count <= 5; count += 1) await say(socket, roomId, `before ${count}`);
  set('-1d');
  assert.ok(await ahead(server) < -86_000, 'the test needs the jump to mean anything');
  for (let count = 1; count <= 5; count += 1) await say(socket, roomId, `after ${count}`);

  const told = await pages(ben, roomId);
  assert.deepEqual(told.map(({ id }) => id), [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
  const changes = await ben.get(`/rooms/${roomId}/changes?since=0`);
  assert.deepEqual(changes.data.data.messages.map(({ id }) => id), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  const old = await ben.get('/messages?limit=50');
  assert.deepEqual(old.data.data.messages.map(({ id }) => id), [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
  await hears(app, 'receive_message', ({ id }) => id === 10);
  assert.equal((await anna.get(`${server.url}/healthz`)).status, 200);
  assert.doesNotMatch(server.output, /panicked/);
  [anna, ben].forEach((person) => person.leaveAll());
});

test('a token that was refused as expired stays refused when the clock goes back', { timeout: 60_000 }, async (t) => {
  const { server, set } = await clockServer(t);
  const anna = await local(server, 'anna');
  assert.equal(await me(anna), 200);
  set('+2h');
  assert.equal(await me(anna), 401);
  for (const back of ['+0', '-1d']) {
    set(back);
    assert.equal(await me(anna), 401, `alive again at ${back}`);
    const refused = anna.rooms();
    await assert.rejects(refused, /2400/);
  }
});

// Sockets of expired sessions are looked for now and then: these two wait side by side.
describe('sessions that ran out by the clock', { concurrency: true }, () => {
  test('a token whose socket was ended as expired stays refused when the clock goes back', { timeout: 60_000 }, async (t) => {
    const { server, set } = await clockServer(t);
    const anna = await local(server, 'anna');
    const socket = await anna.rooms();
    set('+2h');
    // An open socket of an expired session hears of its end without asking anything.
    await until(() => !socket.connected, 30_000, 'the socket of an expired token ending');
    set('+0');
    await assert.rejects(anna.rooms(), /2400/);
  });

  test('ten years ahead and back: sessions are refused, and nothing that was written is gone', { timeout: 90_000 }, async (t) => {
    const { server, set } = await clockServer(t);
    const [{ people: [anna, ben], roomId }] = await couples(server, 1);
    const socket = await anna.rooms();
    for (let count = 1; count <= 20; count += 1) await say(socket, roomId, `m${count}`);
    const before = stored(server);
    set('+10y');
    assert.ok(await ahead(server) > 9 * 365 * 86_400, 'the test needs the jump to mean anything');
    assert.deepEqual([await me(anna), await me(ben)], [401, 401]);
    await until(() => !socket.connected, 30_000, 'the socket of an expired session ending');
    await server.kill('SIGTERM');
    await server.restart();
    assert.equal(await me(anna), 401);

    set('+0');
    assert.deepEqual(stored(server), before);
    const back = new Person(server);
    const login = await back.post('/auth/login', { accessToken: `k-${anna.kakaoId}` });
    assert.equal(login.data.data.needSignup, false);
    back.accessToken = login.data.data.accessToken;
    assert.equal(login.data.data.user.spouseId, ben.id);
    assert.equal((await pages(back, roomId)).length, 20);
    assertSound(server);
    assert.doesNotMatch(server.output, /panicked/);
    [anna, ben].forEach((person) => person.leaveAll());
  });
});

test('a jump of the clock removes nobody, and a day that really passed does', { timeout: 60_000 }, async (t) => {
  const { server, set } = await clockServer(t, { strict: true });
  const password = server.cli('setup', '--login-id', 'anna', '--nickname', '안나').stdout.trim();
  const { accessToken } = (await new Person(server).post('/auth/password/login', { loginId: 'anna', password })).data.data;
  assert.equal((await new Person(server, { accessToken }).post('/couples/invite-code')).status, 201);
  await Person.signUp(server, '벤벤');
  /** How many wait for a couple's word after a start at this time, once its jobs have had their turn. */
  const waiting = async (offset) => {
    await server.kill('SIGTERM');
    set(offset);
    await server.restart();
    const beat = () => runSql(server.database, "select value from setting where name = 'heartbeat'", 'ro')[0][0];
    await until(() => Math.abs(beat() - Date.now() - offsetMs(offset)) < 30_000, 10_000, 'the jobs having looked at the clock');
    return runSql(server.database, 'select count(*) from candidate', 'ro')[0][0];
  };
  assert.equal(await waiting('+10y'), 1, 'removed by a jump ahead');
  assert.equal(await waiting('+0'), 1, 'removed by a jump back');
  assert.equal(await waiting('+20h'), 1, 'removed too early');
  assert.equal(await waiting('+40h'), 0, 'kept after its day');
});

test('an invite code lives fifteen minutes by the clock, not a moment longer', { timeout: 60_000 }, async (t) => {
  const { server, set } = await clockServer(t);
  const [anna, ben, carl] = [await Person.signUp(server, '안나', 'MOM'), await Person.signUp(server, '벤벤'), await Person.signUp(server, '카를')];
  const first = (await anna.post('/couples/invite-code')).data.data;
  const life = Date.parse(first.expiredAt) - Date.now();
  assert.ok(Math.abs(life - 900_000) < 5_000, `${life} ms`);

  set('+14m');
  assert.deepEqual((await anna.post('/couples/invite-code')).data.data.inviteCode, first.inviteCode);
  set('+16m');
  const late = await ben.post('/couples/join', { inviteCode: first.inviteCode });
  assert.deepEqual([late.status, late.data.code], [400, '5401']);
  const second = (await anna.post('/couples/invite-code')).data.data;
  assert.notEqual(second.inviteCode, first.inviteCode);
  assert.equal((await carl.post('/couples/join', { inviteCode: first.inviteCode })).data.code, '5401');
  assert.equal((await ben.post('/couples/join', { inviteCode: second.inviteCode })).status, 200);
});

test('a Kakao login proves its id for ten minutes', { timeout: 60_000 }, async (t) => {
  const { server, set } = await clockServer(t);
  const stranger = new Person(server);
  const signUp = (kakaoId) => stranger.post('/auth/signup', { kakaoId, nickname: '아빠', role: 'DAD' });
  await stranger.post('/auth/login', { accessToken: 'k-501' });
  await stranger.post('/auth/login', { accessToken: 'k-502' });
  set('+9m');
  assert.equal((await signUp(501)).status, 201);
  set('+11m');
  const late = await signUp(502);
  assert.deepEqual([late.status, late.data.code], [401, '2400']);
});

test('a refresh token lives ninety days from its last use', { timeout: 60_000 }, async (t) => {
  const { server, set } = await clockServer(t);
  const anna = await local(server, 'anna');
  const refresh = (refreshToken) => anna.post('/auth/tokens/refresh', { refreshToken }, { token: null });
  set('+89d');
  const first = await refresh(anna.refreshToken);
  assert.equal(first.status, 200, JSON.stringify(first.data));
  set('+178d');
  const second = await refresh(first.data.data.refreshToken);
  assert.equal(second.status, 200, JSON.stringify(second.data));
  set('+269d');
  assert.equal((await refresh(second.data.data.refreshToken)).status, 401);
});

test('what a phone says about the time is ignored', { timeout: 60_000 }, async (t) => {
  const server = await Server.start();
  t.after(() => server.stop());
  const [{ people: [anna, ben], roomId }] = await couples(server, 1);
  const app = await anna.chats();
  const web = await ben.rooms();
  const claims = ['1970-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z', 0, 253_402_300_799_999, -1, null, 'NaN', 'yesterday', {}, []];
  const isNow = (message) => assert.ok(Math.abs(Date.parse(message.sentAt) - Date.now()) < 5_000, message.sentAt);
  for (const sentAt of claims) {
    const more = { type: 'TEXT', sentAt, createdAt: sentAt, editedAt: sentAt, id: 99_999, rev: 77 };
    assert.equal((await ask(app, 'send_message', { ...more, content: 'app' })).code, '0000');
    isNow(await hears(app, 'receive_message'));
    const sent = await ask(web, 'send', { ...more, roomId, clientId: uuid(), content: 'web' });
    assert.equal(sent.code, '0000', JSON.stringify(sent));
    isNow(sent.data);
    const posted = await ben.post(`/rooms/${roomId}/messages`, { ...more, clientId: uuid(), content: 'rest' });
    assert.equal(posted.status, 201);
    isNow(posted.data.data);
  }
  assert.deepEqual((await pages(ben, roomId)).map(({ id }) => id), Array.from({ length: claims.length * 3 }, (_, index) => claims.length * 3 - index));
  [anna, ben].forEach((person) => person.leaveAll());
});
