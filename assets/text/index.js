// Every word on screen: t('feature.key', { values }). A few files per language, fetched when a screen needs them.
import { computed, signal } from '../signal.js';

/** @typedef {'ko' | 'en'} Language */

/** The language on screen; every view that calls `t` or a format redraws when it changes. */
export const language = signal(/** @type {Language} */ (preferred()));

/** The couple's time zone; empty until it is known. Set by couples/store.js. */
export const coupleZone = signal('');

/** What hours and days are shown in. */
export const timeZone = computed(() => coupleZone.value || ownZone());

/** @type {Record<string, string>} */
let words = {};
/** @type {Set<string>} */
const files = new Set();

/** Fetches words in the present language. @param {...string} wanted names of files in text/ko and text/en @returns {Promise<void>} */
export const loadTexts = (...wanted) => inTurn(async () => {
  const missing = wanted.filter((file) => !files.has(file));
  if (missing.length === 0) return;
  const found = await fetchTexts(language.value, missing);
  missing.forEach((file) => files.add(file));
  Object.assign(words, found);
});

/** Changes the language once every word on screen is there in it. @param {Language} wanted @returns {Promise<void>} */
export const setLanguage = (wanted) => inTurn(async () => {
  if (wanted === language.value) return;
  words = await fetchTexts(wanted, [...files]);
  remember(wanted);
  language.value = wanted;
});

/** @type {Promise<void>} */
let turn = Promise.resolve();

/** Words that are still coming in one language must not be put among those of another. @param {() => Promise<void>} act @returns {Promise<void>} */
function inTurn(act) {
  turn = turn.catch(() => {}).then(act);
  return turn;
}

/** @param {Language} wanted @param {string[]} names @returns {Promise<Record<string, string>>} */
async function fetchTexts(wanted, names) {
  const found = await Promise.all(names.map((name) => import(`./${wanted}/${name}.js`)));
  return Object.assign({}, ...found.map((module) => module.default));
}

/**
 * The words of a key. `{name}` stands for a value; with a value `count` the forms `key.one` and `key.other` are looked for, with `nth` those of its ordinal.
 * @param {string} key @param {Record<string, string | number>} [values] @returns {string}
 */
export function t(key, values = {}) {
  const spoken = language.value;
  let text = words[key];
  if (text === undefined && ('count' in values || 'nth' in values)) {
    const rules = cached(Intl.PluralRules, spoken, { type: 'nth' in values ? 'ordinal' : 'cardinal' });
    text = words[`${key}.${rules.select(Number(values.nth ?? values.count))}`] ?? words[`${key}.other`];
  }
  return (text ?? key).replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    return typeof value === 'number' ? formatCount(value) : value ?? whole;
  });
}

/** Whether there are words for a key. @param {string} key */
export const has = (key) => words[key] !== undefined;

/** 1234 → 1,234. @param {number} count */
export const formatCount = (count) => formatter(Intl.NumberFormat, {}).format(count);

/** 12 days · 12일. @param {number} count @param {'day' | 'month'} unit */
export const formatLength = (count, unit) => formatter(Intl.NumberFormat, { style: 'unit', unit, unitDisplay: 'long' }).format(count);

/** 3.4 MB. @param {number} size in bytes @returns {string} */
export function formatSize(size, units = ['B', 'KB', 'MB', 'GB']) {
  if (size >= 1_000 && units[1]) return formatSize(size / 1_024, units.slice(1));
  return `${units[3] || size >= 10 ? Math.round(size) : size.toFixed(1)} ${units[0]}`;
}

/** 0:07, 1:02:03. @param {number} ms */
export function formatRun(ms) {
  const seconds = Math.round(ms / 1_000);
  const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.slice(parts[0] ? 0 : 1).map((part, at) => String(part).padStart(at && 2, '0')).join(':');
}

/** An instant's hour: 오후 9:30 · 9:30 PM. @param {string | number | Date} instant */
export const formatTime = (instant) => spoken(zoned(HOUR).format(new Date(instant)));

/** An hour that no zone moves. @param {string} time '21:30' */
export const formatClock = (time) => spoken(formatter(Intl.DateTimeFormat, { ...HOUR, timeZone: 'UTC' }).format(new Date(`1970-01-01T${time}Z`)));

const HOUR = /** @type {Intl.DateTimeFormatOptions} */ ({ hour: 'numeric', minute: '2-digit' });

/** Some versions of the browsers' tables say AM and PM in Korean too. @param {string} time */
const spoken = (time) => (language.value === 'ko' ? time.replace('AM', '오전').replace('PM', '오후') : time);

/**
 * A day, from an instant or from a date without a time ('2026-11-21', which no zone moves).
 * `long` 2026년 11월 21일 토요일 · `date` 2026년 11월 21일 · `day` 11월 21일 (토) · `short` 11. 21. · `month` 2026년 11월
 * `brief` and `monthBrief`: as `day` and `month`, where there is little room (Sat, Nov 21 · Nov 2026)
 * @param {string | number | Date} day @param {'long' | 'date' | 'day' | 'brief' | 'short' | 'month' | 'monthBrief'} [form]
 */
export function formatDate(day, form = 'day') {
  const options = /** @type {Record<string, Intl.DateTimeFormatOptions>} */ ({
    long: { year: 'numeric', month: 'long', day: 'numeric', weekday: 'long' },
    date: { year: 'numeric', month: 'long', day: 'numeric' },
    day: { month: 'long', day: 'numeric', weekday: 'short' },
    brief: { month: 'short', day: 'numeric', weekday: 'short' },
    short: { month: 'numeric', day: 'numeric' },
    month: { year: 'numeric', month: 'long' },
    monthBrief: { year: 'numeric', month: 'short' },
  })[form];
  const isPlain = typeof day === 'string' && /^\d{4}-\d{2}(-\d{2})?$/.test(day);
  if (!isPlain) return zoned(options).format(new Date(day));
  const [year, month, date = 1] = day.split('-').map(Number);
  return formatter(Intl.DateTimeFormat, { ...options, timeZone: 'UTC' }).format(Date.UTC(year, month - 1, date));
}

/** The day on which an instant falls for the couple: '2026-11-21'. @param {string | number | Date} [instant] now, without */
export function dayOf(instant = Date.now()) {
  const options = /** @type {Intl.DateTimeFormatOptions} */ ({ year: 'numeric', month: '2-digit', day: '2-digit', timeZone: timeZone.value });
  // Canada's way of writing a date is ISO's.
  return cached(Intl.DateTimeFormat, 'en-CA', options).format(new Date(instant));
}

/** @type {Map<string, any>} */
const formatters = new Map();

/** @template T @param {new (locale: string, options: any) => T} Kind @param {string} locale @param {object} options @returns {T} */
function cached(Kind, locale, options) {
  const key = `${Kind.name} ${locale} ${JSON.stringify(options)}`;
  if (!formatters.has(key)) formatters.set(key, new Kind(locale, options));
  return formatters.get(key);
}

/** @template T @param {new (locale: string, options: any) => T} Kind @param {object} options @returns {T} */
function formatter(Kind, options) {
  return cached(Kind, language.value === 'ko' ? 'ko-KR' : navigatorEnglish(), options);
}

/** @param {Intl.DateTimeFormatOptions} options */
const zoned = (options) => formatter(Intl.DateTimeFormat, { ...options, timeZone: timeZone.value });

/** English as this person writes it: en-GB has another order of day and month than en-US. */
function navigatorEnglish() {
  const own = typeof navigator === 'undefined' ? undefined : navigator.languages?.find((tag) => tag.startsWith('en'));
  return own ?? 'en-US';
}

/** @returns {Language} */
function preferred() {
  try {
    const kept = localStorage.getItem('language');
    if (kept === 'ko' || kept === 'en') return kept;
  } catch { /* no storage: in tests, and where it is forbidden */ }
  const first = typeof navigator === 'undefined' ? 'ko' : navigator.languages?.find((tag) => /^(ko|en)\b/.test(tag));
  return first && first.startsWith('en') ? 'en' : first ? 'ko' : 'en';
}

/** @param {Language} wanted */
function remember(wanted) {
  try { localStorage.setItem('language', wanted); } catch { /* until the page closes, then */ }
  if (typeof document === 'undefined') return;
  document.documentElement.lang = wanted;
  document.querySelector('link[rel="manifest"]')?.setAttribute('href', `/manifest.${wanted}.webmanifest`);
}

/** The zone of this device. */
export function ownZone() {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'Asia/Seoul';
}
