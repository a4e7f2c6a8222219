// Coming in by a link from another device, or by one that the partner asked for; then a new password may be set.
import { html, view } from '../ui/html.js';
import { Button, Empty, Page } from '../ui/parts.js';
import { Field, Form } from '../ui/form.js';
import { openLink } from './link_store.js';
import { me, phase } from './session.js';
import { navigate } from '../router.js';
import { t } from '../text/index.js';

/** What is said of a link that opens nothing, by the answer's code. */
const SAID = /** @type {Record<string, string>} */ ({ 2401: 'link.over', 2402: 'link.early' });

/** @type {(props: { place: import('../router.js').Place }) => any} */
export const LinkDoor = view(({ place }, self) => {
  const isRescue = place.path.startsWith('/rescue');
  const wrong = self.local('wrong', '');
  const token = self.ref('token');
  if (location.hash.length > 1) {
    // A secret: taken out of the address, and so out of the history. Another link, opened here, is another try.
    token.current = location.hash.slice(1);
    wrong.value = '';
    history.replaceState(history.state, '', place.path);
  }
  const password = self.local('password', '');
  const submit = async () => {
    try {
      await openLink(token.current, password.value || undefined);
      navigate('/chat', { replace: true });
    } catch (error) {
      const { code } = /** @type {{ code: string }} */ (error);
      if (!SAID[code]) throw error;
      wrong.value = SAID[code];
    }
  };
  const page = (/** @type {any} */ inside) => html`<${Page} title=${t(isRescue ? 'link.rescue' : 'link.title')} backTo="/">${inside}<//>`;
  if (phase.value === 'in') {
    return page(html`
      <${Empty} title=${t('link.in', { name: me.value?.nickname ?? '' })} text=${t('link.in.text')}>
        <${Button} href="/chat">${t('link.chat')}<//>
      <//>`);
  }
  if (wrong.value || !token.current) {
    const said = wrong.value || 'link.over';
    return page(html`<${Empty} title=${t(said)} text=${t(said === 'link.early' ? 'link.early.text' : 'link.over.text')}><${Button} kind="soft" href="/login">${t('welcome.login')}<//><//>`);
  }
  return page(html`
    <p class="join__lead">${t(isRescue ? 'link.rescue.lead' : 'link.lead')}</p>
    <${Form} submit=${t('link.submit')} onSubmit=${submit}>
      ${(/** @type {(field: string) => string | undefined} */ errorOf) => isRescue && html`
        <${Field} label=${t('link.password')} hint=${t('link.password.hint')} type="password" name="new-password" autocomplete="new-password" value=${password.value}
          onInput=${(/** @type {string} */ value) => { password.value = value; }} error=${errorOf('password')} />`}
    <//>
    ${!isRescue && html`<p class="aside">${t('link.note')}</p>`}`);
});
