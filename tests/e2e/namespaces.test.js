'use strict';
// The app's namespace and the rooms' show one conversation, over WebSocket and over polling.
const { test, before, after, beforeEach, afterEach } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { Person, hears, ask, uuid } = require('./person.js');
const { data, acked } = require('./envelope.js');

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
const heardOf = (socket, name) => socket.heard.filter(([event]) => event === name);

test('what is said on one namespace is heard on the other, under one number', async () => {
  const [app, web] = [await anna.chats(), await ben.rooms()];
  await enter(web);
  const saved = await says(web, 'from the web');
  const heard = await hears(app, 'receive_message');
  assert.deepEqual(heard, { id: saved.id, chatId: roomId, senderId: ben.id, type: 'TEXT', content: 'from the web', isRead: false, sentAt: saved.sentAt });

  app.emit('send_message', { type: 'TEXT', content: 'from the app' });
  const mine = await hears(app, 'receive_message');
  const { message } = await hears(web, 'chat', (chat) => chat.message.content === 'from the app');
  assert.deepEqual([message.id, message.roomId, message.senderId, message.content, message.sentAt], [mine.id, roomId, anna.id, 'from the app', mine.sentAt]);

  const posted = data(await ben.post(`/rooms/${roomId}/messages`, { clientId: uuid(), type: 'TEXT', content: 'by request' }), 201);
  assert.equal((await hears(app, 'receive_message')).id, posted.id);
});

test('reading in a room reaches the app once the newest is read', async () => {
  const [app, web] = [await anna.chats(), await ben.rooms()];
  for (const content of ['one', 'two', 'three']) {
    app.emit('send_message', { type: 'TEXT', content });
    await hears(app, 'receive_message');
  }
  await enter(web, { read: false });
  acked(await ask(web, 'read', { roomId, messageId: 2 }));
  assert.deepEqual(data(await anna.get('/messages')).messages.map(({ id, isRead }) => [id, isRead]), [[3, false], [2, true], [1, true]]);

  acked(await ask(web, 'read', { roomId, messageId: 3 }));
  app.emit('read_all_messages');
  await hears(app, 'update_read_status', (id) => id === anna.id);
  assert.deepEqual(heardOf(app, 'update_read_status'), [['update_read_status', ben.id]]);
  assert.ok(data(await anna.get('/messages')).messages.every(({ isRead }) => isRead));
});

test('coming into a room counts as reading for the app', async () => {
  const [app, web] = [await anna.chats(), await ben.rooms()];
  app.emit('send_message', { type: 'TEXT', content: 'read me' });
  await hears(app, 'receive_message');
  await enter(web);
  assert.equal(await hears(app, 'update_read_status'), ben.id);
});

test('reading in the app is heard in the room', async () => {
  const web = await ben.rooms();
  await enter(web);
  for (const content of ['one', 'two']) await says(web, content);
  const app = await anna.chats();
  const came = await hears(web, 'info', ({ userId, lastReadId }) => userId === anna.id && lastReadId === 2);
  assert.deepEqual([came.fromId, came.lastReadId, came.readCount], [0, 2, 2]);
  await says(web, 'three');
  app.emit('read_all_messages');
  const read = await hears(web, 'info', ({ userId, lastReadId }) => userId === anna.id && lastReadId === 3);
  assert.deepEqual([read.fromId, read.readCount], [2, 1]);
});

test('who has the app open is in the couple\'s room', async () => {
  const web = await ben.rooms();
  await enter(web);
  const app = await anna.chats();
  assert.deepEqual((await ben.roomOfKind('COUPLE')).present.sort((a, b) => a - b), [anna.id, ben.id]);
  app.disconnect();
  assert.equal((await hears(web, 'out')).userId, anna.id);
  assert.deepEqual((await ben.roomOfKind('COUPLE')).present, [ben.id]);
});

test('a read in the app shows in unread counts everywhere', async () => {
  const web = await ben.rooms();
  for (const content of ['one', 'two']) await says(web, content);
  assert.equal((await anna.roomOfKind('COUPLE')).unreadCount, 2);
  await anna.chats();
  assert.equal((await anna.roomOfKind('COUPLE')).unreadCount, 0);
  const { messages } = data(await ben.get(`/rooms/${roomId}/messages`));
  assert.ok(messages.length === 2 && messages.every(({ unreadCount }) => unreadCount === 0));
});

test('alone, the app talks to its own private room', async () => {
  const carl = await Person.signUp(server, '카알');
  const { roomId: own } = await carl.roomOfKind('SELF');
  const [app, web] = [await carl.chats(), await carl.rooms()];
  acked(await ask(web, 'enter', { roomId: own }));
  app.emit('send_message', { content: 'to myself' });
  assert.deepEqual([(await hears(app, 'receive_message')).chatId, (await hears(web, 'chat')).message.id], [own, 1]);
  carl.leaveAll();
});

test('where WebSocket is blocked everything works by polling', async () => {
  const options = { transports: ['polling'], upgrade: false };
  const [app, web] = [await anna.chats(options), await ben.rooms(options)];
  assert.equal(app.io.engine.transport.name, 'polling');
  await enter(web);
  for (let i = 0; i < 50; i += 1) app.emit('send_message', { type: 'TEXT', content: `${i}` });
  for (let i = 0; i < 50; i += 1) assert.equal((await hears(web, 'chat')).message.content, `${i}`);
  const saved = await says(web, 'back');
  assert.equal((await hears(app, 'receive_message', ({ content }) => content === 'back')).id, saved.id);
  assert.equal(web.io.engine.transport.name, 'polling');
});

test('a connection that begins by polling becomes a WebSocket without losing anything', async () => {
  const web = await ben.rooms();
  await enter(web);
  const app = anna.socket('/chats', { transports: ['polling', 'websocket'] });
  const upgraded = new Promise((resolve) => app.io.once('open', () => app.io.engine.once('upgrade', resolve)));
  app.connect();
  await hears(app, 'update_read_status');
  const sent = Array.from({ length: 30 }, (_, i) => `${i}`);
  for (const content of sent) app.emit('send_message', { content });
  await upgraded;
  assert.equal(app.io.engine.transport.name, 'websocket');
  app.emit('send_message', { content: 'upgraded' });
  for (const content of [...sent, 'upgraded']) assert.equal((await hears(web, 'chat')).message.content, content);
});

test('every device of both hears a message once', async () => {
  const devices = [await anna.chats(), await anna.chats(), await ben.chats()];
  const webs = [await anna.rooms(), await ben.rooms(), await ben.rooms()];
  for (const web of webs) await enter(web);
  await says(webs[0], 'once');
  await says(webs[0], 'fence');
  for (const app of devices) {
    await hears(app, 'receive_message', ({ content }) => content === 'fence');
    assert.deepEqual(heardOf(app, 'receive_message').map(([, { content }]) => content), ['once']);
  }
  for (const web of webs) {
    await hears(web, 'chat', ({ message }) => message.content === 'fence');
    assert.deepEqual(heardOf(web, 'chat').map(([, { message }]) => message.content), ['once']);
  }
});
