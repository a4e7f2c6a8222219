// Groups: made, renamed, grown, left; the links that bring somebody new in. What changes is told to every phone; here it is seen at once.
import { computed } from '../signal.js';
import * as api from '../net/api.js';
import { uuid } from '../net/store.js';
import { arrive, isGuest, myId } from '../accounts/session.js';
import { memberOf } from '../couples/store.js';
import { roomOf, rooms, takeSummary } from './rooms.js';
import { language } from '../text/index.js';

/**
 * @typedef {import('./shapes.js').Room} Room
 * @typedef {import('./shapes.js').RoomMember} RoomMember
 * @typedef {{ inviteId: number, inviterId: number, usesLeft: number, createdAt: string, expiredAt: string }} RoomInvite
 * @typedef {RoomInvite & { token: string, inviteUrl: string, qrSvg: string }} NewRoomInvite  the secret is told once
 * @typedef {{ title: string, nickname: string, expiredAt: string }} Door
 */

/** Everybody I share a room with, by name, my partner first. @type {import('../signal.js').ReadonlySignal<RoomMember[]>} */
export const acquaintances = computed(() => peopleOf(rooms.value ?? [], myId.value, (userId) => memberOf(userId) !== undefined));

/** @param {Room[]} all @param {number} mine @param {(userId: number) => boolean} isClose @returns {RoomMember[]} */
export function peopleOf(all, mine, isClose) {
  const byId = new Map(all.filter(({ archived }) => !archived).flatMap(({ members }) => members).map((member) => [member.userId, member]));
  byId.delete(mine);
  return [...byId.values()].sort((a, b) => Number(isClose(b.userId)) - Number(isClose(a.userId)) || a.nickname.localeCompare(b.nickname, 'ko'));
}

/** Whether I may send this one out: the couple looks after its rooms, and neither of the two is sent out. @param {Room} room @param {number} userId */
export const mayRemove = (room, userId) => room.isOwner && !room.archived && userId !== myId.value && !memberOf(userId);

/** Whether I may go: not from my own room, not from the couple's. @param {Room} room */
export const mayLeave = (room) => room.kind === 'GROUP' && !room.archived;

/** A draft of a group: sent again, it is made once. @param {string} title @param {number[]} memberIds */
export function newGroup(title, memberIds) {
  const clientId = uuid();
  return async () => take(await api.post('/rooms', { title, memberIds, clientId }));
}

/** @param {number} roomId @param {string} title */
export const rename = async (roomId, title) => take(await api.patch(`/rooms/${roomId}`, { title }));

/** @param {number} roomId @param {number[]} userIds */
export const addPeople = async (roomId, userIds) => take(await api.post(`/rooms/${roomId}/members`, { userIds }));

/** @param {number} roomId @param {number} userId */
export const sendOut = (roomId, userId) => api.delete(`/rooms/${roomId}/members/${userId}`);

/** @param {number} roomId */
export async function leaveGroup(roomId) {
  await api.delete(`/rooms/${roomId}/members/me`);
  const room = roomOf(roomId);
  // A guest's last one: the seat is gone, and with it everything here.
  if (room && !isGuest.value) takeSummary({ ...room, deleted: true });
}

/** @param {number} roomId @returns {Promise<RoomInvite[]>} */
export const invites = (roomId) => api.get(`/rooms/${roomId}/invites`);

/** A link to be made, once, however often it is tried. @param {number} roomId @param {number} days @param {number} uses @returns {() => Promise<NewRoomInvite>} */
export function newInvite(roomId, days, uses) {
  const clientId = uuid();
  return () => api.post(`/rooms/${roomId}/invites`, { days, uses, clientId });
}

/** @param {number} inviteId */
export const revoke = (inviteId) => api.delete(`/rooms/invites/${inviteId}`);

/** Who invites into what. Counts as a try. @param {string} token @returns {Promise<Door>} */
export const lookIn = (token) => api.get(`/rooms/invites/${encodeURIComponent(token)}`, { isOpen: true });

const coming = uuid();

/** A seat for whoever holds a link; once, also where its answer was lost and the page opened again. @param {string} invite @param {string} nickname */
export function comeIn(invite, nickname) {
  const key = `guest.${invite}`;
  let clientId = coming;
  try {
    clientId = sessionStorage.getItem(key) ?? coming;
    sessionStorage.setItem(key, clientId);
  } catch { /* It is the same as long as this page is open. */ }
  return arrive('/auth/guest', { invite, nickname, locale: language.value, clientId });
}

/** Comes in as who I am. @param {string} token */
export const enterBy = async (token) => take(await api.post(`/rooms/invites/${encodeURIComponent(token)}`));

/** @param {Room} room @returns {Room} */
function take(room) {
  takeSummary(room);
  return room;
}
