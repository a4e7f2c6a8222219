// What the calendar shows: which month and day, schedules as lines of a list, and for a moment what the partner just did.
import { computed, signal } from '../signal.js';
import { memberOf } from '../couples/store.js';
import { navigate } from '../router.js';
import { addMonths, isDay, isMonth, lastOf, localOf, monthOf, today } from '../time/days.js';
import { timeZone } from '../text/index.js';

/** '' (today), '2026-11' or '2026-11-21'. */
const chosen = signal('');

export const month = computed(() => monthOf(chosen.value || today.value));

/** The day whose list is shown. */
export const day = computed(() => {
  if (chosen.value.length > 7) return chosen.value;
  return month.value === monthOf(today.value) ? today.value : `${month.value}-01`;
});

/** Takes what the address says. @param {string} rest what stands behind /calendar/ */
export function arrive(rest) {
  chosen.value = isDay(rest) || isMonth(rest) ? rest : '';
}

/** @param {string} wanted '' (today), a month or a day @returns {boolean} false where the calendar ends */
function show(wanted) {
  if (wanted && !isDay(wanted) && !isMonth(wanted)) return false;
  chosen.value = wanted;
  navigate(wanted ? `/calendar/${wanted}` : '/calendar', { replace: true });
  return true;
}

/** @param {string} wanted */
export const showDay = (wanted) => show(wanted === today.value ? '' : wanted);

export const showToday = () => show('');

/** Months on, or back. @param {number} count @returns {boolean} false where the calendar ends */
export function step(count) {
  const wanted = addMonths(month.value, count);
  return show(wanted === monthOf(today.value) ? '' : wanted);
}

/** The same day, months on or back, or its month's last. @param {number} count */
export function stepDay(count) {
  const wanted = addMonths(month.value, count);
  const same = `${wanted}-${day.value.slice(8)}`;
  showDay(same > lastOf(wanted) ? lastOf(wanted) : same);
}

/** @typedef {{ what: 'added' | 'changed' | 'removed', title: string, date: string }} News */

const FRESH_MS = 3_000;

/** Schedules just touched. @type {import('../signal.js').Signal<Set<number>>} */
export const fresh = signal(new Set());
/** The last change. @type {import('../signal.js').Signal<News | null>} */
export const news = signal(/** @type {News | null} */ (null));

/** @param {News} change @param {number} [id] of what is still there */
export function tell(change, id) {
  news.value = change;
  if (id === undefined) return;
  fresh.value = new Set(fresh.value).add(id);
  setTimeout(() => {
    const rest = new Set(fresh.value);
    rest.delete(id);
    fresh.value = rest;
  }, FRESH_MS);
}

export function forgetNews() {
  fresh.value = new Set();
  news.value = null;
}

// One schedule as the calendar lists it.

/**
 * `date` and `time` are the couple's.
 * @typedef {{ scheduleId: number, title: string, description?: string | null, date: string, time: string, color: string, isCompleted: boolean,
 *   creatorId: number, creatorRole: 'DAD' | 'MOM', allDay: boolean }} Schedule
 */

/** A schedule that was told with its instant, as the list has it. @param {any} told @param {Schedule} [before] what was known of it @returns {Schedule} */
export function lineOf(told, before) {
  const { scheduleId, title, description, color, isCompleted, creatorId, allDay } = told;
  const creatorRole = memberOf(creatorId)?.role ?? before?.creatorRole ?? 'MOM';
  const { date, time } = localOf(told.date, timeZone.value);
  return { scheduleId, title, description, date, time: allDay ? '00:00' : time, color, isCompleted, creatorId, creatorRole, allDay };
}

/** All-day ones first, then by time. @param {Schedule} a @param {Schedule} b */
export function inOrder(a, b) {
  return Number(b.allDay) - Number(a.allDay) || (a.time < b.time ? -1 : a.time > b.time ? 1 : a.scheduleId - b.scheduleId);
}
