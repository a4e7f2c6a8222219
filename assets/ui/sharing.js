// Handing a link on: as a QR for the phone across the table, through the phone's own sheet where there is one (only over HTTPS), by the clipboard.
import { html, view } from './html.js';
import { Button, toast, toastError } from './parts.js';
import { t } from '../text/index.js';

/** A QR as the server draws it. @type {(props: { svg: string, alt: string, size?: number }) => any} */
export const Qr = view(({ svg, alt, size = 184 }, self) => {
  const drawn = self.ref('drawn');
  if (drawn.current?.svg !== svg) {
    if (drawn.current) URL.revokeObjectURL(drawn.current.url);
    drawn.current = { svg, url: URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' })) };
  }
  self.once(() => () => URL.revokeObjectURL(drawn.current.url));
  return html`<img class="invite__qr" src=${drawn.current.url} alt=${alt} width=${size} height=${size} />`;
});

/** The buttons that send a link. @param {{ url: string, text: string }} props */
export function Ways({ url, text }) {
  return html`
    <div class="invite__ways">
      ${canShare() && html`<${Button} icon="share" onClick=${() => share({ title: 'BambiTalk', text, url })}>${t('invite.share')}<//>`}
      <${Button} kind=${canShare() ? 'soft' : 'primary'} icon="link" onClick=${() => copy(url)}>${t('invite.copy')}<//>
    </div>`;
}

/** Whether the address in the link leads to this very computer and nowhere else. */
export const isLocal = () => /^(localhost|127\.|\[::1\])/.test(location.hostname);

/** Whether the phone has a sheet for sharing. */
export const canShare = () => typeof navigator.share === 'function';

/** @param {{ title?: string, text?: string, url?: string }} what */
export async function share(what) {
  try {
    await navigator.share(what);
  } catch (error) {
    // Closing the sheet is no failure.
    if (/** @type {Error} */ (error).name !== 'AbortError') await copy(what.url ?? what.text ?? '');
  }
}

/** Copies, and says so. @param {string} text */
export async function copy(text) {
  try {
    if (navigator.clipboard) await navigator.clipboard.writeText(text);
    else copyByHand(text);
    toast(t('copied'));
  } catch (error) {
    toastError(error);
  }
}

/** Over plain HTTP there is no clipboard, only the old way. @param {string} text */
function copyByHand(text) {
  const before = document.activeElement;
  const area = Object.assign(document.createElement('textarea'), { value: text, readOnly: true, className: 'unseen' });
  // Inside an open dialog, where there is one: outside of it nothing can be selected.
  (document.querySelector('dialog[open]') ?? document.body).append(area);
  area.select();
  const isCopied = document.execCommand('copy');
  area.remove();
  if (before instanceof HTMLElement) before.focus();
  if (!isCopied) throw new Error('nothing was copied');
}
