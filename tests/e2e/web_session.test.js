'use strict';
// One session in the browser: it survives a reload, is shared by tabs, ends everywhere at once, leaves nothing behind.
const { test, before, after, beforeEach, afterEach } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { coupleOf, homeUrl, launch, phone, signIn, tab } = require('./browser.js');
const { until } = require('./kit.js');

const SLOW_MS = 20_000;
const OTHERS = [['서연이', 'MOM'], ['도윤이', 'DAD']];
let browser, server, anna, ben, page;

before(async () => {
  [browser, server] = await Promise.all([launch(), Server.start()]);
  [anna, ben] = await coupleOf(server);
});
after(async () => { await browser.close(); await server.stop(); });
beforeEach(async () => { page = await phone(browser, homeUrl(server)); });
afterEach(() => page.context().close());

const isAtTheDoor = (somebody) => somebody.locator('.welcome').waitFor();
const isInside = (somebody) => somebody.locator('nav.tabs').waitFor();
const leave = async (somebody) => {
  await somebody.open('/settings');
  await somebody.getByRole('button', { name: '로그아웃' }).click();
  await somebody.locator('dialog').getByRole('button', { name: '로그아웃' }).click();
};
/** Comes in from the door, on the page as it stands. */
const comeIn = async (somebody, { loginId, password }) => {
  await somebody.locator('.welcome').getByRole('link', { name: '로그인' }).click();
  await somebody.locator('[name=username]').fill(loginId);
  await somebody.locator('[name=password]').fill(password);
  await somebody.locator('.form .button').click();
  await isInside(somebody);
};
/** What the API says to this person. */
const told = async ({ accessToken }, address, method = 'GET') => (await (await fetch(server.api + address, { method, headers: { Authorization: `Bearer ${accessToken}` } })).json()).data;
/** Ends this person's sessions in browsers, as another device does. */
const endElsewhere = async (person) => {
  for (const { sessionId, client } of await told(person, '/users/me/sessions')) if (client === 'web') await told(person, `/users/me/sessions/${sessionId}`, 'DELETE');
};
/** What the app remembers of this person on this device. */
const remembered = (somebody, { userId }) => somebody.evaluate((name) => new Promise((resolve, reject) => {
  const opening = indexedDB.open(name);
  opening.onupgradeneeded = () => opening.transaction.abort();
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const table = opening.result.transaction('kept').objectStore('kept');
    const [keys, values] = [table.getAllKeys(), table.getAll()];
    values.onsuccess = () => { opening.result.close(); resolve(Object.fromEntries(keys.result.map((key, at) => [key, values.result[at]]))); };
  };
}), `bambitalk-${userId}`);
/** What a thief of the device would find. */
const leftovers = (somebody) => somebody.evaluate(async () => ({
  databases: (await indexedDB.databases()).map(({ name }) => name),
  storage: Object.keys(localStorage),
  cookies: document.cookie,
}));

test('a wrong password is said kindly; the right one opens, and a reload stays inside', async () => {
  page.allow(/status of 401/);
  await page.open('/login');
  await page.locator('[name=username]').fill(anna.loginId);
  await page.locator('[name=password]').fill('not-my-password');
  await page.keyboard.press('Enter');
  await page.getByText('아이디나 비밀번호가 맞지 않아요').waitFor();
  await page.locator('[name=password]').fill(anna.password);
  await page.keyboard.press('Enter');
  await isInside(page);
  await page.reload();
  await isInside(page);
  const { cookies } = await leftovers(page);
  assert.equal(cookies, '', 'scripts do not see the session');
  assert.deepEqual(await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }).match(/bt[ar]_/)), null, 'no token is ever stored');
  await page.done();
});

test('the line breaks between the token and who I am: it says so, and goes on when it can', async () => {
  page.allow(/ERR_FAILED/);
  await signIn(page, anna);
  await page.evaluate(() => localStorage.removeItem('user'));
  await page.route('**/users/me', (route) => route.abort());
  await page.reload();
  await page.getByText('집에 닿지 않아요').first().waitFor();
  await page.unroute('**/users/me');
  await page.getByRole('button', { name: '다시 해 보기' }).click();
  await isInside(page);
  await page.done();
});

test('the session ends between the token and who I am: nothing of it is shown, and nothing stays', async () => {
  const [mine] = await coupleOf(server);
  page.allow(/status of 401/);
  await signIn(page, mine);
  await page.locator('.composer__text').waitFor();
  let isEnded = false;
  await page.route('**/users/me', async (route) => {
    if (!isEnded) await endElsewhere(mine);
    isEnded = true;
    return route.continue();
  });
  await page.reload();
  await isAtTheDoor(page);
  assert.deepEqual(await leftovers(page), { databases: [], storage: [], cookies: '' });
  await page.done();
});

for (const [what, isHeld] of [['a line swallows the renewal', false], ['a tab that sleeps keeps its turn', true]]) {
  test(`${what}: after a while what is remembered is shown`, async () => {
    const own = await phone(browser, server.url);
    await own.clock.install();
    await signIn(own, anna);
    await own.locator('.composer__text').waitFor();
    await until(async () => 'chat.rooms' in await remembered(own, anna), SLOW_MS, 'the rooms being kept');
    let isAsked = false;
    await own.context().route('**/auth/tokens/refresh', () => { isAsked = true; });
    const other = await tab(own.context(), server.url);
    if (isHeld) {
      await other.open('/healthz');
      await other.evaluate(() => { navigator.locks.request('bambitalk-token', () => new Promise(() => {})); });
    }
    await own.reload();
    await until(() => isAsked || isHeld && own.evaluate(async () => (await navigator.locks.query()).pending.some(({ name }) => name === 'bambitalk-token')), SLOW_MS, 'it being asked for');
    await own.clock.fastForward(11_000);
    await own.locator('.composer__text').waitFor();
    await own.context().close();
  });
}

test('who opens a screen while signed out comes to it after signing in', async () => {
  await page.open('/settings/look');
  await isAtTheDoor(page);
  await page.getByRole('link', { name: '로그인' }).click();
  await page.locator('[name=username]').fill(anna.loginId);
  await page.locator('[name=password]').fill(anna.password);
  await page.locator('.form .button').click();
  await page.waitForURL('**/settings/look');
  await page.done();
});

test('a step back after signing in or out leads to no door and no screen that is not for me', async () => {
  const outside = 'data:text/html,<title>outside</title>';
  await page.goto(outside);
  await page.open('/');
  await page.getByRole('link', { name: '로그인' }).click();
  await page.locator('[name=username]').fill(anna.loginId);
  await page.locator('[name=password]').fill(anna.password);
  await page.locator('.form .button').click();
  await page.waitForURL('**/chat');
  await page.locator('.composer').waitFor();
  assert.equal(await page.evaluate(() => history.state.depth), 0);
  await page.locator('.tabs a[href="/settings"]').click();
  await page.locator('.me__name').waitFor();
  await page.goBack();
  await page.locator('.composer').waitFor();
  await page.goBack();
  await until(async () => (await page.title()) === 'outside', SLOW_MS, 'being where we came from');
  await page.goForward();
  await page.locator('.composer').waitFor();
  await page.locator('.tabs a[href="/calendar"]').click();
  await page.locator('.calendar').waitFor();
  await page.locator('.tabs a[href="/settings"]').click();
  await page.getByRole('button', { name: '로그아웃' }).click();
  await page.locator('dialog').getByRole('button', { name: '로그아웃' }).click();
  await isAtTheDoor(page);
  await page.goBack();
  await until(async () => (await page.title()) === 'outside', SLOW_MS, 'being where we came from');
  await page.done();
});

test('two tabs share one session, also when both renew it at once, and leave together', async () => {
  await signIn(page, anna);
  const other = await tab(page.context(), homeUrl(server));
  await Promise.all([other.open('/chat'), page.reload()]);
  await Promise.all([isInside(other), isInside(page)]);
  for (let i = 0; i < 3; i += 1) await Promise.all([other.reload(), page.reload()]);
  await Promise.all([isInside(other), isInside(page)]);

  await leave(page);
  await Promise.all([isAtTheDoor(page), isAtTheDoor(other)]);
  await until(async () => (await leftovers(page)).databases.length === 0, SLOW_MS, 'the databases are gone');
  assert.deepEqual((await leftovers(page)).storage, []);
  await other.reload();
  await isAtTheDoor(other);
  await Promise.all([page.done(), other.done()]);
});

test('leaving does not wait for a tab that sleeps, and nothing is left when it wakes', async () => {
  await signIn(page, anna);
  await page.locator('.composer__text').waitFor();
  const other = await tab(page.context(), homeUrl(server));
  await other.open('/chat');
  await other.locator('.composer__text').waitFor();
  const session = await page.context().newCDPSession(other);
  await session.send('Debugger.enable');
  await Promise.all([new Promise((resolve) => { session.once('Debugger.paused', resolve); }), session.send('Debugger.pause')]);
  await leave(page);
  await isAtTheDoor(page);
  await session.send('Debugger.disable');
  await isAtTheDoor(other);
  await until(async () => (await leftovers(page)).databases.length === 0, SLOW_MS, 'the databases are gone');
  assert.deepEqual((await leftovers(page)).storage, []);
});

test('with the calendar open, leaving in another tab asks for nothing more', async () => {
  await signIn(page, anna);
  await page.open('/calendar');
  await page.locator('.day-list').waitFor();
  const other = await tab(page.context(), homeUrl(server));
  await leave(other);
  await isAtTheDoor(page);
  await until(async () => (await leftovers(page)).databases.length === 0, SLOW_MS, 'the databases are gone');
  await page.waitForLoadState('networkidle');
  await Promise.all([page.done(), other.done()]);
});

test('a second person on the same device finds nothing of the first', async () => {
  await signIn(page, anna);
  await page.open('/settings');
  await page.getByText(anna.nickname).first().waitFor();
  await leave(page);
  await isAtTheDoor(page);
  await signIn(page, ben);
  await page.open('/settings');
  await page.locator('.me__name', { hasText: ben.nickname }).waitFor();
  await page.done();
});

for (const [locale, words] of [
  ['ko-KR', { logout: '로그아웃', ask: '아직 보내지 못한 메시지가 2개 있어요', stay: '그대로 있기', anyway: '그냥 로그아웃', send: '먼저 보내기' }],
  ['en-US', { logout: 'Log out', ask: '2 messages are not sent yet', stay: 'Stay', anyway: 'Log out anyway', send: 'Send first' }],
]) {
  test(`signing out with something unsent asks first, ${locale}`, async () => {
    const [mine, theirs] = await coupleOf(server);
    const own = await phone(browser, server.url, { locale });
    own.allow(/ERR_|WebSocket|Failed to fetch|An unknown error occurred when fetching the script/);
    await signIn(own, mine);
    await own.open('/settings/look');
    await own.locator('.choice__option', { hasText: locale === 'ko-KR' ? '한국어' : 'English' }).click();
    const write = async (text) => { await own.locator('.composer__text').fill(text); await own.locator('.composer__send button').click(); };
    const ask = async () => {
      await own.locator('.tabs a[href="/settings"]').click();
      await own.getByRole('button', { name: words.logout }).click();
      await own.locator('dialog').getByText(words.ask).waitFor();
    };
    const answer = (word) => own.locator('dialog').getByRole('button', { name: word, exact: true }).click();
    await own.locator('.tabs a[href="/chat"]').click();
    await own.locator('.composer').waitFor();
    await own.context().setOffline(true);
    for (const text of ['가', '나']) await write(text);
    await own.locator('.message--waiting').nth(1).waitFor();
    await ask();
    await own.shot(`test-unsent-${locale.slice(0, 2)}`);
    await answer(words.stay);
    await own.locator('.tabs a[href="/chat"]').click();
    await own.locator('.message--waiting').nth(1).waitFor();
    await ask();
    await answer(words.send);
    await own.context().setOffline(false);
    await isAtTheDoor(own);
    const other = await phone(browser, server.url);
    await signIn(other, theirs);
    await until(async () => (await other.locator('.bubble__text').allTextContents()).join() === '가,나', SLOW_MS, 'both being there, once');
    await signIn(own, mine);
    await own.locator('.composer').waitFor();
    await own.route('**/files', (route) => route.abort());
    await own.locator('[data-pick=file]').setInputFiles({ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('a') });
    await own.locator('.sheet .button').click();
    await own.locator('.message--waiting').waitFor();
    await own.locator('.tabs a[href="/settings"]').click();
    await own.getByRole('button', { name: words.logout }).click();
    await answer(words.anyway);
    await isAtTheDoor(own);
    assert.deepEqual((await leftovers(own)).databases, []);
    await Promise.all([own.done(), other.done()]);
    await Promise.all([own.context().close(), other.context().close()]);
  });
}

test('ended from another device, it is at the door at once', async () => {
  page.allow(/status of 401/);
  await signIn(page, anna);
  await until(() => page.evaluate(() => performance.getEntriesByType('resource').some(({ name }) => name.includes('socket.io.esm'))), SLOW_MS, 'the socket is on its way');
  await endElsewhere(anna);
  await isAtTheDoor(page);
  await page.done();
});

test('what was not sent when the session was ended elsewhere goes out once its writer is back; nobody else sees it', async () => {
  const [mine, theirs] = await coupleOf(server);
  page.allow(/ERR_|WebSocket|status of 401/);
  const texts = () => page.locator('.bubble__text').allTextContents();
  await signIn(page, mine);
  await page.locator('.composer__text').waitFor();
  await page.context().setOffline(true);
  for (const text of ['가', '나']) {
    await page.locator('.composer__text').fill(text);
    await page.locator('.composer__send button').click();
  }
  await page.locator('.message--waiting').nth(1).waitFor();
  await page.locator('.composer__text').fill('쓰다 만 말');
  await until(async () => JSON.stringify(await remembered(page, mine)).includes('쓰다 만 말'), SLOW_MS, 'the draft being kept');
  await endElsewhere(mine);
  await page.context().setOffline(false);
  await isAtTheDoor(page);
  for (const key of Object.keys(await remembered(page, mine))) assert.match(key, /^chat\.(outbox|draft)\./, 'nothing but that stays');

  await comeIn(page, theirs);
  await page.locator('.composer__text').waitFor();
  assert.equal(await page.locator('.composer__text').inputValue(), '');
  const { roomId } = (await told(theirs, '/rooms')).find(({ kind }) => kind === 'COUPLE');
  assert.deepEqual([await texts(), (await told(theirs, `/rooms/${roomId}/messages`)).messages], [[], []]);
  await leave(page);
  await isAtTheDoor(page);

  await comeIn(page, mine);
  await page.locator('.tabs a[href="/chat"]').click();
  await until(async () => (await texts()).join() === '가,나' && await page.locator('.message--waiting, .message--failed').count() === 0, SLOW_MS, 'both being sent');
  assert.deepEqual((await told(theirs, `/rooms/${roomId}/messages`)).messages.map(({ content }) => content).reverse(), ['가', '나'], 'each once');
  assert.equal(await page.locator('.composer__text').inputValue(), '쓰다 만 말');
  await leave(page);
  await isAtTheDoor(page);
  assert.deepEqual(await leftovers(page), { databases: [], storage: [], cookies: '' });
  await page.done();
});

const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
const photo = (name) => ({ name, mimeType: 'image/png', buffer: PNG });
/** No picture is read until `goOn()`. */
async function holdPictures(somebody) {
  await somebody.evaluate(() => {
    const make = globalThis.createImageBitmap;
    const held = new Promise((resolve) => { globalThis.goOn = resolve; });
    globalThis.createImageBitmap = async (...given) => { await held; return make(...given); };
  });
  return () => somebody.evaluate(() => globalThis.goOn());
}
/** Photos that are being made ready to be sent, until `goOn()`. */
async function preparing(somebody, names) {
  const goOn = await holdPictures(somebody);
  await somebody.locator('[data-pick=album]').setInputFiles(names.map(photo));
  await somebody.getByRole('button', { name: `${names.length}개 보내기` }).click();
  await somebody.locator('dialog .button--busy').waitFor();
  return goOn;
}
const senders = async (person) => {
  const { roomId } = (await told(person, '/rooms')).find(({ kind }) => kind === 'COUPLE');
  return (await told(person, `/rooms/${roomId}/messages`)).messages.map(({ senderId, type }) => `${type} of ${senderId}`).reverse();
};

test('photos still being made ready when one is signed out do not go out in the name of who comes in next', async () => {
  const [mine, theirs] = await coupleOf(server);
  page.allow(/status of 401/);
  await signIn(page, mine);
  await page.locator('.composer__text').waitFor();
  const goOn = await preparing(page, ['a.png', 'b.png']);
  await endElsewhere(mine);
  await isAtTheDoor(page);
  await comeIn(page, theirs);
  await page.locator('.composer__text').waitFor();
  await goOn();
  // What is sent goes out in its order: nothing of hers is before this.
  await page.waitForTimeout(500);
  await page.locator('.composer__text').fill('나야');
  await page.locator('.composer__send button').click();
  await until(async () => (await senders(theirs)).length > 0, SLOW_MS, 'what he wrote');
  assert.deepEqual(await senders(theirs), [`TEXT of ${theirs.userId}`]);
  assert.deepEqual(Object.keys(await remembered(page, theirs)).filter((key) => key.startsWith('chat.outbox.')), []);
  await page.done();
});

test('photos still being made ready count as unsent, and are sent before one is signed out where that is wished', async () => {
  const [mine] = await coupleOf(server);
  await signIn(page, mine);
  await page.locator('.composer__text').waitFor();
  const goOn = await preparing(page, ['a.png', 'b.png']);
  await page.evaluate(async () => { (await part('/router.js')).navigate('/settings'); });
  await page.getByRole('button', { name: '로그아웃' }).click();
  await page.locator('dialog').getByText('아직 보내지 못한 메시지가 2개 있어요').waitFor();
  await page.locator('dialog').getByRole('button', { name: '먼저 보내기' }).click();
  await goOn();
  await isAtTheDoor(page);
  assert.deepEqual(await senders(mine), Array(2).fill(`IMAGE of ${mine.userId}`));
  await page.done();
});

test('what was looked for is not there for who comes in next', async () => {
  const [mine, theirs] = await coupleOf(server);
  page.allow(/status of 401/);
  await signIn(page, mine);
  const look = () => page.evaluate(async () => { (await part('/router.js')).navigate('/chat/search'); });
  await look();
  await page.locator('.finder__words').fill('사과');
  await endElsewhere(mine);
  await isAtTheDoor(page);
  await comeIn(page, theirs);
  await look();
  await page.locator('.finder__words').waitFor();
  assert.equal(await page.locator('.finder__words').inputValue(), '');
  await page.done();
});

for (const [what, isEnd] of [['the page is left', false], ['the session ends', true]]) {
  test(`what was written right before ${what} is kept`, async () => {
    const [mine] = await coupleOf(server);
    page.allow(/status of 401/);
    await signIn(page, mine);
    await page.locator('.composer__text').waitFor();
    await page.evaluate(async (ends) => {
      const { end } = await part('/net/api.js');
      const box = document.querySelector('.composer__text');
      box.value = '쓰다 만 말';
      box.dispatchEvent(new Event('input'));
      if (ends) end('signed-out');
      else location.reload();
    }, isEnd).catch(() => {});
    if (isEnd) {
      await isAtTheDoor(page);
      await comeIn(page, mine);
    }
    await until(async () => await page.locator('.composer__text').inputValue().catch(() => '') === '쓰다 만 말', SLOW_MS, 'the draft');
    await page.done();
  });
}

test('a face still being made ready when one is signed out does not become that of who comes in next', async () => {
  const [mine, theirs] = await coupleOf(server);
  page.allow(/status of 401/);
  await signIn(page, mine);
  await page.open('/settings/profile');
  await page.locator('.photo .button').first().waitFor();
  const goOn = await holdPictures(page);
  await page.locator('.photo input').setInputFiles(photo('face.png'));
  await page.locator('.photo .button--busy').waitFor();
  await endElsewhere(mine);
  await isAtTheDoor(page);
  await comeIn(page, theirs);
  let uploads = 0;
  await page.route('**/api/v1/files', (route) => { uploads += 1; return route.continue(); });
  await goOn();
  await page.waitForTimeout(500);
  await page.waitForLoadState('networkidle');
  assert.deepEqual([uploads, (await told(theirs, '/users/me')).avatar ?? null], [0, null]);
  await page.done();
});

test('what is still awaited when one is signed out is nothing to who comes in next', async () => {
  const [[mine], [next]] = [await coupleOf(server), await coupleOf(server, OTHERS)];
  page.allow(/status of 401|ERR_/);
  await signIn(page, mine);
  await until(() => page.evaluate(async () => (await part('/net/socket.js')).connection.value === 'live'), SLOW_MS, 'the line being there');
  // Her token is refused, and the new one does not come.
  const held = [];
  await page.route('**/auth/tokens/refresh', (route) => { held.push(route); });
  await page.route('**/api/v1/rooms', (route) => route.fulfill({ status: 401, json: { code: '2400', message: '' } }));
  await page.evaluate(async () => { (await part('/chat/rooms.js')).loadRooms().catch(() => {}); });
  await until(() => held.length > 0, SLOW_MS, 'the renewal being awaited');
  await endElsewhere(mine);
  await isAtTheDoor(page);
  await page.unroute('**/api/v1/rooms');
  await comeIn(page, next);
  await page.locator('.composer__text').fill('내 방');
  await page.locator('.composer__send button').click();
  await page.locator('.bubble__text', { hasText: '내 방' }).waitFor();
  const { accessToken, userId } = mine;
  await Promise.all(held.map((route) => route.fulfill({ json: { code: '0000', data: { accessToken, user: { userId } } } }).catch(() => {})));
  await page.locator('.tabs a[href="/settings"]').click();
  await page.locator('.me__name', { hasText: '서연이' }).waitFor();
  const rooms = (await told(next, '/rooms')).map(({ roomId }) => roomId);
  assert.deepEqual((await remembered(page, next))['chat.rooms'].map(({ roomId }) => roomId), rooms);
  await page.done();
});

test('a tab that slept while somebody else came in does nothing in their name, and is theirs then', async () => {
  const [[mine], [next]] = [await coupleOf(server), await coupleOf(server, OTHERS)];
  page.allow(/status of 401|ERR_|WebSocket/);
  // It hears neither the other tab nor the server.
  await page.addInitScript(() => { delete globalThis.BroadcastChannel; });
  await page.route('**/socket.io/**', (route) => route.abort());
  await page.routeWebSocket(/socket\.io/, (socket) => socket.close());
  await signIn(page, mine);
  await page.open('/settings/profile');
  await page.locator('[name=nickname]').fill('엄마');
  const other = await tab(page.context(), homeUrl(server));
  await leave(other);
  await isAtTheDoor(other);
  await comeIn(other, next);
  await page.evaluate(() => { globalThis.isSame = true; });
  await page.locator('.form .button').click();
  await until(() => page.evaluate(() => !globalThis.isSame).catch(() => false), SLOW_MS, 'the page starting over');
  await until(async () => await page.locator('[name=nickname]').inputValue() === '서연이', SLOW_MS, 'it being hers');
  assert.equal((await told(next, '/users/me')).nickname, '서연이');
  await Promise.all([page.done(), other.done()]);
});

for (const [how, isDeaf] of [['hears of it', false], ['finds out by itself', true]]) {
  test(`a tab that did not hear the end, and then ${how} that somebody else is in, keeps nothing more of who was here`, async () => {
    const [[mine], [next]] = [await coupleOf(server), await coupleOf(server, OTHERS)];
    page.allow(/status of 401|ERR_|WebSocket/);
    await signIn(page, mine);
    if (isDeaf) await page.addInitScript(() => { delete globalThis.BroadcastChannel; });
    await page.route('**/socket.io/**', (route) => route.abort());
    await page.routeWebSocket(/socket\.io/, (socket) => socket.close());
    await page.open('/chat');
    await page.locator('.composer__text').fill('비밀 이야기');
    await page.locator('.composer__send button').click();
    await page.locator('.message:not(.message--waiting) .bubble__text', { hasText: '비밀 이야기' }).waitFor();
    // What was begun stays on the device, and with it the database.
    await page.locator('.composer__text').fill('쓰다 만 말');
    await until(async () => JSON.stringify(await remembered(page, mine)).includes('쓰다 만 말'), SLOW_MS, 'the draft being kept');
    const other = await tab(page.context(), homeUrl(server));
    other.allow(/status of 401/);
    await other.open('/settings');
    await isInside(other);
    await until(() => other.evaluate(async () => (await part('/net/socket.js')).connection.value === 'live'), SLOW_MS, 'the line being there');
    await endElsewhere(mine);
    await isAtTheDoor(other);
    await page.evaluate(() => { globalThis.isSame = true; });
    await comeIn(other, next);
    if (isDeaf) await page.evaluate(async () => { (await part('/chat/rooms.js')).loadRooms().catch(() => {}); });
    await until(() => page.evaluate(() => !globalThis.isSame).catch(() => false), SLOW_MS, 'the page starting over');
    await isInside(page);
    assert.deepEqual(Object.keys(await remembered(other, mine)).filter((key) => !/^chat\.(outbox|draft)\./.test(key)), []);
    await Promise.all([page.done(), other.done()]);
  });
}

test('what makes the line could not be fetched: it is said, and the line comes all the same', async () => {
  page.allow(/ERR_FAILED/);
  await signIn(page, anna);
  let isGone = true;
  await page.route('**/socket.io.esm.min.js', (route) => (isGone ? route.abort() : route.continue()));
  await page.open('/settings');
  await page.getByText('연결이 끊겼어요').waitFor();
  isGone = false;
  await until(() => page.evaluate(async () => (await part('/net/socket.js')).connection.value === 'live'), SLOW_MS, 'the line being there');
  await page.getByText('연결이 끊겼어요').waitFor({ state: 'detached' });
  await page.done();
});

test('a server that is away is said so; when it is back, the line is', async () => {
  page.allow(/ERR_CONNECTION_RE|WebSocket connection|status of 5/);
  await signIn(page, anna);
  await page.open('/settings');
  await page.locator('.me__name').waitFor();
  await server.kill();
  await page.getByText('연결이 끊겼어요').waitFor();
  await page.shot('test-lost');
  const [word, view] = await Promise.all(['.notice', '.shell__view'].map((name) => page.locator(name).boundingBox()));
  assert.ok(word.height > 0 && word.y + word.height <= view.y, 'it hides nothing');
  // What was remembered of a screen already seen is still there, and what is not says so without a white page.
  await page.getByRole('link', { name: /화면과 언어/ }).click();
  await page.getByText('밝게').waitFor();
  await server.restart();
  await page.getByText('연결이 끊겼어요').waitFor({ state: 'detached', timeout: SLOW_MS });
  await page.done();
});
