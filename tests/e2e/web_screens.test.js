'use strict';
// Every screen, photographed in Korean and English, by day and by night, on a phone and on a desktop → target/shots/screens, to be looked at.
// What a test can see by itself: each of them comes, nothing sticks out at the side, and the browser does not complain.
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { coupleOf, desktop, launch, phone, signIn } = require('./browser.js');
const { made } = require('./formats.js');
const { Person, ask, uuid } = require('./person.js');

const DAY_MS = 86_400_000;
const SHADES = ['light', 'dark'];
const DEVICES = { phone, desktop };
let server, browser, anna, family;

before(async () => {
  [browser, server] = await Promise.all([launch(), Server.start()]);
  const [mom, dad] = await coupleOf(server);
  await aFamily(mom, dad);
  family = await aGroup(mom, dad);
  anna = mom;
});
after(async () => { await browser.close(); await server.stop(); });

const seoul = (at) => new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Seoul' }).format(at);
const daysOn = (count) => seoul(Date.now() + count * DAY_MS);
const as = ({ accessToken, userId }) => new Person(server, { accessToken, userId });

async function right(answering) {
  const answer = await answering;
  assert.ok(answer.status < 300, JSON.stringify(answer.data));
  return answer.data.data;
}

/** A couple with something on every screen. */
async function aFamily(mom, dad) {
  const [hers, his] = [as(mom), as(dad)];
  const { roomId } = await hers.roomOfKind('COUPLE');
  const phones = [await hers.rooms(), await his.rooms()];
  for (const socket of phones) await ask(socket, 'enter', { roomId });
  const say = async (by, type, content, media) => {
    const answer = await ask(phones[by], 'send', { roomId, clientId: uuid(), type, ...(media ? { mediaId: media } : { content }) });
    assert.equal(answer.code, '0000', JSON.stringify(answer));
  };
  const lines = [
    [0, '오늘 병원 다녀왔어'], [0, '24주 3일이래. 심장 소리도 들었어!'], [1, '😍'], [1, '정말? 사진 있어?'],
    [0, `https://example.org/${'long'.repeat(20)} 여기 봐`], [1, 'Tomorrow at three, and please bring the yellow blanket for the baby.'], [0, `길게 쓰면 ${'어떻게 보일까 '.repeat(60)}`],
  ];
  for (const [by, content] of lines) await say(by, 'TEXT', content);
  const photo = await right(his.upload(await made('jpg'), 'photo.jpg'));
  await say(1, 'IMAGE', null, photo.mediaId);
  await say(1, 'FILE', null, (await right(his.upload(await made('pdf'), '계약서.pdf'))).mediaId);
  await say(0, 'TEXT', '예쁘다 ❤️');
  const plans = [['병원', 'RED', 'T10:00'], ['산책', 'YELLOW', ''], ['아주 긴 제목을 가진 일정은 어떻게 보일지 궁금하다', 'BLUE', 'T19:30'], ['Dentist', 'PURPLE', 'T08:15']];
  for (const [title, color, time] of plans) await right(hers.post('/schedules', { title, description: '메모', date: `${daysOn(0)}${time}`, color }));
  await right(his.post('/schedules', { title: '할머니 오시는 날', date: daysOn(2), color: 'GREEN' }));
  await right(hers.post('/children', { status: 'FETAL', fetalName: '밤비', dueDate: daysOn(109) }));
  await right(hers.post('/children', { status: 'BORN', name: '하나', fetalName: '튼튼이', gender: 'GIRL', birthDate: daysOn(-500) }));
  [hers, his].forEach((person) => person.leaveAll());
}

/** Grandma among them, and links into their room. */
async function aGroup(mom, dad) {
  const hers = as(mom);
  const { roomId } = await right(hers.post('/rooms', { title: '우리 가족', memberIds: [dad.userId] }));
  const link = () => hers.post(`/rooms/${roomId}/invites`, { days: 30, uses: 50 });
  const { inviteUrl, token } = await right(link());
  const { accessToken } = await right(new Person(server).post('/auth/guest', { invite: token, nickname: '할머니', locale: 'ko' }));
  await right(new Person(server, { accessToken }).post(`/rooms/${roomId}/messages`, { clientId: uuid(), type: 'TEXT', content: '아가는 잘 있니?' }));
  return { roomId, door: new URL(inviteUrl).pathname };
}

/** Takes a screen as it stands, by day and by night. */
async function take(page, { device, language }, name) {
  for (const colorScheme of SHADES) {
    await page.emulateMedia({ colorScheme });
    await page.shot(`screens/${device}-${language}-${colorScheme}-${name}`);
  }
  const [wide, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(wide <= window, `${name} on a ${device} in ${language} sticks out: ${wide} of ${window}`);
}

const OUTSIDE = [
  ['welcome', '/', 'h1'], ['login', '/login', '[name=password]'], ['create', '/create', '.form'], ['join', '/join', '.form'], ['join-wrong', '/join/ZZZZZZ', 'main'],
  ['door-wrong', '/guest/btg_nonsense', '.empty__title'], ['login-link', '/login-link#btl_nonsense', '.form'], ['rescue-link', '/rescue#btl_nonsense', '[name=new-password]'],
];
const INSIDE = [
  ['chat', '/chat', '.message >> nth=9'], ['calendar', '/calendar', '.schedule >> nth=3'], ['child', '/child', '.child >> nth=1'], ['settings', '/settings', '.me__name'],
  ...['profile', 'look', 'couple', 'devices', 'password', 'install'].map((section) => [section, `/settings/${section}`, ':is(.row, .field, .choice, .install) >> visible=true']),
  ...['link', 'rescue', 'parting', 'withdraw'].map((section) => [`settings-${section}`, `/settings/${section}`, ':is(.invite__qr, .facts)']),
  ['rooms', '/chat/rooms', '.room >> nth=2'], ['new-room', '/chat/new', '.people__person >> nth=1'], ['nowhere', '/nowhere', '.empty__title'],
];
/** What opens over a screen: its button, what comes. */
const OVER = [
  ['plan', '/calendar', '.schedule__body', '.schedule-form'], ['edit-child', '/child', 'role=button[name=/밤비/]', '.child-form'], ['photo', '/chat', 'button.picture', '.viewer'],
  ['log-out', '/settings', 'role=button[name=/로그아웃|Log out/]', 'dialog[open]'],
];

for (const device of Object.keys(DEVICES)) {
  for (const locale of ['ko-KR', 'en-US']) {
    test(`every screen on a ${device} in ${locale}`, { timeout: 120_000 }, async () => {
      const language = locale.slice(0, 2);
      const variant = { device, language };
      await right(as(anna).patch('/users/me', { locale: language }));
      const page = await DEVICES[device](browser, server.url, { locale, reducedMotion: 'reduce' });
      page.allow(/status of 40[04]/);
      const see = async (name, address, sign) => {
        await page.open(address);
        await page.locator(sign).first().waitFor();
        await take(page, variant, name);
      };
      for (const [name, address, sign] of OUTSIDE) await see(name, address, sign);
      await see('door', family.door, '[name=nickname]');
      await signIn(page, anna);
      for (const [name, address, sign] of INSIDE) await see(name, address, sign);
      await see('room-info', `/chat/${family.roomId}/info`, '.row >> nth=3');
      await see('room-invite', `/chat/${family.roomId}/invite`, '.list .row');
      for (const [name, address, button, sign] of OVER) {
        await page.open(address);
        await page.locator(button).first().click();
        await page.locator(sign).first().waitFor();
        await take(page, variant, name);
      }
      assert.equal(await page.evaluate(() => document.documentElement.lang), language);
      await page.done();
      await page.context().close();
    });
  }
}
