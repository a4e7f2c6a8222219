'use strict';
// Letters twice as large on a phone: the chat, becoming two, and what opens over a screen. Photographed → target/shots/large, to be looked at.
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { coupleOf, launch, phone, signIn } = require('./browser.js');
const { data } = require('./envelope.js');
const { made } = require('./formats.js');
const { Person, uuid } = require('./person.js');

let browser, server;

before(async () => { [browser, server] = await Promise.all([launch(), Server.start()]); });
after(async () => { await browser.close(); await server.stop(); });

const as = ({ accessToken, userId }) => new Person(server, { accessToken, id: userId });

/** A phone with large letters. */
async function large(locale) {
  const page = await phone(browser, server.url, { locale, reducedMotion: 'reduce' });
  await page.addInitScript(() => addEventListener('DOMContentLoaded', () => { document.documentElement.style.fontSize = '200%'; }));
  return page;
}

/** Nothing reaches over the edge of the screen, where it could not be seen. */
async function fits(page, name) {
  const wide = await page.evaluate(() => [...(document.querySelector('dialog[open]') ?? document.querySelector('main')).querySelectorAll('*')]
    .filter((element) => {
      const { left, right, width } = element.getBoundingClientRect();
      return width > 0 && (right > innerWidth + 1 || left < -1) && element.checkVisibility({ opacityProperty: true }) && !element.closest('.unseen');
    })
    .map((element) => element.outerHTML.slice(0, 80)).slice(0, 3));
  await page.shot(`large/${name}`);
  assert.deepEqual(wide, [], name);
}

for (const locale of ['ko-KR', 'en-US']) {
  const language = locale.slice(0, 2);
  const named = (name) => `${language}-${name}`;

  test(`the chat, and what opens over it, ${locale}`, { timeout: 90_000 }, async () => {
    const [mom, dad] = await coupleOf(server);
    data(await as(mom).patch('/users/me', { locale: language }));
    const { roomId } = await as(mom).roomOfKind('COUPLE');
    const say = async (by, body) => data(await as(by).post(`/rooms/${roomId}/messages`, { clientId: uuid(), ...body }), 201);
    const photo = data(await as(dad).upload(await made('jpg'), 'photo.jpg'), 201);
    await say(dad, { type: 'TEXT', content: `https://example.org/${'long'.repeat(20)} 여기 봐` });
    const asked = await say(mom, { type: 'TEXT', content: '정말? 사진 있어?' });
    await say(dad, { type: 'TEXT', content: '그럼 있지, 지금 보낼게', replyTo: asked.id });
    await say(dad, { type: 'IMAGE', mediaId: photo.mediaId });
    await say(dad, { type: 'FILE', mediaId: data(await as(dad).upload(await made('pdf'), '아주 긴 이름의 계약서 최종본.pdf'), 201).mediaId });
    const page = await large(locale);
    await signIn(page, mom);
    await page.locator('.message >> nth=4').waitFor();
    await fits(page, named('chat'));
    await page.locator('.message__menu button').first().dispatchEvent('click');
    await page.locator('dialog[open] .actions').waitFor();
    await fits(page, named('menu'));
    await page.locator('dialog[open] .actions__act').first().click();
    await page.locator('.doing').waitFor();
    await fits(page, named('answering'));
    await page.locator('button.picture').click();
    await page.locator('.viewer').waitFor();
    await fits(page, named('viewer'));
    await page.keyboard.press('Escape');
    await page.locator('[data-pick=album]').setInputFiles([{ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('a') }]);
    await page.locator('.picked__item').waitFor();
    await fits(page, named('picked'));
    await page.done();
  });

  test(`the editors of a plan and of a child, ${locale}`, { timeout: 90_000 }, async () => {
    const [mom] = await coupleOf(server);
    data(await as(mom).patch('/users/me', { locale: language }));
    const today = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Seoul' }).format();
    data(await as(mom).post('/schedules', { title: '아주 긴 제목을 가진 일정은 어떻게 보일지 궁금하다', date: `${today}T19:30`, color: 'BLUE' }), 201);
    data(await as(mom).post('/children', { status: 'FETAL', fetalName: '밤비', dueDate: '2027-03-20' }), 201);
    const page = await large(locale);
    await signIn(page, mom);
    for (const [name, address, button, sign] of [['plan', '/calendar', '.schedule__body', '.schedule-form'], ['edit-child', '/child', 'role=button[name=/밤비/]', '.child-form']]) {
      await page.open(address);
      await page.locator(button).first().click();
      await page.locator(sign).waitFor();
      await fits(page, named(name));
      await page.locator('dialog[open] *').last().evaluate((last) => last.scrollIntoView({ block: 'end' }));
      await fits(page, named(`${name}-end`));
    }
    await page.done();
  });

  test(`becoming two: the code stays on one line, ${locale}`, { timeout: 90_000 }, async () => {
    const alone = { loginId: `large-${language}`, password: 'bambi-house-7', nickname: '지은이', role: 'MOM', locale: language, timeZone: 'Asia/Seoul' };
    data(await new Person(server).post('/auth/password/signup', alone), 201);
    const page = await large(locale);
    await page.open('/join');
    await page.locator('.code').waitFor();
    await fits(page, named('join'));
    await signIn(page, alone);
    await page.open('/pair');
    await page.locator('.invite__code').waitFor();
    await fits(page, named('pair'));
    const lines = await page.locator('.invite__code').evaluate((code) => { const range = document.createRange(); range.selectNodeContents(code); return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size; });
    assert.equal(lines, 1);
    await page.done();
  });
}
