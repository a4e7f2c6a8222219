// The list of messages. It is laid out from below (column-reverse): what is added above moves nothing, and what is at the newest stays there.
import { html, view } from '../ui/html.js';
import { announce, Button, Empty, Icon, Skeleton } from '../ui/parts.js';
import { myId } from '../accounts/session.js';
import { MessageRow } from './message.js';
import { followHolds } from './attached.js';
import { calm, fetching, markSeen, showNewer, showNewest, showOlder, wanted } from './store.js';
import { arrived, catchUp, history, isAtNewest, isMarked, keepPlace, readUpTo, shown, state } from './room.js';
import { covers } from '../router.js';
import { roomOf, summaryOf } from './rooms.js';
import { rowsOf } from './history.js';
import { unsent } from './sender.js';
import { dayOf, formatCount, formatDate, t } from '../text/index.js';

/** So far ahead of the edge more is fetched. */
const AHEAD_PX = 1_200;
const STUCK_PX = 48;
const AWAY_PX = 240;
const REST_MS = 250;
/** Whoever does this wants to be where they are. */
const HOLDS = ['pointerdown', 'touchstart', 'wheel', 'keydown'];

/** @type {(props: { roomId: number, isMain: boolean, onView: (id: number, from: DOMRect | null) => void }) => any} */
export const MessageList = view(({ roomId, isMain, onView }, self) => {
  const scroller = self.ref('scroller');
  const list = self.ref('list');
  const space = self.ref('space');
  const isAway = self.local('away', false);
  const kept = self.ref('kept');
  kept.current ??= { rows: new Map(), lastKey: '', isLeaping: false, placedAt: 0, isPlacing: true, wasMarked: false, lastMine: '', frame: 0, rest: 0 };
  const now = kept.current;
  const room = roomOf(roomId);

  const mine = unsent.value.filter((item) => item.roomId === roomId);
  const rows = rowsOf({
    messages: shown.value, unsent: isAtNewest.value ? mine : [], members: room?.members ?? [], me: myId.value, readUpTo: readUpTo.value, dayOf,
  }, now.rows);
  now.rows = new Map(rows.map((row) => [row.key, row]));
  const lastKey = rows.at(-1)?.key ?? '';

  /** Measured each time: a scroll that has begun may not have told yet. */
  const isStuck = () => isAtNewest.peek() && Math.abs(scroller.current?.scrollTop ?? 0) < STUCK_PX;
  const see = () => {
    cancelAnimationFrame(now.frame);
    now.frame = requestAnimationFrame(() => {
      // Nor behind a photo or a sheet.
      if (document.visibilityState !== 'visible' || covers.peek() > 0 || !isMarked.peek() || !scroller.current) return;
      const id = lastSeen(scroller.current, list.current);
      if (id) markSeen(roomId, id);
    });
  };
  const settle = () => {
    const box = scroller.current;
    if (!box) return;
    const { above, below } = reach(box, space.current);
    keepPlace(!isStuck());
    isAway.value = !isAtNewest.peek() || below > AWAY_PX;
    if (now.isLeaping) return;
    if (above < AHEAD_PX && fetching.peek() !== 'failed') showOlder();
    if (below < AHEAD_PX && !isAtNewest.peek()) showNewer();
    clearTimeout(now.rest);
    now.rest = setTimeout(() => { if (isStuck()) calm(); }, REST_MS);
    see();
  };
  const toNewest = async () => {
    now.isPlacing = false;
    now.isLeaping = true;
    await showNewest();
    if (scroller.current && isAtNewest.peek()) toEnd(scroller.current, space.current);
    now.isLeaping = false;
    settle();
  };
  /** Where more was unread than fits, the reading goes on where it stopped, once all of it is here; unless somebody has taken hold before. */
  const place = () => {
    const box = scroller.current;
    if (!now.isPlacing || Math.abs(box.scrollTop - now.placedAt) > 1) { now.isPlacing = false; return; }
    const divider = list.current.querySelector('.divider');
    const by = divider ? divider.getBoundingClientRect().top - box.getBoundingClientRect().top - 12 : 0;
    if (by < 0) box.scrollTop += by;
    now.placedAt = box.scrollTop;
    now.isPlacing = !now.wasMarked;
  };
  // Come back to: as if it were opened anew, unless one was reading above.
  if (now.wasMarked && !isMarked.value) { now.isPlacing = isStuck(); now.placedAt = scroller.current?.scrollTop ?? 0; }
  now.wasMarked = isMarked.value;

  // What I send is what I want to see.
  const lastMine = mine.at(-1)?.clientId ?? '';
  const hasSent = lastMine !== '' && lastMine !== now.lastMine && !(mine.at(-1)?.code);
  now.lastMine = lastMine || now.lastMine;
  const sought = wanted.value;
  const wasStuck = isStuck() && !sought;
  const anchor = scroller.current && !wasStuck ? grip(scroller.current, list.current, space.current) : null;
  self.after(() => {
    const box = scroller.current;
    if (!box) return;
    const isNew = lastKey !== now.lastKey;
    now.lastKey = lastKey;
    hold(box, list.current, space.current, anchor, isAtNewest.peek());
    if (hasSent && !(wasStuck && isAtNewest.peek())) { toNewest(); return; }
    if (sought) { now.isPlacing = false; seek(list.current, sought); }
    if (isAtNewest.peek() && (now.isLeaping || (wasStuck && isNew))) { toEnd(box, space.current); now.placedAt = 0; }
    place();
    settle();
  });
  self.once(() => {
    let height = 0;
    const sizes = new ResizeObserver(([entry]) => {
      // Laid out from below, it keeps its lower edge by itself; only what can be seen has changed.
      if (entry.contentRect.height !== height) { height = entry.contentRect.height; settle(); }
    });
    sizes.observe(scroller.current);
    const stopHolds = followHolds(list.current);
    document.addEventListener('visibilitychange', see);
    const letGo = () => { now.isPlacing = false; };
    for (const act of HOLDS) scroller.current.addEventListener(act, letGo, { passive: true });
    const stopCovers = covers.subscribe(see);
    const stop = arrived.subscribe((message) => {
      const sender = message && roomOf(roomId)?.members.find(({ userId }) => userId === message.senderId);
      if (message && sender) announce(`${sender.nickname}: ${summaryOf(message, roomOf(roomId))}`);
    });
    return () => { sizes.disconnect(); document.removeEventListener('visibilitychange', see); cancelAnimationFrame(now.frame); clearTimeout(now.rest); stop(); stopCovers(); stopHolds(); };
  });

  const unread = room?.unreadCount ?? 0;
  const isBare = rows.length === 0 && state.value === 'ready' && !history.value.hasOlder;
  return html`
    <div class="messages">
      <div class="messages__scroll" ref=${scroller} onScroll=${settle} tabindex="0" role="log" aria-live="off" aria-label=${t('chat.messages')}>
        <div class="messages__space" ref=${space}></div>
        <div class="messages__list" ref=${list}>
          ${fetching.value === 'failed' && html`<div class="messages__failed"><${Button} kind="plain" icon="refresh-cw" onClick=${() => showOlder()}>${t('chat.more')}<//></div>`}
          ${rows.map((row) => {
            if (row.kind === 'day') return html`<h2 class="day" key=${row.key}><time class="day__text" datetime=${row.day}>${formatDate(row.day, 'long')}</time></h2>`;
            if (row.kind === 'divider') return html`<p class="divider" key=${row.key}><span class="divider__text">${t('chat.divider')}</span></p>`;
            return html`<${MessageRow} key=${row.key} row=${row} kind=${room?.kind} members=${room?.kind === 'GROUP' ? room.members : undefined} onView=${onView} />`;
          })}
        </div>
      </div>
      ${state.value === 'loading' && html`<div class="messages__over"><${Skeleton} lines=${6} /></div>`}
      ${state.value === 'stuck' && html`<div class="messages__over"><${Empty} icon="cloud-off" title=${t('chat.stuck')}><${Button} onClick=${() => catchUp()}>${t('again')}<//><//></div>`}
      ${isBare && html`<div class="messages__over"><${Blank} kind=${room?.kind ?? ''} isMain=${isMain} /></div>`}
      ${!isBare && isMain && room?.kind === 'SELF' && html`<a class="messages__pair" href="/pair">${t('chat.pair.line')}<${Icon} name="chevron-right" size=${16} /></a>`}
      ${isAway.value && state.value === 'ready' && html`
        <button class="newest" type="button" onClick=${toNewest} aria-label=${unread > 0 ? t('chat.newest.count', { count: unread }) : t('chat.newest')}>
          <${Icon} name="arrow-down" />${unread > 0 && html`<span class="newest__count" aria-hidden="true">${unread > 999 ? '999+' : formatCount(unread)}</span>`}
        </button>`}
    </div>`;
});

/** Brings a message into view, and points it out. @param {HTMLElement} list @param {number} id */
function seek(list, id) {
  wanted.value = 0;
  const row = list.querySelector(`[data-id="${id}"]`)?.closest('.message, .line');
  row?.scrollIntoView({ block: 'center' });
  row?.animate?.({ backgroundColor: ['transparent', getComputedStyle(list).getPropertyValue('--accent-soft'), 'transparent'] }, { duration: 1_500, easing: 'ease-out' });
}

/** Where nothing was written yet. @param {{ kind: string, isMain: boolean }} props */
function Blank({ kind, isMain }) {
  if (kind !== 'SELF') return html`<${Empty} title=${t('chat.empty')} text=${t('chat.empty.text')} />`;
  return html`<${Empty} title=${t('chat.own.empty')} text=${t('chat.own.text')}>${isMain && html`<${Button} href="/pair" kind="soft">${t('chat.pair')}<//>`}<//>`;
}

// Measures in the list of messages: what stands where, and how to keep it there. What comes above moves nothing: it is laid out from below.

/** A message: its top in the window, its depth above the end of the list; the height of the space below. @typedef {{ element: Element, top: number, depth: number, height: number } | null} Anchor */

/** Takes hold of the first message in view. Days and the divider will not do: they go to other messages when older ones come. @param {HTMLElement} box @param {HTMLElement} list @param {HTMLElement} space @returns {Anchor} */
export function grip(box, list, space) {
  const rows = list.children;
  let at = firstBelow(rows, box.getBoundingClientRect().top);
  while (at < rows.length && !isMessage(rows[at])) at += 1;
  const element = rows[at] ?? [...rows].reverse().find(isMessage);
  if (!element) return null;
  const anchor = { element, ...placeOf(element, list), height: heightOf(space) };
  // Whatever goes now, where it is scrolled to stays.
  setHeight(space, anchor.height + heightOf(list));
  return anchor;
}

/**
 * Puts it back, in the task in which it was taken hold of. The space below makes up for what went or came there: nothing scrolls, a finger's swing
 * goes on. Only what that cannot hold is scrolled.
 * @param {HTMLElement} box @param {HTMLElement} list @param {HTMLElement} space @param {Anchor} anchor @param {boolean} isAtEnd  nothing is missing below
 */
export function hold(box, list, space, anchor, isAtEnd) {
  if (!anchor) return;
  const { element, top, depth, height } = anchor;
  const grown = element.isConnected ? placeOf(element, list).depth - depth : 0;
  setHeight(space, isAtEnd ? 0 : height - grown);
  const by = element.isConnected ? placeOf(element, list).top - top : 0;
  if (Math.abs(by) >= 1) box.scrollTop += by;
}

/** @param {HTMLElement} box @param {HTMLElement} space */
export function toEnd(box, space) {
  setHeight(space, 0);
  if (box.scrollTop !== 0) box.scrollTop = 0;
}

/** How far the view is from both ends of what is drawn. @param {HTMLElement} box @param {HTMLElement} space */
export function reach(box, space) {
  const below = Math.abs(box.scrollTop);
  return { above: box.scrollHeight - box.clientHeight - below, below: below - heightOf(space) };
}

/** @param {HTMLElement} element */
const heightOf = (element) => element.getBoundingClientRect().height;

/** @param {HTMLElement} element @param {number} height */
function setHeight(element, height) { element.style.blockSize = `${Math.max(0, height)}px`; }

/** Of what it says, not of what stands over it: that changes with the message before. @param {Element} element @param {HTMLElement} list */
function placeOf(element, list) {
  const { top } = (element.querySelector('.message__row') ?? element).getBoundingClientRect();
  return { top, depth: list.getBoundingClientRect().bottom - top };
}

/** @param {Element} row */
const isMessage = (row) => row.matches('.message, .line');

/** The number of the last message that can be read now; 0 for none. @param {HTMLElement} box @param {HTMLElement} list */
export function lastSeen(box, list) {
  const { top, bottom } = box.getBoundingClientRect();
  const rows = list.children;
  for (let at = rows.length - 1; at >= 0; at -= 1) {
    const id = Number(/** @type {HTMLElement} */ (rows[at]).dataset.id ?? 0);
    if (!id) continue;
    const place = rows[at].getBoundingClientRect();
    // A tall one is seen when it fills the view.
    const isSeen = place.bottom <= bottom + 8 || (place.top <= top && place.bottom >= bottom);
    if (isSeen) return place.bottom > top ? id : 0;
  }
  return 0;
}

/** @param {HTMLCollection} rows @param {number} edge */
function firstBelow(rows, edge) {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle].getBoundingClientRect().bottom > edge) high = middle;
    else low = middle + 1;
  }
  return low;
}
