'use strict';
// The settings, by thumb and by keyboard, in both languages, by day and by night, in letters twice as large.
const { test, before, after, beforeEach, afterEach } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { complaints, coupleOf, desktop, homeUrl, launch, phone, signIn } = require('./browser.js');

const SECTIONS = ['', '/profile', '/look', '/couple', '/devices', '/password', '/install'];
let browser, server, anna, ben, page;

before(async () => {
  [browser, server] = await Promise.all([launch(), Server.start()]);
  [anna, ben] = await coupleOf(server);
});
after(async () => { await browser.close(); await server.stop(); });
beforeEach(async () => { page = await phone(browser, homeUrl(server)); });
afterEach(() => page.context().close());

const me = async () => (await (await fetch(`${server.api}/users/me`, { headers: { Authorization: `Bearer ${anna.accessToken}` } })).json()).data;
const us = async () => (await (await fetch(`${server.api}/couples/me`, { headers: { Authorization: `Bearer ${anna.accessToken}` } })).json()).data;
const pick = (somebody, label) => somebody.locator('.choice__option', { hasText: label }).click();

test('the language changes at once, is mine on every device, and stays', async () => {
  await signIn(page, anna);
  await page.open('/settings/look');
  await pick(page, 'English');
  await page.getByRole('heading', { name: 'Look and language' }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'en');
  await page.getByRole('link', { name: 'Calendar' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Look and language' }).waitFor();
  assert.equal((await me()).locale, 'en');
  const other = await phone(browser, homeUrl(server));
  await signIn(other, anna);
  await other.getByRole('link', { name: 'Settings' }).waitFor();
  await pick(page, '한국어');
  await page.getByRole('heading', { name: '화면과 언어' }).waitFor();
  await Promise.all([page.done(), other.done()]);
});

test('light, dark, or as the device has it, from the first paint on', async () => {
  const dark = await phone(browser, homeUrl(server), { colorScheme: 'dark' });
  await signIn(dark, anna);
  const shade = () => dark.evaluate(() => [document.documentElement.dataset.theme, getComputedStyle(document.body).backgroundColor]);
  assert.deepEqual(await shade(), ['dark', 'rgb(30, 26, 28)']);
  await dark.open('/settings/look');
  await pick(dark, '밝게');
  assert.deepEqual(await shade(), ['light', 'rgb(255, 255, 255)']);
  await dark.reload();
  assert.equal((await shade())[0], 'light');
  await dark.locator('.choice').first().waitFor();
  await pick(dark, '기기 설정');
  assert.equal((await shade())[0], 'dark');
  await dark.emulateMedia({ colorScheme: 'light' });
  await dark.waitForFunction(() => document.documentElement.dataset.theme === 'light');
  await dark.done();
});

test('name and part are changed; a name that is too short says so', async () => {
  page.allow(/status of 400/);
  await signIn(page, anna);
  await page.open('/settings/profile');
  await page.locator('[name=nickname]').fill('나');
  await page.getByRole('button', { name: '저장' }).click();
  await page.getByText('이름은 2~10자로 적어 주세요.').waitFor();
  await page.locator('[name=nickname]').fill('새이름');
  await page.getByRole('button', { name: '저장' }).click();
  await page.getByText('저장했어요').waitFor();
  assert.equal((await me()).nickname, '새이름');
  await page.getByRole('button', { name: '뒤로' }).click();
  await page.locator('.me__name', { hasText: '새이름' }).waitFor();
  await page.done();
});

test('a photo becomes my face, for both of us, and can be taken away again', async () => {
  const other = await phone(browser, homeUrl(server));
  await Promise.all([signIn(page, anna), signIn(other, ben)]);
  await page.open('/settings/profile');
  const picture = await page.screenshot({ type: 'png', clip: { x: 0, y: 0, width: 300, height: 200 } });
  await page.locator('input[type=file]').setInputFiles({ name: 'me.png', mimeType: 'image/png', buffer: picture });
  await page.locator('img.avatar--96').waitFor();
  await page.waitForFunction(() => document.querySelector('img.avatar--96')?.naturalWidth > 1);
  await other.open('/settings');
  await other.locator('.row img.avatar--40').waitFor();
  await page.shot('test-photo');
  await page.getByRole('button', { name: '사진 빼기' }).click();
  await page.locator('span.avatar--96').waitFor();
  assert.equal((await me()).avatarUrl ?? null, null);
  await Promise.all([page.done(), other.done()]);
});

test('what is no picture is refused with a word', async () => {
  await signIn(page, anna);
  await page.open('/settings/profile');
  await page.locator('input[type=file]').setInputFiles({ name: 'me.png', mimeType: 'image/png', buffer: Buffer.from('no picture') });
  await page.getByText('이 사진은 열 수 없어요').waitFor();
  await page.done();
});

test('the couple\'s zone and way of counting change for both, live', async () => {
  const other = await phone(browser, homeUrl(server), { timezoneId: 'America/New_York' });
  await Promise.all([signIn(page, anna), signIn(other, ben)]);
  await Promise.all([page.open('/settings/couple'), other.open('/settings/couple')]);
  await other.getByText(/이 기기의 시간대: .*동부 시간 · New York/).waitFor();
  await page.getByLabel('우리 시간대').selectOption('Europe/Berlin');
  await page.getByText('저장했어요').waitFor();
  await other.waitForFunction(() => document.querySelector('select')?.value === 'Europe/Berlin');
  await other.getByRole('button', { name: '이 시간으로 바꾸기' }).click();
  await page.waitForFunction(() => document.querySelector('select')?.value === 'America/New_York');
  await pick(page, '지난 날만 세기');
  await other.waitForFunction(() => document.querySelector('input[value=elapsed]')?.checked);
  assert.deepEqual([(await us()).timeZone, (await us()).dayCount], ['America/New_York', 'elapsed']);
  await Promise.all([page.done(), other.done()]);
});

test('a device is signed out from another; a new password signs the others out', async () => {
  const [here, lost, old] = [page, await phone(browser, homeUrl(server)), await phone(browser, homeUrl(server))];
  for (const device of [lost, old, here]) await signIn(device, ben);
  await here.open('/settings/devices');
  await here.getByText('지금 이 기기').waitFor();
  // The latest first: this one, then the two before it.
  await here.getByRole('button', { name: '로그아웃' }).first().click();
  await here.locator('dialog').getByRole('button', { name: '로그아웃' }).click();
  await here.getByText('로그아웃했어요').waitFor();
  await Promise.race([lost.locator('.welcome').waitFor(), old.locator('.welcome').waitFor()]);
  await here.open('/settings/password');
  here.allow(/status of 401/);
  await here.getByLabel('지금 비밀번호').fill('wrong-wrong');
  await here.getByLabel('새 비밀번호').fill('another-house-8');
  await here.getByRole('button', { name: '저장' }).click();
  await here.getByText('지금 비밀번호가 맞지 않아요').waitFor();
  await here.getByLabel('지금 비밀번호').fill(ben.password);
  await here.getByRole('button', { name: '저장' }).click();
  await here.getByText('비밀번호를 바꿨어요').waitFor();
  await Promise.all([lost.locator('.welcome').waitFor(), old.locator('.welcome').waitFor()]);
  await here.locator('nav.tabs').waitFor();
  await Promise.all([here, lost, old].map((device) => device.done()));
});

test('over plain HTTP it says once what HTTPS adds', async () => {
  await signIn(page, anna);
  await page.open('/settings');
  await page.getByText('집 안 연결(HTTP)').waitFor();
  await page.getByRole('button', { name: '닫기' }).click();
  await page.getByText('집 안 연결(HTTP)').waitFor({ state: 'detached' });
  await page.reload();
  await page.locator('.me__name').waitFor();
  assert.equal(await page.getByText('집 안 연결(HTTP)').count(), 0);
  await page.done();
});

test('axe finds nothing on any screen, by day and by night, on a phone and beside each other', async () => {
  for (const [make, colorScheme] of [[phone, 'light'], [phone, 'dark'], [desktop, 'light'], [desktop, 'dark']]) {
    const device = await make(browser, homeUrl(server), { colorScheme, reducedMotion: 'reduce' });
    for (const address of ['/', '/login', '/create', '/join']) {
      await device.open(address);
      await device.locator('h1').first().waitFor();
      assert.deepEqual(await complaints(device), [], `${address} ${colorScheme}`);
    }
    await signIn(device, anna);
    for (const section of SECTIONS) {
      await device.open(`/settings${section}`);
      await device.locator('main h1 >> visible=true').first().waitFor();
      await device.locator(':is(.row, .field, .choice, .install) >> visible=true').first().waitFor();
      assert.deepEqual(await complaints(device), [], `${section} ${colorScheme}`);
    }
    await device.open('/nowhere');
    await device.locator('.empty__title', { hasText: '여기엔 아무것도 없어요' }).waitFor();
    assert.deepEqual(await complaints(device), []);
    await device.done();
    await device.context().close();
  }
});

test('letters twice as large break nothing', async () => {
  // The last one is hers.
  for (const locale of ['en-US', 'ko-KR']) {
    await fetch(`${server.api}/users/me`, { method: 'PATCH', headers: { Authorization: `Bearer ${anna.accessToken}`, 'Content-Type': 'application/json' }, body: JSON.stringify({ locale: locale.slice(0, 2) }) });
    const large = await phone(browser, homeUrl(server), { locale });
    await large.addInitScript(() => addEventListener('DOMContentLoaded', () => { document.documentElement.style.fontSize = '200%'; }));
    const check = async (address) => {
      const wide = await large.evaluate(() => [...document.querySelectorAll('main *')]
        .filter((element) => element.getBoundingClientRect().right > innerWidth + 1 && !element.closest('.unseen') && getComputedStyle(element).position !== 'absolute')
        .map((element) => element.className).slice(0, 3));
      assert.deepEqual(wide, [], address);
    };
    for (const address of ['/', '/login', '/create']) { await large.open(address); await large.locator('h1').first().waitFor(); await check(address); }
    await signIn(large, anna);
    const lines = await large.locator('.tabs__tab').evaluateAll((tabs) => tabs.map((tab) => {
      const word = document.createRange();
      word.selectNodeContents([...tab.childNodes].find(({ nodeType }) => nodeType === Node.TEXT_NODE));
      const [first, ...more] = word.getClientRects();
      return more.length === 0 && first.left >= tab.getBoundingClientRect().left && first.right <= tab.getBoundingClientRect().right;
    }));
    assert.deepEqual(lines, [true, true, true, true], 'each word whole, in its tab');
    for (const section of SECTIONS) {
      await large.open(`/settings${section}`);
      await large.locator(':is(.row, .field, .choice, .install) >> visible=true').first().waitFor();
      await check(section);
      await large.shot(`test-large-${locale.slice(0, 2)}${section.replace('/', '-')}`);
    }
    await large.done();
    await large.context().close();
  }
});

test('the keyboard gets everywhere, stays inside a dialog, and comes back where it was', async () => {
  const desk = await desktop(browser, homeUrl(server));
  await signIn(desk, anna);
  await desk.open('/settings');
  await desk.locator('.me__name').waitFor();
  const focused = () => desk.evaluate(() => document.activeElement?.textContent?.trim());
  const logout = desk.getByRole('button', { name: '로그아웃' });
  for (let i = 0; i < 40 && await focused() !== '로그아웃'; i += 1) await desk.keyboard.press('Tab');
  assert.equal(await focused(), '로그아웃');
  await desk.keyboard.press('Enter');
  await desk.locator('dialog[open]').waitFor();
  for (let i = 0; i < 6; i += 1) {
    await desk.keyboard.press('Tab');
    assert.ok(await desk.evaluate(() => document.activeElement === document.body || document.activeElement?.closest('dialog')), 'the focus stays in the dialog');
  }
  await desk.keyboard.press('Escape');
  await desk.locator('dialog').waitFor({ state: 'detached' });
  assert.equal(await focused(), '로그아웃');
  assert.match(desk.url(), /\/settings$/);

  // A step back closes a dialog, not the page.
  await logout.click();
  await desk.locator('dialog[open]').waitFor();
  await desk.goBack();
  await desk.locator('dialog').waitFor({ state: 'detached' });
  assert.match(desk.url(), /\/settings$/);
  await desk.getByRole('link', { name: /로그인된 기기/ }).click();
  await desk.getByRole('heading', { name: '로그인된 기기' }).waitFor();
  await desk.goBack();
  await desk.waitForURL('**/settings');
  await desk.done();
});

test('devices that could not be asked for are asked for again: by hand, and by itself once there is a line', async () => {
  const [person] = await coupleOf(server);
  const page = await phone(browser, server.url);
  page.allow(/ERR_INTERNET_DISCONNECTED|ERR_FAILED|Failed to load resource|WebSocket|503/);
  const isLive = new Promise((resolve) => {
    page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => { if (String(payload).startsWith('40/rooms')) resolve(); }));
  });
  await signIn(page, person);
  await isLive;
  await page.locator('nav.tabs a[href="/settings"]').click();
  await page.locator('.me__name').waitFor();
  // The line is there, the answer is not.
  await page.route('**/users/me/sessions', (route) => route.fulfill({ status: 503, body: '' }), { times: 1 });
  await page.locator('a[href="/settings/devices"]').click();
  await page.getByRole('button', { name: '다시 해 보기' }).click();
  await page.locator('.page--section .row').first().waitFor();
  await page.goBack();
  await page.locator('.me__name').waitFor();
  await page.context().setOffline(true);
  await page.getByText('연결이 끊겼어요').waitFor();
  await page.locator('a[href="/settings/devices"]').click();
  await page.getByRole('button', { name: '다시 해 보기' }).waitFor();
  assert.equal(await page.locator('.page--section .skeleton').count(), 0);
  await page.context().setOffline(false);
  await page.locator('.page--section .row').first().waitFor({ timeout: 20_000 });
  assert.equal(await page.getByRole('button', { name: '다시 해 보기' }).count(), 0);
  await page.done();
  await page.context().close();
});

test('inside of another app on Android the way to the home screen leads through a browser, in both languages', async () => {
  const agent = (tail) => `Mozilla/5.0 (Linux; Android 14; SM-S921N Build/UP1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0.0.0 Mobile Safari/537.36${tail}`;
  for (const [userAgent, step] of [
    [agent(';KAKAOTALK 2410680'), { ko: '‘다른 브라우저로 열기’를 골라요.', en: 'Choose “Open in another browser”.' }],
    [agent(' NAVER(inapp; search; 2000; 12.9.1)'), { ko: '‘다른 브라우저로 열기’를 골라요.', en: 'Choose “Open in another browser”.' }],
    [agent(''), { ko: '‘홈 화면에 추가’ 또는 ‘앱 설치’를 골라요.', en: 'Choose “Add to Home screen” or “Install app”.' }],
  ]) {
    const [person] = await coupleOf(server);
    const page = await phone(browser, server.url, { userAgent });
    await signIn(page, person);
    await page.open('/settings/install');
    await page.getByText(step.ko).waitFor();
    await page.open('/settings/look');
    await pick(page, 'English');
    await page.getByRole('heading', { name: 'Look and language' }).waitFor();
    await page.open('/settings/install');
    await page.getByText(step.en).waitFor();
    await page.done();
    await page.context().close();
  }
});
