'use strict';
// What a message may be, to the letter, and what everything that is none is answered: never silence.
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { Person, hears, ask, uuid } = require('./person.js');
const { Frames } = require('./frames.js');
const { data, refuses, isFailure, acked } = require('./envelope.js');

const LONGEST = 5_000;
const BABY = '👶';
let server, anna, ben, roomId, rooms, chats;

before(async () => {
  server = await Server.start();
  [anna, ben] = await Person.couple(server);
  ({ roomId } = await anna.roomOfKind('COUPLE'));
  rooms = await anna.rooms();
  chats = await anna.chats();
});
after(async () => {
  [anna, ben].forEach((person) => person.leaveAll());
  await server.stop();
});

const draft = (content, more = {}) => ({ roomId, clientId: uuid(), type: 'TEXT', content, ...more });
const newest = async () => data(await anna.get(`/rooms/${roomId}/messages?limit=1`)).messages[0];
const askWith = (socket, event, ...payload) => socket.timeout(10_000).emitWithAck(event, ...payload);

/** Every text that must come back as it went in. */
const TEXTS = {
  'the longest': 'x'.repeat(LONGEST),
  'the longest in emoji': BABY.repeat(LONGEST),
  'one character': 'x',
  'a NUL inside': 'a\u0000b',
  'right to left': 'שלום \u202Eevil\u202C عالم',
  'markup': '<img src=x onerror="alert(1)"><script>alert(1)</script>',
  'a link of script': '[x](javascript:alert(1))',
  'families': '👨‍👩‍👧‍👦🏳️‍🌈❤️‍🔥',
  'marks upon marks': `Z${'\u0351'.repeat(300)}`,
  'two Unicode forms': `${'한글'.normalize('NFD')}한글`,
  'quotes': '"\'`\\ ; drop table message; --',
  'lines': 'one\r\ntwo\n\tthree\u2028four',
  'beyond the first plane': '𠮷𝕬\u{10FFFF}\uFFFE\uFEFF',
  'looks like JSON': '{"code":"0000"}',
};

test('every text comes back as it was sent, whichever way in and out', async () => {
  for (const [what, content] of Object.entries(TEXTS)) {
    assert.equal(acked(await ask(rooms, 'send', draft(content))).content, content, what);
    assert.equal(data(await anna.post(`/rooms/${roomId}/messages`, draft(content)), 201).content, content, what);
    chats.emit('send_message', { type: 'TEXT', content });
    for (let i = 0; i < 3; i += 1) assert.equal((await hears(chats, 'receive_message')).content, content, what);
    const pages = [await anna.get(`/rooms/${roomId}/messages?limit=3`), await ben.get('/messages?limit=3')];
    for (const page of pages) assert.deepEqual(data(page).messages.map((message) => message.content), [content, content, content], what);
  }
});

test('a text of none or of too many characters is refused and not stored', async () => {
  const last = (await newest())?.id;
  for (const content of ['', 'x'.repeat(LONGEST + 1), BABY.repeat(LONGEST + 1), 'x'.repeat(60_000)]) {
    isFailure(await ask(rooms, 'send', draft(content)), 6405);
    refuses(await anna.post(`/rooms/${roomId}/messages`, draft(content)), 400, 6405);
    isFailure(await ask(chats, 'send_message', { type: 'TEXT', content }), 1401);
    chats.emit('send_message', { type: 'TEXT', content });
    isFailure(await hears(chats, 'error'), 1401);
  }
  assert.equal((await newest())?.id, last);
});

test('half of a surrogate pair is no text', async () => {
  const last = (await newest())?.id;
  for (const half of ['\\ud83d', '\\udc76', 'a\\ud83db', '\\udc76\\ud83d']) {
    const body = JSON.stringify(draft('HALF')).replace('HALF', half);
    refuses(await anna.post(`/rooms/${roomId}/messages`, body, { headers: { 'Content-Type': 'application/json' } }), 400, 1400, 1401);
    isFailure(await ask(rooms, 'send', draft(JSON.parse(`"${half}"`))), 1400, 1401);
    isFailure(await ask(chats, 'send_message', { content: JSON.parse(`"${half}"`) }), 1400, 1401);
  }
  assert.equal((await newest())?.id, last);
});

/** Payloads that are no message, no room, nothing. */
const NOTHINGS = [
  [], [null], [5], [true], ['text'], [[]], [[roomId]], [{}], [{ roomId: null }], [{ roomId: 'x' }], [{ roomId: {} }], [{ roomId: 1.5 }],
  [{ roomId: 1e30 }], [{ roomId: [1] }], [Buffer.from('x')], [[[[[[{}]]]]]],
];

test('an event of /rooms that carries the wrong thing is answered, not passed over', async () => {
  const { rev } = await anna.roomOfKind('COUPLE');
  for (const event of ['enter', 'exit', 'send', 'read', 'typing']) {
    for (const payload of NOTHINGS) isFailure(await askWith(rooms, event, ...payload), 1400, 1401);
  }
  for (const event of ['enter', 'send', 'read', 'typing']) isFailure(await ask(rooms, event, draft('x', { roomId: -1, messageId: 1 })), 6404);
  assert.equal((await anna.roomOfKind('COUPLE')).rev, rev);
});

test('a draft with one wrong field is refused, by socket and by request', async () => {
  const last = (await newest())?.id;
  const wrong = [
    { type: 5 }, { type: 'NONSENSE' }, { type: 'SYSTEM' }, { type: 'DELETED' }, { type: 'text' }, { type: {} }, { content: 5 }, { content: null },
    { content: undefined }, { content: ['x'] }, { content: { toString: 'x' } },
  ];
  for (const fields of wrong) {
    isFailure(await ask(rooms, 'send', draft('x', fields)), 1400, 1401, 6405);
    refuses(await anna.post(`/rooms/${roomId}/messages`, draft('x', fields)), 400, 1400, 1401, 6405);
  }
  assert.equal((await newest())?.id, last);
});

test('reading what is no message number is refused', async () => {
  for (const messageId of [undefined, null, 'x', 1.5, {}, [], -1, 1e30, true]) isFailure(await ask(rooms, 'read', { roomId, messageId }), 1400, 1401, 6404);
});

test('a bad message on /chats is told to its sender alone and never stored', async () => {
  const last = (await newest())?.id;
  const friend = await ben.chats();
  await hears(chats, 'update_read_status', (id) => id === ben.id);
  const types = ['SYSTEM', 'DELETED', 'FILE', 5, ''].map((type) => [{ type, content: 'x' }]);
  const photos = [[{ type: 'IMAGE', content: 'https://evil.example/x.png' }], [{ type: 'VIDEO', content: '' }]];
  const nothings = [[], [null], [5], ['text'], [[]], [{}], [{ type: 'TEXT' }], [{ content: 5 }], [{ content: null }], [Buffer.from('x')]];
  for (const payload of [...nothings, ...types, ...photos]) {
    chats.emit('send_message', ...payload);
    isFailure(await hears(chats, 'error'), 1401);
    isFailure(await askWith(chats, 'send_message', ...payload), 1401);
  }
  chats.emit('send_message', { content: 'fence' });
  assert.equal((await hears(friend, 'receive_message')).id, (last ?? 0) + 1);
  assert.deepEqual(friend.heard, []);
});

test('an event nobody knows is answered with an error', async () => {
  for (const socket of [rooms, chats]) {
    for (const event of ['nonsense', 'admin', '__proto__', 'constructor', '', '이벤트', 'x'.repeat(10_000)]) {
      isFailure(await askWith(socket, event, { roomId }), 1400, 1401, 1404);
    }
    assert.ok(socket.connected);
  }
});

test('a refusal on a socket speaks the language the socket was opened with', async () => {
  const english = await ben.rooms({ extraHeaders: { 'Accept-Language': 'en-GB,en;q=0.8' } });
  const refusals = [await ask(rooms, 'enter', {}), await ask(english, 'enter', {})].map(({ message }) => /[가-힣]/.test(message));
  assert.deepEqual(refusals, [true, false]);
});

test('an ack with nothing to say has no data, as a body has none', async () => {
  await ask(rooms, 'enter', { roomId });
  const acks = [await ask(rooms, 'typing', { roomId }), await ask(rooms, 'exit', { roomId }), await ask(chats, 'read_all_messages')];
  for (const ack of acks) assert.deepEqual(ack, { code: '0000', message: 'SUCCESS' });
});

test('an event without an ack asked for is as safe as one with', async () => {
  for (const payload of NOTHINGS) for (const event of ['enter', 'send', 'read', 'nonsense']) rooms.emit(event, ...payload);
  assert.equal(acked(await ask(rooms, 'send', draft('still here'))).content, 'still here');
});

test('a message of the largest packet is read, and a larger one closes the socket', async () => {
  const open = async () => {
    const frames = await Frames.open(server);
    await frames.next();
    frames.send(`40/rooms,${JSON.stringify({ token: anna.accessToken })}`);
    await frames.next();
    return frames;
  };
  const send = (size) => {
    const body = JSON.stringify(['send', draft('padded', { padding: '' })]);
    return `42/rooms,7${body.replace('"padding":""', `"padding":"${'x'.repeat(size - body.length - 10)}"`)}`;
  };
  const fits = await open();
  fits.send(send(128 * 1024 - 8));
  let answer = '';
  while (!answer.startsWith('43/rooms,7')) answer = await fits.next();
  assert.match(answer, /"code":"0000"/);
  fits.close();

  const last = (await newest()).id;
  const bursts = await open();
  bursts.send(send(128 * 1024 + 200));
  assert.equal(await bursts.closed, 1009);
  assert.equal((await newest()).id, last);
});
