// What was chosen, before it is sent: leave some out, send them as they are.
import { html, view } from '../ui/html.js';
import { Button, Icon } from '../ui/parts.js';
import { Toggle } from '../ui/form.js';
import { Sheet } from '../ui/dialogs.js';
import { sendParcels } from './sender.js';
import { formatSize, t } from '../text/index.js';

/** @type {(props: { roomId: number, files: File[], onChange: (files: File[]) => void }) => any} */
export const Picked = view(({ roomId, files, onChange }, self) => {
  const isOriginal = self.local('original', false);
  const isBusy = self.local('busy', false);
  const hasPhotos = files.some(({ type }) => type.startsWith('image/'));
  const chosen = self.ref('chosen');
  chosen.current = files;
  const isClosed = self.ref('closed');
  const leaveOut = (/** @type {File} */ file) => {
    chosen.current = chosen.current.filter((/** @type {File} */ other) => other !== file);
    if (!isClosed.current) onChange(chosen.current);
  };
  // What is being sent goes on without the sheet.
  const close = () => { isClosed.current = true; onChange([]); };
  const makeReady = async (/** @type {File} */ file) => {
    const parcel = await parcelOf(file, isOriginal.value);
    // Left out while it was being made ready.
    if (!chosen.current.includes(file)) return null;
    // What goes out can no longer be left out.
    leaveOut(file);
    return parcel;
  };
  const send = async () => {
    if (isBusy.peek()) return;
    isBusy.value = true;
    await sendParcels(roomId, files.map((file) => () => makeReady(file)));
    // What was dropped here meanwhile is still to be sent.
    isBusy.value = false;
  };
  return html`
    <${Sheet} title=${t('chat.picked', { count: files.length })} onClose=${close}
      question=${!isBusy.value && { title: t('acts.picked.leave'), text: t('acts.picked.text'), ok: t('close'), isDanger: true }}>
      <ul class="picked" role="list">
        ${files.map((file) => html`
          <li class="picked__item" key=${file}>
            <${Face} file=${file} />
            <button class="picked__drop" type="button" aria-label=${t('chat.leave.out', { name: file.name })} onClick=${() => leaveOut(file)}>
              <${Icon} name="x" size=${16} />
            </button>
          </li>`)}
      </ul>
      ${hasPhotos && html`<${Toggle} label=${t('chat.original')} hint=${t('chat.original.hint')} isOn=${isOriginal.value} isDisabled=${isBusy.value}
        onChange=${(/** @type {boolean} */ isOn) => { isOriginal.value = isOn; }} />`}
      <${Button} isWide=${true} isBusy=${isBusy.value} onClick=${send}>${t('chat.send.count', { count: files.length })}<//>
    <//>`;
});

/** @type {(props: { file: File }) => any} */
const Face = view(({ file }, self) => {
  const isPhoto = file.type.startsWith('image/');
  const isVideo = file.type.startsWith('video/');
  const url = self.local('url', '');
  const isBroken = self.local('broken', false);
  self.once(() => {
    if (!isPhoto && !isVideo) return undefined;
    url.value = URL.createObjectURL(file);
    return () => URL.revokeObjectURL(url.value);
  });
  const fail = () => { isBroken.value = true; };
  if (url.value && isPhoto && !isBroken.value) return html`<img class="picked__face" src=${url.value} alt=${file.name} onError=${fail} />`;
  if (url.value && isVideo && !isBroken.value) {
    return html`<video class="picked__face" src=${`${url.value}#t=0.1`} muted playsinline preload="metadata" aria-label=${file.name} onError=${fail}></video><span class="picked__play"><${Icon} name="play" /></span>`;
  }
  return html`
    <span class="picked__face picked__face--file">
      <${Icon} name=${isPhoto ? 'image' : isVideo ? 'video' : 'file-text'} /><span class="picked__name" dir="auto">${file.name}</span><span class="picked__size">${formatSize(file.size)}</span>
    </span>`;
});

// Makes what was chosen ready to go: photos smaller, a frame of films, everything else as it is.

/** @typedef {import('./sender.js').Parcel} Parcel */

const SIDE_MAX = 2_048;
const QUALITY = 0.85;
const POSTER_SIDE_MAX = 1_280;
const POSTER_MAX_BYTES = 512 << 10;
const VIDEO_MAX_MS = 8_000;
/** Some pictures keep a phone busy for ever, without a word. */
const READY_MAX_MS = 15_000;
/** Drawn by some browsers, not by the server: they need a poster. */
const FOREIGN = /^image\/(heic|heif|avif)/;

/** What does not come to be ready goes as it is. @param {File} file @param {boolean} isOriginal @returns {Promise<Parcel>} */
export async function parcelOf(file, isOriginal) {
  const isPhoto = /^image\/(?!svg)/.test(file.type) || /\.(heic|heif)$/i.test(file.name);
  if (!isPhoto && !file.type.startsWith('video/')) return { type: 'FILE', blob: file, name: file.name };
  const asItIs = /** @type {Parcel} */ ({ type: isPhoto ? 'IMAGE' : 'VIDEO', blob: file, name: file.name });
  let timer = 0;
  const late = new Promise((resolve) => { timer = setTimeout(resolve, READY_MAX_MS, asItIs); });
  const parcel = await Promise.race([isPhoto ? photo(file, isOriginal) : video(file), late]);
  clearTimeout(timer);
  return parcel;
}

/** @param {File} file @param {boolean} isOriginal @returns {Promise<Parcel>} */
async function photo(file, isOriginal) {
  /** @type {ImageBitmap} */
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
  } catch {
    // Not drawn by this browser: as it is.
    return { type: 'IMAGE', blob: file, name: file.name };
  }
  const { width, height } = bitmap;
  const asItIs = /** @type {Parcel} */ ({ type: 'IMAGE', blob: file, name: file.name, width, height });
  try {
    if (isOriginal || file.type === 'image/gif') {
      return FOREIGN.test(file.type) ? { ...asItIs, poster: await posterOf(bitmap, width, height) } : asItIs;
    }
    const scale = Math.min(1, SIDE_MAX / Math.max(width, height));
    const blob = await jpeg(bitmap, width * scale, height * scale, QUALITY);
    // A screenshot is often smaller as it was.
    if (scale === 1 && blob.size >= file.size && !FOREIGN.test(file.type)) return asItIs;
    return { type: 'IMAGE', blob, name: file.name.replace(/\.\w+$/, '') + '.jpg', width: Math.round(width * scale), height: Math.round(height * scale) };
  } catch {
    // A phone that is short of memory draws nothing: better large than lost.
    return asItIs;
  } finally {
    bitmap.close();
  }
}

/** @param {File} file @returns {Promise<Parcel>} */
async function video(file) {
  const parcel = /** @type {Parcel} */ ({ type: 'VIDEO', blob: file, name: file.name });
  const element = document.createElement('video');
  const url = URL.createObjectURL(file);
  try {
    Object.assign(element, { muted: true, playsInline: true, preload: 'auto', src: url });
    await heard(element, 'loadeddata');
    const { videoWidth: width, videoHeight: height, duration } = element;
    // The very first frame is often black.
    element.currentTime = Math.min(0.5, duration / 2 || 0);
    await heard(element, 'seeked');
    const poster = width ? await posterOf(element, width, height) : undefined;
    return { ...parcel, poster, width, height, ...(Number.isFinite(duration) ? { durationMs: Math.round(duration * 1_000) } : {}) };
  } catch {
    return parcel;
  } finally {
    element.removeAttribute('src');
    element.load();
    URL.revokeObjectURL(url);
  }
}

/** @param {HTMLVideoElement} element @param {string} event */
function heard(element, event) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the film says nothing')), VIDEO_MAX_MS);
    const done = (/** @type {(value?: any) => void} */ act) => () => { clearTimeout(timer); act(new Error('the film does not open')); };
    element.addEventListener(event, done(resolve), { once: true });
    element.addEventListener('error', done(reject), { once: true });
  });
}

/** A frame that the server takes as a poster. @param {CanvasImageSource} source @param {number} width @param {number} height */
async function posterOf(source, width, height) {
  const scale = Math.min(1, POSTER_SIDE_MAX / Math.max(width, height));
  for (const [side, quality] of [[1, 0.8], [1, 0.6], [0.6, 0.6], [0.3, 0.6]]) {
    const blob = await jpeg(source, width * scale * side, height * scale * side, quality);
    if (blob.size <= POSTER_MAX_BYTES) return blob;
  }
  return undefined;
}

/** @param {CanvasImageSource} source @param {number} width @param {number} height @param {number} quality @returns {Promise<Blob>} */
async function jpeg(source, width, height, quality) {
  const canvas = Object.assign(document.createElement('canvas'), { width: Math.max(1, Math.round(width)), height: Math.max(1, Math.round(height)) });
  try {
    const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    // What is clear would turn black.
    pen.fillStyle = '#fff';
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.imageSmoothingQuality = 'high';
    pen.drawImage(source, 0, 0, canvas.width, canvas.height);
    /** @type {Blob | null} */
    const blob = await new Promise((resolve) => { canvas.toBlob(resolve, 'image/jpeg', quality); });
    if (!blob) throw new Error('the picture could not be drawn');
    return blob;
  } finally {
    // Its memory at once: phones have little for canvases.
    canvas.width = 0;
  }
}
