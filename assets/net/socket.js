// One /rooms socket for the whole app: connects, comes back with a fresh token, listens, asks.
import { signal } from '../signal.js';
import { ApiError, accessToken, end, renew } from './api.js';

const ANSWER_MAX_MS = 10_000;
const AGAIN_MS = 3_000;
/** Within it what was asked for at the start is still fresh. */
const START_MS = 3_000;

/** `off` (signed out) · `connecting` · `live` · `lost` (trying again). @type {import('../signal.js').Signal<'off' | 'connecting' | 'live' | 'lost'>} */
export const connection = signal(/** @type {'off' | 'connecting' | 'live' | 'lost'} */ ('off'));

/** @type {any} */
let socket = null;
/** @type {Map<string, Set<(payload: any) => void>>} */
const listeners = new Map();
/** @type {Set<() => void>} */
const comers = new Set();
let again = 0;
let begunAt = 0;

/** Opens the socket; stays open, through lost connections, until {@link disconnect}. */
export async function connect() {
  if (!isOff()) return;
  connection.value = 'connecting';
  begunAt = performance.now();
  await open();
}

/** The library is fetched late: who only looks at the welcome page does not need it. */
async function open() {
  const library = await import('../vendor/socket.io.esm.min.js').catch(() => null);
  if (isOff() || socket) return;
  if (!library) return refused();
  socket = library.io('/rooms', {
    auth: (/** @type {(auth: object) => void} */ give) => give({ token: accessToken() }),
    // Some proxies drop WebSockets: polling then.
    transports: ['websocket', 'polling'],
    tryAllTransports: true,
    reconnectionDelayMax: AGAIN_MS,
  });
  socket.on('connect', () => { connection.value = 'live'; comers.forEach((act) => act()); });
  socket.on('disconnect', lost);
  socket.on('connect_error', refused);
  // Expired is the token alone; anything else is the session.
  socket.on('session_ended', (/** @type {{ reason: string }} */ { reason }) => (reason === 'expired' ? comeBack() : end(reason)));
  socket.onAny((/** @type {string} */ event, /** @type {any} */ payload) => listeners.get(event)?.forEach((act) => act(payload)));
}

/** Closes it: signed out. */
export function disconnect() {
  connection.value = 'off';
  clearTimeout(again);
  socket?.removeAllListeners();
  socket?.offAny();
  socket?.disconnect();
  socket = null;
}

/** Hears an event; answers a function that stops it. @param {string} event @param {(payload: any) => void} act */
export function on(event, act) {
  if (!listeners.has(event)) listeners.set(event, new Set());
  listeners.get(event)?.add(act);
  return () => { listeners.get(event)?.delete(act); };
}

/** Runs at every connection made, the first and each after a loss: the moment to catch up. @param {() => void} act */
export function onConnect(act) {
  comers.add(act);
  return () => { comers.delete(act); };
}

/**
 * Runs at every connection made, for what is asked for at the start anyway: right after that only once the first screen stands, for what may have
 * happened before there was a connection. @param {() => void} act
 */
export function onNews(act) {
  onConnect(() => setTimeout(() => { if (connection.value === 'live') act(); }, performance.now() - begunAt < START_MS ? START_MS : 0));
}

/**
 * Sends an event and waits for its ack; an envelope that refuses throws an {@link ApiError}.
 * Never queued: without a connection it fails at once with `offline`.
 * @param {string} event @param {object} [payload] @param {{ timeoutMs?: number }} [options] @returns {Promise<any>}
 */
export async function ask(event, payload = {}, { timeoutMs = ANSWER_MAX_MS } = {}) {
  if (!socket?.connected) throw new ApiError('offline', 0);
  let answer;
  try {
    answer = await socket.timeout(timeoutMs).emitWithAck(event, payload);
  } catch {
    throw new ApiError(socket?.connected ? 'late' : 'offline', 0);
  }
  if (answer?.code !== '0000') throw new ApiError(answer?.code ?? 'unknown', 0, answer?.message);
  return answer.data;
}

const PATIENCE_MS = 1_000;
const PATIENCE_MAX_MS = 30_000;

/**
 * For what failed while there is a line: `soon()` runs `act` once more, each time later, `calm()` when it went well; `isDue()`: it has not yet.
 * @param {() => void} act
 */
export function patience(act) {
  let failures = 0;
  let timer = 0;
  return {
    isDue: () => failures > 0,
    soon() {
      if (timer || connection.value !== 'live') return;
      timer = /** @type {any} */ (setTimeout(() => { timer = 0; act(); }, Math.min(PATIENCE_MAX_MS, PATIENCE_MS * 2 ** failures)));
      failures += 1;
    },
    calm() {
      clearTimeout(timer);
      timer = failures = 0;
    },
  };
}

/** Sends an event whose fate does not matter: typing. @param {string} event @param {object} [payload] */
export function tell(event, payload = {}) {
  if (socket?.connected) socket.volatile.emit(event, payload);
}

const isOff = () => connection.value === 'off';

function lost() {
  if (isOff()) return;
  connection.value = 'lost';
  // The library comes back by itself unless it was the server that hung up.
  if (!socket.active) comeBack();
}

/** @param {Error} [error] its message is the server's code, or the transport's trouble */
function refused(error) {
  if (isOff()) return;
  connection.value = 'lost';
  if (error?.message === '2400') comeBack();
  else if (!socket?.active) later();
}

async function comeBack() {
  if (!socket) return open();
  const outcome = await renew();
  if (isOff() || outcome === 'ended') return;
  if (outcome === 'unreachable') return later();
  // After a goodbye the old connection is on its way out.
  socket.disconnect().connect();
}

function later() {
  clearTimeout(again);
  again = setTimeout(comeBack, AGAIN_MS);
}

/** A phone that wakes up, or has a network again, does not wait for the next try. */
function wake() {
  if (connection.value === 'lost' && document.visibilityState === 'visible' && !socket?.connected) {
    clearTimeout(again);
    if (socket) socket.connect();
    else open();
  }
}

if (typeof document !== 'undefined') {
  document.addEventListener('visibilitychange', wake);
  addEventListener('online', wake);
}
