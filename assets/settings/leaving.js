// Signing out; where something was written and is not with the server yet, not before it was asked what becomes of it.
import { html, render, view } from '../ui/html.js';
import { effect } from '../signal.js';
import { Button, toastError } from '../ui/parts.js';
import { Dialog, confirm } from '../ui/dialogs.js';
import { isGuest, signOut } from '../accounts/session.js';
import { preparing, sendAll, unsent } from '../chat/store.js';
import { t } from '../text/index.js';

/** How many would be lost: those that wait, and those that are being made ready. */
const left = () => unsent.value.length + preparing.value;

export async function leave() {
  const isSure = left() > 0 ? await askAboutUnsent()
    : isGuest.value ? await confirm({ title: t('logout.ask'), text: t('logout.guest'), ok: t('settings.logout'), isDanger: true })
    : await confirm({ title: t('logout.ask'), text: t('logout.text'), ok: t('settings.logout') });
  if (isSure) await signOut().catch(toastError);
}

/** @returns {Promise<boolean>} whether to sign out: all was sent, or may be lost */
function askAboutUnsent() {
  return new Promise((resolve) => {
    const host = document.body.appendChild(document.createElement('div'));
    const answer = (/** @type {boolean} */ isSure) => {
      render(null, host);
      host.remove();
      resolve(isSure);
    };
    render(html`<${Unsent} onAnswer=${answer} />`, host);
  });
}

/** @type {(props: { onAnswer: (isSure: boolean) => void }) => any} */
const Unsent = view(({ onAnswer }, self) => {
  const isSending = self.local('sending', false);
  self.once(() => effect(() => {
    if (!isSending.value) return;
    if (left() === 0) onAnswer(true);
    // Some will not go: what then, is asked again.
    else if (preparing.value === 0 && unsent.value.every(({ state }) => state === 'failed')) isSending.value = false;
  }));
  const send = () => { sendAll(); isSending.value = true; };
  return html`
    <${Dialog} title=${t('logout.unsent', { count: left() })} onClose=${() => onAnswer(false)} look="dialog--narrow">
      <p class="dialog__text">${t(isSending.value ? 'logout.unsent.sending' : 'logout.unsent.text')}</p>
      <div class="dialog__stack">
        <${Button} isWide=${true} isBusy=${isSending.value} onClick=${send}>${t('logout.unsent.send')}<//>
        <${Button} isWide=${true} kind="plain" onClick=${() => onAnswer(true)}>${t('logout.unsent.anyway')}<//>
        <${Button} isWide=${true} kind="soft" onClick=${() => onAnswer(false)}>${t('logout.unsent.stay')}<//>
      </div>
    <//>`;
});
