// Chat from the session's start to its end: rooms, the outbox, what the socket says; what was read, who is writing, what was begun. No screen needs to be open.
import { batch, effect, signal, untracked } from '../signal.js';
import { ask, connection, on, onConnect, onNews, tell } from '../net/socket.js';
import { myId } from '../accounts/session.js';
import { forgetRooms, loadRooms, mainRoom, markOf, recallRooms, rememberRooms, roomOf, takeInfo, takeOut, turnTo } from './rooms.js';
import { closeRoom, comeBack, hearChange, hearInfo, hearMessage, hearSent, hearSummary, history, openId, reload, remember } from './room.js';
import { openOutbox } from './sender.js';
import { keepNow, keepSoon, recall } from '../net/store.js';
import { calmed, down, middle, PAGE, toNewest, up, withNewer, withOlder } from './history.js';

export { mainRoom } from './rooms.js';
export { preparing, sendAll, sendCard, unsent } from './sender.js';

/** Follows who is signed in, from the one call on. */
export function followChat() {
  on('chat', ({ message }) => { hush(message.senderId); hearMessage(message); });
  on('info', hearInfo);
  on('out', (out) => { hush(out.userId); takeOut(out); });
  on('typing', hearTyping);
  for (const event of ['edit', 'delete', 'react', 'invite', 'leave']) on(event, hearChange);
  on('room', hearSummary);
  on('couple', () => { loadRooms().catch(() => {}); });
  onNews(() => { loadRooms().catch(() => {}); });
  onConnect(() => {
    comeBack();
    tellSeen();
  });
  addEventListener('pagehide', () => { keepNow(); remember(); rememberRooms(); });
  addEventListener('leaving', keepNow);
  effect(carryDraftOver);
  let closeOutbox = () => {};
  effect(() => {
    const who = myId.value;
    untracked(() => {
      closeOutbox();
      closeOutbox = () => {};
      closeRoom();
      forgetRooms();
      untold.clear();
      if (who) {
        closeOutbox = openOutbox(who, hearSent);
        recallRooms();
        loadRooms().catch(() => {});
      }
    });
  });
}

// What one is about to do with a message: its menu is open, it is answered, it is edited.

/** @type {import('../signal.js').Signal<import('./shapes.js').Message | null>} */
export const chosen = signal(/** @type {import('./shapes.js').Message | null} */ (null));
/** @typedef {{ kind: 'answer' | 'edit', message: import('./shapes.js').Message, text?: string }} Intent  `text`: how far the edit is */
/** @type {import('../signal.js').Signal<Intent | null>} */
export const intent = signal(/** @type {any} */ (null));
effect(() => { if (openId.value >= 0) { chosen.value = null; intent.value = null; } });
// Deleted meanwhile, it is neither shown nor answered.
effect(() => { if (history.value.all.some(({ id, type }) => type === 'DELETED' && id === intent.value?.message.id)) intent.value = null; });

/** @param {number} id */
export function choose(id) {
  const message = history.peek().all.find((one) => one.id === id);
  if (message && !/^(SYSTEM|DELETED)$/.test(message.type)) chosen.value = message;
}

// How far I have read: what was really seen. Here at once, told to the server now and then, and again where the line was broken.

const TELL_EVERY_MS = 400;

/** What the server does not know yet, by room. @type {Map<number, number>} */
const untold = new Map();
let isTelling = false;

/** A message was on the screen, in front of somebody. @param {number} roomId @param {number} messageId */
export function markSeen(roomId, messageId) {
  const room = roomOf(roomId);
  const before = markOf(room);
  if (!room || messageId <= before) return;
  untold.set(roomId, messageId);
  const readCount = history.peek().all.filter(({ id, senderId }) => id > before && id <= messageId && senderId !== myId.peek()).length;
  takeInfo({ roomId, userId: myId.peek(), lastReadId: messageId, readCount, rev: room.rev });
  tellSeen();
}

/** Tells what is untold; called again when the line is back. */
export async function tellSeen() {
  if (isTelling) return;
  isTelling = true;
  try {
    while (untold.size > 0) {
      const [[roomId, messageId]] = untold;
      hearInfo(await ask('read', { roomId, messageId }));
      if (untold.get(roomId) === messageId) untold.delete(roomId);
      await new Promise((resolve) => setTimeout(resolve, TELL_EVERY_MS));
    }
  } catch (error) {
    // Not a broken line: the room is no longer mine.
    if (!/^(offline|late|1503|6407)$/.test(/** @type {any} */ (error).code)) untold.clear();
  } finally {
    isTelling = false;
  }
}

// Who is writing just now, and that I am.

const SHOWN_MS = 4_000;
const EVERY_MS = 3_000;

/** @type {import('../signal.js').Signal<number[]>} */
export const typing = signal(/** @type {number[]} */ ([]));
effect(() => { if (openId.value >= 0) typing.value = []; });

/** @type {Map<number, number>} */
const timers = new Map();

/** @param {{ roomId: number, userId: number }} from */
export function hearTyping({ roomId, userId }) {
  if (roomId !== openId.value || userId === myId.value) return;
  clearTimeout(timers.get(userId));
  timers.set(userId, /** @type {any} */ (setTimeout(() => hush(userId), SHOWN_MS)));
  if (!typing.value.includes(userId)) typing.value = [...typing.value, userId];
}

/** They have sent it, or gone. @param {number} userId */
export function hush(userId) {
  clearTimeout(timers.get(userId));
  if (typing.value.includes(userId)) typing.value = typing.value.filter((id) => id !== userId);
}

let toldAt = 0;
/** Says that I am writing, now and then. */
export function sayTyping() {
  if (Date.now() - toldAt < EVERY_MS) return;
  toldAt = Date.now();
  tell('typing', { roomId: openId.value });
}

// What was begun and not sent, by room: a text, an answer, an edit.

const draftKeyOf = (/** @type {number} */ roomId) => `chat.draft.${roomId}`;
const intentKeyOf = (/** @type {number} */ roomId) => `chat.draft.intent.${roomId}`;

/** @param {number} roomId @returns {Promise<string>} */
export const draftOf = async (roomId) => { await carrying; return begunIn(roomId); };

/** @param {number} roomId @returns {Promise<string>} */
const begunIn = async (roomId) => (await recall(draftKeyOf(roomId))) ?? '';

/** @param {number} roomId @param {string} text empty: nothing is begun */
export const keepDraft = (roomId, text) => keepSoon(draftKeyOf(roomId), text);

/** @param {number} roomId @returns {Promise<Intent | undefined>} */
export const intentOf = (roomId) => recall(intentKeyOf(roomId));

/** @param {number} roomId @param {Intent | null} what */
export const keepIntent = (roomId, what) => keepSoon(intentKeyOf(roomId), what);

/** The room that one was writing in. @type {import('./shapes.js').Room | undefined} */
let main;
/** Done when what was begun is where it belongs. */
let carrying = Promise.resolve();

/** Alone one writes to oneself; once there are two, what was begun stands in their room. */
function carryDraftOver() {
  const [before, now] = [main, mainRoom.value];
  main = now;
  if (before?.kind === 'SELF' && now?.kind === 'COUPLE') carrying = carryDraft(before.roomId, now.roomId);
}

/** @param {number} from @param {number} to */
async function carryDraft(from, to) {
  const text = await begunIn(from);
  if (!text || await begunIn(to)) return;
  keepDraft(to, text);
  keepDraft(from, '');
}

// Up and down in the room that is open: what is on screen, and pages of the server's history.

/** Where older or newer ones are being fetched, or could not be. */
export const fetching = signal(/** @type {'' | 'older' | 'newer' | 'failed'} */ (''));
// Another room, or a line that is back: it may be tried again.
effect(() => { if (openId.value >= 0 && connection.value !== 'lost') fetching.value = ''; });

/** Shows older messages. */
export const showOlder = () => showMore('older', up, 'hasOlder', 'before', 0, withOlder);

/** Shows newer ones, where the list was let go of below. */
export const showNewer = () => showMore('newer', down, 'hasNewer', 'after', -1, withNewer);

/**
 * What is here, else a page of the server's that joins this end of it.
 * @param {'older' | 'newer'} side @param {typeof up} move @param {'hasOlder' | 'hasNewer'} more @param {string} key @param {0 | -1} end @param {typeof withOlder} grow
 */
async function showMore(side, move, more, key, end, grow) {
  const moved = move(history.value);
  if (moved) history.value = moved;
  // One at a time: a short stretch has both ends in view.
  if (moved || !history.value[more] || /er$/.test(fetching.value)) return;
  const roomId = openId.value;
  const edge = () => history.value.all.at(end)?.id ?? 0;
  const from = edge();
  fetching.value = side;
  try {
    await turnTo(`&${key}=${from}`, ({ messages }) => {
      fetching.value = '';
      const grown = edge() === from ? grow(history.value, messages) : history.value;
      return move(grown) ?? grown;
    });
  } catch {
    if (roomId === openId.value) fetching.value = 'failed';
  }
}

/** Goes to the newest message. */
export async function showNewest() {
  if (history.value.hasNewer) { try { await reload(true); } catch { /* where we are, then */ } } else history.value = toNewest(history.value);
}

/** The message to be brought into view; 0 for none. */
export const wanted = signal(0);

/** Goes to a message, wherever in the history it stands. @param {number} id */
export async function showMessage(id) {
  const { all, start, end } = history.value;
  const at = all.findIndex((message) => message.id === id);
  if (at >= 0) {
    history.value = { ...history.value, start: Math.min(start, Math.max(0, at - PAGE / 2)), end: Math.max(end, Math.min(all.length, at + PAGE / 2)) };
  } else if (!await turnTo(`&around=${id}`, ({ messages }) => middle(messages))) return;
  wanted.value = id;
}

/** At rest, with the newest in view. */
export const calm = () => { history.value = calmed(history.value); };
