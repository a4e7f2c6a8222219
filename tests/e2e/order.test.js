'use strict';
// Bursts and crowds: nothing sent is dropped or overtaken, and one slow reader is nobody else's trouble.
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const { Server } = require('./server');
const { ask, uuid } = require('./person');
const { OPCODE, RawSocket, frame } = require('./raw');
const { stored } = require('./oracle');
const { couples } = require('./senders');
const { busy, pause, rssMb, until, within } = require('./kit');

const BURST = 10_000;
let server;
before(async () => { server = await Server.start(); });
after(() => server.stop());

const tick = () => new Promise((resolve) => setImmediate(resolve));

/** Emits `count` in one go, giving the sockets a turn now and then, and resolves with the answers in send order. */
async function pipeline(socket, count, event, payload) {
  const answers = new Array(count);
  let open = count;
  const done = new Promise((resolve, reject) => {
    socket.answered = (index, answer) => { answers[index] = answer; open -= 1; if (open === 0) resolve(); };
    socket.once('disconnect', (reason) => reject(new Error(`cut off (${reason}) with ${open} answers to come`)));
  });
  for (let index = 0; index < count; index += 1) {
    socket.emit(event, payload(index), (answer) => socket.answered(index, answer));
    if (index % 100 === 99) await tick();
  }
  await within(done, 90_000, `${count} answers`);
  return answers;
}

/** Numbers heard in `event`, without keeping the rest. */
function listen(socket, event, numberOf) {
  const heard = [];
  socket.offAny();
  socket.on(event, (payload) => heard.push(numberOf(payload)));
  return heard;
}

async function entered(person, roomId) {
  const socket = await person.rooms();
  assert.equal((await ask(socket, 'enter', { roomId })).code, '0000');
  return socket;
}

/** One socket's burst: answered, stored and heard by both namespaces in the order sent. */
async function assertBurstKeepsOrder(send) {
  const [{ people: [anna, ben], roomId }] = await couples(server, 1);
  const web = await entered(ben, roomId);
  const app = await ben.chats();
  const heardByWeb = listen(web, 'chat', ({ message }) => [message.id, message.content]);
  const heardByApp = listen(app, 'receive_message', (message) => [message.id, message.content]);

  const answers = await send(anna, roomId);
  assert.deepEqual([...new Set(answers.map(({ code }) => code))], ['0000']);
  const expected = Array.from({ length: BURST }, (_, index) => [index + 1, `m${index}`]);
  await until(() => heardByWeb.length >= BURST && heardByApp.length >= BURST, 60_000, 'everybody hearing everything');
  assert.deepEqual(heardByWeb, expected);
  assert.deepEqual(heardByApp, expected);
  const rows = stored(server).filter((row) => row.roomId === roomId).map(({ id, content }) => [id, content]);
  assert.deepEqual(rows, expected);
  [anna, ben].forEach((person) => person.leaveAll());
}

test('10,000 sends from one /rooms socket are answered, stored and told in the order sent', { timeout: 120_000 }, async () => {
  await assertBurstKeepsOrder(async (anna, roomId) => {
    const socket = await entered(anna, roomId);
    socket.offAny();
    const answers = await pipeline(socket, BURST, 'send', (index) => ({ roomId, clientId: uuid(), type: 'TEXT', content: `m${index}` }));
    assert.deepEqual(answers.map(({ data }) => data?.id), Array.from({ length: BURST }, (_, index) => index + 1));
    return answers;
  });
});

test('10,000 sends from one /chats socket are answered, stored and told in the order sent', { timeout: 120_000 }, async () => {
  await assertBurstKeepsOrder(async (anna) => {
    const socket = await anna.chats();
    socket.offAny();
    return pipeline(socket, BURST, 'send_message', (index) => ({ type: 'TEXT', content: `m${index}` }));
  });
});

/** Connects and asks in the very tick of the connect; resolves with the answer. */
function askAtOnce(person, roomId, isApp) {
  const socket = person.socket(isApp ? '/chats' : '/rooms');
  socket.offAny();
  return within(new Promise((resolve, reject) => {
    socket.once('connect_error', reject);
    socket.once('connect', () => {
      if (isApp) socket.emit('read_all_messages', null, resolve);
      else socket.emit('enter', { roomId }, resolve);
    });
    socket.connect();
  }), 20_000, 'answer to an event of the connect tick').finally(() => socket.disconnect());
}

test('1,000 phones that ask in the tick of their connect are all answered, under load', { timeout: 120_000 }, async (t) => {
  const pairs = await couples(server, 5);
  const descriptors = () => fs.readdirSync(`/proc/${server.pid}/fd`).length;
  const before = descriptors();
  const load = busy(2);
  t.after(() => load.stop());
  let left = 1_000;
  const codes = new Map();
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      const { people, roomId } = pairs[left % pairs.length];
      const { code } = await askAtOnce(people[left % 2], roomId, left % 4 === 0);
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: 50 }, worker));
  assert.deepEqual([...codes], [['0000', 1_000]]);
  await until(() => descriptors() <= before + 10, 10_000, 'the connections being let go');
});

/** Sends `count` messages of 2,000 letters with a few in flight; resolves with the slowest answer in ms. */
async function pour(socket, roomId, count) {
  let sent = 0;
  let slowest = 0;
  const lane = async () => {
    while (sent < count) {
      sent += 1;
      const start = Date.now();
      const answer = await ask(socket, 'send', { roomId, clientId: uuid(), type: 'TEXT', content: `${sent}`.padEnd(2_000, '.') });
      assert.equal(answer.code, '0000');
      slowest = Math.max(slowest, Date.now() - start);
    }
  };
  await Promise.all(Array.from({ length: 16 }, lane));
  return slowest;
}

const SLOW = {
  async '/rooms'(ben, roomId) {
    const slow = await RawSocket.enter(server, '/rooms', ben.accessToken);
    slow.text(`42/rooms,0["enter",{"roomId":${roomId}}]`);
    await slow.hears((text) => text.startsWith('43/rooms,0[') && text.includes('0000'));
    return slow;
  },
  async '/chats'(ben) {
    const slow = await RawSocket.enter(server, '/chats', ben.accessToken);
    await slow.hears((text) => text.startsWith('42/chats,["update_read_status"'));
    return slow;
  },
};

for (const [namespace, enter] of Object.entries(SLOW)) {
  test(`a reader on ${namespace} that stops reading is dropped, the others hear everything, and the memory comes back`, { timeout: 90_000 }, async (t) => {
    const [{ people: [anna, ben], roomId }] = await couples(server, 1);
    const writer = await entered(anna, roomId);
    const witness = await entered(anna, roomId);
    const outs = [];
    witness.on('out', ({ userId }) => outs.push(userId));
    const heard = listen(witness, 'chat', ({ message }) => message.id);
    writer.offAny();
    await pour(writer, roomId, 2_000);
    const calm = rssMb(server.pid);

    const slow = await enter(ben, roomId);
    slow.tcp.pause();
    const slowest = await pour(writer, roomId, BURST);
    assert.ok(slowest < 3_000, `the others waited ${slowest} ms`);
    await until(() => heard.length >= BURST + 2_000, 20_000, 'the witness hearing everything');
    assert.deepEqual(heard, Array.from({ length: BURST + 2_000 }, (_, index) => index + 1));

    await until(() => outs.includes(ben.id), 30_000, 'the server forgetting the slow reader');
    slow.tcp.resume();
    await within(slow.ended, 20_000, 'the connection of the slow reader ending');
    const got = slow.texts.filter((text) => /\["(chat|receive_message)"/.test(text)).length;
    assert.ok(got < BURST, `nothing was dropped: ${got}`);
    await until(() => rssMb(server.pid) - calm < 20, 20_000, `memory coming back, ${calm.toFixed(1)} MB before`);
    t.diagnostic(`RSS ${calm.toFixed(1)} MB before, ${rssMb(server.pid).toFixed(1)} MB after; ${got} reached the slow one; slowest answer ${slowest} ms`);
    [anna, ben].forEach((person) => person.leaveAll());
  });
}

test('a socket that asks and does not listen is cut off, never left without an answer', { timeout: 60_000 }, async () => {
  const [{ people: [anna] }] = await couples(server, 1);
  const slow = await RawSocket.enter(server, '/rooms', anna.accessToken);
  slow.tcp.pause();
  const asked = 120_000;
  for (let sent = 0; sent < asked && !slow.over; sent += 500) {
    const batch = Array.from({ length: 500 }, (_, index) => frame(OPCODE.text, `42/rooms,${sent + index}["exit",{}]`));
    if (!slow.tcp.write(Buffer.concat(batch))) await Promise.race([new Promise((resolve) => slow.tcp.once('drain', resolve)), slow.ended, pause(1_000)]);
  }
  await pause(500);
  slow.tcp.resume();
  const answers = () => slow.texts.filter((text) => text.startsWith('43/rooms,')).length;
  await until(() => slow.over || answers() === asked, 20_000, 'all answers or the end');
});
