// Coming in by a login link.
import { uuid } from '../net/store.js';
import { arrive } from './session.js';

/** An answer may be lost: to whoever asks again with the same, the link opens once more. */
const clientId = uuid();

/** By a link from another device; one that the partner asked for may set a new password. @param {string} token @param {string} [newPassword] */
export const openLink = (token, newPassword) => arrive('/auth/login-link', { token, clientId, newPassword });
