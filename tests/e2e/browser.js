'use strict';
// A browser for the tests: phones and desktops that fail a test on any console error or CSP violation, and can be photographed.
const fs = require('node:fs');
const path = require('node:path');
const { chromium } = require('playwright-core');
const { ROOT } = require('./server.js');

const CHROMIUM = process.env.BAMBITALK_CHROMIUM || '/usr/bin/chromium';
const QUIET = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];
const SHOTS = path.join(ROOT, 'target/shots');
const WAIT_MS = 10_000;
/** Over plain HTTP under a name, a page is no secure context; under 127.0.0.1 it would be one. */
const HOME = 'home.test';

/** A Chromium. `home.test` is this machine. */
function launch({ args = [] } = {}) {
  return chromium.launch({ executablePath: CHROMIUM, args: [...QUIET, `--host-resolver-rules=MAP ${HOME} 127.0.0.1`, ...args] });
}

/** The server under a name, as a phone in the house reaches it: not a secure context. */
const homeUrl = (server) => server.url.replace('127.0.0.1', HOME);

/**
 * A page of a fresh context, with
 * `base` · `open(path)` · `problems` (console errors, exceptions, CSP violations, failed scripts and styles) · `allow(pattern)` for those that a
 * test provokes · `shot(name)` → target/shots · `done()` closes it and throws where there were problems.
 */
async function device(browser, base, context) {
  const own = await browser.newContext({ locale: 'ko-KR', timezoneId: 'Asia/Seoul', ...context });
  own.setDefaultTimeout(WAIT_MS);
  return tab(own, base);
}

/** Another tab of the same device. */
async function tab(context, base) {
  const page = await context.newPage();
  const problems = [];
  // Over plain HTTP browsers say so about every page; the header is for HTTPS. And a browser that looks for a newer service worker while there is
  // no line says that it did not get it; scripts of the page itself are seen below, by their requests.
  const allowed = [/Cross-Origin-Opener-Policy header has been ignored/, /^An unknown error occurred when fetching the script/];
  const note = (text) => { if (!allowed.some((pattern) => pattern.test(text))) problems.push(text); };
  page.on('console', (message) => { if (message.type() === 'error') note(`${message.text()} (${message.location().url})`); });
  page.on('pageerror', (error) => note(String(error.stack)));
  page.on('requestfailed', (request) => {
    if (['script', 'stylesheet', 'image'].includes(request.resourceType()) && !/ERR_ABORTED/.test(request.failure()?.errorText ?? '')) note(`${request.url()}: ${request.failure()?.errorText}`);
  });
  await page.addInitScript(() => {
    // A module of the app, as the page itself has it: by its address below assets/.
    globalThis.part = (address) => import(new URL(`.${address}`, document.querySelector('script[type=module]').src).href);
    addEventListener('securitypolicyviolation', (event) => console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
  });
  return Object.assign(page, {
    base,
    problems,
    allow: (pattern) => allowed.push(pattern),
    open: (address = '/') => page.goto(base + address),
    shot: async (name) => {
      fs.mkdirSync(SHOTS, { recursive: true });
      await settled(page);
      await page.screenshot({ path: path.join(SHOTS, `${name}.png`) });
    },
    done: async () => {
      await page.close();
      if (problems.length) throw new Error(`the browser complained:\n${problems.join('\n')}`);
    },
  });
}

/** A phone. Options are playwright's for a context: `{ colorScheme: 'dark', locale: 'en-US' }`. */
const phone = (browser, base, options = {}) => device(browser, base, { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true, ...options });
const desktop = (browser, base, options = {}) => device(browser, base, { viewport: { width: 1280, height: 800 }, ...options });

/** Signs a phone in, through the login screen, and waits for the tabs. */
async function signIn(page, { loginId, password }) {
  await page.open('/login');
  await page.locator('[name=username]').fill(loginId);
  await page.locator('[name=password]').fill(password);
  await page.locator('.form .button').click();
  await page.locator('nav.tabs').waitFor();
}

/** Two people with passwords, paired over the API: [{ loginId, password, nickname, role, accessToken, userId }, …]. The server's registration is open. */
async function coupleOf(server, names = [['지은이', 'MOM'], ['민준이', 'DAD']]) {
  const call = async (method, address, body, token) => {
    const headers = { 'Content-Type': 'application/json', ...(token ? { Authorization: `Bearer ${token}` } : {}) };
    const response = await fetch(server.api + address, { method, headers, body: body && JSON.stringify(body) });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${method} ${address}: ${JSON.stringify(answer)}`);
    return answer.data;
  };
  const people = [];
  for (const [nickname, role] of names) {
    const person = { loginId: `web-${Date.now().toString(36)}-${people.length}`, password: 'bambi-house-7', nickname, role, locale: 'ko', timeZone: 'Asia/Seoul' };
    const { accessToken, user } = await call('POST', '/auth/password/signup', person);
    people.push({ ...person, accessToken, userId: user.userId });
  }
  const { inviteCode } = await call('POST', '/couples/invite-code', undefined, people[0].accessToken);
  await call('POST', '/couples/join', { inviteCode }, people[1].accessToken);
  return people;
}

/** What is still fading in has another colour for a moment; it begins to with the next frame. */
function settled(page) {
  return page.evaluate(async () => {
    await new Promise((resolve) => { requestAnimationFrame(() => requestAnimationFrame(resolve)); });
    const passing = document.getAnimations().filter(({ effect }) => effect.getComputedTiming().endTime < Infinity);
    await Promise.allSettled(passing.map(({ finished }) => finished));
  });
}

/** What axe finds against the page as it stands, in lines; empty is good. */
async function complaints(page) {
  await settled(page);
  // Evaluated, not added: the page's policy lets nothing in.
  await page.evaluate(fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'));
  const found = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  return found.violations.map(({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.map((node) => `${node.target} ${node.failureSummary?.split('\n').slice(1, 3).join(' ')}`).join('\n  ')}`);
}

module.exports = { launch, homeUrl, phone, desktop, tab, signIn, coupleOf, complaints, SHOTS, HOME };
