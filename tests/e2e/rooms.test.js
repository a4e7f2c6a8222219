'use strict';
// Rooms live: the list, coming in and out, sending, reading, typing, and who hears what.
const { test, before, after, beforeEach, afterEach } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { Person, hears, ask, uuid } = require('./person.js');
const { INSTANT, data, refuses, isFailure, acked } = require('./envelope.js');
const { Proxy } = require('./proxy.js');

const TYPING_PAUSE_MS = 3_000;
let server, anna, ben, roomId;

before(async () => { server = await Server.start(); });
after(() => server.stop());
beforeEach(async () => {
  [anna, ben] = await Person.couple(server);
  ({ roomId } = await anna.roomOfKind('COUPLE'));
});
afterEach(() => [anna, ben].forEach((person) => person.leaveAll()));

const enter = async (socket, more = {}) => acked(await ask(socket, 'enter', { roomId, ...more }));
const says = async (socket, content) => acked(await ask(socket, 'send', { roomId, clientId: uuid(), type: 'TEXT', content }));
const reads = async (socket, messageId) => acked(await ask(socket, 'read', { roomId, messageId }));
const heardOf = (socket, name) => socket.heard.filter(([event]) => event === name);
const couplesRoom = (person) => person.roomOfKind('COUPLE');

test('my rooms are my own and the couple\'s, newest first', async () => {
  const rooms = data(await anna.get('/rooms'));
  assert.deepEqual(rooms.map(({ kind }) => kind).sort(), ['COUPLE', 'SELF']);
  const couples = rooms.find(({ kind }) => kind === 'COUPLE');
  assert.deepEqual([typeof couples.roomId, typeof couples.rev, couples.title], ['number', 'number', null]);
  assert.deepEqual(couples.members.map(({ userId }) => userId).sort((a, b) => a - b), [anna.id, ben.id]);
  assert.deepEqual([couples.lastMessage, couples.unreadCount, couples.muted, couples.present], [null, 0, false, []]);

  for (const { roomId: written } of rooms) {
    data(await anna.post(`/rooms/${written}/messages`, { clientId: uuid(), type: 'TEXT', content: 'last' }), 201);
    assert.equal(data(await anna.get('/rooms'))[0].roomId, written);
  }
});

test('a sent message is acked as it was saved, and the room hears the same', async () => {
  const [annas, bens] = [await anna.rooms(), await ben.rooms()];
  await enter(annas);
  await enter(bens, { read: false });
  const clientId = uuid();
  const saved = acked(await ask(annas, 'send', { roomId, clientId, type: 'TEXT', content: '안녕', senderId: ben.id, id: 77 }));
  const expected = { roomId, id: 1, senderId: anna.id, clientId, type: 'TEXT', content: '안녕', unreadCount: 1 };
  assert.deepEqual(saved, { ...saved, ...expected });
  assert.match(saved.sentAt, INSTANT);
  assert.equal(typeof saved.rev, 'number');

  for (const socket of [annas, bens]) assert.deepEqual((await hears(socket, 'chat')).message, saved);
  assert.deepEqual(data(await ben.get(`/rooms/${roomId}/messages`)).messages, [saved]);
});

test('coming in tells who is there, how far each has read, and marks all read', async () => {
  const annas = await anna.rooms();
  await enter(annas);
  for (const content of ['one', 'two', 'three']) await says(annas, content);
  assert.equal((await couplesRoom(ben)).unreadCount, 3);

  const bens = await ben.rooms();
  const { present, reads: marks, rev } = await enter(bens);
  assert.deepEqual(present.sort((a, b) => a - b), [anna.id, ben.id]);
  assert.equal(marks.find(({ userId }) => userId === ben.id).lastReadId, 3);
  assert.deepEqual(marks.map(({ userId }) => userId).sort((a, b) => a - b), [anna.id, ben.id]);
  assert.ok(rev >= 3);

  const info = await hears(annas, 'info', ({ userId }) => userId === ben.id);
  assert.deepEqual([info.roomId, info.userId, info.fromId, info.lastReadId, info.readCount], [roomId, ben.id, 0, 3, 3]);
  assert.equal(typeof info.rev, 'number');
  assert.equal(info.entered, true);
  assert.equal((await couplesRoom(ben)).unreadCount, 0);
  assert.ok(data(await anna.get(`/rooms/${roomId}/messages`)).messages.every(({ unreadCount }) => unreadCount === 0));
});

test('coming in without reading leaves the marks where they are', async () => {
  const [annas, bens] = [await anna.rooms(), await ben.rooms()];
  await says(annas, 'one');
  const { reads: marks } = await enter(bens, { read: false });
  assert.equal(marks.find(({ userId }) => userId === ben.id).lastReadId, 0);
  assert.equal((await couplesRoom(ben)).unreadCount, 1);
  assert.equal(data(await anna.get(`/rooms/${roomId}/messages`)).messages[0].unreadCount, 1);
});

test('reading moves a mark on, never back and never beyond the newest', async () => {
  const [annas, bens] = [await anna.rooms(), await ben.rooms()];
  await enter(annas);
  for (const content of ['one', 'two', 'three', 'four']) await says(annas, content);
  await reads(bens, 2);
  const info = await hears(annas, 'info', ({ userId }) => userId === ben.id);
  assert.deepEqual([info.fromId, info.lastReadId, info.readCount], [0, 2, 2]);
  assert.ok(!('entered' in info), 'who reads on is not said to be here');
  assert.equal((await couplesRoom(ben)).unreadCount, 2);
  const counts = async () => data(await anna.get(`/rooms/${roomId}/messages`)).messages.map(({ id, unreadCount }) => [id, unreadCount]);
  assert.deepEqual(await counts(), [[4, 1], [3, 1], [2, 0], [1, 0]]);

  await reads(bens, 1);
  assert.deepEqual(await counts(), [[4, 1], [3, 1], [2, 0], [1, 0]]);
  await ask(bens, 'read', { roomId, messageId: 1_000_000 });
  await says(annas, 'five');
  assert.equal((await counts())[0][1], 1, 'a mark far ahead would have read the future');
});

test('my own messages are not unread for me, and only the others count as readers', async () => {
  const [annas, bens] = [await anna.rooms(), await ben.rooms()];
  await enter(annas);
  await says(annas, 'mine');
  await says(bens, 'his');
  await says(bens, 'his again');
  assert.equal((await couplesRoom(anna)).unreadCount, 2);
  assert.equal((await couplesRoom(ben)).unreadCount, 1);
  await reads(annas, 3);
  await enter(bens);
  const info = await hears(annas, 'info', ({ userId, lastReadId }) => userId === ben.id && lastReadId === 3);
  assert.equal(info.readCount, 1, 'of three messages only one is not his own');
});

test('a room not entered is heard of as a summary, an entered one as live chat', async () => {
  const [annas, bens] = [await anna.rooms(), await ben.rooms()];
  await says(annas, 'while he is out');
  const summary = await hears(bens, 'room');
  assert.deepEqual([summary.roomId, summary.kind, summary.lastMessage.content, summary.unreadCount], [roomId, 'COUPLE', 'while he is out', 1]);
  assert.equal(typeof summary.rev, 'number');
  assert.deepEqual(heardOf(bens, 'chat'), []);

  await enter(bens);
  await says(annas, 'while he is in');
  await hears(bens, 'chat');
  assert.deepEqual(heardOf(bens, 'room').filter(([, { lastMessage }]) => lastMessage.content === 'while he is in'), []);
  acked(await ask(bens, 'exit', { roomId }));
  await says(annas, 'out again');
  assert.equal((await hears(bens, 'room', ({ lastMessage }) => lastMessage?.content === 'out again')).unreadCount, 2);
  assert.deepEqual(heardOf(bens, 'chat'), []);
});

test('going out is told to those inside, by a word or by a dropped connection', async () => {
  const [annas, bens] = [await anna.rooms(), await ben.rooms()];
  await enter(annas);
  for (const leave of [() => ask(bens, 'exit', { roomId }), () => bens.disconnect()]) {
    await enter(bens);
    assert.deepEqual((await couplesRoom(anna)).present.sort((a, b) => a - b), [anna.id, ben.id]);
    await leave();
    const out = await hears(annas, 'out');
    assert.deepEqual([out.roomId, out.userId], [roomId, ben.id]);
    assert.deepEqual((await couplesRoom(anna)).present, [anna.id]);
  }
});

test('someone on two devices is out when the last of them has left', async () => {
  const [annas, phone, tablet] = [await anna.rooms(), await ben.rooms(), await ben.rooms()];
  for (const socket of [annas, phone, tablet]) await enter(socket);
  acked(await ask(phone, 'exit', { roomId }));
  await says(phone, 'still here on the tablet');
  await hears(annas, 'chat');
  assert.deepEqual((await couplesRoom(anna)).present.sort((a, b) => a - b), [anna.id, ben.id]);
  assert.deepEqual(heardOf(annas, 'out'), []);
  tablet.disconnect();
  assert.equal((await hears(annas, 'out')).userId, ben.id);
  assert.deepEqual((await couplesRoom(anna)).present, [anna.id]);
});

test('someone on two devices whose connections break one after the other is out once, and back once', async (t) => {
  const proxies = [await Proxy.open(server.listen), await Proxy.open(server.listen)];
  t.after(() => Promise.all(proxies.map((proxy) => proxy.close())));
  const devices = proxies.map((proxy) => Object.assign(new Person({ url: proxy.url, api: server.api }), { accessToken: ben.accessToken, id: ben.id }));
  const annas = await anna.rooms();
  await enter(annas);
  for (const device of devices) await enter(await device.rooms());
  const both = [anna.id, ben.id];
  const present = async () => (await couplesRoom(anna)).present.sort((a, b) => a - b);
  assert.deepEqual(await present(), both);

  const first = devices[0].sockets[0];
  const isBroken = new Promise((resolve) => { first.once('disconnect', resolve); });
  proxies[0].reset();
  await isBroken;
  // Back on the same device before the server could know that the first connection is gone, or after: it is the same.
  const again = await devices[0].rooms();
  assert.deepEqual((await enter(again)).present.sort((a, b) => a - b), both);
  assert.deepEqual(heardOf(annas, 'out'), []);
  again.disconnect();
  assert.deepEqual(await present(), both);
  proxies[1].reset();
  assert.equal((await hears(annas, 'out')).userId, ben.id);
  assert.deepEqual(await present(), [anna.id]);
  await enter(await devices[1].rooms());
  assert.deepEqual(await present(), both);
  assert.deepEqual(heardOf(annas, 'out'), []);
  devices.forEach((device) => device.leaveAll());
});

test('after a restart nobody is there until they come back, each once', async () => {
  const own = await Server.start();
  try {
    const [eve, fred] = await Person.couple(own);
    const room = (await eve.roomOfKind('COUPLE')).roomId;
    const comeIn = async (person) => acked(await ask(await person.rooms(), 'enter', { roomId: room, read: false })).present.sort((a, b) => a - b);
    for (const person of [eve, fred, fred]) await comeIn(person);
    await own.kill();
    await own.restart();
    assert.deepEqual((await eve.roomOfKind('COUPLE')).present, []);
    assert.deepEqual(await comeIn(fred), [fred.id]);
    assert.deepEqual(await comeIn(fred), [fred.id]);
    assert.deepEqual(await comeIn(eve), [eve.id, fred.id]);
    fred.sockets.at(-1).disconnect();
    assert.deepEqual(await comeIn(eve), [eve.id, fred.id], 'one device of two is left');
    [eve, fred].forEach((person) => person.leaveAll());
  } finally {
    await own.stop();
  }
});

test('someone whose session ends is out', async () => {
  const [annas, bens] = [await anna.rooms(), await ben.rooms()];
  await enter(annas);
  await enter(bens);
  assert.deepEqual((await couplesRoom(anna)).present.sort((a, b) => a - b), [anna.id, ben.id]);
  data(await ben.post('/auth/logout'));
  assert.equal((await hears(annas, 'out')).userId, ben.id);
  assert.deepEqual((await couplesRoom(anna)).present, [anna.id]);
});

test('coming in twice is coming in once', async () => {
  const [annas, bens] = [await anna.rooms(), await ben.rooms()];
  await enter(annas);
  await enter(bens);
  assert.deepEqual((await enter(bens)).present.sort((a, b) => a - b), [anna.id, ben.id]);
  await says(annas, 'heard once');
  await says(annas, 'fence');
  await hears(bens, 'chat', ({ message }) => message.content === 'fence');
  assert.deepEqual(heardOf(bens, 'chat').map(([, { message }]) => message.content), ['heard once']);
  acked(await ask(bens, 'exit', { roomId }));
  assert.equal((await hears(annas, 'out')).userId, ben.id);
});

test('typing is passed on once in three seconds', async () => {
  const [annas, bens] = [await anna.rooms(), await ben.rooms()];
  await enter(annas);
  await enter(bens);
  for (let i = 0; i < 5; i += 1) acked(await ask(bens, 'typing', { roomId }));
  await says(bens, 'typed');
  const typing = await hears(annas, 'typing');
  const firstAt = Date.now();
  assert.deepEqual([typing.roomId, typing.userId], [roomId, ben.id]);
  await hears(annas, 'chat');
  assert.deepEqual(heardOf(annas, 'typing'), []);

  const again = hears(annas, 'typing').then(() => Date.now() - firstAt);
  const keys = setInterval(() => bens.emit('typing', { roomId }), 100);
  const waitedMs = await again.finally(() => clearInterval(keys));
  assert.ok(waitedMs > TYPING_PAUSE_MS - 500, `passed on again after ${waitedMs} ms`);
});

test('a room that is not mine does not exist, whatever I try with it', async () => {
  const stranger = await Person.signUp(server, '낯선이');
  const [annas, strangers] = [await anna.rooms(), await stranger.rooms()];
  await enter(annas);
  const { id } = await says(annas, 'a secret');
  const tries = { enter: { roomId }, send: { roomId, clientId: uuid(), type: 'TEXT', content: 'intruder' }, read: { roomId, messageId: id }, typing: { roomId } };
  for (const [event, payload] of Object.entries(tries)) {
    const ack = await ask(strangers, event, payload);
    isFailure(ack, 6404);
    assert.deepEqual(await ask(strangers, event, { ...payload, roomId: 987_654_321 }), ack, event);
  }
  refuses(await stranger.post(`/rooms/${roomId}/messages`, tries.send), 404, 6404);

  await says(annas, 'still ours');
  await hears(annas, 'chat', ({ message }) => message.content === 'still ours');
  assert.deepEqual(annas.heard.filter(([, body]) => body.userId === stranger.id), []);
  assert.deepEqual(heardOf(strangers, 'chat').concat(heardOf(strangers, 'room')), []);
  assert.deepEqual((await couplesRoom(anna)).present, [anna.id]);
  assert.deepEqual(data(await ben.get(`/rooms/${roomId}/messages`)).messages.map(({ content }) => content), ['still ours', 'a secret']);
  stranger.leaveAll();
});
