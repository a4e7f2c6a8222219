'use strict';
// Acknowledged means kept: the process dies at any moment, and no message that was answered is missing, doubled or moved.
const { test } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server');
const { ask, hears, uuid } = require('./person');
const { History, stored, assertSound, pages } = require('./oracle');
const { withFailPoint, untilStuck, quiet } = require('./fail_points');
const { Sender, couples, crowd, retry } = require('./senders');
const { pause, until, within, seeded, running } = require('./kit');

const KILLS = 20;

/** Every message above `from` is the same over the API as in the file, newest first. */
async function assertPagesMatch(rows, { people, roomId }, from) {
  const tail = rows.filter((row) => row.roomId === roomId && row.id > from).reverse();
  const told = await pages(people[0], roomId, from);
  const brief = ({ id, senderId, clientId, content }) => ({ id, senderId, clientId, content });
  assert.deepEqual(told.map(brief), tail.map(brief));
  return tail[0]?.id ?? from;
}

/** Sends again what nobody knows about, and one known message of each phone: the number never changes. */
async function sendAgain(history, people, from, rows) {
  const before = new Map(rows.map((row) => [row.clientId, row.id]));
  const fresh = history.ops.slice(from);
  const known = new Map(fresh.filter((op) => op.outcome === 'ok').map((op) => [op.socket, op]));
  for (const op of [...fresh.filter(({ outcome }) => outcome === 'info'), ...known.values()]) {
    const message = await retry(people.get(op.senderId), op);
    if (before.has(op.clientId)) assert.equal(message.id, before.get(op.clientId));
    assert.equal(message.content, op.content);
    Object.assign(op, { outcome: 'ok', id: message.id, isRetry: true });
  }
}

test('twenty kills at random moments under eight phones lose, double and move nothing', { timeout: 150_000 }, async (t) => {
  const chance = seeded();
  t.diagnostic(`seed ${chance.seed}`);
  const server = await Server.start();
  t.after(() => server.stop());
  const history = new History();
  const pairs = await couples(server, 4);
  const people = new Map(pairs.flatMap((pair) => pair.people).map((person) => [person.id, person]));
  const checked = new Map();
  let uncertain = 0;

  for (let kill = 0; kill < KILLS; kill += 1) {
    const from = history.ops.length;
    const phones = await crowd(pairs, history, { window: chance.between(1, 8), spaced: chance.between(0, 15), most: 1_500 });
    const apps = await Promise.all(pairs.map(({ people: [anna] }) => anna.chats()));
    apps.forEach((app) => app.on('receive_message', (message) => history.observe({ ...message, roomId: message.chatId })));
    phones.forEach((phone) => phone.start());
    await pause(chance.between(50, 1_500));
    await server.kill();
    people.forEach((person) => person.leaveAll());
    await server.restart();

    const rows = stored(server);
    assert.deepEqual(history.complaints(rows), [], `after kill ${kill + 1}`);
    for (const pair of pairs) checked.set(pair.roomId, await assertPagesMatch(rows, pair, checked.get(pair.roomId) ?? 0));
    uncertain += history.ops.slice(from).filter(({ outcome }) => outcome === 'info').length;
    await sendAgain(history, people, from, rows);
  }

  const rows = stored(server);
  assert.deepEqual(history.complaints(rows), []);
  for (const pair of pairs) await assertPagesMatch(rows, pair, 0);
  assertSound(server);
  assert.ok(uncertain > 100, `the test needs kills in the middle of something, only ${uncertain} sends were cut off`);
  t.diagnostic(`${history.ops.length} sends, ${uncertain} of them cut off, ${history.seen.size} messages seen`);
});

test('a message killed between its commit and its answer is there once, and sent again it is the same', { timeout: 60_000 }, async (t) => {
  const { server, pair: { people: [anna, ben], roomId }, history } = await withFailPoint(t, 'after_commit_before_answer=40*off->sleep(20000)');
  const stuck = await untilStuck(await Sender.join(anna, roomId, history));
  await server.kill();
  await quiet(server);

  const row = stored(server).find(({ clientId }) => clientId === stuck.clientId);
  assert.ok(row, 'it was committed, so it must be there');
  const observer = await ben.rooms();
  assert.equal((await ask(observer, 'enter', { roomId })).code, '0000');
  assert.equal((await retry(anna, stuck)).id, row.id);
  const after = await retry(anna, { roomId, clientId: uuid(), content: 'after' });
  await hears(observer, 'chat', ({ message }) => message.id === after.id);
  assert.ok(!observer.heard.some(([event, chat]) => event === 'chat' && chat.message.clientId === stuck.clientId), 'told a second time');
  assert.equal(after.id, row.id + 1);
  assert.deepEqual(history.complaints(stored(server)), []);
  anna.leaveAll();
  ben.leaveAll();
});

test('a group of 64 killed before its commit is not there at all, nobody was told, and sending it again works', { timeout: 60_000 }, async (t) => {
  const { server, pair, history } = await withFailPoint(t, 'before_commit=40*off->1*sleep(4000)->sleep(20000)');
  const phones = await crowd([pair], history, { window: 32, most: 500 });
  const first = await untilStuck(phones[0]);
  assert.equal(first.outcome, 'info');
  const from = history.ops.length;
  for (let count = 0; count < 32; count += 1) phones.forEach((phone) => phone.send());
  await until(() => first.outcome === 'ok', 10_000, 'the writer going on after its first sleep');
  // Lets the writer fill the transaction it will die in; the outcome does not hang on it.
  await pause(300);
  const group = history.ops.slice(from);
  assert.equal(group.length, 64);
  await server.kill();
  phones.forEach((phone) => phone.leave());
  await quiet(server);

  const rows = stored(server);
  const ids = new Set(rows.map(({ clientId }) => clientId));
  assert.deepEqual(group.filter((op) => op.outcome !== 'info' || ids.has(op.clientId)), []);
  assert.deepEqual(history.complaints(rows), []);
  for (const op of group) {
    const message = await retry(pair.people.find(({ id }) => id === op.senderId), op);
    Object.assign(op, { outcome: 'ok', id: message.id, isRetry: true });
  }
  assert.deepEqual(history.complaints(stored(server)), []);
  assertSound(server);
});

test('when the writer dies the process ends at once with an error, and nothing acknowledged is lost', { timeout: 60_000 }, async (t) => {
  const { server, pair: { people: [anna], roomId }, history } = await withFailPoint(t, 'writer_loop=40*off->panic(boom)');
  const sender = await Sender.join(anna, roomId, history);
  const stuck = await untilStuck(sender);
  const { code } = await within(server.exited, 5_000, 'the process ending after its writer');
  assert.ok(code > 0, `exit code ${code}`);
  assert.ok(!running(server));
  sender.leave();
  await quiet(server);

  assert.deepEqual(history.complaints(stored(server)), []);
  const again = await retry(anna, stuck);
  assert.equal(again.content, stuck.content);
  assertSound(server);
});
