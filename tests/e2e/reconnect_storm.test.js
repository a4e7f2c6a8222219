'use strict';
// A thousand phones that come back at once after a restart: all of them, soon, each once, and nobody else waits for them.
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { Person, ask } = require('./person.js');
const { acked, data } = require('./envelope.js');
const { until } = require('./kit.js');

const COUPLES = 25;
const DEVICES = 20;
const BACK_MS = 10_000;
let server;

before(async () => { server = await Server.start(); });
after(() => server.stop());

test('a thousand sockets are back within ten seconds of a restart, each in its room', { timeout: 90_000 }, async (t) => {
  const phones = [];
  for (let at = 0; at < COUPLES; at += 1) {
    const couple = await Person.couple(server);
    const { roomId } = await couple[0].roomOfKind('COUPLE');
    for (const person of couple) for (let device = 0; device < DEVICES; device += 1) phones.push({ person, roomId });
  }
  // As the official client comes back by itself: after a second or so, each after a time of its own.
  for (const phone of phones) {
    phone.socket = phone.person.socket('/rooms', { reconnection: true, reconnectionDelay: 500, reconnectionDelayMax: 2_000 });
    phone.socket.offAny();
    phone.socket.on('connect', async () => { phone.present = acked(await ask(phone.socket, 'enter', { roomId: phone.roomId, read: false }, 20_000)).present; });
    phone.socket.connect();
  }
  await until(() => phones.every(({ present }) => present), 30_000, 'all being there at first');
  phones.forEach((phone) => { phone.present = undefined; });
  const gone = phones.map(({ socket }) => new Promise((resolve) => { socket.once('disconnect', resolve); }));
  await server.kill();
  await Promise.all(gone);

  await server.restart();
  const start = Date.now();
  await until(() => phones.every(({ present }) => present), BACK_MS, () => `all being back; ${phones.filter(({ present }) => present).length} are`);
  t.diagnostic(`${phones.length} sockets back after ${Date.now() - start} ms`);
  for (const { person } of phones.filter((_, at) => at % (2 * DEVICES) === 0)) {
    assert.equal((await person.roomOfKind('COUPLE')).present.length, 2);
    data(await person.get('/rooms'));
  }
  phones.forEach(({ person }) => person.leaveAll());
});
