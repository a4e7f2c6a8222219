'use strict';
// One more device by a link, and the partner's rescue as every phone of its owner sees it. Time is in tests/server.
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { createHash } = require('node:crypto');
const { Server } = require('./server.js');
const { Person, hears, uuid } = require('./person.js');
const { INSTANT, data, answers, refuses } = require('./envelope.js');
const { query } = require('./uploads.js');
const { clockServer } = require('./clock.js');

const PASSWORD = 'a quiet meadow at 4';
let server, logins = 0;
before(async () => { server = await Server.start(); });
after(() => server.stop());

async function withPassword(inviteCode) {
  const loginId = `person.${logins += 1}`;
  const signed = data(await new Person(server).post('/auth/password/signup', { loginId, password: PASSWORD, nickname: '안나', role: 'MOM', inviteCode }), 201);
  return Object.assign(new Person(server), signed, { id: signed.user.userId, loginId });
}

async function couple() {
  const anna = await withPassword();
  const { inviteCode } = data(await anna.post('/couples/invite-code'), 201);
  return [anna, await withPassword(inviteCode)];
}

const linkFor = async (person, whose) => data(await person.post('/users/me/login-link', { for: whose }), 201);
const open = (url, options) => new Person(server).post('/auth/login-link', { token: url.split('#')[1] }, options);

test('a link signs one more device in; its secret stands behind the # and in no table', async () => {
  const anna = await withPassword();
  const { url, qrSvg, worksAt, expiresAt } = await linkFor(anna);
  assert.match(url, new RegExp(`^${server.url}/login-link#btl_[\\w-]{43}$`));
  assert.match(qrSvg, /^(<\?xml[^>]*>\s*)?<svg[\s>][\s\S]*<\/svg>\s*$/);
  assert.match(worksAt, INSTANT);
  assert.equal(Date.parse(expiresAt) - Date.parse(worksAt), 15 * 60_000);
  const hash = createHash('sha256').update(url.split('#')[1]).digest('hex').toUpperCase();
  assert.deepEqual(query(server, 'select hex(hash) from login_link'), [[hash]]);

  const signed = data(await open(url), 201);
  assert.deepEqual(signed.user, anna.user);
  const device = Object.assign(new Person(server), signed);
  assert.equal(data(await device.get('/users/me/sessions')).length, 2);
  data(await device.post('/auth/tokens/refresh', { refreshToken: signed.refreshToken }));
  refuses(await open(url), 400, 2401);
});

test('a browser gets its refresh token in a cookie alone', async () => {
  const anna = await withPassword();
  const { url } = await linkFor(anna, 'me');
  const answer = await open(url, { headers: { 'X-BambiTalk-Client': 'web' } });
  assert.match(answer.headers['set-cookie'][0], /^bambitalk=btr_[^;]+; HttpOnly; SameSite=Strict; Path=\/; Max-Age=\d+$/);
  assert.deepEqual(Object.keys(data(answer, 201)).sort(), ['accessToken', 'user']);
});

test('of two who use one link at the same moment exactly one comes in', async () => {
  const anna = await withPassword();
  for (let round = 0; round < 10; round += 1) {
    const { url } = await linkFor(anna);
    const racers = await Promise.all([open(url), open(url), open(url)]);
    assert.deepEqual(racers.map(({ status }) => status).sort(), [201, 400, 400]);
  }
});

test('who lost the answer asks again, with what only they know', async () => {
  const anna = await withPassword();
  const { url } = await linkFor(anna);
  const clientId = uuid();
  const comes = (more) => new Person(server).post('/auth/login-link', { token: url.split('#')[1], ...more });
  refuses(await comes({ clientId: 'mine' }), 400, 1401);
  const [first, ...again] = (await Promise.all([comes({ clientId }), comes({ clientId }), comes({ clientId })])).map((answer) => data(answer, 201));
  for (const one of [...again, data(await comes({ clientId }), 201)]) assert.deepEqual(one, first);
  assert.equal(data(await anna.get('/users/me/sessions')).length, 2);
  for (const other of [{}, { clientId: uuid() }]) refuses(await comes(other), 400, 2401);

  const device = Object.assign(new Person(server), first);
  data(await device.post('/auth/logout'));
  refuses(await comes({ clientId }), 400, 2401);
});

test('a guest who moves to another phone and loses the answer is not locked out', async () => {
  const anna = await withPassword();
  const { roomId } = data(await anna.post('/rooms', { title: '가족' }), 201);
  const { token: invite } = data(await anna.post(`/rooms/${roomId}/invites`, {}), 201);
  const signed = data(await new Person(server).post('/auth/guest', { invite, nickname: '할머니' }), 201);
  const { url } = await linkFor(Object.assign(new Person(server), signed), 'me');
  const clientId = uuid();
  const body = { token: url.split('#')[1], clientId };
  data(await new Person(server).post('/auth/login-link', body), 201);
  const again = data(await new Person(server).post('/auth/login-link', body), 201);
  const phone = Object.assign(new Person(server), again);
  assert.deepEqual(data(await phone.get('/rooms')).map((room) => room.roomId), [roomId]);
  data(await phone.post('/auth/tokens/refresh', { refreshToken: again.refreshToken }));
  refuses(await new Person(server).post('/auth/login-link', body), 400, 2401);
});

test('what the partner asks for is shown on every device of its owner, and any of them refuses it', async () => {
  const [anna, ben] = await couple();
  const phone = Object.assign(new Person(server), data(await new Person(server).post('/auth/password/login', { loginId: anna.loginId, password: PASSWORD }), 201));
  const owners = [await anna.rooms(), await phone.rooms()];
  const partner = await ben.rooms();
  const { url, worksAt, expiresAt } = await linkFor(ben, 'partner');
  const day = 24 * 3_600_000;
  assert.deepEqual([Date.parse(expiresAt) - Date.parse(worksAt), Math.round((Date.parse(worksAt) - Date.now()) / day)], [day, 1]);

  const { rescue } = data(await phone.get('/users/me'));
  assert.deepEqual([rescue.askedBy, rescue.worksAt, rescue.expiresAt], [ben.id, worksAt, expiresAt]);
  for (const socket of [...owners, partner]) assert.deepEqual(await hears(socket, 'rescue'), { userId: anna.id, rescue });
  refuses(await open(url), 403, 2402);
  assert.equal(data(await ben.get('/users/me')).rescue, null);

  answers(await phone.delete('/users/me/login-link'), 200);
  for (const socket of [...owners, partner]) assert.deepEqual(await hears(socket, 'rescue'), { userId: anna.id, rescue: null });
  refuses(await open(url), 400, 2401);
  answers(await phone.delete('/users/me/login-link'), 200);
  assert.ok([...owners, partner].every(({ heard }) => heard.length === 0));
  [anna, ben, phone].forEach((person) => person.leaveAll());
});

test('a clock that is put forward opens no rescue: its owner has a day that has really passed', async (t) => {
  const { server: own, set } = await clockServer(t);
  const signUp = async (loginId, inviteCode) => {
    const body = { loginId, password: PASSWORD, nickname: '안나', role: 'MOM', inviteCode };
    return Object.assign(new Person(own), data(await new Person(own).post('/auth/password/signup', body), 201));
  };
  const anna = await signUp('anna');
  const ben = await signUp('ben', data(await anna.post('/couples/invite-code'), 201).inviteCode);
  const token = (await linkFor(ben, 'partner')).url.split('#')[1];
  const opens = () => new Person(own).post('/auth/login-link', { token, newPassword: 'another meadow at 5' });
  refuses(await opens(), 403, 2402);
  await set('+25h');
  refuses(await opens(), 403, 2402);
  const again = Object.assign(new Person(own), data(await new Person(own).post('/auth/password/login', { loginId: 'anna', password: PASSWORD }), 201));
  assert.notEqual(data(await again.get('/users/me')).rescue, null, 'it is still to be refused');
  answers(await again.delete('/users/me/login-link'), 200);
  refuses(await opens(), 400, 2401);
});

test('nobody is asked for but a partner who has a password and does not part', async () => {
  const asks = (person) => person.post('/users/me/login-link', { for: 'partner' });
  refuses(await asks(await withPassword()), 409, 5406);
  const [, kakao] = await Person.couple(server);
  refuses(await asks(kakao), 409, 3411);
  const [anna, ben] = await couple();
  data(await anna.delete('/couples/me'));
  for (const person of [anna, ben]) refuses(await asks(person), 409, 5407);
  data(await ben.delete('/couples/me'));
  refuses(await asks(ben), 409, 5406);
  for (const wrong of [5, 'neighbour', {}]) refuses(await anna.post('/users/me/login-link', { for: wrong }), 400, 1401);
});
