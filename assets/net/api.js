// HTTP to our own server: the envelope, the access token and its renewal, errors with a sentence to show.
import { has, language, t } from '../text/index.js';
import { signal } from '../signal.js';

/** @typedef {{ accessToken: string, user: { userId: number, coupleId: number, spouseId: number | null, nickname: string } }} SignedIn */

let token = '';
/** Whose session this page shows; 0: not known yet. */
let owner = 0;
let isOver = false;
/** Ends with the session: what was asked for in its name is not for who comes next. */
let session = new AbortController();
/** @type {Promise<'renewed' | 'ended' | 'unreachable'> | null} */
let renewing = null;
/** @type {Set<(reason: string) => void>} */
const onEnded = new Set();

/** The token for the next request; empty when signed out. */
export const accessToken = () => token;

/** Begins a session. @param {string} fresh */
export function setToken(fresh) {
  change(fresh);
  isOver = false;
}

/** Whose session it is, from now on. @param {number} userId */
export const setOwner = (userId) => { [owner, isOver] = [userId, false]; };

/** @param {string} to */
function change(to) {
  session.abort();
  session = new AbortController();
  [token, owner] = [to, 0];
}

/** Hears when the session is over for good, and why, where that is known. @param {(reason: string) => void} act */
export function whenEnded(act) { onEnded.add(act); }

/** Says, once, that the session is over; also where it was over before this page, opened without a network, had a token. @param {string} [reason] */
export function end(reason = '') {
  if (isOver) return;
  isOver = true;
  change('');
  onEnded.forEach((act) => act(reason));
}

/**
 * A new access token. However many ask at once, one request goes out; other tabs wait their turn where the browser lets them.
 * `ended` means signed out; `unreachable`, that nobody knows.
 * @returns {Promise<'renewed' | 'ended' | 'unreachable'>}
 */
export function renew() {
  renewing ??= ask(session.signal).finally(() => { renewing = null; });
  return renewing;
}

/**
 * Locks are there only over HTTPS. Without, the server takes the same cookie twice for 30 seconds.
 * @template T @param {AbortSignal} signal @param {() => Promise<T>} act @returns {Promise<T>}
 */
function inTurn(signal, act) {
  const locks = globalThis.navigator?.locks;
  return locks ? /** @type {any} */ (locks.request('bambitalk-token', { signal }, act)) : act();
}

/** A line may swallow what it carries, and a tab that sleeps keep its turn. */
const RENEWAL_MAX_MS = 10_000;

/** @param {AbortSignal} mine ends with the session that asks @returns {Promise<'renewed' | 'ended' | 'unreachable'>} */
async function ask(mine) {
  const late = new AbortController();
  const stop = () => late.abort();
  const timer = setTimeout(stop, RENEWAL_MAX_MS);
  mine.addEventListener('abort', stop);
  let response, body;
  try {
    response = await inTurn(late.signal, () => fetch('/api/v1/auth/tokens/refresh', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-BambiTalk-Client': 'web', 'Accept-Language': language.value },
      body: '{}',
      signal: late.signal,
    }));
    body = await response.json().catch(() => null);
  } catch {
    return mine.aborted ? 'ended' : 'unreachable';
  } finally {
    clearTimeout(timer);
    mine.removeEventListener('abort', stop);
  }
  if (mine.aborted) return 'ended';
  if (response.ok && body?.data?.accessToken) {
    const { accessToken, user } = /** @type {SignedIn} */ (body.data);
    // The cookie is that of somebody who came in by another tab: nothing of this page goes out in their name.
    if (owner && user.userId !== owner) { end('other'); return 'ended'; }
    token = accessToken;
    isOver = false;
    return 'renewed';
  }
  const isRefused = (response.status === 401 && body?.code) || (response.ok && body?.code === '0000');
  if (!isRefused) return 'unreachable';
  end();
  return 'ended';
}

export const BASE = '/api/v1';
const ANSWER_MAX_MS = 30_000;

/** False after a request that found nobody; true again after one that did. */
export const isReachable = signal(true);

let aheadMs = 0;

/** The server's time, as far as its answers tell: a phone's own clock may be minutes off. @returns {number} */
export const serverNow = () => Date.now() + aheadMs;

/** What went wrong, with a sentence to show. `code` is the server's, or `offline`, `late`, `cancelled`. */
export class ApiError extends Error {
  /** @param {string} code @param {number} status @param {string} [said] what the server says, for codes without a text of ours */
  constructor(code, status, said = '') {
    super(has(`error.${code}`) ? t(`error.${code}`) : said || t('error.unknown'));
    this.code = code;
    this.status = status;
  }
}

/** @typedef {{ signal?: AbortSignal, isOpen?: boolean }} Options  `isOpen`: for who is not signed in; a 401 is then an answer like any other */

/** @param {string} path @param {Options} [options] @returns {Promise<any>} */
export const get = (path, options) => send('GET', path, undefined, options);
/** @param {string} path @param {object} [body] @param {Options} [options] @returns {Promise<any>} */
export const post = (path, body = {}, options) => send('POST', path, body, options);
/** @param {string} path @param {object} [body] @param {Options} [options] @returns {Promise<any>} */
export const patch = (path, body = {}, options) => send('PATCH', path, body, options);
/** @param {string} path @param {object | Blob} [body] a blob goes as it is @param {Options} [options] @returns {Promise<any>} */
export const put = (path, body = {}, options) => send('PUT', path, body, options);
/** @param {string} path @param {object} [body] @param {Options} [options] @returns {Promise<any>} */
const remove = (path, body, options) => send('DELETE', path, body, options);
export { remove as delete };

/** Headers that every request carries. */
export function headers() {
  return {
    'X-BambiTalk-Client': 'web',
    'Accept-Language': language.value,
    ...(token ? { Authorization: `Bearer ${token}` } : {}),
  };
}

/** @param {string} method @param {string} path @param {object | undefined} body @param {Options} [options] @returns {Promise<any>} */
async function send(method, path, body, { signal: cancel, isOpen = false } = {}, isRetry = false) {
  const used = accessToken();
  const mine = session.signal;
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), ANSWER_MAX_MS);
  const stop = () => late.abort();
  const stoppers = isOpen ? [cancel] : [cancel, mine];
  stoppers.forEach((stopper) => stopper?.addEventListener('abort', stop));
  let response, answer;
  try {
    response = await fetch(BASE + path, {
      method,
      headers: { ...headers(), ...(body ? { 'Content-Type': body instanceof Blob ? body.type : 'application/json' } : {}) },
      body: body instanceof Blob ? body : body && JSON.stringify(body),
      signal: late.signal,
    });
    const said = Date.parse(response.headers.get('Date') ?? '');
    // Answers carry whole seconds: less than that is no difference.
    if (Math.abs(said - serverNow()) > 2_000) aheadMs = said - Date.now();
    answer = await response.json().catch(() => null);
  } catch {
    if (stoppers.some((stopper) => stopper?.aborted)) throw new ApiError('cancelled', 0);
    isReachable.value = false;
    throw new ApiError(late.signal.aborted ? 'late' : 'offline', 0);
  } finally {
    clearTimeout(timer);
    stoppers.forEach((stopper) => stopper?.removeEventListener('abort', stop));
  }
  if (mine.aborted && !isOpen) throw new ApiError('cancelled', 0);
  isReachable.value = answer !== null || response.ok || !AWAY.has(response.status);
  if (response.ok && answer) return answer.data;
  if (isSignedOut(response.status, answer) && !isOpen && !isRetry && await isRenewed(used)) {
    return send(method, path, body, { signal: cancel, isOpen }, true);
  }
  throw refusalOf(response.status, answer);
}

/** What a proxy says of a server that is not there. */
const AWAY = new Set([0, 502, 503, 504]);

/** @param {number} status @param {any} answer null where it is no envelope of ours, but a proxy's own page */
function refusalOf(status, answer) {
  if (answer?.code) return new ApiError(answer.code, status, answer.message);
  // A page that is no refusal is that of a network one has to sign in to.
  if (AWAY.has(status) || status < 400) return new ApiError('offline', status);
  return new ApiError({ 408: 'late', 413: '1413', 429: '1429' }[status] ?? 'refused', status);
}

/** Whether it is the session that is refused; a wrong password is a 401 as well. @param {number} status @param {any} answer */
const isSignedOut = (status, answer) => status === 401 && /^(2400|2403)$/.test(answer?.code);

/** Whether there is another token than the one that was refused. @param {string} used */
async function isRenewed(used) {
  if (accessToken() && accessToken() !== used) return true;
  const outcome = await renew();
  if (outcome === 'unreachable') throw new ApiError('offline', 0);
  return outcome === 'renewed';
}

/**
 * What is sent another way than by {@link send}: once more with a fresh token, where the old one was refused.
 * @param {() => Promise<{ status: number, answer: any }>} act @returns {Promise<any>} the answer's data
 */
export async function sendBy(act) {
  const used = accessToken();
  const mine = session.signal;
  let reply = await act();
  if (mine.aborted) throw new ApiError('cancelled', 0);
  if (isSignedOut(reply.status, reply.answer) && await isRenewed(used)) reply = await act();
  const { status, answer } = reply;
  if (status >= 200 && status < 300 && answer) return answer.data;
  throw refusalOf(status, answer);
}
