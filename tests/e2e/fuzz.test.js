'use strict';
// Ten thousand random bodies and payloads: no 5xx, no silence, no crash, and nothing stored but what was accepted.
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { Person, uuid } = require('./person.js');
const { exactly } = require('./frames.js');
const { seeded } = require('./kit.js');
const { data } = require('./envelope.js');

const REQUESTS = 6_000;
const EVENTS = 4_000;
const AT_ONCE = 8;
const chance = seeded();
let server, anna, ben, spare, roomId, alone;

before(async () => {
  server = await Server.start();
  [anna, ben] = await Person.couple(server);
  spare = await Person.signUp(server);
  ({ roomId } = await anna.roomOfKind('COUPLE'));
  ({ roomId: alone } = await anna.roomOfKind('SELF'));
});
after(async () => {
  [anna, ben].forEach((person) => person.leaveAll());
  await server.stop();
});

const STRINGS = [
  '', ' ', 'x', '안녕', '👶', '\u0000', '\ud800', '\\', '"', '../..', '%00', '0', '-1', '9223372036854775807', '-9223372036854775808', '1e999', 'null',
  'TEXT', 'IMAGE', 'SYSTEM', 'DAD', 'partner', 'me', 'Asia/Seoul', 'elapsed', 'AAAAAA', 'k-77', '__proto__', '\'; drop table message; --',
  'a'.repeat(5_001), 'é'.normalize('NFD'),
];
const NUMBERS = [0, -0, 1, -1, 1.5, 1e15, 1e308, -1e308, 2 ** 31, 2 ** 53, -(2 ** 53), 2 ** 63, 2 ** 64, 987_654_321];
const FIELDS = [
  'accessToken', 'kakaoId', 'nickname', 'role', 'setupCode', 'loginId', 'password', 'locale', 'timeZone', 'inviteCode', 'invitation', 'refreshToken',
  'newPassword', 'dayCount', 'as', 'roomId', 'messageId', 'clientId', 'type', 'content', 'read', 'cursor', '', '__proto__', 'constructor',
  'coupleId', 'id', 'isAdmin',
];

/** A value of any kind; now and then one that would be right. */
function anyValue(depth = 0) {
  return chance.pick([
    () => chance.pick(STRINGS), () => chance.pick(NUMBERS), () => chance.pick([true, false, null]), () => chance.pick([roomId, alone, anna.id, ben.id]),
    () => uuid(), () => (depth > 3 ? [] : Array.from({ length: chance.between(0, 4) }, () => anyValue(depth + 1))), () => (depth > 3 ? {} : anyObject(depth + 1)),
  ])();
}

function anyObject(depth = 0) {
  return Object.fromEntries(Array.from({ length: chance.between(0, 6) }, () => [chance.pick(FIELDS), anyValue(depth)]));
}

/** A draft that is right but for, mostly, one field. */
function anyDraft() {
  const draft = { roomId: chance.pick([roomId, alone]), clientId: uuid(), type: 'TEXT', content: `fuzz ${chance.between(0, 1_000_000)}` };
  return chance.between(0, 2) ? { ...draft, [chance.pick(Object.keys(draft))]: anyValue() } : draft;
}

/** Bytes that are sometimes JSON, sometimes nearly, sometimes not at all. */
function anyBody(path) {
  const good = JSON.stringify(path.endsWith('/messages') ? anyDraft() : anyObject());
  return chance.pick([
    () => good, () => good, () => good, () => JSON.stringify(anyValue()),
    () => good.slice(0, chance.between(0, good.length)), () => `${good}${chance.pick(STRINGS)}`,
    () => Buffer.from(Array.from({ length: chance.between(0, 200) }, () => chance.between(0, 255))), () => '['.repeat(chance.between(1, 5_000)), () => '',
  ])();
}

const ROUTES = [
  ['POST', () => '/setup'], ['POST', () => '/auth/login'], ['POST', () => '/auth/signup'], ['POST', () => '/auth/password/signup'],
  ['POST', () => '/auth/password/login'], ['POST', () => '/auth/tokens/refresh'], ['PATCH', () => '/users/me'], ['PUT', () => '/users/me/password'],
  ['POST', () => '/users/me/kakao'], ['DELETE', () => `/users/me/sessions/${anySegment()}`], ['POST', () => '/couples/invite-code'],
  ['GET', () => `/couples/invite-code/${anySegment()}`], ['POST', () => '/couples/join'], ['PATCH', () => '/couples/me'],
  ['POST', () => `/couples/candidates/${anySegment()}`], ['POST', () => `/rooms/${roomId}/messages`], ['POST', () => `/rooms/${roomId}/messages`],
  ['POST', () => `/rooms/${alone}/messages`], ['POST', () => `/rooms/${anySegment()}/messages`],
  ['GET', () => `/rooms/${anySegment()}/messages?${anyQuery()}`], ['GET', () => `/rooms/${roomId}/messages?${anyQuery()}`],
  ['GET', () => `/rooms/${roomId}/changes?${anyQuery()}`], ['GET', () => `/messages?${anyQuery()}`],
];

function anySegment() {
  const value = anyValue();
  const text = String(typeof value === 'object' ? JSON.stringify(value) : value).slice(0, 300);
  return chance.between(0, 3) ? encodeURIComponent(wellFormed(text)) || 'x' : chance.between(1, 50);
}

function anyQuery() {
  const name = () => chance.pick(['before', 'after', 'around', 'limit', 'since', 'cursor', 'limit%00', '%ff']);
  const value = () => chance.pick([anySegment(), '%', '%ff%fe', '1', '50']);
  return Array.from({ length: chance.between(0, 3) }, () => `${name()}=${value()}`).join('&');
}

const wellFormed = (text) => Buffer.from(text).toString();

function anyRequest() {
  const [method, pathOf] = chance.pick(ROUTES);
  const path = pathOf();
  // A hit on one of its own sessions signs a person out, so that route gets a person of its own.
  const person = method === 'DELETE' ? spare : anna;
  const token = chance.between(0, 9) ? person.accessToken : chance.pick([person.refreshToken, 'nonsense']);
  const type = chance.between(0, 9) ? 'application/json' : chance.pick(['text/plain', 'application/json; charset=utf-16', 'x', '']);
  return { method, path: `/api/v1${path}`, headers: { Authorization: `Bearer ${token}`, 'Content-Type': type }, body: method === 'GET' ? undefined : anyBody(path) };
}

/** Runs `act` `count` times, several at once; what is chosen does not depend on what is answered first. */
async function many(count, plan, act) {
  const plans = Array.from({ length: count }, plan);
  const next = plans.values();
  await Promise.all(Array.from({ length: AT_ONCE }, async () => { for (const step of next) await act(step); }));
}

const accepted = new Map();

/** Remembers a message as the server acknowledged it. */
function remember(message) {
  accepted.set(`${message.roomId}/${message.id}`, message.content);
}

async function stored(room) {
  const pageAt = async (query) => data(await anna.get(`/rooms/${room}/messages?limit=50${query}`)).messages;
  const found = [];
  for (let page = await pageAt(''); page.length; page = await pageAt(`&before=${page.at(-1).id}`)) found.push(...page);
  return found;
}

test('no random request is answered with a fault of the server', async (t) => {
  t.diagnostic(`seed ${chance.seed}`);
  const statuses = new Map();
  await many(REQUESTS, anyRequest, async (request) => {
    const answer = await exactly(server, request);
    const asked = JSON.stringify({ ...request, headers: request.headers['Content-Type'] }).slice(0, 600);
    const about = `seed ${chance.seed}: ${asked} → ${answer.status} ${answer.text.slice(0, 200)}`;
    // Kakao's refusal is a 500 in the app's own wire.
    assert.ok(answer.status < 500 || answer.data.code === '2500', about);
    assert.equal(typeof answer.data.code, 'string', about);
    assert.doesNotMatch(answer.text, /panicked|SQLITE|rusqlite|select |\.rs:/i, about);
    if (answer.status === 201 && /messages$/.test(request.path)) remember(answer.data.data);
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
  });
  t.diagnostic(JSON.stringify(Object.fromEntries(statuses)));
  for (const status of [200, 201, 400, 401, 404, 409, 415]) assert.ok(statuses.get(status) > 5, `too tame: ${statuses.get(status)} answers of ${status}`);
});

test('no random event is met with silence or ends a connection', async (t) => {
  t.diagnostic(`seed ${chance.seed}`);
  const sockets = [await anna.rooms(), await anna.chats()];
  const events = [['send', 'send', 'enter', 'exit', 'read', 'typing', 'nonsense'], ['send_message', 'send_message', 'read_all_messages', 'nonsense']];
  const codes = new Map();
  const plan = () => {
    const which = chance.between(0, 1);
    const event = chance.pick(events[which]);
    const payload = chance.pick([() => [anyDraft()], () => [anyDraft()], () => [anyObject()], () => [anyValue()], () => [], () => [anyValue(), anyValue()]])();
    return { socket: sockets[which], event, payload };
  };
  await many(EVENTS, plan, async ({ socket, event, payload }) => {
    const sent = `seed ${chance.seed}: ${event} ${JSON.stringify(payload).slice(0, 600)}`;
    const ack = await socket.timeout(10_000).emitWithAck(event, ...payload).catch((error) => assert.fail(`${sent}: ${error.message}`));
    const about = `${sent} → ${JSON.stringify(ack)?.slice(0, 200)}`;
    assert.match(ack?.code ?? '', /^\d{4}$/, about);
    assert.doesNotMatch(ack.code, /^15/, about);
    if (event === 'send' && ack.code === '0000') remember(ack.data);
    codes.set(ack.code, (codes.get(ack.code) ?? 0) + 1);
  });
  t.diagnostic(JSON.stringify(Object.fromEntries(codes)));
  for (const code of ['0000', '1401', '6404']) assert.ok(codes.get(code) > 5, `too tame: ${codes.get(code)} acks of ${code}`);
  assert.ok(sockets.every(({ connected }) => connected));
  for (const [event, message] of sockets[1].heard) if (event === 'receive_message') remember({ ...message, roomId: message.chatId });
});

test('exactly what was accepted is stored, numbered without a gap', async () => {
  const found = [...await stored(roomId), ...await stored(alone)];
  assert.ok(accepted.size > 300, `only ${accepted.size} accepted`);
  assert.deepEqual(new Map(found.map((message) => [`${message.roomId}/${message.id}`, message.content])).size, found.length);
  assert.deepEqual(found.map((message) => `${message.roomId}/${message.id}`).sort(), [...accepted.keys()].sort());
  for (const message of found) assert.equal(message.content, accepted.get(`${message.roomId}/${message.id}`));
  for (const room of [roomId, alone]) {
    const numbers = (await stored(room)).map(({ id }) => id);
    assert.deepEqual(numbers, numbers.map((_, i) => numbers.length - i));
  }
  assert.equal(server.process.exitCode, null);
});
