// The couple's schedules on this phone: months as they are asked for, kept for when there is no network, changed by either of the two.
import { batch, computed, effect, signal, untracked } from '../signal.js';
import * as api from '../net/api.js';
import { on, onConnect } from '../net/socket.js';
import { keep, recall, uuid } from '../net/store.js';
import { myId } from '../accounts/session.js';
import { couple } from '../couples/store.js';
import { timeZone } from '../text/index.js';
import { isMonth, lastOf, monthOf } from '../time/days.js';
import { inOrder, lineOf, forgetNews, tell } from './shown.js';

/** @typedef {import('./shown.js').Schedule} Schedule */

/** Every schedule known, by id. @type {import('../signal.js').Signal<Map<number, Schedule>>} */
const known = signal(new Map());
/** Boxes ticked here whose answer is awaited. @type {import('../signal.js').Signal<Map<number, boolean>>} */
const ticked = signal(new Map());
/** Months whose schedules are known, be it from this phone's memory. @type {import('../signal.js').Signal<Set<string>>} */
export const months = signal(new Set());
/** Why the last asking failed; null when it did not. @type {import('../signal.js').Signal<unknown>} */
export const trouble = signal(null);

/** Day → its schedules: all-day ones first, then by time. @type {import('../signal.js').ReadonlySignal<Map<string, Schedule[]>>} */
export const days = computed(() => {
  /** @type {Map<string, Schedule[]>} */
  const byDay = new Map();
  for (const schedule of known.value.values()) {
    const isCompleted = ticked.value.get(schedule.scheduleId) ?? schedule.isCompleted;
    const shown = isCompleted === schedule.isCompleted ? schedule : { ...schedule, isCompleted };
    byDay.set(schedule.date, [...byDay.get(schedule.date) ?? [], shown]);
  }
  for (const list of byDay.values()) list.sort(inOrder);
  return byDay;
});

const ASKED_MAX = 3;

/** Grows with every change: an answer that was under way meanwhile may not know it. */
let changes = 0;
/** Months asked of the server since the last (re)connection. @type {Set<string>} */
let current = new Set();
/** Schedules being written here: what is heard of them is no news. @type {Map<number, number>} */
const writing = new Map();
/** New ones being written here. */
let creating = 0;
/** When each was last changed, by the server's clock. @type {Map<number, string>} */
const stamps = new Map();

/** Makes a month known: from memory at once, then from the server. @param {string} month */
export async function loadMonth(month) {
  if (!isMonth(month)) return;
  if (!untracked(() => months.value).has(month)) await recallMonth(month);
  if (current.has(month)) return;
  current.add(month);
  const isFull = await load(`${month}-01`, lastOf(month));
  if (!isFull) current.delete(month);
  else keepMonth(month);
}

/** Asks for the schedules of some days, the last included. @param {string} from @param {string} to @returns {Promise<boolean>} */
export async function load(from, to) {
  // Going out empties the calendar, and an empty one asks.
  if (!myId.peek()) return false;
  try {
    for (let asked = 0; asked < ASKED_MAX; asked += 1) {
      const [before, zone] = [changes, timeZone.value];
      const lists = await api.get(`/schedules?from=${from}&to=${to}`);
      if (before !== changes && asked < ASKED_MAX - 1) continue;
      if (zone !== timeZone.value) return false;
      settle(from, to, lists.flatMap((/** @type {{ schedules: Schedule[] }} */ list) => list.schedules));
      return true;
    }
  } catch (error) {
    trouble.value = error;
  }
  return false;
}

/** What the server says stands on these days, stands there. @param {string} from @param {string} to @param {Schedule[]} schedules */
function settle(from, to, schedules) {
  const all = new Map([...known.value].filter(([, { date }]) => date < from || date > to));
  for (const schedule of schedules) all.set(schedule.scheduleId, schedule);
  batch(() => {
    known.value = all;
    trouble.value = null;
    const [first, last] = [monthOf(from), monthOf(to)];
    if (first === last && from.endsWith('-01') && to === lastOf(last)) months.value = new Set(months.value).add(first);
  });
}

/** @param {string} month */
const keyOf = (month) => `schedules.${month}`;

/** @param {string} month */
async function recallMonth(month) {
  const kept = await recall(keyOf(month));
  if (!kept || kept.zone !== timeZone.value || kept.coupleId !== couple.value?.coupleId || months.value.has(month)) return;
  settle(`${month}-01`, lastOf(month), kept.schedules);
}

/** @param {string} month */
function keepMonth(month) {
  if (!months.value.has(month)) return;
  const schedules = [...known.value.values()].filter((schedule) => monthOf(schedule.date) === month);
  keep(keyOf(month), { zone: timeZone.value, coupleId: couple.value?.coupleId, schedules });
}

/** What a new schedule is known by before it has a number. */
export const newId = uuid;

/** Writes a schedule; `clientId` stays the same when it is tried again. @param {import('./draft.js').Fields} fields @param {string} [clientId] */
export async function create(fields, clientId = newId()) {
  creating += 1;
  try {
    take(await api.post('/schedules', { ...fields, clientId }));
  } finally {
    creating -= 1;
  }
}

/** @param {number} id @param {Partial<import('./draft.js').Fields>} change */
export const update = (id, change) => write(id, async () => take(await api.patch(`/schedules/${id}`, change)));

/** @param {number} id */
export const remove = (id) => write(id, async () => {
  await api.delete(`/schedules/${id}`);
  drop(id);
});

/** Brings back what was removed. @param {number} id */
export const restore = (id) => write(id, async () => take(await api.post(`/schedules/${id}/restore`)));

/** Ticks the box at once; back to how it was where the server refuses. @param {number} id @param {boolean} isCompleted */
export async function tick(id, isCompleted) {
  const isUnderWay = ticked.value.has(id);
  ticked.value = new Map(ticked.value).set(id, isCompleted);
  if (isUnderWay) return;
  try {
    await write(id, async () => {
      // Ticked again meanwhile: the last word counts.
      for (let wanted; (wanted = ticked.value.get(id)) !== known.value.get(id)?.isCompleted && known.value.has(id);) {
        take(await api.patch(`/schedules/${id}`, { isCompleted: wanted }));
      }
    });
  } finally {
    const rest = new Map(ticked.value);
    rest.delete(id);
    ticked.value = rest;
  }
}

/** @template T @param {number} id @param {() => Promise<T>} act @returns {Promise<T>} */
async function write(id, act) {
  writing.set(id, (writing.get(id) ?? 0) + 1);
  try {
    return await act();
  } finally {
    const left = (writing.get(id) ?? 1) - 1;
    if (left > 0) writing.set(id, left);
    else writing.delete(id);
  }
}

/** Takes a schedule as the server tells it, unless a newer one is known. Answers whether anything is new. @param {any} told @returns {boolean} */
function take(told) {
  const id = told.scheduleId;
  const stamp = stamps.get(id);
  if (stamp && told.updatedAt < stamp) return false;
  const isNew = stamp !== told.updatedAt || !known.value.has(id);
  stamps.set(id, told.updatedAt);
  const before = known.value.get(id);
  const schedule = lineOf(told, before);
  changes += 1;
  known.value = new Map(known.value).set(id, schedule);
  new Set([monthOf(schedule.date), monthOf(before?.date ?? schedule.date)]).forEach(keepMonth);
  return isNew;
}

/** @param {number} id @returns {Schedule | undefined} what it was */
function drop(id) {
  changes += 1;
  const before = known.value.get(id);
  if (!before) return undefined;
  const rest = new Map(known.value);
  rest.delete(id);
  known.value = rest;
  keepMonth(monthOf(before.date));
  return before;
}

/** @param {any} told a schedule, or its id and `deleted` */
function hear(told) {
  const id = told.scheduleId;
  const isMine = writing.has(id) || (creating > 0 && told.creatorId === myId.value);
  const before = known.value.get(id);
  if (told.deleted) {
    if (drop(id) && before && !isMine) tell({ what: 'removed', title: before.title, date: before.date });
    return;
  }
  const isNew = take(told);
  if (!isNew || isMine) return;
  tell({ what: before ? 'changed' : 'added', title: told.title, date: known.value.get(id)?.date ?? '' }, id);
}

function forgetAll() {
  changes += 1;
  current = new Set();
  stamps.clear();
  batch(() => {
    known.value = new Map();
    months.value = new Set();
    ticked.value = new Map();
    forgetNews();
    trouble.value = null;
  });
}

/** Grows when everything has to be asked for anew: another couple, another zone, a new connection. */
export const round = signal(0);

let isFollowing = false;

/** Follows the socket, the couple and its zone; once. */
export function followSchedules() {
  if (isFollowing) return;
  isFollowing = true;
  on('schedule', hear);
  onConnect(() => { current = new Set(); round.value += 1; });
  let belonging = '';
  effect(() => {
    const [now, zone] = [couple.value, timeZone.value];
    // The couple and its zone are told one after the other.
    if (now && now.timeZone !== zone) return;
    const next = now ? `${now.coupleId} ${zone}` : '';
    if (next === belonging) return;
    const isFirst = belonging === '';
    belonging = next;
    untracked(() => {
      if (!isFirst) forgetAll();
      round.value += 1;
    });
  });
}
