'use strict';
// What is done with messages in the browser, on two phones: answered, edited, deleted, reacted to, made a plan; each sees what the other does.
const { test, before, after, beforeEach, afterEach } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { Person } = require('./person.js');
const { complaints, coupleOf, desktop, launch, phone, signIn } = require('./browser.js');
const { until } = require('./kit.js');

const SLOW_MS = 20_000;
let browser, server, people, annas, bens;

before(async () => { [browser, server] = await Promise.all([launch(), Server.start()]); });
after(async () => { await browser.close(); await server.stop(); });
beforeEach(async () => {
  people = await coupleOf(server);
  [annas, bens] = await Promise.all(people.map((person) => enter(person)));
});
afterEach(() => Promise.all([annas, bens].map((page) => page.context().close())));

async function enter(person, kind = phone) {
  const page = await kind(browser, server.url);
  await signIn(page, person);
  await page.locator('.composer__text').waitFor();
  return page;
}
const write = async (page, text) => {
  await page.locator('.composer__text').fill(text);
  await page.locator('.composer__send button').click();
  await bubble(page, text).waitFor({ timeout: SLOW_MS });
};
const row = (page, text) => page.locator('.message', { hasText: text }).last();
const bubble = (page, text) => page.locator('.bubble__text', { hasText: text }).last();
const isSent = (page) => until(async () => await page.locator('.message--waiting, .message--failed').count() === 0, SLOW_MS, 'everything being sent');
/** Both have it, with its number. */
async function say(page, text) {
  await write(page, text);
  await isSent(page);
  await Promise.all([annas, bens].map((one) => bubble(one, text).waitFor({ timeout: SLOW_MS })));
}
/** Opens a message's menu as a screen reader or a keyboard would. */
const menuOf = async (page, text) => {
  await row(page, text).locator('.message__menu button').dispatchEvent('click');
  await page.locator('dialog[open] .actions').waitFor();
};
const labels = (page) => page.locator('dialog[open] .actions__act').allInnerTexts();
const act = (page, label) => page.locator('dialog[open] .actions__act', { hasText: label }).click();
const agree = (page) => page.locator('dialog[open] .dialog__actions button').last().click();
const as = ({ accessToken, userId }) => new Person(server, { accessToken, userId });
const done = () => Promise.all([annas.done(), bens.done()]);

test('an answer shows what it answers to, on both phones, and leads there', async () => {
  await say(annas, '저녁 뭐 먹을까?');
  for (let at = 0; at < 30; at += 1) await write(annas, `사이 ${at}`);
  await isSent(annas);
  await bubble(bens, '사이 29').waitFor({ timeout: SLOW_MS });
  await bens.locator('.messages__scroll').evaluate((box) => { box.scrollTop = -box.scrollHeight; });
  await menuOf(bens, '저녁 뭐 먹을까?');
  await act(bens, '답장');
  await bens.locator('.doing', { hasText: '저녁 뭐 먹을까?' }).waitFor();
  await say(bens, '국수 어때');
  assert.equal(await bens.locator('.doing').count(), 0, 'done with it');
  await row(annas, '국수 어때').locator('.quoted', { hasText: '저녁 뭐 먹을까?' }).waitFor();
  await row(annas, '국수 어때').locator('.quoted').click();
  await until(() => bubble(annas, '저녁 뭐 먹을까?').evaluate((element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
  }), SLOW_MS, 'the message answered to being in view');
  await done();
});

test('an answer to what stands far above leads there, and the newest is one tap away', async () => {
  const [hers, his] = people.map(as);
  const { roomId } = await hers.roomOfKind('COUPLE');
  const send = (person, content, more = {}) => person.post(`/rooms/${roomId}/messages`, { type: 'TEXT', content, ...more });
  for (let at = 1; at <= 130; at += 1) await send(hers, `줄 ${at}.`);
  await send(his, '그때 그 말', { replyTo: 3 });
  await annas.open('/chat');
  await row(annas, '그때 그 말').locator('.quoted', { hasText: '줄 3.' }).click();
  await bubble(annas, /^줄 3\.$/).waitFor({ timeout: SLOW_MS });
  await until(() => bubble(annas, /^줄 3\.$/).evaluate((element) => element.getBoundingClientRect().top > 0 && element.getBoundingClientRect().bottom < innerHeight), SLOW_MS, 'it being in view');
  await annas.locator('.newest').click();
  await bubble(annas, '그때 그 말').waitFor({ timeout: SLOW_MS });
  await done();
});

test('an answer to what was deleted meanwhile goes out all the same', async () => {
  await say(annas, '금방 지울 말');
  await menuOf(bens, '금방 지울 말');
  await act(bens, '답장');
  await bens.locator('.doing').waitFor();
  const hers = as(people[0]);
  const { roomId } = await hers.roomOfKind('COUPLE');
  await hers.delete(`/rooms/${roomId}/messages/1?for=all`);
  await bens.locator('.message--deleted').waitFor({ timeout: SLOW_MS });
  await say(bens, '그래도 답장');
  assert.equal(await row(annas, '그래도 답장').locator('.quoted').count(), 0);
  await done();
});

/** All that this device remembers, as one text. */
const remembered = (page) => page.evaluate(async () => {
  const settled = (request) => new Promise((resolve) => { request.onsuccess = () => resolve(request.result); });
  const stores = (await indexedDB.databases()).map(async ({ name }) => {
    const database = await settled(indexedDB.open(name));
    const kept = await settled(database.transaction('kept').objectStore('kept').getAll());
    database.close();
    return kept;
  });
  return JSON.stringify(await Promise.all(stores));
});
const quotes = (page) => page.locator('.quoted').allInnerTexts();

test('what was deleted, edited or hidden is so in what answers to it, on the screen and on the device', async () => {
  const [hers, his] = people.map(as);
  const { roomId } = await hers.roomOfKind('COUPLE');
  const send = (person, content, more = {}) => person.post(`/rooms/${roomId}/messages`, { type: 'TEXT', content, ...more });
  for (const words of ['비밀 이야기', '아녕', '보기 싫은 말']) await send(hers, words);
  for (const replyTo of [1, 2, 3]) await send(his, `답 ${replyTo}`, { replyTo });
  await Promise.all([annas, bens].map((page) => row(page, '답 3').locator('.quoted', { hasText: '보기 싫은 말' }).waitFor({ timeout: SLOW_MS })));
  await until(async () => /비밀 이야기.*아녕.*보기 싫은 말.*답 3/.test(await remembered(bens)), SLOW_MS, 'it being remembered');

  await hers.delete(`/rooms/${roomId}/messages/1?for=all`);
  await hers.patch(`/rooms/${roomId}/messages/2`, { content: '안녕' });
  await his.delete(`/rooms/${roomId}/messages/3?for=me`);
  const seen = ['지은이에게 답장\n삭제된 메시지예요', '지은이에게 답장\n안녕', '볼 수 없는 메시지예요'];
  await until(async () => JSON.stringify(await quotes(bens)) === JSON.stringify(seen), SLOW_MS, async () => `${await quotes(bens)}`)
    .catch(async () => assert.deepEqual(await quotes(bens), seen));
  await until(async () => !/비밀 이야기|아녕|보기 싫은 말/.test(await remembered(bens)), SLOW_MS, 'it being forgotten');
  await until(async () => !/비밀 이야기|아녕/.test((await quotes(annas)).join()), SLOW_MS, 'hers being renewed');
  assert.match((await quotes(annas)).at(-1), /보기 싫은 말/, 'what he hides she sees');
  await done();
});

test('what is deleted while one reads far above is forgotten on the device', async () => {
  const [hers, his] = people.map(as);
  const { roomId } = await hers.roomOfKind('COUPLE');
  const send = (person, content, more = {}) => person.post(`/rooms/${roomId}/messages`, { type: 'TEXT', content, ...more });
  for (let at = 1; at <= 210; at += 1) await send(hers, `줄 ${at}.`);
  await send(hers, '비밀 이야기');
  await send(his, '그래?', { replyTo: 211 });
  await row(bens, '그래?').locator('.quoted', { hasText: '비밀 이야기' }).waitFor({ timeout: SLOW_MS });
  await until(async () => /비밀 이야기.*그래/.test(await remembered(bens)), SLOW_MS, 'it being remembered');
  await bens.open(`/chat/${roomId}/3`);
  await bubble(bens, /^줄 3\.$/).waitFor({ timeout: SLOW_MS });
  await until(async () => await bubble(bens, '비밀 이야기').count() === 0, SLOW_MS, 'the newest being out of sight');
  await hers.delete(`/rooms/${roomId}/messages/211?for=all`);
  await until(async () => !/비밀 이야기/.test(await remembered(bens)), SLOW_MS, 'it being forgotten');
  await bens.open('/chat');
  await bens.locator('.message--deleted').waitFor({ timeout: SLOW_MS });
  assert.match((await quotes(bens)).at(-1), /삭제된 메시지예요/);
  await done();
});

test('the very first message of a short history is gone to without end', async () => {
  const [hers, his] = people.map(as);
  const { roomId } = await hers.roomOfKind('COUPLE');
  for (let at = 1; at <= 111; at += 1) await hers.post(`/rooms/${roomId}/messages`, { type: 'TEXT', content: `줄 ${at}.` });
  await his.post(`/rooms/${roomId}/messages`, { type: 'TEXT', content: '처음 그 말', replyTo: 1 });
  await annas.open('/chat');
  await row(annas, '처음 그 말').locator('.quoted').click();
  await bubble(annas, /^줄 1\.$/).waitFor({ timeout: SLOW_MS });
  await annas.locator('.newest').click();
  await bubble(annas, '처음 그 말').waitFor({ timeout: SLOW_MS });
  await annas.locator('.composer__text').fill('아직 살아 있다', { timeout: SLOW_MS });
  await done();
});

test('a text is edited where it stands; what was begun before comes back', async () => {
  await say(annas, '아녕');
  await annas.locator('.composer__text').fill('쓰던 말');
  await menuOf(annas, '아녕');
  await act(annas, '고치기');
  assert.equal(await annas.locator('.composer__text').inputValue(), '아녕');
  await annas.locator('.composer__text').fill('안녕');
  await annas.locator('.composer__send button').click();
  await row(bens, '안녕').locator('.message__edited').waitFor({ timeout: SLOW_MS });
  assert.equal(await bens.locator('.bubble__text').count(), 1);
  assert.equal(await annas.locator('.composer__text').inputValue(), '쓰던 말');
  await menuOf(annas, '안녕');
  await act(annas, '고치기');
  await annas.locator('.doing button').click();
  assert.equal(await annas.locator('.composer__text').inputValue(), '쓰던 말', 'given up, nothing is changed');
  await done();
});

test('an edit or an answer under way is still there after a look at the calendar and at the next start, and what was begun before comes after it', async () => {
  await say(annas, '안녕');
  await say(bens, '저녁은?');
  const box = annas.locator('.composer__text');
  const holds = (text) => until(async () => await box.inputValue() === text, SLOW_MS, `${text} in the box`);
  const lookAway = async (page) => {
    await page.locator('nav.tabs a[href="/calendar"]').click();
    await page.locator('.calendar').waitFor();
    await page.locator('nav.tabs a[href="/chat"]').click();
    await page.locator('.composer__text').waitFor();
  };
  await box.fill('쓰다 만 말');
  await menuOf(annas, '안녕');
  await act(annas, '고치기');
  await lookAway(annas);
  await annas.locator('.doing', { hasText: '메시지 고치는 중' }).waitFor();
  await holds('안녕');
  await box.fill('안녕, 여보');
  await lookAway(annas);
  await annas.locator('.doing', { hasText: '메시지 고치는 중' }).waitFor();
  await holds('안녕, 여보');
  await annas.reload();
  await annas.locator('.doing', { hasText: '메시지 고치는 중' }).waitFor();
  await holds('안녕, 여보');
  // Seen as long as there is a line.
  await annas.locator('.who__state').waitFor();
  await annas.locator('.composer__send button').click();
  await row(bens, '안녕, 여보').locator('.message__edited').waitFor({ timeout: SLOW_MS });
  await holds('쓰다 만 말');
  await lookAway(annas);
  await holds('쓰다 만 말');
  assert.equal(await annas.locator('.doing').count(), 0, 'it is done');

  await menuOf(annas, '저녁은?');
  await act(annas, '답장');
  await box.fill('국수');
  await lookAway(annas);
  await annas.locator('.doing', { hasText: '저녁은?' }).waitFor();
  await holds('국수');
  // What is answered is deleted for everyone: no word of it stays, those that were written do.
  await menuOf(bens, '저녁은?');
  await act(bens, '모두에게서 지우기');
  await agree(bens);
  await annas.locator('.doing').waitFor({ state: 'detached', timeout: SLOW_MS });
  assert.equal(await box.inputValue(), '국수');
  await lookAway(annas);
  await holds('국수');
  assert.equal(await annas.locator('.doing').count(), 0);
  await done();
});

test('an edit under way is its writer\'s: it goes with logging out, and nobody else finds it', async () => {
  await say(annas, '안녕');
  await menuOf(annas, '안녕');
  await act(annas, '고치기');
  await annas.locator('.composer__text').fill('남몰래 고치던 글');
  const begun = () => annas.evaluate(async () => {
    const done = (request) => new Promise((resolve, reject) => { request.onsuccess = () => resolve(request.result); request.onerror = () => reject(request.error); });
    const keys = [];
    for (const { name } of await indexedDB.databases()) {
      const database = await done(indexedDB.open(name));
      keys.push(...await done(database.transaction('kept').objectStore('kept').getAllKeys()));
      database.close();
    }
    return keys.filter((key) => key.startsWith('chat.draft.'));
  });
  await until(async () => (await begun()).length === 1, SLOW_MS, 'it being kept');
  const signOut = async () => {
    await annas.locator('nav.tabs a[href="/settings"]').click();
    await annas.getByRole('button', { name: '로그아웃' }).click();
    await agree(annas);
    await annas.locator('a[href="/login"]').waitFor();
  };
  await signOut();
  for (const person of [people[1], people[0]]) {
    await signIn(annas, person);
    await bubble(annas, '안녕').waitFor();
    assert.deepEqual(await begun(), []);
    assert.deepEqual([await annas.locator('.composer__text').inputValue(), await annas.locator('.doing').count()], ['', 0], person.nickname);
    await signOut();
  }
  await done();
});

test('an edit that does not get through stands in the box again, and what was begun comes back after it', async () => {
  annas.allow(/ERR_INTERNET_DISCONNECTED|WebSocket|Failed to load resource/);
  await say(annas, '안녕');
  const box = annas.locator('.composer__text');
  await box.fill('쓰다 만 말');
  await menuOf(annas, '안녕');
  await act(annas, '고치기');
  await box.fill('아주 길게 고친 글');
  await annas.context().setOffline(true);
  await until(() => annas.evaluate(async () => (await part('/net/socket.js')).connection.value !== 'live'), SLOW_MS, 'the line being gone');
  await annas.locator('.composer__send button').click();
  await annas.locator('.toast').waitFor();
  await bubble(annas, '안녕').waitFor();
  assert.equal(await box.inputValue(), '아주 길게 고친 글');
  await annas.context().setOffline(false);
  await until(() => annas.evaluate(async () => (await part('/net/socket.js')).connection.value === 'live'), SLOW_MS, 'the line being back');
  await annas.locator('.composer__send button').click();
  await bubble(bens, '아주 길게 고친 글').waitFor({ timeout: SLOW_MS });
  assert.equal(await box.inputValue(), '쓰다 만 말');
  await done();
});

test('on a desktop the arrow up edits my last text, and Escape leaves it', async () => {
  const wide = await enter(people[0], desktop);
  await write(wide, '첫 줄');
  await isSent(wide);
  await wide.locator('.composer__text').press('ArrowUp');
  await wide.locator('.doing').waitFor();
  assert.equal(await wide.locator('.composer__text').inputValue(), '첫 줄');
  await wide.locator('.composer__text').press('Escape');
  await wide.locator('.doing').waitFor({ state: 'detached' });
  await row(wide, '첫 줄').click({ button: 'right' });
  await wide.locator('dialog[open] .actions').waitFor();
  await wide.keyboard.press('Escape');
  await wide.locator('dialog[open]').waitFor({ state: 'detached' });
  await wide.done();
  await wide.context().close();
});

test('what is mine is deleted for everyone; what is not, for me alone, after a question', async () => {
  await say(annas, '내 말');
  await say(bens, '네 말');
  await menuOf(annas, '네 말');
  assert.deepEqual(await labels(annas), ['답장', '복사', '일정으로 적기', '나에게서만 지우기']);
  await act(annas, '나에게서만 지우기');
  await agree(annas);
  await bubble(annas, '네 말').waitFor({ state: 'detached', timeout: SLOW_MS });
  await menuOf(annas, '내 말');
  await act(annas, '모두에게서 지우기');
  await agree(annas);
  await bens.locator('.message--deleted').waitFor({ timeout: SLOW_MS });
  assert.equal(await bubble(bens, '내 말').count(), 0);
  assert.equal(await bubble(bens, '네 말').count(), 1, 'his stays with him');
  await annas.open('/chat');
  await annas.locator('.message--deleted').waitFor();
  assert.equal(await bubble(annas, '네 말').count(), 0, 'and is gone for her after a reload, too');
  await done();
});

test('reactions come and go on both phones at once', async () => {
  await say(annas, '심장 소리 들었어');
  await menuOf(bens, '심장 소리');
  assert.deepEqual(await complaints(bens), []);
  await bens.locator('.quick__one').first().click();
  const hers = row(annas, '심장 소리').locator('.reaction');
  await hers.waitFor({ timeout: SLOW_MS });
  assert.equal(await hers.getAttribute('aria-pressed'), 'false');
  await hers.click();
  const his = row(bens, '심장 소리').locator('.reaction');
  await his.locator('.reaction__count', { hasText: '2' }).waitFor({ timeout: SLOW_MS });
  assert.equal(await his.getAttribute('title'), '민준이, 지은이');
  await his.click();
  await until(async () => await hers.locator('.reaction__count').count() === 0 && await hers.getAttribute('aria-pressed') === 'true', SLOW_MS, 'hers alone');
  await hers.click();
  await his.waitFor({ state: 'detached', timeout: SLOW_MS });
  assert.deepEqual(await complaints(annas), []);
  await done();
});

test('without a network an act says so and nothing is changed', async () => {
  await say(annas, '그대로');
  annas.allow(/ERR_INTERNET_DISCONNECTED|WebSocket|Failed to fetch/);
  await menuOf(annas, '그대로');
  await annas.context().setOffline(true);
  await annas.locator('.quick__one').first().click();
  await annas.locator('.toast').waitFor({ timeout: SLOW_MS });
  assert.equal(await row(annas, '그대로').locator('.reaction').count(), 0, 'taken back');
  await annas.context().setOffline(false);
  await done();
});

test('a schedule is shown in the chat, ticked off there, and follows the calendar', async () => {
  const made = await as(people[0]).post('/schedules', { title: '병원', date: new Date().toISOString(), color: 'BLUE' });
  assert.equal(made.status, 201);
  await annas.open('/calendar');
  await annas.locator('.schedule__body', { hasText: '병원' }).click();
  await annas.locator('.schedule-form').getByRole('button', { name: '채팅에 올리기' }).click();
  const [hers, his] = [annas, bens].map((page) => page.locator('.plan', { hasText: '병원' }));
  await Promise.all([hers, his].map((card) => card.locator('.plan__box').waitFor({ timeout: SLOW_MS })));
  await his.locator('.plan__check').click();
  await annas.locator('.plan--done').waitFor({ timeout: SLOW_MS });
  await as(people[0]).delete(`/schedules/${made.data.data.scheduleId}`);
  await Promise.all([annas, bens].map((page) => page.locator('.plan--gone').first().waitFor({ timeout: SLOW_MS })));
  assert.equal(await bens.locator('.plan__box').count(), 0, 'nothing is left to tick');
  assert.deepEqual(await complaints(bens), []);
  await done();
});

test('a message becomes a plan', async () => {
  await say(bens, '토요일 소아과\n3시, 수첩 챙기기');
  await menuOf(annas, '토요일 소아과');
  await act(annas, '일정으로 적기');
  await annas.locator('.schedule-form').waitFor();
  assert.deepEqual(await annas.locator('.schedule-form').evaluate((form) => [...form.querySelectorAll('input:not([type]), input[type="text"], textarea')].map((field) => field.value)), ['토요일 소아과', '토요일 소아과\n3시, 수첩 챙기기']);
  await annas.locator('.schedule-form button[type="submit"]').click();
  await annas.locator('.schedule__title', { hasText: '토요일 소아과' }).waitFor({ timeout: SLOW_MS });
  await done();
});

test('a held message opens its menu, and what is held is not clicked', async () => {
  await say(annas, 'https://example.org/a');
  const at = await bubble(bens, 'example.org').boundingBox();
  const touch = await bens.context().newCDPSession(bens);
  const point = { x: at.x + 20, y: at.y + at.height / 2 };
  await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [point] });
  await bens.locator('dialog[open] .actions').waitFor({ timeout: SLOW_MS });
  await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  assert.equal(bens.context().pages().length, 1, 'the link was not followed');
  await bens.keyboard.press('Escape');
  await bens.locator('dialog[open]').waitFor({ state: 'detached' });
  await done();
});

test('hostile words in quotes, cards and lines stay text', async () => {
  const [hers] = people.map(as);
  const { roomId } = await hers.roomOfKind('COUPLE');
  const evil = '<img src=x onerror="document.title=\'taken\'">';
  const said = await hers.post(`/rooms/${roomId}/messages`, { type: 'TEXT', content: evil });
  await hers.post(`/rooms/${roomId}/messages`, { type: 'TEXT', content: 'answer', replyTo: said.data.data.id });
  const plan = await hers.post('/schedules', { title: evil, date: '2026-11-28' });
  await hers.post(`/rooms/${roomId}/messages`, { type: 'SCHEDULE', scheduleId: plan.data.data.scheduleId });
  await bens.locator('.plan__title').waitFor({ timeout: SLOW_MS });
  assert.equal(await bens.locator('.plan__title').textContent(), evil);
  assert.equal(await bens.locator('.quoted__text').textContent(), evil);
  assert.equal(await bens.locator('.messages__list img').count(), 0);
  const group = await hers.post('/rooms', { title: '<b>우리</b>', memberIds: [people[1].userId] });
  await bens.open(`/chat/${group.data.data.roomId}`);
  assert.equal(await bens.locator('.line').first().textContent(), '지은이님이 대화방을 만들었어요: <b>우리</b>');
  assert.ok(!(await bens.title()).includes('taken'));
  await done();
});

test('what hangs on a message is where it belongs, an open box looks open by night, and a long name leaves room for the number', async () => {
  const [mom, dad] = people.map(as);
  const { roomId } = (await mom.get('/rooms')).data.data.find(({ kind }) => kind === 'COUPLE');
  const { id } = (await mom.post(`/rooms/${roomId}/messages`, { type: 'TEXT', content: '어머니, 이번 주말에 오세요? 기차역까지 마중 나갈게요' })).data.data;
  const answer = (await dad.post(`/rooms/${roomId}/messages`, { type: 'TEXT', content: '그래', replyTo: id })).data.data;
  for (const person of [mom, dad]) await person.put(`/rooms/${roomId}/messages/${answer.id}/reactions/${encodeURIComponent('❤️')}`);
  const { scheduleId } = (await mom.post('/schedules', { title: '소아과', date: '2026-12-05T10:30', color: 'RED' })).data.data;
  await mom.post(`/rooms/${roomId}/messages`, { type: 'SCHEDULE', scheduleId });
  const group = (await mom.post('/rooms', { title: '할머니 할아버지 이모 삼촌과 다 함께 이야기하는 방', memberIds: [dad.userId] })).data.data;

  const boxOf = (locator) => locator.evaluate((element) => { const { top, bottom, left, right } = element.getBoundingClientRect(); return { top, bottom, left, right }; });
  for (const colorScheme of ['light', 'dark']) {
    const page = await phone(browser, server.url, { colorScheme, viewport: { width: 320, height: 700 } });
    await signIn(page, people[0]);
    const answered = page.locator('.message', { has: page.locator('.reaction') });
    await answered.waitFor();
    const [bubbleBox, side, reactions] = [await boxOf(answered.locator('.bubble')), await boxOf(answered.locator('.message__side')), await boxOf(answered.locator('.reactions'))];
    assert.ok(side.bottom <= bubbleBox.bottom + 1, `the time stands beside the words: ${side.bottom}, ${bubbleBox.bottom}`);
    assert.ok(reactions.top >= bubbleBox.bottom && Math.abs(reactions.left - bubbleBox.left) <= 1, 'what was felt stands below them');
    const mark = await page.locator('.plan__mark').evaluate((element) => getComputedStyle(element).backgroundColor);
    const [, share] = /\/ ([\d.]+)\)$/.exec(mark);
    assert.ok(colorScheme === 'light' || Number(share) < 0.2, `an open box is not filled: ${mark}`);
    await page.shot(`hangs-${colorScheme}`);
    await page.open(`/chat/${group.roomId}`);
    const count = page.locator('.who__count');
    await count.waitFor();
    assert.ok((await boxOf(count)).right <= (await boxOf(page.locator('.conversation .page__actions .icon-button'))).left, 'the number is seen');
    await page.shot(`long-name-${colorScheme}`);
    // A title of two lines keeps clear of the edge.
    await page.open('/settings/couple');
    const heading = page.locator('.page--section .page__title');
    await heading.evaluate((title) => { title.textContent = '우리 둘의 날짜와 시간을 세는 방법'; });
    const words = await heading.evaluate((title) => { const range = document.createRange(); range.selectNodeContents(title); const { top, height } = range.getBoundingClientRect(); return { top, height }; });
    assert.ok(words.height > 40 && words.top >= 4, `two lines: ${JSON.stringify(words)}`);
    await page.shot(`long-title-${colorScheme}`);
    await page.done();
    await page.context().close();
  }
  await done();
});
