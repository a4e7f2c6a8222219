'use strict';
// The web app's files: types, compression, caching, policy; addresses of screens; nothing but what is in the executable.
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const zlib = require('node:zlib');
const { Server, ROOT } = require('./server.js');
const { exactly } = require('./frames.js');
const { refuses } = require('./envelope.js');

const ASSETS = path.join(ROOT, 'assets');
/** A release sends it compressed; a debug build's is compressed here as the build script would. */
const WHOLE_MAX = 150 * 1024;
/** What is waited for at the first visit. */
const START_MAX = 74 * 1024;
const PAGE = { Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };
let server;

before(async () => { server = await Server.start(); });
after(() => server.stop());

/** A file as it comes over the line: nothing decoded, nothing added. */
function fetched(address, headers = {}, method = 'GET') {
  return new Promise((resolve, reject) => {
    const request = http.request(server.url + address, { headers, method }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) }));
    });
    request.on('error', reject);
    request.end();
  });
}
const file = (name) => fs.readFileSync(path.join(ASSETS, name));
const isPart = (name) => name !== 'sw.js' && /\.(m?js|css)$/.test(name);
const version = async () => JSON.parse(/^const BUILD = (\{.*\});\n/.exec((await fetched('/sw.js')).body.toString())[1]).version;
/** The page as it is served: it asks for its build's scripts and stylesheets. */
const pageOf = (build) => Buffer.from(file('index.html').toString().replace(/"\/([^"]+)"/g, (whole, name) => (isPart(name) ? `"/@${build}/${name}"` : whole)));

test('each file comes as what it is, and only from us', async () => {
  const cases = [
    ['/vendor/preact.mjs', 'vendor/preact.mjs', /^text\/javascript/], ['/icons/icon.svg', 'icons/icon.svg', /^image\/svg\+xml$/],
    ['/icons/icon-192.png', 'icons/icon-192.png', /^image\/png$/], ['/manifest.ko.webmanifest', 'manifest.ko.webmanifest', /^application\/manifest\+json/],
    ['/vendor/LICENSE.htm', 'vendor/LICENSE.htm', /^text\/plain/],
  ];
  const page = await fetched('/');
  assert.match(page.headers['content-type'], /^text\/html/);
  assert.equal(page.body.toString(), pageOf(await version()).toString());
  for (const [address, name, type] of cases) {
    const answer = await fetched(address);
    assert.equal(answer.status, 200, address);
    assert.match(answer.headers['content-type'], type, address);
    assert.ok(answer.body.equals(file(name)), address);
    assert.equal(answer.headers['cache-control'], 'no-cache');
    assert.equal(answer.headers['x-content-type-options'], 'nosniff');
    assert.equal(answer.headers['content-encoding'], undefined);
  }
});

test('scripts and stylesheets of ours come without comments and indentation, line for line', async () => {
  for (const [name, type] of [['app.js', /^text\/javascript/], ['ui/html.js', /^text\/javascript/], ['sw.js', /^text\/javascript/], ['style/base.css', /^text\/css/]]) {
    const answer = await fetched(`/${name}`);
    assert.match(answer.headers['content-type'], type);
    const source = file(name).toString().split('\n');
    // The worker's first line is its build.
    const sent = answer.body.toString().split('\n').slice(name === 'sw.js' ? 1 : 0);
    assert.equal(sent.length, source.length, name);
    assert.ok(source.some((line) => /^\s*(\/\/|\/\*)/.test(line)), `${name} has comments`);
    for (const [at, line] of sent.entries()) {
      assert.doesNotMatch(line, /^\s*(\/\/|\/\*)|\/\*\* /, `${name}:${at + 1}`);
      if (!source[at].includes('/*') && line) assert.equal(line, source[at].trim(), `${name}:${at + 1}`);
    }
  }
});

const weight = ({ headers, body }) => (headers['content-encoding'] === 'br' ? body.length : zlib.brotliCompressSync(body).length);

test('what a phone fetches before the chat stands is light', async () => {
  const ahead = [...file('index.html').toString().matchAll(/(?:href|src)="(\/[^"#]+\.(?:js|mjs|css|svg|webmanifest))"/g)].map(([, name]) => name);
  let sum = 0;
  for (const name of ['/', '/text/ko/app.js', ...ahead]) sum += weight(await fetched(name, { 'Accept-Encoding': 'br' }));
  assert.ok(sum < START_MAX, `${sum} bytes`);
});

test('the whole app in one language is light', async () => {
  const names = fs.readdirSync(ASSETS, { recursive: true }).filter((name) => /\.(js|mjs|css|html|svg|webmanifest)$/.test(name));
  assert.ok(names.includes('app.js') && names.includes('text/en/app.js') && names.includes('vendor/preact.mjs'));
  let sum = 0;
  // Nobody fetches both languages.
  for (const name of names.filter((one) => !/^text\/en\/|^manifest\.en/.test(one))) sum += weight(await fetched(name === 'index.html' ? '/' : `/${name}`, { 'Accept-Encoding': 'br' }));
  assert.ok(sum < WHOLE_MAX, `${(sum / 1024).toFixed(1)} KB`);
});

test('the policy lets nothing in from elsewhere and nothing inline', async () => {
  const { headers } = await fetched('/');
  const policy = headers['content-security-policy'];
  assert.match(policy, /default-src 'self';/);
  assert.match(policy, /frame-ancestors 'none'/);
  assert.match(policy, /object-src 'none'/);
  assert.doesNotMatch(policy, /unsafe|\*|https?:|data:/);
});

test('what has not changed is not sent again', async () => {
  for (const address of ['/', '/app.js', '/sw.js', '/icons/icon-192.png']) {
    const { etag } = (await fetched(address)).headers;
    assert.match(etag, /^"[^"]+"$/, address);
    const again = await fetched(address, { 'If-None-Match': etag });
    assert.deepEqual([again.status, again.body.length], [304, 0], address);
    assert.equal((await fetched(address, { 'If-None-Match': '"other"' })).status, 200, address);
  }
});

test('a build\'s scripts and stylesheets lie under its version for good; of another build nothing is given', async () => {
  const build = await version();
  for (const name of ['app.js', 'vendor/preact.mjs', 'style/base.css']) {
    const [own, bare] = [await fetched(`/@${build}/${name}`), await fetched(`/${name}`)];
    assert.deepEqual([own.status, own.headers['cache-control'], own.headers['content-type']], [200, 'max-age=31536000, immutable', bare.headers['content-type']], name);
    assert.ok(own.body.equals(bare.body), name);
    assert.equal((await fetched(`/@${build}/${name}`, { 'If-None-Match': own.headers.etag })).status, 304);
  }
  for (const name of ['app.js', 'vendor/preact.mjs', 'no-more.js']) {
    const other = await fetched(`/@0123456789abcdef/${name}`);
    assert.deepEqual([other.status, other.headers['cache-control']], [200, 'no-store'], name);
    assert.match(other.headers['content-type'], /^text\/javascript/);
    assert.match(other.body.toString(), /location\.reload\(\)/);
    assert.ok(other.body.length < 300 && !other.body.toString().includes('import'), 'nothing but the way to start over');
  }
  const none = [`/@0123456789abcdef/style/base.css`, `/@${build}/nothing.js`, `/@${build}/index.html`, `/@${build}/sw.js`, `/@${build}/`, `/@${build}`, '/@short/app.js', `/@${build}/../Cargo.toml`, `/@${build}/app.js.br`];
  for (const address of none) refuses(await exactly(server, { path: address, headers: PAGE }), 404, 1404);
  for (const address of [`/@${build}/app.js`, '/@0123456789abcdef/app.js']) refuses(await exactly(server, { method: 'POST', path: address, headers: PAGE }), 405, 1405);
});

test('a browser gets the smallest form that it takes', async () => {
  const read = { br: zlib.brotliDecompressSync, gzip: zlib.gunzipSync };
  const tags = new Set();
  for (const taken of ['gzip, deflate, br, zstd', 'gzip, deflate', 'identity', 'br;q=0', undefined]) {
    const answer = await fetched('/vendor/socket.io.esm.min.js', taken ? { 'Accept-Encoding': taken } : {});
    const encoding = answer.headers['content-encoding'];
    assert.match(answer.headers.vary, /accept-encoding/i);
    assert.ok((encoding ? read[encoding](answer.body) : answer.body).equals(file('vendor/socket.io.esm.min.js')), taken);
    if (encoding) assert.ok(taken.includes(encoding) && answer.body.length < file('vendor/socket.io.esm.min.js').length, taken);
    tags.add(`${encoding} ${answer.headers.etag}`);
  }
  // One tag a form: a cache must not take one for the other. A debug build has but one form.
  assert.equal(new Set([...tags].map((tag) => tag.split(' ')[1])).size, tags.size);
  for (const address of ['/app.js.br', '/app.js.gz']) refuses(await exactly(server, { path: address, headers: PAGE }), 404, 1404);
});

test('a person who opens any screen\'s address gets the app; a program that asks for it gets a 404', async () => {
  for (const address of ['/chat', '/chat/12/album', '/join/K7M2QX', '/settings/look', '/calendar/2026-11-21', '/some/screen/of-tomorrow', '/chat/']) {
    const answer = await fetched(address, PAGE);
    assert.equal(answer.status, 200, address);
    assert.match(answer.headers['content-type'], /^text\/html/);
    assert.ok(answer.body.equals(pageOf(await version())), address);
    refuses(await exactly(server, { path: address, headers: { Accept: 'application/json' } }), 404, 1404);
    refuses(await exactly(server, { path: address, headers: { Accept: '*/*' } }), 404, 1404);
  }
});

test('the server\'s own addresses and unknown files are never the app', async () => {
  const unknown = ['/api', '/api/v1/nothing', '/api/v2/server', '/media/nothing', '/metrics/x', '/healthz/x', '/.well-known/x', '/app.css', '/nothing.js', '/style/nothing.css', '/favicon.ico'];
  for (const address of unknown) refuses(await exactly(server, { path: address, headers: PAGE }), [404, 405], 1404, 1405, 6408);
});

test('nothing outside of the app is ever read', async () => {
  const probes = [
    '/.git/config', '/..%2f..%2fetc/passwd', '/../../etc/passwd', '/%2e%2e/%2e%2e/etc/passwd', '//evil.example', '//etc/passwd', '/%00', '/app.js%00.html',
    '/style/../../Cargo.toml', '/style/..%2f..%2fCargo.toml', '/vendor/..%5c..%5cCargo.toml', '/assets/app.js', '/Cargo.toml', '/src/main.rs', '/bambitalk.db',
  ];
  const page = pageOf(await version()).toString();
  for (const probe of probes) {
    for (const headers of [{}, PAGE]) {
      const answer = await exactly(server, { path: probe, headers });
      // Two slashes are one, and then it is a screen's address like any other.
      const isApp = headers === PAGE && answer.status === 200 && answer.text === page;
      assert.ok(isApp || [400, 404].includes(answer.status), `${probe}: ${answer.status}`);
      assert.doesNotMatch(answer.text, /root:|\[package\]|SQLite format|\[core\]/, probe);
    }
  }
});

test('files are only read', async () => {
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
    for (const address of ['/', '/app.js']) refuses(await exactly(server, { method, path: address, headers: PAGE }), 405, 1405);
    refuses(await exactly(server, { method, path: '/chat', headers: PAGE }), 404, 1404);
  }
  const [get, head] = [await fetched('/app.js'), await fetched('/app.js', {}, 'HEAD')];
  assert.deepEqual([head.status, head.body.length, head.headers.etag], [200, 0, get.headers.etag]);
});

test('the service worker knows its build: every file, and a version that hangs on all of them', async () => {
  const text = (await fetched('/sw.js')).body.toString();
  const build = JSON.parse(/^const BUILD = (\{.*\});\n/.exec(text)[1]);
  assert.match(build.version, /^[0-9a-f]{16}$/);
  const all = fs.readdirSync(ASSETS, { recursive: true }).filter((name) => fs.statSync(path.join(ASSETS, name)).isFile() && !/\.d\.m?ts$/.test(name)).sort();
  assert.deepEqual(build.files.filter((name) => !/\.d\.m?ts$/.test(name)), all);
  const sums = [];
  for (const name of build.files) {
    const { body } = await fetched(`/${name}`);
    // The worker's first line is its build; the page asks for its build's parts.
    const own = name === 'sw.js' ? body.subarray(body.indexOf('\n') + 1) : name === 'index.html' ? body.toString().replaceAll(`/@${build.version}/`, '/') : body;
    sums.push(crypto.createHash('sha256').update(own).digest());
  }
  assert.equal(build.version, crypto.createHash('sha256').update(Buffer.concat(sums)).digest('hex').slice(0, 16));
});
