'use strict';
// Small tools of the fault tests: waiting with a bound, chance with a seed, a process seen from outside, C helpers.
const { spawn, execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Links are new ones after midnight in UTC: tests that compare them do not begin shortly before it. */
async function awayFromMidnight(ms = 120_000) {
  const left = 86_400_000 - (Date.now() % 86_400_000);
  if (left < ms) await pause(left);
}

/** Looks every 25 ms until `check` gives something true; fails after `ms` with `what`, or with what it says by then. */
async function until(check, ms, what) {
  const end = Date.now() + ms;
  for (;;) {
    const found = await check();
    if (found) return found;
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${typeof what === 'function' ? what() : what}`);
    await pause(25);
  }
}

/** A promise that fails with `what` when it takes longer than `ms`. */
function within(promise, ms, what) {
  let timer;
  const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error(`not within ${ms} ms: ${what}`)), ms); });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Chance that repeats: `BAMBITALK_TEST_SEED` or the default. */
function seeded(seed = Number(process.env.BAMBITALK_TEST_SEED) || 20_261_121) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    seed,
    between: (low, high) => low + Math.floor(next() * (high - low + 1)),
    pick: (list) => list[Math.floor(next() * list.length)],
  };
}

const running = (server) => server.process.exitCode === null && server.process.signalCode === null;

function rssMb(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
}

/** User and system time of a process so far, in seconds. */
function cpuSeconds(pid) {
  const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Child processes that do nothing but burn a core each; `stop()` ends them. */
function busy(count) {
  const children = Array.from({ length: count }, () => spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
  return { stop: () => children.forEach((child) => child.kill('SIGKILL')) };
}

function scratch(name = 'bambitalk-') {
  return fs.mkdtempSync(path.join(os.tmpdir(), name));
}

/** Compiles a C file that lies beside the tests; answers the path of the program or, `shared`, of the library. */
function compile(source, { shared = false } = {}) {
  const result = path.join(scratch(), path.basename(source, '.c') + (shared ? '.so' : ''));
  const flags = shared ? ['-shared', '-fPIC'] : [];
  execFileSync('gcc', ['-O1', '-Wall', '-Werror', ...flags, '-o', result, path.join(__dirname, source), '-ldl'], { stdio: 'pipe' });
  process.once('exit', () => fs.rmSync(path.dirname(result), { recursive: true, force: true }));
  return result;
}

module.exports = { pause, awayFromMidnight, until, within, seeded, running, rssMb, cpuSeconds, busy, scratch, compile };
