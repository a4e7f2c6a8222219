'use strict';
// Finding what was said, and the album of a room, in the browser: a hit opens in its place, a photo over the album.
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { Person } = require('./person.js');
const { complaints, coupleOf, desktop, launch, phone, signIn } = require('./browser.js');
const { made } = require('./formats.js');
const { until } = require('./kit.js');

const SLOW_MS = 20_000;
let browser, server, anna, ben, hers, roomId;

before(async () => {
  [browser, server] = await Promise.all([launch(), Server.start()]);
  [anna, ben] = await coupleOf(server);
  hers = new Person(server, anna);
  ({ roomId } = await hers.roomOfKind('COUPLE'));
  const send = async (body) => {
    const answer = await hers.post(`/rooms/${roomId}/messages`, { type: 'TEXT', ...body });
    assert.equal(answer.status, 201);
    return answer.data.data;
  };
  await send({ content: '병원은 토요일 아침이야 <b>굵게</b>' });
  for (let at = 0; at < 120; at += 1) await send({ content: `그 사이의 말 ${at}` });
  for (const name of ['jpg', 'png']) {
    const { mediaId } = (await hers.upload(await made(name), `photo.${name}`)).data.data;
    await send({ type: 'IMAGE', content: undefined, mediaId });
  }
});
after(async () => { await browser.close(); await server.stop(); });

async function enter(kind = phone) {
  const page = await kind(browser, server.url);
  await signIn(page, ben);
  return page;
}
const isInView = (locator) => until(() => locator.evaluate((element) => {
  const { top, bottom } = element.getBoundingClientRect();
  return top >= 0 && bottom <= innerHeight;
}), SLOW_MS, 'it being in view');

test('words are found by their first sounds, marked, and open where they stand', async () => {
  const page = await enter();
  await page.open('/chat/rooms');
  await page.locator('a[href="/chat/search"]').click();
  await page.locator('.finder__words').fill('ㅂㅇ');
  const hit = page.locator('.hit', { hasText: '토요일 아침' });
  await hit.waitFor({ timeout: SLOW_MS });
  assert.equal(await hit.locator('.hit__mark').textContent(), '병원');
  assert.equal(await hit.locator('.hit__text b').count(), 0, 'text stays text');
  assert.deepEqual(await complaints(page), []);
  await hit.click();
  const found = page.locator('.bubble__text', { hasText: '토요일 아침' });
  await found.waitFor({ timeout: SLOW_MS });
  await isInView(found);
  await page.goBack();
  await hit.waitFor({ timeout: SLOW_MS });
  assert.equal(await page.locator('.finder__words').inputValue(), 'ㅂㅇ', 'it is looked for still');
  await page.done();
  await page.context().close();
});

test('too little is not looked for, nothing is found kindly, and without a network it is said', async () => {
  const page = await enter();
  page.allow(/status of 400|ERR_INTERNET_DISCONNECTED|WebSocket/);
  await page.open(`/chat/${roomId}/search`);
  await page.locator('.finder__words').fill('병');
  await page.locator('.empty__title', { hasText: '두 글자부터' }).waitFor({ timeout: SLOW_MS });
  await page.locator('.finder__words').fill('없는말');
  await page.locator('.empty__title', { hasText: '찾지 못했어요' }).waitFor({ timeout: SLOW_MS });
  await page.context().setOffline(true);
  await page.locator('.finder__words').fill('토요일');
  await page.locator('[role="alert"]').waitFor({ timeout: SLOW_MS });
  await page.context().setOffline(false);
  await page.locator('.finder__words').press('Enter');
  await page.locator('.hit').waitFor({ timeout: SLOW_MS });
  await page.done();
  await page.context().close();
});

test('the album shows every photo by month and opens it over itself', async () => {
  const page = await enter(desktop);
  await page.open(`/chat/${roomId}/info`);
  await page.locator(`a[href="/chat/${roomId}/album"]`).click();
  const photos = page.locator('.shelf__photo');
  await until(async () => await photos.count() === 2, SLOW_MS, 'two photos');
  assert.equal(await page.locator('.shelf__month').count(), 1);
  assert.deepEqual(await complaints(page), []);
  await photos.first().click();
  await page.locator('.viewer[open]').waitFor();
  await page.locator('.viewer__turn--back').waitFor();
  assert.equal(await page.locator('.viewer__turn--on').count(), 0, 'the newest is the last');
  await page.keyboard.press('Escape');
  await page.locator('.viewer').waitFor({ state: 'detached' });
  await page.done();
  await page.context().close();
});
