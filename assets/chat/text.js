// What is in a text: links, nothing but emoji, too much of it.

/** Marks that turn the reading direction; a link that has them lies about where it leads. */
const TURNS = '\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069';
const SECURE = 'https:';
const LINK = new RegExp(`(?<![\\p{L}\\p{N}@/.])(?:https?://|www\\.)[^\\s<>"'\`\\u0000-\\u001f\\u3000-\\u303f${TURNS}]+`, 'giu');
/** What ends a sentence, not an address. */
const TAIL = /[.,!?;:…·~*_|)\]}>]+$/u;
/** Particles that Korean hangs on a word without a space. */
const PARTICLE = /(?<=[\x21-\x7e])(?:에서|으로|이랑|에게|까지|부터|[을를은는이가에로와과도의랑])$/u;

/** @typedef {{ text: string, href?: string }} Part */

/** A text in parts, some of them links: http and https alone. @param {string} text @returns {Part[]} */
export function partsOf(text) {
  // The long pattern costs a phone a moment when it is first used, and few messages have a link.
  if (!/https?:|www\./i.test(text)) return text ? [{ text }] : [];
  /** @type {Part[]} */
  const parts = [];
  let at = 0;
  for (const found of text.matchAll(LINK)) {
    const shown = trimmed(found[0]);
    const href = hrefOf(shown);
    if (!href) continue;
    if (found.index > at) parts.push({ text: text.slice(at, found.index) });
    parts.push({ text: shown, href });
    at = found.index + shown.length;
  }
  if (at < text.length) parts.push({ text: text.slice(at) });
  return parts;
}

/** @param {string} found */
function trimmed(found) {
  let link = found.replace(PARTICLE, '');
  for (;;) {
    const shorter = link.replace(TAIL, (tail) => (isPaired(link, tail) ? tail.slice(0, 1) : ''));
    if (shorter === link) return link;
    link = shorter;
  }
}

/** A closing bracket that was opened inside belongs to the address. @param {string} link @param {string} tail */
function isPaired(link, tail) {
  return tail[0] === ')' && link.split('(').length > link.slice(0, link.length - tail.length + 1).split(')').length - 1
    && link.includes('(');
}

/** @param {string} shown @returns {string} empty where it is no address to follow */
function hrefOf(shown) {
  let url;
  try { url = new URL(/^www\./i.test(shown) ? `${SECURE}//${shown}` : shown); } catch { return ''; }
  const isHttp = url.protocol === 'http:' || url.protocol === 'https:';
  // user@host is how one host is dressed up as another.
  if (!isHttp || url.username || url.password) return '';
  return /\.[^.]|^localhost$|^\[/.test(url.hostname) ? url.href : '';
}

const EMOJI = /^(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\u{fe0f}|[\u{1f3fb}-\u{1f3ff}]|\p{Regional_Indicator}|[#*0-9]\u{fe0f}\u{20e3}|[\u{200d}\u{fe0f}\u{e0020}-\u{e007f}]|\p{Emoji}(?=\u{200d})|(?<=\u{200d})\p{Emoji}|\s)+$/u;
const BIG_MAX = 6;

/** Made when it is first needed: that takes a phone a while. @type {Intl.Segmenter | undefined} */
let graphemes;

/** How many emoji a text is, where it is nothing else and few of them; else 0. @param {string} text */
export function emojiCount(text) {
  const bare = text.trim();
  // Letters settle it before the large pattern.
  if (bare.length === 0 || bare.length > 100 || /[a-z가-힣]/i.test(bare) || !EMOJI.test(bare) || !/\p{Emoji_Presentation}|\u{fe0f}/u.test(bare)) return 0;
  const all = bare.replace(/\s+/g, '');
  if (typeof Intl.Segmenter === 'function') graphemes ??= new Intl.Segmenter();
  const count = graphemes ? [...graphemes.segment(all)].length : Array.from(all).length;
  return count <= BIG_MAX ? count : 0;
}

const FOLD_WIDTH = 500;
const FOLD_LINES = 14;
/** What a fold hides is at least worth a tap. */
const WORTH_WIDTH = 120;
/** Hangul and its like are nearly twice as wide as Latin letters. */
const WIDE = 1.7;

/** The beginning of a long text, or null where it is short enough. @param {string} text @returns {string | null} */
export function folded(text) {
  let [width, lines, end] = [0, 0, -1];
  for (let at = 0; at < text.length; at += 1) {
    const letter = text.charCodeAt(at);
    if (letter === 10) lines += 1;
    width += letter >= 0x1100 ? WIDE : 1;
    if (end < 0 && (lines === FOLD_LINES || width > FOLD_WIDTH)) end = at;
    if (end >= 0 && (lines >= FOLD_LINES || width > FOLD_WIDTH + WORTH_WIDTH)) {
      // Never half of a pair.
      return text.slice(0, /[\ud800-\udbff]/.test(text[end - 1]) ? end - 1 : end).trimEnd();
    }
  }
  return null;
}

/** What the server takes: no half of a surrogate pair. @param {string} text */
export function wellFormed(text) {
  return text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
}

/** How the server counts. @param {string} text */
export const lengthOf = (text) => Array.from(text).length;

export const TEXT_MAX = 5_000;

// Whose turn it is in the outbox, and what becomes of what was not taken.

/** @typedef {import('./shapes.js').Unsent} Unsent */

/** What takes this long to upload holds nobody up. */
const LARGE_BYTES = 8 << 20;
const WAIT_MS = [1_000, 2_000, 5_000, 10_000, 30_000];
/** Answers that a message cannot help: the line, the server's rest, too much at once, a session being renewed. */
const PASSING = new Set(['offline', 'late', '1429', '1503', '2400', '2403', '6407']);
/** A server that stumbles over one message, or a line that breaks under one upload, must not keep the others waiting for ever. */
export const STUMBLES_MAX = 5;

/** How long to wait after so many tries. @param {number} tries */
export const waitMs = (tries) => WAIT_MS[Math.min(tries, WAIT_MS.length - 1)];

/** @param {Unsent} item */
export const isUploadDue = (item) => Boolean(item.blob) && !item.mediaId;

/** @param {Unsent} item */
const isLarge = (item) => (item.blob?.size ?? 0) > LARGE_BYTES;

/** Whose message goes next. @param {Unsent[]} waiting in their order @param {(item: Unsent) => number} missesOf  how often its upload failed */
export function nextOf(waiting, missesOf) {
  const isGivenRoom = (/** @type {Unsent} */ item) => missesOf(item) >= STUMBLES_MAX;
  const isAside = (/** @type {Unsent} */ item) => isUploadDue(item) && (isLarge(item) || isGivenRoom(item));
  // Large ones are passed by others; among themselves they keep their order.
  const isAhead = (/** @type {Unsent} */ other, /** @type {Unsent} */ item) => other.roomId === item.roomId && other.order < item.order
    && isLarge(other) && isUploadDue(other) && !isGivenRoom(other);
  return waiting.find((item) => !isAside(item) && !(isLarge(item) && waiting.some((other) => isAhead(other, item))));
}

/** How often each was refused, and which uploads rest until they are tried again. */
export function makeTries() {
  /** @type {Map<string, number>} */
  const misses = new Map();
  /** @type {Set<string>} */
  const resting = new Set();
  const missesOf = (/** @type {{ clientId: string }} */ { clientId }) => misses.get(clientId) ?? 0;
  return {
    resting, missesOf,
    forget: (/** @type {string} */ clientId) => { misses.delete(clientId); resting.delete(clientId); },
    clear: () => { misses.clear(); resting.clear(); },
    /** Whether it may be taken another time. @param {string} clientId @param {any} error @param {boolean} [isUpload] */
    mayPass(clientId, error, isUpload = false) {
      const code = String(error?.code ?? 'unknown');
      const isPassing = PASSING.has(code);
      const isStumble = !isPassing && (code === 'unknown' || code.startsWith('15') || error?.status >= 500) && code !== '9507';
      if (isStumble || isUpload) misses.set(clientId, missesOf({ clientId }) + 1);
      return isPassing || (isStumble && missesOf({ clientId }) < STUMBLES_MAX);
    },
  };
}
