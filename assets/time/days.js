// Days without a time, the clocks of time zones, and which day it is for the couple.
import { effect, signal } from '../signal.js';
import { dayOf, timeZone } from '../text/index.js';

const DAY_MS = 86_400_000;
/** As the server takes them. */
const FIRST_YEAR = 1900;
const LAST_YEAR = 2200;

/** @param {string} day */
const utc = (day) => Date.parse(`${day}T00:00:00Z`);
/** @param {number} ms */
const text = (ms) => new Date(ms).toISOString().slice(0, 10);

/** @param {string} day */
export const isDay = (day) => /^\d{4}-\d{2}-\d{2}$/.test(day) && isYear(day) && !Number.isNaN(utc(day)) && text(utc(day)) === day;

/** @param {string} month '2026-11' */
export const isMonth = (month) => /^\d{4}-\d{2}$/.test(month) && isDay(`${month}-01`);

/** @param {string} day */
const isYear = (day) => Number(day.slice(0, 4)) >= FIRST_YEAR && Number(day.slice(0, 4)) <= LAST_YEAR;

/** @param {string} day @param {number} count */
export const addDays = (day, count) => text(utc(day) + count * DAY_MS);

/** How many days `to` is after `from`. @param {string} from @param {string} to */
export const daysBetween = (from, to) => Math.round((utc(to) - utc(from)) / DAY_MS);

/** 0 is Sunday. @param {string} day */
export const weekdayOf = (day) => new Date(utc(day)).getUTCDay();

/** @param {string} day */
export const monthOf = (day) => day.slice(0, 7);

/** @param {string} month @param {number} count */
export function addMonths(month, count) {
  const [year, number] = month.split('-').map(Number);
  const at = year * 12 + number - 1 + count;
  return `${String(Math.floor(at / 12)).padStart(4, '0')}-${String((at % 12) + 1).padStart(2, '0')}`;
}

/** The same day some months on; where that month is too short, its last. @param {string} day @param {number} count */
export function sameDayIn(day, count) {
  const month = addMonths(monthOf(day), count);
  const wanted = `${month}-${day.slice(8)}`;
  return wanted > lastOf(month) ? lastOf(month) : wanted;
}

/** @param {string} month */
export const lastOf = (month) => addDays(`${addMonths(month, 1)}-01`, -1);

/** The weeks in which a month has a day, each from Sunday to Saturday. @param {string} month @returns {string[][]} */
export function weeksOf(month) {
  const weeks = [];
  for (let sunday = addDays(`${month}-01`, -weekdayOf(`${month}-01`)); sunday <= lastOf(month); sunday = addDays(sunday, 7)) {
    weeks.push(Array.from({ length: 7 }, (_, at) => addDays(sunday, at)));
  }
  return weeks;
}

// Instants and the clocks of a time zone. Where clocks go ahead, a time that is skipped means the later one; where they go back, the earlier of
// the two: as the server reads them.

/** @type {Map<string, Intl.DateTimeFormat>} */
const clocks = new Map();

/** @param {string} zone */
function clockOf(zone) {
  let clock = clocks.get(zone);
  if (!clock) {
    clock = new Intl.DateTimeFormat('en-US', {
      timeZone: zone, hourCycle: 'h23', era: 'short',
      year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit',
    });
    clocks.set(zone, clock);
  }
  return clock;
}

/** What the zone's clocks show, as if it were UTC. @param {number} instant @param {string} zone */
function shownAt(instant, zone) {
  const parts = Object.fromEntries(clockOf(zone).formatToParts(instant).map(({ type, value }) => [type, value]));
  return Date.UTC(+parts.year, +parts.month - 1, +parts.day, +parts.hour, +parts.minute, +parts.second) + (((instant % 1000) + 1000) % 1000);
}

/** The day and time of an instant. @param {string | number} instant @param {string} zone @returns {{ date: string, time: string }} */
export function localOf(instant, zone) {
  const shown = new Date(shownAt(new Date(instant).getTime(), zone)).toISOString();
  return { date: shown.slice(0, 10), time: shown.slice(11, 16) };
}

/** The instant at which the zone's clocks show this. @param {string} date @param {string} time 'HH:MM' @param {string} zone @returns {number} */
export function instantOf(date, time, zone) {
  const wanted = Date.parse(`${date}T${time}Z`);
  // The clocks a day before and after: at most one change lies between.
  const before = shownAt(wanted - DAY_MS, zone) - (wanted - DAY_MS);
  const after = shownAt(wanted + DAY_MS, zone) - (wanted + DAY_MS);
  const found = [wanted - before, wanted - after].filter((instant) => shownAt(instant, zone) === wanted);
  return found.length > 0 ? Math.min(...found) : wanted - before;
}

/** The first instant of a day. @param {string} date @param {string} zone */
export const startOf = (date, zone) => instantOf(date, '00:00', zone);

// Which day it is for the couple; moves on at its midnight while the app is open.

/** @type {import('../signal.js').Signal<string>} */
export const today = signal(dayOf());

/** Longer than this a timer cannot wait, and a phone that slept must look again anyway. */
const LOOK_AGAIN_MS = 3_600_000;

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
let isFollowing = false;

/** Looks at the clock, and when to look next. */
function look() {
  today.value = dayOf();
  const midnight = startOf(addDays(today.value, 1), timeZone.value);
  clearTimeout(timer);
  timer = setTimeout(look, Math.min(Math.max(midnight - Date.now(), 0) + 20, LOOK_AGAIN_MS));
}

/** Begins to follow the clock; once. */
export function followToday() {
  if (isFollowing) return;
  isFollowing = true;
  effect(() => { if (timeZone.value) look(); });
  // A sleeping phone stops its timers.
  if (typeof document !== 'undefined') document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'visible') look(); });
}
