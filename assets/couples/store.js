// The couple: who is in it, its time zone, how it counts days; inviting, joining, saying who a candidate is.
import { signal, computed, effect, untracked } from '../signal.js';
import * as api from '../net/api.js';
import { on, onNews } from '../net/socket.js';
import { keep, recall } from '../net/store.js';
import { isGuest, me, myId, reloadProfile } from '../accounts/session.js';
import { coupleZone } from '../text/index.js';

/**
 * @typedef {{ userId: number, nickname: string, role: 'DAD' | 'MOM', avatarUrl?: string | null }} Partner
 * @typedef {{ coupleId: number, members: Partner[], timeZone: string, dayCount: 'birthday-is-one' | 'elapsed', since: string, parting: Parting | null }} Couple
 * @typedef {{ by: number, at: string }} Parting  one of the two wants to part and waits for the other
 * @typedef {{ inviteCode: string, expiredAt: string, inviteUrl: string, qrSvg: string }} Invite
 * @typedef {{ userId: number, nickname: string, role: 'DAD' | 'MOM', createdAt: string }} Candidate
 */

/** My couple, of one or two; null until it is known. @type {import('../signal.js').Signal<Couple | null>} */
export const couple = signal(/** @type {Couple | null} */ (null));

/** Me, as the couple lists me. */
export const myself = computed(() => memberOf(myId.value));

/** The other one, or undefined. */
export const partner = computed(() => couple.value?.members.find((member) => member.userId !== myId.value));

/** True from the moment in which we became two until somebody has seen it celebrated. */
export const isJustPaired = signal(false);

/** A member by id. @param {number} userId @returns {Partner | undefined} */
export function memberOf(userId) {
  return couple.value?.members.find((member) => member.userId === userId);
}

/** Asks the server how the couple stands. */
export async function loadCouple() {
  settle(await api.get('/couples/me'));
}

/** @param {{ timeZone?: string, dayCount?: Couple['dayCount'] }} change */
export async function updateCouple(change) {
  settle(await api.patch('/couples/me', change));
}

/** A code for my partner; the same one as long as it lives. @returns {Promise<Invite>} */
export const invite = () => api.post('/couples/invite-code');

/** Who invites with this code. Counts as a try. @param {string} code @returns {Promise<{ nickname: string, role: 'DAD' | 'MOM', expiredAt: string }>} */
export const preview = (code) => api.get(`/couples/invite-code/${encodeURIComponent(code)}`, { isOpen: true });

/** @param {string} code */
export async function join(code) {
  await api.post('/couples/join', { inviteCode: code });
  await loadCouple();
}

/** Who signed up in the mobile app while our code was alive. @returns {Promise<Candidate[]>} */
export const candidates = () => api.get('/couples/candidates');

/** @param {number} userId @param {'partner' | 'me'} as */
export async function claim(userId, as) {
  await api.post(`/couples/candidates/${userId}`, { as });
  await Promise.all([loadCouple(), reloadProfile()]);
}

/** How long a code still lives, by the server's clock. @param {Pick<Invite, 'expiredAt'>} issued */
export const leftMs = (issued) => Math.max(0, new Date(issued.expiredAt).getTime() - api.serverNow());

/** Proposes parting; what my partner has proposed is done. */
export const part = async () => settle(await api.delete('/couples/me'));

/** Takes back what either of us has proposed. */
export const stay = async () => settle(await api.post('/couples/me/stay'));

const KEY = 'couple';

/** @param {Couple} found */
function settle(found) {
  const before = couple.value;
  const became = before?.members.length === 1 && found.members.length === 2;
  const parted = before?.members.length === 2 && found.members.length === 1;
  couple.value = found;
  coupleZone.value = found.timeZone;
  keep(KEY, found);
  if (became) isJustPaired.value = true;
  if (became || parted) reloadProfile().catch(() => {});
}

let isFollowing = false;

/** Follows who is signed in; what this device remembers is shown first. */
export function followCouple() {
  if (isFollowing) return;
  isFollowing = true;
  on('couple', settle);
  onNews(() => { if (!isGuest.value) loadCouple().catch(() => {}); });
  effect(() => {
    if (me.value === null) {
      couple.value = null;
      isJustPaired.value = false;
      coupleZone.value = '';
    }
  });
  effect(() => {
    if (myId.value !== 0 && !isGuest.value) untracked(resume);
  });
}

function resume() {
  recall(KEY).then((kept) => {
    if (kept && !couple.value && myId.value) { couple.value = kept; coupleZone.value = kept.timeZone; }
  });
  loadCouple().catch(() => {});
}
