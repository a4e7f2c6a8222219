// Photos and films over the whole screen: swipe to the next, pinch or tap twice to come closer, pull down to close.
import { html, view } from '../ui/html.js';
import { Icon, IconButton } from '../ui/parts.js';
import { holdBack } from '../router.js';
import { history } from './room.js';
import { Coming } from './coming.js';
import { previewOf } from './message.js';
import { personIn, roomOf } from './rooms.js';
import { myId } from '../accounts/session.js';
import { formatDate, formatTime, t } from '../text/index.js';

/** @typedef {import('./shapes.js').Message} Message */

/** `among`: what can be turned to; without, what of the open room is known. @type {(props: { id: number, from: DOMRect | null, among?: Message[], onClose: () => void }) => any} */
export const Viewer = view(({ id, from, among, onClose }, self) => {
  const box = self.ref('box');
  const stage = self.ref('stage');
  const at = self.local('at', id);
  const all = (among ?? history.value.all).filter(({ type, url }) => (type === 'IMAGE' || type === 'VIDEO') && url);
  // An album has the newest first.
  if (among) all.reverse();
  const place = Math.max(0, all.findIndex((message) => message.id === at.value));
  const message = all[place];
  const go = (/** @type {number} */ by) => { const next = all[place + by]; if (next) at.value = next.id; return Boolean(next); };
  const latest = self.ref('latest');
  latest.current = { go, onClose };
  self.once(() => {
    const dialog = /** @type {HTMLDialogElement} */ (box.current);
    const before = document.activeElement;
    dialog.showModal();
    const release = holdBack(() => latest.current.onClose());
    const stop = gestures(stage.current, { go: (by) => latest.current.go(by), close: () => latest.current.onClose() });
    grow(stage.current, from);
    return () => {
      stop();
      release();
      dialog.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  });
  if (!message) return null;
  const pressed = (/** @type {KeyboardEvent} */ event) => {
    if (event.target instanceof HTMLVideoElement) return;
    if (event.key === 'ArrowLeft') go(-1);
    if (event.key === 'ArrowRight') go(1);
  };
  const sender = personIn(roomOf(message.roomId), message.senderId);
  return html`
    <dialog class="viewer" ref=${box} aria-label=${t('chat.viewer')} onKeyDown=${pressed}
      onCancel=${(/** @type {Event} */ event) => { event.preventDefault(); onClose(); }}>
      <div class="viewer__stage" ref=${stage}>
        ${[place - 1, place, place + 1].map((index) => all[index] && html`<${Slide} key=${all[index].id} message=${all[index]} offset=${index - place} />`)}
      </div>
      <header class="viewer__head">
        <${IconButton} icon="x" label=${t('close')} onClick=${onClose} />
        <p class="viewer__title"><span class="viewer__name">${message.senderId === myId.value ? t('chat.me') : sender?.nickname}</span>
          <time class="viewer__time" datetime=${message.sentAt}>${formatDate(message.sentAt, 'day')} ${formatTime(message.sentAt)}</time></p>
        <a class="icon-button icon-button--plain viewer__save" href=${message.url} download=${nameOf(message)} aria-label=${t('chat.download')} title=${t('chat.download')}>
          <${Icon} name="download" /></a>
      </header>
      ${place > 0 && html`<span class="viewer__turn viewer__turn--back"><${IconButton} icon="chevron-left" label=${t('chat.previous')} onClick=${() => go(-1)} /></span>`}
      ${place < all.length - 1 && html`<span class="viewer__turn viewer__turn--on"><${IconButton} icon="chevron-right" label=${t('chat.following')} onClick=${() => go(1)} /></span>`}
    </dialog>`;
});

/** @type {(props: { message: Message, offset: number }) => any} */
const Slide = view(({ message, offset }, self) => {
  const isHere = self.local('here', false);
  const { width, height, url, thumbnailUrl } = message;
  const small = previewOf(message.clientId, null) ?? thumbnailUrl;
  const label = message.type === 'VIDEO' ? t('chat.video') : t('chat.photo');
  return html`
    <div class="slide" data-offset=${offset} aria-hidden=${offset !== 0 ? 'true' : undefined}>
      ${message.type === 'VIDEO'
        ? html`<video class="slide__film" src=${offset === 0 ? url : undefined} poster=${small} controls=${offset === 0} playsinline autoplay=${offset === 0} preload="metadata" aria-label=${label}
            width=${width} height=${height}></video>`
        : html`<div class="slide__photo">
            ${!isHere.value && small && html`<img class="slide__image slide__image--small" src=${small} alt="" width=${width} height=${height} draggable=${false} />`}
            <img class="slide__image" src=${url} alt=${label} width=${width} height=${height} draggable=${false} decoding="async" onLoad=${() => { isHere.value = true; }} />
          </div>
          ${offset === 0 && !isHere.value && html`<${Coming} />`}`}
    </div>`;
});

/** @param {Message} message */
function nameOf({ type, sentAt, mime }) {
  const ending = (mime ?? '').replace(/^.*\//, '').replace('jpeg', 'jpg').replace('quicktime', 'mov');
  return `${type === 'VIDEO' ? 'video' : 'photo'}-${sentAt.slice(0, 19).replace(/[T:]/g, '-')}.${ending || 'jpg'}`;
}

/** It grows from where it stood in the list. @param {HTMLElement} stage @param {DOMRect | null} from */
function grow(stage, from) {
  if (!from || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
  const scale = Math.max(0.1, from.width / innerWidth);
  const x = from.left + from.width / 2 - innerWidth / 2;
  const y = from.top + from.height / 2 - innerHeight / 2;
  stage.animate([{ transform: `translate(${x}px, ${y}px) scale(${scale})`, opacity: 0.4 }, { transform: 'none', opacity: 1 }], { duration: 200, easing: 'ease-out' });
}

// Fingers on a photo: sideways turns the page, down closes, two come closer, two taps as well.

const DECIDE_PX = 8;
const TURN_PX = 60;
const CLOSE_PX = 110;
const CLOSE_SCALE = 2.5;
const SCALE_MAX = 6;
const DOUBLE_MS = 300;
const DOUBLE_PX = 30;

/**
 * @param {HTMLElement} stage @param {{ go: (by: number) => boolean, close: () => void }} acts
 * @returns {() => void} ends it
 */
export function gestures(stage, { go, close }) {
  /** @type {Map<number, { x: number, y: number }>} */
  const fingers = new Map();
  let [scale, x, y] = [1, 0, 0];
  let way = /** @type {'' | 'turn' | 'pull' | 'pan' | 'pinch' | 'none'} */ ('');
  let start = { x: 0, y: 0, scale: 1, offsetX: 0, offsetY: 0, apart: 0 };
  let tap = { at: 0, x: 0, y: 0 };
  /** @type {Element | null} */
  let zoomed = null;

  const photo = () => /** @type {HTMLElement | null} */ (stage.querySelector('[data-offset="0"] .slide__photo'));
  const draw = () => {
    const box = photo();
    if (!box) return;
    zoomed = box;
    box.style.transform = scale === 1 ? '' : `translate(${x}px, ${y}px) scale(${scale})`;
    stage.toggleAttribute('data-close-up', scale > 1);
  };
  const shift = (/** @type {number} */ dx, /** @type {number} */ dy) => {
    stage.style.transform = dx || dy ? `translate(${dx}px, ${dy}px)` : '';
    const dialog = stage.parentElement;
    if (dialog) dialog.style.setProperty('--veil-share', String(Math.max(0.2, 1 - Math.abs(dy) / 400)));
  };
  const whole = () => {
    if (zoomed instanceof HTMLElement) zoomed.style.transform = '';
    [scale, x, y] = [1, 0, 0];
    stage.removeAttribute('data-close-up');
  };
  /** Never farther than the edge of the picture. */
  const bound = () => {
    const box = stage.getBoundingClientRect();
    const [mostX, mostY] = [(box.width * (scale - 1)) / 2, (box.height * (scale - 1)) / 2];
    x = Math.min(mostX, Math.max(-mostX, x));
    y = Math.min(mostY, Math.max(-mostY, y));
  };
  const zoomTo = (/** @type {number} */ next, /** @type {number} */ pointX, /** @type {number} */ pointY) => {
    const box = stage.getBoundingClientRect();
    const [fromX, fromY] = [pointX - box.left - box.width / 2, pointY - box.top - box.height / 2];
    const wanted = Math.min(SCALE_MAX, Math.max(1, next));
    x = fromX - ((fromX - x) * wanted) / scale;
    y = fromY - ((fromY - y) * wanted) / scale;
    scale = wanted;
    if (scale === 1) [x, y] = [0, 0];
    bound();
    draw();
  };
  const middle = () => {
    const [a, b] = [...fingers.values()];
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, apart: Math.hypot(a.x - b.x, a.y - b.y) };
  };

  const down = (/** @type {PointerEvent} */ event) => {
    // A film's own controls are at its lower edge.
    const film = event.target instanceof HTMLVideoElement ? event.target.getBoundingClientRect() : null;
    if (event.button !== 0 || (film && event.clientY > film.bottom - 72)) return;
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (fingers.size === 2 && photo()) {
      shift(0, 0);
      way = 'pinch';
      start = { ...start, scale, apart: middle().apart };
    } else if (fingers.size === 1) {
      way = '';
      start = { x: event.clientX, y: event.clientY, scale, offsetX: x, offsetY: y, apart: 0 };
    }
  };
  const move = (/** @type {PointerEvent} */ event) => {
    if (!fingers.has(event.pointerId)) return;
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (way === 'pinch' && fingers.size === 2) {
      const now = middle();
      zoomTo((start.scale * now.apart) / start.apart, now.x, now.y);
      return;
    }
    const [dx, dy] = [event.clientX - start.x, event.clientY - start.y];
    if (way === '' && Math.hypot(dx, dy) > DECIDE_PX) {
      way = scale > 1 ? 'pan' : Math.abs(dx) > Math.abs(dy) ? 'turn' : dy > 0 ? 'pull' : 'none';
      stage.setPointerCapture(event.pointerId);
    }
    if (way === 'pan') { x = start.offsetX + dx; y = start.offsetY + dy; bound(); draw(); }
    if (way === 'turn') shift(dx, 0);
    if (way === 'pull') shift(dx * 0.4, Math.max(0, dy));
  };
  const up = (/** @type {PointerEvent} */ event) => {
    if (!fingers.delete(event.pointerId)) return;
    const [dx, dy] = [event.clientX - start.x, event.clientY - start.y];
    const was = way;
    if (fingers.size === 0) way = '';
    if (was === 'turn') {
      const isTurned = event.type === 'pointerup' && Math.abs(dx) > TURN_PX && go(dx < 0 ? 1 : -1);
      settle(stage, isTurned ? dx + (dx < 0 ? innerWidth : -innerWidth) : dx, 0);
      shift(0, 0);
      if (isTurned) whole();
    } else if (was === 'pull') {
      if (event.type === 'pointerup' && dy > CLOSE_PX) { close(); return; }
      settle(stage, dx * 0.4, dy);
      shift(0, 0);
    } else if (was === '' && event.type === 'pointerup' && photo()) tapped(event);
    if (was === 'pinch' && fingers.size === 1) way = 'none';
  };
  const tapped = (/** @type {PointerEvent} */ event) => {
    const isDouble = event.timeStamp - tap.at < DOUBLE_MS && Math.hypot(event.clientX - tap.x, event.clientY - tap.y) < DOUBLE_PX;
    tap = isDouble ? { at: 0, x: 0, y: 0 } : { at: event.timeStamp, x: event.clientX, y: event.clientY };
    if (isDouble) zoomTo(scale > 1 ? 1 : CLOSE_SCALE, event.clientX, event.clientY);
  };
  const wheel = (/** @type {WheelEvent} */ event) => {
    if (!photo()) return;
    event.preventDefault();
    zoomTo(scale * Math.exp(-event.deltaY / 300), event.clientX, event.clientY);
  };
  stage.addEventListener('pointerdown', down);
  stage.addEventListener('pointermove', move);
  stage.addEventListener('pointerup', up);
  stage.addEventListener('pointercancel', up);
  stage.addEventListener('wheel', wheel, { passive: false });
  return () => {
    for (const [name, act] of /** @type {[string, any][]} */ ([['pointerdown', down], ['pointermove', move], ['pointerup', up], ['pointercancel', up], ['wheel', wheel]])) {
      stage.removeEventListener(name, act);
    }
  };
}

/** Glides back to its place. @param {HTMLElement} stage @param {number} dx @param {number} dy */
function settle(stage, dx, dy) {
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
  stage.animate([{ transform: `translate(${dx}px, ${dy}px)` }, { transform: 'none' }], { duration: 180, easing: 'ease-out' });
}
