// How far along or how old a child is on a day, from its dates alone: right at midnight and without a network, as the server counts.
import { daysBetween, isDay, monthOf, sameDayIn } from '../time/days.js';

/** The due date is this day. */
const TERM_DAYS = 280;

/** Weeks of a pregnancy; `share` of the way. @param {string} dueDate @param {string} today */
export function pregnancy(dueDate, today) {
  const left = daysBetween(today, dueDate);
  const along = Math.max(0, TERM_DAYS - left);
  return { left, week: Math.floor(along / 7), day: along % 7, share: Math.min(1, along / TERM_DAYS) };
}

/**
 * Age after birth. A couple counts the birth day as day one, or the days that have passed; months and years go by the calendar.
 * @param {string} birthDate @param {string} today @param {'birthday-is-one' | 'elapsed'} dayCount
 */
export function age(birthDate, today, dayCount) {
  // A couple that moved west may wait for the birth day to begin.
  const now = today < birthDate ? birthDate : today;
  const months = monthsBetween(birthDate, now);
  const days = daysBetween(birthDate, now) + (dayCount === 'birthday-is-one' ? 1 : 0);
  return { days, months, restDays: daysBetween(sameDayIn(birthDate, months), now), years: Math.floor(months / 12) };
}

/** Whole months; who was born on the 31st is a month older on a shorter month's last day. @param {string} from @param {string} to */
export function monthsBetween(from, to) {
  const [first, last] = [monthOf(from), monthOf(to)];
  const count = (Number(last.slice(0, 4)) - Number(first.slice(0, 4))) * 12 + Number(last.slice(5)) - Number(first.slice(5));
  return sameDayIn(from, count) > to ? count - 1 : count;
}

/** The birthday that comes next, today's included; `share` of the year before it. @param {string} birthDate @param {string} today */
export function nextBirthday(birthDate, today) {
  let number = Math.max(1, Math.floor(monthsBetween(birthDate, today < birthDate ? birthDate : today) / 12));
  while (sameDayIn(birthDate, number * 12) < today) number += 1;
  const [last, date] = [sameDayIn(birthDate, (number - 1) * 12), sameDayIn(birthDate, number * 12)];
  return { number, date, left: daysBetween(today, date), share: Math.min(1, Math.max(0, daysBetween(last, today) / daysBetween(last, date))) };
}

/** D-109, D-Day, D+3. @param {number} left days to come */
export const countdown = (left) => (left > 0 ? `D-${left}` : left === 0 ? 'D-Day' : `D+${-left}`);

/**
 * Great days, those to come first, each group from the nearest on.
 * @template {{ date: string }} M @param {M[]} milestones @param {string} today @returns {{ coming: M[], past: M[] }}
 */
export function sorted(milestones, today) {
  return { coming: milestones.filter(({ date }) => date >= today), past: milestones.filter(({ date }) => date < today).reverse() };
}

// What stands in the editor of a child, and what of it goes to the server.

/** @typedef {{ status: 'FETAL' | 'BORN', fetalName: string, dueDate: string, name: string, gender: '' | 'GIRL' | 'BOY', birthDate: string }} Draft */

export const NAME_MAX = 20;

/** @returns {Draft} */
export const newDraft = () => ({ status: 'FETAL', fetalName: '', dueDate: '', name: '', gender: '', birthDate: '' });

/** @param {import('./store.js').Child} child @returns {Draft} */
export function draftOf({ status, fetalName, dueDate, name, gender, birthDate }) {
  return { status, fetalName: fetalName ?? '', dueDate: dueDate ?? '', name: name ?? '', gender: gender ?? '', birthDate: birthDate ?? '' };
}

/** The field that keeps it from being saved, if any. @param {Draft} draft @param {string} today @returns {'dueDate' | 'birthDate' | 'birthToCome' | ''} */
export function missing({ status, dueDate, birthDate }, today) {
  if (status === 'FETAL') return isDay(dueDate) ? '' : 'dueDate';
  if (!isDay(birthDate)) return 'birthDate';
  return birthDate > today ? 'birthToCome' : '';
}

/** At most so many characters as the server counts them. @param {string} text */
export function atMost(text) {
  const characters = [...text];
  return characters.length > NAME_MAX ? characters.slice(0, NAME_MAX).join('') : text;
}

/** Only what is another way than before; a child not born has no birth date. @param {Draft} before @param {Draft} draft @returns {import('./store.js').Fields} */
export function changeOf(before, draft) {
  /** @type {Record<string, string | null>} */
  const change = {};
  for (const field of /** @type {const} */ (['status', 'fetalName', 'dueDate', 'name', 'gender', 'birthDate'])) {
    if (field === 'birthDate' && draft.status === 'FETAL') continue;
    const [old, now] = [before[field].trim(), draft[field].trim()];
    if (old !== now) change[field] = now || null;
  }
  return change;
}

/** All that is known of a new one. @param {Draft} draft @returns {import('./store.js').Fields} */
export const fieldsOf = (draft) => ({ status: draft.status, ...changeOf(newDraft(), draft) });
