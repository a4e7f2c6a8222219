'use strict';
// A room's history in the browser while it changes: a page that is on its way is older than what comes meanwhile.
const { test, before, after, beforeEach, afterEach } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { Person } = require('./person.js');
const { coupleOf, launch, phone, signIn } = require('./browser.js');
const { until } = require('./kit.js');

const SLOW_MS = 20_000;
let browser, server, people, hers, his, roomId, page;

before(async () => { [browser, server] = await Promise.all([launch(), Server.start()]); });
after(async () => { await browser.close(); await server.stop(); });
beforeEach(async () => {
  people = await coupleOf(server);
  [hers, his] = people.map(({ accessToken, userId }) => new Person(server, { accessToken, userId }));
  ({ roomId } = await hers.roomOfKind('COUPLE'));
  page = await phone(browser, server.url);
});
afterEach(() => page.context().close());

const say = (person, content) => person.post(`/rooms/${roomId}/messages`, { type: 'TEXT', content });
async function fill(count) { for (let at = 1; at <= count; at += 1) await say(hers, `줄 ${at}.`); }
/** As by another phone: the newest page is where the next one begins. */
async function readUpTo(person, messageId) {
  await (await person.rooms()).emitWithAck('read', { roomId, messageId });
  person.leaveAll();
}
const bubble = (text) => page.locator('.bubble__text', { hasText: text }).last();
const texts = () => page.locator('.bubble__text').allTextContents();
const scroll = (by) => page.locator('.messages__scroll').evaluate((box, px) => { box.scrollTop += px; }, by);
/** Scrolls until it is seen. */
const reach = (locator, by) => until(async () => { await scroll(by); return await locator.count() > 0; }, SLOW_MS, 'it being reached');

/** Its live events come by now. */
const isInside = ({ userId }) => until(async () => (await hers.roomOfKind('COUPLE')).present.includes(userId), SLOW_MS, 'it being inside');
/** Keeps the answer to such a request back until `act`, given its messages, is done; once. Answers what is true once that was so. */
async function hold(pattern, act, isIt = () => true) {
  let isHeld = false;
  await page.route(pattern, async (route) => {
    const answer = await route.fetch();
    const { messages } = (await answer.json()).data;
    if (!isHeld && isIt(messages)) { isHeld = true; await act(messages); }
    await route.fulfill({ response: answer });
  });
  return () => isHeld;
}
/** The phone has asked what changed, and knows it. */
async function isToldOf(act) {
  const answer = page.waitForResponse(/changes\?since=/);
  await act();
  await (await answer).finished();
  await page.evaluate(() => new Promise((resolve) => { setTimeout(resolve); }));
}
const remove = (id) => isToldOf(() => hers.delete(`/rooms/${roomId}/messages/${id}?for=all`));

test('what is sent while newer messages are being fetched is not lost', async () => {
  await fill(160);
  await signIn(page, people[0]);
  await page.open(`/chat/${roomId}/1`);
  await bubble(/^줄 1\.$/).waitFor({ timeout: SLOW_MS });
  await isInside(people[0]);
  const isHeld = await hold(/messages\?.*after=/, async () => {
    await say(his, '그 사이의 말');
    await until(() => page.evaluate(async (id) => (await part('/chat/rooms.js')).roomOf(id)?.lastMessage.content === '그 사이의 말', roomId), SLOW_MS, 'it having come');
  }, (messages) => messages.length < 50);
  await reach(bubble(/^줄 160\.$/), 400);
  assert.ok(isHeld());
  await say(his, '다음 말');
  await reach(bubble('다음 말'), 400);
  await until(async () => (await texts()).slice(-3).join() === '줄 160.,그 사이의 말,다음 말', SLOW_MS, 'the last three')
    .catch(async () => assert.deepEqual((await texts()).slice(-3), ['줄 160.', '그 사이의 말', '다음 말']));
  await page.done();
});

test('what is deleted or hidden while older messages are being fetched stays so', async () => {
  await fill(230);
  await readUpTo(his, 230);
  await signIn(page, people[1]);
  await bubble(/^줄 230\.$/).waitFor({ timeout: SLOW_MS });
  await isInside(people[1]);
  let last = 0;
  const isHeld = await hold(/messages\?.*before=/, async ([{ id }]) => {
    last = id;
    await remove(id - 3);
    await isToldOf(() => his.delete(`/rooms/${roomId}/messages/${id - 1}?for=me`));
  });
  await until(async () => { await scroll(-400); return isHeld(); }, SLOW_MS, 'a page being fetched');
  await reach(bubble(new RegExp(`^줄 ${last - 4}\\.$`)), -400);
  assert.equal(await page.locator('.message--deleted').count(), 1);
  const line = (id) => `줄 ${id}.`;
  assert.deepEqual((await texts()).filter((text) => [4, 3, 2, 1, 0].some((by) => text === line(last - by))), [4, 2, 0].map((by) => line(last - by)));
  await page.done();
});

test('what is deleted while one goes to a place, or back to the newest, stays so', async () => {
  await fill(130);
  await readUpTo(his, 130);
  await signIn(page, people[1]);
  await bubble(/^줄 130\.$/).waitFor({ timeout: SLOW_MS });
  const isFar = await hold(/messages\?.*around=/, () => remove(4));
  await page.open(`/chat/${roomId}/3`);
  await bubble(/^줄 3\.$/).waitFor({ timeout: SLOW_MS });
  assert.ok(isFar());
  assert.equal(await bubble(/^줄 4\.$/).count(), 0);
  const isBack = await hold(/messages\?limit=50$/, () => remove(129));
  await page.locator('.newest').click();
  await bubble(/^줄 130\.$/).waitFor({ timeout: SLOW_MS });
  assert.ok(isBack());
  assert.equal(await bubble(/^줄 129\.$/).count(), 0);
  await page.done();
});
