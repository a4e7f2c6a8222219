// One more device of mine by a QR; and, where my partner can sign in nowhere any more, a way in that works after a day.
import { html, view } from '../ui/html.js';
import { Button, Page, Skeleton, toast, toastError } from '../ui/parts.js';
import { confirm } from '../ui/dialogs.js';
import { isLocal, Qr, Ways } from '../ui/sharing.js';
import { couple, partner } from '../couples/store.js';
import { formatDate, formatTime, t } from '../text/index.js';
import { isGuest } from '../accounts/session.js';
import { askRescue, leftMs, loginLink, recallRescue, rescue } from './store.js';

const TICK_MS = 500;

export const LinkSettings = view((_, self) => {
  const link = self.local('link', /** @type {import('./store.js').LoginLink | null} */ (null));
  const seconds = self.local('seconds', 0);
  const isStuck = self.local('stuck', false);
  const ask = async () => {
    isStuck.value = false;
    try {
      const fresh = await loginLink();
      seconds.value = Math.ceil(leftMs(fresh) / 1000);
      link.value = fresh;
    } catch (error) {
      isStuck.value = true;
      toastError(error);
    }
  };
  self.once(() => {
    ask();
    const timer = setInterval(() => { if (link.value) seconds.value = Math.ceil(leftMs(link.value) / 1000); }, TICK_MS);
    return () => clearInterval(timer);
  });
  const left = `${Math.floor(seconds.value / 60)}:${String(seconds.value % 60).padStart(2, '0')}`;
  return html`
    <${Page} title=${t(isGuest.value ? 'link.move' : 'settings.link')} backTo="/settings" look="page--low page--section">
      <p class="pair__lead">${t(isGuest.value ? 'link.show.guest' : 'link.show')}</p>
      ${isStuck.value || (link.value && seconds.value === 0)
        ? html`<div class="invite invite--coming"><p class="pair__lead">${!isStuck.value && t('link.ran_out')}</p><${Button} kind="soft" onClick=${ask}>${t('link.again')}<//></div>`
        : !link.value ? html`<div class="invite invite--coming"><${Skeleton} lines=${3} /></div>`
        : html`
          <section class="invite" aria-label=${t('link.label')}>
            <${Qr} svg=${link.value.qrSvg} alt=${t('link.qr')} size=${232} />
            <p class="invite__left" role="timer" aria-live="off">${t('invite.left')} <time>${left}</time></p>
            ${isLocal() && html`<p class="invite__note">${t('invite.local')}</p>`}
            <${Ways} url=${link.value.url} text=${t('link.letter')} />
          </section>`}
      <p class="aside">${t('link.secret')}</p>
    <//>`;
});

/** @param {string} instant */
const whenOf = (instant) => `${formatDate(instant, 'day')} ${formatTime(instant)}`;

export const RescueSettings = view((_, self) => {
  const isGoing = self.local('going', false);
  const name = partner.value?.nickname ?? '';
  const asked = rescue.value;
  self.once(() => { recallRescue(); });
  const ask = async () => {
    const isSure = await confirm({ title: t('rescue.ask', { name }), text: t('rescue.ask.text', { name }), ok: t('rescue.ok') });
    if (!isSure) return;
    isGoing.value = true;
    await askRescue().catch(toastError);
    isGoing.value = false;
  };
  return html`
    <${Page} title=${t('settings.rescue', { name })} backTo="/settings" look="page--low page--section">
      <ul class="facts">
        ${[t('rescue.fact.wait'), t('rescue.fact.told', { name }), t('rescue.fact.refuse', { name }), t('rescue.fact.here')].map((fact) => html`<li class="facts__fact" key=${fact}>${fact}</li>`)}
      </ul>
      ${!partner.value ? couple.value && html`<p class="aside">${t('rescue.alone')}</p>`
        : asked ? html`
          <section class="invite" aria-label=${t('rescue.label')}>
            <p class="invite__when">${t('rescue.works', { when: whenOf(asked.worksAt) })}</p>
            <${Qr} svg=${asked.qrSvg} alt=${t('link.qr')} size=${232} />
            <p class="invite__left">${t('rescue.until', { when: whenOf(asked.expiresAt) })}</p>
            <${Ways} url=${asked.url} text=${t('rescue.letter', { when: whenOf(asked.worksAt) })} />
          </section>`
        : html`<${Button} isWide=${true} kind="soft" isBusy=${isGoing.value} onClick=${ask}>${t('rescue.ok')}<//>`}
    <//>`;
});
