// The door of a group, for whoever holds a link: who invites into what; a nickname and one button, or in as who one is already.
import { html, view } from '../ui/html.js';
import { Button, Empty, Fawn, Page, Skeleton, toastError } from '../ui/parts.js';
import { Field, Form } from '../ui/form.js';
import { landing, me, phase } from '../accounts/session.js';
import { comeIn, enterBy, lookIn } from './group_store.js';
import { navigate } from '../router.js';
import { t } from '../text/index.js';

/** @type {(props: { place: import('../router.js').Place }) => any} */
export const Door = view(({ place }) => {
  const { token } = place.params;
  return html`<${Page} title=${t('door.title')} isTitleHidden=${true} look="page--door"><${Invited} key=${token} token=${token} /><//>`;
});

/** What is said where a link leads nowhere, by the answer's code. */
const SAID = /** @type {Record<string, string>} */ ({ 5401: 'door.over', 6406: 'door.full' });

/** @type {(props: { token: string }) => any} */
const Invited = view(({ token }, self) => {
  const door = self.local('door', /** @type {import('./group_store.js').Door | null} */ (null));
  const wrong = self.local('wrong', /** @type {{ code: string, message: string } | null} */ (null));
  const refuse = (/** @type {any} */ error) => { if (SAID[error.code] || !door.value) wrong.value = error; else throw error; };
  const look = () => { wrong.value = null; lookIn(token).then((found) => { door.value = found; }, refuse); };
  self.once(look);
  if (wrong.value) {
    const said = SAID[wrong.value.code];
    return html`
      <${Empty} title=${said ? t(said) : wrong.value.message} text=${said && t('door.ask')}>
        ${said ? html`<${Button} kind="soft" href="/">${t('nowhere.home')}<//>` : html`<${Button} kind="soft" onClick=${look}>${t('again')}<//>`}
      <//>`;
  }
  if (!door.value) return html`<${Skeleton} lines=${4} />`;
  const { title, nickname: name } = door.value;
  return html`
    <div class="welcome door">
      <div class="welcome__top">
        <${Fawn} look="welcome__fawn" size=${96} />
        <p class="door__lead">${t('door.lead', { name })}</p>
        <p class="door__room">${title}</p>
        <p class="welcome__text">${t(phase.value === 'in' ? 'door.known' : 'door.text')}</p>
      </div>
      ${phase.value === 'in' ? html`<${Known} token=${token} onRefused=${refuse} />` : html`<${Newcomer} token=${token} onRefused=${refuse} />`}
    </div>`;
});

/** @typedef {{ token: string, onRefused: (error: any) => void }} Comer */

/** @type {(props: Comer) => any} */
const Known = view(({ token, onRefused }, self) => {
  const isGoing = self.local('going', false);
  const enter = async () => {
    isGoing.value = true;
    try {
      const { roomId } = await enterBy(token);
      navigate(`/chat/${roomId}`, { replace: true });
    } catch (error) {
      try { onRefused(error); } catch { toastError(error); }
    }
    isGoing.value = false;
  };
  return html`
    <div class="welcome__ways">
      <${Button} isWide=${true} isBusy=${isGoing.value} onClick=${enter}>${t('door.as', { name: me.value?.nickname ?? '' })}<//>
      <${Button} isWide=${true} kind="plain" href="/chat">${t('door.not')}<//>
    </div>`;
});

/** @type {(props: Comer) => any} */
const Newcomer = view(({ token, onRefused }, self) => {
  const nickname = self.local('nickname', '');
  const submit = async () => {
    try {
      await comeIn(token, nickname.value.trim());
      navigate('/chat', { replace: true });
    } catch (error) {
      onRefused(error);
    }
  };
  return html`
    <${Form} submit=${t('door.in')} onSubmit=${submit} fieldOf=${{ 1400: 'nickname' }}>
      ${(/** @type {(field: string) => string | undefined} */ errorOf) => html`
        <${Field} label=${t('door.name')} hint=${t('door.name.hint')} name="nickname" autocomplete="nickname" maxlength="10" enterkeyhint="go" value=${nickname.value}
          onInput=${(/** @type {string} */ value) => { nickname.value = value; }} error=${errorOf('nickname') && t('error.3400')} />`}
    <//>
    <${Button} kind="plain" href="/login" onClick=${() => { landing.value = `/guest/${token}`; }}>${t('join.login')}<//>`;
});
