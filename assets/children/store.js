// The couple's children on this phone; changed by either of the two, kept for when there is no network.
import { effect, signal, untracked } from '../signal.js';
import * as api from '../net/api.js';
import { on, onConnect } from '../net/socket.js';
import { keep, recall, uuid } from '../net/store.js';
import { me } from '../accounts/session.js';
import { couple } from '../couples/store.js';

/**
 * @typedef {{ kind: string, date: string }} Milestone
 * @typedef {{ dueDate: string, changedAt: string }} Revision
 * @typedef {{ childId: number, status: 'FETAL' | 'BORN', fetalName: string | null, dueDate: string | null, dueDateHistory: Revision[],
 *   name: string | null, gender: 'GIRL' | 'BOY' | null, birthDate: string | null, milestones: Milestone[], updatedAt: string }} Child
 * @typedef {Partial<Pick<Child, 'status' | 'fetalName' | 'dueDate' | 'name' | 'gender' | 'birthDate'>>} Fields
 * @typedef {{ what: 'added' | 'changed' | 'removed' | 'born', name: string }} News
 */

/** The children, the first one first; null until they are known. @type {import('../signal.js').Signal<Child[] | null>} */
export const children = signal(/** @type {Child[] | null} */ (null));
/** Why the last asking failed; null when it did not. @type {import('../signal.js').Signal<unknown>} */
export const trouble = signal(null);
/** Whose card the partner just changed. @type {import('../signal.js').Signal<Set<number>>} */
export const fresh = signal(new Set());
/** The partner's last change. @type {import('../signal.js').Signal<News | null>} */
export const news = signal(/** @type {News | null} */ (null));

const KEY = 'children';
const FRESH_MS = 3_000;
const ASKED_MAX = 3;

/** Acts of our own under way: what is heard meanwhile is no news. */
let writing = 0;
/** Grows with every change: an answer that was under way may not know it. */
let changes = 0;

/** What the child is called: by its name, before that by its fetal name. @param {Child} child */
export const nameOf = (child) => child.name ?? child.fetalName ?? '';

/** Asks the server. */
export async function load() {
  try {
    for (let asked = 0; asked < ASKED_MAX; asked += 1) {
      const before = changes;
      const found = await api.get('/children');
      if (before !== changes && asked < ASKED_MAX - 1) continue;
      settle(found);
      trouble.value = null;
      return;
    }
  } catch (error) {
    trouble.value = error;
  }
}

/** @param {Child[]} all */
function settle(all) {
  children.value = all;
  keep(KEY, { coupleId: couple.value?.coupleId, children: all });
}

/** What a new child is known by before it has a number. */
export const newId = uuid;

/** @param {Fields} fields @param {string} clientId */
export const create = (fields, clientId) => write(async () => take(await api.post('/children', { ...fields, clientId })));

/** @param {number} id @param {Fields} change */
export const update = (id, change) => write(async () => take(await api.patch(`/children/${id}`, change)));

/** @param {number} id */
export const remove = (id) => write(async () => {
  await api.delete(`/children/${id}`);
  drop(id);
});

/** Brings back who was removed. @param {number} id */
export const restore = (id) => write(async () => take(await api.post(`/children/${id}/restore`)));

/** @param {() => Promise<void>} act */
async function write(act) {
  writing += 1;
  try {
    await act();
  } finally {
    writing -= 1;
  }
}

/** Takes a child as the server tells it, unless a newer one is known. @param {Child} told */
function take(told) {
  const all = children.value ?? [];
  const known = all.find(({ childId }) => childId === told.childId);
  if (known && known.updatedAt > told.updatedAt) return;
  changes += 1;
  settle(known ? all.map((child) => (child === known ? told : child)) : [...all, told]);
  // Its place among the others is the server's to say.
  if (!known) load();
}

/** @param {number} id */
function drop(id) {
  changes += 1;
  if (children.value) settle(children.value.filter(({ childId }) => childId !== id));
}

/** @param {any} told a child, or its id and `deleted` */
function hear(told) {
  const before = children.value?.find(({ childId }) => childId === told.childId);
  const isNews = writing === 0 && before?.updatedAt !== told.updatedAt;
  if (told.deleted) {
    drop(told.childId);
    if (before && isNews) news.value = { what: 'removed', name: nameOf(before) };
    return;
  }
  take(told);
  if (!isNews) return;
  const isBorn = before?.status === 'FETAL' && told.status === 'BORN';
  news.value = { what: isBorn ? 'born' : before ? 'changed' : 'added', name: nameOf(told) };
  fresh.value = new Set(fresh.value).add(told.childId);
  setTimeout(() => {
    const rest = new Set(fresh.value);
    rest.delete(told.childId);
    fresh.value = rest;
  }, FRESH_MS);
}

let isFollowing = false;

/** Follows the socket and the couple; once. Great days depend on how the couple counts. */
export function followChildren() {
  if (isFollowing) return;
  isFollowing = true;
  on('child', hear);
  onConnect(load);
  let belonging = '';
  effect(() => {
    const { coupleId, dayCount, timeZone } = couple.value ?? {};
    const now = me.value === null || !coupleId ? '' : `${coupleId} ${dayCount} ${timeZone}`;
    if (now === belonging) return;
    const isOther = now.split(' ')[0] !== belonging.split(' ')[0];
    belonging = now;
    untracked(() => begin(isOther, coupleId));
  });
}

/** @param {boolean} isOther another couple than before @param {number | undefined} coupleId */
async function begin(isOther, coupleId) {
  changes += 1;
  if (isOther) children.value = null;
  if (!coupleId) return;
  load();
  const kept = await recall(KEY);
  if (kept?.coupleId === coupleId && !children.value) children.value = kept.children;
}
