// My rooms, the newest first: last message, unread, who is there, what they are called. Live from the start of the session, whatever screen is open.
import { batch, computed, effect, signal } from '../signal.js';
import * as api from '../net/api.js';
import { connection } from '../net/socket.js';
import { forget, keep, recall } from '../net/store.js';
import { myId } from '../accounts/session.js';
import { begin, history, merge, openId, PAGE, without } from './history.js';
import { t } from '../text/index.js';

/** @typedef {import('./shapes.js').Room} Room */
/** @typedef {import('./shapes.js').Message} Message */
/** @typedef {import('./shapes.js').RoomMember} RoomMember */
/** @typedef {import('./history.js').History} History */
/** @typedef {import('./shapes.js').Info} Info */

const KEY = 'chat.rooms';
/** Null until they are known. @type {import('../signal.js').Signal<Room[] | null>} */
export const rooms = signal(/** @type {Room[] | null} */ (null));

/** The couple's room, or while unpaired one's own; a guest's is the one they came into first. */
export const mainRoom = computed(() => rooms.value?.find(({ kind, archived }) => kind === 'COUPLE' && !archived)
  ?? rooms.value?.find(({ kind }) => kind === 'SELF')
  ?? [...rooms.value ?? []].sort((a, b) => a.roomId - b.roomId)[0]);

/** Everything that I have not read. */
export const unreadTotal = computed(() => (rooms.value ?? []).reduce((sum, room) => sum + (room.muted ? 0 : room.unreadCount), 0));

/** @param {number} roomId */
export const roomOf = (roomId) => rooms.value?.find((room) => room.roomId === roomId);

/** Who is there, as long as it is heard. @param {Room} room */
export const presentIn = ({ present }) => (connection.value === 'live' ? present : []);
/** Who was there is not who is there when the line, or the app, is back. @param {Room[]} all */
const emptied = (all) => all.map((room) => ({ ...room, present: [] }));
effect(() => { if (connection.value === 'lost' && rooms.peek()) rooms.value = emptied(rooms.peek() ?? []); });

/** Where I stand in a room. @param {Room | undefined} room */
export const markOf = (room) => room?.members.find(({ userId }) => userId === myId.value)?.lastReadId ?? 0;

/** Who was in a room of mine and is no more, by id. @type {import('../signal.js').Signal<Map<number, RoomMember>>} */
const former = signal(new Map());

/** @param {RoomMember[]} people */
export function takeFormer(people) {
  if (people.length > 0) former.value = new Map([...former.peek(), ...people.map((person) => /** @type {const} */ ([person.userId, person]))]);
}

/** Somebody in a room, now or once. @param {Room | undefined} room @param {number} userId */
export const personIn = (room, userId) => room?.members.find((member) => member.userId === userId) ?? former.value.get(userId);

/** @param {Room | undefined} room @param {number} userId @returns {string} */
export const nameIn = (room, userId) => personIn(room, userId)?.nickname ?? t('chat.gone');

/** What this device remembers, then what the server says. */
export async function recallRooms() {
  const kept = await recall(KEY);
  if (kept && rooms.value === null) rooms.value = kept;
}

/** @type {Promise<void> | null} */
let loading = null;
let isFresh = false;
/** Whether the server has told them, rather than this device remembered them. */
export const areFresh = () => isFresh;

/** Asks once, whoever asks meanwhile. @returns {Promise<void>} */
export function loadRooms() {
  loading ??= api.get('/rooms').then((all) => { isFresh = true; replace(all); }).finally(() => { loading = null; });
  return loading;
}

/** The whole room, as it is told while I am elsewhere; or that I am no longer in it. @param {Room & { deleted?: boolean }} room */
export function takeSummary(room) {
  // Told after what is newer came by another way.
  if (!room.deleted && (roomOf(room.roomId)?.rev ?? 0) > room.rev) return;
  replace([...(rooms.value ?? []).filter(({ roomId }) => roomId !== room.roomId), ...room.deleted ? [] : [room]]);
}

/** @param {Message} message */
export function takeMessage(message) {
  change(message.roomId, (room) => {
    const last = room.lastMessage;
    if (last && message.id <= last.id) return { lastMessage: merge([last], [message]).at(-1) };
    const isUnread = message.senderId !== myId.value && message.id > markOf(room);
    const title = message.system?.event === 'renamed' ? message.system.title ?? room.title : room.title;
    return { lastMessage: message, title, rev: Math.max(room.rev, message.rev), unreadCount: room.unreadCount + (isUnread ? 1 : 0) };
  });
}

/** Somebody came in or read on. @param {Omit<Info, 'fromId'>} info */
export function takeInfo({ roomId, userId, lastReadId, readCount, rev, entered }) {
  change(roomId, (room) => {
    const isNews = room.members.some((member) => member.userId === userId && member.lastReadId < lastReadId);
    return {
      rev: Math.max(room.rev, rev),
      ...entered && { present: [...room.present.filter((id) => id !== userId), userId] },
      ...isNews && { members: room.members.map((member) => (member.userId === userId ? { ...member, lastReadId } : member)) },
      ...isNews && userId === myId.value && { unreadCount: lastReadId < (room.lastMessage?.id ?? 0) ? Math.max(0, room.unreadCount - readCount) : 0 },
    };
  });
}

/** @param {{ roomId: number, userId: number }} out */
export function takeOut({ roomId, userId }) {
  change(roomId, (room) => ({ present: room.present.filter((id) => id !== userId) }));
}

/** What entering answers. @param {number} roomId @param {{ present: number[], reads: { userId: number, lastReadId: number }[] }} entered */
export function takeEntered(roomId, { present, reads }) {
  change(roomId, (room) => ({ present, members: room.members.map((member) => further(member, reads.find(({ userId }) => userId === member.userId))) }));
}

/** Members as catching up shows them. @param {number} roomId @param {RoomMember[]} changed */
export function takeMembers(roomId, changed) {
  if (changed.length === 0) return;
  takeFormer(changed.filter(({ left }) => left));
  change(roomId, (room) => {
    const others = room.members.filter(({ userId }) => !changed.some((member) => member.userId === userId));
    return { members: [...others, ...changed.filter(({ left }) => !left)] };
  });
}

/** A mark only grows. @param {RoomMember} member @param {{ lastReadId: number } | undefined} read */
const further = (member, read) => (read && read.lastReadId > member.lastReadId ? { ...member, lastReadId: read.lastReadId } : member);

/** Signed out. */
export function forgetRooms() {
  rooms.value = null;
  loading = null;
  isFresh = false;
  former.value = new Map();
}

/** @param {number} roomId @param {(room: Room) => Partial<Room>} act */
function change(roomId, act) {
  if (!roomOf(roomId)) return;
  show((rooms.value ?? []).map((room) => (room.roomId === roomId ? { ...room, ...act(room) } : room)));
  rememberSoon();
}

/** @param {Room[]} all */
function replace(all) {
  // What was said where I am no more is not mine to keep.
  for (const { roomId } of rooms.value ?? []) if (!all.some((room) => room.roomId === roomId)) forget(keyOf(roomId));
  show(all);
  // At once: without its room a history that is remembered would not be seen.
  rememberRooms();
}

/** @param {Room[]} all */
function show(all) {
  const newest = (/** @type {Room} */ room) => room.lastMessage?.sentAt ?? '';
  rooms.value = [...all].sort((a, b) => newest(b).localeCompare(newest(a)) || b.roomId - a.roomId);
}

let timer = 0;
function rememberSoon() {
  timer ||= /** @type {any} */ (setTimeout(rememberRooms, 500));
}

export function rememberRooms() {
  clearTimeout(timer);
  timer = 0;
  if (rooms.value) keep(KEY, emptied(rooms.value));
}

// A room's newest messages are remembered, for when there is no network.

const REMEMBERED = 200;
const keyOf = (/** @type {number} */ roomId) => `chat.history.${roomId}`;

/** @param {number} roomId @returns {Promise<any>} */
export const recallHistory = (roomId) => recall(keyOf(roomId));

/** @param {number} roomId @param {{ rev: number, linksOf: string }} known @param {History} history */
export const keepHistory = (roomId, known, { all, hasOlder }) => keep(keyOf(roomId), {
  ...known, messages: all.slice(-REMEMBERED), hasOlder: hasOlder || all.length > REMEMBERED,
});

/** One more, where the room is remembered. @param {Message} message */
export const keepMessage = (message) => mend(message.roomId, (known) => merge(known, [message]));

/** @param {number} roomId @param {(known: Message[], hasOlder: boolean) => Message[]} act */
async function mend(roomId, act) {
  const kept = await recallHistory(roomId);
  if (kept) await keep(keyOf(roomId), { ...kept, messages: act(kept.messages, kept.hasOlder) });
}

/** Pages that are on their way, each with what has changed since it was asked for: it may be older than that. @type {Set<((known: History) => History)[]>} */
export const awaited = new Set();

/**
 * Asks for a page of the room that is open; `use` makes of it what is known then. Answers whether it was used: not where another one is open meanwhile.
 * @param {string} query @param {(page: { messages: Message[], former: RoomMember[] }) => History} use
 */
export async function turnTo(query, use) {
  /** @type {((known: History) => History)[]} */
  const changes = [];
  awaited.add(changes);
  try {
    const page = await api.get(`/rooms/${openId.value}/messages?limit=${PAGE}${query}`);
    return batch(() => awaited.has(changes) && (history.value = changes.reduce((known, act) => act(known), use(page))));
  } finally {
    awaited.delete(changes);
  }
}

/**
 * Changes what is known of the room that is open. Opened far above, it is remembered elsewhere: what has changed has changed there, too; what is new
 * is caught up on in its turn.
 * @param {(known: History) => History} act
 */
export function alter(act) {
  history.value = act(history.value);
  awaited.forEach((changes) => changes.push(act));
  if (history.value.hasNewer) mend(openId.value, (known, hasOlder) => act({ ...begin(known, hasOlder), hasNewer: true }).all);
}

/** I see them no more. @param {number[]} ids */
export function hide(ids) {
  alter((known) => without(known, ids));
  change(openId.value, ({ lastMessage: last }) => ({ lastMessage: last && merge([last], [], ids.map((id) => ({ id })))[0] }));
}

// What rooms and messages are called, in a word or two.

/** @param {Room} room */
export const othersIn = (room) => room.members.filter(({ userId }) => userId !== myId.value);

/** @param {Room} room @returns {string} */
export function titleOf(room) {
  if (room.kind === 'SELF') return t('chat.own');
  return room.title || othersIn(room).map(({ nickname }) => nickname).join(', ') || t('chat.gone');
}

/** What the room says of itself. @param {Pick<Message, 'system' | 'senderId'>} message @param {Room | undefined} room @returns {string} */
export function lineOf({ system, senderId = 0 }, room) {
  const called = (/** @type {number} */ userId) => (personIn(room, userId) ? t('chat.polite', { name: nameIn(room, userId) }) : t('chat.gone'));
  return system ? t(`chat.line.${system.event}`, { who: called(senderId), names: (system.userIds ?? []).map(called).join(', '), title: system.title ?? '' }) : t('chat.unknown');
}

/** A message in one line. @param {Partial<Message>} message @param {Room} [room] @returns {string} */
export function summaryOf(message, room) {
  const { type, content = '', schedule } = message;
  switch (type) {
    case 'TEXT': return content.slice(0, 200);
    case 'IMAGE': return t('chat.photo');
    case 'VIDEO': return t('chat.video');
    case 'FILE': return t('chat.file', { name: content });
    case 'DELETED': return t('chat.deleted');
    case 'SCHEDULE': return t('chat.card', { title: schedule?.title ?? content });
    case 'SYSTEM': return lineOf(/** @type {Message} */ (message), room);
    default: return t('chat.unknown');
  }
}
