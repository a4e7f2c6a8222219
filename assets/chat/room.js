// The room that is open: its messages, live, caught up on, and remembered for when there is no network.
import { batch } from '../signal.js';
import * as api from '../net/api.js';
import { ask, connection, patience } from '../net/socket.js';
import { myId } from '../accounts/session.js';
import { arrived, EMPTY, history, isAtNewest, isMarked, openId, PAGE, readUpTo, shown, state, begin, middle, withNews } from './history.js';
import { alter, areFresh, awaited, hide, keepHistory, keepMessage, recallHistory, loadRooms, markOf, roomOf, takeEntered, takeFormer, takeInfo, takeMembers, takeMessage, takeSummary, turnTo } from './rooms.js';

/** @typedef {import('./shapes.js').Message} Message */

/** Farther behind, the newest page is quicker than catching up step by step. */
const BEHIND_MAX = 300;

export { arrived, history, isAtNewest, isMarked, openId, readUpTo, shown, state };

/** Up to which revision the room is known; 0: not at all. */
let rev = 0;
/** The day (UTC) whose links the messages have: they open until the end of the next one. */
let linksOf = '';
let isInside = false;
/** Each opening has its own number: what an earlier one still awaits is of no interest. */
let visit = 0;

const today = () => new Date(api.serverNow()).toISOString().slice(0, 10);

/** Opens a room: what is remembered at once, then what the server has. @param {number} roomId */
export async function openRoom(roomId) {
  if (openId.value === roomId) return;
  closeRoom();
  const mine = (visit += 1);
  openId.value = roomId;
  const kept = await recallHistory(roomId);
  if (mine !== visit) return;
  if (kept && state.value !== 'ready') {
    batch(() => { ({ rev, linksOf } = kept); history.value = begin(kept.messages, kept.hasOlder); state.value = 'ready'; });
  }
  await catchUp();
  enter();
}

export function closeRoom() {
  if (openId.value === 0) return;
  remember();
  leave();
  visit += 1;
  awaited.clear();
  again.calm();
  isAbove = false;
  [rev, linksOf] = [0, ''];
  batch(() => {
    openId.value = 0;
    history.value = EMPTY;
    state.value = 'loading';
    arrived.value = null;
    readUpTo.value = 0;
    isMarked.value = false;
  });
}

let isAbove = false;
/** Whether somebody reads above the newest. @param {boolean} isReading */
export function keepPlace(isReading) { isAbove = isReading; }

let isWatched = true;
/** Whether anybody looks: in the background I am not in the room, so that a push may come. @param {boolean} isSeen */
export function watch(isSeen) {
  if (isSeen === isWatched) return;
  isWatched = isSeen;
  if (isSeen) { isMarked.value = false; comeBack(); } else { remember(); leave(); }
}

/** All that there was is here: what I have not read of it begins behind my mark. */
function mark() {
  const room = roomOf(openId.value);
  if (isMarked.value || !room) return;
  batch(() => {
    if (room.unreadCount > 0) readUpTo.value = markOf(room);
    isMarked.value = true;
  });
}

/** What failed while there is a line is tried again, as long as the room is open. */
const again = patience(() => { if (openId.value && isWatched) comeBack(); });

/** After a lost connection, and when the screen is looked at again. */
export async function comeBack() {
  isInside = false;
  if (openId.value === 0 || !isWatched) return;
  if (rev === 0 || again.isDue()) await catchUp();
  await enter();
}

async function enter() {
  const [roomId, mine] = [openId.value, visit];
  if (!roomId || isInside || !isWatched || connection.value !== 'live') return;
  isInside = true;
  try {
    const entered = await ask('enter', { roomId, read: false });
    if (mine !== visit) return;
    takeEntered(roomId, entered);
    if (entered.rev > rev || linksOf !== today()) await catchUp();
    else { mark(); if (isMarked.value) again.calm(); }
  } catch {
    if (mine === visit) { isInside = false; again.soon(); }
  }
}

function leave() {
  const roomId = openId.value;
  if (isInside) {
    // What was read was read while I was there: it may not have been told yet.
    ask('read', { roomId, messageId: markOf(roomOf(roomId)) }).catch(() => {});
    ask('exit', { roomId }).catch(() => {});
  }
  isInside = false;
}

/** @type {Promise<void> | null} */
let catching = null;
let isCalledAgain = false;

/** All that was missed. However often it is called, one runs, and once more where something came up meanwhile. @returns {Promise<void>} */
export function catchUp() {
  if (catching) { isCalledAgain = true; return catching; }
  const mine = visit;
  catching = follow().then(() => { if (mine === visit && isInside) again.calm(); }, () => {
    if (mine !== visit) return;
    if (state.value === 'loading') state.value = 'stuck';
    again.soon();
  }).finally(() => { catching = null; }).then(() => {
    if (isCalledAgain) { isCalledAgain = false; return catchUp(); }
    return undefined;
  });
  return catching;
}

async function follow() {
  const [roomId, mine] = [openId.value, visit];
  if (!roomId) return;
  if (rev === 0 || linksOf !== today() || (roomOf(roomId)?.rev ?? 0) - rev > BEHIND_MAX) return reload();
  for (let more = true; more;) {
    const changes = await api.get(`/rooms/${roomId}/changes?since=${rev}&limit=${PAGE}`);
    if (mine !== visit) return;
    if (changes.reload) return reload();
    batch(() => {
      takeMembers(roomId, changes.members);
      take(changes.messages);
      if (changes.hidden.length) hide(changes.hidden);
      rev = Math.max(rev, changes.rev);
      more = changes.more;
      if (!more) mark();
    });
  }
  await freshen();
  remember();
}

/** A picture's blur is made after its message has come, and that is no change of the room. */
async function freshen() {
  const newest = history.value.all.slice(-PAGE);
  if (newest.some(({ thumbnailUrl, thumbhash }) => thumbnailUrl && !thumbhash)) await turnTo('', ({ messages }) => withNews(history.value, messages));
}

/** The newest page, in place of what was known; or, where more is unread than it holds, the one in which the reading stopped. */
export async function reload(isNewest = false) {
  const [roomId, mine] = [openId.value, visit];
  if (!roomOf(roomId) || rev > 0 || !areFresh()) await loadRooms();
  if (mine !== visit) return;
  // Known before the page is asked for: what changes between is caught up on, or comes meanwhile.
  const [known, before, day] = [roomOf(roomId)?.rev ?? 0, rev, today()];
  const from = isNewest ? 0 : beginningOf(roomOf(roomId));
  await turnTo(from ? `&around=${from}` : '', ({ messages, former }) => {
    takeFormer(former);
    [rev, linksOf] = [rev > before ? Math.max(rev, known) : known, day];
    state.value = 'ready';
    mark();
    return from ? middle(messages) : begin(messages, messages.length >= PAGE);
  });
  remember();
}

/** My mark, where the newest page would not reach down to it; else 0. @param {import('./shapes.js').Room | undefined} room */
const beginningOf = (room) => (room?.unreadCount && (room.lastMessage?.id ?? 0) - markOf(room) >= PAGE ? Math.max(1, markOf(room)) : 0);

/** @param {Message[]} messages */
function take(messages) {
  batch(() => {
    alter((known) => withNews(known, messages, isAbove));
    messages.forEach(takeMessage);
    const fresh = messages.filter(({ senderId }) => senderId !== myId.value).at(-1);
    if (fresh && isWatched) arrived.value = fresh;
  });
}

/** A live event's revision; a gap means that something was missed. @param {number} next */
function advance(next) {
  if (rev === 0 || next <= rev) return;
  if (next === rev + 1) rev = next;
  else catchUp();
}

/** A message that came or that was sent. @param {Message} message */
export function hearMessage(message) {
  if (message.roomId !== openId.value) { takeMessage(message); return; }
  if (state.value !== 'ready') { takeMessage(message); isCalledAgain = catching !== null; return; }
  take([message]);
  advance(message.rev);
  rememberSoon();
}

/** One of mine is with the server; done when this device remembers it, whatever room is open. @param {Message} message */
export async function hearSent(message) {
  hearMessage(message);
  if (message.roomId === openId.value && canRemember()) return remember();
  await keepMessage(message);
}

/** Something that is there already is no longer as it was; how it is now is asked for. @param {{ roomId?: number, message?: Message }} change */
export function hearChange({ roomId, message }) {
  if ((roomId ?? message?.roomId) === openId.value && state.value === 'ready') catchUp();
}

/** The room as it is told to who is not in it: so I am not, or what came was missed. @param {import('./shapes.js').Room & { deleted?: boolean }} room */
export function hearSummary(room) {
  takeSummary(room);
  if (room.roomId !== openId.value || room.deleted || !isWatched || rev === 0 || room.rev <= rev) return;
  isInside = false;
  catchUp().then(enter);
}

/** Where nobody read on, its revision is that of the room, not its own. @param {import('./shapes.js').Info} info */
export function hearInfo(info) {
  takeInfo(info);
  if (info.roomId !== openId.value) return;
  if (info.fromId < info.lastReadId) advance(info.rev); else if (info.rev > rev) catchUp();
}

let timer = 0;
const rememberSoon = () => { timer ||= /** @type {any} */ (setTimeout(remember, 1_000)); };

/** Only an end that is the newest is worth remembering: it can be caught up from. */
const canRemember = () => roomOf(openId.value) && !history.value.hasNewer && rev > 0;

export async function remember() {
  clearTimeout(timer);
  timer = 0;
  if (canRemember()) await keepHistory(openId.value, { rev, linksOf }, history.value);
}
