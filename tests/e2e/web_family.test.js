'use strict';
// The family's room in the browser: mom makes it, dad sees it, grandma comes in by a link on her phone, and goes again.
// Served under a name over plain HTTP, as in most homes.
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { complaints, coupleOf, homeUrl, launch, phone, signIn } = require('./browser.js');
const { made } = require('./formats.js');
const { Person, uuid } = require('./person.js');
const { data, refuses } = require('./envelope.js');
const { pause, until } = require('./kit.js');

let browser, server, base;

before(async () => { [browser, server] = await Promise.all([launch(), Server.start()]); base = homeUrl(server); });
after(async () => { await browser.close(); await server.stop(); });

const as = ({ accessToken, userId }) => new Person(server, { accessToken, id: userId });
const clean = async (page, where) => assert.deepEqual(await complaints(page), [], where);
const button = (page, name) => page.getByRole('button', { name, exact: true });
const say = async (page, text) => {
  await page.locator('.composer__text').fill(text);
  await button(page, '보내기').click();
};
const bubble = (page, text) => page.locator('.bubble', { hasText: text });
const titled = (page, text) => page.locator('.empty__title', { hasText: text }).waitFor();
const row = (page, title) => page.locator('.room', { hasText: title });

/** What was copied, as somebody pastes it. */
async function pasted(page) {
  await page.evaluate(() => { const box = Object.assign(document.createElement('textarea'), { id: 'pasted' }); document.body.append(box); box.focus(); });
  await page.keyboard.press('ControlOrMeta+V');
  const url = new URL(await page.locator('#pasted').inputValue());
  await page.evaluate(() => document.querySelector('#pasted').remove());
  return url;
}

/** A phone that is signed in. */
async function holding(person) {
  const page = await phone(browser, base);
  await signIn(page, person);
  return page;
}

/** A couple's group over the API, and a link into it. */
async function group(mom, dad, terms = {}, title = '우리 가족') {
  const { roomId } = data(await as(mom).post('/rooms', { title, memberIds: dad ? [dad.userId] : [] }), 201);
  return { roomId, ...data(await as(mom).post(`/rooms/${roomId}/invites`, terms), 201) };
}

/** A phone on which somebody has come in by a link. */
async function guestBy(invite, nickname = '할머니') {
  const page = await phone(browser, base);
  await page.open(new URL(invite.inviteUrl).pathname);
  await page.locator('[name=nickname]').fill(nickname);
  await button(page, '들어가기').click();
  await page.locator('.conversation').waitFor();
  return page;
}

test('mom makes a group, grandma comes in by a link with a name alone, talks, and is sent away', { timeout: 120_000 }, async () => {
  const [mom, dad] = await coupleOf(server);
  const [moms, dads] = await Promise.all([holding(mom), holding(dad)]);
  await moms.getByRole('link', { name: '대화 목록' }).click();
  await moms.getByText('할머니, 할아버지도 초대해 볼까요?').waitFor();
  await clean(moms, 'the list without a group');
  await moms.getByRole('link', { name: '새 대화방' }).first().click();
  await moms.getByText('누구와 함께할까요?').waitFor();
  await clean(moms, 'a new group');
  moms.allow(/status of 400/);
  await button(moms, '대화방 만들기').click();
  await moms.getByText('이름은 1~40자로 적어 주세요.').waitFor();
  await moms.locator('[name=title]').fill('우리 가족');
  await moms.getByLabel('민준이').check();
  await button(moms, '대화방 만들기').click();
  await moms.locator('.who__name', { hasText: '우리 가족' }).waitFor();
  const roomId = Number(/\/chat\/(\d+)$/.exec(moms.url())[1]);
  await say(moms, '할머니 오시기 전 이야기');

  await dads.open('/chat/rooms');
  await row(dads, '우리 가족').getByText('할머니 오시기 전 이야기').waitFor();

  await moms.getByRole('link', { name: '대화방 정보' }).click();
  await moms.getByRole('heading', { name: '2명' }).waitFor();
  await clean(moms, 'about the room');
  await moms.getByRole('link', { name: /새로운 분 초대하기/ }).click();
  await moms.locator('.choice__option', { hasText: '30일' }).click();
  await button(moms, '초대 링크 만들기').click();
  await moms.locator('.invite__qr').waitFor();
  await moms.getByText(/까지 1명 더/).first().waitFor();
  await clean(moms, 'a link');
  await button(moms, '링크 복사').click();
  await moms.getByText('복사했어요').waitFor();
  const invite = (await pasted(moms)).pathname;

  const grandmas = await phone(browser, base);
  await grandmas.open(invite);
  await grandmas.getByText('지은이님의 초대').waitFor();
  await grandmas.getByText('우리 가족').waitFor();
  await clean(grandmas, 'the door');
  grandmas.allow(/status of 400/);
  await grandmas.locator('[name=nickname]').fill('할');
  await button(grandmas, '들어가기').click();
  await grandmas.getByText('이름은 2~10자로 적어 주세요.').waitFor();
  await grandmas.locator('[name=nickname]').fill('할머니');
  await button(grandmas, '들어가기').click();
  await grandmas.locator('.who__name', { hasText: '우리 가족' }).waitFor();

  // The link is used up, and mom sees it where she stands.
  await moms.locator('.invite__qr').waitFor({ state: 'detached' });
  await grandmas.locator('.composer__text').waitFor();
  assert.equal(await bubble(grandmas, '전 이야기').count(), 0, 'nothing from before');
  assert.deepEqual(await grandmas.locator('.tabs__tab').allTextContents(), ['채팅', '설정']);
  assert.equal(await grandmas.getByRole('link', { name: '대화 목록' }).count(), 0);
  assert.ok(await grandmas.evaluate(() => parseFloat(getComputedStyle(document.documentElement).fontSize)) > 18, 'large letters');
  for (const path of ['/calendar', '/child', '/pair', '/chat/new', `/chat/${roomId}/invite`]) {
    await grandmas.open(path);
    await grandmas.waitForURL('**/chat');
  }
  for (const path of ['/settings/couple', '/settings/devices', '/settings/parting', '/settings/withdraw', '/settings/rescue']) {
    await grandmas.open(path);
    await titled(grandmas, '여기엔 아무것도 없어요');
  }
  await grandmas.open('/chat');

  await moms.open(`/chat/${roomId}`);
  await say(grandmas, '아가 보고 싶다');
  await bubble(moms, '아가 보고 싶다').waitFor();
  await say(moms, '곧 갈게요');
  await bubble(grandmas, '곧 갈게요').waitFor();
  await grandmas.locator('input[data-pick=album]').setInputFiles({ name: 'p.jpg', mimeType: 'image/jpeg', buffer: await made('jpg') });
  await grandmas.getByRole('button', { name: '1개 보내기' }).click();
  await moms.locator('.message--theirs button.picture').waitFor();
  await clean(grandmas, 'the guest\'s chat');
  await grandmas.shot('family-guest-chat');

  await dads.open(`/chat/${roomId}/info`);
  await dads.getByText('손님 · 지금 보고 있어요').waitFor();
  await dads.shot('family-info');
  await button(dads, '이름 바꾸기').click();
  await dads.locator('dialog [name=title]').fill('할머니와 함께');
  await button(dads, '저장').click();
  await Promise.all([moms, grandmas].map((page) => page.locator('.who__name', { hasText: '할머니와 함께' }).waitFor()));

  grandmas.allow(/status of 401/);
  assert.equal(await button(dads, '지은이님 내보내기').count(), 0, 'neither of the two is sent away');
  await button(dads, '할머니님 내보내기').click();
  await dads.getByRole('dialog').getByText('로그아웃돼요').waitFor();
  await clean(dads, 'before sending away');
  await button(dads, '내보내기').click();
  await titled(grandmas, '이 자리는 이제 닫혔어요');
  await clean(grandmas, 'told');
  await grandmas.shot('family-goodbye');
  assert.equal(await grandmas.evaluate(() => localStorage.getItem('user')), null);
  await moms.locator('.who__count', { hasText: '2' }).waitFor();
  await grandmas.open('/chat');
  await grandmas.waitForURL((url) => url.pathname === '/');
  await grandmas.open(invite);
  await titled(grandmas, '이 초대는 끝났어요');
  await Promise.all([moms.done(), dads.done(), grandmas.done()]);
});

test('who was away while she was sent out is told on coming back', async () => {
  const [mom, dad] = await coupleOf(server);
  const invite = await group(mom, dad);
  const grandmas = await guestBy(invite);
  await grandmas.context().setOffline(true);
  const { members } = (await as(mom).roomOfKind('GROUP'));
  data(await as(dad).delete(`/rooms/${invite.roomId}/members/${members.find(({ role }) => role === 'GUEST').userId}`));
  grandmas.allow(/status of 401|ERR_INTERNET_DISCONNECTED/);
  await grandmas.context().setOffline(false);
  await grandmas.open('/chat');
  await titled(grandmas, '이 자리는 이제 닫혔어요');
  await button(grandmas, '처음으로').click();
  await grandmas.getByRole('link', { name: '초대를 받았어요' }).waitFor();
  await grandmas.done();
});

test('another couple\'s card shows its plan and offers nothing; ours is ticked off', async () => {
  const [mom, dad] = await coupleOf(server);
  const [aunt] = await coupleOf(server, [['고모님', 'MOM'], ['고모부', 'DAD']]);
  const { roomId, token } = await group(mom, dad);
  data(await as(aunt).post(`/rooms/invites/${token}`));
  const { scheduleId } = data(await as(mom).post('/schedules', { title: '병원', date: '2026-12-24' }), 201);
  data(await as(mom).post(`/rooms/${roomId}/messages`, { type: 'SCHEDULE', scheduleId }), 201);
  const [aunts, dads] = await Promise.all([aunt, dad].map(holding));
  await Promise.all([aunts, dads].map(async (page) => { await page.open(`/chat/${roomId}`); await page.locator('.plan', { hasText: '병원' }).waitFor(); }));
  await dads.locator('.plan__box').waitFor();
  assert.equal(await dads.locator('a.plan__words').count(), 1);
  assert.equal(await aunts.locator('.plan__box, a.plan__words').count(), 0);
  await Promise.all([aunts, dads].map((page) => page.done()));
});

test('who is sent out keeps nothing of what was said on the device, also where they learn of it later', async () => {
  const [mom, dad] = await coupleOf(server);
  const [aunt] = await coupleOf(server, [['고모님', 'MOM'], ['고모부', 'DAD']]);
  const aunts = await holding(aunt);
  aunts.allow(/404|ERR_INTERNET_DISCONNECTED|WebSocket/);
  const isKept = () => aunts.evaluate(async () => JSON.stringify(await (await part('/net/store.js')).recallAll('chat.')).includes('우리끼리 비밀'));
  for (const isAway of [false, true]) {
    const { roomId, token } = await group(mom, dad);
    data(await as(aunt).post(`/rooms/invites/${token}`));
    data(await as(mom).post(`/rooms/${roomId}/messages`, { type: 'TEXT', content: '우리끼리 비밀' }), 201);
    await aunts.open(`/chat/${roomId}`);
    await bubble(aunts, '우리끼리 비밀').waitFor();
    await until(isKept, 10_000, 'it being remembered');
    if (isAway) await aunts.context().setOffline(true);
    data(await as(mom).delete(`/rooms/${roomId}/members/${aunt.userId}`));
    if (isAway) await aunts.context().setOffline(false);
    await titled(aunts, '이미 없어진 대화예요');
    await until(async () => !await isKept(), 10_000, 'it being forgotten');
  }
  await aunts.done();
});

test('a guest\'s settings: name, letters, language, another device, and a warning before logging out', async () => {
  const [mom, dad] = await coupleOf(server);
  const grandmas = await guestBy(await group(mom, dad));
  await grandmas.open('/settings');
  await grandmas.locator('.me__role', { hasText: '손님' }).waitFor();
  await clean(grandmas, 'a guest\'s settings');
  await grandmas.shot('family-guest-settings');
  await grandmas.locator('.me').click();
  await grandmas.locator('[name=nickname]').fill('외할머니');
  await button(grandmas, '저장').click();
  await grandmas.getByText('저장했어요').waitFor();
  assert.equal(await grandmas.locator('.choice').count(), 0, 'no part to choose');
  await grandmas.open('/settings/look');
  await grandmas.locator('.choice__option', { hasText: '아주 크게' }).click();
  assert.equal(await grandmas.evaluate(() => document.documentElement.dataset.size), 'huge');
  await clean(grandmas, 'very large letters');

  await grandmas.open('/settings/link');
  await grandmas.locator('.invite__qr').waitFor();
  await button(grandmas, '링크 복사').click();
  await grandmas.getByText('복사했어요').waitFor();
  const url = await pasted(grandmas);
  const tablet = await phone(browser, base);
  await tablet.open(url.pathname + url.hash);
  await tablet.locator('.form .button').click();
  await tablet.locator('.conversation').waitFor();
  grandmas.allow(/status of 401/);
  await titled(grandmas, '다른 기기로 옮겨 갔어요');

  await tablet.open('/settings');
  await button(tablet, '로그아웃').click();
  await tablet.getByRole('dialog').getByText('자리가 사라지고').waitFor();
  await button(tablet.getByRole('dialog'), '로그아웃').click();
  await tablet.getByRole('link', { name: '초대를 받았어요' }).waitFor();
  await Promise.all([grandmas.done(), tablet.done()]);
});

test('who is signed in comes in as who they are, sees what a stranger to the couple may, and leaves', async () => {
  const [mom, dad] = await coupleOf(server);
  const [aunt] = await coupleOf(server, [['고모님', 'MOM'], ['고모부', 'DAD']]);
  const invite = await group(mom, dad, { uses: 2 });
  const [aunts, moms] = await Promise.all([phone(browser, base), holding(mom)]);
  await aunts.open(new URL(invite.inviteUrl).pathname);
  await aunts.getByRole('link', { name: '이미 계정이 있어요' }).click();
  await aunts.locator('[name=username]').fill(aunt.loginId);
  await aunts.locator('[name=password]').fill(aunt.password);
  await aunts.locator('.form .button').click();
  await button(aunts, '고모님님으로 들어가기').click();
  await aunts.locator('.who__name', { hasText: '우리 가족' }).waitFor();
  await moms.open(`/chat/${invite.roomId}/info`);
  await moms.locator('.row__title', { hasText: '고모님' }).waitFor();
  await aunts.getByRole('link', { name: '대화방 정보' }).click();
  await aunts.getByRole('heading', { name: '3명' }).waitFor();
  for (const name of ['이름 바꾸기', '지은이님 내보내기']) assert.equal(await button(aunts, name).count(), 0, name);
  assert.equal(await aunts.getByRole('link', { name: /새로운 분 초대하기/ }).count(), 0);
  await aunts.open(`/chat/${invite.roomId}/invite`);
  await aunts.getByText('여기서는 할 수 없는 일이에요.').waitFor();
  await aunts.open(`/chat/${invite.roomId}/info`);
  await button(aunts, '대화방 나가기').click();
  await aunts.getByRole('dialog').getByText('더는 볼 수 없어요').waitFor();
  await button(aunts.getByRole('dialog'), '대화방 나가기').click();
  await aunts.waitForURL('**/chat/rooms');
  assert.equal(await row(aunts, '우리 가족').count(), 0);
  await moms.getByRole('heading', { name: '2명' }).waitFor();
  // Somebody else's room, and one that never was, look the same.
  for (const id of [invite.roomId, 987654]) {
    await aunts.open(`/chat/${id}/info`);
    await titled(aunts, '이제 이 대화방에 없어요');
  }
  refuses(await as(aunt).get(`/rooms/${invite.roomId}/messages`), 404, 6404);
  await Promise.all([aunts.done(), moms.done()]);
});

test('links are listed with what is left of them and ended; people one knows are brought in; the couple\'s room is not left', async () => {
  const [mom, dad] = await coupleOf(server);
  const invite = await group(mom, null, { days: 1, uses: 5 });
  const [moms, dads] = await Promise.all([holding(mom), holding(dad)]);
  await dads.open('/chat/rooms');
  await dads.getByText('할머니, 할아버지도').waitFor();
  await moms.open(`/chat/${invite.roomId}/info`);
  await button(moms, /아는 분 데려오기/).click();
  await moms.getByRole('dialog').getByLabel('민준이').check();
  await clean(moms, 'bringing in');
  await button(moms, '데려오기').click();
  await moms.getByRole('heading', { name: '2명' }).waitFor();
  await row(dads, '우리 가족').waitFor();

  await dads.open(`/chat/${invite.roomId}/invite`);
  await dads.getByText(/까지 5명 더/).waitFor();
  await button(dads, '거두기').click();
  await button(dads.getByRole('dialog'), '거두기').click();
  await dads.getByText('링크를 거뒀어요').waitFor();
  await dads.locator('.row').waitFor({ state: 'detached' });
  refuses(await as(dad).get(`/rooms/invites/${invite.token}`), 400, 5401);

  const { roomId } = await as(mom).roomOfKind('COUPLE');
  await moms.open(`/chat/${roomId}/info`);
  await moms.getByRole('heading', { name: '2명' }).waitFor();
  assert.equal(await button(moms, '대화방 나가기').count(), 0);
  await Promise.all([moms.done(), dads.done()]);
});

test('what was asked for once is there once, however often its answer was lost: a link, and grandma\'s seat', { timeout: 60_000 }, async () => {
  const [mom, dad] = await coupleOf(server);
  const { roomId } = data(await as(mom).post('/rooms', { title: '우리 가족', memberIds: [dad.userId] }), 201);
  /** Takes what goes to `path` to the server and keeps the answer, so often. */
  const loses = async (page, path, times, token) => {
    const state = { lost: 0 };
    page.allow(/ERR_FAILED/);
    await page.route(path, async (route) => {
      if (route.request().method() !== 'POST' || state.lost === times) { await route.continue(); return; }
      data(await new Person(server, { accessToken: token }).post(new URL(route.request().url()).pathname.replace('/api/v1', ''), route.request().postDataJSON(), { headers: { 'X-BambiTalk-Client': 'web' } }), 201);
      state.lost += 1;
      await route.abort();
    });
    return state;
  };
  const presses = (page, name, state, count) => until(async () => {
    if (state.lost < count && await button(page, name).isEnabled()) await button(page, name).click();
    await pause(100);
    return state.lost === count;
  }, 10_000, `${name} being lost ${count} times`);

  const moms = await holding(mom);
  const links = await loses(moms, `**/rooms/${roomId}/invites`, 1, mom.accessToken);
  await moms.open(`/chat/${roomId}/invite`);
  await presses(moms, '초대 링크 만들기', links, 1);
  await until(() => button(moms, '초대 링크 만들기').isEnabled(), 10_000, 'the button being there again');
  await button(moms, '초대 링크 만들기').click();
  await moms.locator('.invite').waitFor();
  assert.equal(data(await as(mom).get(`/rooms/${roomId}/invites`)).length, 1);

  const invite = data(await as(mom).post(`/rooms/${roomId}/invites`, { uses: 3 }), 201);
  const page = await phone(browser, base);
  const seats = await loses(page, '**/auth/guest', 2);
  await page.open(new URL(invite.inviteUrl).pathname);
  await page.locator('[name=nickname]').fill('할머니');
  await presses(page, '들어가기', seats, 2);
  await page.open(new URL(invite.inviteUrl).pathname);
  await page.locator('[name=nickname]').fill('할머니');
  await button(page, '들어가기').click();
  await page.locator('.conversation').waitFor();
  const { members } = data(await as(mom).get('/rooms')).find((room) => room.roomId === roomId);
  assert.deepEqual(members.map(({ nickname }) => nickname).filter((name) => name === '할머니'), ['할머니']);
  await Promise.all([moms.done(), page.done()]);
});

test('a door that leads nowhere says so kindly: nonsense, ended, full', async () => {
  const [mom, dad] = await coupleOf(server);
  const invite = await group(mom, dad, { uses: 50 });
  const late = await phone(browser, base);
  late.allow(/status of 40[09]/);
  await late.open('/guest/btg_nonsense');
  await titled(late, '이 초대는 끝났어요');
  await clean(late, 'a door that leads nowhere');
  await late.open(new URL(invite.inviteUrl).pathname);
  await late.locator('[name=nickname]').fill('늦은이');
  for (let count = 2; count < 50; count += 1) data(await new Person(server).post('/auth/guest', { invite: invite.token, nickname: `손님 ${count}` }), 201);
  await button(late, '들어가기').click();
  await titled(late, '자리가 꽉 찼어요');
  data(await as(mom).delete(`/rooms/invites/${invite.token}`));
  await late.open(new URL(invite.inviteUrl).pathname);
  await titled(late, '이 초대는 끝났어요');
  await late.done();
});

test('by night, in English, in letters twice as large: nothing sticks out, and axe finds nothing', { timeout: 60_000 }, async () => {
  const [mom, dad] = await coupleOf(server);
  const { roomId, inviteUrl } = await group(mom, dad);
  data(await as(mom).patch('/users/me', { locale: 'en' }));
  data(await as(dad).post('/users/me/login-link', { for: 'partner' }), 201);
  const large = await phone(browser, base, { locale: 'en-US', colorScheme: 'dark', reducedMotion: 'reduce' });
  await large.addInitScript(() => addEventListener('DOMContentLoaded', () => { document.documentElement.style.fontSize = '200%'; }));
  const check = async (address, sign) => {
    await large.open(address);
    await large.locator(sign).first().waitFor();
    const wide = await large.evaluate(() => [...document.querySelectorAll('main *, .notice *')]
      .filter((element) => element.getBoundingClientRect().right > innerWidth + 1 && !element.closest('.unseen') && getComputedStyle(element).position !== 'absolute')
      .map((element) => element.className).slice(0, 3));
    assert.deepEqual(wide, [], address);
    await clean(large, address);
    await large.shot(`family-large${address.replace(/\d+|btg_.*|#.*/, '').replaceAll('/', '-')}`);
  };
  await check(new URL(inviteUrl).pathname, '[name=nickname]');
  await check('/login-link#btl_nonsense', '.form');
  await signIn(large, mom);
  await check('/chat/rooms', '.banner');
  data(await as(mom).delete('/users/me/login-link'));
  await check('/chat/new', '.people__person');
  await check(`/chat/${roomId}/info`, '.about__title');
  await check(`/chat/${roomId}/invite`, '.list .row');
  for (const [section, sign] of [['link', '.invite__qr'], ['rescue', '.facts'], ['parting', '.facts'], ['withdraw', '[name=password]']]) await check(`/settings/${section}`, sign);
  await large.done();
});

test('a room that one is sent out of while it is open goes at once, and what comes later is not seen', async () => {
  const [mom, dad] = await coupleOf(server);
  const [aunt] = await coupleOf(server, [['고모님', 'MOM'], ['고모부', 'DAD']]);
  const invite = await group(mom, dad);
  data(await as(aunt).post(`/rooms/invites/${invite.token}`));
  const aunts = await holding(aunt);
  // What was on its way at that moment is answered so.
  aunts.allow(/404 .*\/rooms\/\d+\/changes/);
  await aunts.open(`/chat/${invite.roomId}`);
  await aunts.locator('.composer').waitFor();
  data(await as(mom).delete(`/rooms/${invite.roomId}/members/${aunt.userId}`));
  await titled(aunts, '이미 없어진 대화예요.');
  data(await as(mom).post(`/rooms/${invite.roomId}/messages`, { clientId: uuid(), type: 'TEXT', content: '비밀' }), 201);
  await aunts.getByRole('link', { name: '대화 목록' }).click();
  await row(aunts, '나와의 대화').waitFor();
  assert.equal(await aunts.getByText('비밀').count(), 0);
  await aunts.done();
});
