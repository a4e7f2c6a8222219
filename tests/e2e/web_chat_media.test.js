'use strict';
// Photos, films and files between two phones: progress, stopping, going on after a cut, looking at them.
const { test, before, after, beforeEach, afterEach } = require('node:test');
const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { Server } = require('./server.js');
const { complaints, coupleOf, launch, phone, signIn } = require('./browser.js');
const { until } = require('./kit.js');

const SLOW_MS = 20_000;
const isBroken = /ERR_INTERNET_DISCONNECTED|ERR_CONNECTION|ERR_FAILED|WebSocket|status of 50\d|status of 401|Failed to fetch|An unknown error occurred when fetching the script/;
let browser, server, folder, annas, bens;

const ffmpeg = (...args) => execFileSync('ffmpeg', ['-loglevel', 'error', '-y', ...args]);
const file = (name) => path.join(folder, name);

before(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bambitalk-films-'));
  ffmpeg('-f', 'lavfi', '-i', 'testsrc2=size=3000x1500:rate=1', '-frames:v', '1', file('wide.jpg'));
  ffmpeg('-f', 'lavfi', '-i', 'nullsrc=size=1200x1600,geq=random(1)*255:128:128', '-frames:v', '1', '-q:v', '2', file('noise.jpg'));
  ffmpeg('-f', 'lavfi', '-i', 'testsrc2=size=200x200:rate=5:duration=1', file('moving.gif'));
  ffmpeg('-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=10:duration=2', '-pix_fmt', 'yuv420p', file('film.webm'));
  fs.writeFileSync(file('계약서.pdf'), `%PDF-1.7\n${' '.repeat(4_000)}\n%%EOF\n`);
  fs.writeFileSync(file('plain.txt'), 'words');
  [browser, server] = await Promise.all([launch(), Server.start()]);
});
after(async () => { await browser.close(); await server.stop(); fs.rmSync(folder, { recursive: true }); });
beforeEach(async () => {
  const people = await coupleOf(server);
  [annas, bens] = await Promise.all(people.map(async (person) => {
    const page = await phone(browser, server.url);
    await signIn(page, person);
    await page.locator('.composer__text').waitFor();
    return page;
  }));
});
afterEach(() => Promise.all([annas, bens].map((page) => page.context().close())));

/** Chooses files, and sends them. */
async function send(page, kind, names, { isOriginal = false } = {}) {
  await page.locator(`[data-pick=${kind}]`).setInputFiles(names.map(file));
  await page.locator('.picked__item').nth(names.length - 1).waitFor();
  if (isOriginal) await page.getByLabel('원본으로 보내기').check();
  await page.getByRole('button', { name: `${names.length}개 보내기` }).click();
  await page.locator('.picked').waitFor({ state: 'detached' });
}
const nothingWaits = (page) => until(async () => await page.locator('.message--waiting').count() === 0, SLOW_MS, 'everything being sent');
const isDrawn = (page, at) => until(() => page.locator('.picture__image').nth(at).evaluate((image) => image.complete && image.naturalWidth > 0), SLOW_MS, 'the picture');
/** A slow line up. */
async function slow(page, bytesPerSecond) {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  const set = (uploadThroughput) => session.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput });
  await set(bytesPerSecond);
  return () => set(-1);
}
const done = () => Promise.all([annas.done(), bens.done()]);
const seen = (page, at) => page.locator('.picture').nth(at);

test('a photo, a moving one, a film and a file arrive in their order, each as it is', async () => {
  await send(annas, 'album', ['wide.jpg', 'moving.gif', 'film.webm']);
  await send(annas, 'file', ['계약서.pdf']);
  await bens.locator('.file').waitFor({ timeout: SLOW_MS });
  for (const at of [0, 1, 2]) await isDrawn(bens, at);
  assert.deepEqual(await bens.locator('.picture').evaluateAll((all) => all.map((picture) => picture.getAttribute('aria-label'))), ['사진', '사진', '동영상 0:02']);
  assert.equal(await bens.locator('.file__name').textContent(), '계약서.pdf');
  const messages = await shown(bens);
  assert.deepEqual(messages.map(({ type, mime }) => [type, mime]), [['IMAGE', 'image/jpeg'], ['IMAGE', 'image/gif'], ['VIDEO', 'video/webm'], ['FILE', 'application/pdf']]);
  assert.deepEqual([messages[0].width, messages[0].height], [2_048, 1_024], 'made smaller on the phone');
  const [download] = await Promise.all([bens.waitForEvent('download'), bens.locator('.file').click()]);
  assert.equal(download.suggestedFilename(), '계약서.pdf');
  await nothingWaits(annas);
  assert.deepEqual(await complaints(bens), []);
  await done();
});

/** The messages as the page has them. */
const shown = (page) => page.evaluate(async () => (await part('/chat/room.js')).history.value.all);

test('several photos of one go are a grid: each is its own, with its own progress, failure and place in the viewer', async () => {
  annas.allow(/status of 415/);
  let isRefusing = true;
  let uploads = 0;
  await annas.route('**/api/v1/files', (route) => {
    uploads += 1;
    if (uploads > 2 && isRefusing) return route.fulfill({ status: 415, contentType: 'application/json', body: JSON.stringify({ code: '1415', message: '' }) });
    return route.continue();
  });
  const resume = await slow(annas, 20_000);
  await send(annas, 'album', ['noise.jpg', 'wide.jpg', 'moving.gif', 'wide.jpg', 'moving.gif']);
  const tiles = annas.locator('.album .picture');
  await until(async () => await tiles.count() === 5, SLOW_MS, 'all in one grid');
  assert.equal(await annas.locator('.album .ring').count(), 5, 'each with its own progress');
  await resume();
  await until(async () => await annas.locator('.failed').count() === 3, SLOW_MS, 'three being refused');
  assert.equal(await annas.locator('.album .ring').count(), 3, 'the others went');
  isRefusing = false;
  for (let left = 3; left > 0; left -= 1) {
    await annas.locator('.failed__act').first().click();
    await until(async () => await annas.locator('.failed').count() === left - 1, SLOW_MS, 'one being tried again');
  }
  await until(async () => await annas.locator('.album .ring').count() === 0, SLOW_MS, 'all being sent');
  await until(async () => await bens.locator('.album .picture').count() === 5, SLOW_MS, 'all being there');
  for (const page of [annas, bens]) assert.equal(await page.locator('.message').count(), 1);
  const boxes = await bens.locator('.album .picture').evaluateAll((all) => all.map((tile) => { const { x, y, width, height } = tile.getBoundingClientRect(); return [Math.round(x), Math.round(y), Math.abs(width - height) < 1]; }));
  assert.ok(boxes.every(([, , isSquare]) => isSquare));
  assert.deepEqual([0, 3].map((row) => new Set(boxes.slice(row, row ? 5 : 3).map(([, y]) => y)).size), [1, 1], 'three, then two, each in a line');
  assert.deepEqual(await complaints(bens), []);
  for (const at of [0, 1, 2, 3, 4]) await isDrawn(bens, at);
  await bens.shot('test-album');
  const messages = await shown(bens);
  assert.equal(messages.length, 5);
  await seen(bens, 2).click();
  await bens.locator('.viewer').waitFor();
  assert.equal(await bens.locator('.viewer__save').getAttribute('href'), messages[2].url);
  await done();
});

test('what is left out while the others are made ready is not sent', async () => {
  await annas.locator('[data-pick=album]').setInputFiles(['wide.jpg', 'moving.gif', 'noise.jpg'].map(file));
  await annas.locator('.picked__item').nth(2).waitFor();
  const left = await annas.locator('.picked').evaluate(async (list) => {
    // Held in the middle of being made ready.
    const make = globalThis.createImageBitmap;
    let release;
    const held = new Promise((resolve) => { release = resolve; });
    globalThis.createImageBitmap = async (...given) => { await held; return make(...given); };
    const drop = (name) => list.querySelector(`[aria-label*="${name}"]`).click();
    const redraw = () => new Promise((resolve) => { setTimeout(resolve); });
    list.closest('dialog').querySelector('.button').click();
    await redraw();
    drop('wide.jpg');
    await redraw();
    drop('noise.jpg');
    await redraw();
    const names = [...list.querySelectorAll('.picked__face')].map(({ alt }) => alt);
    release();
    return names;
  });
  assert.deepEqual(left, ['moving.gif']);
  await annas.locator('.picked').waitFor({ state: 'detached' });
  await seen(annas, 0).waitFor();
  await nothingWaits(annas);
  await send(annas, 'file', ['계약서.pdf']);
  await bens.locator('.file').waitFor({ timeout: SLOW_MS });
  assert.deepEqual((await shown(bens)).map(({ mime }) => mime), ['image/gif', 'application/pdf']);
  await done();
});

test('the original goes as it is, when that is wished', async () => {
  await send(annas, 'album', ['wide.jpg'], { isOriginal: true });
  await isDrawn(bens, 0);
  const [message] = await shown(bens);
  assert.deepEqual([message.width, message.height, message.size], [3_000, 1_500, fs.statSync(file('wide.jpg')).size]);
  await done();
});

test('a photo that this phone cannot make smaller goes as it is', async () => {
  await annas.evaluate(() => { HTMLCanvasElement.prototype.toBlob = (take) => take(null); });
  await send(annas, 'album', ['wide.jpg']);
  await isDrawn(bens, 0);
  await annas.evaluate(() => { HTMLCanvasElement.prototype.getContext = () => null; });
  await send(annas, 'album', ['noise.jpg']);
  await isDrawn(bens, 1);
  assert.deepEqual((await shown(bens)).map(({ width, size }) => [width, size]), [[3_000, 'wide.jpg'], [1_200, 'noise.jpg']].map(([width, name]) => [width, fs.statSync(file(name)).size]));
  await done();
});

test('what never comes to be ready goes as it is; meanwhile it is sent once, and goes on when its sheet is closed', async () => {
  await annas.clock.install();
  await annas.evaluate(() => { globalThis.createImageBitmap = () => new Promise(() => {}); });
  await annas.locator('[data-pick=album]').setInputFiles(['wide.jpg', 'noise.jpg'].map(file));
  await annas.locator('.picked__item').nth(1).waitFor();
  await annas.locator('.sheet .button--wide').evaluate((button) => { button.click(); button.click(); });
  await annas.locator('.sheet .button--busy').waitFor();
  assert.ok(await annas.getByLabel('원본으로 보내기').isDisabled(), 'how they go is settled');
  await annas.shot('test-picked-busy');
  await annas.goBack();
  await annas.locator('.picked').waitFor({ state: 'detached' });
  assert.match(annas.url(), /\/chat$/);
  // One after the other, each as long.
  for (const count of [1, 2]) {
    await annas.clock.fastForward(16_000);
    await until(async () => await annas.locator('.picture').count() === count, SLOW_MS, `${count} of them`);
    assert.equal(await annas.locator('.picked').count(), 0, 'the sheet stays closed');
  }
  await nothingWaits(annas);
  await annas.clock.fastForward(16_000);
  const sizes = () => shown(bens).then((all) => all.map(({ size }) => size));
  await until(async () => (await sizes()).length >= 2, SLOW_MS, 'both being there');
  assert.deepEqual(await sizes(), ['wide.jpg', 'noise.jpg'].map((name) => fs.statSync(file(name)).size));
  await done();
});

test('over the whole screen a photo that is long in coming says so', async () => {
  await send(annas, 'album', ['wide.jpg']);
  await isDrawn(bens, 0);
  let goOn;
  const held = new Promise((resolve) => { goOn = resolve; });
  await bens.route(/\/media\/[^/]+\?/, async (route) => { await held; await route.continue(); });
  await seen(bens, 0).click();
  await bens.locator('.viewer .ring').waitFor();
  await bens.shot('test-viewer-coming');
  goOn();
  await bens.locator('.viewer .ring').waitFor({ state: 'detached' });
  await done();
});

test('its place is kept before it is there: nothing moves', async () => {
  await send(annas, 'album', ['wide.jpg']);
  await nothingWaits(annas);
  await bens.locator('.picture').waitFor();
  await bens.route('**/thumb?*', () => {});
  // The blur is made a moment after the photo has come.
  const blurred = () => bens.evaluate(async () => {
    const [api, { openId }] = await Promise.all([part('/net/api.js'), part('/chat/room.js')]);
    return (await api.get(`/rooms/${openId.value}/messages`)).messages[0]?.thumbhash;
  });
  await until(blurred, SLOW_MS, 'the blur being made');
  await bens.reload();
  await bens.locator('.picture__blur').waitFor();
  const before = await seen(bens, 0).boundingBox();
  await bens.unroute('**/thumb?*');
  await bens.reload();
  await isDrawn(bens, 0);
  assert.deepEqual(await seen(bens, 0).boundingBox(), before);
  await done();
});

test('an upload shows how far it is, and can be stopped; the next one goes', async () => {
  const fast = await slow(annas, 150_000);
  await send(annas, 'album', ['noise.jpg', 'wide.jpg']);
  const ring = annas.locator('.ring').first();
  const shares = new Set();
  await until(async () => {
    const percent = Number(/(\d+)%/.exec(await ring.getAttribute('aria-label'))[1]);
    shares.add(percent);
    return shares.size > 2;
  }, SLOW_MS, 'the progress moving');
  assert.ok([...shares].every((share, at, all) => at === 0 || share >= all[at - 1]), [...shares].join(' '));
  await ring.click();
  await fast();
  await isDrawn(bens, 0);
  await nothingWaits(annas);
  const messages = await shown(bens);
  assert.deepEqual(messages.map(({ width }) => width), [2_048], 'the stopped one never arrives');
  await done();
});

test('a line that breaks in the middle of an upload: it goes out when it is back, once', async () => {
  annas.allow(isBroken);
  const fast = await slow(annas, 100_000);
  await send(annas, 'album', ['noise.jpg']);
  await annas.locator('.composer__text').fill('사진 다음에');
  await annas.locator('.composer__send button').click();
  await annas.locator('.ring').waitFor();
  await annas.context().setOffline(true);
  await annas.locator('.message--waiting').nth(1).waitFor();
  await fast();
  await annas.reload({ waitUntil: 'commit' }).catch(() => {});
  await annas.context().setOffline(false);
  await annas.open('/chat');
  await bens.locator('.bubble__text', { hasText: '사진 다음에' }).waitFor({ timeout: SLOW_MS });
  await nothingWaits(annas);
  assert.deepEqual((await shown(bens)).map(({ type }) => type), ['IMAGE', 'TEXT']);
  await done();
});

test('an answer that takes longer than a silent line is given is waited for: the file goes up once', async (t) => {
  let uploads = 0;
  let [passOn, taken] = [];
  const isPassedOn = new Promise((resolve) => { passOn = resolve; });
  const isTaken = new Promise((resolve) => { taken = resolve; });
  // A proxy that takes a file whole before it passes it on.
  const proxy = http.createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    if (request.url === '/api/v1/files') { uploads += 1; taken(); await isPassedOn; }
    const onward = http.request(server.url + request.url, { method: request.method, headers: request.headers }, (answer) => { response.writeHead(answer.statusCode, answer.headers); answer.pipe(response); });
    onward.on('error', () => response.destroy());
    onward.end(Buffer.concat(parts));
  });
  await new Promise((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.after(() => { proxy.closeAllConnections(); proxy.close(); });
  const [carla] = await coupleOf(server);
  const page = await phone(browser, `http://127.0.0.1:${proxy.address().port}`);
  page.allow(isBroken);
  await page.clock.install();
  await signIn(page, carla);
  await page.locator('.composer__text').waitFor();
  await send(page, 'file', ['계약서.pdf']);
  await isTaken;
  await page.locator('.ring[aria-label*="100%"]').waitFor();
  await page.clock.fastForward(40_000);
  passOn();
  await nothingWaits(page);
  await page.locator('.file__name').waitFor();
  assert.equal(uploads, 1);
  await page.done();
  await page.context().close();
  await done();
});

test('what the server does not take is said, and can be thrown away', async () => {
  annas.allow(/status of 415/);
  await send(annas, 'file', ['plain.txt']);
  await annas.locator('.failed', { hasText: '이 파일은 보낼 수 없어요' }).waitFor();
  await annas.locator('.failed').getByRole('button', { name: '지우기' }).click();
  await annas.locator('.message').waitFor({ state: 'detached' });
  await annas.reload();
  await annas.locator('.empty').waitFor();
  await done();
});

test('the whole screen: turn, come closer, play, save, close by Escape, by a step back and by pulling down', async () => {
  await send(annas, 'album', ['wide.jpg', 'noise.jpg', 'film.webm']);
  await isDrawn(bens, 2);
  await seen(bens, 0).tap();
  const viewer = bens.locator('.viewer');
  await viewer.waitFor();
  const current = () => bens.locator('.slide[data-offset="0"] :is(img:last-of-type, video)').getAttribute('src');
  const first = await current();
  await swipe(bens, [300, 400], [60, 410]);
  await until(async () => await current() !== first, SLOW_MS, 'the next photo');
  await tapTwice(bens, 195, 400);
  await bens.locator('.viewer__stage[data-close-up]').waitFor();
  await tapTwice(bens, 195, 400);
  await bens.locator('.viewer__stage:not([data-close-up])').waitFor();
  const [download] = await Promise.all([bens.waitForEvent('download'), bens.locator('.viewer__save').click()]);
  assert.match(download.suggestedFilename(), /\.jpg$/);
  await bens.keyboard.press('ArrowRight');
  const film = bens.locator('.slide[data-offset="0"] video');
  await until(() => film.evaluate((element) => element.readyState >= 2), SLOW_MS, 'the film');
  assert.ok(await film.evaluate((element) => element.playsInline && element.controls));
  assert.deepEqual(await complaints(bens), []);
  await bens.keyboard.press('Escape');
  await viewer.waitFor({ state: 'detached' });
  await seen(bens, 1).tap();
  await viewer.waitFor();
  await bens.goBack();
  await viewer.waitFor({ state: 'detached' });
  await bens.locator('.composer').waitFor();
  await seen(bens, 1).tap();
  await viewer.waitFor();
  await swipe(bens, [200, 300], [205, 560]);
  await viewer.waitFor({ state: 'detached' });
  await done();
});

/** Two taps that say themselves when they were: a tenth of a second apart, however busy the machine is. */
async function tapTwice(page, x, y) {
  const session = await page.context().newCDPSession(page);
  const begun = Date.now() / 1_000;
  for (const timestamp of [begun, begun + 0.1]) {
    await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x, y }], timestamp });
    await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [], timestamp: timestamp + 0.02 });
  }
}

/** A finger from one place to another. */
async function swipe(page, [x1, y1], [x2, y2]) {
  const session = await page.context().newCDPSession(page);
  const touch = (type, x, y) => session.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchEnd' ? [] : [{ x, y }] });
  await touch('touchStart', x1, y1);
  for (let step = 1; step <= 6; step += 1) await touch('touchMove', x1 + ((x2 - x1) * step) / 6, y1 + ((y2 - y1) * step) / 6);
  await touch('touchEnd');
}

test('what is pasted or dropped is offered to be sent', async () => {
  const give = (kind, selector) => annas.locator(selector).evaluate(async (element, way) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 60, height: 40 });
    canvas.getContext('2d').fillRect(0, 0, 60, 40);
    const blob = await new Promise((resolve) => { canvas.toBlob(resolve, 'image/png'); });
    const data = new DataTransfer();
    data.items.add(new File([blob], `${way}.png`, { type: 'image/png' }));
    element.dispatchEvent(way === 'paste' ? new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })
      : new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
  }, kind);
  await give('paste', '.composer__text');
  await annas.getByRole('button', { name: '1개 보내기' }).click();
  await annas.locator('.picked').waitFor({ state: 'detached' });
  await give('drop', '.messages');
  await annas.getByRole('button', { name: '1개 보내기' }).click();
  await bens.locator('.picture').nth(1).waitFor({ timeout: SLOW_MS });
  await done();
});
