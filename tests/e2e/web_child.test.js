'use strict';
// The children in a browser: before birth and after it, on two phones of a couple against the real executable.
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { launch, phone, desktop, coupleOf, complaints } = require('./browser.js');

let server, browser;
const DAY_MS = 86_400_000;

before(async () => { server = await Server.start(); browser = await launch(); });
after(async () => { await browser.close(); await server.stop(); });

/** Signs in on the way to the children. */
async function enter(page, { loginId, password }) {
  await page.open('/child');
  await page.locator('a[href="/login"]').click();
  await page.locator('[name=username]').fill(loginId);
  await page.locator('[name=password]').fill(password);
  await page.locator('.form .button').click();
  await page.locator('.child, .page--children .empty').first().waitFor();
  return page;
}

async function call(person, method, address, body) {
  const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${person.accessToken}` };
  const response = await fetch(server.api + address, { method, headers, body: body && JSON.stringify(body) });
  const answer = await response.json();
  assert.ok(response.ok, JSON.stringify(answer));
  return answer.data;
}

async function both() {
  const people = await coupleOf(server);
  await call(people[0], 'PATCH', '/couples/me', { dayCount: 'birthday-is-one' });
  const phones = [];
  for (const person of people) phones.push(await enter(await phone(browser, server.url), person));
  return { people, phones };
}

const done = (...pages) => Promise.all(pages.map((page) => page.done().finally(() => page.context().close())));
const seoul = (at) => new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Seoul' }).format(at);
/** A day in Seoul, so many days from today. */
const daysOn = (count) => seoul(Date.now() + count * DAY_MS);
const ring = (page) => page.locator('.child-ring__middle').first();
const save = (page) => page.getByRole('button', { name: '저장' }).click();

/** Once more where midnight came in between. */
async function onOneDay(act) {
  const before = daysOn(0);
  try { await act(); } catch (error) {
    if (daysOn(0) === before) throw error;
    await act();
  }
}

test('a child to come is introduced on one phone, counted on both, and born', () => onOneDay(async () => {
  const { people: [mom], phones: [hers, his] } = await both();
  await hers.getByText('아이를 소개해 주세요').waitFor();
  await hers.getByRole('button', { name: '아이 적기' }).click();
  await save(hers);
  await hers.getByText('예정일을 골라 주세요.').waitFor();
  await hers.getByLabel('태명').fill('밤비');
  await hers.getByLabel('예정일').fill(daysOn(109));
  await save(hers);
  for (const page of [hers, his]) {
    await page.getByRole('heading', { name: '밤비' }).waitFor();
    assert.match(await ring(page).innerText(), /D-109\s+24주 3일/);
    assert.match(await page.locator('.milestone').first().innerText(), /28주[\s\S]*D-25/);
  }
  await his.getByText('밤비 소개가 올라왔어요').waitFor({ state: 'attached' });

  // The doctor moves it by a week; what it was before stays to be seen.
  await his.getByRole('button', { name: '밤비 고치기' }).click();
  await his.getByLabel('예정일').fill(daysOn(102));
  await save(his);
  for (const page of [hers, his]) {
    await ring(page).getByText('D-102').waitFor();
    await page.getByText('전에 적은 예정일 1개').click();
    assert.equal(await page.locator('.fold__list li').count(), 1);
  }

  await hers.getByRole('button', { name: '태어났어요' }).click();
  await hers.getByLabel('태어난 날').fill(daysOn(-99));
  await hers.getByLabel('이름').fill('하나');
  await hers.getByText('여자아이').click();
  await save(hers);
  for (const page of [hers, his]) {
    await page.getByRole('heading', { name: '하나' }).waitFor();
    assert.equal(await page.locator('.child__about').innerText(), '여자아이 · 태명 밤비');
    assert.match(await ring(page).innerText(), /생후\s+100일째/);
    assert.match(await page.locator('.milestone--today').innerText(), /백일[\s\S]*D-Day/);
    assert.match(await page.locator('.child__next').innerText(), /^첫돌까지 D-\d+$/);
  }
  await his.getByText('하나, 태어났어요!').waitFor({ state: 'attached' });
  const [child] = await call(mom, 'GET', '/children');
  assert.deepEqual([child.status, child.fetalName, child.dueDate, child.birthDate, child.daysOld], ['BORN', '밤비', daysOn(102), daysOn(-99), 100]);
  await done(hers, his);
}));

test('a child that was deleted is brought back', async () => {
  const { phones: [hers, his], people: [mom] } = await both();
  await call(mom, 'POST', '/children', { status: 'FETAL', fetalName: '튼튼이', dueDate: daysOn(30) });
  for (const page of [hers, his]) await page.getByRole('heading', { name: '튼튼이' }).waitFor();
  // The way back is open for seconds alone: taken at once, it reaches the server when both have seen the child gone.
  await his.route('**/restore', async (route) => {
    for (const page of [hers, his]) await page.getByText('아이를 소개해 주세요').waitFor();
    await route.continue();
  });
  await his.getByRole('button', { name: '튼튼이 고치기' }).click();
  await his.getByRole('button', { name: '지우기' }).click();
  await Promise.all([his.waitForResponse('**/restore'), his.getByRole('button', { name: '되돌리기' }).click()]);
  for (const page of [hers, his]) await page.getByRole('heading', { name: '튼튼이' }).waitFor();
  await done(hers, his);
});

test('days are counted as the couple counts them, changed anywhere, at once', () => onOneDay(async () => {
  const { phones: [hers, his], people: [mom, dad] } = await both();
  await call(mom, 'POST', '/children', { status: 'BORN', name: '하나', birthDate: daysOn(-20) });
  for (const page of [hers, his]) {
    await ring(page).getByText('생후 21일째').waitFor();
    assert.match(await page.locator('.milestone').first().innerText(), /삼칠일[\s\S]*D-Day/);
  }
  await call(dad, 'PATCH', '/couples/me', { dayCount: 'elapsed' });
  for (const page of [hers, his]) {
    await ring(page).getByText('생후 20일', { exact: true }).waitFor();
    await page.locator('.milestone').first().getByText('D-1', { exact: true }).waitFor();
  }
  await done(hers, his);
}));

test('past its date and at its date a child is counted on, and midnight adds a day', async () => {
  const [mom] = await coupleOf(server);
  await call(mom, 'POST', '/children', { status: 'FETAL', fetalName: '밤비', dueDate: '2026-11-21' });
  const page = await phone(browser, server.url);
  await page.clock.install({ time: new Date('2026-11-21T14:59:00Z') });
  await enter(page, mom);
  assert.match(await ring(page).innerText(), /D-Day\s+40주 0일/);
  await page.clock.runFor(61_000);
  await ring(page).getByText('D+1').waitFor();
  assert.match(await ring(page).innerText(), /40주 1일/);
  await done(page);
});

test('a birth day that is yet to come is not taken, and what was typed stays', async () => {
  const [mom] = await coupleOf(server);
  await call(mom, 'POST', '/children', { status: 'FETAL', fetalName: '밤비', dueDate: daysOn(3) });
  const page = await enter(await phone(browser, server.url), mom);
  await page.getByRole('button', { name: '태어났어요' }).click();
  await page.getByLabel('이름').fill('하나');
  await page.getByLabel('태어난 날').fill(daysOn(5));
  await save(page);
  await page.getByText('아직 오지 않은 날이에요. 다시 골라 주세요.').waitFor();
  assert.equal(await page.getByLabel('이름').inputValue(), '하나');
  page.allow(/ERR_INTERNET_DISCONNECTED|ERR_FAILED/);
  await page.getByLabel('태어난 날').fill(daysOn(0));
  await page.context().setOffline(true);
  await save(page);
  await page.getByRole('alert').getByText('집에 닿지 않아요', { exact: false }).waitFor();
  await page.context().setOffline(false);
  await save(page);
  await page.getByRole('heading', { name: '하나' }).waitFor();
  // The server is away: what this phone remembers is shown.
  await page.route('**/api/v1/children**', (route) => route.abort());
  await page.reload();
  await page.getByRole('heading', { name: '하나' }).waitFor();
  await done(page);
});

test('nothing is in the way of who uses a screen reader, a keyboard or large text', async () => {
  const [mom] = await coupleOf(server);
  const { childId } = await call(mom, 'POST', '/children', { status: 'FETAL', fetalName: '밤비', dueDate: daysOn(109) });
  await call(mom, 'PATCH', `/children/${childId}`, { dueDate: daysOn(100) });
  await call(mom, 'POST', '/children', { status: 'BORN', name: '하나', fetalName: '튼튼이', gender: 'GIRL', birthDate: daysOn(-500) });
  for (const [make, colorScheme] of [[phone, 'light'], [phone, 'dark'], [desktop, 'light'], [desktop, 'dark']]) {
    const page = await enter(await make(browser, server.url, { colorScheme, reducedMotion: 'reduce' }), mom);
    await page.locator('.child').nth(1).waitFor();
    for (const fold of await page.locator('.fold__title').all()) await fold.click();
    assert.deepEqual(await complaints(page), [], `cards ${colorScheme}`);
    for (const name of ['밤비 고치기', '태어났어요']) {
      await page.getByRole('button', { name }).first().focus();
      await page.keyboard.press('Enter');
      await page.locator('.child-form').waitFor();
      assert.deepEqual(await complaints(page), [], `${name} ${colorScheme}`);
      await page.keyboard.press('Escape');
      await page.locator('dialog').waitFor({ state: 'detached' });
    }
    await page.evaluate(() => { document.documentElement.style.fontSize = '200%'; });
    assert.equal(await page.evaluate(() => document.querySelector('.page__scroll').scrollWidth <= document.querySelector('.page__scroll').clientWidth), true, 'nothing sticks out');
    await done(page);
  }
});
