'use strict';
// A sheet in which something was written or chosen asks before it closes; one that was only looked at does not.
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { complaints, coupleOf, launch, phone, signIn } = require('./browser.js');

let server, browser;

before(async () => { [server, browser] = await Promise.all([Server.start(), launch()]); });
after(async () => { await browser.close(); await server.stop(); });

const WAYS = {
  'a tap beside it': (page) => page.touchscreen.tap(195, 30),
  'a step back': (page) => page.goBack(),
  Escape: (page) => page.keyboard.press('Escape'),
};

const SHEETS = {
  'a plan': {
    path: '/calendar', sheet: '.schedule-form', asks: '저장하지 않고 닫을까요?', discard: '버리기',
    open: (page) => page.getByRole('button', { name: '일정 적기' }).click(),
    touch: (page) => page.getByLabel('메모').fill('밤 세 시에 한 손으로 적었다'),
    left: (page) => page.getByLabel('메모').inputValue(), whole: '밤 세 시에 한 손으로 적었다',
  },
  'a child': {
    path: '/child', sheet: '.child-form', asks: '저장하지 않고 닫을까요?', discard: '버리기',
    open: (page) => page.getByRole('button', { name: '아이 적기' }).click(),
    touch: (page) => page.getByLabel('태명').fill('밤비'),
    left: (page) => page.getByLabel('태명').inputValue(), whole: '밤비',
  },
  'what was picked': {
    path: '/chat', sheet: '.picked', asks: '보내지 않고 닫을까요?', discard: '닫기',
    open: (page) => page.locator('[data-pick=file]').setInputFiles(['가.pdf', '나.pdf'].map((name) => ({ name, mimeType: 'application/pdf', buffer: Buffer.from(`%PDF-1.7\n${' '.repeat(4_000)}\n%%EOF\n`) }))),
    touch: (page) => page.locator('.picked__item').nth(1).waitFor(),
    left: async (page) => (await page.locator('.picked__name').allTextContents()).join(' '), whole: '가.pdf 나.pdf',
  },
};

/** Signed in, on a page that is not the first of its way. */
async function enter(address, context = {}) {
  const [person] = await coupleOf(server);
  const page = await phone(browser, server.url, context);
  await signIn(page, person);
  await page.locator('.composer__text').waitFor();
  if (address !== '/chat') await page.locator(`nav.tabs a[href="${address}"]`).click();
  return page;
}

for (const [name, { path, sheet, asks, discard, open, touch, left, whole }] of Object.entries(SHEETS)) {
  test(`${name} is not lost by a tap, a step or a key`, async () => {
    const page = await enter(path);
    const question = page.locator('dialog', { has: page.getByRole('heading', { name: asks }) });
    for (const [way, go] of Object.entries(WAYS)) {
      await open(page);
      await page.locator(sheet).waitFor();
      if (name !== 'what was picked') {
        await go(page);
        await page.locator(sheet).waitFor({ state: 'detached' });
        assert.equal(await question.count(), 0, `${way}: nothing was touched`);
        await open(page);
      }
      await touch(page);
      // Kept by the button, and by whatever closes the question itself; as often as one likes.
      await go(page);
      await question.waitFor();
      if (way === 'Escape') assert.deepEqual(await complaints(page), []);
      await question.getByRole('button', { name: '취소' }).click();
      await question.waitFor({ state: 'detached' });
      assert.equal(await left(page), whole, way);
      await go(page);
      await question.waitFor();
      await go(page);
      await question.waitFor({ state: 'detached' });
      await page.locator(sheet).waitFor();
      assert.equal(await left(page), whole, way);
      await go(page);
      await question.getByRole('button', { name: discard }).click();
      await page.locator('dialog').first().waitFor({ state: 'detached' });
      assert.equal(new URL(page.url()).pathname, path);
    }
    // The steps back are those of before.
    await page.goBack();
    await page.waitForURL((url) => url.pathname !== path);
    await page.done();
    await page.context().close();
  });
}

test('what was saved or sent closes without a question, and so does what is as it was', async () => {
  const page = await enter('/calendar');
  await page.getByRole('button', { name: '일정 적기' }).click();
  await page.getByLabel('제목').fill('소아과');
  await page.getByRole('button', { name: '저장' }).click();
  await page.locator('dialog').waitFor({ state: 'detached' });
  await page.locator('.schedule__body').click();
  await page.getByLabel('제목').fill('소아과 예약');
  await page.getByLabel('제목').fill('소아과');
  await page.keyboard.press('Escape');
  await page.locator('dialog').waitFor({ state: 'detached' });
  await page.locator('nav.tabs a[href="/chat"]').click();
  await SHEETS['what was picked'].open(page);
  await page.getByRole('button', { name: '2개 보내기' }).click();
  await page.locator('dialog').waitFor({ state: 'detached' });
  await page.locator('.file').nth(1).waitFor();
  await page.done();
  await page.context().close();
});
