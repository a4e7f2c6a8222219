'use strict';
// Acts that meet at the same moment: pairing under a burst, logging out under a burst, marks and presence under a storm.
const { test, before, after, beforeEach, afterEach } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { Person, hears, ask, uuid } = require('./person.js');
const { seeded } = require('./kit.js');
const { data, refuses, acked } = require('./envelope.js');

const BURST = 200;
const chance = seeded();
let server, people;

before(async () => { server = await Server.start(); });
after(() => server.stop());
beforeEach(() => { people = []; });
afterEach(() => people.forEach((person) => person.leaveAll()));

async function someone(nickname) {
  const person = await Person.signUp(server, nickname);
  people.push(person);
  return person;
}

async function couple() {
  const [anna, ben] = await Person.couple(server);
  people.push(anna, ben);
  return { anna, ben, roomId: (await anna.roomOfKind('COUPLE')).roomId };
}

/** All of a room, oldest first. */
async function allOf(person, roomId) {
  const pageAt = async (query) => data(await person.get(`/rooms/${roomId}/messages?limit=50${query}`)).messages;
  const found = [];
  for (let page = await pageAt(''); page.length; page = await pageAt(`&before=${page.at(-1).id}`)) found.push(...page);
  return found.reverse();
}

test('a burst that meets the pairing lands in order in the one room or the other, and nothing is lost or shown twice', async () => {
  for (let round = 0; round < 5; round += 1) {
    const [anna, ben] = [await someone('안나'), await someone('벤벤')];
    const app = await ben.chats();
    const contents = Array.from({ length: BURST }, (_, i) => `${i}`);
    const inviteCode = data(await anna.post('/couples/invite-code'), 201).inviteCode;
    const sending = contents.map((content) => ask(app, 'send_message', { type: 'TEXT', content }).then(acked));
    await Promise.all([sending[chance.between(0, 20)], ben.post('/couples/join', { inviteCode }).then((answer) => data(answer))]);
    const saved = await Promise.all(sending);

    const [alone, together] = [(await ben.roomOfKind('SELF')).roomId, (await ben.roomOfKind('COUPLE')).roomId];
    const stored = [...await allOf(ben, alone), ...await allOf(ben, together)];
    assert.deepEqual(stored.map(({ content }) => content), contents);
    assert.deepEqual(stored.map(({ roomId, id }) => [roomId, id]), saved.map(({ chatId, id }) => [chatId, id]));
    assert.deepEqual(await allOf(anna, together), stored.filter(({ roomId }) => roomId === together));
    refuses(await anna.get(`/rooms/${alone}/messages`), 404, 6404);
  }
});

test('a burst that meets the logout is stored as far as it was acknowledged, and no further', async () => {
  for (let round = 0; round < 5; round += 1) {
    const { anna, ben, roomId } = await couple();
    const socket = await ben.rooms();
    const draft = (i) => ({ roomId, clientId: uuid(), type: 'TEXT', content: `${i}` });
    const sending = Array.from({ length: BURST }, (_, i) => ask(socket, 'send', draft(i)).catch(() => ({ code: 'gone' })));
    const [, out] = await Promise.all([sending[0], ben.post('/auth/logout')]);
    data(out);
    const atLogout = await allOf(anna, roomId);
    const answers = await Promise.all(sending);

    const stored = await allOf(anna, roomId);
    assert.deepEqual(stored, atLogout, 'nothing is stored after the logout was answered');
    assert.deepEqual(stored.map(({ content }) => content), stored.map((_, i) => `${i}`));
    // The last acks may be cut off with the socket, in any order; what was acknowledged is there.
    const ok = answers.filter(({ code }) => code === '0000').map(({ data: message }) => message);
    assert.deepEqual(ok.map(({ id, content }) => [id, content]), ok.map(({ id }) => [id, stored[id - 1]?.content]));
    const codes = new Set(answers.map(({ code }) => code));
    assert.deepEqual([...codes].filter((code) => !['0000', '2400', 'gone'].includes(code)), []);
  }
});

test('marks that race end at the farthest, and whoever listens sees them only grow', async () => {
  const { anna, ben, roomId } = await couple();
  const [annas, ...bens] = [await anna.rooms(), await ben.rooms(), await ben.rooms(), await ben.rooms()];
  acked(await ask(annas, 'enter', { roomId }));
  for (let i = 0; i < 50; i += 1) acked(await ask(annas, 'send', { roomId, clientId: uuid(), type: 'TEXT', content: `${i}` }));

  const marks = Array.from({ length: 120 }, () => chance.between(1, 49));
  await Promise.all(marks.map((messageId, i) => ask(bens[i % bens.length], 'read', { roomId, messageId }).then(acked)));
  await hears(annas, 'info', ({ lastReadId }) => lastReadId === Math.max(...marks));
  acked(await ask(bens[0], 'read', { roomId, messageId: 50 }));
  const last = await hears(annas, 'info', ({ lastReadId }) => lastReadId === 50);
  const moved = annas.heard.filter(([event, body]) => event === 'info' && body.userId === ben.id).map(([, body]) => body);
  assert.ok(moved.every((info, i) => info.lastReadId >= (moved[i - 1]?.lastReadId ?? 0)), JSON.stringify(moved));
  assert.equal(last.fromId, Math.max(...marks));
  assert.ok((await allOf(anna, roomId)).every(({ unreadCount }) => unreadCount === 0));
});

test('presence is right after a storm of coming and going', async () => {
  const { anna, ben, roomId } = await couple();
  const annas = await anna.rooms();
  const bens = [await ben.rooms(), await ben.rooms()];
  acked(await ask(annas, 'enter', { roomId }));
  for (const inside of [[true, false], [false, false], [false, true], [true, true]]) {
    const storm = Array.from({ length: 100 }, () => [chance.pick(bens), chance.pick(['enter', 'exit'])]);
    const final = bens.map((socket, i) => [socket, inside[i] ? 'enter' : 'exit']);
    await Promise.all([...storm, ...final].map(([socket, event]) => ask(socket, event, { roomId }).then(acked)));
    const expected = inside.includes(true) ? [anna.id, ben.id] : [anna.id];
    assert.deepEqual((await anna.roomOfKind('COUPLE')).present.sort((a, b) => a - b), expected);
    acked(await ask(annas, 'send', { roomId, clientId: uuid(), type: 'TEXT', content: `${inside}` }));
    for (const [i, socket] of bens.entries()) {
      if (inside[i]) await hears(socket, 'chat', ({ message }) => message.content === `${inside}`);
      else await hears(socket, 'room', ({ lastMessage }) => lastMessage.content === `${inside}`);
    }
  }
});
