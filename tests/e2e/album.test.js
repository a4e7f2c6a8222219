'use strict';
// The album: every photo and film of a room, newest first, and only what its reader may see.
const { test, before, after, beforeEach, afterEach } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { Person, uuid } = require('./person.js');
const { data, refuses } = require('./envelope.js');
const { awayFromMidnight } = require('./kit.js');

const PHOTO = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
const FILM = Buffer.from('\0\0\0\x18ftypmp42\0\0\0\0mp42isom', 'latin1');
let server, anna, ben, roomId, everybody;

before(async () => {
  await awayFromMidnight();
  server = await Server.start();
});
after(() => server.stop());
beforeEach(async () => {
  [anna, ben] = await Person.couple(server);
  everybody = [anna, ben];
  ({ roomId } = await anna.roomOfKind('COUPLE'));
});
afterEach(() => everybody.forEach((person) => person.leaveAll()));

const send = async (person, body, room = roomId) => data(await person.post(`/rooms/${room}/messages`, { clientId: uuid(), ...body }), 201);
const album = async (person, rest = '', room = roomId) => data(await person.get(`/rooms/${room}/media${rest}`)).messages;
const pathOf = ({ roomId: room, id }) => `/rooms/${room}/messages/${id}`;
const ids = (messages) => messages.map(({ id }) => id);

/** Sends one of each: { photo, film, file }, with a text around each. */
async function showsAll(person, room = roomId) {
  const sent = {};
  for (const [name, type, bytes] of [['photo', 'IMAGE', PHOTO], ['film', 'VIDEO', FILM], ['file', 'FILE', Buffer.from('%PDF-1.7\n')]]) {
    await send(person, { type: 'TEXT', content: name }, room);
    const { mediaId } = data(await person.upload(bytes, name), 201);
    sent[name] = await send(person, { type, mediaId }, room);
  }
  return sent;
}

test('photos and films are there as they stand in the room, newest first, and open', async () => {
  const { photo, film } = await showsAll(anna);
  data(await ben.put(`${pathOf(photo)}/reactions/👍`));
  const history = data(await ben.get(`/rooms/${roomId}/messages?limit=50`));
  const shown = history.messages.filter(({ type }) => ['IMAGE', 'VIDEO'].includes(type));
  const page = data(await ben.get(`/rooms/${roomId}/media`));
  assert.deepEqual(page, { ...history, messages: shown });
  assert.deepEqual(ids(shown), [film.id, photo.id]);
  for (const { url } of page.messages) assert.equal((await ben.open(url)).status, 200);
});

test('pages go on below the last one', async () => {
  const sent = [];
  for (let at = 0; at < 4; at += 1) { const { photo, film } = await showsAll(anna); sent.unshift(film.id, photo.id); }
  const found = [];
  for (let page = await album(ben, '?limit=3'); page.length; page = await album(ben, `?limit=3&before=${page.at(-1).id}`)) found.push(...ids(page));
  assert.deepEqual(found, sent);
  for (const limit of ['0', '51', 'x']) refuses(await ben.get(`/rooms/${roomId}/media?limit=${limit}`), 400, 6400);
  refuses(await ben.get(`/rooms/${roomId}/media?before=x`), 400, 1401);
  assert.deepEqual(await album(ben, '?before=0'), []);
  assert.deepEqual(ids(await album(ben, '?before=9223372036854775807')), sent);
});

test('what is deleted or hidden is no longer in it', async () => {
  const { photo, film } = await showsAll(anna);
  data(await anna.delete(`${pathOf(photo)}?for=all`));
  data(await ben.delete(`${pathOf(film)}?for=me`));
  assert.deepEqual(await album(ben), []);
  assert.deepEqual(ids(await album(anna)), [film.id]);
});

test('who came later sees what came later; a stranger and who has left see nothing', async () => {
  const group = data(await anna.post('/rooms', { title: '우리 가족', memberIds: [ben.id] }), 201).roomId;
  await showsAll(anna, group);
  const { token } = data(await anna.post(`/rooms/${group}/invites`, {}), 201);
  const signed = data(await new Person(server).post('/auth/guest', { invite: token, nickname: '할머니' }), 201);
  const grandma = new Person(server, { ...signed, id: signed.user.userId });
  const { photo, film } = await showsAll(anna, group);
  assert.equal((await album(ben, '', group)).length, 4);
  assert.deepEqual(ids(await album(grandma, '', group)), [film.id, photo.id]);
  const stranger = await Person.signUp(server, '이웃', 'DAD');
  for (const person of [stranger, grandma]) refuses(await person.get(`/rooms/${roomId}/media`), 404, 6404);
  data(await ben.delete(`/rooms/${group}/members/me`));
  refuses(await ben.get(`/rooms/${group}/media`), 404, 6404);
  for (const room of ['x', 987_654_321]) refuses(await anna.get(`/rooms/${room}/media`), 404, 6404);
});
