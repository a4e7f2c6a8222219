// The store of the children, against a server that refuses, is away, or says something else meanwhile.
import { beforeEach, test } from 'node:test';
import assert from 'node:assert/strict';
import { children, create, load, nameOf, remove, restore, trouble, update } from '../../assets/children/store.js';

let saved;
let gone;
let version = 0;
/** Holds the next answers to GET back. @type {Promise<void>[]} */
let held;

function put(fields) {
  version += 1;
  const childId = fields.childId ?? version;
  const child = { childId, status: 'FETAL', fetalName: null, dueDate: null, dueDateHistory: [], name: null, gender: null, birthDate: null, milestones: [], ...saved.get(childId), ...fields, updatedAt: String(version).padStart(6, '0') };
  saved.set(childId, child);
  return child;
}

function answer(method, path, body) {
  const id = Number(/children\/(\d+)/.exec(path)?.[1]);
  if (method === 'GET') return [200, [...saved.values()]];
  if (method === 'POST' && path.endsWith('/restore')) return [200, put(gone)];
  if (method === 'POST') return [201, [...saved.values()].find(({ clientId }) => clientId === body.clientId) ?? put(body)];
  if (!saved.has(id)) return [404, null, '7404'];
  if (method === 'PATCH') return [200, put({ childId: id, ...body })];
  gone = saved.get(id);
  saved.delete(id);
  return [200];
}

const server = async (url, { method, body }) => {
  const [status, data, code = '0000'] = answer(method, String(url).replace('/api/v1', ''), body && JSON.parse(body));
  if (method === 'GET') await held.shift();
  return new Response(JSON.stringify({ code, message: '', data }), { status });
};

const names = () => children.value?.map(nameOf);

beforeEach(async () => {
  [saved, held] = [new Map(), []];
  globalThis.fetch = server;
  await load();
});

test('a child is written down once, however often it is sent', async () => {
  await create({ status: 'FETAL', fetalName: '밤비', dueDate: '2027-03-10' }, 'one');
  await create({ status: 'FETAL', fetalName: '밤비', dueDate: '2027-03-10' }, 'one');
  assert.deepEqual(names(), ['밤비']);
});

test('it is called by its name once it has one, and can be taken away and brought back', async () => {
  const { childId } = put({ fetalName: '밤비' });
  await load();
  await update(childId, { status: 'BORN', name: '하나' });
  assert.deepEqual(names(), ['하나']);
  await remove(childId);
  assert.deepEqual(names(), []);
  await restore(childId);
  assert.deepEqual(names(), ['하나']);
});

test('what is refused leaves everything as it was', async () => {
  const { childId } = put({ fetalName: '밤비' });
  await load();
  saved.delete(childId);
  await assert.rejects(update(childId, { fetalName: '튼튼이' }), { code: '7404' });
  assert.deepEqual(names(), ['밤비']);
});

test('an answer that does not know what happened meanwhile is asked for again', async () => {
  let open;
  held = [new Promise((resolve) => { open = resolve; })];
  const loading = load();
  await new Promise((resolve) => { setImmediate(resolve); });
  await create({ status: 'FETAL', fetalName: '밤비' }, 'two');
  open();
  await loading;
  assert.deepEqual(names(), ['밤비']);
});

test('without a server what is known stays, and the reason is told', async () => {
  put({ fetalName: '밤비' });
  await load();
  globalThis.fetch = async () => { throw new TypeError('no network'); };
  await load();
  assert.deepEqual([names(), trouble.value.code], [['밤비'], 'offline']);
});
