// What was written and is not yet with the server: kept on this device, sent in its order, each once.
import { signal } from '../signal.js';
import { STUMBLES_MAX, isUploadDue, makeTries, nextOf, waitMs } from './text.js';

/** @typedef {import('./shapes.js').Unsent} Unsent */
/**
 * @typedef {object} Ways  how it speaks to the rest
 * @property {(key: string, value: any) => Promise<void>} keep
 * @property {(key: string) => Promise<void>} forget
 * @property {(prefix: string) => Promise<Unsent[]>} recallAll
 * @property {(item: Unsent, options: { onProgress: (share: number) => void, signal: AbortSignal }) => Promise<{ mediaId: string }>} upload
 * @property {(blob: Blob) => Promise<boolean>} isReadable  a file may change or go after it was chosen
 * @property {(mediaId: string, poster: Blob) => Promise<any>} setPoster
 * @property {(item: Unsent) => Promise<any>} send  resolves with the message
 * @property {(message: any) => void | Promise<void>} sent  done when it is remembered as a message
 * @property {(news: object) => void} tell  the other tabs
 * @property {(act: () => void, ms: number) => number} [later]
 */

const PREFIX = 'chat.outbox.';
const UPLOADS_AT_ONCE = 2;

/** @param {Ways} ways */
export function makeOutbox(ways) {
  /** In their order. @type {import('../signal.js').Signal<Unsent[]>} */
  const items = signal(/** @type {Unsent[]} */ ([]));
  /** @type {Map<string, import('../signal.js').Signal<number>>} */
  const shares = new Map();
  /** @type {Map<string, { done: Promise<void>, stop: AbortController }>} */
  const uploads = new Map();
  const failures = makeTries();
  const { resting, missesOf } = failures;
  const later = ways.later ?? ((act, ms) => /** @type {any} */ (setTimeout(act, ms)));
  let isLeading = false;
  let isDraining = false;
  let isAskedAgain = false;
  let [tries, timer] = [0, 0];
  let lastOrder = 0;
  let opening = 0;
  /** Sent or thrown away: what is read from this device or heard late does not bring it back. @type {Set<string>} */
  const gone = new Set();

  const find = (/** @type {string} */ clientId) => items.value.find((item) => item.clientId === clientId);

  /** How much of an upload is through, 0…1. @param {string} clientId */
  function shareOf(clientId) {
    if (!shares.has(clientId)) shares.set(clientId, signal(0));
    return /** @type {import('../signal.js').Signal<number>} */ (shares.get(clientId));
  }

  /** @param {Unsent} item */
  function put(item) {
    if (gone.has(item.clientId)) return;
    const others = items.value.filter(({ clientId }) => clientId !== item.clientId);
    items.value = [...others, item].sort((a, b) => a.order - b.order);
  }

  /** @param {string} clientId */
  function drop(clientId) {
    gone.add(clientId);
    uploads.get(clientId)?.stop.abort();
    items.value = items.value.filter((item) => item.clientId !== clientId);
    shares.delete(clientId);
    failures.forget(clientId);
  }

  /** A device that cannot keep it must not keep it from going out. @param {Unsent} item */
  const remember = (item) => Promise.resolve(ways.keep(PREFIX + item.clientId, item)).catch(() => {});

  /** Takes something to be sent: on screen at once, and on this device as soon as it can. @param {Omit<Unsent, 'order' | 'state'>} item */
  async function add(item) {
    lastOrder = Math.max(Date.now(), lastOrder + 1, (items.value.at(-1)?.order ?? 0) + 1);
    const added = /** @type {Unsent} */ ({ ...item, order: lastOrder, state: 'waiting' });
    // Begun first: what forgets it comes after.
    const kept = remember(added);
    hear({ kind: 'put', item: added });
    ways.tell({ kind: 'put', item: added });
    await kept;
  }

  /** @param {string} clientId @param {Partial<Unsent>} change */
  async function update(clientId, change) {
    const item = find(clientId);
    if (!item) return;
    const changed = { ...item, ...change };
    put(changed);
    await remember(changed);
    ways.tell({ kind: 'put', item: changed });
  }

  /** @param {string} clientId */
  async function retry(clientId) {
    failures.forget(clientId);
    await update(clientId, { state: 'waiting', code: undefined });
    drain();
  }

  /** Stops and forgets what was not sent. @param {string} clientId */
  async function cancel(clientId) {
    drop(clientId);
    await ways.forget(PREFIX + clientId);
    ways.tell({ kind: 'gone', clientId });
    drain();
  }

  /** At the start: what this device remembers. A tab may have gone before it told of it. */
  const begin = () => load().then(() => ways.tell({ kind: 'look' }));

  async function load() {
    const mine = opening;
    const kept = await ways.recallAll(PREFIX);
    if (mine === opening) kept.filter(({ clientId }) => !find(clientId)).forEach(put);
    drain();
  }

  /** Only the tab that leads sends. @param {boolean} leads */
  function lead(leads) {
    isLeading = leads;
    if (leads) load();
  }

  /** What another tab tells. @param {any} news */
  function hear(news) {
    if (news.kind === 'look' && isLeading) { load(); ways.tell({ kind: 'here' }); }
    if (news.kind === 'put') { put(news.item); drain(); }
    if (news.kind === 'share') shareOf(news.clientId).value = news.share;
    if (news.kind === 'gone') {
      if (news.message) ways.sent(news.message);
      drop(news.clientId);
    }
  }

  /** Tries at once: the line is back. */
  function wake() {
    tries = 0;
    resting.clear();
    drain();
  }

  /** Signed out. */
  function clear() {
    opening += 1;
    isLeading = false;
    clearTimeout(timer);
    uploads.forEach(({ stop }) => stop.abort());
    items.value = [];
    gone.clear();
    failures.clear();
  }

  async function drain() {
    if (!isLeading) return;
    if (isDraining) { isAskedAgain = true; return; }
    isDraining = true;
    clearTimeout(timer);
    try {
      do {
        isAskedAgain = false;
        for (let item = next(); item && isLeading; item = next()) {
          if (!(await attempt(item))) return;
        }
      } while (isAskedAgain);
    } finally {
      isDraining = false;
    }
  }

  /** Whose turn it is. */
  function next() {
    const waiting = items.value.filter(({ state }) => state === 'waiting');
    waiting.filter((item) => isUploadDue(item) && !resting.has(item.clientId)).slice(0, UPLOADS_AT_ONCE).forEach(uploaded);
    return nextOf(waiting, missesOf);
  }

  /** False where it is better to wait before anything else is tried. @param {Unsent} item @returns {Promise<boolean>} */
  async function attempt(item) {
    const mine = opening;
    try {
      if (isUploadDue(item) && resting.has(item.clientId)) return false;
      if (isUploadDue(item)) await uploaded(item);
      if (mine !== opening) return false;
      const ready = find(item.clientId);
      if (!ready || ready.state === 'failed') return true;
      if (isUploadDue(ready)) return missesOf(ready) >= STUMBLES_MAX;
      const message = await ways.send(ready);
      // What is answered to who was here before is nothing to who is here now.
      if (mine !== opening) return false;
      tries = 0;
      settled(ready.clientId, message);
      return true;
    } catch (error) {
      return refused(item.clientId, error);
    }
  }

  /** Forgotten here when it is remembered there. @param {string} clientId @param {any} message */
  async function settled(clientId, message) {
    const isRemembered = ways.sent(message);
    drop(clientId);
    ways.tell({ kind: 'gone', clientId, message });
    await isRemembered;
    await ways.forget(PREFIX + clientId);
    // Once more, for a tab that has read it meanwhile.
    ways.tell({ kind: 'gone', clientId });
  }

  /** What the server has no more is to go up anew. */
  const mark = (/** @type {string} */ clientId, /** @type {any} */ error) => update(clientId, { state: 'failed', code: String(error?.code ?? 'unknown'), ...(error?.code === '6408' ? { mediaId: undefined } : {}) });

  /** @param {string} clientId @param {any} error @returns {Promise<boolean>} */
  async function refused(clientId, error) {
    if (error?.code === 'cancelled' || !find(clientId)) return true;
    if (!failures.mayPass(clientId, error)) { await mark(clientId, error); return true; }
    timer = later(drain, waitMs(tries));
    tries += 1;
    return false;
  }

  /** An upload that failed rests, longer each time; what is behind it goes on once it is out of the way. @param {Unsent} item @param {any} error */
  async function missed(item, error) {
    const { clientId } = item;
    const isThere = await ways.isReadable(/** @type {Blob} */ (item.blob));
    if (!find(clientId)) return;
    const misses = missesOf(item);
    if (!isThere) await mark(clientId, { code: 'unreadable' });
    else if (!failures.mayPass(clientId, error, true)) await mark(clientId, error);
    else {
      resting.add(clientId);
      later(() => { resting.delete(clientId); drain(); }, waitMs(misses));
      if (misses + 1 !== STUMBLES_MAX) return;
    }
    later(drain, 0);
  }

  /** Uploads once, whoever asks; done when it is over, well or not. @param {Unsent} item @returns {Promise<void>} */
  function uploaded(item) {
    const { clientId } = item;
    const running = uploads.get(clientId);
    if (running) return running.done;
    const stop = new AbortController();
    const done = transfer(item, stop.signal).then(() => {
      failures.forget(clientId);
      // A large one has its turn now, or the next upload.
      later(drain, 0);
    }, (error) => missed(item, error)).finally(() => { uploads.delete(clientId); });
    uploads.set(clientId, { done, stop });
    return done;
  }

  /** @param {Unsent} item @param {AbortSignal} stop */
  async function transfer(item, stop) {
    const { clientId } = item;
    const share = shareOf(clientId);
    const onProgress = (/** @type {number} */ part) => { share.value = part; ways.tell({ kind: 'share', clientId, share: part }); };
    const { mediaId } = await ways.upload(item, { onProgress, signal: stop });
    // A poster is a kindness: without it the message goes out all the same.
    if (item.poster) await ways.setPoster(mediaId, item.poster).catch(() => {});
    await update(clientId, { mediaId });
  }

  return { items, shareOf, add, retry, cancel, begin, lead, hear, wake, clear };
}
