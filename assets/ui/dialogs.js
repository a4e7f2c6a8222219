// Dialogs in the middle and sheets from below: the browser's own <dialog>, so focus stays inside and Escape closes.
import { html, render, view } from './html.js';
import { t } from '../text/index.js';
import { Button, Icon } from './parts.js';
import { afterwards, holdBack } from '../router.js';

/** @typedef {{ title: string, text?: string, ok: string, isDanger?: boolean }} Question */

/**
 * Open as long as it is drawn: `${isOpen.value && html`<${Dialog} title=… onClose=…>…<//>`}`. A step back, Escape and a tap outside call `onClose`,
 * after `question` was agreed to, where there is one: something would be lost.
 * @type {(props: { title: string, onClose: () => void, question?: Question | false, kind?: 'dialog' | 'sheet', isTitleHidden?: boolean, children?: any, look?: string }) => any}
 */
export const Dialog = view(({ title, onClose, question, kind = 'dialog', isTitleHidden, look = '', children }, self) => {
  const box = self.ref('box');
  const latest = self.ref('latest');
  latest.current = { onClose, question };
  const leave = async () => {
    const isAgreed = await confirm(latest.current.question);
    afterwards(() => {
      if (isAgreed) latest.current.onClose();
      // A second Escape closes it, whatever we say.
      else if (box.current && !box.current.open) box.current.showModal();
    });
  };
  const close = () => { if (question) leave(); else onClose(); };
  self.once(() => {
    const dialog = /** @type {HTMLDialogElement} */ (box.current);
    const before = document.activeElement;
    dialog.showModal();
    const step = (/** @type {boolean} */ isStep = false) => {
      if (!isStep || !latest.current.question) { latest.current.onClose(); return; }
      release = holdBack(step);
      leave();
    };
    let release = holdBack(step);
    return () => {
      release();
      dialog.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  });
  return html`
    <dialog class=${`${kind} ${look}`} ref=${box} aria-label=${title}
      onCancel=${(/** @type {Event} */ event) => { event.preventDefault(); close(); }}
      onMouseDown=${(/** @type {MouseEvent} */ event) => { if (event.target === box.current) close(); }}>
      <div class=${`${kind}__body`}>
        <h2 class=${isTitleHidden ? 'unseen' : `${kind}__title`}>${title}</h2>
        ${children}
      </div>
    </dialog>`;
});

/**
 * Asks before something that cannot be taken back. Resolves with true when agreed.
 * @param {Question} question
 * @returns {Promise<boolean>}
 */
export function confirm({ title, text, ok, isDanger = false }) {
  return new Promise((resolve) => {
    const host = document.body.appendChild(document.createElement('div'));
    const answer = (/** @type {boolean} */ isAgreed) => {
      render(null, host);
      host.remove();
      resolve(isAgreed);
    };
    render(html`
      <${Dialog} title=${title} onClose=${() => answer(false)} look="dialog--narrow">
        ${text && html`<p class="dialog__text">${text}</p>`}
        <div class="dialog__actions">
          <${Button} kind="soft" onClick=${() => answer(false)}>${t('cancel')}<//>
          <${Button} kind=${isDanger ? 'danger' : 'primary'} onClick=${() => answer(true)}>${ok}<//>
        </div>
      <//>`, host);
  });
}

// A sheet that rises from below; on a wide window it stands in the middle.

/** @param {Parameters<typeof Dialog>[0]} props */
export function Sheet(props) {
  return html`<${Dialog} kind="sheet" ...${props} />`;
}

/**
 * A sheet of things to do, one under the other.
 * @param {{ title: string, onClose: () => void, acts: { label: string, icon: string, isDanger?: boolean, onClick: () => void }[], children?: any }} props
 */
export function ActionSheet({ title, onClose, acts, children }) {
  return html`
    <${Sheet} title=${title} onClose=${onClose} isTitleHidden=${true}>
      ${children}
      <ul class="actions" role="list">
        ${acts.map((act) => html`
          <li key=${act.label}>
            <button class=${`actions__act${act.isDanger ? ' actions__act--danger' : ''}`} type="button" onClick=${() => { onClose(); act.onClick(); }}>
              <${Icon} name=${act.icon} />${act.label}
            </button>
          </li>`)}
      </ul>
    <//>`;
}
