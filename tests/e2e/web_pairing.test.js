'use strict';
// Two phones become one couple: set-up with the code from the terminal, then by code, by link, by the mobile app.
// Served under a name over plain HTTP, as in most homes: no secure context.
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { Person } = require('./person.js');
const { complaints, homeUrl, launch, phone } = require('./browser.js');

let browser;

before(async () => { browser = await launch(); });
after(() => browser.close());

/** Fills in who one is. */
async function introduce(page, { nickname, role, loginId, password = 'bambi-house-7' }) {
  await page.locator('[name=nickname]').fill(nickname);
  if (role) await page.locator('.choice__option', { hasText: role }).click();
  await page.locator('[name=username]').fill(loginId);
  await page.locator('[name=password]').fill(password);
}
const submit = (page) => page.locator('.form .button[type=submit]').click();
const isTogether = (page, name) => page.getByText(`${name}님과 이어졌어요`).first().waitFor();
const clean = async (page, where) => assert.deepEqual(await complaints(page), [], where);

test('one creates the home with the set-up code, the other joins with the code, and both see it happen', async () => {
  const server = await Server.start({ strict: true });
  try {
    const anna = await phone(browser, homeUrl(server));
    const ben = await phone(browser, homeUrl(server));
    assert.equal(await anna.goto(homeUrl(server)).then(() => anna.evaluate(() => isSecureContext)), false);

    await anna.getByRole('link', { name: '새로 시작하기' }).waitFor();
    await clean(anna, 'welcome');
    await anna.getByRole('link', { name: '새로 시작하기' }).click();
    await anna.getByLabel('설정 코드').fill('wrong-wrong-wrong-wrong');
    await introduce(anna, { nickname: '지은이', role: '엄마', loginId: 'jieun' });
    await clean(anna, 'create');
    anna.allow(/status of 403/);
    await submit(anna);
    await anna.getByText('설정 코드가 맞지 않아요').waitFor();
    assert.equal(await anna.evaluate(() => document.activeElement?.getAttribute('name')), 'setup-code', 'the focus is where the fault is');
    await anna.getByLabel('설정 코드').fill(server.setupCode());
    await submit(anna);

    await anna.waitForURL('**/pair');
    await anna.locator('.invite__code').waitFor();
    await anna.locator('.invite__qr').waitFor();
    assert.match(await anna.locator('.invite__left').textContent(), /1[45]:\d\d/);
    await clean(anna, 'pair');
    await anna.shot('test-pair');
    const code = await anna.locator('.invite__code').textContent();
    assert.match(code, /^[A-Z0-9]{6}$/);
    await anna.getByRole('button', { name: '링크 복사' }).click();
    await anna.getByText('복사했어요').waitFor();

    await ben.open('/');
    await ben.getByRole('link', { name: '초대를 받았어요' }).click();
    ben.allow(/status of 400/);
    await ben.getByLabel('초대 코드').fill('AAAAAA');
    await submit(ben);
    await ben.getByText('코드가 맞지 않거나').waitFor();
    await ben.getByLabel('초대 코드').fill(code.toLowerCase());
    await submit(ben);
    await ben.getByText('지은이님이 초대했어요').waitFor();
    await clean(ben, 'invited');
    await introduce(ben, { nickname: '민준이', loginId: 'minjun' });
    assert.ok(await ben.getByLabel('아빠').isChecked(), 'the other part is suggested');
    await submit(ben);

    await Promise.all([isTogether(anna, '민준이'), isTogether(ben, '지은이')]);
    await clean(ben, 'together');
    await ben.shot('test-together');
    await ben.getByRole('link', { name: '첫 인사 보내기' }).click();
    await ben.waitForURL('**/chat');
    await ben.locator('nav.tabs').waitFor();
    await Promise.all([anna.done(), ben.done()]);
  } finally {
    await server.stop();
  }
});

test('by link: who has an account says yes, and the inviter hears of it wherever they are', async () => {
  const server = await Server.start();
  try {
    const base = homeUrl(server);
    const anna = await phone(browser, base);
    const ben = await phone(browser, base);
    for (const [page, nickname, role, loginId] of [[anna, '지은이', 'MOM', 'jieun'], [ben, '민준이', 'DAD', 'minjun']]) {
      const body = JSON.stringify({ loginId, password: 'bambi-house-7', nickname, role, locale: 'ko', timeZone: 'Asia/Seoul' });
      await fetch(`${server.api}/auth/password/signup`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
      await page.open(page === ben ? '/' : '/login');
    }
    await introduceLogin(anna, 'jieun');
    await anna.open('/pair');
    const code = await anna.locator('.invite__code').textContent();
    await anna.getByRole('link', { name: '나중에 할게요' }).click();
    await anna.waitForURL('**/chat');

    await ben.open(`/join/${code}`);
    await ben.getByText('지은이님이 초대했어요').waitFor();
    await ben.getByRole('link', { name: '이미 계정이 있어요' }).click();
    await introduceLogin(ben, 'minjun');
    await ben.waitForURL(`**/join/${code}`);
    // It stands for seconds alone.
    const seeing = anna.locator('.toast', { hasText: '민준이님과 이어졌어요' }).getByRole('button', { name: '보기' }).click();
    await ben.getByRole('button', { name: '지은이님과 함께하기' }).click();
    await Promise.all([isTogether(ben, '지은이'), seeing]);
    await anna.waitForURL('**/pair');
    await isTogether(anna, '민준이');

    // The code is used up, and a couple is full.
    ben.allow(/status of 400/);
    await ben.open(`/join/${code}`);
    await ben.getByText('코드가 맞지 않거나').waitFor();
    await Promise.all([anna.done(), ben.done()]);
  } finally {
    await server.stop();
  }
});

async function introduceLogin(page, loginId) {
  await page.locator('[name=username]').fill(loginId);
  await page.locator('[name=password]').fill('bambi-house-7');
  await submit(page);
  await page.locator('.form').waitFor({ state: 'detached' });
}

test('who signed up in the mobile app while the code was alive appears, and is claimed', async () => {
  const server = await Server.start({ strict: true });
  try {
    const anna = await phone(browser, homeUrl(server));
    await anna.open('/create');
    await anna.getByLabel('설정 코드').fill(server.setupCode());
    await introduce(anna, { nickname: '지은이', role: '엄마', loginId: 'jieun' });
    await submit(anna);
    await anna.locator('.invite__code').waitFor();
    await Person.signUp(server, '민준이', 'DAD');
    await anna.getByText('모바일 앱에서 방금 가입했어요').waitFor();
    await clean(anna, 'candidate');
    await anna.shot('test-candidate');
    await anna.getByRole('button', { name: '내 짝이에요' }).click();
    await anna.getByRole('button', { name: '이을게요' }).click();
    await isTogether(anna, '민준이');
    await anna.done();
  } finally {
    await server.stop();
  }
});
