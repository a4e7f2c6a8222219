'use strict';
// A room's past: pages around any message, what changed since, and sending again without doubling.
const { test, before, after, beforeEach, afterEach } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { Person, hears, ask, uuid } = require('./person.js');
const { data, refuses, isFailure, acked } = require('./envelope.js');

const MANY_CHANGES = 1_010;
const BATCH = 50;
let server, anna, ben, roomId;

before(async () => { server = await Server.start(); });
after(() => server.stop());
beforeEach(async () => {
  [anna, ben] = await Person.couple(server);
  ({ roomId } = await anna.roomOfKind('COUPLE'));
});
afterEach(() => [anna, ben].forEach((person) => person.leaveAll()));

const draft = (content, clientId = uuid()) => ({ roomId, clientId, type: 'TEXT', content });
const posts = async (person, body) => data(await person.post(`/rooms/${roomId}/messages`, body), 201);
const page = async (query) => data(await anna.get(`/rooms/${roomId}/messages${query}`)).messages;
const ids = (messages) => messages.map(({ id }) => id);
const changes = async (person, query) => data(await person.get(`/rooms/${roomId}/changes?${query}`));

async function writes(count) {
  const socket = await anna.rooms();
  for (let first = 1; first <= count; first += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, count - first + 1) }, (_, i) => draft(`m${first + i}`));
    (await Promise.all(batch.map((body) => ask(socket, 'send', body)))).forEach(acked);
  }
}

function descending(newest, oldest) {
  return Array.from({ length: newest - oldest + 1 }, (_, i) => newest - i);
}

test('a room is paged before, after and around any message, newest first', async () => {
  await writes(60);
  assert.deepEqual(ids(await page('?limit=50')), descending(60, 11));
  assert.deepEqual(ids(await page('?before=11&limit=50')), descending(10, 1));
  assert.deepEqual(ids(await page('?before=1')), []);
  assert.deepEqual(ids(await page('?before=30&limit=5')), descending(29, 25));
  assert.deepEqual(ids(await page('?after=30&limit=5')), descending(35, 31));
  assert.deepEqual(ids(await page('?after=60')), []);

  const around = ids(await page('?around=30&limit=11'));
  assert.deepEqual(around, descending(around[0], around.at(-1)));
  assert.ok(around.includes(30) && around[0] > 30 && around.at(-1) < 30 && around.length <= 11, `${around}`);
  assert.ok(ids(await page('?around=1&limit=5')).includes(1));
  assert.equal((await page('')).length, 20);
});

test('a page that cannot be is refused', async () => {
  for (const limit of ['0', '51', '-1', 'abc']) refuses(await anna.get(`/rooms/${roomId}/messages?limit=${limit}`), 400, 6400);
  for (const query of ['before=abc', 'after=x', 'around=%00', 'before=1e9x']) refuses(await anna.get(`/rooms/${roomId}/messages?${query}`), 400, 1401);
  for (const id of ['abc', '0', '-1', '99999999999999999999', '1.5']) {
    const answer = await anna.get(`/rooms/${id}/messages`);
    assert.ok([400, 404].includes(answer.status), `${id}: ${answer.status}`);
  }
});

test('numbers at the edge of what a number can be are only far away', async () => {
  await writes(3);
  const [far, back] = ['9223372036854775807', '-9223372036854775808'];
  assert.deepEqual(ids(await page(`?before=${far}`)), [3, 2, 1]);
  assert.deepEqual(ids(await page(`?after=${back}`)), [3, 2, 1]);
  assert.deepEqual([...await page(`?before=${back}`), ...await page(`?after=${far}`)], []);
  for (const path of [`messages?around=${far}`, `messages?around=${back}`, `changes?since=${far}`, `changes?since=${back}`]) {
    const { status } = await anna.get(`/rooms/${roomId}/${path}`);
    assert.ok([200, 400].includes(status), `${path}: ${status}`);
  }
  for (const room of [far, back]) refuses(await anna.get(`/rooms/${room}/messages`), 404, 6404);
});

test('changes since nothing are everything, and since the last word nothing', async () => {
  await writes(5);
  const all = await changes(anna, 'since=0');
  assert.deepEqual(Object.keys(all).sort(), ['hidden', 'members', 'messages', 'more', 'reload', 'rev']);
  assert.deepEqual(ids(all.messages).sort((a, b) => a - b), [1, 2, 3, 4, 5]);
  assert.deepEqual(all.messages.sort((a, b) => b.id - a.id), await page(''));
  assert.deepEqual([all.more, all.reload], [false, false]);
  assert.deepEqual(all.members.map(({ userId }) => userId).sort((a, b) => a - b), [anna.id, ben.id]);
  assert.equal(all.rev, (await anna.roomOfKind('COUPLE')).rev);
  assert.deepEqual(await changes(anna, `since=${all.rev}`), { rev: all.rev, more: false, reload: false, messages: [], members: [], hidden: [] });
});

test('what changed since is what came and who read, as it is now', async () => {
  await writes(3);
  const { rev } = await changes(ben, 'since=0');
  await posts(anna, draft('new'));
  const bens = await ben.rooms();
  acked(await ask(bens, 'enter', { roomId }));
  const since = await changes(anna, `since=${rev}`);
  assert.deepEqual(since.messages.map(({ id, content, unreadCount }) => [id, content, unreadCount]), [[4, 'new', 0]]);
  assert.equal(since.members.find(({ userId }) => userId === ben.id).lastReadId, 4);
  assert.ok(since.rev > rev);
});

test('changes are paged by their own rev to the same end, whatever the page', async () => {
  await writes(40);
  acked(await ask(await ben.rooms(), 'enter', { roomId }));
  const whole = await changes(anna, 'since=0&limit=50');
  const end = (await anna.roomOfKind('COUPLE')).rev;
  for (const limit of [1, 7, 50]) {
    const found = new Set();
    const members = new Map();
    let step = { rev: 0, more: true };
    while (step.more) {
      const next = await changes(anna, `since=${step.rev}&limit=${limit}`);
      assert.ok(next.rev > step.rev && next.messages.length <= limit, `limit ${limit} stands still at ${step.rev}`);
      next.messages.forEach(({ id }) => found.add(id));
      next.members.forEach(({ userId, lastReadId }) => members.set(userId, lastReadId));
      step = next;
    }
    assert.deepEqual([...found].sort((a, b) => a - b), descending(40, 1).reverse());
    assert.equal(members.get(ben.id), 40);
    assert.equal(step.rev, end);
  }
  assert.equal(whole.reload, false);
});

test('after more than a thousand changes a phone is told to load anew', async () => {
  await writes(MANY_CHANGES);
  const { rev } = await anna.roomOfKind('COUPLE');
  const far = await changes(ben, `since=${rev - 1_001}`);
  assert.deepEqual([far.reload, far.messages, far.members], [true, [], []]);
  const near = await changes(ben, `since=${rev - 900}&limit=50`);
  assert.deepEqual([near.reload, near.more], [false, true]);
  assert.equal((await changes(ben, 'since=0&limit=50')).reload, false);
});

test('changes that cannot be asked for are refused', async () => {
  for (const query of ['since=abc', 'since=1.5', 'since=%00']) refuses(await anna.get(`/rooms/${roomId}/changes?${query}`), 400, 1401);
  for (const query of ['since=0&limit=0', 'since=0&limit=51', 'since=0&limit=x']) refuses(await anna.get(`/rooms/${roomId}/changes?${query}`), 400, 6400);
});

test('a message sent twice is saved once, by socket or by request, and the first content wins', async () => {
  const [annas, bens] = [await anna.rooms(), await ben.rooms()];
  acked(await ask(bens, 'enter', { roomId, read: false }));
  const clientId = uuid();
  const first = await posts(anna, draft('first', clientId));
  assert.equal(first.clientId, clientId);
  const again = await anna.post(`/rooms/${roomId}/messages`, draft('second', clientId));
  assert.ok([200, 201].includes(again.status));
  assert.deepEqual(again.data.data, first);
  assert.deepEqual(acked(await ask(annas, 'send', draft('third', clientId))), first);

  await posts(anna, draft('fence'));
  const heard = [await hears(bens, 'chat'), await hears(bens, 'chat')];
  assert.deepEqual(heard.map(({ message }) => message.content), ['first', 'fence']);
  assert.deepEqual(ids(await page('')), [2, 1]);
});

test('a message raced with itself over every way in is saved once', async () => {
  const annas = await Promise.all([anna.rooms(), anna.rooms()]);
  for (let round = 0; round < 20; round += 1) {
    const body = draft(`round ${round}`);
    const ways = [...annas.map((socket) => ask(socket, 'send', body).then(acked)), posts(anna, body), posts(anna, body), ask(annas[0], 'send', body).then(acked)];
    const saved = await Promise.all(ways);
    assert.equal(new Set(saved.map(({ id }) => id)).size, 1);
    assert.equal(saved[0].id, round + 1);
  }
  assert.equal((await page('?limit=50')).length, 20);
});

test('the same client id of two people means two messages', async () => {
  const clientId = uuid();
  const annas = await posts(anna, draft('from anna', clientId));
  const bens = acked(await ask(await ben.rooms(), 'send', draft('from ben', clientId)));
  assert.deepEqual([annas.content, bens.content], ['from anna', 'from ben']);
  const stranger = await Person.signUp(server, '낯선이');
  const { roomId: own } = await stranger.roomOfKind('SELF');
  const his = data(await stranger.post(`/rooms/${own}/messages`, { ...draft('from far', clientId), roomId: own }), 201);
  assert.deepEqual([his.roomId, his.id, his.content], [own, 1, 'from far']);
  assert.deepEqual(ids(await page('')), [2, 1]);
});

test('a client id is a UUID or nothing', async () => {
  const socket = await anna.rooms();
  for (const clientId of ['abc', '', 5, {}, true, `${uuid()}x`]) {
    refuses(await anna.post(`/rooms/${roomId}/messages`, draft('x', clientId)), 400, 1401, 1400);
    isFailure(await ask(socket, 'send', draft('x', clientId)), 1401, 1400);
  }
  const { clientId, ...without } = draft('twice without');
  assert.notEqual(acked(await ask(socket, 'send', without)).id, acked(await ask(socket, 'send', without)).id);
  assert.equal(typeof clientId, 'string');
});
