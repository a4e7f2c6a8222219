// What the settings change beyond the profile: devices, password, photo.
import { computed, signal } from '../signal.js';
import * as api from '../net/api.js';
import { keep, recall } from '../net/store.js';
import { upload } from '../net/upload.js';
import { isGuest, leaveForGood, me, reloadProfile, updateProfile } from '../accounts/session.js';
import { loadCouple } from '../couples/store.js';

export { onConnect } from '../net/socket.js';

/** @typedef {{ sessionId: number, client: 'app' | 'web' | 'other', device: string, createdAt: string, lastSeenAt: string, isCurrent: boolean }} Device */

/** My signed-in devices, the latest first. @returns {Promise<Device[]>} */
export const devices = () => api.get('/users/me/sessions');

/** @param {number} sessionId */
export const endSession = (sessionId) => api.delete(`/users/me/sessions/${sessionId}`);

/** @typedef {{ url: string, qrSvg: string, worksAt: string, expiresAt: string }} LoginLink */

/** A way in for one more device of mine, once, for fifteen minutes. @returns {Promise<LoginLink>} */
export const loginLink = () => api.post('/users/me/login-link', { for: 'me' });

/** How long it still opens, by the server's clock. @param {LoginLink} link */
export const leftMs = ({ expiresAt }) => Math.max(0, Date.parse(expiresAt) - api.serverNow());

// The way in that I asked for in my partner's name. Its secret is told once: this device keeps it, and shows it as long as the server knows of it.

const RESCUE = 'rescue';
const kept = signal(/** @type {LoginLink | null} */ (null));

/** It, while it is neither refused, nor used, nor replaced. */
export const rescue = computed(() => (kept.value?.worksAt === me.value?.rescueAsked?.worksAt ? kept.value : null));

export async function askRescue() {
  kept.value = await api.post('/users/me/login-link', { for: 'partner' });
  await keep(RESCUE, kept.value, 'strict');
  await reloadProfile();
}

/** Looks for what this device asked for earlier. */
export async function recallRescue() {
  const found = await recall(RESCUE);
  kept.value = found && leftMs(found) > 0 ? found : null;
}

/** Ends the other sessions along. @param {string} password @param {string} newPassword */
export const changePassword = (password, newPassword) => api.put('/users/me/password', { password, newPassword });

/** Whether this server takes photos. @returns {Promise<boolean>} */
export async function takesPhotos() {
  return (await api.get('/server').catch(() => ({}))).maxUploadBytes > 0;
}

/** @param {Parameters<typeof updateProfile>[0]} change */
export async function changeProfile(change) {
  await updateProfile(change);
  if (!isGuest.value) await loadCouple();
}

/** @param {Blob} photo @param {(share: number) => void} onProgress */
export async function changePhoto(photo, onProgress) {
  const { mediaId } = await upload('/files', photo, { name: 'face.jpg', onProgress });
  await changeProfile({ avatar: mediaId });
}

/** The link that my partner asked for works no more. */
export async function refuseRescue() {
  await api.delete('/users/me/login-link');
  await reloadProfile();
}

/** The account is gone for good. @param {string} [password] */
export async function withdraw(password) {
  await api.delete('/users/me', { password });
  await leaveForGood('withdrawn');
}
