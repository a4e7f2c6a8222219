// Where we are: the address bar, the screen that it names, and moving about. Knows no screen.
import { signal } from './signal.js';

/**
 * @typedef {object} Screen
 * @property {string} path  `/join/:code`; a last `:rest*` takes any number of parts, none included
 * @property {() => Promise<any>} page  fetches the component that draws it
 * @property {string[]} [texts]  features whose words it needs (text/ko, text/en)
 * @property {string[]} [styles]  stylesheets it needs (style/)
 * @property {string} [tab]  which tab is lit
 * @property {'out' | 'both' | 'family'} [who]  seen by who is signed out, by both, or by who is signed in and no guest; else by who is signed in
 * @property {boolean} [isBare]  without tabs
 *
 * @typedef {{ screen: Screen | undefined, path: string, params: Record<string, string>, query: URLSearchParams, depth: number }} Place
 */

/** @type {Screen[]} */
let screens = [];

/** Where we are. */
export const place = signal(/** @type {Place} */ ({ screen: undefined, path: '', params: {}, query: new URLSearchParams(), depth: 0 }));

/** Sheets and dialogs that close on a step back. @type {((isStep?: boolean) => void)[]} */
const held = [];
/** How many of them stand over the page. */
export const covers = signal(0);
const count = () => { covers.value = held.length; };
/** Our own step back, over the entry of a sheet that was closed, is under way; what is to be opened waits for it. */
let isUnwinding = false;
/** @type {(() => void)[]} */
let waiting = [];
/** Once our own step back is done. @param {() => void} act */
export const afterwards = (act) => { if (isUnwinding) waiting.push(act); else act(); };

/** Begins with the address in the bar. @param {Screen[]} all */
export function startRouter(all) {
  screens = all;
  settle();
  addEventListener('popstate', stepped);
  document.addEventListener('click', followLink);
}

/**
 * Goes to a path of ours.
 * @param {string} path @param {{ replace?: boolean, given?: any }} [options] replace: the way back skips where we are now; given: what the place finds in `history.state`, also after a renewal
 */
export function navigate(path, { replace = false, given } = {}) {
  if (isUnwinding) { afterwards(() => navigate(path, { replace, given })); return; }
  if (path === location.pathname + location.search) return;
  // From inside a sheet: the new page takes the place of the sheet's entry.
  const isStaying = replace || Boolean(history.state?.isHeld);
  const depth = isStaying ? depthNow() : depthNow() + 1;
  history[isStaying ? 'replaceState' : 'pushState']({ depth, given }, '', path);
  closeAll();
  settle();
}

/** Goes to a path as if the app had been opened there: the way back leads out, not to what is no longer for us. @param {string} path */
export function restart(path) {
  if (isUnwinding) { afterwards(() => restart(path)); return; }
  const arrive = () => {
    history.replaceState({ depth: 0 }, '', path);
    closeAll();
    settle();
  };
  const steps = Math.min(depthNow(), history.length - 1);
  if (steps === 0) { arrive(); return; }
  isUnwinding = true;
  waiting.push(arrive);
  history.go(-steps);
}

function closeAll() {
  const all = held.splice(0);
  count();
  all.forEach((close) => close());
}

/** One step back, or, where the app was opened right here, to `fallback`. @param {string} [fallback] */
export function back(fallback = '/') {
  if (depthNow() > 0) history.back();
  else navigate(fallback, { replace: true });
}

/**
 * Lets an open sheet or dialog close on a step back, instead of the page under it. Answers what to call when it closed otherwise.
 * @param {(isStep?: boolean) => void} close  `isStep`: by a step back, so it may hold anew
 */
export function holdBack(close) {
  const push = () => { if (held.includes(close)) history.pushState({ depth: depthNow() + 1, isHeld: true }, ''); };
  held.push(close);
  count();
  afterwards(push);
  return () => {
    const at = held.indexOf(close);
    if (at < 0) return;
    held.splice(at, 1);
    count();
    if (isUnwinding || !history.state?.isHeld) return;
    isUnwinding = true;
    history.back();
  };
}

function stepped() {
  if (isUnwinding) {
    isUnwinding = false;
    waiting.splice(0).forEach((act) => act());
    return;
  }
  const close = held.pop();
  count();
  if (close) close(true);
  else settle();
}

const depthNow = () => Number(history.state?.depth ?? 0);

function settle() {
  place.value = find(location.pathname, location.search);
}

/** The screen of a path. @param {string} path @param {string} [search] @returns {Place} */
export function find(path, search = '', among = screens) {
  const query = new URLSearchParams(search);
  const depth = typeof history === 'undefined' ? 0 : depthNow();
  for (const screen of among) {
    const params = match(screen.path, path);
    if (params) return { screen, path, params, query, depth };
  }
  return { screen: undefined, path, params: {}, query, depth };
}

/** @param {string} pattern @param {string} path @returns {Record<string, string> | null} */
export function match(pattern, path) {
  const wanted = pattern.split('/').filter(Boolean);
  const given = path.split('/').filter(Boolean);
  /** @type {Record<string, string>} */
  const params = {};
  for (const [at, part] of wanted.entries()) {
    if (part.endsWith('*')) {
      params[part.slice(1, -1)] = given.slice(at).map(decode).join('/');
      return params;
    }
    if (given[at] === undefined) return null;
    if (part.startsWith(':')) params[part.slice(1)] = decode(given[at]);
    else if (part !== given[at]) return null;
  }
  return given.length === wanted.length ? params : null;
}

/** @param {string} part */
function decode(part) {
  try { return decodeURIComponent(part); } catch { return part; }
}

/** Plain links work: <a href="/chat">. @param {MouseEvent} event */
function followLink(event) {
  const link = /** @type {Element} */ (event.target).closest?.('a[href]');
  if (!(link instanceof HTMLAnchorElement) || event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
  if (!find(link.pathname).screen) return;
  event.preventDefault();
  navigate(link.pathname + link.search, { replace: link.dataset.replace !== undefined });
}
