'use strict';
// Chat in the browser, on two phones: what one writes the other reads, once and in order, whatever the line and the server do.
const { test, before, after, beforeEach, afterEach } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { complaints, coupleOf, desktop, homeUrl, launch, phone, signIn, tab } = require('./browser.js');
const { pause, until, within } = require('./kit.js');

const SLOW_MS = 20_000;
let browser, server, anna, ben, annas, bens;

before(async () => { [browser, server] = await Promise.all([launch(), Server.start()]); });
after(async () => { await browser.close(); await server.stop(); });
beforeEach(async () => {
  [anna, ben] = await coupleOf(server);
  [annas, bens] = await Promise.all([anna, ben].map((person) => enter(person)));
});
afterEach(async () => {
  await Promise.all([annas, bens].map((page) => page.context().close()));
  if (server.process.exitCode !== null || server.process.signalCode !== null) await server.restart();
});

/** A signed-in phone of this person, in the chat. */
async function enter(person, base = server.url) {
  const page = await phone(browser, base);
  await signIn(page, person);
  await isReady(page);
  return page;
}
const isReady = (page) => page.locator('.composer__text').waitFor();
const write = async (page, text) => {
  await page.locator('.composer__text').fill(text);
  await page.locator('.composer__send button').click();
};
const texts = (page) => page.locator('.bubble__text').allTextContents();
const has = (page, text) => page.locator('.bubble__text', { hasText: text }).last().waitFor({ timeout: SLOW_MS });
const isRead = (page) => until(async () => await page.locator('.heart:not(.heart--read)').count() === 0, SLOW_MS, 'the hearts going');
const nothingWaits = (page) => until(async () => await page.locator('.message--waiting, .message--failed').count() === 0, SLOW_MS, 'everything being sent');
/** A message is shown, and seen to wait, once the phone has it: so the last one must be there first. */
const allSent = (...last) => Promise.all([annas, bens].map(async (page, who) => { await has(page, last[who]); await nothingWaits(page); }));
const isInOrder = (page, expected) => until(async () => JSON.stringify(await texts(page)) === JSON.stringify(expected), SLOW_MS, `${expected.length} messages in order`)
  .catch(async (error) => { assert.deepEqual(await texts(page), expected); throw error; });
const done = () => Promise.all([annas.done(), bens.done()]);
const cut = (page) => page.context().setOffline(true);
const mend = (page) => page.context().setOffline(false);
const isBroken = /ERR_INTERNET_DISCONNECTED|ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_FAILED|WebSocket|status of 50\d|Failed to fetch|An unknown error occurred when fetching the script/;

/** What the server has, oldest first. */
async function saved(person = anna) {
  const call = async (path) => (await (await fetch(server.api + path, { headers: { Authorization: `Bearer ${person.accessToken}` } })).json()).data;
  const room = (await call('/rooms')).find(({ kind }) => kind === 'COUPLE');
  const { messages } = await call(`/rooms/${room.roomId}/messages?limit=50`);
  return messages.reverse();
}

/** Sends many, quickly, past the browser. */
async function fill(person, count, text = (at) => `${at}`) {
  const headers = { Authorization: `Bearer ${person.accessToken}`, 'Content-Type': 'application/json' };
  const rooms = (await (await fetch(`${server.api}/rooms`, { headers })).json()).data;
  const { roomId } = rooms.find(({ kind }) => kind === 'COUPLE');
  for (let at = 1; at <= count; at += 1) {
    const response = await fetch(`${server.api}/rooms/${roomId}/messages`, { method: 'POST', headers, body: JSON.stringify({ type: 'TEXT', content: text(at) }) });
    assert.equal(response.status, 201);
  }
  return roomId;
}

test('who goes right after reading is seen to be gone', async () => {
  await annas.locator('.who__dot').waitFor({ timeout: SLOW_MS });
  // Where a mark was told just now, the next one waits.
  for (const mark of [1, 2]) {
    await fill(anna, 1);
    await within(bens.evaluate(async (wanted) => {
      const { mainRoom, markOf } = await part('/chat/rooms.js');
      await new Promise((resolve) => { const look = () => (markOf(mainRoom.value) === wanted ? resolve() : requestAnimationFrame(look)); look(); });
      if (wanted === 2) document.querySelector('nav.tabs a:last-child').click();
    }, mark), SLOW_MS, 'it being read');
  }
  await isRead(annas);
  await until(async () => await annas.locator('.who__dot').count() === 0, SLOW_MS, 'him being gone');
  await bens.locator('nav.tabs a[href="/chat"]').click();
  await annas.locator('.who__dot').waitFor({ timeout: SLOW_MS });
  await done();
});

test('what one writes the other reads; the heart goes when it is read', async () => {
  await bens.open('/calendar');
  await write(annas, '안녕 여보');
  await has(annas, '안녕 여보');
  await nothingWaits(annas);
  assert.equal(await annas.locator('.heart').count(), 1, 'not read yet');
  await bens.locator('.tabs .badge', { hasText: '1' }).waitFor();
  await until(async () => (await bens.title()).startsWith('(1) '), SLOW_MS, 'the number in the title');
  await bens.locator('.tabs a[href="/chat"]').click();
  await has(bens, '안녕 여보');
  await isRead(annas);
  await until(async () => !(await bens.title()).startsWith('('), SLOW_MS, 'the number gone');
  await bens.locator('.composer__text').pressSequentially('응');
  await annas.locator('.who__state--typing').waitFor();
  await write(bens, '응, 여기 있어');
  await has(annas, '응, 여기 있어');
  await annas.locator('.who__state--typing').waitFor({ state: 'detached' });
  await isRead(bens);
  await annas.locator('.who__state', { hasText: '지금 보고 있어요' }).waitFor();
  await done();
});

test('one after the other, many at once from both: both see the same order', async () => {
  await Promise.all([annas, bens].map(async (page, who) => { for (let at = 0; at < 15; at += 1) await write(page, `${who ? 'b' : 'a'}${at}`); }));
  await allSent('a14', 'b14');
  const expected = (await saved()).map(({ content }) => content);
  assert.equal(expected.length, 30);
  await Promise.all([isInOrder(annas, expected), isInOrder(bens, expected)]);
  for (const who of ['a', 'b']) assert.deepEqual(expected.filter((text) => text[0] === who), Array.from({ length: 15 }, (_, at) => `${who}${at}`));
  await done();
});

test('hostile strings stay what they are: text', async () => {
  const hostile = [
    '<img src=x onerror="document.title=\'taken\'">', '<script>document.title="taken"</script>', 'javascript:document.title="taken"', '[x](javascript:alert(1))',
    '<a href="javascript:alert(1)">x</a>', '"><svg onload=alert(1)>', '${1+1}{{1+1}}', '‮أمر txt.exe', 'שלום ‏עולם', 'Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘', 'a\u0000b',
    'https://a.kr/"onmouseover="alert(1)', 'data:text/html,<script>alert(1)</script>', '\ud800 alone \udc00', '가'.repeat(4_000), 'W'.repeat(3_000), '👨‍👩‍👧‍👦'.repeat(200),
  ];
  for (const text of hostile) {
    await annas.locator('.composer__text').evaluate((area, value) => { area.value = value; area.dispatchEvent(new InputEvent('input', { bubbles: true })); }, text);
    await annas.locator('.composer__send button').click();
  }
  await until(async () => await bens.locator('.bubble__text').count() === hostile.length, SLOW_MS, 'all of it on the other phone');
  const received = (await saved()).map(({ content }) => content);
  assert.deepEqual(received, hostile.map((text) => text.toWellFormed()));
  for (const page of [annas, bens]) {
    assert.ok(!(await page.title()).includes('taken'));
    const shown = await texts(page);
    for (const [at, text] of received.entries()) if (text.length < 500) assert.equal(shown[at], text);
    const made = await page.locator('.messages__list').evaluate((list) => ({
      foreign: list.querySelectorAll('img, script, svg:not(.icon), iframe, [onerror], [onload], [onmouseover]').length,
      links: [...list.querySelectorAll('a')].map((link) => [link.protocol, link.rel, link.target]),
      wide: list.scrollWidth > list.clientWidth,
    }));
    assert.equal(made.foreign, 0);
    assert.ok(made.links.every(([protocol, rel, target]) => protocol === 'https:' && rel === 'noopener noreferrer' && target === '_blank'));
    assert.ok(!made.wide, 'nothing sticks out');
  }
  await done();
});

test('what is changed, deleted for everybody or hidden for me elsewhere is so here, live and after a reload', async () => {
  const roomId = await fill(anna, 4);
  await has(bens, '4');
  await isRead(annas);
  const act = async (person, method, id, data) => {
    const headers = { Authorization: `Bearer ${person.accessToken}`, 'Content-Type': 'application/json' };
    const response = await fetch(`${server.api}/rooms/${roomId}/messages/${id}`, { method, headers, body: data && JSON.stringify(data) });
    assert.equal(response.status, 200);
  };
  await act(anna, 'PATCH', 2, { content: '둘' });
  await act(anna, 'DELETE', '3?for=all');
  await act(ben, 'DELETE', '1?for=me');
  const isAsChanged = async (page, expected) => {
    await page.locator('.message--deleted', { hasText: '삭제된 메시지예요' }).waitFor({ timeout: SLOW_MS });
    await isInOrder(page, expected);
  };
  await isAsChanged(bens, ['둘', '4']);
  await isAsChanged(annas, ['1', '둘', '4']);
  await bens.reload();
  await isAsChanged(bens, ['둘', '4']);
  await done();
});

test('written without a network, reloaded at any moment, sent when it is back: once and in order', async () => {
  // The first request after an opening without a network finds that the session has to be renewed.
  annas.allow(isBroken);
  annas.allow(/status of 401/);
  await keptWhole(annas);
  await write(annas, '하나');
  await has(annas, '하나');
  await nothingWaits(annas);
  await cut(annas);
  await reloaded(annas);
  // Just sent, it is no longer in the outbox; and it cannot be fetched.
  await isInOrder(annas, ['하나']);
  for (const text of ['둘', '셋']) await write(annas, text);
  await has(annas, '셋');
  await reloaded(annas);
  await isInOrder(annas, ['하나', '둘', '셋']);
  // Before it was even shown.
  await annas.locator('.composer__text').fill('넷');
  await Promise.all([annas.waitForEvent('load'), annas.locator('.composer__send button').evaluate((button) => { button.click(); location.reload(); })]);
  await isInOrder(annas, ['하나', '둘', '셋', '넷']);
  assert.equal(await annas.locator('.composer__text').inputValue(), '', 'it is not offered once more');
  await write(annas, '다섯');
  const all = ['하나', '둘', '셋', '넷', '다섯'];
  await isInOrder(annas, all);
  await mend(annas);
  await nothingWaits(annas);
  await isInOrder(bens, all);
  assert.deepEqual((await saved()).map(({ content }) => content), all);
  await done();
});
const reloaded = (page) => within(page.reload(), SLOW_MS, 'the app opening without a network');

/** Until the service worker has all of the app. */
const keptWhole = (page) => page.evaluate(async () => {
  const { active } = await navigator.serviceWorker.ready;
  if (active.state !== 'activated') await new Promise((resolve) => { active.onstatechange = () => { if (active.state === 'activated') resolve(); }; });
});

test('just come in, one message sent, the network gone: it is there at the next opening', async () => {
  const page = await phone(browser, server.url);
  page.allow(isBroken);
  await page.open('/login');
  await keptWhole(page);
  // So quickly that nothing which was put off for a moment has had its turn.
  await page.addInitScript(() => { const later = setTimeout; globalThis.setTimeout = (act, ms, ...rest) => later(act, ms >= 400 ? ms + 60_000 : ms, ...rest); });
  await signIn(page, anna);
  await isReady(page);
  await write(page, '방금');
  await has(page, '방금');
  await nothingWaits(page);
  await cut(page);
  await reloaded(page);
  await isInOrder(page, ['방금']);
  // Put away and looked at again, while it is still being read from the phone's slow disk.
  await page.addInitScript(() => {
    const get = IDBObjectStore.prototype.get;
    IDBObjectStore.prototype.get = function (key) {
      const request = get.call(this, key);
      if (key.startsWith('chat.history')) Object.defineProperty(request, 'onsuccess', { set: (act) => { globalThis.readOn = act; } });
      return request;
    };
  });
  await reloaded(page);
  await isReady(page);
  await page.evaluate(() => {
    for (const visibilityState of ['hidden', 'visible']) {
      Object.defineProperty(document, 'visibilityState', { value: visibilityState, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }
  });
  await page.getByText('다시 해 보기').waitFor();
  await page.evaluate(() => globalThis.readOn());
  await isInOrder(page, ['방금']);
  await page.done();
  await page.context().close();
});

test('the server dies in the middle and comes back: nothing lost, nothing twice', async () => {
  for (const page of [annas, bens]) page.allow(isBroken);
  const written = { a: [], b: [] };
  const writing = Promise.all([[annas, 'a'], [bens, 'b']].map(async ([page, who]) => {
    for (let at = 0; at < 20; at += 1) {
      written[who].push(`${who}${at}`);
      await write(page, `${who}${at}`);
    }
  }));
  await until(() => written.a.length > 6, SLOW_MS, 'some of it written');
  await server.kill();
  await until(() => written.a.length > 12, SLOW_MS, 'more of it written');
  await server.restart();
  await writing;
  await allSent('a19', 'b19');
  const expected = (await saved()).map(({ content }) => content);
  assert.equal(expected.length, 40, 'each once');
  for (const who of ['a', 'b']) assert.deepEqual(expected.filter((text) => text[0] === who), written[who]);
  await Promise.all([isInOrder(annas, expected), isInOrder(bens, expected)]);
  await done();
});

test('what was missed while the line was cut is there when it is back, in its place', async () => {
  bens.allow(isBroken);
  await write(annas, '처음');
  await has(bens, '처음');
  await cut(bens);
  await fill(anna, 120, (at) => `놓친 ${at}`);
  await mend(bens);
  await has(bens, '놓친 120');
  const shown = await texts(bens);
  assert.deepEqual(shown.slice(-120), Array.from({ length: 120 }, (_, at) => `놓친 ${at + 1}`));
  await done();
});

for (const [where, base] of [['HTTPS', () => server.url], ['plain HTTP', () => homeUrl(server)]]) {
  test(`two tabs over ${where}: both show the same, each message goes out once`, async () => {
    const first = base() === server.url ? annas : await enter(anna, base());
    const second = await tab(first.context(), base());
    second.allow(/Cross-Origin-Opener-Policy/);
    await second.open('/chat');
    await isReady(second);
    for (let at = 0; at < 6; at += 1) await write(at % 2 ? second : first, `탭 ${at}`);
    const expected = Array.from({ length: 6 }, (_, at) => `탭 ${at}`);
    await Promise.all([isInOrder(bens, expected), isInOrder(first, expected), isInOrder(second, expected)]);
    await Promise.all([nothingWaits(first), nothingWaits(second)]);
    await first.close();
    await write(second, '남은 탭');
    await isInOrder(bens, [...expected, '남은 탭']);
    assert.equal((await saved()).length, 7);
    await second.done();
    await bens.done();
  });
}

test('a tab that leads and falls asleep is relieved, more than once, also where the line was cut meanwhile', { timeout: 120_000 }, async () => {
  const second = await tab(annas.context(), server.url);
  second.allow(isBroken);
  await second.open('/chat');
  await isReady(second);
  const [first, other] = await Promise.all([annas, second].map((page) => page.context().newCDPSession(page)));
  await Promise.all([first, other].map((session) => session.send('Debugger.enable')));
  await other.send('Network.enable');
  const cutOff = (offline) => other.send('Network.emulateNetworkConditions', { offline, latency: 0, downloadThroughput: -1, uploadThroughput: -1 });
  const sleep = (session) => Promise.all([new Promise((resolve) => session.once('Debugger.paused', resolve)), session.send('Debugger.pause')]);
  const wake = (session) => session.send('Debugger.resume');

  await sleep(first);
  await cutOff(true);
  await write(second, '첫째가 자요');
  // Longer than the second waits for a word of the first.
  await pause(10_000);
  await cutOff(false);
  await has(bens, '첫째가 자요');
  await wake(first);
  await sleep(other);
  await write(annas, '둘째가 자요');
  await has(bens, '둘째가 자요');
  await wake(other);
  await nothingWaits(second);
  await Promise.all([isInOrder(annas, ['첫째가 자요', '둘째가 자요']), isInOrder(second, ['첫째가 자요', '둘째가 자요'])]);
  assert.equal((await saved()).length, 2);
  await Promise.all([done(), second.done()]);
});

/**
 * Scrolls by steps until the upper end (or the lower) is reached and `last` is there. Answers each step after which a message did not stand where the
 * step took it, how many messages the page held at most, and how often the app itself has scrolled: on a phone that would stop the finger's swing.
 */
const scrolled = (page, way, last) => page.evaluate(([way, last]) => new Promise((resolve) => {
  const box = document.querySelector('.messages__scroll');
  const position = Object.getOwnPropertyDescriptor(Element.prototype, 'scrollTop');
  const found = { jumps: [], most: 0, writes: 0 };
  Object.defineProperty(box, 'scrollTop', { configurable: true, get() { return position.get.call(box); }, set(to) { found.writes += 1; position.set.call(box, to); } });
  const messages = () => [...document.querySelectorAll('.message')];
  const left = () => (way === 'up' ? box.scrollHeight - box.clientHeight + box.scrollTop : -box.scrollTop);
  const step = () => {
    const by = Math.min(400, left()) * (way === 'up' ? 1 : -1);
    const edge = box.getBoundingClientRect().top;
    const row = messages().find((element) => element.getBoundingClientRect().bottom > edge + 40);
    const before = row.getBoundingClientRect().bottom;
    requestAnimationFrame(() => {
      const moved = row.isConnected ? row.getBoundingClientRect().bottom - before : NaN;
      if (!(Math.abs(moved - by) <= 1)) found.jumps.push({ moved, by });
      found.most = Math.max(found.most, messages().length);
      // The frame after the one in which the step is looked at.
      requestAnimationFrame(go);
    });
    position.set.call(box, box.scrollTop - by);
  };
  const go = () => {
    const isThere = [...document.querySelectorAll('.bubble__text')].some((text) => text.textContent === last);
    if (!isThere || left() >= 2) { step(); return; }
    delete box.scrollTop;
    resolve(found);
  };
  go();
}), [way, last]);
const isAtTop = (page) => page.waitForFunction(() => { const box = document.querySelector('.messages__scroll'); return box.scrollHeight - box.clientHeight + box.scrollTop < 2; });

test('three hundred messages: scrolling up reaches the first and down the last, without a jump', async () => {
  await fill(ben, 300, (at) => `메시지 ${at}${at % 7 ? '' : ' 길어요'.repeat(30)}`);
  await has(annas, '메시지 300');
  await isRead(bens);
  await annas.reload();
  await has(annas, '메시지 300');
  // The finger is quicker than the line: each page comes when the upper end is in view.
  await annas.route(/\/messages\?before=/, async (route) => { await isAtTop(annas); await route.continue(); });
  const isSmooth = async (way, last) => {
    const { most, ...rest } = await scrolled(annas, way, last);
    assert.deepEqual(rest, { jumps: [], writes: 0 }, way);
    assert.ok(most <= 210, 'the page holds no more than it needs');
  };
  await annas.evaluate(() => { globalThis.newest = [...document.querySelectorAll('.message')].slice(-5).map((row) => new WeakRef(row)); });
  await isSmooth('up', '메시지 1');
  const session = await annas.context().newCDPSession(annas);
  const areForgotten = async () => {
    await session.send('HeapProfiler.collectGarbage');
    return annas.evaluate(() => globalThis.newest.every((row) => !row.deref()));
  };
  await until(areForgotten, SLOW_MS, 'rows far below leaving the memory');
  await annas.locator('.newest').click();
  await has(annas, '메시지 300');
  await annas.locator('.newest').waitFor({ state: 'detached' });
  await isSmooth('up', '메시지 1');
  await isSmooth('down', '메시지 300');
  await annas.locator('.newest').waitFor({ state: 'detached' });
  await done();
});

test('while I read above, a new message moves nothing and is counted; the button goes there', async () => {
  await fill(ben, 80);
  await has(annas, '80');
  await isRead(bens);
  await annas.locator('.messages__scroll').evaluate((box) => { box.scrollTop = -1_500; });
  await annas.locator('.newest').waitFor();
  const place = () => annas.locator('.bubble__text', { hasText: /^50$/ }).evaluate((element) => element.getBoundingClientRect().top);
  const before = await place();
  await write(bens, '새 소식');
  await annas.locator('.newest__count', { hasText: '1' }).waitFor();
  assert.ok(Math.abs(await place() - before) < 1, 'it stays where it was');
  assert.equal(await bens.locator('.heart:not(.heart--read)').count(), 1, 'what is out of sight is not read');
  await annas.locator('.newest').click();
  await has(annas, '새 소식');
  await isRead(bens);
  await done();
});

test('after a while away the line shows how far was read', async () => {
  await write(bens, '읽은 것');
  await has(annas, '읽은 것');
  await isRead(bens);
  await annas.locator('.tabs a[href="/settings"]').click();
  await annas.locator('.composer').waitFor({ state: 'detached' });
  await fill(ben, 40, (at) => `안 읽은 것 ${at}`);
  await annas.locator('.tabs .badge', { hasText: '40' }).waitFor();
  await annas.locator('.tabs a[href="/chat"]').click();
  await annas.locator('.divider', { hasText: '여기까지 읽었어요' }).waitFor();
  const first = annas.locator('.bubble__text', { hasText: /^안 읽은 것 1$/ });
  await until(() => first.evaluate((element) => { const { top, bottom } = element.getBoundingClientRect(); return top >= 0 && bottom <= innerHeight; }), SLOW_MS, 'the first unread one in view');
  await annas.locator('.newest').click();
  await until(async () => await annas.locator('.tabs .badge').count() === 0, SLOW_MS, 'everything read');
  await done();
});

test('on a new phone, more unread than one page holds is read from where the reading stopped', async () => {
  await write(bens, '읽은 것');
  await has(annas, '읽은 것');
  await isRead(bens);
  await annas.goto('about:blank');
  const roomId = await fill(ben, 90, (at) => `안 읽은 것 ${at}`);
  const unread = async () => {
    const answer = await fetch(`${server.api}/rooms`, { headers: { Authorization: `Bearer ${anna.accessToken}` } });
    return (await answer.json()).data.find((room) => room.roomId === roomId).unreadCount;
  };
  const fresh = await enter(anna);
  await fresh.locator('.divider').waitFor();
  const isInView = (text) => fresh.locator('.bubble__text', { hasText: text }).evaluate((element) => { const { top, bottom } = element.getBoundingClientRect(); return top >= 0 && bottom <= innerHeight; });
  await until(() => isInView(/^안 읽은 것 1$/), SLOW_MS, 'the first unread one in view');
  await until(async () => await unread() < 90, SLOW_MS, 'what is seen being read');
  assert.ok(await unread() > 60, `${await unread()} are still to be read`);
  await fresh.locator('.newest').click();
  await until(async () => await unread() === 0, SLOW_MS, 'everything read');
  assert.ok(await isInView(/^안 읽은 것 90$/));
  await fresh.done();
  await fresh.context().close();
  await done();
});

test('opened again after a while, the line stands where the reading stopped, and only what is seen is read', async () => {
  await write(bens, '읽은 것');
  await has(annas, '읽은 것');
  await isRead(bens);
  // Remembered: the room as it was, with nothing unread.
  await annas.evaluate(async () => { await (await part('/chat/room.js')).remember(); (await part('/chat/rooms.js')).rememberRooms(); });
  await annas.goto('about:blank');
  await fill(ben, 40, (at) => `안 읽은 것 ${at}`);
  // The line is slow: what is remembered stands there for longer than a moment.
  let letGo;
  const isLet = new Promise((resolve) => { letGo = resolve; });
  await annas.route(/\/changes\?|\/messages\?/, async (route) => { await isLet; await route.continue(); });
  await annas.open('/chat');
  await has(annas, '읽은 것');
  await annas.clock.install();
  await annas.clock.runFor(3_000);
  letGo();
  await annas.locator('.divider', { hasText: '여기까지 읽었어요' }).waitFor({ timeout: SLOW_MS });
  const first = annas.locator('.bubble__text', { hasText: /^안 읽은 것 1$/ });
  await until(() => first.evaluate((element) => { const { top, bottom } = element.getBoundingClientRect(); return top >= 0 && bottom <= innerHeight; }), SLOW_MS, 'the first unread one in view');
  await bens.locator('.heart--read').first().waitFor({ state: 'attached', timeout: SLOW_MS });
  assert.ok(await bens.locator('.heart:not(.heart--read)').count() > 0, 'what is below is not read');
  await done();
});

test('a failed request for what changed is made again while the room is open', async () => {
  annas.allow(/status of 503/);
  await write(annas, '처음');
  await has(bens, '처음');
  let failed = 0;
  await annas.route(/\/changes\?/, (route) => { failed += 1; return failed < 3 ? route.fulfill({ status: 503, contentType: 'application/json', body: '{"code":"1503","message":"later","data":null}' }) : route.continue(); });
  const roomId = await fill(ben, 1, () => '고칠 것');
  await has(annas, '고칠 것');
  const headers = { Authorization: `Bearer ${ben.accessToken}`, 'Content-Type': 'application/json' };
  const newest = (await saved()).at(-1);
  await fetch(`${server.api}/rooms/${roomId}/messages/${newest.id}`, { method: 'PATCH', headers, body: JSON.stringify({ content: '고친 것' }) });
  await has(annas, '고친 것');
  assert.ok(failed > 2, `${failed} requests`);
  await done();
});

test('behind a sheet nothing is read; it is when the sheet is gone', async () => {
  await write(bens, '하나');
  await has(annas, '하나');
  await isRead(bens);
  await annas.locator('.composer > .icon-button').first().click();
  await annas.locator('dialog[open]').waitFor();
  await write(bens, '둘');
  await has(annas, '둘');
  // What is seen is marked here with the next frame, before it is told.
  const unread = await annas.evaluate(async () => {
    const [{ openId }, { roomOf }] = await Promise.all([part('/chat/room.js'), part('/chat/rooms.js')]);
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    return roomOf(openId.value).unreadCount;
  });
  assert.equal(unread, 1, 'behind a sheet it is not read');
  await annas.keyboard.press('Escape');
  await annas.locator('dialog[open]').waitFor({ state: 'detached' });
  await isRead(bens);
  await done();
});

test('who looks at the list of rooms is not in the room', async () => {
  await bens.locator('.who__dot').waitFor({ timeout: SLOW_MS });
  await annas.locator('.conversation__rooms a').click();
  await annas.locator('.panes--list').waitFor();
  await bens.locator('.who__dot').waitFor({ state: 'detached', timeout: SLOW_MS });
  await annas.goBack();
  await bens.locator('.who__dot').waitFor({ timeout: SLOW_MS });
  await done();
});

test('alone, there is a place for notes and a way to become two', async () => {
  const person = { loginId: `alone-${Date.now().toString(36)}`, password: 'bambi-house-7', nickname: '혼자', role: 'MOM', locale: 'ko', timeZone: 'Asia/Seoul' };
  await fetch(`${server.api}/auth/password/signup`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(person) });
  const page = await enter(person);
  await page.locator('.empty').getByRole('link', { name: '둘이 이어지기' }).waitFor();
  await write(page, '나에게');
  await page.locator('.messages__pair').waitFor();
  await nothingWaits(page);
  assert.equal(await page.locator('.heart').count(), 0, 'nobody else has to read it');
  await page.locator('.composer__text').fill('아직 쓰는 중');
  const call = async (path, token, body) => (await (await fetch(server.api + path, { method: 'POST', headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` }, body: JSON.stringify(body ?? {}) })).json()).data;
  const { accessToken } = await call('/auth/password/login', '', person);
  const { inviteCode } = await call('/couples/invite-code', accessToken);
  const partner = await call('/auth/password/signup', '', { ...person, loginId: `${person.loginId}-2`, nickname: '둘이', role: 'DAD' });
  await call('/couples/join', partner.accessToken, { inviteCode });
  await page.locator('.who__name', { hasText: '둘이' }).waitFor();
  await page.locator('.empty', { hasText: '첫 인사를 건네 볼까요?' }).waitFor();
  await until(async () => await page.locator('.composer__text').inputValue() === '아직 쓰는 중', SLOW_MS, 'what was begun alone');
  await page.done();
  await page.context().close();
});

test('a draft is there again; Enter sends on a desktop, with Shift it begins a line', async () => {
  const page = await desktop(browser, server.url);
  await signIn(page, anna);
  await isReady(page);
  await page.locator('.composer__text').click();
  await page.keyboard.type('첫 줄');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('둘째 줄');
  const drafts = () => page.evaluate(async () => (await part('/net/store.js')).recallAll('chat.draft.'));
  await until(async () => (await drafts()).includes('첫 줄\n둘째 줄'), SLOW_MS, 'the draft being kept');
  await page.reload();
  await until(async () => await page.locator('.composer__text').inputValue() === '첫 줄\n둘째 줄', SLOW_MS, 'the draft');
  await page.locator('.composer__text').press('Enter');
  await has(bens, '둘째 줄');
  assert.equal(await page.locator('.room').count(), 2, 'my rooms stand beside it');
  await page.done();
  await page.context().close();
});

test('axe finds nothing, light and dark, on a phone and on a desktop', async () => {
  await write(annas, 'https://naver.com 봐');
  await write(bens, '😍');
  await has(annas, '😍');
  assert.deepEqual(await complaints(annas), []);
  const page = await desktop(browser, server.url, { colorScheme: 'dark', locale: 'en-US' });
  await signIn(page, ben);
  await has(page, '😍');
  assert.deepEqual(await complaints(page), []);
  await page.done();
  await page.context().close();
  await done();
});
