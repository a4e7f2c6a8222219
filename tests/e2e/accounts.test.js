'use strict';
// Set-up, password accounts, who may register, and the profile.
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { Server } = require('./server.js');
const { Person } = require('./person.js');
const { INSTANT, data, refuses } = require('./envelope.js');

const PASSWORD = 'a quiet meadow at 4';
let server, nobody;

before(async () => {
  server = await Server.start();
  nobody = new Person(server);
});
after(() => server.stop());

const signup = (fields, at = nobody) => at.post('/auth/password/signup', { password: PASSWORD, nickname: '엄마', role: 'MOM', ...fields });
const login = (loginId, password = PASSWORD, at = nobody) => at.post('/auth/password/login', { loginId, password });

async function account(loginId, fields = {}, at = nobody) {
  const { accessToken, refreshToken, user } = data(await signup({ loginId, ...fields }, at), 201);
  return new Person(at.server, { accessToken, refreshToken, user, id: user.userId });
}

/** A server as it starts for a new owner: closed, with limits. */
async function withClosedServer(use, flags = []) {
  const closed = await Server.start({ strict: true, flags });
  try { await use(closed, new Person(closed)); } finally { await closed.stop(); }
}

const setupBody = (setupCode) => ({ setupCode, loginId: 'owner', password: PASSWORD, nickname: '주인', role: 'DAD', locale: 'ko', timeZone: 'Asia/Seoul' });

async function setUp(closed) {
  const { accessToken, user } = data(await new Person(closed).post('/setup', setupBody(closed.setupCode())), 201);
  return new Person(closed, { accessToken, user, id: user.userId });
}

test('the set-up code makes the first account once and is gone then', () => withClosedServer(async (closed, visitor) => {
  const file = path.join(closed.dataDir, 'setup-code');
  const code = closed.setupCode();
  assert.equal(fs.statSync(file).mode & 0o777, 0o600);
  assert.equal(data(await visitor.get('/server')).needsSetup, true);
  assert.ok(closed.output.includes(code));
  refuses(await visitor.post('/setup', setupBody('WRONGCODE')), 403, 9401);
  refuses(await visitor.post('/setup', { ...setupBody(code), password: 'short' }), 400, 3408);
  assert.equal(closed.setupCode(), code);

  const answer = data(await visitor.post('/setup', setupBody(code)), 201);
  assert.deepEqual(Object.keys(answer).sort(), ['accessToken', 'refreshToken', 'user']);
  assert.equal(answer.user.nickname, '주인');
  assert.equal(fs.existsSync(file), false);
  assert.equal(data(await visitor.get('/server')).needsSetup, false);
  const again = await visitor.post('/setup', { ...setupBody(code), loginId: 'second' });
  refuses(again, [403, 409], 9401, 9409);
  refuses(await login('second', PASSWORD, visitor), 401, 3409);
  assert.equal(data(await new Person(closed, answer).get('/couples/me')).timeZone, 'Asia/Seoul');
}));

test('the set-up code survives a restart, and of many who use it at once one wins', () => withClosedServer(async (closed, visitor) => {
  const code = closed.setupCode();
  await closed.kill('SIGTERM');
  await closed.restart();
  assert.equal(closed.setupCode(), code);

  const racers = await Promise.all(Array.from({ length: 5 }, (_, i) => visitor.post('/setup', { ...setupBody(code), loginId: `racer.${i}` })));
  assert.deepEqual(racers.map(({ status }) => status === 201).sort(), [false, false, false, false, true]);
}));

test('a password account signs up and logs in', async () => {
  const anna = await account('anna.first');
  assert.equal(typeof anna.user.coupleId, 'number');
  assert.equal(anna.user.spouseId, null);

  const again = data(await login('anna.first'), 201);
  assert.deepEqual(Object.keys(again).sort(), ['accessToken', 'refreshToken', 'user']);
  assert.deepEqual(again.user, anna.user);
  assert.notEqual(again.accessToken, anna.accessToken);
});

test('a wrong password and an unknown login get the same answer', async () => {
  await account('anna.known');
  data(await login('anna.known'), 201);
  const wrong = await login('anna.known', 'not her password');
  const unknown = await login('nobody.here', 'not her password');
  refuses(wrong, 401, 3409);
  assert.equal(unknown.status, wrong.status);
  assert.equal(unknown.text, wrong.text);
});

test('a login id is taken once, whatever its case, also by racers', async () => {
  const racers = await Promise.all(Array.from({ length: 4 }, () => signup({ loginId: 'anna.raced' })));
  assert.equal(racers.filter(({ status }) => status === 201).length, 1);
  racers.filter(({ status }) => status !== 201).forEach((answer) => refuses(answer, 409, 3406));
  refuses(await signup({ loginId: 'ANNA.Raced' }), [400, 409], 3406, 3407);
  data(await login('anna.raced'), 201);
});

test('a login id has a form', async () => {
  for (const loginId of ['', 'a b', 'a\u0000b', 'a\nb', 'x'.repeat(1_000)]) refuses(await signup({ loginId }), 400, 3407, 1400);
  for (const loginId of [undefined, null]) refuses(await signup({ loginId }), 400, 1400);
  for (const loginId of [5, {}, ['anna'], true]) refuses(await signup({ loginId }), 400, 1401, 3407);
});

test('a password has eight characters to 1,024 bytes', async () => {
  for (const password of ['short 7', '짧은비밀번호', 'x'.repeat(1_025), '가'.repeat(342), 'x'.repeat(50_000)]) {
    refuses(await signup({ loginId: 'anna.form', password }), 400, 3408);
  }
  for (const password of [undefined, null, '']) refuses(await signup({ loginId: 'anna.form', password }), 400, 1400, 3408);
  for (const password of [5, {}, ['a quiet meadow'], true]) refuses(await signup({ loginId: 'anna.form', password }), 400, 1401, 3408);
  const longest = `${'quiet meadow '.repeat(78)}1234567890`;
  assert.equal(Buffer.byteLength(longest), 1_024);
  await account('anna.longest', { password: longest });
  data(await login('anna.longest', longest), 201);
  refuses(await login('anna.longest', `${longest.slice(0, 1_023)}9`), 401, 3409);
});

test('a password too long to hash is refused at login as any wrong one', async () => {
  await account('anna.flooded');
  refuses(await login('anna.flooded', 'x'.repeat(50_000)), [400, 401], 3409, 3408);
});

test('the two Unicode forms of one password are the same password', async () => {
  const typed = '조용한 들판 네시 é';
  assert.notEqual(typed.normalize('NFC'), typed.normalize('NFD'));
  await account('anna.nfd', { password: typed.normalize('NFD') });
  await account('anna.nfc', { password: typed.normalize('NFC') });
  for (const loginId of ['anna.nfd', 'anna.nfc']) {
    for (const form of ['NFC', 'NFD']) data(await login(loginId, typed.normalize(form)), 201);
  }
  refuses(await login('anna.nfc', typed.normalize('NFC').replace('é', 'e')), 401, 3409);
});

test('nickname and role of a password account are checked as the app\'s are', async () => {
  const cases = [[{ nickname: '' }, 1400], [{ nickname: 'x' }, 3400], [{ nickname: 5 }, 1401], [{ nickname: '\u202e엄마' }, 3400], [{ nickname: '\u3164\u3164' }, 3400], [{ role: null }, 1400], [{ role: 'CAT' }, 3404]];
  for (const [fields, code] of cases) refuses(await signup({ loginId: 'anna.checked', ...fields }), 400, code);
  await account('anna.checked');
});

test('a closed server takes only who holds a live invite code, and pairs them in the same act', () => withClosedServer(async (closed, visitor) => {
  refuses(await signup({ loginId: 'too.early' }, visitor), 403, 3405);
  const owner = await setUp(closed);
  refuses(await signup({ loginId: 'stranger' }, visitor), 403, 3405);
  refuses(await signup({ loginId: 'guesser', inviteCode: 'AAAAAA' }, visitor), [400, 403], 5401, 3405);
  const { inviteCode } = data(await owner.post('/couples/invite-code'), 201);

  const partner = await account('partner', { inviteCode: inviteCode.toLowerCase() }, visitor);
  assert.equal(partner.user.coupleId, owner.user.coupleId);
  assert.equal(partner.user.spouseId, owner.id);
  assert.equal(data(await owner.get('/couples/me')).members.length, 2);
  refuses(await signup({ loginId: 'latecomer', inviteCode }, visitor), [400, 403], 5401, 3405);
  for (const loginId of ['too.early', 'stranger', 'guesser', 'latecomer']) refuses(await login(loginId, PASSWORD, visitor), 401, 3409);
}));

test('of several who sign up with one code at once one is let in, and of the others nothing is left', () => withClosedServer(async (closed, visitor) => {
  const owner = await setUp(closed);
  const { inviteCode } = data(await owner.post('/couples/invite-code'), 201);
  const racers = await Promise.all(Array.from({ length: 4 }, (_, i) => signup({ loginId: `racer.${i}`, inviteCode }, visitor)));
  const winner = racers.findIndex(({ status }) => status === 201);
  for (const [i, answer] of racers.entries()) {
    if (i === winner) { data(await login(`racer.${i}`, PASSWORD, visitor), 201); continue; }
    refuses(answer, [400, 403], 5401, 3405);
    refuses(await login(`racer.${i}`, PASSWORD, visitor), 401, 3409);
  }
  assert.equal(data(await owner.get('/couples/me')).members.length, 2);
}));

test('a sign-up with a dead invite code makes no account on an open server either', async () => {
  refuses(await signup({ loginId: 'anna.halfway', inviteCode: 'AAAAAA' }), 400, 5401);
  refuses(await login('anna.halfway'), 401, 3409);
});

test('an invitation of the server lets one person in', () => withClosedServer(async (closed, visitor) => {
  assert.equal(data(await visitor.get('/server')).registration, 'invite');
  refuses(await signup({ loginId: 'uninvited' }, visitor), 403, 3405);
  refuses(await signup({ loginId: 'forger', invitation: 'bti_forged' }, visitor), 403, 3405);
  const printed = closed.cli('invite');
  assert.equal(printed.code, 0, printed.stderr);
  const invitation = invitationIn(printed.stdout);

  const racers = await Promise.all(['one', 'two', 'three'].map((loginId) => signup({ loginId, invitation }, visitor)));
  assert.equal(racers.filter(({ status }) => status === 201).length, 1);
  racers.filter(({ status }) => status !== 201).forEach((answer) => refuses(answer, 403, 3405));
  refuses(await signup({ loginId: 'second.use', invitation }, visitor), 403, 3405);
}, ['--registration', 'invite']));

/** The invitation is the last word printed, or the end of the address printed. */
function invitationIn(stdout) {
  return stdout.trim().split(/\s+/).at(-1).split(/[=/#]/).at(-1);
}

test('an open server lets anyone in, also before set-up', async () => {
  const { registration, needsSetup } = data(await nobody.get('/server'));
  assert.deepEqual({ registration, needsSetup }, { registration: 'open', needsSetup: true });
  await account('anyone');
});

test('an app that asks a server first learns what it is', async () => {
  const answer = data(await nobody.get('/server'));
  const { name, version, api, maxUploadBytes, time } = answer;
  assert.deepEqual(Object.keys(answer).sort(), ['api', 'logins', 'maxUploadBytes', 'name', 'needsSetup', 'registration', 'time', 'version']);
  assert.equal(typeof name, 'string');
  assert.match(version, /^\d+\.\d+\.\d+/);
  assert.ok(api.min <= api.max);
  assert.equal(typeof maxUploadBytes, 'number');
  assert.match(time, INSTANT);
  assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000);
});

test('my profile changes field by field and keeps what I may not change', async () => {
  const anna = await account('anna.profile');
  const stranger = await account('anna.stranger');
  const before = data(await anna.get('/users/me'));
  assert.deepEqual({ ...before, ...{ nickname: '엄마', role: 'MOM' } }, before);

  data(await anna.patch('/users/me', { nickname: '  새엄마 ', locale: 'en' }));
  const claims = { id: 1, userId: stranger.id, coupleId: stranger.user.coupleId, spouseId: stranger.id, isAdmin: true, admin: true, verified: true, kakaoId: 1 };
  data(await anna.patch('/users/me', { ...claims, loginId: 'owned' }));
  data(await anna.patch('/users/me', {}));
  assert.deepEqual(data(await anna.get('/users/me')), { ...before, nickname: '새엄마', locale: 'en' });
  data(await anna.patch('/users/me', { role: 'DAD' }));
  assert.equal(data(await anna.get('/users/me')).role, 'DAD');
  assert.deepEqual(data(await login('anna.profile'), 201).user, { ...anna.user, nickname: '새엄마' });
  assert.equal(data(await anna.get('/couples/me')).coupleId, anna.user.coupleId);
});

test('a profile that cannot be is refused and nothing of it is kept', async () => {
  const anna = await account('anna.refused');
  const before = data(await anna.get('/users/me'));
  const cases = [[{ nickname: 'x' }, 3400], [{ nickname: 5 }, 1401], [{ role: 'GUEST' }, 3404], [{ role: 'admin' }, 3404]];
  for (const locale of [5, 'xx-evil', '']) refuses(await anna.patch('/users/me', { locale }), 400, 1401);
  for (const [fields, code] of cases) refuses(await anna.patch('/users/me', fields), 400, code);
  refuses(await anna.patch('/users/me', { locale: 'en', nickname: 'x' }), 400, 3400);
  assert.deepEqual(data(await anna.get('/users/me')), before);
});
