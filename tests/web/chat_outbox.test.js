// What is written is sent once and in its order, whatever the line does.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { makeOutbox } from '../../assets/chat/outbox.js';

const settled = async (check) => {
  for (let turn = 0; turn < 200; turn += 1) {
    if (check()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.fail('it did not come to rest');
};
const refusal = (code, status = 0) => Object.assign(new Error(code), { code, status });

/** A server that takes each client id once, and a device that remembers; `answers` are thrown in turn before anything is taken. */
function world({ disk = new Map(), taken = new Map() } = {}) {
  const it = { disk, taken, answers: [], asked: [], told: [], sent: [], pauses: [], uploads: [], isFree: undefined, isRemembered: undefined };
  it.outbox = makeOutbox({
    keep: async (key, value) => { await it.isFree; disk.set(key, structuredClone(value)); },
    forget: async (key) => { disk.delete(key); },
    recallAll: async (prefix) => [...disk].filter(([key]) => key.startsWith(prefix)).sort().map(([, value]) => structuredClone(value)),
    upload: (item, { onProgress, signal }) => new Promise((resolve, reject) => {
      it.uploads.push({ item, onProgress, done: () => resolve({ mediaId: `media-${item.clientId}` }), fail: reject });
      signal.addEventListener('abort', () => reject(refusal('cancelled')));
    }),
    isReadable: async () => it.isReadable !== false,
    setPoster: async (mediaId) => { it.asked.push(`poster ${mediaId}`); },
    send: async (item) => {
      it.asked.push(item.clientId);
      const answer = it.answers.shift();
      if (answer) { if (answer.isTaken) taken.set(item.clientId, item); throw answer; }
      if (!taken.has(item.clientId)) taken.set(item.clientId, item);
      return { clientId: item.clientId };
    },
    sent: (message) => { it.sent.push(message.clientId); return it.isRemembered; },
    tell: (news) => it.told.push(news),
    later: (act, ms) => { if (ms === 0) setImmediate(act); else it.pauses.push({ act, ms }); return 0; },
  });
  return it;
}
const text = (clientId) => ({ clientId, roomId: 1, type: 'TEXT', content: clientId, at: '2026-11-21T00:00:00.000Z' });
const photo = (clientId, bytes = 10, more = {}) => ({ clientId, roomId: 1, type: 'IMAGE', blob: { size: bytes }, at: '2026-11-21T00:00:00.000Z', ...more });
const order = (it) => [...it.taken.keys()];

test('texts go out in the order of writing, each once, and are forgotten', async () => {
  const it = world();
  it.outbox.lead(true);
  for (const id of ['a', 'b', 'c']) it.outbox.add(text(id));
  await settled(() => it.sent.length === 3);
  assert.deepEqual(order(it), ['a', 'b', 'c']);
  await settled(() => it.disk.size === 0);
  assert.deepEqual(it.outbox.items.value, []);
});

test('without a line they wait; when it is back they go in order', async () => {
  const it = world();
  it.answers = [refusal('offline')];
  it.outbox.lead(true);
  for (const id of ['a', 'b']) it.outbox.add(text(id));
  await settled(() => it.pauses.length === 1);
  assert.deepEqual(it.asked, ['a'], 'the second does not overtake');
  assert.equal(it.disk.size, 2);
  it.outbox.wake();
  await settled(() => it.sent.length === 2);
  assert.deepEqual(order(it), ['a', 'b']);
});

test('an answer that was lost is asked for again with the same id: taken once', async () => {
  const it = world();
  it.answers = [Object.assign(refusal('late'), { isTaken: true })];
  it.outbox.lead(true);
  it.outbox.add(text('a'));
  await settled(() => it.pauses.length === 1);
  it.pauses[0].act();
  await settled(() => it.sent.length === 1);
  assert.deepEqual(it.asked, ['a', 'a']);
  assert.equal(it.taken.size, 1);
});

test('a reload in the middle: what this device remembers is sent, once and in order', async () => {
  const first = world();
  first.answers = [Object.assign(refusal('offline'), { isTaken: true })];
  first.outbox.lead(true);
  for (const id of ['b', 'a', 'c']) first.outbox.add(text(id));
  await settled(() => first.disk.size === 3);
  const second = world({ disk: first.disk, taken: first.taken });
  second.outbox.lead(true);
  await settled(() => second.sent.length === 3);
  assert.deepEqual(order(second), ['b', 'a', 'c']);
  assert.equal(second.disk.size, 0);
});

test('what the server refuses for good is marked and holds nobody up; again, and it goes', async () => {
  const it = world();
  it.answers = [refusal('6405', 400)];
  it.outbox.lead(true);
  for (const id of ['a', 'b']) it.outbox.add(text(id));
  await settled(() => it.sent.length === 1);
  assert.deepEqual(it.outbox.items.value.map(({ clientId, state, code }) => [clientId, state, code]), [['a', 'failed', '6405']]);
  await it.outbox.retry('a');
  await settled(() => it.sent.length === 2);
  assert.deepEqual(order(it), ['b', 'a']);
});

test('a server that stumbles is asked again, not for ever', async () => {
  const it = world();
  it.answers = Array.from({ length: 9 }, () => refusal('1500', 500));
  it.outbox.lead(true);
  it.outbox.add(text('a'));
  for (let turn = 0; turn < 4; turn += 1) {
    await settled(() => it.pauses.length === turn + 1);
    it.pauses[turn].act();
  }
  await settled(() => it.outbox.items.value[0].state === 'failed');
  assert.deepEqual(it.pauses.map(({ ms }) => ms), [1_000, 2_000, 5_000, 10_000]);
});

test('a photo goes with its poster before its message; what was written after it follows', async () => {
  const it = world();
  it.outbox.lead(true);
  it.outbox.add(photo('p', 10, { poster: {} }));
  it.outbox.add(text('a'));
  await settled(() => it.uploads.length === 1);
  it.uploads[0].onProgress(0.5);
  assert.equal(it.outbox.shareOf('p').value, 0.5);
  assert.deepEqual(it.asked, []);
  it.uploads[0].done();
  await settled(() => it.sent.length === 2);
  assert.deepEqual(it.asked, ['poster media-p', 'p', 'a']);
  assert.equal(it.taken.get('p').mediaId, 'media-p');
});

test('a large film holds nobody up', async () => {
  const it = world();
  it.outbox.lead(true);
  it.outbox.add(photo('film', 50 << 20));
  it.outbox.add(text('a'));
  await settled(() => it.sent.length === 1);
  assert.deepEqual(order(it), ['a']);
  it.uploads[0].done();
  await settled(() => it.sent.length === 2);
  assert.deepEqual(order(it), ['a', 'film']);
});

test('an upload is not repeated when only the message did not get through', async () => {
  const it = world();
  it.answers = [refusal('offline')];
  it.outbox.lead(true);
  it.outbox.add(photo('p'));
  await settled(() => it.uploads.length === 1);
  it.uploads[0].done();
  await settled(() => it.pauses.length === 1);
  it.outbox.wake();
  await settled(() => it.sent.length === 1);
  assert.equal(it.uploads.length, 1);
});

test('what the server has no more goes up again when it is tried again', async () => {
  const it = world();
  it.answers = [refusal('6408', 404)];
  it.outbox.lead(true);
  it.outbox.add(photo('p'));
  await settled(() => it.uploads.length === 1);
  it.uploads[0].done();
  await settled(() => it.outbox.items.value[0]?.state === 'failed');
  it.outbox.retry('p');
  await settled(() => it.uploads.length === 2);
  it.uploads[1].done();
  await settled(() => it.sent.length === 1);
});

test('an upload whose line breaks is begun again; one that is refused is marked', async () => {
  const it = world();
  it.outbox.lead(true);
  it.outbox.add(photo('p'));
  await settled(() => it.uploads.length === 1);
  it.uploads[0].fail(refusal('offline'));
  await settled(() => it.pauses.length >= 1);
  it.outbox.wake();
  await settled(() => it.uploads.length === 2);
  it.uploads[1].fail(refusal('1415', 415));
  await settled(() => it.outbox.items.value[0]?.state === 'failed');
  assert.equal(it.outbox.items.value[0].code, '1415');
});

test('stopped in the middle, it is gone for good and the next one goes', async () => {
  const it = world();
  it.outbox.lead(true);
  it.outbox.add(photo('p'));
  it.outbox.add(text('a'));
  await settled(() => it.uploads.length === 1);
  await it.outbox.cancel('p');
  await settled(() => it.sent.length === 1);
  assert.deepEqual(order(it), ['a']);
  assert.equal(it.disk.size, 0);
  assert.deepEqual(it.outbox.items.value, []);
});

test('only the tab that leads sends; the others show the same', async () => {
  const shared = { disk: new Map(), taken: new Map() };
  const [leader, other] = [world(shared), world(shared)];
  leader.outbox.lead(true);
  await other.outbox.add(text('a'));
  assert.deepEqual(other.asked, []);
  other.told.forEach((news) => leader.outbox.hear(structuredClone(news)));
  await settled(() => leader.sent.length === 1);
  leader.told.forEach((news) => other.outbox.hear(structuredClone(news)));
  assert.deepEqual(other.outbox.items.value, []);
  assert.deepEqual(other.sent, ['a'], 'the message comes with the news');
  assert.equal(shared.taken.size, 1);
});

/** A promise and what fulfils it. */
function gate() {
  let open = () => {};
  const promise = new Promise((resolve) => { open = resolve; });
  return { promise, open };
}

test('what is written shows at once and goes out, though this device is slow to keep it', async () => {
  const it = world();
  const { promise, open } = gate();
  it.isFree = promise;
  it.outbox.lead(true);
  const adding = ['a', 'b'].map((id) => it.outbox.add(text(id)));
  assert.deepEqual(it.outbox.items.value.map(({ clientId }) => clientId), ['a', 'b']);
  await settled(() => it.sent.length === 2);
  open();
  await Promise.all(adding);
  assert.deepEqual(order(it), ['a', 'b']);
});

test('a full disk keeps nothing, and everything goes out all the same', async () => {
  const it = world();
  it.isFree = Promise.reject(new Error('full'));
  it.isFree.catch(() => {});
  it.outbox.lead(true);
  await it.outbox.add(text('a'));
  it.outbox.add(photo('p'));
  await settled(() => it.uploads.length === 1);
  it.uploads[0].done();
  await settled(() => it.sent.length === 2);
  assert.equal(it.uploads.length, 1);
});

for (const bytes of [10, 50 << 20]) {
  test(`uploads of ${bytes} bytes that fail at once rest between two tries`, async () => {
    const it = world();
    it.outbox.lead(true);
    for (const id of ['p', 'q', 'r']) it.outbox.add(photo(id, bytes));
    let failed = 0;
    for (let turn = 0; turn < 300; turn += 1) {
      for (; failed < it.uploads.length; failed += 1) it.uploads[failed].fail(refusal('offline'));
      await new Promise(setImmediate);
    }
    assert.ok(it.uploads.length <= 3, `${it.uploads.length} tries without a pause`);
    assert.equal(it.pauses.length, it.uploads.length, 'each has its pause');
    it.outbox.wake();
    await settled(() => it.uploads.length > failed);
  });
}

test('an upload that fails again and again lets the others go, and is still tried', async () => {
  const it = world();
  it.outbox.lead(true);
  it.outbox.add(photo('p'));
  it.outbox.add(text('a'));
  for (let turn = 0; turn < 5; turn += 1) {
    await settled(() => it.uploads.length === turn + 1);
    assert.deepEqual(it.asked, []);
    it.uploads[turn].fail(refusal('offline'));
    await settled(() => it.pauses.length === turn + 1);
    if (turn < 4) it.pauses[turn].act();
  }
  await settled(() => it.sent.length === 1);
  assert.deepEqual(it.pauses.map(({ ms }) => ms), [1_000, 2_000, 5_000, 10_000, 30_000]);
  it.pauses[4].act();
  await settled(() => it.uploads.length === 6);
  it.uploads[5].done();
  await settled(() => it.sent.length === 2);
  assert.deepEqual(order(it), ['a', 'p']);
});

test('a file that is no longer there is marked, and what is behind it goes', async () => {
  const it = world();
  it.isReadable = false;
  it.outbox.lead(true);
  it.outbox.add(photo('p'));
  it.outbox.add(text('a'));
  await settled(() => it.uploads.length === 1);
  it.uploads[0].fail(refusal('offline'));
  await settled(() => it.sent.length === 1);
  assert.deepEqual(it.outbox.items.value.map(({ clientId, state, code }) => [clientId, state, code]), [['p', 'failed', 'unreadable']]);
});

test('large ones arrive in their order, whichever is through first', async () => {
  const it = world();
  it.outbox.lead(true);
  for (const id of ['p', 'q']) it.outbox.add(photo(id, 50 << 20));
  await settled(() => it.uploads.length === 2);
  it.uploads[1].done();
  await settled(() => it.outbox.items.value[1].mediaId);
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
  assert.deepEqual(it.asked, []);
  it.uploads[0].done();
  await settled(() => it.sent.length === 2);
  assert.deepEqual(order(it), ['p', 'q']);
});

test('an answer that comes after signing out is nothing to who is here then', async () => {
  const it = world();
  const { promise, open } = gate();
  it.answers = [];
  const own = makeOutbox({ keep: async () => {}, forget: async () => {}, recallAll: async () => [], upload: async () => ({ mediaId: 'm' }), isReadable: async () => true,
    setPoster: async () => {}, send: () => promise, sent: (message) => { it.sent.push(message.clientId); }, tell: () => {} });
  own.lead(true);
  own.add(text('a'));
  await new Promise(setImmediate);
  own.clear();
  open({ clientId: 'a' });
  await new Promise(setImmediate);
  assert.deepEqual(it.sent, []);
});

test('what was sent is forgotten only when it is remembered as a message; the next one does not wait for that', async () => {
  const it = world();
  const { promise, open } = gate();
  it.isRemembered = promise;
  it.outbox.lead(true);
  for (const id of ['a', 'b']) it.outbox.add(text(id));
  await settled(() => it.sent.length === 2);
  assert.equal(it.disk.size, 2);
  open();
  await settled(() => it.disk.size === 0);
});

test('a tab that was closed before it told: the one that leads looks when the next one opens', async () => {
  const shared = { disk: new Map(), taken: new Map() };
  const [leader, closed, next] = [world(shared), world(shared), world(shared)];
  leader.outbox.lead(true);
  await closed.outbox.add(text('a'));
  await next.outbox.begin();
  next.told.forEach((news) => leader.outbox.hear(structuredClone(news)));
  await settled(() => leader.sent.length === 1);
});

test('asked whether it is awake, the tab that leads says so, and no other', async () => {
  const [leader, other] = [world(), world()];
  leader.outbox.lead(true);
  for (const it of [leader, other]) it.outbox.hear({ kind: 'look' });
  assert.deepEqual([leader, other].map(({ told }) => told), [[{ kind: 'here' }], []]);
});

test('what was thrown away does not come back from what was read before', async () => {
  const it = world({ disk: new Map([['chat.outbox.a', { ...text('a'), order: 1, state: 'waiting' }]]) });
  await it.outbox.begin();
  const again = it.outbox.begin();
  await it.outbox.cancel('a');
  await again;
  it.outbox.hear({ kind: 'put', item: { ...text('a'), order: 1, state: 'waiting' } });
  assert.deepEqual(it.outbox.items.value, []);
});
