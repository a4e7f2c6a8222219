// The app on the home screen: the service worker (over HTTPS alone), installing, and what this browser is.
import { effect, signal, untracked } from './signal.js';
import { connection } from './net/socket.js';
import { covers, place } from './router.js';

/** Set where the browser can install by itself (Chrome, Edge, Samsung Internet). */
export const installer = signal(/** @type {any} */ (null));

/** Whether it runs as an app of its own. */
export const isInstalled = () => matchMedia('(display-mode: standalone)').matches || navigator.standalone === true;

/** Over plain HTTP browsers withhold the service worker, sharing, the clipboard. */
export const isSecure = () => window.isSecureContext;

/** @typedef {'ios-safari' | 'ios-other' | 'android' | 'android-other' | 'mac-safari' | 'chromium' | 'firefox'} Browser */

/** Which steps lead to the home screen here. @param {string} agent @param {number} touchPoints @returns {Browser} */
export function browserOf(agent = navigator.userAgent, touchPoints = navigator.maxTouchPoints) {
  // An iPad says that it is a Mac.
  const isIos = /iPhone|iPad|iPod/.test(agent) || (/Macintosh/.test(agent) && touchPoints > 1);
  if (isIos) return /CriOS|FxiOS|EdgiOS|OPT\/|NAVER|KAKAOTALK/.test(agent) ? 'ios-other' : 'ios-safari';
  // Inside of another app nothing can be put on the home screen.
  if (/Android/.test(agent)) return /NAVER|KAKAOTALK/.test(agent) ? 'android-other' : 'android';
  if (/Firefox\//.test(agent)) return 'firefox';
  return /Safari\//.test(agent) && !/Chrome\//.test(agent) ? 'mac-safari' : 'chromium';
}

/** Asks the browser to install. */
export async function install() {
  const offer = installer.value;
  installer.value = null;
  await offer?.prompt();
}

const LOOK_EVERY_MS = 60 * 60_000;
/** After so long in the background, coming back is a fresh start anyway. */
const ASLEEP_MS = 30 * 60_000;

/** Keeps the app's files on this device, and renews them quietly. @param {() => boolean} isTouched whether somebody has begun anything since the page came */
export async function startWorker(isTouched) {
  const renew = renewal(isTouched);
  if (!navigator.serviceWorker) { watchBuild(renew); return; }
  // As long as this page lives, its build's files stay on the device.
  const ours = /@(\w+)/.exec(import.meta.url)?.[1];
  navigator.locks?.request(`app-${ours}`, { mode: 'shared' }, () => new Promise(() => {}));
  navigator.serviceWorker.controller?.postMessage('begun');
  const registration = await navigator.serviceWorker.register('/sw.js', { updateViaCache: 'none' });
  const hadOne = Boolean(navigator.serviceWorker.controller);
  // The very first one takes over nothing.
  navigator.serviceWorker.addEventListener('controllerchange', () => { if (hadOne) renew(); });
  const takeOver = () => registration.waiting?.postMessage('take over');
  // Renewed while it was closed. Taking over reloads: not over what somebody who was quick has begun.
  if (!isTouched()) takeOver();
  let hiddenAt = 0;
  let lookedAt = Date.now();
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) { hiddenAt = Date.now(); return; }
    if (Date.now() - hiddenAt > ASLEEP_MS) takeOver();
    if (Date.now() - lookedAt > LOOK_EVERY_MS) { lookedAt = Date.now(); registration.update().catch(() => {}); }
  });
}

/** By then a screen stands, with what it opens at once. */
const SETTLED_MS = 500;

/** Answers what reloads the page, now or at the next moment at which nobody loses anything. @param {() => boolean} isTouched */
function renewal(isTouched) {
  let isDue = false;
  let isReloading = false;
  const reload = () => {
    if (!isDue || isReloading) return;
    isReloading = true;
    location.reload();
  };
  const reloadUnused = () => { if (!isInUse()) reload(); };
  document.addEventListener('visibilitychange', () => { if (document.hidden) reloadUnused(); });
  // What was begun is left then; what is begun there is waited for. Drafts are kept.
  effect(() => { if (place.value) setTimeout(reloadUnused, SETTLED_MS); });
  return () => {
    isDue = true;
    if (!isTouched() || document.hidden) reloadUnused();
  };
}

/** Whether something is open or begun that a reload would take away. */
function isInUse() {
  const fields = /** @type {NodeListOf<HTMLInputElement | HTMLTextAreaElement>} */ (document.querySelectorAll('input, textarea'));
  return covers.peek() > 0 || [...fields].some((field) => field.value !== field.defaultValue);
}

/** Without a worker the files come from the server one by one: once that has another build, ours is over. @param {() => void} renew */
function watchBuild(renew) {
  let ours = '';
  const look = async () => {
    try {
      // It changes whenever any file does.
      const build = (await fetch('/sw.js', { method: 'HEAD', cache: 'no-store' })).headers.get('ETag') ?? '';
      if (ours && build && build !== ours) renew();
      ours ||= build;
    } catch { /* no line */ }
  };
  effect(() => { if (connection.value === 'live') untracked(look); });
  document.addEventListener('visibilitychange', () => { if (!document.hidden) look(); });
  look();
}

addEventListener('beforeinstallprompt', (event) => {
  // Ours is in the settings; the browser's own bar would cover the tabs.
  event.preventDefault();
  installer.value = event;
});
addEventListener('appinstalled', () => { installer.value = null; });
