// Finding again: what was said, and all that was shown.
import * as api from '../net/api.js';
import { takeFormer } from './rooms.js';

/** @typedef {import('./shapes.js').Message} Message */
/** @typedef {{ start: number, end: number }} Mark */
/** @typedef {{ message: Message, marks: Mark[] }} Hit  where in its content, or its schedule's title, the words stand */

const PAGE = 30;
export const ALBUM_PAGE = 50;
/** A search ends after a while, found or not; so often it is asked to go on by itself. */
const ROUNDS_MAX = 20;

/**
 * A page of what was said with all these words; `next` leads to the following one.
 * @param {{ words: string, roomId?: number, before?: string | null }} wanted @param {AbortSignal} signal
 * @returns {Promise<{ hits: Hit[], next: string | null }>}
 */
export async function search({ words, roomId, before }, signal) {
  /** @type {Hit[]} */
  const hits = [];
  let next = before ?? null;
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const query = new URLSearchParams({ q: words, limit: String(PAGE), ...(roomId ? { roomId: String(roomId) } : {}), ...(next ? { before: next } : {}) });
    const found = await api.get(`/search?${query}`, { signal });
    hits.push(...found.hits);
    next = found.next;
    if (!next || hits.length >= PAGE) break;
  }
  return { hits, next };
}

/** Photos and films of a room, newest first. @param {number} roomId @param {number} [before] @returns {Promise<Message[]>} */
export async function album(roomId, before) {
  const { messages, former } = await api.get(`/rooms/${roomId}/media?limit=${ALBUM_PAGE}${before ? `&before=${before}` : ''}`);
  takeFormer(former);
  return messages;
}

const LEAD = 24;
const SHOWN = 120;

/** Where the words stand in a text, with something around them. @param {string} text @param {Mark[]} marks @returns {{ text: string, isMark: boolean }[]} */
export function excerptOf(text, marks) {
  const first = marks[0]?.start ?? 0;
  // Never half of a pair.
  const from = whole(text, first > LEAD * 2 ? first - LEAD : 0);
  const to = whole(text, Math.min(text.length, Math.max(from + SHOWN, marks[0]?.end ?? 0)));
  /** @type {{ text: string, isMark: boolean }[]} */
  const parts = from > 0 ? [{ text: '…', isMark: false }] : [];
  let at = from;
  for (const { start, end } of marks.filter((mark) => mark.start >= from && mark.end <= to)) {
    if (start > at) parts.push({ text: text.slice(at, start), isMark: false });
    if (end > at) parts.push({ text: text.slice(Math.max(at, start), end), isMark: true });
    at = Math.max(at, end);
  }
  if (at < to) parts.push({ text: text.slice(at, to), isMark: false });
  if (to < text.length) parts.push({ text: '…', isMark: false });
  return parts;
}

/** @param {string} text @param {number} at */
const whole = (text, at) => (/[\udc00-\udfff]/.test(text[at] ?? '') ? at - 1 : at);
