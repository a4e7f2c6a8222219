// Going separate ways, and going for good: first what happens, in plain words; what cannot be taken back stands last.
import { html, view } from '../ui/html.js';
import { Button, Empty, Page, Skeleton, toastError } from '../ui/parts.js';
import { confirm } from '../ui/dialogs.js';
import { Field, Form } from '../ui/form.js';
import { couple, part, partner, stay } from '../couples/store.js';
import { formatDate, formatTime, t } from '../text/index.js';
import { me, myId } from '../accounts/session.js';
import { withdraw } from './store.js';

/** @param {{ facts: string[] }} props */
const Facts = ({ facts }) => html`<ul class="facts">${facts.map((fact) => html`<li class="facts__fact" key=${fact}>${fact}</li>`)}</ul>`;

export const PartingSettings = view((_, self) => {
  const isGoing = self.local('going', false);
  const us = couple.value;
  const other = partner.value;
  const was = self.ref('was');
  if (other) was.current = other.nickname;
  const page = (/** @type {any} */ inside) => html`<${Page} title=${t('settings.parting')} backTo="/settings" look="page--low page--section">${inside}<//>`;
  if (!us) return page(html`<${Skeleton} lines=${4} />`);
  if (!other) return page(html`<${Empty} title=${t(was.current ? 'parting.done' : 'parting.alone')} text=${was.current && t('parting.done.text')}><${Button} kind="soft" href="/chat/rooms">${t('chat.rooms')}<//><//>`);
  const name = other.nickname;
  const act = async (/** @type {() => Promise<void>} */ does) => {
    isGoing.value = true;
    await does().catch(toastError);
    isGoing.value = false;
  };
  const propose = async () => {
    if (await confirm({ title: t('parting.ask', { name }), text: t('parting.ask.text', { name }), ok: t('parting.propose'), isDanger: true })) await act(part);
  };
  const agree = async () => {
    if (await confirm({ title: t('parting.agree.ask', { name }), text: t('parting.agree.text'), ok: t('parting.agree'), isDanger: true })) await act(part);
  };
  const facts = html`<${Facts} facts=${[t('parting.fact.both', { name }), t('parting.fact.copies'), t('parting.fact.chat'), t('parting.fact.own'), t('parting.fact.anew')]} />`;
  const { parting } = us;
  if (!parting) return page(html`<p class="lead">${t('parting.lead', { name })}</p>${facts}<div class="last"><${Button} kind="danger" isWide=${true} isBusy=${isGoing.value} onClick=${propose}>${t('parting.propose')}<//></div>`);
  const since = `${formatDate(parting.at, 'day')} ${formatTime(parting.at)}`;
  const isMine = parting.by === myId.value;
  return page(html`
    <div class="away" role="status">
      <p class="lead">${t(isMine ? 'parting.mine' : 'parting.theirs', { name })}</p>
      <p class="card__text">${t('parting.since', { when: since })} ${isMine && t('parting.waits', { name })}</p>
    </div>
    ${facts}
    <${Button} isWide=${true} isBusy=${isGoing.value} onClick=${() => act(stay)}>${t(isMine ? 'parting.back' : 'parting.stay')}<//>
    ${!isMine && html`<div class="last"><${Button} kind="danger" isWide=${true} isBusy=${isGoing.value} onClick=${agree}>${t('parting.agree')}<//></div>`}`);
});

export const WithdrawSettings = view((_, self) => {
  const password = self.local('password', '');
  const name = partner.value?.nickname;
  const submit = async () => {
    const isSure = await confirm({ title: t('withdraw.ask'), text: t('withdraw.ask.text'), ok: t('withdraw.ok'), isDanger: true });
    if (isSure) await withdraw(me.value?.loginId ? password.value : undefined);
  };
  const facts = [t('withdraw.fact.name'), name ? t('withdraw.fact.partner', { name }) : t('withdraw.fact.last'), t('withdraw.fact.groups'), t('withdraw.fact.final')];
  return html`
    <${Page} title=${t('settings.withdraw')} backTo="/settings" look="page--low page--section">
      <p class="lead">${t('withdraw.lead')}</p>
      <${Facts} facts=${facts} />
      ${me.value?.isAdmin && html`<p class="away">${t('withdraw.admin')}</p>`}
      <div class="last">
        <${Form} submit=${t('withdraw.ok')} kind="danger" onSubmit=${submit} fieldOf=${{ 1400: 'password' }}>
          ${(/** @type {(field: string) => string | undefined} */ errorOf) => me.value?.loginId && html`
            <${Field} label=${t('withdraw.password')} type="password" name="password" autocomplete="current-password" value=${password.value}
              onInput=${(/** @type {string} */ value) => { password.value = value; }} error=${errorOf('password') && t('password.wrong')} />`}
        <//>
      </div>
    <//>`;
});
