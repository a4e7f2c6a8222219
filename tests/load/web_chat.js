'use strict';
// The chat screen under load: the time from opening the app to a chat that can be used, with the processor SLOWER times slower, with empty caches and
// with full ones; then MESSAGES scrolled from the newest to the first and back. Prints one JSON line. See README.md.
const { Person, ask, uuid } = require('../e2e/person.js');
const { Server } = require('../e2e/server.js');
const { coupleOf, launch, phone } = require('../e2e/browser.js');

const number = (name, fallback) => Number(process.env[name] || fallback);
const MESSAGES = Math.min(number('MESSAGES', 10_000), 100_000);
const AT_OPENING = Math.min(1_000, MESSAGES);
const SLOWER = number('SLOWER', 4);
const OPENINGS = Math.min(number('OPENINGS', 5), 50);
const AT_ONCE = 50;

async function main() {
  const server = await Server.start({ bin: process.env.BAMBITALK_BIN || undefined, flags: ['--log', 'warn'] });
  const browser = await launch({ args: ['--enable-precise-memory-info', '--js-flags=--expose-gc'] });
  try {
    const [anna, ben] = await coupleOf(server);
    await fill(server, ben, 0, AT_OPENING);
    const opening = await openings(browser, server, anna);
    await fill(server, ben, AT_OPENING, MESSAGES);
    const scrolling = await scrolled(browser, server, anna);
    console.log(JSON.stringify({ messages: MESSAGES, slower: SLOWER, opening, scrolling }));
  } finally {
    await browser.close();
    await server.stop();
  }
}

/** Sends messages, from this number up to that one. */
async function fill(server, { accessToken }, from, to) {
  const person = new Person(server, { accessToken });
  const { roomId } = await person.roomOfKind('COUPLE');
  const socket = await person.rooms();
  let next = from;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (next < to) {
      const at = next += 1;
      const content = `${at} ${at % 5 ? '오늘 아기가 처음으로 뒤집었어요!' : '긴 이야기 '.repeat(20)}`;
      const { code } = await ask(socket, 'send', { roomId, clientId: uuid(), type: 'TEXT', content });
      if (code !== '0000') throw new Error(`not sent: ${code}`);
    }
  }));
  socket.disconnect();
}

/** A phone that is signed in and has never opened the app. */
async function fresh(browser, server, { loginId, password }) {
  const page = await phone(browser, server.url);
  const answer = await page.context().request.post(`${server.api}/auth/password/login`, { headers: { 'X-BambiTalk-Client': 'web' }, data: { loginId, password } });
  if (!answer.ok()) throw new Error(`login: ${answer.status()}`);
  return page;
}

/** Milliseconds until a message is on screen and one can write, and how many requests that took: the middle of several. */
async function openings(browser, server, person) {
  const cold = [], warm = [];
  for (let turn = 0; turn < OPENINGS; turn += 1) {
    const page = await fresh(browser, server, person);
    await page.addInitScript(() => {
      const look = () => {
        if (document.querySelector('.message') && document.querySelector('.composer__text')) globalThis.usableAt = performance.now();
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    });
    const session = await page.context().newCDPSession(page);
    await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
    for (const kept of [cold, warm]) {
      let requests = 0;
      const count = () => { requests += 1; };
      page.on('request', count);
      await page.open('/chat');
      await page.waitForFunction(() => globalThis.usableAt);
      page.off('request', count);
      kept.push({ ms: Math.round(await page.evaluate(() => globalThis.usableAt)), requests });
      await page.waitForFunction(async () => (await navigator.serviceWorker?.ready)?.active?.state === 'activated');
    }
    await page.context().close();
  }
  const middle = (all) => all.sort((a, b) => a.ms - b.ms)[Math.floor(all.length / 2)];
  return { messages: AT_OPENING, cold: middle(cold), warm: middle(warm) };
}

/** Up to the first message and back down: how long it took, the longest frames, rows, memory at the beginning, half-way and in the end. */
async function scrolled(browser, server, person) {
  const page = await fresh(browser, server, person);
  await page.open('/chat');
  await page.locator('.message').first().waitFor();
  const memory = [];
  const measure = async () => {
    memory.push(await page.evaluate(() => { globalThis.gc(); return Math.round(performance.memory.usedJSHeapSize / 1024 / 102.4) / 10; }));
  };
  const run = (up) => page.evaluate(([isUp, first]) => new Promise((resolve) => {
    const box = document.querySelector('.messages__scroll');
    const frames = [];
    let most = 0, last = performance.now(), begun = last, resting = 0;
    const step = () => {
      const now = performance.now();
      frames.push(now - last);
      last = now;
      const rows = document.querySelectorAll('.message');
      most = Math.max(most, rows.length);
      const before = box.scrollTop;
      box.scrollTop += isUp ? -900 : 900;
      const edge = rows[isUp ? 0 : rows.length - 1]?.querySelector('.bubble__text')?.textContent;
      const isThere = edge?.startsWith(`${first} `) && Math.abs(box.scrollTop - before) < 1;
      resting = isThere ? resting + 1 : 0;
      if (resting < 5) requestAnimationFrame(step);
      else resolve({ seconds: Math.round((now - begun) / 100) / 10, longest: frames.sort((a, b) => b - a).slice(0, 3).map(Math.round), over100: frames.filter((ms) => ms > 100).length, frames: frames.length, rows: most });
    };
    requestAnimationFrame(step);
  }), [up, up ? 1 : MESSAGES]);
  await measure();
  const up = await run(true);
  await measure();
  const down = await run(false);
  await measure();
  await page.context().close();
  return { up, down, megabytes: memory };
}

main().catch((error) => { console.error(error); process.exitCode = 1; });
