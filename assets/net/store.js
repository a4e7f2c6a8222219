// Remembers things on this device between two visits: a key-value store in IndexedDB, one database a person.
// Without IndexedDB (private windows of some browsers) it remembers until the page closes.
const TABLE = 'kept';
const PREFIX = 'bambitalk-';

/**
 * @typedef {object} Store
 * @property {string} name
 * @property {Promise<IDBDatabase | null>} opening
 * @property {Map<string, any>} memory
 * @property {Set<string> | null} known  where nothing was remembered before: the keys of all that is
 * @property {Map<string, any>} due  what is about to be kept
 */

/** @type {() => Store} */
const nobodys = () => ({ name: '', opening: Promise.resolve(null), memory: new Map(), known: null, due: new Map() });

/** That of who is here. What was begun in one ends there, whoever comes meanwhile. */
let store = nobodys();

/** Opens this person's store. @param {number} userId @param {boolean} [isFirst] nothing is remembered here: then nothing waits for a database that is still being made */
export function openStore(userId, isFirst = false) {
  const name = `${PREFIX}${userId}`;
  if (store.name === name) return;
  store = { ...nobodys(), name, opening: open(name), known: isFirst ? new Set() : null };
}

/** Nothing more is kept: this page is no longer theirs. */
export function closeStore() {
  store = nobodys();
}

/** @param {string} key @returns {Promise<any>} what was kept, or undefined */
export async function recall(key) {
  const mine = store;
  if (mine.due.has(key)) return mine.due.get(key);
  if (mine.known && !mine.known.has(key)) return undefined;
  return (await act(mine, 'readonly', (table) => table.get(key))) ?? mine.memory.get(key);
}

/**
 * Done when it is committed. @param {string} key @param {any} value anything that can be cloned: objects, blobs
 * @param {IDBTransactionDurability} [durability] `strict` for what exists nowhere else
 */
export async function keep(key, value, durability = 'relaxed') {
  const mine = store;
  mine.known?.add(key);
  const kept = await act(mine, 'readwrite', (table) => table.put(value, key), durability);
  if (kept === undefined) mine.memory.set(key, value);
}

const SOON_MS = 250;
let timer = 0;

/** Keeps what is still being written, at the next pause. @param {string} key @param {any} value nothing: it is forgotten */
export function keepSoon(key, value) {
  store.due.delete(key);
  if (!value) { forget(key); return; }
  store.due.set(key, value);
  clearTimeout(timer);
  timer = /** @type {any} */ (setTimeout(keepNow, SOON_MS));
}

/** There may be no later. */
export function keepNow() {
  for (const [key, value] of store.due) keep(key, value);
  store.due.clear();
}

/** @param {string} key */
export async function forget(key) {
  store.memory.delete(key);
  await act(store, 'readwrite', (table) => table.delete(key));
}

/** Every value whose key begins so, by key. @param {string} prefix @returns {Promise<any[]>} */
export async function recallAll(prefix) {
  const { known, memory } = store;
  if (known && ![...known].some((key) => key.startsWith(prefix))) return [];
  const found = await act(store, 'readonly', (table) => table.getAll(IDBKeyRange.bound(prefix, `${prefix}\uffff`)));
  if (found) return found;
  return [...memory].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}

/** A tab that sleeps holds a database open: emptied it is at once, and goes when that tab wakes. Nobody waits for that. */
const GOING_MAX_MS = 1_000;

/** Forgets everything but what begins with one of these. Answers whether there is any of that, or may be. @param {string[]} [prefixes] @returns {Promise<boolean>} */
export function wipe(prefixes = []) {
  const { name, opening } = store;
  store = nobodys();
  const wiping = opening.then((database) => (database ? empty(database, name, prefixes) : false));
  return Promise.race([wiping, new Promise((resolve) => setTimeout(resolve, GOING_MAX_MS, prefixes.length > 0))]);
}

/** @param {IDBDatabase} database @param {string} name @param {string[]} prefixes @returns {Promise<boolean>} */
async function empty(database, name, prefixes) {
  const isLeft = await keepOnly(database, prefixes).catch(() => false);
  database.close();
  if (!isLeft) await settled(indexedDB.deleteDatabase(name)).catch(() => {});
  return isLeft;
}

/** @param {IDBDatabase} database @param {string[]} prefixes @returns {Promise<boolean>} */
async function keepOnly(database, prefixes) {
  const isKept = (/** @type {IDBValidKey} */ key) => prefixes.some((prefix) => String(key).startsWith(prefix));
  const transaction = database.transaction(TABLE, 'readwrite');
  const table = transaction.objectStore(TABLE);
  const keys = await settled(table.getAllKeys());
  keys.filter((key) => !isKept(key)).forEach((key) => table.delete(key));
  await committed(transaction);
  return keys.some(isKept);
}

/** @param {string} wanted @returns {Promise<IDBDatabase | null>} */
async function open(wanted) {
  try {
    const request = indexedDB.open(wanted, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(TABLE);
    const database = await settled(request);
    // Another tab signs out: let it delete.
    database.onversionchange = () => database.close();
    return database;
  } catch {
    return null;
  }
}

/**
 * @param {Store} mine @param {IDBTransactionMode} mode @param {(table: IDBObjectStore) => IDBRequest} request
 * @param {IDBTransactionDurability} [durability] @returns {Promise<any>}
 */
async function act({ opening }, mode, request, durability = 'relaxed') {
  const database = await opening;
  if (!database) return undefined;
  try {
    const transaction = database.transaction(TABLE, mode, { durability });
    const asked = settled(request(transaction.objectStore(TABLE)));
    if (mode === 'readonly') return await asked;
    const done = committed(transaction);
    // At once, not when the page gets round to it: it may be about to be reloaded.
    transaction.commit?.();
    return (await Promise.all([asked, done]))[0];
  } catch {
    // Full, or closed under us by another tab: memory still has it.
    return undefined;
  }
}

/** @param {IDBTransaction} transaction */
function committed(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

// Client ids. crypto.randomUUID is there only over HTTPS; getRandomValues is everywhere.

/** A random UUID (version 4). @returns {string} */
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
