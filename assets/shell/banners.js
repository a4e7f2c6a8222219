// What one of the two must not miss, whatever screen is open: the other one asked for a way in, or wants to part.
import { html, view } from '../ui/html.js';
import { Button, Icon, toast, toastError } from '../ui/parts.js';
import { couple, memberOf } from '../couples/store.js';
import { formatDate, formatTime, loadTexts, t } from '../text/index.js';
import { me } from '../accounts/session.js';
import { refuseRescue } from '../settings/store.js';

/** @returns {Promise<any>} the banners, with their words */
export async function loadBanners() {
  await loadTexts('links', 'leaving');
  return Banners;
}

const refuse = () => refuseRescue().then(() => toast(t('rescue.refused')), toastError);

const Banners = view(() => {
  const rescue = me.value?.rescue;
  const parting = couple.value?.parting;
  const name = (/** @type {number} */ userId) => memberOf(userId)?.nickname ?? '';
  return html`
    ${rescue && html`
      <div class="banner">
        <p class="banner__text"><${Icon} name="circle-alert" /><span>${t('rescue.banner', { name: name(rescue.askedBy), when: `${formatDate(rescue.worksAt, 'day')} ${formatTime(rescue.worksAt)}` })}</span></p>
        <${Button} onClick=${refuse}>${t('rescue.refuse')}<//>
      </div>`}
    ${parting && parting.by !== me.value?.userId && html`
      <div class="banner">
        <p class="banner__text"><${Icon} name="circle-alert" /><span>${t('parting.banner', { name: name(parting.by) })}</span></p>
        <${Button} kind="soft" href="/settings/parting">${t('parting.see')}<//>
      </div>`}`;
});
