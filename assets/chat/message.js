// One message: whose it is, what it holds, how far it is.
import { html, view } from '../ui/html.js';
import { Avatar, Icon } from '../ui/parts.js';
import { emojiCount, folded, partsOf } from './text.js';
import { cancel, retry, shareOf } from './sender.js';
import { formatRun, formatSize, formatTime, has, t } from '../text/index.js';
import { lineOf, roomOf } from './rooms.js';
import { Card, MenuButton, Quoted, Reactions } from './attached.js';

const BARE = new Set(['IMAGE', 'VIDEO']);
const KNOWN = new Set(['TEXT', 'IMAGE', 'VIDEO', 'FILE', 'SCHEDULE', 'DELETED']);

/**
 * @type {(props: { row: import('./history.js').MessageRow, kind?: string, members?: import('./shapes.js').RoomMember[],
 *   onView: (id: number, from: DOMRect | null) => void }) => any}
 */
export const MessageRow = view(({ row, kind, members, onView }) => {
  const { message, unsent, isMine, isFirst, isLast, photos } = row;
  if (!KNOWN.has(message.type)) {
    return html`<p class="line" data-id=${message.id}>${message.type === 'SYSTEM' ? lineOf(message, roomOf(message.roomId)) : t('chat.unknown')}</p>`;
  }
  const isBig = message.type === 'TEXT' && emojiCount(message.content) > 0;
  const sender = !isMine && isFirst ? members?.find(({ userId }) => userId === message.senderId) : undefined;
  const look = ['message', isMine ? 'message--mine' : 'message--theirs', isFirst && 'message--first', isLast && 'message--last',
    (isBig || BARE.has(message.type)) && 'message--bare', isBig && 'message--big', message.type === 'DELETED' && 'message--deleted',
    unsent && `message--${unsent.state}`].filter(Boolean).join(' ');
  return html`
    <div class=${look} data-id=${unsent ? undefined : message.id}>
      ${sender && html`<p class="message__sender"><${Avatar} person=${/** @type {any} */ (sender)} size=${24} />${sender.nickname}</p>`}
      <div class="message__row">
        <span class="unseen">${isMine ? t('chat.me') : t('chat.them')}</span>
        <div class="message__body">
          ${message.replyTo && html`<${Quoted} quote=${message.replyTo} roomId=${message.roomId} />`}
          ${photos ? html`<${Album} photos=${photos} onView=${onView} />` : html`<${Content} message=${message} unsent=${unsent} onView=${onView} />`}
        </div>
        <${Side} row=${row} kind=${kind} />
        ${!unsent && message.type !== 'DELETED' && html`<${MenuButton} id=${message.id} />`}
      </div>
      ${message.reactions?.length && html`<${Reactions} message=${message} />`}
      ${(photos ?? [row]).map((one) => one.unsent?.state === 'failed' && html`<${Failed} key=${one.key} unsent=${one.unsent} />`)}
    </div>`;
});

/** @type {(props: { row: import('./history.js').MessageRow, kind?: string }) => any} */
const Side = view(({ row, kind }) => {
  const { message, unsent, isMine, isLast, unread } = row;
  if (unsent) {
    return html`<div class="message__side">${unsent.state === 'waiting' && html`<${Icon} name="clock" size=${16} /><span class="unseen">${t('chat.waiting')}</span>`}</div>`;
  }
  // Mine alone: that I have not read what is before my eyes, nobody has to tell me.
  const isMarked = isMine || kind === 'GROUP';
  return html`
    <div class="message__side">
      ${isMarked && html`<${Heart} count=${unread} />`}
      ${message.editedAt && html`<span class="message__edited">${t('chat.edited')}</span>`}
      ${isLast && html`<time class="message__time" datetime=${message.sentAt}>${formatTime(message.sentAt)}</time>`}
    </div>`;
});

/** There until it is read; then it melts away. @type {(props: { count: number }) => any} */
const Heart = view(({ count }, self) => {
  const was = self.ref('was');
  const hasMelted = was.current > 0 && count === 0;
  was.current = count || was.current;
  const isGone = self.local('gone', false);
  if (count === 0 && (!hasMelted || isGone.value)) return null;
  return html`
    <span class=${`heart${hasMelted ? ' heart--read' : ''}`} onAnimationEnd=${() => { isGone.value = true; }}>
      <${Icon} name="heart" size=${16} />${count > 1 && html`<span class="heart__count" aria-hidden="true">${count}</span>`}
      ${!hasMelted && html`<span class="unseen">${t('chat.unseen')}</span>`}
    </span>`;
});

/** @type {(props: { unsent: import('./shapes.js').Unsent }) => any} */
const Failed = view(({ unsent }) => {
  const reason = `error.${unsent.code}`;
  return html`
    <div class="failed" role="group" aria-label=${t('chat.failed')}>
      <p class="failed__text"><${Icon} name="circle-alert" size=${16} />${has(reason) ? t(`error.${unsent.code}`) : t('chat.failed')}</p>
      <button class="failed__act" type="button" onClick=${() => retry(unsent.clientId)}>${t('chat.retry')}</button>
      <button class="failed__act" type="button" onClick=${() => cancel(unsent.clientId)}>${t('chat.discard')}</button>
    </div>`;
});

// What a message holds: words, a photo, a film, a file.

/** @typedef {{ message: import('./shapes.js').Message, unsent: import('./shapes.js').Unsent | null, onView: (id: number, from: DOMRect | null) => void }} Props */

/** @param {Props} props */
export function Content(props) {
  switch (props.message.type) {
    case 'IMAGE':
    case 'VIDEO': return html`<${Picture} ...${props} />`;
    case 'FILE': return html`<${Document} ...${props} />`;
    case 'SCHEDULE': return html`<${Card} message=${props.message} />`;
    case 'DELETED': return html`<p class="bubble bubble--quiet">${t('chat.deleted')}</p>`;
    default: return html`<${Words} text=${props.message.content} />`;
  }
}

/** @type {(props: { text: string }) => any} */
const Words = view(({ text }, self) => {
  const isOpen = self.local('open', false);
  const start = folded(text);
  const isFolded = start !== null && !isOpen.value;
  return html`
    <div class="bubble">
      <p class="bubble__text" dir="auto">${partsOf(isFolded ? start : text).map(({ text: words, href }) => (href
        ? html`<a class="bubble__link" href=${href} target="_blank" rel="noopener noreferrer">${words}</a>`
        : words))}${isFolded && '…'}</p>
      ${isFolded && html`<button class="bubble__more" type="button" onClick=${() => { isOpen.value = true; }}>${t('chat.unfold')}</button>`}
    </div>`;
});

/** @type {(props: Props) => any} */
const Document = view(({ message, unsent }) => {
  const inside = html`
    <span class="file__icon">${unsent ? html`<${Ring} unsent=${unsent} />` : html`<${Icon} name="file-text" />`}</span>
    <span class="file__words"><span class="file__name" dir="auto">${message.content}</span><span class="file__size">${formatSize(message.size ?? 0)}</span></span>`;
  if (!message.url) return html`<div class="bubble file">${inside}</div>`;
  return html`<a class="bubble file" href=${message.url} download=${message.content}>${inside}<span class="unseen">${t('chat.download')}</span></a>`;
});

// A photo or a film in the list: its place is kept before it is there, with a blur of its colours behind.

const WIDTH_MAX = 240;
const HEIGHT_MAX = 320;
const SIDE_MIN = 88;

/** Several in one go, in rows of three; what is left over in rows of two. @type {(props: { photos: import('./history.js').MessageRow[], onView: Props['onView'] }) => any} */
export const Album = view(({ photos, onView }) => {
  const threes = photos.length - [0, 4, 2][photos.length % 3];
  return html`
    <div class="album" role="group" aria-label=${t('chat.album.of', { count: photos.length })}>
      ${photos.map(({ key, message, unsent }, at) => html`<${Picture} key=${key} message=${message} unsent=${unsent} onView=${onView} share=${at < threes ? 3 : 2} />`)}
    </div>`;
});

/** `share`: as one of so many in a row of an album. @type {(props: Props & { share?: number }) => any} */
export const Picture = view(({ message, unsent, onView, share }, self) => {
  const button = self.ref('button');
  const isVideo = message.type === 'VIDEO';
  const { width, height } = placeOf(message);
  // What was sent from here is shown from here: nothing flickers when it becomes a message.
  const source = previewOf(message.clientId, unsent) ?? message.thumbnailUrl;
  const length = isVideo && message.durationMs ? formatRun(message.durationMs) : '';
  const label = isVideo ? `${t('chat.video')} ${length}`.trim() : t('chat.photo');
  const inside = html`
    ${message.thumbhash && html`<${Blur} hash=${message.thumbhash} />`}
    ${source && html`<img class="picture__image" src=${source} alt="" width=${width} height=${height} draggable=${false} decoding="async" />`}
    ${isVideo && !unsent && html`<span class="picture__play"><${Icon} name="play" /></span>`}
    ${length && html`<span class="picture__length">${length}</span>`}`;
  const style = share ? { gridColumn: `span ${6 / share}` } : { width: `${width}px`, aspectRatio: `${width} / ${height}` };
  if (unsent) return html`<div class="picture" style=${style} role="group" aria-label=${label}>${inside}<span class="picture__ring"><${Ring} unsent=${unsent} /></span></div>`;
  const open = () => onView(message.id, button.current.getBoundingClientRect());
  return html`<button class="picture" type="button" data-id=${message.id} style=${style} ref=${button} aria-label=${label} onClick=${open}>${inside}</button>`;
});

/** How large it is drawn. @param {{ width?: number, height?: number }} message */
function placeOf({ width = 4, height = 3 }) {
  const scale = Math.min(WIDTH_MAX / width, HEIGHT_MAX / height);
  const fit = (/** @type {number} */ side, /** @type {number} */ most) => Math.round(Math.min(most, Math.max(SIDE_MIN, side * scale)));
  return { width: fit(width, WIDTH_MAX), height: fit(height, HEIGHT_MAX) };
}

/** @type {(props: { hash: string }) => any} */
const Blur = view(({ hash }, self) => {
  const canvas = self.ref('canvas');
  self.once(() => { paint(canvas.current, hash); });
  return html`<canvas class="picture__blur" ref=${canvas} aria-hidden="true"></canvas>`;
});

/** @param {HTMLCanvasElement} canvas @param {string} hash */
async function paint(canvas, hash) {
  try {
    const { thumbHashToRGBA } = await import('../vendor/thumbhash.js');
    const { w, h, rgba } = thumbHashToRGBA(Uint8Array.from(atob(hash), (letter) => letter.charCodeAt(0)));
    Object.assign(canvas, { width: w, height: h });
    canvas.getContext('2d')?.putImageData(new ImageData(new Uint8ClampedArray(rgba), w, h), 0, 0);
  } catch { /* a plain field, then */ }
}

// Pictures of this device that are on their way, or have just arrived.

/** @type {Map<string, string>} */
const urls = new Map();
const KEPT = 40;

/** @param {string | null} clientId @param {import('./shapes.js').Unsent | null} unsent @returns {string | undefined} */
export function previewOf(clientId, unsent) {
  if (!clientId) return undefined;
  const blob = unsent?.poster ?? (unsent?.type === 'IMAGE' ? unsent.blob : undefined);
  if (!urls.has(clientId) && blob) urls.set(clientId, URL.createObjectURL(blob));
  if (urls.size > KEPT) {
    const [oldest, url] = /** @type {[string, string]} */ (urls.entries().next().value);
    URL.revokeObjectURL(url);
    urls.delete(oldest);
  }
  return urls.get(clientId);
}

// How far an upload is, and the way to stop it.

const LENGTH = 2 * Math.PI * 18;

/** @type {(props: { unsent: import('./shapes.js').Unsent }) => any} */
export const Ring = view(({ unsent }) => {
  if (unsent.state === 'failed') return html`<span class="ring ring--failed"><${Icon} name="circle-alert" /></span>`;
  const share = unsent.mediaId ? 1 : shareOf(unsent.clientId).value;
  return html`
    <button class="ring" type="button" aria-label=${t('chat.stop', { percent: `${Math.round(share * 100)}%` })} onClick=${() => cancel(unsent.clientId)}>
      <svg class="ring__circle" viewBox="0 0 44 44" aria-hidden="true">
        <circle class="ring__track" cx="22" cy="22" r="18" />
        <circle class="ring__share" cx="22" cy="22" r="18" stroke-dasharray=${`${Math.max(0.02, share) * LENGTH} ${LENGTH}`} />
      </svg>
      <${Icon} name="x" size=${20} />
    </button>`;
});
