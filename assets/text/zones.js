// Time zones by the names that people say, for where one is chosen.
import { language } from './index.js';

/** Where a browser cannot list them. */
const SOME = ['Asia/Seoul', 'Asia/Tokyo', 'Asia/Singapore', 'Australia/Sydney', 'Europe/London', 'Europe/Berlin', 'America/New_York', 'America/Los_Angeles', 'UTC'];

/** Every zone that this browser knows, `own` among them, by name. @param {string} own */
export function zones(own) {
  const all = Intl.supportedValuesOf?.('timeZone') ?? SOME;
  const named = [...new Set([own, ...all])].map((zone) => ({ value: zone, label: zoneName(zone) }));
  return named.sort((a, b) => (a.label < b.label ? -1 : 1));
}

/** Hundreds of them take a phone a moment. @type {Map<string, string>} */
const zoneNames = new Map();

/** Asia/Seoul → 한국 표준시 · Seoul, Korean Standard Time · Seoul. @param {string} zone @returns {string} */
export function zoneName(zone) {
  const key = `${language.value} ${zone}`;
  if (!zoneNames.has(key)) zoneNames.set(key, [spokenZone(zone), ...zone.replaceAll('_', ' ').split('/').slice(1).reverse()].filter(Boolean).join(' · '));
  return zoneNames.get(key) || zone;
}

/** What people say for it; empty where there is nothing but a number of hours. @param {string} timeZone */
function spokenZone(timeZone) {
  try {
    const parts = new Intl.DateTimeFormat(language.value, { timeZone, timeZoneName: 'longGeneric' }).formatToParts(0);
    const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
    return /^GMT[+-]/.test(name) ? '' : name;
  } catch {
    return '';
  }
}
