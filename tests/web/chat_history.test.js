// The stretch of messages on this device: order, no holes, windows, flat memory; and the rows that are made of it.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { EMPTY, PAGE, begin, calmed, down, isFollowing, merge, quoteOf, toNewest, up, withNewer, withNews, withOlder, without } from '../../assets/chat/history.js';
import { rowsOf, unreadOf } from '../../assets/chat/history.js';

const message = (id, more = {}) => ({
  roomId: 1, id, rev: id, senderId: 1, clientId: `c${id}`, type: 'TEXT', content: `m${id}`, sentAt: new Date(Date.UTC(2026, 10, 21, 3, 0, 0) + id * 1_000).toISOString(), unreadCount: 1, ...more,
});
const range = (from, to) => Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => message(from + at));
const ids = (messages) => messages.map(({ id }) => id);
const shown = ({ all, start, end }) => ids(all.slice(start, end));
const server = (last) => ({
  before: (id) => range(Math.max(1, id - PAGE), id - 1).reverse(),
  after: (id) => range(id + 1, Math.min(last, id + PAGE)).reverse(),
});

test('messages come in any order, once each, the newer version stays', () => {
  const old = range(3, 6);
  const merged = merge(old, [message(5, { rev: 9, content: 'edited' }), message(1), message(7), message(7)]);
  assert.deepEqual(ids(merged), [1, 3, 4, 5, 6, 7]);
  assert.equal(merged[3].content, 'edited');
  assert.equal(merge(merged, [message(5)])[3].content, 'edited', 'an older version does not come back');
  assert.equal(merge(old, []), old);
  assert.equal(merge(old, [message(4)])[1], old[1], 'what has not changed stays the same object');
});

test('an answer shows what it answers to as it is by now, wherever that stands', () => {
  const said = message(3, { content: '말'.repeat(300) });
  const answer = (id, to) => message(id, { replyTo: quoteOf(to) });
  assert.equal(answer(60, said).replyTo.content.length, 200, 'as much as the server shows');
  assert.equal(quoteOf(message(4, { content: '👶'.repeat(300) })).content, '👶'.repeat(200), 'characters, not halves of them');
  assert.equal(quoteOf(message(5, { type: 'SCHEDULE', content: '', schedule: { title: '병원' } })).content, '병원');

  const history = begin([...range(50, 59), answer(60, said), answer(61, message(52)), message(62)], true);
  const deleted = message(3, { rev: 70, type: 'DELETED', content: '' });
  const known = withNews(history, [deleted, message(52, { rev: 71, content: 'edited' })]);
  assert.deepEqual(ids(known.all), ids(history.all), 'what stands above is not here');
  const quotes = ({ all }) => [60, 61].map((id) => all.find((one) => one.id === id).replyTo);
  assert.deepEqual(quotes(known), [{ id: 3, senderId: 1, type: 'DELETED', content: '', thumbnailUrl: undefined }, quoteOf(message(52, { content: 'edited' }))]);
  assert.equal(known.all.at(-1), history.all.at(-1), 'what answers to none of them stays the same object');
  assert.deepEqual(quotes(without(known, [3, 52])), [{ id: 3 }, { id: 52 }], 'hidden, the number alone is left');
  assert.equal(withNews(known, [message(63)]).all.find(({ id }) => id === 60), known.all.find(({ id }) => id === 60));

  const late = withOlder(begin([answer(61, message(52, { content: 'before' }))], true), [message(52, { rev: 71, content: 'edited' })]);
  assert.equal(late.all[1].replyTo.content, 'edited', 'a page brings what it is by now');
  assert.equal(merge(known.all, [message(52)]).find(({ id }) => id === 61).replyTo.content, 'edited', 'an older version does not come back');
});

test('the newest is followed; what comes is on screen', () => {
  let history = begin(range(1, 60).reverse(), false);
  assert.deepEqual(shown(history), ids(range(11, 60)));
  assert.ok(isFollowing(history));
  history = withNews(history, [message(61)]);
  assert.equal(shown(history).at(-1), 61);
  assert.equal(shown(withNews(EMPTY, [message(1)])).length, 1);
  assert.equal(withNews(history, [message(3)]).all.length, 61, 'told twice');
});

test('going up and down: no hole, never too much on screen or in memory', () => {
  const { before, after } = server(10_000);
  let history = begin(before(10_001), true);
  let fetched = 0;
  for (let guard = 0; history.hasOlder || history.start > 0; guard += 1) {
    assert.ok(guard < 1_000);
    const next = up(history);
    if (next) history = next;
    else { history = withOlder(history, before(history.all[0].id)); fetched += 1; history = up(history) ?? history; }
    const all = ids(history.all);
    assert.ok(history.end - history.start <= 200 && all.length <= 2_100, `${history.end - history.start} of ${all.length}`);
    assert.equal(all.at(-1) - all[0] + 1, all.length, 'no hole');
  }
  assert.equal(shown(history)[0], 1);
  assert.ok(fetched <= 201);
  assert.ok(history.hasNewer && !isFollowing(history));
  assert.equal(withNews(history, [message(10_001)]).all.length, history.all.length, 'what is far below comes in its turn');
  for (let guard = 0; !isFollowing(history); guard += 1) {
    assert.ok(guard < 1_000);
    const next = down(history);
    if (next) history = next;
    else history = withNewer(history, after(history.all.at(-1).id));
    assert.ok(history.end - history.start <= 200 && history.all.length <= 2_100);
    assert.equal(history.all.at(-1).id - history.all[0].id + 1, history.all.length);
  }
  assert.equal(shown(history).at(-1), 10_000);
  assert.equal(calmed(history).end - calmed(history).start, 150);
  assert.equal(toNewest(history).end - toNewest(history).start, PAGE);
});

test('while one reads above, what comes below moves nothing', () => {
  let history = begin(range(1, 100), false);
  history = { ...history, start: 10, end: 60 };
  const before = shown(history);
  history = withNews(history, range(101, 130));
  assert.deepEqual(shown(history), before);
});

test('much that comes at once: below it is followed, above it is not; never too much on screen', () => {
  const history = { ...begin(range(1, 200), false), start: 0 };
  const below = withNews(history, range(201, 320));
  assert.deepEqual([below.start, below.end], [120, 320]);
  const above = withNews(history, range(201, 320), true);
  assert.deepEqual([above.start, above.end], [0, 200]);
  assert.ok(!isFollowing(above));
});

const MEMBERS = [{ userId: 1, nickname: 'a', role: 'MOM', avatarUrl: null, lastReadId: 0 }, { userId: 2, nickname: 'b', role: 'DAD', avatarUrl: null, lastReadId: 2 }];
const dayOf = (instant) => instant.slice(0, 10);
const given = (messages, more = {}) => ({ messages, unsent: [], members: MEMBERS, me: 1, readUpTo: 0, dayOf, ...more });
const at = (clock, day = 21) => ({ sentAt: `2026-11-${day}T${clock}.000Z` });

test('one sender within one minute is one group; the last has the hour', () => {
  const rows = rowsOf(given([
    message(1, at('03:00:01')), message(2, at('03:00:59')), message(3, { ...at('03:00:59'), senderId: 2 }), message(4, at('03:00:59')), message(5, at('03:01:00')),
  ])).filter(({ kind }) => kind === 'message');
  assert.deepEqual(rows.map(({ isFirst, isLast }) => [isFirst, isLast]), [[true, false], [false, true], [true, true], [true, true], [true, true]]);
});

test('each day has its line, by the couple\'s clock', () => {
  const seoul = (instant) => new Date(Date.parse(instant) + 9 * 3_600_000).toISOString().slice(0, 10);
  const rows = rowsOf(given([message(1, at('14:59:59')), message(2, at('15:00:00')), message(3, at('03:00:00', 22))], { dayOf: seoul }));
  assert.deepEqual(rows.map(({ kind }) => kind), ['day', 'message', 'day', 'message', 'message']);
});

test('the line behind what was read stands before the first of theirs, once', () => {
  const theirs = { senderId: 2 };
  const rows = rowsOf(given([message(1, theirs), message(2), message(3, theirs), message(4, theirs)], { readUpTo: 1 }));
  assert.deepEqual(rows.map(({ key }) => key), ['day 2026-11-21', '2 c1', '1 c2', 'divider', '2 c3', '2 c4']);
  assert.ok(!rowsOf(given([message(1)], { readUpTo: 5 })).some(({ kind }) => kind === 'divider'));
});

test('a heart goes when the mark passes, and never comes back', () => {
  assert.equal(unreadOf(message(2), MEMBERS), 0);
  assert.equal(unreadOf(message(3), MEMBERS), 1);
  assert.equal(unreadOf(message(3, { unreadCount: 0 }), MEMBERS), 0);
  assert.equal(unreadOf(message(3, { senderId: 2 }), MEMBERS), 1);
});

test('an unsent one stands below, and is the same row when it has become a message', () => {
  const unsent = [{ clientId: 'x', roomId: 1, order: 1, type: 'TEXT', content: 'hi', at: '2026-11-21T03:00:05.000Z', state: 'waiting' }];
  const before = rowsOf(given([message(1)], { unsent }));
  assert.deepEqual(before.map(({ key }) => key), ['day 2026-11-21', '1 c1', '1 x']);
  const after = rowsOf(given([message(1), message(2, { clientId: 'x' })], { unsent }));
  assert.deepEqual(after.map(({ key }) => key), ['day 2026-11-21', '1 c1', '1 x'], 'not twice');
});

test('rows that are as they were stay the same objects', () => {
  const messages = range(1, 3);
  const first = rowsOf(given(messages));
  const known = new Map(first.map((row) => [row.key, row]));
  const second = rowsOf(given([...messages, message(4, at('09:00:00'))]), known);
  assert.equal(second[1], first[1]);
  assert.equal(second[3], first[3]);
  const read = rowsOf(given(messages, { members: MEMBERS.map((member) => ({ ...member, lastReadId: 3 })) }), known);
  assert.notEqual(read[3], first[3]);
  assert.equal(read[3].unread, 0);
});
