// Becoming two: my code for the other one; once both are there, the two of us.
import { html, view } from '../ui/html.js';
import { announce, Avatar, Button, Page, Skeleton, toast, toastError } from '../ui/parts.js';
import { isLocal, Qr, Ways } from '../ui/sharing.js';
import { candidates, claim, couple, invite, isJustPaired, leftMs, myself, partner } from './store.js';
import { t } from '../text/index.js';
import { confirm } from '../ui/dialogs.js';
import { me } from '../accounts/session.js';

export const Pair = view(() => {
  if (!couple.value) return html`<${Page} title=${t('pair.title')} backTo="/settings"><${Skeleton} lines=${4} /><//>`;
  return partner.value ? html`<${Together} />` : html`<${Alone} />`;
});

const Alone = view(() => html`
  <${Page} title=${t('pair.title')} backTo="/chat" look="page--low">
    <p class="pair__lead">${t('pair.lead')}</p>
    <${InviteCard} />
    <${Candidates} />
    <div class="pair__others">
      <${Button} kind="plain" href="/join">${t('pair.have_code')}<//>
      <${Button} kind="plain" href="/chat">${t('pair.later')}<//>
    </div>
  <//>`);

const Together = view((_, self) => {
  self.once(() => { isJustPaired.value = false; });
  return html`
    <${Page} title=${t('together.title')} isTitleHidden=${true} look="page--door">
      <div class="together">
        <div class="together__faces"><${Avatar} person=${myself.value} size=${96} /><${Avatar} person=${partner.value} size=${96} /></div>
        <p class="together__title">${t('together.lead', { name: partner.value?.nickname ?? '' })}</p>
        <p class="together__text">${t('together.text')}</p>
        <div class="together__ways">
          <${Button} href="/chat" isWide=${true}>${t('together.chat')}<//>
          <${Button} href="/calendar" kind="plain" isWide=${true}>${t('together.calendar')}<//>
        </div>
      </div>
    <//>`;
});

// My code, large enough to read across the table; a QR; how long it lives; ways to send it.

const TICK_MS = 500;

export const InviteCard = view((_, self) => {
  /** @type {import('../signal.js').Signal<import('./store.js').Invite | null>} */
  const issued = self.local('issued', /** @type {any} */ (null));
  const seconds = self.local('seconds', 0);
  const isStuck = self.local('stuck', false);

  const ask = async () => {
    try {
      isStuck.value = false;
      const fresh = await invite();
      seconds.value = Math.ceil(leftMs(fresh) / 1000);
      issued.value = fresh;
    } catch (error) {
      isStuck.value = true;
      toastError(error);
    }
  };
  self.once(() => {
    ask();
    const timer = setInterval(() => {
      if (!issued.value) return;
      seconds.value = Math.ceil(leftMs(issued.value) / 1000);
      // A new one by itself while somebody looks at it.
      if (seconds.value === 0 && !document.hidden) { issued.value = null; ask(); }
    }, TICK_MS);
    return () => clearInterval(timer);
  });

  if (isStuck.value) return html`<div class="invite"><${Button} kind="soft" onClick=${ask}>${t('again')}<//></div>`;
  if (!issued.value) return html`<div class="invite invite--coming"><${Skeleton} lines=${3} /></div>`;
  const { inviteCode, inviteUrl, qrSvg } = issued.value;
  const left = `${Math.floor(seconds.value / 60)}:${String(seconds.value % 60).padStart(2, '0')}`;
  return html`
    <section class="invite" aria-label=${t('invite.label')}>
      <${Qr} svg=${qrSvg} alt=${t('invite.qr')} />
      <p class="invite__code" aria-label=${inviteCode.split('').join(' ')}>${inviteCode}</p>
      <p class="invite__left" role="timer" aria-live="off">${t('invite.left')} <time>${left}</time></p>
      ${isLocal() && html`<p class="invite__note">${t('invite.local')}</p>`}
      <${Ways} url=${inviteUrl} text=${t('invite.letter', { name: me.value?.nickname ?? '' })} />
    </section>`;
});

// Who signed up in the mobile app, which cannot send a code, while ours was alive: the other one, or myself?

const EVERY_MS = 5_000;

export const Candidates = view((_, self) => {
  const waiting = self.local('waiting', /** @type {import('./store.js').Candidate[]} */ ([]));
  const look = async () => {
    if (document.hidden) return;
    const found = await candidates().catch(() => waiting.value);
    if (found.length > waiting.value.length) announce(t('candidate.came'));
    if (JSON.stringify(found) !== JSON.stringify(waiting.value)) waiting.value = found;
  };
  self.once(() => {
    look();
    const timer = setInterval(look, EVERY_MS);
    return () => clearInterval(timer);
  });

  const say = async (/** @type {import('./store.js').Candidate} */ person, /** @type {'partner' | 'me'} */ as) => {
    const name = person.nickname;
    const isSure = as === 'partner'
      ? await confirm({ title: t('candidate.partner.ask', { name }), text: t('candidate.partner.text'), ok: t('candidate.partner.ok') })
      : await confirm({ title: t('candidate.me.ask', { name }), text: t('candidate.me.text'), ok: t('candidate.me.ok') });
    if (!isSure) return;
    try {
      await claim(person.userId, as);
      if (as === 'me') toast(t('candidate.me.done'));
    } catch (error) {
      toastError(error);
    }
    await look();
  };
  if (waiting.value.length === 0) return null;
  return html`
    <section class="candidates">
      <h2 class="candidates__title">${t('candidate.title')}</h2>
      <p class="candidates__text">${t('candidate.text')}</p>
      ${waiting.value.map((person) => html`
        <article class="candidate" key=${person.userId}>
          <${Avatar} person=${person} size=${56} />
          <div class="candidate__words"><b>${person.nickname}</b><span class="candidate__role">${t(`role.${person.role}`)}</span></div>
          <div class="candidate__ways">
            <${Button} onClick=${() => say(person, 'partner')}>${t('candidate.partner')}<//>
            <${Button} kind="soft" onClick=${() => say(person, 'me')}>${t('candidate.me')}<//>
          </div>
        </article>`)}
    </section>`;
});
