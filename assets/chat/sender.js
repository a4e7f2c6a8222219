// The outbox of this person on this device: how it speaks to the server, to the other tabs, and when it tries again.
import { effect, signal } from '../signal.js';
import * as api from '../net/api.js';
import { ask, connection, onConnect } from '../net/socket.js';
import { forget, keep, recallAll, uuid } from '../net/store.js';
import { quoteOf } from './history.js';
import { makeOutbox } from './outbox.js';
import { wellFormed } from './text.js';

/** @typedef {import('./shapes.js').Unsent} Unsent */
/** @typedef {{ type: 'IMAGE' | 'VIDEO' | 'FILE', blob: Blob, poster?: Blob, name: string, width?: number, height?: number, durationMs?: number }} Parcel */

/** A leader that says nothing for so long is asleep. */
const SILENCE_MAX_MS = 8_000;
/** A device that does not get round to keeping a message must not keep it from going out. */
const KEEPING_MAX_MS = 3_000;

/** @type {(message: any) => void | Promise<void>} */
let whenSent = () => {};
/** @type {BroadcastChannel | null} */
let tabs = null;
/** Another one for each person that follows; null: nobody is here. @type {ReturnType<typeof runFor> | null} */
let turn = null;
let isLeading = false;
/** When the tab that leads last said that it is awake. */
let heardAt = 0;
let watching = 0;

/** Sends files; fetched with the first one. @type {typeof import('../net/upload.js') | undefined} */
let files;

const outbox = makeOutbox({
  keep: (key, value) => Promise.race([keep(key, value, 'strict'), new Promise((resolve) => setTimeout(resolve, KEEPING_MAX_MS))]),
  forget, recallAll,
  upload: async ({ blob, name }, options) => {
    files ??= await import('../net/upload.js').catch(() => { throw new api.ApiError('offline', 0); });
    return files.upload('/files', /** @type {Blob} */ (blob), { name, ...options });
  },
  isReadable: (blob) => blob.slice(0, 1).arrayBuffer().then(() => true, () => false),
  setPoster: (mediaId, poster) => api.put(`/media/${mediaId}/poster`, poster),
  send: deliver,
  sent: (message) => whenSent(message),
  tell: (news) => { try { tabs?.postMessage(news); } catch { /* what cannot be cloned is on disk */ } },
});

/** Everything that waits or failed, in its order. */
export const unsent = outbox.items;
export const { shareOf, retry, cancel } = outbox;

/** Tries all of it now, what had failed too. */
export function sendAll() {
  unsent.peek().filter(({ state }) => state === 'failed').forEach(({ clientId }) => retry(clientId));
  outbox.wake();
}

/** @param {number} roomId @param {string} text @param {import('./shapes.js').Message} [answered] what it answers to */
export function sendText(roomId, text, answered) {
  return add({ roomId, type: 'TEXT', content: wellFormed(text), ...(answered ? { replyTo: quoteOf(answered) } : {}) });
}

/** Shows a schedule in a room. @param {number} roomId @param {import('./shapes.js').Card} schedule */
export const sendCard = (roomId, schedule) => add({ roomId, type: 'SCHEDULE', schedule });

/** How many are still being made ready to be sent. */
export const preparing = signal(0);

/**
 * Makes ready and sends, one after the other: a phone has memory for one large picture. Nothing goes out once somebody else may be here.
 * @param {number} roomId @param {(() => Promise<Parcel | null>)[]} makes null: it was left out
 */
export async function sendParcels(roomId, makes) {
  const mine = turn;
  preparing.value += makes.length;
  for (const makeReady of makes) {
    const parcel = mine === turn && await makeReady();
    if (mine !== turn) return;
    const adding = parcel && addParcel(roomId, parcel);
    preparing.value -= 1;
    await adding;
  }
}

/** @param {number} roomId @param {Parcel} parcel */
const addParcel = (roomId, parcel) => add({ roomId, ...parcel, content: parcel.type === 'FILE' ? parcel.name : '', size: parcel.blob.size, mime: parcel.blob.type });

/** @param {Omit<Unsent, 'clientId' | 'at' | 'order' | 'state'>} item */
async function add(item) {
  // Signed out: it is nobody's, and must not become that of who comes next.
  if (turn) await outbox.add({ ...item, clientId: uuid(), at: new Date(api.serverNow()).toISOString() });
}

/** Follows one person; answers what ends it. @param {number} userId @param {(message: any) => void | Promise<void>} sent */
export function openOutbox(userId, sent) {
  whenSent = sent;
  const name = `bambitalk-outbox-${userId}`;
  tabs = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(name);
  if (tabs) tabs.onmessage = ({ data }) => { if (data.kind === 'here' || data.kind === 'share') heardAt = Date.now(); outbox.hear(data); };
  turn = runFor(name, (leads) => { isLeading = leads; outbox.lead(leads); watchLeader(); });
  const stopWatching = effect(() => { if (unsent.value.length > 0) watchLeader(); });
  outbox.begin();
  // An upload that went silent with the old line is begun anew on this one.
  const wake = () => { files?.dropSilent(); outbox.wake(); };
  const stopWaking = onConnect(wake);
  addEventListener('online', wake);
  return () => {
    stopWaking();
    stopWatching();
    removeEventListener('online', wake);
    turn?.end();
    turn = null;
    isLeading = false;
    preparing.value = 0;
    tabs?.close();
    tabs = null;
    outbox.clear();
  };
}

/** What it answers to may be gone meanwhile: it goes out all the same. @param {Unsent} item */
async function deliver(item) {
  try {
    return await hand(item);
  } catch (error) {
    if (/** @type {any} */ (error).code !== '6404' || !item.replyTo) throw error;
    return hand({ ...item, replyTo: undefined });
  }
}

/** @param {Unsent} item */
function hand({ roomId, clientId, type, content, mediaId, schedule, replyTo }) {
  const shown = mediaId ? { mediaId } : schedule ? { scheduleId: schedule.scheduleId } : { content };
  const body = { clientId, type, ...shown, ...(replyTo ? { replyTo: replyTo.id } : {}) };
  if (connection.value === 'live') return ask('send', { roomId, ...body });
  return api.post(`/rooms/${roomId}/messages`, body);
}

/** A phone puts tabs to sleep, the one that leads among them: as long as anything waits it is asked, and where it says nothing this one takes over. */
function watchLeader() {
  const isWaiting = () => unsent.peek().some(({ state }) => state === 'waiting');
  if (watching || isLeading || !isWaiting()) return;
  const since = Date.now();
  tabs?.postMessage({ kind: 'look' });
  watching = /** @type {any} */ (setTimeout(() => {
    watching = 0;
    if (isWaiting() && !isLeading && heardAt < since && connection.value === 'live') turn?.takeOver();
    watchLeader();
  }, SILENCE_MAX_MS));
}

// One tab at a time leads: Web Locks where there are any (HTTPS), else a heartbeat in localStorage.

const BEAT_MS = 1_000;
const DEAD_MS = 3_500;

/**
 * Calls `act(true)` once this tab leads, `act(false)` when another has taken over. Answers what ends it, and how to take the lead from a tab
 * that is asleep.
 * @param {string} name @param {(leads: boolean) => void} act
 */
export function runFor(name, act) {
  return navigator.locks ? withLock(name, act) : withHeartbeat(name, act);
}

/** @param {string} name @param {(leads: boolean) => void} act */
function withLock(name, act) {
  let isOver = false;
  /** @type {() => void} */
  let release = () => {};
  const ask = (/** @type {LockOptions} */ options) => {
    const held = navigator.locks.request(name, options, () => new Promise((/** @type {(value?: any) => void} */ resolve) => {
      if (isOver) { resolve(); return; }
      release = resolve;
      act(true);
    }));
    // Taken from us: wait in line again.
    held.catch(() => { if (!isOver) { act(false); ask({}); } });
  };
  ask({});
  return {
    end: () => { isOver = true; release(); },
    takeOver: () => { if (!isOver) ask({ steal: true }); },
  };
}

/** @param {string} name @param {(leads: boolean) => void} act */
function withHeartbeat(name, act) {
  const own = uuid();
  let leads = false;
  const settle = (/** @type {boolean} */ now) => { if (now !== leads) { leads = now; act(now); } };
  const read = () => { try { return JSON.parse(localStorage.getItem(name) ?? 'null'); } catch { return null; } };
  const write = () => { try { localStorage.setItem(name, JSON.stringify({ id: own, at: Date.now() })); return true; } catch { return false; } };
  const beat = (isTaking = false) => {
    const last = read();
    const isFree = !last || last.id === own || Math.abs(Date.now() - last.at) > DEAD_MS || isTaking;
    if (!isFree) return settle(false);
    // Without storage there is no other tab to know of.
    if (!write()) return settle(true);
    // Two that write at the same moment: the one whose line stays leads.
    if (leads) return;
    setTimeout(() => { if (read()?.id === own) settle(true); }, 50);
  };
  const leave = () => { if (read()?.id === own) try { localStorage.removeItem(name); } catch { /* then it dies by itself */ } };
  beat();
  const timer = setInterval(beat, BEAT_MS);
  addEventListener('pagehide', leave);
  return {
    end: () => { clearInterval(timer); removeEventListener('pagehide', leave); leave(); },
    takeOver: () => beat(true),
  };
}
