// Starts everything: the session, which speaks with the server while the rest is still on its way; words; the window.
import { start } from './accounts/session.js';
import { loadTexts } from './text/index.js';

/** Keeping all files for offline would hold up what is being opened. */
const WORKER_AFTER_MS = 1_000;

let isTouched = false;
for (const act of ['pointerdown', 'keydown', 'input']) addEventListener(act, () => { isTouched = true; }, { capture: true, once: true });

start();
const [{ openWindow }] = await Promise.all([import('./shell/shell.js'), loadTexts('app')]);
await openWindow();
import('./shell/unread.js').then(({ followUnread }) => followUnread(), () => {});
setTimeout(() => import('./pwa.js').then(({ startWorker }) => startWorker(() => isTouched)).catch(() => {}), WORKER_AFTER_MS);
