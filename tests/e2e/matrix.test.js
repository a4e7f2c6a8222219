'use strict';
// Who may call what: every route and every event, asked by everyone who is not the couple.
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { Person, hears, ask, uuid } = require('./person.js');
const { TEXTS, data, refuses, isFailure, acked } = require('./envelope.js');

const PASSWORD = 'a quiet meadow at 4';
const ADMIN = { loginId: 'owner', password: PASSWORD, nickname: '카나리아', role: 'MOM', locale: 'ko', timeZone: 'Asia/Seoul' };
const NEVER = 987_654_321;
const SECRETS = ['카나리아', 'canary'];
const SIGNED_OUT = [401, 2400];
const OK = [200];
const CREATED = [201];
const NO_ROOM = [404, 6404];
const CALLERS = ['anonymous', 'ended', 'neighbour', 'unpaired', 'candidate'];

let server, anna, ben, waiting, friend, pool, nextKakaoId = 61_000_000;
/** What of the couple's the routes name: `id` is a real one, or one that never was. */
const real = {};

/** The same answer for everyone who is signed in; nothing for who is not. */
const signedIn = (answer) => ({ anonymous: SIGNED_OUT, ended: SIGNED_OUT, neighbour: answer, unpaired: answer, candidate: answer });
const everyone = (answer) => Object.fromEntries(CALLERS.map((caller) => [caller, answer]));
const text = () => ({ clientId: uuid(), type: 'TEXT', content: 'intruder' });

/** [method, path, body, answers, the thing of the couple's that the path names] */
const ROUTES = [
  ['get', '/server', null, everyone(OK)],
  ['post', '/setup', () => ({ ...ADMIN, setupCode: 'WRONG', loginId: 'intruder' }), everyone([[403, 409], 9401, 9409])],
  ['post', '/auth/login', () => ({ accessToken: `k-${++nextKakaoId}` }), everyone(CREATED)],
  ['post', '/auth/signup', () => ({ kakaoId: ++nextKakaoId, nickname: '침입', role: 'DAD' }), everyone(SIGNED_OUT)],
  ['post', '/auth/password/signup', () => ({ loginId: `someone.${++nextKakaoId}`, password: PASSWORD, nickname: '누군가', role: 'DAD' }), everyone(CREATED)],
  ['post', '/auth/password/login', () => ({ loginId: 'owner', password: 'not the password' }), everyone([401, 3409])],
  ['post', '/auth/tokens/refresh', () => ({ refreshToken: 'btr_nonsense' }), everyone(SIGNED_OUT)],
  ['post', '/auth/logout', null, signedIn(OK)],
  ['get', '/users/me', null, signedIn(OK)],
  ['patch', '/users/me', () => ({ nickname: '침입자' }), signedIn(OK)],
  ['get', '/users/me/sessions', null, signedIn(OK)],
  ['delete', '/users/me/sessions/:session', null, signedIn([404, 1404]), 'session'],
  ['put', '/users/me/password', () => ({ password: PASSWORD, newPassword: 'another meadow at 5' }), signedIn([400, 3407])],
  ['post', '/users/me/kakao', () => ({ accessToken: `k-${anna.kakaoId}` }), signedIn([409, 3402])],
  ['post', '/couples/invite-code', null, { ...signedIn(CREATED), neighbour: [409, 5400], candidate: [403, 5404] }],
  ['get', '/couples/invite-code/AAAAAA', null, everyone([400, 5401])],
  ['post', '/couples/join', () => ({ inviteCode: 'AAAAAA' }), { ...signedIn([400, 5401]), neighbour: [[400, 409], 5400, 5401] }],
  ['get', '/couples/me', null, signedIn(OK)],
  ['patch', '/couples/me', () => ({ dayCount: 'elapsed' }), signedIn(OK)],
  ['get', '/couples/candidates', null, signedIn(OK)],
  ['post', '/couples/candidates/:candidate', () => ({ as: 'partner' }), { ...signedIn([404, 5405]) }, 'candidate'],
  ['get', '/rooms', null, signedIn(OK)],
  ['get', '/rooms/:room/messages', null, signedIn(NO_ROOM), 'room'],
  ['get', '/rooms/:room/messages?before=2&limit=50', null, signedIn(NO_ROOM), 'room'],
  ['post', '/rooms/:room/messages', text, signedIn(NO_ROOM), 'room'],
  ['get', '/rooms/:room/changes?since=0', null, signedIn(NO_ROOM), 'room'],
  ['get', '/rooms/:alone/messages', null, signedIn(NO_ROOM), 'alone'],
  ['post', '/rooms/:alone/messages', text, signedIn(NO_ROOM), 'alone'],
  ['get', '/rooms/:alone/changes?since=0', null, signedIn(NO_ROOM), 'alone'],
  ['get', '/messages', null, signedIn(OK)],
];

/** [event, payload] on /rooms, given a room. */
const ROOM_EVENTS = [
  ['enter', (roomId) => ({ roomId })],
  ['exit', (roomId) => ({ roomId })],
  ['send', (roomId) => ({ roomId, ...text() })],
  ['read', (roomId) => ({ roomId, messageId: 1 })],
  ['typing', (roomId) => ({ roomId })],
];

before(async () => {
  server = await Server.start({ strict: true, flags: ['--no-rate-limits'] });
  const owner = data(await new Person(server).post('/setup', { ...ADMIN, setupCode: server.setupCode() }), 201);
  anna = new Person(server, { ...owner, id: owner.user.userId, kakaoId: ++nextKakaoId });
  assert.equal((await anna.post('/users/me/kakao', { accessToken: `k-${anna.kakaoId}` })).status, 200);
  const { inviteCode } = data(await anna.post('/couples/invite-code'), 201);
  pool = [];
  for (let i = 0; i <= ROUTES.length + ROOM_EVENTS.length + 2; i += 1) pool.push(await Person.signUp(server, '후보', 'DAD', ++nextKakaoId));
  waiting = await Person.signUp(server, '카나리아둘', 'DAD', ++nextKakaoId);
  const signup = { loginId: 'ben', password: PASSWORD, nickname: '카나리아셋', role: 'DAD', inviteCode };
  const partner = data(await new Person(server).post('/auth/password/signup', signup), 201);
  ben = new Person(server, { ...partner, id: partner.user.userId });

  server.flags = [...server.flags, '--registration', 'open'];
  await server.kill('SIGTERM');
  await server.restart();
  await fillTheCouple();
});
after(async () => {
  anna.leaveAll();
  await server.stop();
});

async function fillTheCouple() {
  Object.assign(real, { room: (await anna.roomOfKind('COUPLE')).roomId, alone: (await anna.roomOfKind('SELF')).roomId, candidate: waiting.id });
  for (const roomId of [real.room, real.alone]) data(await anna.post(`/rooms/${roomId}/messages`, { ...text(), content: `canary in ${roomId}` }), 201);
  real.session = data(await anna.get('/users/me/sessions'))[0].sessionId;
  assert.ok(Object.values(real).every((id) => typeof id === 'number'));
}

/** All the couple has, as the couple sees it. */
async function theCouple() {
  const paths = ['/users/me', '/couples/me', '/rooms', '/messages', `/rooms/${real.room}/changes?since=0`, `/rooms/${real.alone}/changes?since=0`];
  const answers = await Promise.all([...paths.map((path) => anna.get(path)), ben.get('/users/me'), ben.get('/rooms')]);
  const sessions = data(await anna.get('/users/me/sessions')).length;
  const known = data(await anna.get('/couples/candidates')).find(({ userId }) => userId === waiting.id);
  return [...answers.map((answer) => data(answer)), sessions, known];
}

/** A caller of the class, fresh: what it does to itself must not change the next one. */
async function callerOf(kind) {
  if (kind === 'candidate') return pool.pop();
  if (kind === 'anonymous') return new Person(server);
  const person = await Person.signUp(server, '이웃', 'DAD', ++nextKakaoId);
  if (kind === 'neighbour') await (await Person.signUp(server, '이웃둘', 'MOM', ++nextKakaoId)).joins(person);
  if (kind === 'ended') {
    data(await person.get('/users/me'));
    data(await person.post('/auth/logout'));
  }
  return person;
}

const pathOf = (path, id) => path.replace(/:\w+/, id);

function isAnswered(answer, [status, ...codes]) {
  if (codes.length) return refuses(answer, status, ...codes);
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.data.code, '0000');
}

test('what is asked for is there: the couple itself is answered with all of it', async () => {
  const seen = JSON.stringify(await theCouple());
  const secrets = [...SECRETS, `canary in ${real.room}`, `canary in ${real.alone}`, '카나리아둘', '카나리아셋'];
  for (const secret of secrets) assert.ok(seen.includes(secret), secret);
  assert.equal(pool.length, ROUTES.length + ROOM_EVENTS.length + 3);
});

for (const [method, path, body, expected, thing] of ROUTES) {
  for (const kind of CALLERS) {
    const [status, ...codes] = expected[kind];
    test(`${method.toUpperCase()} ${path} asked by ${kind} is answered ${status} ${codes.join(' or ')}`, async () => {
      const caller = await callerOf(kind);
      const before = await theCouple();
      const payload = body?.();
      const answer = await caller.request(method, pathOf(path, real[thing]), { data: payload });
      isAnswered(answer, expected[kind]);
      for (const secret of SECRETS) assert.ok(!answer.text.includes(secret), answer.text);
      if (thing) assert.equal((await caller.request(method, pathOf(path, NEVER), { data: payload })).text, answer.text);
      assert.deepEqual(await theCouple(), before);
    });
  }
}

/** Connects to /rooms or says why not. */
async function connects(caller) {
  try { return await caller.rooms(); } catch (error) { return error.message; }
}

for (const [event, payload] of ROOM_EVENTS) {
  for (const kind of CALLERS) {
    test(`event ${event} of /rooms sent by ${kind} finds no room of the couple's`, async () => {
      const caller = await callerOf(kind);
      const before = await theCouple();
      const socket = await connects(caller);
      if (['anonymous', 'ended'].includes(kind)) return assert.equal(socket, '2400');

      const { roomId: own } = await caller.roomOfKind('SELF');
      assert.equal(typeof acked(await ask(socket, 'enter', { roomId: own })), 'object');
      for (const roomId of [real.room, real.alone]) {
        const ack = await ask(socket, event, payload(roomId));
        if (event !== 'exit') isFailure(ack, 6404);
        assert.deepEqual(await ask(socket, event, payload(NEVER)), ack);
      }
      assert.deepEqual(await theCouple(), before);
      assert.ok(!JSON.stringify(socket.heard).includes('canary'));
      return caller.leaveAll();
    });
  }
}

for (const kind of CALLERS) {
  test(`events of /chats sent by ${kind} reach nobody of the couple`, async () => {
    const caller = await callerOf(kind);
    friend ??= await anna.chats();
    const before = await theCouple();
    const socket = caller.socket('/chats', { query: { coupleId: anna.user.coupleId } });
    socket.connect();
    socket.emit('send_message', { type: 'TEXT', content: 'intruder', coupleId: anna.user.coupleId, chatId: real.room, roomId: real.room, senderId: anna.id });
    socket.emit('read_all_messages', { coupleId: anna.user.coupleId });
    if (['anonymous', 'ended'].includes(kind)) assert.deepEqual(await hears(socket, 'error'), { code: '2400', message: TEXTS[2400] });
    else assert.notEqual((await hears(socket, 'receive_message')).chatId, real.room);

    assert.deepEqual(await theCouple(), before);
    friend.emit('read_all_messages');
    await hears(friend, 'update_read_status', (id) => id === anna.id);
    assert.deepEqual(friend.heard, []);
    assert.ok(!JSON.stringify(socket.heard).includes('canary'));
    caller.leaveAll();
  });
}

test('the couple itself may do all that', async () => {
  const socket = await ben.rooms();
  for (const [event, payload] of [ROOM_EVENTS[0], ...ROOM_EVENTS.slice(2), ROOM_EVENTS[1]]) acked(await ask(socket, event, payload(real.room)));
  for (const [method, path, body] of ROUTES.filter((route) => route[4] === 'room')) {
    const answer = await ben.request(method, pathOf(path, real.room), { data: body?.() });
    assert.equal(answer.data.code, '0000', `${method} ${path}`);
  }
  ben.leaveAll();
});
