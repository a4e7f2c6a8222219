// A room's messages on this device: one unbroken stretch, oldest first, the part of it that is on screen, and the rows that it is drawn as.
import { computed, signal } from '../signal.js';

/** @typedef {import('./shapes.js').Message} Message */
/** @typedef {import('./shapes.js').Quote} Quote */
/**
 * `all` has no hole; `start` and `end` bound what is on screen; `hasOlder` and `hasNewer` say whether the server has more beyond `all`.
 * @typedef {{ all: Message[], start: number, end: number, hasOlder: boolean, hasNewer: boolean }} History
 */

/** Messages asked for at once; the server gives no more. */
export const PAGE = 50;
/** On screen, when things are calm and at most. */
const CALM = 150;
const MOST = 200;
/** In memory. */
const KEPT = 2_000;
/** Characters of a text that is quoted. */
const QUOTED = 200;

/** @type {History} */
export const EMPTY = { all: [], start: 0, end: 0, hasOlder: false, hasNewer: false };

/** A stretch that begins anew: the newest page, or what this device remembers. @param {Message[]} messages @param {boolean} hasOlder @returns {History} */
export function begin(messages, hasOlder) {
  const all = merge([], messages);
  return { all, start: Math.max(0, all.length - PAGE), end: all.length, hasOlder, hasNewer: false };
}

/** A page from somewhere in the history, all of it on screen. @param {Message[]} messages @returns {History} */
export const middle = (messages) => ({ ...begin(messages, true), start: 0, hasNewer: true });

/** Whether the newest message is on screen, and the next one will be. @param {History} history */
export const isFollowing = (history) => !history.hasNewer && history.end === history.all.length;

/**
 * By id, each once; of two versions the one with the higher rev. Answers show what they answer to as it is by now, also where that stands elsewhere.
 * @param {Message[]} known @param {Message[]} news @param {(Message | { id: number })[]} told  all that has changed; the number alone: I see it no more
 * @returns {Message[]}
 */
export function merge(known, news, told = news) {
  if (told.length === 0) return known;
  const byId = new Map(known.map((message) => [message.id, message]));
  for (const message of news) {
    const before = byId.get(message.id);
    if (!before || message.rev >= before.rev) byId.set(message.id, before && isSame(before, message) ? before : message);
  }
  const now = new Map([...told.map((one) => /** @type {const} */ ([one.id, one])), ...byId]);
  const all = [...byId.values()].map((message) => answering(message, now.get(message.replyTo?.id ?? 0))).sort((a, b) => a.id - b.id);
  return all.length === known.length && all.every((message, at) => message === known[at]) ? known : all;
}

/** @param {Message} message @param {Message | { id: number }} [answered] */
function answering(message, answered) {
  const quote = answered && quoteOf(answered);
  return quote && !isSame(quote, message.replyTo) ? { ...message, replyTo: quote } : message;
}

/** What an answer to it shows, as the server says it: of a long text the beginning; the number alone of what I see no more. @param {any} message @returns {Quote} */
export const quoteOf = ({ id, senderId, type, content, schedule, thumbnailUrl }) => (type
  ? { id, senderId, type, content: [...schedule?.title ?? content].slice(0, QUOTED).join(''), thumbnailUrl } : { id });

const SHOWN = ['rev', 'type', 'content', 'url', 'thumbnailUrl', 'thumbhash'];
/** The same object stays, so that nothing is drawn again. @param {any} a @param {any} b */
const isSame = (a, b, names = SHOWN) => names.every((name) => a[name] === b[name]);

/**
 * What is new, live or caught up on. While somebody reads above, what they see stays on screen.
 * @param {History} history @param {Message[]} news @param {boolean} isAbove @returns {History}
 */
export function withNews(history, news, isAbove = false) {
  const last = history.all.at(-1)?.id ?? 0;
  // Where the stretch ends before the newest, what follows is fetched in its turn.
  const fitting = history.hasNewer ? news.filter(({ id }) => id <= last) : news;
  const first = history.all[0]?.id ?? 0;
  const all = merge(history.all, history.hasOlder ? fitting.filter(({ id }) => id >= first) : fitting, news);
  if (all === history.all) return history;
  const shift = Math.max(0, all.findIndex(({ id }) => id === first));
  const [before, after] = [history.start + shift, history.end + shift];
  const most = isAbove ? Math.min(all.length, Math.max(after, before + MOST)) : all.length;
  const end = isFollowing(history) ? most : after;
  const start = Math.max(before, isAbove ? 0 : end - MOST);
  return bounded({ ...history, all, start, end }, 'newer');
}

/** What I deleted for myself is not there. @param {History} history @param {number[]} hidden @returns {History} */
export function without(history, hidden) {
  const [all, start, end] = [Infinity, history.start, history.end].map((to) => history.all.slice(0, to).filter(({ id }) => !hidden.includes(id)));
  return { ...history, all: merge(all, [], hidden.map((id) => ({ id }))), start: start.length, end: end.length };
}

/** A page from before the stretch; fewer than asked for means that there is nothing older. @param {History} history @param {Message[]} page @param {number} asked @returns {History} */
export function withOlder(history, page, asked = PAGE) {
  const all = merge(history.all, page);
  const grown = all.length - history.all.length;
  return bounded({ ...history, all, start: history.start + grown, end: history.end + grown, hasOlder: page.length >= asked }, 'older');
}

/** A page from behind the stretch. @param {History} history @param {Message[]} page @param {number} asked @returns {History} */
export function withNewer(history, page, asked = PAGE) {
  return bounded({ ...history, all: merge(history.all, page), hasNewer: page.length >= asked }, 'newer');
}

/** Shows more above; null where that has to be fetched first. @param {History} history @returns {History | null} */
export function up(history) {
  if (history.start === 0) return null;
  const start = Math.max(0, history.start - PAGE);
  return { ...history, start, end: Math.min(history.end, start + MOST) };
}

/** Shows more below; null where that has to be fetched first. @param {History} history @returns {History | null} */
export function down(history) {
  if (history.end === history.all.length) return null;
  const end = Math.min(history.all.length, history.end + PAGE);
  return { ...history, end, start: Math.max(history.start, end - MOST) };
}

/** Shows the newest, where the stretch reaches there. @param {History} history @returns {History} */
export const toNewest = (history) => ({ ...history, start: Math.max(0, history.all.length - PAGE), end: history.all.length });

/** At rest: lets go of what is far above while the newest is looked at. @param {History} history @returns {History} */
export const calmed = (history) => (isFollowing(history) && history.end - history.start > CALM ? { ...history, start: history.end - CALM } : history);

/** Memory does not grow without end: what is farthest from where we came is let go. @param {History} history @param {'older' | 'newer'} side @returns {History} */
function bounded(history, side) {
  const excess = history.all.length - KEPT;
  if (excess <= 0) return history;
  if (side === 'older') {
    const length = Math.max(KEPT, history.end);
    return length >= history.all.length ? history : { ...history, all: history.all.slice(0, length), hasNewer: true };
  }
  const cut = Math.min(excess, history.start);
  return cut === 0 ? history : { ...history, all: history.all.slice(cut), start: history.start - cut, end: history.end - cut, hasOlder: true };
}

// From messages to what stands in the list: days, groups, the place up to which was read.

/** @typedef {import('./shapes.js').RoomMember} RoomMember */
/** @typedef {import('./shapes.js').Unsent} Unsent */
/**
 * @typedef {{ kind: 'day', key: string, day: string } | { kind: 'divider', key: string } | MessageRow} Row
 * @typedef {object} MessageRow
 * @property {'message'} kind
 * @property {string} key  stays when an unsent message becomes a sent one
 * @property {Message} message
 * @property {Unsent | null} unsent
 * @property {boolean} isMine
 * @property {boolean} isFirst  of its group: one sender, one minute
 * @property {boolean} isLast
 * @property {number} unread  who has not read it yet
 * @property {MessageRow[]} [photos]  of an album, each its own message; the row is that of the last one
 */

/** Photos that follow each other so closely were sent in one go. */
const ALBUM_MS = 60_000;

/**
 * @param {{ messages: Message[], unsent: Unsent[], members: RoomMember[], me: number, readUpTo: number, dayOf: (instant: string) => string }} given
 *   `readUpTo`: the message under which the dividing line stands; 0 for none
 * @param {Map<string, Row>} [before] rows of the last time: those that are as they were stay the same objects
 * @returns {Row[]}
 */
export function rowsOf({ messages, unsent, members, me, readUpTo, dayOf }, before) {
  const sent = new Set(messages.map(({ clientId }) => clientId));
  const waiting = unsent.filter(({ clientId }) => !sent.has(clientId)).map((item) => ({ message: asMessage(item, me), unsent: item }));
  const entries = [...messages.map((message) => ({ message, unsent: /** @type {Unsent | null} */ (null) })), ...waiting];
  /** @type {Row[]} */
  const rows = [];
  let day = '';
  let isDivided = readUpTo === 0;
  entries.forEach((entry, at) => {
    const { message } = entry;
    const today = dayOf(message.sentAt);
    const isNewDay = today !== day;
    if (isNewDay) rows.push({ kind: 'day', key: `day ${today}`, day: today });
    day = today;
    const isMine = message.senderId === me;
    let isParted = isNewDay;
    if (!isDivided && message.id > readUpTo && !isMine && !entry.unsent) {
      isDivided = true;
      // Above the oldest that is known there is nothing to divide from.
      if (at > 0) { rows.push({ kind: 'divider', key: 'divider' }); isParted = true; }
    }
    const previous = entries[at - 1]?.message;
    const next = entries[at + 1]?.message;
    const isLast = !next || !isTogether(message, next) || dayOf(next.sentAt) !== today
      || (!isDivided && next.senderId !== me && next.id > readUpTo);
    rows.push({
      kind: 'message', key: keyOf(message), message, unsent: entry.unsent, isMine,
      isFirst: isParted || !previous || !isTogether(previous, message), isLast,
      unread: entry.unsent ? 0 : unreadOf(message, members),
    });
  });
  return inAlbums(rows, before).map((row) => reuse(before?.get(row.key), row));
}

/** Photos of one go in one row. @param {Row[]} rows @param {Map<string, Row>} [before] @returns {Row[]} */
function inAlbums(rows, before) {
  /** @type {(Row & { photos?: MessageRow[] })[]} */
  const joined = [];
  for (const row of rows) {
    const last = joined.at(-1);
    if (last?.kind === 'message' && row.kind === 'message' && isOneGo(last, row)) joined[joined.length - 1] = album([...last.photos ?? [last], row]);
    else joined.push(row);
  }
  return joined.some(({ photos }) => photos) ? withKeys(joined, before) : joined;
}

/** @param {MessageRow} a @param {MessageRow} b */
function isOneGo(a, b) {
  const isClose = Date.parse(b.message.sentAt) - Date.parse(a.message.sentAt) <= ALBUM_MS;
  return isPlainPhoto(a.message) && isPlainPhoto(b.message) && a.message.senderId === b.message.senderId && isClose;
}

/** What hangs on a photo needs a place of its own. @param {Message} message */
const isPlainPhoto = ({ type, replyTo, reactions }) => type === 'IMAGE' && !replyTo && !reactions?.length;

/** @param {MessageRow[]} photos @returns {MessageRow} */
function album(photos) {
  const unsent = photos.find((photo) => photo.unsent)?.unsent ?? null;
  const last = photos[photos.length - 1];
  return { ...last, key: photos[0].key, isFirst: photos[0].isFirst, unsent, unread: Math.max(...photos.map(({ unread }) => unread)), photos };
}

/** An album that grows upwards stays the same row. @param {Row[]} rows @param {Map<string, Row>} [before] @returns {Row[]} */
function withKeys(rows, before) {
  /** @type {Map<string, { key: string, photo: MessageRow }>} */
  const known = new Map();
  for (const row of before?.values() ?? []) if (row.kind === 'message') for (const photo of row.photos ?? [row]) known.set(photo.key, { key: row.key, photo });
  const used = new Set(rows.map(({ key }) => key));
  return rows.map((row) => {
    if (row.kind !== 'message' || !row.photos) return row;
    const key = row.photos.map((photo) => known.get(photo.key)?.key).find((old) => old && !used.has(old)) ?? row.key;
    used.add(key);
    return { ...row, key, photos: row.photos.map((photo) => /** @type {MessageRow} */ (reuse(known.get(photo.key)?.photo, photo))) };
  });
}

/** @param {Message} message */
const keyOf = (message) => (message.clientId ? `${message.senderId} ${message.clientId}` : `id ${message.id}`);

/** One sender, one minute, nothing of the room's own between. @param {Message} a @param {Message} b */
function isTogether(a, b) {
  return a.senderId === b.senderId && a.sentAt.slice(0, 16) === b.sentAt.slice(0, 16) && a.type !== 'SYSTEM' && b.type !== 'SYSTEM';
}

/** It can only fall: the server's count at the time, or what the marks say since. @param {Message} message @param {RoomMember[]} members */
export const unreadOf = ({ id, senderId, unreadCount }, members) => Math.min(unreadCount, members.filter(({ userId, lastReadId }) => userId !== senderId && lastReadId < id).length);

/** @param {Unsent} item @param {number} me @returns {Message} */
const asMessage = (item, me) => ({ content: '', ...item, id: Infinity, rev: 0, senderId: me, sentAt: item.at, unreadCount: 0 });

/** @param {Row | undefined} old @param {Row} row @returns {Row} */
function reuse(old, row) {
  if (!old || old.kind !== row.kind) return row;
  if (row.kind !== 'message' || old.kind !== 'message') return old;
  const isAsItWas = isSame(old, row, ['unsent', 'isMine', 'isFirst', 'isLast', 'unread']) && (old.message === row.message || row.unsent)
    && old.photos?.length === row.photos?.length && (row.photos ?? []).every((photo, at) => photo === old.photos?.[at]);
  return isAsItWas ? old : row;
}

// The room that is open, as it is drawn; room.js alone writes here.

/** 0 while none is open. */
export const openId = signal(0);
/** @type {import('../signal.js').Signal<History>} */
export const history = signal(EMPTY);
/** `loading` until there is something to show, `stuck` where there will be nothing without a network. */
export const state = signal(/** @type {'loading' | 'ready' | 'stuck'} */ ('loading'));
/** My mark at the moment of opening, where something was unread: the line stands behind it. */
export const readUpTo = signal(0);
/** Whether that mark is the server's: until then nothing counts as seen, for what is remembered knows nothing of what was missed. */
export const isMarked = signal(false);
/** The newest that came from somebody else while the room was open; read out. @type {import('../signal.js').Signal<Message | null>} */
export const arrived = signal(/** @type {Message | null} */ (null));

/** What is on screen. */
export const shown = computed(() => history.value.all.slice(history.value.start, history.value.end));
export const isAtNewest = computed(() => isFollowing(history.value));
