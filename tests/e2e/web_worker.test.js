'use strict';
// Where the browser allows it (HTTPS, or this machine itself), the app stays on the phone: it opens without a network, is renewed
// quietly, and is never of two builds.
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const http = require('node:http');
const { Server } = require('./server.js');
const { coupleOf, homeUrl, launch, phone, signIn } = require('./browser.js');
const { until } = require('./kit.js');

const SLOW_MS = 60_000;
/** A picture of one point. */
const PHOTO = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
let browser, server, anna, ben;

before(async () => {
  [browser, server] = await Promise.all([launch(), Server.start()]);
  [anna, ben] = await coupleOf(server);
});
after(async () => { await browser.close(); await server.stop(); });

const kept = (page) => page.evaluate(async () => {
  const [name] = (await caches.keys()).filter((one) => one.startsWith('app-'));
  const files = name ? (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname) : [];
  return { name, files };
});
const isReady = (page) => page.evaluate(async () => { await navigator.serviceWorker.ready; });

/** Which build the server is of. */
const version = async () => /"version":"([0-9a-f]+)"/.exec(await (await fetch(`${server.url}/sw.js`)).text())[1];

/**
 * The server seen through a door at which it can be renewed: from then on it is of another build, and has nothing of its own any more. The other build's
 * scripts complain where they run in a page that is not of it.
 */
async function renewable() {
  const own = await version();
  let build = null;
  const door = http.createServer((request, response) => {
    const { 'if-none-match': _, 'accept-encoding': __, ...headers } = request.headers;
    const address = build ? request.url.replace(`/@${own}/`, '/@0000000000000000/').replace(`/@${build}/`, `/@${own}/`) : request.url;
    const onward = http.request(server.url + address, { method: request.method, headers }, async (answer) => {
      const { 'content-type': type = '', 'content-length': ___, ...others } = answer.headers;
      if (!build || !/^text\/(html|javascript)/.test(type)) { response.writeHead(answer.statusCode, answer.headers); answer.pipe(response); return; }
      const parts = [];
      for await (const part of answer) parts.push(part);
      const text = Buffer.concat(parts).toString().replaceAll(own, build);
      const isScript = /javascript/.test(type) && request.url !== '/sw.js' && (!request.url.startsWith('/@') || request.url.startsWith(`/@${build}/`));
      const complaint = `;if (!(document.querySelector('script[type=module]') ?? document.currentScript).src.includes('${build}')) console.error('two builds are mixed: ${request.url}');`;
      response.writeHead(answer.statusCode, { ...others, 'content-type': type, ...(request.url === '/sw.js' ? { etag: `"${build}"` } : {}) });
      response.end(request.method === 'HEAD' ? '' : text + (isScript ? complaint : ''));
    });
    request.pipe(onward);
  });
  await new Promise((resolve) => door.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${door.address().port}`;
  return {
    url,
    homeUrl: homeUrl({ url }),
    renew: (other) => { build = other; },
    close: () => { door.closeAllConnections(); door.close(); },
  };
}

test('it can be installed: manifest, icons, worker', async () => {
  const page = await phone(browser, server.url);
  await page.open('/');
  const address = () => page.locator('link[rel=manifest]').getAttribute('href');
  const manifest = await (await fetch(server.url + await address())).json();
  assert.deepEqual([manifest.lang, manifest.shortcuts.map(({ name }) => name)], ['ko', ['채팅', '일정']]);
  await page.getByRole('button', { name: 'English' }).click();
  await until(async () => /\.en\./.test(await address()), SLOW_MS, 'what is installed speaking English');
  const english = await (await fetch(server.url + await address())).json();
  const { description, lang, shortcuts, ...same } = manifest;
  assert.deepEqual(english, { ...same, description: english.description, lang: 'en', shortcuts: shortcuts.map(({ url }, at) => ({ name: ['Chat', 'Calendar'][at], url })) });
  assert.match(english.description, /^A home/);
  assert.deepEqual([manifest.display, manifest.start_url, manifest.scope], ['standalone', '/', '/']);
  for (const { src, sizes } of manifest.icons) {
    const [width] = sizes.split('x').map(Number);
    const size = await page.evaluate(async (address) => { const image = new Image(); image.src = address; await image.decode(); return image.naturalWidth; }, src);
    assert.equal(size, width, src);
  }
  assert.ok(manifest.icons.some(({ purpose }) => purpose === 'maskable'));
  await isReady(page);
  const { name, files } = await kept(page);
  assert.match(name, /^app-[0-9a-f]{16}$/);
  for (const file of ['app.js', 'chat/page.js', 'text/ko/app.js', 'text/en/app.js', 'style/base.css', 'vendor/socket.io.esm.min.js']) assert.ok(files.includes(`/@${await version()}/${file}`), file);
  for (const file of ['/', '/manifest.ko.webmanifest', '/icons/icon.svg']) assert.ok(files.includes(file), file);
  assert.ok(!files.some((file) => /LICENSE|README|\.d\.|sw\.js/.test(file)));
  await page.done();
});

test('without a network it opens where it was left, says so, and comes back by itself', async () => {
  const page = await phone(browser, server.url);
  page.allow(/ERR_INTERNET_DISCONNECTED|ERR_FAILED|Failed to load resource|WebSocket/);
  await signIn(page, anna);
  await page.open('/settings');
  await page.locator('.me__name').waitFor();
  await isReady(page);
  await page.reload();
  await page.locator('.me__name').waitFor();
  await page.context().setOffline(true);
  await page.reload();
  await page.locator('.me__name', { hasText: anna.nickname }).waitFor();
  await page.getByText('민준이', { exact: true }).waitFor();
  await page.getByText('연결이 끊겼어요').waitFor();
  // A screen that was never opened here.
  await page.getByRole('link', { name: '아이' }).click();
  await page.locator('main h1', { hasText: '아이' }).waitFor();
  await page.context().setOffline(false);
  await page.getByText('연결이 끊겼어요').waitFor({ state: 'detached', timeout: 20_000 });
  await page.done();
});

test('who is there is not told while nobody can know it, nor remembered', async () => {
  const people = await coupleOf(server);
  const [hers, his] = await Promise.all(people.map(async (person) => {
    const page = await phone(browser, server.url);
    page.allow(/ERR_INTERNET_DISCONNECTED|ERR_FAILED|Failed to load resource|WebSocket/);
    await signIn(page, person);
    await page.locator('.composer__text').waitFor();
    return page;
  }));
  const here = hers.locator('.who').getByText('지금 보고 있어요');
  await here.waitFor();
  await hers.locator('.who__dot').waitFor();
  await isReady(hers);
  await hers.reload();
  await here.waitFor();
  await hers.context().setOffline(true);
  await hers.getByText('연결이 끊겼어요').waitFor();
  assert.deepEqual([await here.count(), await hers.locator('.who__dot').count()], [0, 0], 'the line is broken');
  await hers.reload();
  await hers.locator('.who__name', { hasText: people[1].nickname }).waitFor();
  await hers.getByText('연결이 끊겼어요').waitFor();
  assert.deepEqual([await here.count(), await hers.locator('.who__dot').count()], [0, 0], 'opened anew');
  await hers.context().setOffline(false);
  await here.waitFor({ timeout: 20_000 });
  await hers.locator('.who__dot').waitFor();
  await Promise.all([hers.done(), his.done()]);
});

/** Ends all her sessions in browsers, from elsewhere. */
async function endElsewhere() {
  const headers = { Authorization: `Bearer ${anna.accessToken}` };
  const { data } = await (await fetch(`${server.api}/users/me/sessions`, { headers })).json();
  for (const { sessionId, client } of data) if (client === 'web') await fetch(`${server.api}/users/me/sessions/${sessionId}`, { method: 'DELETE', headers });
}
const nothingIsLeft = (page) => until(async () => (await page.evaluate(() => indexedDB.databases())).length === 0, 10_000, 'everything of hers leaving the device');

test('a session that ended while it was without a network is over when the network is back, and nothing stays', async () => {
  const page = await phone(browser, server.url);
  page.allow(/ERR_INTERNET_DISCONNECTED|ERR_FAILED|WebSocket|Failed to load resource|unknown error occurred/);
  await signIn(page, anna);
  await isReady(page);
  await page.reload();
  await page.locator('.composer__text').waitFor();
  await page.context().setOffline(true);
  await page.reload();
  await page.locator('.composer__text').waitFor();
  await endElsewhere();
  await page.context().setOffline(false);
  await page.locator('.welcome').waitFor({ timeout: 20_000 });
  await nothingIsLeft(page);
  await page.done();
  await page.context().close();
});

test('a session that ended while the app was closed leaves nothing on the device', async () => {
  const page = await phone(browser, server.url);
  page.allow(/status of 401/);
  await signIn(page, anna);
  await page.locator('.composer__text').waitFor();
  await page.goto('about:blank');
  await endElsewhere();
  await page.open('/chat');
  await page.locator('.welcome, .form').first().waitFor();
  await nothingIsLeft(page);
  await page.done();
  await page.context().close();
});

test('a device that remembers nobody says what is wrong, and goes on when it can', async () => {
  const page = await phone(browser, server.url);
  page.allow(/ERR_INTERNET_DISCONNECTED|ERR_FAILED|Failed to load resource/);
  await page.open('/');
  await isReady(page);
  await page.reload();
  await page.locator('.welcome').waitFor();
  await page.context().setOffline(true);
  await page.reload();
  await page.getByText('집에 닿지 않아요').first().waitFor();
  await page.shot('test-unreachable');
  await page.context().setOffline(false);
  await page.locator('.welcome').waitFor();
  await page.done();
});

test('a new build is fetched whole beside the old one and takes over at the next start', async (t) => {
  const door = await renewable();
  t.after(() => door.close());
  const page = await phone(browser, door.url);
  await page.open('/login');
  await isReady(page);
  await page.reload();
  await page.locator('.form').waitFor();
  const before = (await kept(page)).name;

  // A build that is there at the start takes over at once, unless somebody was quicker.
  await page.keyboard.press('Shift');
  door.renew('0123456789abcdef');
  await page.evaluate(async () => { await (await navigator.serviceWorker.ready).update(); });
  await until(() => page.evaluate(async () => Boolean((await navigator.serviceWorker.ready).waiting)), SLOW_MS, 'the new build waits');
  assert.ok((await page.evaluate(() => caches.keys())).includes(before), 'the old one still serves this page');
  assert.match(page.url(), /\/login$/);

  await page.reload();
  await until(async () => (await page.evaluate(() => caches.keys()).catch(() => [])).join() === 'app-0123456789abcdef', SLOW_MS, 'only the new one is left');
  await page.locator('.form').waitFor();
  await page.done();
});

/** As another tab that starts anew does it. */
const takeOver = (page) => page.evaluate(async () => {
  const registration = await navigator.serviceWorker.ready;
  const changed = new Promise((resolve) => navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true }));
  await registration.update();
  const taken = setInterval(() => registration.waiting?.postMessage('take over'), 50);
  await changed;
  clearInterval(taken);
});

/** Sends what no module was fetched for yet. */
async function sendPhoto(page) {
  await page.locator('[data-pick=album]').setInputFiles({ name: 'one.png', mimeType: 'image/png', buffer: PHOTO });
  await page.locator('.sheet .button--wide').click();
}

test('a page that somebody uses is not reloaded under their hands, but at the next step; a draft is still there', async (t) => {
  const door = await renewable();
  t.after(() => door.close());
  const page = await phone(browser, door.url);
  page.allow(/WebSocket/);
  await signIn(page, anna);
  await isReady(page);
  await page.reload();
  await page.locator('.composer__text').fill('쓰다 만 말');
  await page.evaluate(() => { globalThis.isSame = true; });
  await page.waitForFunction(() => performance.getEntriesByType('resource').some(({ name }) => name.endsWith('/sw.js') || name.endsWith('/pwa.js')));
  door.renew('fedcba9876543210');
  await takeOver(page);
  assert.equal(await page.locator('.composer__text').inputValue(), '쓰다 만 말');
  // What it fetches only now is of its own build, which the server has no more.
  await sendPhoto(page);
  await page.locator('button.picture').waitFor();
  assert.equal(await page.locator('.composer__text').inputValue(), '쓰다 만 말');
  assert.equal(await page.evaluate(() => globalThis.isSame), true);
  await page.locator('.tabs a[href="/settings"]').click();
  await until(() => page.evaluate(() => !globalThis.isSame).catch(() => false), SLOW_MS, 'the page of the new build');
  await page.locator('.me__name').waitFor({ timeout: SLOW_MS });
  await page.locator('.tabs a[href="/chat"]').click();
  await until(async () => await page.locator('.composer__text').inputValue() === '쓰다 만 말', SLOW_MS, 'the draft');
  await page.done();
});

test('a form that is being filled in outlives a renewal, and so do words that are given to one', async (t) => {
  const door = await renewable();
  t.after(() => door.close());
  const page = await phone(browser, door.url);
  page.allow(/WebSocket/);
  await signIn(page, ben);
  await isReady(page);
  await page.locator('.composer__text').fill('병원 가기');
  await page.locator('.composer__send button').click();
  await page.locator('.message:not(.message--waiting) .bubble__text', { hasText: '병원 가기' }).last().waitFor();
  await page.open('/child');
  await page.locator('.tabs a[href="/child"]').waitFor();
  await page.getByRole('button', { name: '아이 적기' }).first().click();
  await page.locator('.child-sheet [name=fetalName]').fill('콩이');
  await page.waitForFunction(() => performance.getEntriesByType('resource').some(({ name }) => name.endsWith('/pwa.js')));
  await page.evaluate(() => { globalThis.isSame = true; });
  door.renew('fedcba9876543210');
  await takeOver(page);
  // Another app comes in front.
  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { value: true, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
    delete document.hidden;
  });
  assert.equal(await page.locator('.child-sheet [name=fetalName]').inputValue(), '콩이');
  assert.equal(await page.evaluate(() => globalThis.isSame), true);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: '버리기' }).click();
  await page.locator('.child-sheet').waitFor({ state: 'detached' });
  await page.locator('.tabs a[href="/chat"]').click();
  await page.evaluate(() => { globalThis.isSame = true; });
  await until(() => page.evaluate(() => !globalThis.isSame).catch(() => false), SLOW_MS, 'the page of the new build');

  // The step that renews takes words along.
  await page.waitForFunction(() => performance.getEntriesByType('resource').some(({ name }) => name.endsWith('/pwa.js')));
  await page.evaluate(() => { globalThis.isSame = true; });
  await page.locator('.composer__text').fill('쓰다 만 말');
  door.renew('89abcdef01234567');
  await takeOver(page);
  await page.locator('.bubble__text', { hasText: '병원 가기' }).last().click({ button: 'right' });
  await page.getByRole('button', { name: '일정으로 적기' }).click();
  await page.locator('.schedule-sheet').waitFor();
  // Longer than a step is waited for.
  await page.waitForTimeout(1_000);
  assert.equal(await page.getByLabel('제목').inputValue(), '병원 가기');
  await page.locator('.schedule-sheet .button--wide').click();
  await page.locator('.schedule-sheet').waitFor({ state: 'detached' });
  await page.locator('.tabs a[href="/settings"]').click();
  await until(() => page.evaluate(() => !globalThis.isSame).catch(() => false), SLOW_MS, 'the page of the newest build');
  await page.done();
});

test('over plain HTTP a page that needs more of a build that is gone starts over with the new one, and nothing begun is lost', async (t) => {
  const door = await renewable();
  t.after(() => door.close());
  const page = await phone(browser, door.homeUrl);
  page.allow(/WebSocket/);
  await signIn(page, ben);
  await page.locator('.composer__text').fill('쓰다 만 말');
  // What the chat fetches by itself once it stands.
  await page.waitForFunction(() => performance.getEntriesByType('resource').some(({ name }) => name.endsWith('/text/ko/acts.js')));
  await page.evaluate(() => { globalThis.isSame = true; });
  door.renew('fedcba9876543210');
  const seen = await page.locator('button.picture').count();
  await sendPhoto(page);
  await until(() => page.evaluate(() => !globalThis.isSame).catch(() => false), SLOW_MS, 'the page of the new build');
  await until(async () => await page.locator('.composer__text').inputValue() === '쓰다 만 말', SLOW_MS, 'the draft');
  await page.locator('button.picture').nth(seen).waitFor();
  await page.done();
});

test('over plain HTTP, where there is no worker, a renewed server renews the page', async () => {
  const page = await phone(browser, homeUrl(server));
  await page.open('/login');
  let build = '"one"';
  let looks = 0;
  await page.route('**/sw.js', (route) => { looks += 1; return route.fulfill({ status: 200, headers: { ETag: build } }); });
  await until(() => looks > 0, SLOW_MS, 'the first look');
  await page.evaluate(() => { globalThis.isSame = true; });
  build = '"two"';
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await until(() => page.evaluate(() => !globalThis.isSame).catch(() => false), SLOW_MS, 'the page of the new build');
  await page.locator('.form').waitFor({ timeout: SLOW_MS });
  await page.done();
});
