// The store of the calendar, against a server that can be slow, refuse or say something else meanwhile.
import { beforeEach, test } from 'node:test';
import assert from 'node:assert/strict';
import { me } from '../../assets/accounts/session.js';
import { couple } from '../../assets/couples/store.js';
import { coupleZone } from '../../assets/text/index.js';
import { create, days, loadMonth, months, remove, restore, tick, trouble, update } from '../../assets/schedules/store.js';

/** What the server has, and what it was asked. @type {Map<number, any>} */
let saved;
let asked;
/** Holds answers back, by method. */
let held;
let version = 0;
let month = '2026-11';

const entry = ({ scheduleId, title, description, date, allDay, color, isCompleted, creatorId }) =>
  ({ scheduleId, title, description, date: date.slice(0, 10), time: allDay ? '00:00' : date.slice(11, 16), color, isCompleted, creatorId, creatorRole: 'MOM', allDay });

function put(fields) {
  const scheduleId = fields.scheduleId ?? saved.size + 1;
  version += 1;
  const schedule = { scheduleId, creatorId: 1, description: null, color: 'YELLOW', isCompleted: false, allDay: false, ...saved.get(scheduleId), ...fields, updatedAt: `2026-11-21T00:00:00.${String(version).padStart(6, '0')}Z` };
  saved.set(scheduleId, schedule);
  return schedule;
}

function answer(method, path, body) {
  const id = Number(/schedules\/(\d+)/.exec(path)?.[1]);
  if (method === 'GET') {
    const { from, to } = Object.fromEntries(new URL(path, 'http://x').searchParams);
    const found = [...saved.values()].map(entry).filter(({ date }) => date >= from && date <= to);
    return [200, [...new Set(found.map(({ date }) => date))].sort().map((date) => ({ date, schedules: found.filter((one) => one.date === date) }))];
  }
  if (method === 'POST' && path.endsWith('/restore')) return [200, put(asked.gone)];
  if (method === 'POST') return [201, [...saved.values()].find(({ clientId }) => clientId === body.clientId) ?? put(body)];
  if (!saved.has(id)) return [404, null, '4404'];
  if (method === 'PATCH') return [200, put({ scheduleId: id, ...body })];
  asked.gone = saved.get(id);
  saved.delete(id);
  return [200];
}

globalThis.fetch = async (url, { method, body }) => {
  const path = String(url).replace('/api/v1', '');
  const fields = body && JSON.parse(body);
  asked.push(`${method} ${path.split('?')[0]}${fields?.isCompleted === undefined ? '' : ` ${fields.isCompleted}`}`);
  const [status, data, code = '0000'] = answer(method, path, fields);
  await held[method]?.shift();
  return new Response(JSON.stringify({ code, message: '', data }), { status });
};

/** Something that is let go later. */
function gate() {
  let open;
  const closed = new Promise((resolve) => { open = resolve; });
  return { closed, open };
}

const on = (date) => (days.value.get(date) ?? []).map(({ title, isCompleted }) => `${title}${isCompleted ? ' ✓' : ''}`);

beforeEach(() => {
  [saved, asked, held] = [new Map(), [], {}];
  coupleZone.value = 'UTC';
  me.value = { userId: 1, coupleId: 1, spouseId: null, nickname: '지은이', role: 'MOM', locale: 'ko', loginId: null, kakaoLinked: false, isAdmin: false };
  couple.value = { coupleId: 1, members: [{ userId: 1, nickname: '지은이', role: 'MOM' }], timeZone: 'UTC', dayCount: 'elapsed', since: '' };
  // A month of its own for every test: the store lasts as long as the page.
  month = `${Number(month.slice(0, 4)) + 1}-11`;
});

test('a month is asked for once, and its days are in order', async () => {
  for (const [title, time, allDay] of [['저녁', '18:00', false], ['아침', '08:00', false], ['종일', '00:00', true]]) put({ title, date: `${month}-21T${time}:00.000Z`, allDay });
  await Promise.all([loadMonth(month), loadMonth(month)]);
  assert.deepEqual(on(`${month}-21`), ['종일', '아침', '저녁']);
  assert.equal(asked.length, 1);
  assert.ok(months.value.has(month));
});

test('for nobody nothing is asked', async () => {
  me.value = null;
  await loadMonth(month);
  assert.deepEqual(asked, []);
});

test('what is written, changed, taken away and brought back is there at once', async () => {
  await loadMonth(month);
  await create({ title: '병원', date: `${month}-05T10:00:00.000Z`, color: 'RED' });
  assert.deepEqual(on(`${month}-05`), ['병원']);
  await update(1, { date: `${month}-06T10:00:00.000Z` });
  assert.deepEqual([on(`${month}-05`), on(`${month}-06`)], [[], ['병원']]);
  await remove(1);
  assert.deepEqual(on(`${month}-06`), []);
  await restore(1);
  assert.deepEqual(on(`${month}-06`), ['병원']);
});

test('sent again with the same client id it is there once', async () => {
  await create({ title: '산책', date: `${month}-05T10:00:00.000Z`, color: 'RED' }, 'one');
  await create({ title: '산책', date: `${month}-05T10:00:00.000Z`, color: 'RED' }, 'one');
  assert.deepEqual(on(`${month}-05`), ['산책']);
});

test('the box is ticked at once; of several taps the last one counts', async () => {
  const { scheduleId } = put({ title: '병원', date: `${month}-05T10:00:00.000Z` });
  await loadMonth(month);
  const [first, second] = [gate(), gate()];
  held.PATCH = [first.closed, second.closed];
  const ticking = tick(scheduleId, true);
  assert.deepEqual(on(`${month}-05`), ['병원 ✓']);
  tick(scheduleId, false);
  tick(scheduleId, true);
  tick(scheduleId, false);
  assert.deepEqual(on(`${month}-05`), ['병원']);
  first.open();
  await new Promise((resolve) => { setImmediate(resolve); });
  assert.deepEqual(on(`${month}-05`), ['병원'], 'the first answer does not flicker through');
  second.open();
  await ticking;
  assert.deepEqual(on(`${month}-05`), ['병원']);
  assert.deepEqual(asked.filter((line) => line.startsWith('PATCH')), [`PATCH /schedules/${scheduleId} true`, `PATCH /schedules/${scheduleId} false`]);
});

test('a box that the server refuses goes back to how it was', async () => {
  const { scheduleId } = put({ title: '병원', date: `${month}-05T10:00:00.000Z` });
  await loadMonth(month);
  saved.delete(scheduleId);
  await assert.rejects(tick(scheduleId, true), { code: '4404' });
  assert.deepEqual(on(`${month}-05`), ['병원']);
});

test('an answer that does not know what happened meanwhile is asked for again', async () => {
  const slow = gate();
  held.GET = [slow.closed];
  const loading = loadMonth(month);
  await new Promise((resolve) => { setImmediate(resolve); });
  await create({ title: '산책', date: `${month}-05T10:00:00.000Z`, color: 'RED' });
  slow.open();
  await loading;
  assert.deepEqual(on(`${month}-05`), ['산책']);
});

test('what cannot be fetched says why, and is asked for again next time', async () => {
  const { fetch } = globalThis;
  globalThis.fetch = async () => { throw new TypeError('no network'); };
  await loadMonth(month);
  assert.equal(trouble.value.code, 'offline');
  assert.ok(!months.value.has(month));
  globalThis.fetch = fetch;
  await loadMonth(month);
  assert.equal(trouble.value, null);
  assert.ok(months.value.has(month));
});
