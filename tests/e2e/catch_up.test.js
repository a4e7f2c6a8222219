'use strict';
// A phone that is cut off again and again ends with exactly the server's list: no gap, no duplicate, no other order.
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server');
const { ask, hears } = require('./person');
const { Proxy } = require('./proxy');
const { Follower } = require('./follower');
const { History, stored } = require('./oracle');
const { Sender, couples } = require('./senders');
const { pause, seeded, until } = require('./kit');

let server;
let partition;
before(async () => {
  server = await Server.start();
  partition = await startPartition();
});
after(() => server.stop());

// A partition longer than ping interval and time-out takes most of a minute: it runs beside the other tests.
async function startPartition() {
  const [{ people: [anna, ben], roomId }] = await couples(server, 1);
  const proxy = await Proxy.open(server.listen);
  const watcher = await ben.rooms();
  assert.equal((await ask(watcher, 'enter', { roomId })).code, '0000');
  const follower = new Follower(anna, roomId, proxy);
  assert.ok(await follower.connect());
  await hears(watcher, 'info', ({ userId }) => userId === anna.id);
  proxy.blackhole();
  return { anna, ben, roomId, proxy, watcher, follower, since: Date.now() };
}

/** What the room's list is in the file, oldest first. */
function list(roomId) {
  return stored(server).filter((row) => row.roomId === roomId).map(({ id, content }) => ({ id, content }));
}

/** Ways to lose a connection; each leaves the phone knowing that it is cut. */
const CUTS = {
  close: (proxy) => proxy.cut(),
  reset: (proxy) => proxy.reset(),
  leave: (proxy, { socket }) => socket.disconnect(),
  async blackhole(proxy, { socket }) { proxy.blackhole(); await pause(30); socket.disconnect(); proxy.abandon(); },
  async deaf(proxy, { socket }) { proxy.blackhole(true); await pause(30); socket.disconnect(); proxy.abandon(); },
  async slow(proxy) { proxy.delay = 15; await pause(40); proxy.cut(); },
};

async function cutOff(follower, proxy, times, chance) {
  let connected = 0;
  for (let cut = 0; cut < times; cut += 1) {
    const isIn = await follower.connect();
    connected += isIn ? 1 : 0;
    await pause(chance.between(0, 60));
    await CUTS[chance.pick(Object.keys(CUTS))](proxy, follower);
    await follower.broken;
    proxy.heal();
    await pause(chance.between(0, 30));
  }
  return connected;
}

test('a phone cut off at random 200 times while others write ends with exactly the list of the database', { timeout: 120_000 }, async (t) => {
  const chance = seeded();
  t.diagnostic(`seed ${chance.seed}`);
  const [{ people: [anna, ben], roomId }] = await couples(server, 1);
  const history = new History();
  const writers = await Promise.all([anna, ben].map((person) => Sender.join(person, roomId, history, { window: 1, spaced: 10, most: 100_000 })));
  const proxies = await Promise.all([Proxy.open(server.listen), Proxy.open(server.listen)]);
  const followers = [new Follower(anna, roomId, proxies[0]), new Follower(ben, roomId, proxies[1], { transports: ['polling', 'websocket'] })];
  writers.forEach((writer) => writer.start());

  const [connected] = await Promise.all([cutOff(followers[0], proxies[0], 200, chance), cutOff(followers[1], proxies[1], 50, chance)]);
  for (const follower of followers) assert.ok(await follower.connect());
  await Promise.all(writers.map((writer) => writer.drain()));
  const summary = await anna.roomOfKind('COUPLE');
  const rows = list(roomId);
  assert.equal(typeof summary.rev, 'number', 'a room summary carries its rev');
  for (const follower of followers) {
    await follower.settled(summary.rev);
    assert.deepEqual(follower.faults, []);
    assert.deepEqual(follower.list, rows);
  }
  assert.ok(connected > 100, `cut off while connected only ${connected} times`);
  assert.ok(followers[0].caughtUp > 0 && followers[0].caughtUp < rows.length, `${followers[0].caughtUp} of ${rows.length} caught up`);
  t.diagnostic(`${rows.length} messages, ${followers[0].caughtUp} of them caught up`);
  [anna, ben, ...followers.map(({ phone }) => phone)].forEach((person) => person.leaveAll());
  await Promise.all(proxies.map((proxy) => proxy.close()));
  await until(async () => (await anna.roomOfKind('COUPLE')).present.length === 0, 10_000, 'nobody being taken for present any more');
});

test('a phone that missed more than a thousand changes is told to reload, and has the list after it', { timeout: 60_000 }, async (t) => {
  const [{ people: [anna, ben], roomId }] = await couples(server, 1);
  const history = new History();
  const proxy = await Proxy.open(server.listen);
  t.after(() => proxy.close());
  const writer = await Sender.join(ben, roomId, history, { window: 16, most: 1_500 });
  const follower = new Follower(anna, roomId, proxy);
  assert.ok(await follower.connect());
  await writer.send();
  await until(() => follower.list.length === 1, 5_000, 'the first message');
  proxy.cut();
  await follower.broken;
  writer.start();
  await until(() => writer.sent === 1_500, 30_000, 'all being sent');
  await writer.drain();

  assert.ok(await follower.connect());
  await follower.settled((await anna.roomOfKind('COUPLE')).rev);
  assert.ok(follower.reloads > 0);
  assert.deepEqual(follower.list, list(roomId));
  assert.deepEqual(follower.faults, []);
  anna.leaveAll();
  ben.leaveAll();
  follower.phone.leaveAll();
});

test('any two sockets, on /chats and on /rooms, see the sequence of the ids', { timeout: 60_000 }, async () => {
  const [{ people, roomId }] = await couples(server, 1);
  const history = new History();
  const apps = await Promise.all(people.map((person) => person.chats()));
  const webs = await Promise.all(people.map(async (person) => {
    const socket = await person.rooms();
    assert.equal((await ask(socket, 'enter', { roomId })).code, '0000');
    return socket;
  }));
  const writers = await Promise.all([...people, ...people].map((person) => Sender.join(person, roomId, history, { window: 16, most: 250 })));
  writers.forEach((writer) => writer.start());
  for (let count = 0; count < 250; count += 1) apps[0].emit('send_message', { type: 'TEXT', content: `app ${count}` });

  const total = 1_250;
  const expected = Array.from({ length: total }, (_, index) => index + 1);
  const heard = {
    app: (socket) => socket.heard.filter(([event]) => event === 'receive_message').map(([, message]) => message.id),
    web: (socket) => socket.heard.filter(([event]) => event === 'chat').map(([, { message }]) => message.id),
  };
  for (const [kind, sockets] of [['app', apps], ['web', webs]]) {
    for (const socket of sockets) {
      await until(() => heard[kind](socket).length >= total, 30_000, `${total} messages, got ${heard[kind](socket).length}`);
      assert.deepEqual(heard[kind](socket), expected);
    }
  }
  assert.deepEqual(history.complaints(stored(server).filter((row) => row.roomId === roomId)), []);
  people.forEach((person) => person.leaveAll());
});

test('after a partition longer than the ping time-out the others heard one going and one coming, and the phone catches up', { timeout: 120_000 }, async () => {
  const { anna, ben, roomId, proxy, watcher, follower, since } = partition;
  const isOut = () => watcher.heard.filter(([event, info]) => event === 'out' && info.userId === anna.id).length;
  await until(() => isOut() > 0, 60_000 - (Date.now() - since), 'the server letting go of a silent phone');
  const missed = await ben.post(`/rooms/${roomId}/messages`, { type: 'TEXT', content: 'while you were away' });
  assert.equal(missed.status, 201);
  follower.socket.disconnect();
  proxy.abandon();
  proxy.heal();
  assert.ok(await follower.connect());
  await follower.settled(missed.data.data.rev);
  await until(() => watcher.heard.some(([event, { userId }]) => event === 'info' && userId === anna.id), 5_000, 'the others hearing of the return');

  assert.deepEqual(follower.list, list(roomId));
  assert.equal(isOut(), 1);
  follower.socket.disconnect();
  await proxy.close();
  ben.leaveAll();
});
