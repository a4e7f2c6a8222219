// What stands in the editor, and what of it goes to the server.
import { instantOf, localOf } from '../time/days.js';

/**
 * @typedef {{ date: string, time: string, allDay: boolean, title: string, description: string, color: string }} Draft
 * @typedef {{ title: string, description?: string | null, date: string, color: string, isCompleted?: boolean }} Fields
 */

export const COLORS = ['RED', 'ORANGE', 'YELLOW', 'GREEN', 'BLUE', 'PURPLE'];
export const TITLE_MAX = 191;
export const MEMO_MAX = 1_000;
const HOUR_MS = 3_600_000;

/** A new one on a day: the next full hour today (the last one is tomorrow's first), nine in the morning else. @param {string} date @param {string} zone @param {number} now @returns {Draft} */
export function newDraft(date, zone, now) {
  const isToday = localOf(now, zone).date === date;
  const next = localOf(now + HOUR_MS, zone);
  return { date: isToday ? next.date : date, time: isToday ? `${next.time.slice(0, 2)}:00` : '09:00', allDay: false, title: '', description: '', color: 'YELLOW' };
}

/** One that is there. @param {import('./store.js').Schedule} schedule @returns {Draft} */
export function draftOf({ date, time, allDay, title, description, color }) {
  return { date, time: allDay ? '09:00' : time, allDay, title, description: description ?? '', color };
}

/** At most so many characters as the server counts them. @param {string} text @param {number} max */
export function atMost(text, max) {
  const characters = [...text];
  return characters.length > max ? characters.slice(0, max).join('') : text;
}

/** @param {Draft} draft @param {string} zone */
const momentOf = ({ allDay, date, time }, zone) => (allDay ? date : new Date(instantOf(date, time, zone)).toISOString());

/** All fields. @param {Draft} draft @param {string} zone @returns {Fields} */
export function fieldsOf(draft, zone) {
  const { title, description, color } = draft;
  return { title: title.trim(), description: description.trim() || null, date: momentOf(draft, zone), color };
}

/**
 * Only what is another way than before. A time left alone is not sent: of two that the clocks show alike, it stays the one it was.
 * @param {Draft} before @param {Draft} draft @param {string} zone @returns {Partial<Fields>}
 */
export function changeOf(before, draft, zone) {
  const [old, now] = [fieldsOf(before, zone), fieldsOf(draft, zone)];
  /** @type {Partial<Fields>} */
  const change = {};
  if (now.title !== old.title) change.title = now.title;
  if (now.description !== old.description) change.description = now.description;
  if (now.color !== old.color) change.color = now.color;
  const isMoved = draft.allDay !== before.allDay || draft.date !== before.date || (!draft.allDay && draft.time !== before.time);
  if (isMoved) change.date = now.date;
  return change;
}
