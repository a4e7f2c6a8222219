// The app's files: what is fetched first, what must not stand in them. How heavy they are, served, is in tests/e2e/web_assets.test.js.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { ASSETS, ahead, needed } from './graph.js';

const REQUESTS_MAX = 40;
/** The session, the profile, the couple, the rooms, the newest messages. */
const CHAT_ASKS = 5;
// A stylesheet may be long: each one more is waited for before anything is seen.
const LINES_MAX = { js: 250, html: 250, css: 650 };
const read = (name) => fs.readFileSync(path.join(ASSETS, name), 'utf8');
const all = fs.readdirSync(ASSETS, { recursive: true }).filter((name) => fs.statSync(path.join(ASSETS, name)).isFile()).sort();
const ours = all.filter((name) => /\.(js|css|html)$/.test(name) && !name.startsWith('vendor/'));
const { screens } = await import(path.join(ASSETS, 'routes.js'));

test('index.html asks for every module of the start at once', () => {
  const listed = [...read('index.html').matchAll(/rel="modulepreload" href="\/([^"]+)"/g)].map(([, name]) => name);
  assert.deepEqual(listed, ahead(), 'node tests/web/graph.js prints the right list');
});

test('the door needs few requests', () => {
  const [door] = screens.filter((screen) => screen.path === '/');
  const page = /import\('\.\/([^']+)'\)/.exec(String(door.page))[1];
  const linked = [...read('index.html').matchAll(/(?:href|src)="\/([^"]+)"/g)].map(([, name]) => name).filter((name) => !/manifest|apple/.test(name));
  const files = new Set(['index.html', 'text/ko/app.js', ...linked, ...needed(page), ...door.texts.map((name) => `text/ko/${name}.js`), ...door.styles.map((name) => `style/${name}.css`)]);
  assert.ok(files.size < REQUESTS_MAX, `${files.size}: ${[...files].join(' ')}`);
});

test('the chat needs few requests, and its page nothing that is not asked for ahead', () => {
  const chat = screens.find((screen) => screen.path === '/chat/:rest*');
  const page = /import\('\.\/([^']+)'\)/.exec(String(chat.page))[1];
  const linked = [...read('index.html').matchAll(/(?:href|src)="\/([^"]+)"/g)].map(([, name]) => name).filter((name) => !/manifest|apple/.test(name));
  const files = new Set(['index.html', 'text/ko/app.js', ...linked, ...needed(page)]);
  assert.deepEqual(needed(page).filter((name) => !linked.includes(name)), []);
  assert.deepEqual(chat.styles.filter((name) => !linked.includes(`style/${name}.css`)), []);
  assert.deepEqual(chat.texts ?? [], [], 'its words are in app.js');
  assert.ok(files.size + CHAT_ASKS < REQUESTS_MAX, `${files.size}: ${[...files].join(' ')}`);
});

test('every screen has its module, words and styles', () => {
  for (const screen of screens) {
    const page = /import\('\.\/([^']+)'\)/.exec(String(screen.page))[1];
    const files = [page, ...(screen.texts ?? []).flatMap((name) => [`text/ko/${name}.js`, `text/en/${name}.js`]), ...(screen.styles ?? []).map((name) => `style/${name}.css`)];
    for (const file of files) assert.ok(all.includes(file), `${screen.path}: ${file}`);
  }
});

test('every icon that is named is drawn, and none for nothing', () => {
  const drawn = [...read('index.html').matchAll(/<symbol id="icon-([^"]+)"/g)].map(([, name]) => name);
  const code = ours.filter((name) => name.endsWith('.js')).map(read).join('\n');
  const named = [...code.matchAll(/(?:\bicon=|\$\{Icon\} name=|\bicon: )["']([^"']+)["']/g)].map(([, name]) => name);
  assert.ok(named.length > 20, 'the code was read');
  assert.deepEqual(named.filter((name) => !drawn.includes(name)), []);
  assert.deepEqual(drawn.filter((name) => !new RegExp(`["']${name}["']`).test(code)), []);
});

test('vendored modules are what their page says, and name no bare module', () => {
  const rows = [...read('vendor/README.md').matchAll(/^\| `([^`]+)` \|.*`([0-9a-f]{64})` \|$/gm)];
  assert.equal(rows.length, all.filter((name) => /^vendor\/[^/]+\.m?js$/.test(name)).length);
  for (const [, name, sum] of rows) {
    assert.equal(crypto.createHash('sha256').update(fs.readFileSync(path.join(ASSETS, 'vendor', name))).digest('hex'), sum, name);
    assert.doesNotMatch(read(`vendor/${name}`), /\bfrom\s*["'][^./]/, name);
  }
});

test('nothing stands in the code that the policy would block or that lets text become markup', () => {
  for (const name of ours) {
    const text = read(name).replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
    const banned = [/dangerouslySetInnerHTML|innerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/, /\sstyle="|\son[a-z]+="[^$]/, /https?:\/\/(?!www\.w3\.org)/];
    for (const pattern of banned) assert.equal(pattern.exec(text)?.[0], undefined, name);
    assert.ok(text.split('\n').length <= LINES_MAX[name.split('.').at(-1)] + 1, `${name} is long`);
  }
});

test('scripts and stylesheets are named from where one stands, so that a page has those of its own build', () => {
  for (const name of ours.filter((file) => file !== 'index.html')) {
    const bare = [...read(name).matchAll(/["'`(]\/[^"'`\s]*\.(?:m?js|css)\b/g)].map(([address]) => address);
    assert.deepEqual(bare.filter((address) => !/^.\/sw\.js$/.test(address)), [], name);
  }
});

test('only stores speak with the server, and stores draw nothing', () => {
  for (const name of ours.filter((file) => file.endsWith('.js') && !/^(net|text|shell)\/|^(app|sw|theme)\.js$/.test(file))) {
    const text = read(name);
    const isComponent = /from '\.\.?\/(ui\/)?html\.js'/.test(text);
    const speaks = /from '(\.\.?\/)+net\/(api|socket|token|store|upload)\.js'/.test(text);
    assert.ok(!(isComponent && speaks), `${name} draws and speaks`);
  }
});

test('features meet at their stores only', () => {
  const SHARED = new Set(['accounts/doors.js']);
  const features = ['accounts', 'couples', 'settings', 'chat', 'schedules', 'children', 'media', 'todos', 'push'];
  for (const name of ours.filter((file) => features.includes(file.split('/')[0]) && file.endsWith('.js'))) {
    for (const [, wanted] of read(name).matchAll(/from '\.\.\/(\w+\/\w+\.js)'/g)) {
      const isForeign = features.includes(wanted.split('/')[0]);
      assert.ok(!isForeign || /(store|session)\.js$/.test(wanted) || SHARED.has(wanted), `${name} uses ${wanted}`);
    }
  }
});

test('colours are named in the tokens alone', () => {
  for (const name of ours.filter((file) => file.endsWith('.css') && file !== 'style/base.css')) {
    const raw = [...read(name).matchAll(/#[0-9a-f]{3,8}\b|rgba?\(/gi)].map(([colour]) => colour);
    assert.deepEqual(raw, [], name);
  }
});
