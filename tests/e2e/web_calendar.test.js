'use strict';
// The calendar in a browser: two phones of a couple against the real executable, and one wide window.
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { launch, phone, desktop, coupleOf, complaints } = require('./browser.js');

let server, browser;

before(async () => { server = await Server.start(); browser = await launch(); });
after(async () => { await browser.close(); await server.stop(); });

/** Signs in on the way to an address. */
async function enter(page, { loginId, password }, address = '/calendar') {
  await page.open(address);
  await page.locator('a[href="/login"]').click();
  await page.locator('[name=username]').fill(loginId);
  await page.locator('[name=password]').fill(password);
  await page.locator('.form .button').click();
  await page.locator('.day-list, .page--calendar').first().waitFor();
  return page;
}

async function call(person, method, address, body) {
  const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${person.accessToken}` };
  const response = await fetch(server.api + address, { method, headers, body: body && JSON.stringify(body) });
  const answer = await response.json();
  assert.ok(response.ok, JSON.stringify(answer));
  return answer.data;
}

/** Both phones of a new couple, on one day of the calendar. */
async function bothOn(address, options = [{}, {}]) {
  const people = await coupleOf(server);
  const phones = [];
  for (const [at, person] of people.entries()) phones.push(await enter(await phone(browser, server.url, options[at]), person, address));
  return { people, phones };
}

const done = (...pages) => Promise.all(pages.map((page) => page.done().finally(() => page.context().close())));
const card = (page, title) => page.locator('.schedule', { has: page.getByText(title, { exact: true }) });
const dayButton = (page, date) => page.locator(`.month__panel--shown [data-day="${date}"]`);
const listed = (page) => page.locator('.schedule__title').allTextContents();
const box = (page, title) => page.getByRole('checkbox', { name: `${title} 다 했어요` });
const title = (page) => page.locator('.calendar__brief');

/** Writes one through the sheet. */
async function write(page, { title, time, isAllDay, color, memo }) {
  await page.getByRole('button', { name: '일정 적기' }).click();
  if (isAllDay) await page.getByRole('button', { name: '종일' }).click();
  if (time) await page.getByLabel('시간').fill(time);
  if (color) await page.getByRole('radio', { name: color }).check({ force: true });
  await page.getByLabel('제목').fill(title);
  if (memo) await page.getByLabel('메모').fill(memo);
  await page.getByRole('button', { name: '저장' }).click();
  await page.locator('dialog').waitFor({ state: 'detached' });
}

/** Pulls a finger across the month. */
async function swipe(page, fromX, toX) {
  const client = await page.context().newCDPSession(page);
  const y = 250;
  await client.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: fromX, y }] });
  for (let step = 1; step <= 8; step += 1) await client.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: [{ x: fromX + ((toX - fromX) * step) / 8, y: y + step }] });
  await client.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await client.detach();
}

test('what one writes, ticks, changes and takes away is on the other phone at once', async () => {
  const { people: [mom], phones: [hers, his] } = await bothOn('/calendar/2026-12-05');
  await his.getByText('첫 일정을 함께 적어 볼까요?').waitFor();

  // It shines for three seconds only: noticed in the page itself.
  await his.evaluate(() => {
    globalThis.shone = new Promise((resolve) => {
      new MutationObserver(() => { if (document.querySelector('.schedule--fresh')) resolve(true); }).observe(document.body, { subtree: true, childList: true, attributes: true });
    });
  });
  await write(hers, { title: '소아과', time: '10:30', color: '빨강', memo: '아기수첩' });
  const seen = card(his, '소아과');
  await seen.waitFor();
  assert.match(await seen.getAttribute('class'), /pastel--red/);
  assert.match(await seen.innerText(), /오전 10:30[\s\S]*소아과\n아기수첩/);
  assert.equal(await seen.locator('.avatar--mom').count(), 1);
  assert.equal(await his.evaluate(() => globalThis.shone), true);
  await his.getByText('새 일정: 12월 5일 (토) 소아과').waitFor({ state: 'attached' });
  assert.equal(await hers.locator('.schedule--fresh').count(), 0, 'what is mine is no news');
  assert.equal(await dayButton(his, '2026-12-05').locator('.month-day__faces').innerText(), '🙋🏻‍♀️');
  await his.locator('.schedule--fresh').waitFor({ state: 'detached' });

  await box(his, '소아과').check({ force: true });
  await hers.locator('.schedule--done').waitFor();
  assert.equal(await box(hers, '소아과').isChecked(), true);
  await box(hers, '소아과').uncheck({ force: true });
  await his.locator('.schedule--done').waitFor({ state: 'detached' });

  await card(his, '소아과').locator('.schedule__body').click();
  await his.getByRole('button', { name: '종일' }).click();
  await his.getByLabel('제목').fill('소아과 예약');
  await his.getByLabel('날짜').fill('2026-12-06');
  await his.getByRole('button', { name: '저장' }).click();
  await card(his, '소아과 예약').waitFor();
  assert.match(his.url(), /\/calendar\/2026-12-06$/);
  await card(hers, '소아과').waitFor({ state: 'detached' });
  await dayButton(hers, '2026-12-06').click();
  assert.match(await card(hers, '소아과 예약').innerText(), /종일/);
  const [day] = await call(mom, 'GET', '/schedules?yearMonth=2026-12');
  assert.deepEqual([day.date, day.schedules[0].allDay, day.schedules[0].description], ['2026-12-06', true, '아기수첩']);

  // The way back is open for seconds alone: taken at once, it reaches the server when he has seen it gone.
  await hers.route('**/restore', async (route) => { await card(his, '소아과 예약').waitFor({ state: 'detached' }); await route.continue(); });
  await card(hers, '소아과 예약').locator('.schedule__body').click();
  await hers.getByRole('button', { name: '지우기' }).click();
  await Promise.all([hers.waitForResponse('**/restore'), hers.getByRole('button', { name: '되돌리기' }).click()]);
  await Promise.all([hers, his].map((page) => card(page, '소아과 예약').waitFor()));
  await done(hers, his);
});

test('a day lists what lasts all day first, then by time, and who wrote on it stands in the month', async () => {
  const { people, phones: [hers, his] } = await bothOn('/calendar/2026-12-05');
  for (const [at, [name, date]] of [['저녁', '2026-12-05T18:00'], ['아침', '2026-12-05T08:00'], ['가족사진', '2026-12-05']].entries()) await call(people[at % 2], 'POST', '/schedules', { title: name, date });
  for (const page of [hers, his]) {
    await page.locator('.schedule').nth(2).waitFor();
    assert.deepEqual(await listed(page), ['가족사진', '아침', '저녁']);
    assert.equal((await dayButton(page, '2026-12-05').locator('.month-day__faces').innerText()).replaceAll('\n', ''), '🙋🏻‍♀️🙋🏻‍♂️');
  }
  assert.match(await dayButton(hers, '2026-12-05').innerText(), /12월 5일 \(토\), 일정 3개/);
  await done(hers, his);
});

test('months follow buttons, a finger and arrow keys, and stay in the address', async () => {
  const [mom] = await coupleOf(server);
  const page = await enter(await phone(browser, server.url), mom, '/calendar/2026-12-31');
  await page.getByRole('button', { name: '다음 달' }).click();
  assert.equal(await title(page).innerText(), '2027년 1월');
  await page.waitForURL(/\/calendar\/2027-01$/);
  await page.reload();
  await title(page).getByText('2027년 1월').waitFor();

  const settled = () => page.waitForFunction(() => { const track = document.querySelector('.month__track'); return track && !track.style.transform && track.getAnimations().length === 0; });
  await settled();
  await swipe(page, 320, 60);
  await title(page).getByText('2027년 2월').waitFor();
  await settled();
  await swipe(page, 60, 320);
  await title(page).getByText('2027년 1월').waitFor();
  await settled();
  await swipe(page, 200, 225);
  await settled();
  assert.equal(await title(page).innerText(), '2027년 1월', 'a little pull goes back');

  await dayButton(page, '2027-01-31').click();
  await page.keyboard.press('ArrowRight');
  await page.waitForURL(/2027-02-01$/);
  assert.equal(await page.evaluate(() => document.activeElement.dataset.day), '2027-02-01');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('PageUp');
  await page.keyboard.press('Home');
  await page.waitForURL(/2026-12-20$/);
  assert.equal(await page.evaluate(() => document.activeElement.dataset.day), '2026-12-20');
  assert.equal(await page.locator('.month__panel--shown [aria-selected="true"]').count(), 1);

  await page.getByRole('button', { name: '오늘', exact: true }).click();
  await page.waitForURL(/\/calendar$/);
  assert.equal(await page.locator('.month__panel--shown [aria-current="date"]').count(), 1);
  await done(page);
});

test('the calendar ends where the server\'s days end', async () => {
  const [mom] = await coupleOf(server);
  const page = await enter(await phone(browser, server.url), mom, '/calendar/2200-12-31');
  await page.getByRole('button', { name: '다음 달' }).click();
  await dayButton(page, '2200-12-31').focus();
  await page.keyboard.press('ArrowRight');
  assert.equal(await title(page).innerText(), '2200년 12월');
  await page.getByRole('button', { name: '지난달' }).click();
  await title(page).getByText('2200년 11월').waitFor();
  await done(page);
});

test('days and times are the couple\'s, wherever the phones are', async () => {
  const { people: [mom], phones: [hers, his] } = await bothOn('/calendar/2025-03-09', [{ timezoneId: 'Asia/Seoul' }, { timezoneId: 'Australia/Lord_Howe' }]);
  await call(mom, 'PATCH', '/couples/me', { timeZone: 'America/New_York' });
  await call(mom, 'POST', '/schedules', { title: '점심', date: '2025-03-09T12:00' });
  for (const page of [hers, his]) await card(page, '점심').getByText('오후 12:00').waitFor();
  // Half past two does not exist there on this day.
  await write(hers, { title: '비행기', time: '02:30' });
  await write(hers, { title: '마중', time: '23:15' });
  await card(his, '마중').waitFor();
  for (const page of [hers, his]) {
    assert.match(await card(page, '비행기').innerText(), /오전 3:30/);
    assert.match(await card(page, '마중').innerText(), /오후 11:15/);
  }
  const [day] = await call(mom, 'GET', '/schedules?yearMonth=2025-03');
  assert.deepEqual([day.date, ...day.schedules.map(({ time }) => time)], ['2025-03-09', '03:30', '12:00', '23:15']);
  assert.equal((await call(mom, 'GET', `/schedules/${day.schedules[2].scheduleId}`)).date, '2025-03-10T03:15:00.000Z');
  await call(mom, 'PATCH', '/couples/me', { timeZone: 'Asia/Seoul' });
  for (const page of [hers, his]) {
    await card(page, '비행기').getByText('오후 4:30').waitFor();
    await card(page, '마중').waitFor({ state: 'detached' });
  }
  await done(hers, his);
});

test('today moves on at midnight while the app is open', async () => {
  const [mom] = await coupleOf(server);
  const page = await phone(browser, server.url);
  await page.clock.install({ time: new Date('2026-11-21T14:59:00Z') });
  await enter(page, mom);
  assert.equal(await page.locator('.month__panel--shown [aria-current="date"]').getAttribute('data-day'), '2026-11-21');
  await page.clock.runFor(61_000);
  await page.locator('.month__panel--shown [aria-current="date"][data-day="2026-11-22"]').waitFor();
  assert.equal(await page.locator('.day-list__title').innerText(), '11월 22일 (일)');
  await done(page);
});

test('public holidays are red and named', async () => {
  const [mom] = await coupleOf(server);
  const page = await enter(await phone(browser, server.url), mom, '/calendar/2026-10-05');
  await page.getByText('대체공휴일(개천절)').last().waitFor();
  const colour = (date) => dayButton(page, date).locator('.month-day__number').evaluate((element) => getComputedStyle(element).color);
  const [substitute, sunday, saturday, weekday, hangeul] = await Promise.all(['2026-10-05', '2026-10-04', '2026-10-10', '2026-10-06', '2026-10-09'].map(colour));
  assert.equal(substitute, sunday);
  assert.equal(hangeul, sunday);
  assert.equal(new Set([sunday, saturday, weekday]).size, 3);
  await done(page);
});

test('the next 30 days stand in one list, that stays live', async () => {
  const people = await coupleOf(server);
  const page = await enter(await phone(browser, server.url), people[0]);
  await page.getByRole('link', { name: '다음 30일' }).click();
  await page.getByText('한 달 동안 아무 일정도 없어요').waitFor();
  const plusDays = (count) => new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Seoul' }).format(Date.now() + count * 86_400_000);
  for (const [name, count] of [['먼 날', 40], ['다음 주', 7], ['모레', 2]]) await call(people[1], 'POST', '/schedules', { title: name, date: plusDays(count) });
  await card(page, '모레').waitFor();
  assert.deepEqual(await listed(page), ['모레', '다음 주']);
  await page.getByRole('button', { name: '뒤로' }).click();
  await page.waitForURL(/\/calendar$/);
  await done(page);
});

test('without a network what was seen is there, and a word that cannot be sent stays in the sheet', async () => {
  const [mom] = await coupleOf(server);
  await call(mom, 'POST', '/schedules', { title: '소아과', date: '2026-12-05T10:30' });
  const page = await enter(await phone(browser, server.url), mom, '/calendar/2026-12-05');
  page.allow(/ERR_INTERNET_DISCONNECTED|ERR_FAILED/);
  await card(page, '소아과').waitFor();
  await page.context().setOffline(true);
  await box(page, '소아과').click({ force: true });
  await page.locator('.toast').getByText('집에 닿지 않아요', { exact: false }).waitFor();
  assert.equal(await box(page, '소아과').isChecked(), false, 'not done, so not shown as done');

  await page.getByRole('button', { name: '일정 적기' }).click();
  await page.getByLabel('제목').fill('잊으면 안 되는 것');
  await page.getByRole('button', { name: '저장' }).click();
  await page.getByRole('alert').getByText('집에 닿지 않아요', { exact: false }).waitFor();
  assert.equal(await page.getByLabel('제목').inputValue(), '잊으면 안 되는 것');
  await page.context().setOffline(false);
  await page.getByRole('button', { name: '저장' }).click();
  await card(page, '잊으면 안 되는 것').waitFor();

  // The server is away: what this phone remembers is shown.
  await page.route('**/api/v1/schedules**', (route) => route.abort());
  await page.reload();
  await card(page, '소아과').waitFor();
  assert.equal((await call(mom, 'GET', '/schedules?yearMonth=2026-12'))[0].schedules.length, 2, 'tried again, written once');
  await done(page);
});

test('sent twice because the answer was lost, it stands there once', async () => {
  const [mom] = await coupleOf(server);
  const page = await enter(await phone(browser, server.url), mom, '/calendar/2026-12-05');
  page.allow(/ERR_FAILED/);
  await page.route('**/api/v1/schedules', async (route) => { await route.fetch(); await route.abort(); }, { times: 1 });
  await page.getByRole('button', { name: '일정 적기' }).click();
  await page.getByLabel('제목').fill('산책');
  await page.getByRole('button', { name: '저장' }).click();
  await page.getByRole('alert').waitFor();
  await page.getByRole('button', { name: '저장' }).click();
  await page.locator('dialog').waitFor({ state: 'detached' });
  assert.deepEqual(await listed(page), ['산책']);
  assert.equal((await call(mom, 'GET', '/schedules?yearMonth=2026-12'))[0].schedules.length, 1);
  await done(page);
});

test('a title is asked for, and a long one is cut between characters', async () => {
  const [mom] = await coupleOf(server);
  const page = await enter(await phone(browser, server.url), mom, '/calendar/2026-12-05');
  await page.getByRole('button', { name: '일정 적기' }).click();
  await page.getByRole('button', { name: '저장' }).click();
  await page.getByText('제목을 적어 주세요.').waitFor();
  await page.getByLabel('제목').fill('👶'.repeat(200));
  assert.equal(await page.getByLabel('제목').inputValue(), '👶'.repeat(191));
  await page.getByRole('button', { name: '저장' }).click();
  await page.locator('.schedule').waitFor();
  await done(page);
});

test('nothing is in the way of who uses a screen reader, a keyboard or large text', async () => {
  const people = await coupleOf(server);
  for (const [title, color] of [['병원', 'RED'], ['산책', 'YELLOW'], ['장보기', 'BLUE']]) await call(people[1], 'POST', '/schedules', { title, description: '메모', date: '2026-10-05T10:00', color });
  const { scheduleId } = await call(people[0], 'POST', '/schedules', { title: '다 한 일', date: '2026-10-05', color: 'GREEN' });
  await call(people[0], 'PATCH', `/schedules/${scheduleId}`, { isCompleted: true });
  for (const [make, colorScheme] of [[phone, 'light'], [phone, 'dark'], [desktop, 'light'], [desktop, 'dark']]) {
    const page = await enter(await make(browser, server.url, { colorScheme, reducedMotion: 'reduce' }), people[0], '/calendar/2026-10-05');
    await page.locator('.schedule').nth(3).waitFor();
    assert.deepEqual(await complaints(page), [], `month ${colorScheme}`);
    await card(page, '병원').locator('.schedule__body').focus();
    await page.keyboard.press('Enter');
    await page.locator('.schedule-form').waitFor();
    assert.deepEqual(await complaints(page), [], `sheet ${colorScheme}`);
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    assert.match(await page.evaluate(() => document.activeElement.className), /schedule__body/, 'the focus comes back');
    await page.evaluate(() => { document.documentElement.style.fontSize = '200%'; });
    assert.equal(await page.evaluate(() => document.querySelector('.calendar').scrollWidth <= document.querySelector('.calendar').clientWidth), true, 'nothing sticks out');
    await done(page);
  }
});
