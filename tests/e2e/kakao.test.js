'use strict';
// Kakao's part of an account: what a bad token, a bad sign-up and a bad Kakao are answered, and linking.
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { Person } = require('./person.js');
const { answers, data, refuses } = require('./envelope.js');

const PASSWORD = 'a quiet meadow at 4';
let server, nobody, lastKakaoId = 31_000_000;

before(async () => {
  server = await Server.start();
  nobody = new Person(server);
});
after(() => server.stop());

const login = (accessToken, who = nobody) => who.post('/auth/login', { accessToken });

/** A Kakao id that a login has just proved. */
async function provenKakaoId(who = nobody) {
  const kakaoId = ++lastKakaoId;
  assert.equal(data(await login(`k-${kakaoId}`, who), 201).needSignup, true);
  return kakaoId;
}

async function withPassword(loginId) {
  const answer = await nobody.post('/auth/password/signup', { loginId, password: PASSWORD, nickname: '엄마', role: 'MOM' });
  const { accessToken, user } = data(answer, 201);
  return new Person(server, { accessToken, user, id: user.userId });
}

test('a login without a Kakao token as text is a bad request', async () => {
  assert.equal(data(await login('k-5'), 201).needSignup, true);
  for (const body of [{}, { accessToken: null }, { accessToken: 5 }, { accessToken: ['k-5'] }, { accessToken: { k: 5 } }, { accessToken: true }]) {
    refuses(await nobody.post('/auth/login', body), 400, 1401);
  }
});

test('a token Kakao does not vouch for is a failure of the authentication server', async () => {
  for (const token of ['', 'nonsense', 'text-id', 'noid', 'not-json', 'other-app-5', 'k-5\r\nX-Evil: 1', 'k-5\u0000', '토큰', 'x'.repeat(20_000)]) {
    refuses(await login(token), 500, 2500);
  }
});

test('a Kakao slower than five seconds is not waited for, and nobody else waits meanwhile', async () => {
  const patient = await Server.start({ kakaoFlags: ['--kakao-any-app'] });
  try {
    const person = new Person(patient);
    const asked = Date.now();
    let answered = false;
    const slow = login('slow', person).finally(() => { answered = true; });
    await Promise.all(Array.from({ length: 20 }, () => Person.signUp(patient)));
    assert.equal(answered, false, 'twenty sign-ups outlasted the slow login');
    refuses(await slow, 500, 2500);
    assert.ok(Date.now() - asked > 4_500);
  } finally { await patient.stop(); }
});

test('a Kakao that cannot be reached is a failure of the authentication server', async () => {
  const alone = await Server.start();
  try {
    assert.equal(data(await login('k-6', new Person(alone)), 201).needSignup, true);
    await alone.kakao.close();
    refuses(await login('k-6', new Person(alone)), 500, 2500);
    alone.kakao.close = async () => {};
  } finally { await alone.stop(); }
});

test('Kakao is off until it is asked for', async () => {
  const off = await Server.start({ kakaoFlags: [] });
  try {
    refuses(await login('k-5', new Person(off)), 500, 2500);
    assert.deepEqual(data(await new Person(off).get('/server')).logins, ['password', 'guest']);
  } finally { await off.stop(); }
  assert.deepEqual(data(await nobody.get('/server')).logins.sort(), ['guest', 'kakao', 'password']);
});

test('any app\'s token will do where that is wanted, and only there', async () => {
  refuses(await login('other-app-8'), 500, 2500);
  const anyApp = await Server.start({ kakaoFlags: ['--kakao-any-app'] });
  try {
    answers(await login('other-app-8', new Person(anyApp)), 201, { needSignup: true, kakaoId: 8 });
  } finally { await anyApp.stop(); }
});

test('a sign-up is checked in the order Kakao id, nickname, role', async () => {
  const kakaoId = await provenKakaoId();
  const good = { kakaoId, nickname: '아빠', role: 'DAD' };
  const cases = [
    [{}, 1400], [{ nickname: 1, role: 'x' }, 1400],
    ...[null, ''].flatMap((none) => [
      [{ ...good, kakaoId: none, nickname: 'x', role: 'x' }, 1400],
      [{ ...good, nickname: none, role: 'x' }, 1400],
      [{ ...good, role: none }, 1400],
    ]),
    ...[true, [], {}, 'abc'].map((wrong) => [{ ...good, kakaoId: wrong, nickname: 'x' }, 1401]),
    ...[5, true, [], {}].map((wrong) => [{ ...good, nickname: wrong, role: 'x' }, 1401]),
    ...['x', '👶', ' 아 ', '열한글자나되는긴별명요'].map((nickname) => [{ ...good, nickname, role: 'x' }, 3400]),
    ...['dad', 'GUEST', 'ADMIN', 5, true, [], {}].map((role) => [{ ...good, role }, 3404]),
  ];
  for (const [body, code] of cases) refuses(await nobody.post('/auth/signup', body), 400, code);

  assert.equal(data(await nobody.post('/auth/signup', { ...good, nickname: '  👶👶 ' }), 201).user.nickname, '👶👶');
});

test('a nickname may have two to ten characters, emoji counted as one', async () => {
  for (const nickname of ['아빠', '열글자까지는된다구요', '👶'.repeat(10)]) {
    const kakaoId = await provenKakaoId();
    assert.equal(data(await nobody.post('/auth/signup', { kakaoId, nickname, role: 'MOM' }), 201).user.nickname, nickname);
  }
});

test('a Kakao id signs up once, also when asked many times at the same moment', async () => {
  for (let round = 0; round < 20; round += 1) {
    const kakaoId = await provenKakaoId();
    const signup = () => nobody.post('/auth/signup', { kakaoId, nickname: '아빠', role: 'DAD' });
    const racers = await Promise.all([signup(), signup(), signup(), signup()]);
    assert.equal(racers.filter(({ status }) => status === 201).length, 1);
    racers.filter(({ status }) => status !== 201).forEach((answer) => refuses(answer, 409, 3402));
    data(await login(`k-${kakaoId}`), 201);
    refuses(await signup(), 409, 3402);
  }
});

test('nobody takes a Kakao id that no login has proved', async () => {
  refuses(await nobody.post('/auth/signup', { kakaoId: 999_999_999, nickname: '아빠', role: 'DAD' }), 401, 2400);
  assert.equal(data(await login('k-999999999'), 201).needSignup, true);
  data(await nobody.post('/auth/signup', { kakaoId: 999_999_999, nickname: '아빠', role: 'DAD' }), 201);
});

test('what a sign-up claims about itself beyond its fields means nothing', async () => {
  const stranger = await Person.signUp(server);
  const kakaoId = await provenKakaoId();
  const claims = { id: 1, userId: 1, coupleId: stranger.user.coupleId, spouseId: stranger.id, isAdmin: true, verified: true };
  const { user } = data(await nobody.post('/auth/signup', { ...claims, kakaoId, nickname: '엄마', role: 'MOM' }), 201);
  assert.ok(user.userId > stranger.id);
  assert.notEqual(user.coupleId, stranger.user.coupleId);
  assert.equal(user.spouseId, null);
});

test('a Kakao login can be added to my account and then opens it', async () => {
  const anna = await withPassword('anna.links');
  assert.equal(data(await login('k-41'), 201).needSignup, true);

  assert.equal((await anna.post('/users/me/kakao', { accessToken: 'k-41' })).status, 200);
  const { needSignup, user } = data(await login('k-41'), 201);
  assert.equal(needSignup, false);
  assert.deepEqual(user, anna.user);
});

test('a Kakao login that is another\'s is not mine to link', async () => {
  const ben = await Person.signUp(server, '벤벤', 'DAD');
  const anna = await withPassword('anna.greedy');
  refuses(await anna.post('/users/me/kakao', { accessToken: `k-${ben.kakaoId}` }), 409, 3402);
  assert.equal(data(await login(`k-${ben.kakaoId}`), 201).user.userId, ben.id);
});

test('linking is refused as a login is', async () => {
  const anna = await withPassword('anna.unlucky');
  refuses(await anna.post('/users/me/kakao', {}), 400, 1401);
  refuses(await anna.post('/users/me/kakao', { accessToken: 'nonsense' }), 500, 2500);
  refuses(await anna.post('/users/me/kakao', { accessToken: 'other-app-44' }), 500, 2500);
  refuses(await anna.post('/users/me/kakao', { accessToken: 'k-44' }, { token: null }), 401, 2400);
  assert.equal(data(await login('k-44'), 201).needSignup, true);
});
