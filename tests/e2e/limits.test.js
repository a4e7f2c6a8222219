'use strict';
// How often one may guess: logins, invite codes, the set-up code; and whose address counts.
const { test } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { Person } = require('./person.js');
const { data, refuses } = require('./envelope.js');

const PASSWORD = 'a quiet meadow at 4';

async function withLimits(flags, use) {
  const server = await Server.start({ strict: true, flags: ['--registration', 'open', ...flags] });
  try { await use(server, new Person(server)); } finally { await server.stop(); }
}

async function account(visitor, loginId) {
  const answer = await visitor.post('/auth/password/signup', { loginId, password: PASSWORD, nickname: '엄마', role: 'MOM' });
  const { accessToken, user } = data(answer, 201);
  return new Person(visitor.server, { accessToken, user, id: user.userId });
}

const from = (address) => (address ? { headers: { 'X-Forwarded-For': address } } : {});
const login = (visitor, loginId, password, address) => visitor.post('/auth/password/login', { loginId, password }, from(address));

async function guesses(times, guess, status, code) {
  for (let i = 0; i < times; i += 1) refuses(await guess(i), status, code);
}

function isTooMany(answer) {
  refuses(answer, 429, 1429);
  const seconds = Number(answer.headers['retry-after']);
  assert.ok(Number.isInteger(seconds) && seconds > 0, `Retry-After: ${answer.headers['retry-after']}`);
}

test('after ten wrong passwords in a quarter of an hour a login is not even tried', () => withLimits([], async (server, visitor) => {
  const anna = await account(visitor, 'anna');
  await account(visitor, 'ben');
  data(await login(visitor, 'ben', PASSWORD), 201);

  await guesses(10, (i) => login(visitor, 'anna', `wrong guess ${i}`), 401, 3409);
  isTooMany(await login(visitor, 'anna', 'wrong guess 11'));
  const right = await login(visitor, 'anna', PASSWORD);
  isTooMany(right);
  assert.ok(Number(right.headers['retry-after']) <= 15 * 60);
  data(await anna.get('/users/me'));
  data(await login(visitor, 'ben', PASSWORD), 201);
}));

test('guesses at an unknown login are limited like those at a known one', () => withLimits([], async (server, visitor) => {
  await guesses(10, (i) => login(visitor, 'nobody', `wrong guess ${i}`), 401, 3409);
  isTooMany(await login(visitor, 'nobody', 'wrong guess 11'));
}));

test('behind a proxy on this machine each caller has an address of its own', () => withLimits([], async (server, visitor) => {
  await account(visitor, 'anna');
  await guesses(10, () => login(visitor, 'anna', 'wrong guess', '203.0.113.1'), 401, 3409);
  isTooMany(await login(visitor, 'anna', PASSWORD, '203.0.113.1'));
  data(await login(visitor, 'anna', PASSWORD, '203.0.113.2'), 201);
}));

test('from ever new addresses a login is guessed a hundred times an hour, and its owner still comes in', () => withLimits([], async (server, visitor) => {
  await account(visitor, 'anna');
  data(await login(visitor, 'anna', PASSWORD, '198.51.100.200'), 201);
  await guesses(100, (i) => login(visitor, 'anna', 'wrong guess', `203.0.113.${i}`), 401, 3409);
  isTooMany(await login(visitor, 'anna', PASSWORD, '203.0.113.200'));
  data(await login(visitor, 'anna', PASSWORD, '198.51.100.200'), 201);
}));

test('what a caller writes before the proxy\'s own word does not count', () => withLimits([], async (server, visitor) => {
  await account(visitor, 'anna');
  await guesses(10, (i) => login(visitor, 'anna', 'wrong guess', `198.51.100.${i}, 203.0.113.1`), 401, 3409);
  isTooMany(await login(visitor, 'anna', PASSWORD, '198.51.100.77, 203.0.113.1'));
}));

test('a header from who is no trusted proxy does not count', () => withLimits(['--trusted-proxies', '192.0.2.0/24'], async (server, visitor) => {
  await account(visitor, 'anna');
  await guesses(10, (i) => login(visitor, 'anna', 'wrong guess', `203.0.113.${i}`), 401, 3409);
  isTooMany(await login(visitor, 'anna', PASSWORD, '203.0.113.99'));
}));

test('a user has ten wrong invite codes an hour, and then a right one does not help', () => withLimits([], async (server, visitor) => {
  const [anna, ben] = [await account(visitor, 'anna'), await account(visitor, 'ben')];
  const { inviteCode } = data(await anna.post('/couples/invite-code'), 201);
  await guesses(10, () => ben.post('/couples/join', { inviteCode: 'AAAAAA' }), 400, 5401);
  isTooMany(await ben.post('/couples/join', { inviteCode }));

  const carl = await account(visitor, 'carl');
  data(await carl.post('/couples/join', { inviteCode }));
}));

test('an address has thirty wrong invite codes an hour, previews included', () => withLimits([], async (server, visitor) => {
  const anna = await account(visitor, 'anna');
  const { inviteCode } = data(await anna.post('/couples/invite-code'), 201);
  const preview = (code, address) => visitor.get(`/couples/invite-code/${code}`, from(address));
  assert.equal(data(await preview(inviteCode, '203.0.113.1')).nickname, '엄마');

  for (let tries = 0; tries < 29; tries += 1) refuses(await preview('AAAAAA', '203.0.113.1'), [400, 404], 5401);
  const last = [await preview('AAAAAA', '203.0.113.1'), await preview('AAAAAA', '203.0.113.1')];
  isTooMany(last[1]);
  isTooMany(await preview(inviteCode, '203.0.113.1'));
  data(await preview(inviteCode, '203.0.113.2'));
}));

test('all addresses together have three hundred wrong invite codes an hour', () => withLimits([], async (server, visitor) => {
  const anna = await account(visitor, 'anna');
  const { inviteCode } = data(await anna.post('/couples/invite-code'), 201);
  const preview = (code, i) => visitor.get(`/couples/invite-code/${code}`, from(`203.0.${i >> 8}.${i & 255}`));
  for (let i = 0; i < 299; i += 1) refuses(await preview('AAAAAA', i), [400, 404], 5401);
  await preview('AAAAAA', 299);
  isTooMany(await preview('AAAAAA', 300));
  isTooMany(await preview(inviteCode, 301));
}));

test('the set-up code can be tried ten times an hour', () => withLimits([], async (server, visitor) => {
  const body = { loginId: 'owner', password: PASSWORD, nickname: '주인', role: 'DAD', locale: 'ko', timeZone: 'Asia/Seoul' };
  const setUp = (setupCode) => visitor.post('/setup', { setupCode, ...body });
  await guesses(10, (i) => setUp(`WRONG${i}`), 403, 9401);
  isTooMany(await setUp('WRONG'));
  isTooMany(await setUp(server.setupCode()));
}));

test('limits can be left off only where nobody else can reach the server', async () => {
  await assert.rejects(Server.start({ listen: '0.0.0.0:0' }), /exited with 2/);
});
