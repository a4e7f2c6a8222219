'use strict';
// Tokens that are none: wrong kinds, wrong lengths, ended sessions, on REST and on both namespaces.
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { Raw, CUT_OFF } = require('./raw.js');
const { Person, hears } = require('./person.js');
const { TEXTS, data, refuses, isFailure } = require('./envelope.js');

let server, anna, ended;

before(async () => {
  server = await Server.start();
  anna = await Person.signUp(server, '안나', 'MOM');
  ended = new Person(server, data(await anna.post('/auth/login', { accessToken: `k-${anna.kakaoId}` }), 201));
  data(await ended.get('/users/me'));
  data(await ended.post('/auth/logout'));
});
after(async () => {
  anna.leaveAll();
  await server.stop();
});

const base64 = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const JWT = `${base64({ alg: 'none', typ: 'JWT' })}.${base64({ userId: 1, coupleId: 1, spouseId: null })}.`;

/** Every token that opens nothing, by what is wrong with it. */
function wrongTokens() {
  const good = anna.accessToken;
  return {
    'a refresh token': anna.refreshToken,
    'one of an ended session': ended.accessToken,
    'one character short': good.slice(0, -1),
    'one character long': `${good}A`,
    'another first character': `${good[0] === 'x' ? 'y' : 'x'}${good.slice(1)}`,
    'only its prefix': good.slice(0, 4),
    'without its prefix': good.slice(4),
    'another prefix': `btr_${good.slice(4)}`,
    'an unknown prefix': `btx_${good.slice(4)}`,
    'in capitals': good.toUpperCase(),
    'a JSON Web Token': JWT,
    'a wildcard': '%',
    '16 KB long': `${good}${'A'.repeat(16_000)}`,
  };
}

/** Status of the answer to a profile asked for with exactly this in its head. */
async function statusWith(authorization) {
  const { raw, status } = await Raw.ask(server, `GET /api/v1/users/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: ${authorization}\r\n\r\n`);
  raw.close();
  return status;
}

test('the right token opens my profile, however Bearer is spelled', async () => {
  for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
    assert.equal((await anna.get('/users/me', { token: null, headers: { Authorization: `${scheme} ${anna.accessToken}` } })).status, 200);
  }
});

test('a token that is none opens nothing over HTTP', async () => {
  for (const [what, token] of Object.entries(wrongTokens())) {
    const answer = await anna.get('/users/me', { token });
    assert.equal(answer.status, 401, what);
    refuses(answer, 401, 2400);
  }
});

test('a header that is none opens nothing', async () => {
  const token = anna.accessToken;
  for (const header of ['', 'Bearer', 'Bearer ', `Basic ${token}`, token, `Bearer ${token} ${token}`, `Bearer,${token}`, `Token ${token}`]) {
    refuses(await anna.get('/users/me', { token: null, headers: { Authorization: header } }), 401, 2400);
  }
  refuses(await anna.get(`/users/me?token=${token}&accessToken=${token}&access_token=${token}`, { token: null }), 401, 2400);
  refuses(await anna.get('/users/me', { token: null, headers: { Cookie: `accessToken=${token}; token=${token}` } }), 401, 2400);
});

test('a token with a NUL or of a megabyte is refused before it is read, and the server lives', async () => {
  const good = anna.accessToken;
  assert.equal(await statusWith(`Bearer ${good}`), 200);
  for (const wrong of [`${good}\0`, `\0${good}`]) assert.ok([400, 401].includes(await statusWith(`Bearer ${wrong}`)), JSON.stringify(wrong));
  assert.ok([400, 401, 431].includes(await statusWith(`Bearer ${good}${'A'.repeat(100_000)}`)));
  assert.ok([431, CUT_OFF].includes(await statusWith(`Bearer ${good}${'A'.repeat(1_000_000)}`)));
  data(await anna.get('/users/me'));
});

/** What a socket of /rooms is told that may not come in. */
async function turnedAway(auth) {
  const socket = anna.socket('/rooms', { auth });
  const told = new Promise((resolve, reject) => {
    socket.once('connect', () => reject(new Error(`let in with ${JSON.stringify(auth)?.slice(0, 80)}`)));
    socket.once('connect_error', resolve);
  });
  socket.connect();
  return (await told).message;
}

test('a token that is none is turned away from /rooms with the code as the message', async () => {
  assert.ok((await anna.rooms()).connected);
  const token = anna.accessToken;
  const odd = { 'a NUL': `${token}\0`, 'long': 'A'.repeat(100_000), 'no text': 5, 'a list': [token], 'an object': { token }, 'null': null, 'empty': '' };
  for (const [what, wrong] of Object.entries({ ...wrongTokens(), ...odd })) assert.equal(await turnedAway({ token: wrong }), '2400', what);
  assert.equal(await turnedAway({}), '2400', 'no token at all');
});

/** What a socket of /chats hears before it is cut off. */
async function cutOff(auth) {
  const socket = anna.socket('/chats', { auth });
  const cut = new Promise((resolve) => socket.once('disconnect', resolve));
  socket.connect();
  const told = await hears(socket, 'error');
  await cut;
  assert.deepEqual(socket.heard, []);
  return told;
}

test('a token that is none hears so on /chats, hears nothing else, and is cut off', async () => {
  const friend = await anna.chats();
  for (const token of [...Object.values(wrongTokens()), `${anna.accessToken}\0`, 5, null, '']) {
    const told = await cutOff({ token });
    isFailure(told, 2400);
    assert.equal(told.message, TEXTS[2400]);
  }
  isFailure(await cutOff({}), 2400);
  assert.deepEqual(friend.heard, [], 'nobody in the room hears of one who did not come in');
});

test('what a turned away socket sends at once is not stored', async () => {
  const socket = anna.socket('/chats', { auth: { token: ended.accessToken } });
  const cut = new Promise((resolve) => socket.once('disconnect', resolve));
  socket.connect();
  socket.emit('send_message', { type: 'TEXT', content: 'let me in' });
  await cut;
  const friend = await anna.chats();
  friend.emit('send_message', { type: 'TEXT', content: 'only this' });
  assert.equal((await hears(friend, 'receive_message')).id, 1);
  assert.deepEqual(data(await anna.get('/messages')).messages.map(({ content }) => content), ['only this']);
});
