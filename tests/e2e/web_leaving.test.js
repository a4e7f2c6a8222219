'use strict';
// Second devices, the partner's rescue, parting and withdrawing, as both phones show them. What the server does is in login_link, parting and withdrawing.
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { complaints, coupleOf, homeUrl, launch, phone, signIn } = require('./browser.js');
const { Person, uuid } = require('./person.js');
const { data, refuses } = require('./envelope.js');
const { Passing } = require('./passing.js');

let browser, server, base;

before(async () => { [browser, server] = await Promise.all([launch(), Server.start()]); base = homeUrl(server); });
after(async () => { await browser.close(); await server.stop(); });

const as = ({ accessToken, userId }, on = server) => new Person(on, { accessToken, id: userId });
const clean = async (page, where) => assert.deepEqual(await complaints(page), [], where);
const button = (page, name) => page.getByRole('button', { name, exact: true });
const inDialog = (page, name) => button(page.getByRole('dialog'), name).click();
const titled = (page, text) => page.locator('.empty__title', { hasText: text }).waitFor();

async function holding(person) {
  const page = await phone(browser, base);
  await signIn(page, person);
  return page;
}

/** What was copied, as somebody pastes it. */
async function pasted(page) {
  await button(page, '링크 복사').click();
  await page.getByText('복사했어요').waitFor();
  await page.evaluate(() => { const box = Object.assign(document.createElement('textarea'), { id: 'pasted' }); document.body.append(box); box.focus(); });
  await page.keyboard.press('ControlOrMeta+V');
  const url = new URL(await page.locator('#pasted').inputValue());
  await page.evaluate(() => document.querySelector('#pasted').remove());
  return url.pathname + url.hash;
}

test('a second device signs in by a link, once; the address keeps no secret', async () => {
  const [mom] = await coupleOf(server);
  const moms = await holding(mom);
  await moms.open('/settings');
  await moms.getByRole('link', { name: '다른 기기에서 로그인' }).click();
  await moms.locator('.invite__qr').waitFor();
  assert.match(await moms.locator('.invite__left').textContent(), /1[45]:\d\d/);
  await clean(moms, 'a login link');
  const link = await pasted(moms);

  const tablet = await phone(browser, base);
  await tablet.open(link);
  await button(tablet, '로그인').waitFor();
  assert.equal(new URL(tablet.url()).hash, '');
  await clean(tablet, 'the link opened');
  await button(tablet, '로그인').click();
  await tablet.locator('nav.tabs').waitFor();
  await tablet.open('/settings');
  await tablet.locator('.me__name', { hasText: '지은이' }).waitFor();
  await moms.open('/settings/devices');
  await button(moms, '로그아웃').last().waitFor();
  assert.equal(await button(moms, '로그아웃').count(), 2, 'the account was made on a third');

  const late = await phone(browser, base);
  late.allow(/status of 400/);
  await late.open(link);
  await button(late, '로그인').click();
  await titled(late, '이 링크는 쓸 수 없어요');
  await clean(late, 'a link that opens nothing');
  await tablet.open(link);
  await titled(tablet, '이미 지은이님으로 로그인되어 있어요');
  await Promise.all([moms.done(), tablet.done(), late.done()]);
});

test('a partner\'s rescue is seen on every screen of its owner, and refused', async () => {
  const [mom, dad] = await coupleOf(server);
  const [moms, dads] = await Promise.all([holding(mom), holding(dad)]);
  await moms.open('/calendar');
  await dads.open('/settings');
  await dads.getByRole('link', { name: '지은이님이 로그인하지 못하나요?' }).click();
  await dads.getByText('24시간이 지나면').waitFor();
  await clean(dads, 'before asking');
  await button(dads, '로그인 링크 부탁하기').click();
  await inDialog(dads, '로그인 링크 부탁하기');
  await dads.getByText(/부터 열려요/).waitFor();
  await clean(dads, 'asked');
  await dads.shot('leaving-rescue');
  const link = await pasted(dads);
  await dads.reload();
  await dads.getByText(/부터 열려요/).waitFor();

  const banner = moms.locator('.banner', { hasText: '민준이님이 내 계정의 로그인 링크를 부탁했어요' });
  await banner.waitFor();
  for (const path of ['/chat', '/child', '/settings/look']) {
    await moms.open(path);
    await banner.waitFor();
  }
  await clean(moms, 'the banner');
  await moms.shot('leaving-banner');
  assert.equal(await dads.locator('.banner').count(), 0);

  const lost = await phone(browser, base);
  lost.allow(/status of 40[03]/);
  await lost.open(link);
  await button(lost, '로그인').click();
  await titled(lost, '아직 쓸 수 없는 링크예요');
  await button(moms, '거절하기').click();
  await moms.getByText('거절했어요').waitFor();
  await banner.waitFor({ state: 'detached' });
  await button(dads, '로그인 링크 부탁하기').waitFor();
  await lost.open(link);
  await button(lost, '로그인').click();
  await titled(lost, '이 링크는 쓸 수 없어요');
  await Promise.all([moms.done(), dads.done(), lost.done()]);
});

test('what was refused while a device was away goes from it when it is back: the banner of its owner, the link of who asked', async () => {
  const [mom, dad] = await coupleOf(server);
  const [moms, tablet, dads] = await Promise.all([holding(mom), holding(mom), holding(dad)]);
  const bannerOf = (page) => page.locator('.banner', { hasText: '민준이님이 내 계정의 로그인 링크를 부탁했어요' });
  await dads.open('/settings/rescue');
  await button(dads, '로그인 링크 부탁하기').click();
  await inDialog(dads, '로그인 링크 부탁하기');
  await dads.getByText(/부터 열려요/).waitFor();
  await Promise.all([moms, tablet].map((page) => bannerOf(page).waitFor()));
  const away = [tablet, dads];
  for (const page of away) {
    page.allow(/ERR_INTERNET_DISCONNECTED|ERR_FAILED|WebSocket/);
    await page.context().setOffline(true);
    await page.getByText('연결이 끊겼어요').waitFor();
  }
  await button(moms, '거절하기').click();
  await bannerOf(moms).waitFor({ state: 'detached' });
  assert.deepEqual([await bannerOf(tablet).count(), await dads.getByText(/부터 열려요/).count()], [1, 1], 'the test needs them not to know');

  for (const page of away) await page.context().setOffline(false);
  await bannerOf(tablet).waitFor({ state: 'detached' });
  await button(dads, '로그인 링크 부탁하기').waitFor();
  await dads.reload();
  await button(dads, '로그인 링크 부탁하기').waitFor();
  await Promise.all([moms.done(), tablet.done(), dads.done()]);
});

test('not refused for a day, it lets the partner back in with a new password', { timeout: 60_000 }, async (t) => {
  const time = await Passing.start(t);
  const [mom, dad] = await coupleOf(time.server);
  const { url } = data(await as(dad, time.server).post('/users/me/login-link', { for: 'partner' }), 201);
  await time.at(25);
  const lost = await phone(browser, homeUrl(time.server));
  const link = new URL(url);
  await lost.open(link.pathname + link.hash);
  lost.allow(/status of 400/);
  await lost.getByLabel('새 비밀번호').fill('short');
  await button(lost, '로그인').click();
  await lost.getByText('비밀번호는 8자 이상').waitFor();
  await lost.getByLabel('새 비밀번호').fill('a brand new meadow');
  await button(lost, '로그인').click();
  await lost.locator('nav.tabs').waitFor();
  await lost.done();
  data(await new Person(time.server).post('/auth/password/login', { loginId: mom.loginId, password: 'a brand new meadow' }), 201);
});

test('parting is explained, proposed, taken back, confirmed, and seen on both phones at once', async () => {
  const [mom, dad] = await coupleOf(server);
  const { roomId } = await as(mom).roomOfKind('COUPLE');
  data(await as(mom).post(`/rooms/${roomId}/messages`, { clientId: uuid(), type: 'TEXT', content: '좋은 날의 이야기' }), 201);
  const [moms, dads] = await Promise.all([holding(mom), holding(dad)]);
  await dads.open('/calendar');
  await moms.open('/settings');
  await moms.getByRole('link', { name: '헤어지기' }).click();
  await moms.getByText('두 사람 모두 그대로 가져요').waitFor();
  await clean(moms, 'what parting is');
  await moms.shot('leaving-parting');
  const propose = async () => {
    await button(moms, '헤어지기 제안하기').click();
    await inDialog(moms, '헤어지기 제안하기');
    await moms.getByText('민준이님에게 제안했어요').waitFor();
  };
  await button(moms, '헤어지기 제안하기').click();
  await inDialog(moms, '취소');
  assert.equal(data(await as(dad).get('/couples/me')).parting, null, 'not before it was asked twice');
  await propose();
  await dads.locator('.banner', { hasText: '지은이님이 헤어지기를 제안했어요' }).waitFor();
  assert.equal(await moms.locator('.banner').count(), 0);
  await dads.locator('.banner').getByRole('link', { name: '보기' }).click();
  await dads.getByText('지은이님이 헤어지기를 제안했어요').nth(1).waitFor();
  await clean(dads, 'proposed by the other');
  await dads.shot('leaving-proposed');
  await button(dads, '그대로 함께하기').click();
  await button(moms, '헤어지기 제안하기').waitFor();
  await dads.locator('.banner').waitFor({ state: 'detached' });
  await propose();
  await button(moms, '제안 거두기').click();
  await button(dads, '헤어지기 제안하기').waitFor();
  await propose();
  await button(dads, '확인하고 헤어지기').click();
  await inDialog(dads, '확인하고 헤어지기');

  for (const page of [moms, dads]) {
    await titled(page, '이제 따로 쓰고 있어요');
    await page.getByRole('link', { name: '대화 목록' }).click();
    await page.locator('.room', { hasText: '보관됨' }).click();
    await page.locator('.bubble', { hasText: '좋은 날의 이야기' }).waitFor();
    await page.getByText('지난 대화예요').waitFor();
    await clean(page, 'what was');
    await page.open('/settings');
    await page.getByRole('link', { name: /상대방 초대하기/ }).waitFor();
    assert.equal(await page.getByRole('link', { name: '헤어지기' }).count(), 0);
  }
  await Promise.all([moms.done(), dads.done()]);
});

test('withdrawing asks for the password, and the partner is alone at once with all there was', async () => {
  const [mom, dad] = await coupleOf(server);
  const [moms, dads] = await Promise.all([holding(mom), holding(dad)]);
  await dads.open('/settings');
  await moms.open('/settings');
  await moms.getByRole('link', { name: '탈퇴하기' }).click();
  await moms.getByText('민준이님에게 남아요').waitFor();
  await moms.getByText('손님만 남는 대화방은 끝나고, 그 손님들은 로그아웃돼요.').waitFor();
  await clean(moms, 'what withdrawing is');
  await moms.shot('leaving-withdraw');
  moms.allow(/status of 40[01]/);
  await moms.locator('[name=password]').fill('not the password');
  await button(moms, '탈퇴하기').click();
  await inDialog(moms, '취소');
  await button(moms, '탈퇴하기').click();
  await inDialog(moms, '탈퇴하기');
  await moms.getByText('지금 비밀번호가 맞지 않아요.').waitFor();
  await moms.locator('[name=password]').fill(mom.password);
  await button(moms, '탈퇴하기').click();
  await inDialog(moms, '탈퇴하기');
  await titled(moms, '탈퇴했어요');
  await clean(moms, 'gone');
  refuses(await new Person(server).post('/auth/password/login', { loginId: mom.loginId, password: mom.password }), 401, 3409);

  await dads.getByRole('link', { name: /상대방 초대하기/ }).waitFor();
  await dads.getByRole('link', { name: '탈퇴하기' }).click();
  await dads.getByText('30일 뒤에').waitFor();
  await Promise.all([moms.done(), dads.done()]);
});

test('the only admin is told to name another first', async () => {
  const closed = await Server.start({ strict: true });
  try {
    const owner = { setupCode: closed.setupCode(), loginId: 'owner', password: 'bambi-house-7', nickname: '주인님', role: 'MOM', locale: 'ko', timeZone: 'Asia/Seoul' };
    data(await new Person(closed).post('/setup', owner), 201);
    const page = await phone(browser, homeUrl(closed));
    await signIn(page, owner);
    await page.open('/settings/withdraw');
    await page.getByText('make-admin').waitFor();
    page.allow(/status of 409/);
    await page.locator('[name=password]').fill(owner.password);
    await button(page, '탈퇴하기').click();
    await inDialog(page, '탈퇴하기');
    await page.getByText('마지막 관리자는 떠날 수 없어요').waitFor();
    await page.done();
  } finally {
    await closed.stop();
  }
});
