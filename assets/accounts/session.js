// Who is signed in on this device, and how one comes in and goes out. Several tabs share one session.
import { signal, computed } from '../signal.js';
import * as api from '../net/api.js';
import { end, renew, setOwner, setToken, whenEnded } from '../net/api.js';
import { connect, disconnect, on, onNews } from '../net/socket.js';
import { closeStore, keep, openStore, recall, wipe } from '../net/store.js';
import { language, setLanguage } from '../text/index.js';

/**
 * @typedef {{ userId: number, rescue: Rescue | null }} RescueNow
 * @typedef {{ askedBy: number, askedAt: string, worksAt: string, expiresAt: string }} Rescue  a way in that one of the two asked for, in the other's name
 * @typedef {{ userId: number, coupleId: number | null, spouseId: number | null, nickname: string, role: 'DAD' | 'MOM' | 'GUEST', locale: 'ko' | 'en',
 *   loginId: string | null, kakaoLinked: boolean, isAdmin: boolean, rescue: Rescue | null, rescueAsked: Rescue | null, avatar?: string | null, avatarUrl?: string | null }} Profile
 * @typedef {{ loginId: string, password: string, nickname: string, role: string, locale: string, timeZone: string }} Applicant
 */

/** `starting` · `out` · `in` · `unreachable` (nobody answers, and this device remembers nobody). */
export const phase = signal(/** @type {'starting' | 'out' | 'in' | 'unreachable'} */ ('starting'));

/** My profile, or null. @type {import('../signal.js').Signal<Profile | null>} */
export const me = signal(/** @type {Profile | null} */ (null));

/** My user id; 0 when signed out. */
export const myId = computed(() => me.value?.userId ?? 0);

/** A guest has the rooms they were invited to, and nothing of the couple's. */
export const isGuest = computed(() => me.value?.role === 'GUEST');

/** Why the one who was here is signed out, where they did not do it themselves and have to be told. @type {import('../signal.js').Signal<'' | 'guest' | 'moved' | 'withdrawn'>} */
export const farewell = signal(/** @type {'' | 'guest' | 'moved' | 'withdrawn'} */ (''));

/** Where to go once signed in; empty for the usual place. */
export const landing = signal('');

const USER = 'user';
/** What was written and is not with the server outlives a session that was ended elsewhere: it goes out when the same person is back. */
const UNSENT = ['chat.outbox.', 'chat.draft.'];
/** Says that something of this person waits here, though nobody is signed in. @param {number} userId */
const noteOf = (userId) => `unsent-${userId}`;
/** What a screen shows first it asks for over HTTP; the socket must not hold that up. */
const CONNECT_AFTER_MS = 300;
/** @type {BroadcastChannel | null} */
const tabs = typeof BroadcastChannel === 'undefined' || typeof document === 'undefined' ? null : new BroadcastChannel('bambitalk');

/** Whether nobody has an account on this server yet. @returns {Promise<boolean>} */
export async function needsSetup() {
  return (await api.get('/server', { isOpen: true }).catch(() => ({}))).needsSetup === true;
}

/** Finds out who is signed in. */
export async function start() {
  phase.value = 'starting';
  let outcome = await renew();
  /** @type {Profile | undefined} */
  let fresh;
  // Ended between the two, or out of reach.
  if (outcome === 'renewed') fresh = await api.get('/users/me').catch(({ status }) => { if (status === 401) outcome = 'ended'; });
  if (outcome === 'ended') {
    const role = (await rememberedProfile())?.role;
    bidFarewell(role);
    return leave(isForGood(role));
  }
  // Nobody answers, or no more: what this device remembers is shown, and the socket keeps trying.
  const found = fresh ?? await rememberedProfile();
  if (!found) { phase.value = 'unreachable'; return; }
  await enter(found);
}

/** @param {string} loginId @param {string} password */
export const signIn = (loginId, password) => arrive('/auth/password/login', { loginId, password });

/** @param {Applicant & { inviteCode?: string, invitation?: string }} applicant */
export const signUp = (applicant) => arrive('/auth/password/signup', applicant);

/** @param {Applicant & { setupCode: string }} applicant */
export const setUp = (applicant) => arrive('/setup', applicant);

/** Going was asked for here: whatever else ends the session meanwhile, nothing of it stays. */
let isGoing = false;

/** Ends the session here and in every tab; nothing of it stays on this device. */
export async function signOut() {
  isGoing = true;
  // Nothing more is asked for in a name that is about to end.
  disconnect();
  try {
    await api.post('/auth/logout');
  } catch (error) {
    if (/** @type {api.ApiError} */ (error).status !== 401 && phase.value === 'in') { isGoing = false; connect(); throw error; }
  }
  await leaveForGood('logout');
}

/** Nothing of who is here stays, in any tab. @param {'logout' | 'withdrawn'} reason */
export function leaveForGood(reason) {
  tabs?.postMessage('out');
  end(reason);
  return leave(true);
}

/** @param {Partial<Pick<Profile, 'nickname' | 'role' | 'locale' | 'avatar'>>} change */
export async function updateProfile(change) {
  await settle(await api.patch('/users/me', change));
}

/** Asks for my profile again: pairing and other devices change it. */
export async function reloadProfile() {
  await settle(await api.get('/users/me'));
}

/** Signs in by what `path` takes. @param {string} path @param {object} body */
export async function arrive(path, body) {
  const { accessToken } = await api.post(path, body, { isOpen: true });
  setToken(accessToken);
  tabs?.postMessage('in');
  await enter(await api.get('/users/me'));
}

/** @param {Profile} found */
async function enter(found) {
  const { userId } = found;
  setOwner(userId);
  openStore(userId, safely(() => localStorage.getItem(USER) === null && localStorage.getItem(noteOf(userId)) === null) ?? false);
  if (found.role === 'GUEST') enlarge();
  await settle(found);
  farewell.value = '';
  phase.value = 'in';
  setTimeout(() => { if (phase.value === 'in') connect(); }, CONNECT_AFTER_MS);
}

/** Guests have large letters until they choose others. */
function enlarge() {
  safely(() => localStorage.getItem('size') ?? localStorage.setItem('size', 'large'));
  dispatchEvent(new Event('themechange'));
}

/** @param {Profile} found */
async function settle(found) {
  me.value = found;
  remember(found.userId);
  keep(USER, found);
  await setLanguage(found.locale).catch(() => {});
}

/** Who has lost their seat, or an account, is told. @param {string} [role] @param {string} [reason] */
function bidFarewell(role, reason = '') {
  if (reason === 'withdrawn') farewell.value = reason;
  else if (role === 'GUEST' && reason !== 'logout') farewell.value = reason === 'moved' ? reason : 'guest';
}

/** A guest has no way back to what was written. @param {string} [role] @param {string} [reason] */
const isForGood = (role, reason = '') => isGoing || reason === 'logout' || reason === 'withdrawn' || role === 'GUEST';

/** @type {Promise<void> | null} */
let leaving = null;

/** Nothing of who was signed in stays on this device, unsent words aside where they did not go for good; however many say that it is over, once. @param {boolean} isAll */
function leave(isAll) {
  leaving ??= empty(isAll).finally(() => { leaving = null; });
  return leaving;
}

/** @param {boolean} isAll */
async function empty(isAll) {
  disconnect();
  // Who is remembered may have come in another tab meanwhile; they stay.
  const userId = me.value?.userId ?? rememberedId();
  // What was kept on an earlier visit goes, too.
  if (userId) openStore(userId);
  // What was only just written is kept first.
  dispatchEvent(new Event('leaving'));
  if (rememberedId() === userId) remember(0);
  const [isLeft] = await Promise.all([wipe(isAll ? [] : UNSENT), clearCaches()]);
  safely(() => (isLeft ? localStorage.setItem(noteOf(userId), '') : localStorage.removeItem(noteOf(userId))));
  isGoing = false;
  me.value = null;
  phase.value = 'out';
}

/** The page as whoever is here now. What it would still keep in going was wiped elsewhere. */
function startOver() {
  disconnect();
  closeStore();
  location.reload();
}

/** @returns {Promise<Profile | undefined>} */
async function rememberedProfile() {
  const userId = rememberedId();
  if (!userId) return undefined;
  openStore(userId);
  return recall(USER);
}

/** Who was here last; 0: nobody. */
const rememberedId = () => Number(safely(() => localStorage.getItem(USER)));

/** @param {number} userId 0: nobody */
function remember(userId) {
  safely(() => (userId ? localStorage.setItem(USER, String(userId)) : localStorage.removeItem(USER)));
}

/** Photos and answers that the service worker kept; the app's own files may stay. */
async function clearCaches() {
  if (typeof caches === 'undefined') return;
  const names = await caches.keys().catch(() => []);
  await Promise.all(names.filter((name) => name.startsWith('data')).map((name) => caches.delete(name)));
}

/** @template T @param {() => T} act */
function safely(act) {
  try { return act(); } catch { return null; }
}

onNews(() => { reloadProfile().catch(() => {}); });
whenEnded((reason) => {
  if (phase.value !== 'in') return;
  // This device is another's now: the page starts over as theirs.
  if (reason === 'other') { startOver(); return; }
  bidFarewell(me.value?.role, reason);
  leave(isForGood(me.value?.role, reason));
});
on('rescue', (/** @type {RescueNow} */ { userId, rescue }) => { if (me.value) me.value = { ...me.value, [userId === myId.value ? 'rescue' : 'rescueAsked']: rescue }; });
if (tabs) {
  tabs.onmessage = ({ data }) => {
    if (data === 'out' && phase.value === 'in') { end('logout'); }
    // Somebody signed in elsewhere: this page starts over as them.
    if (data === 'in') startOver();
  };
}
