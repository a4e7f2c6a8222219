// Bringing somebody new into a group by a link: for how long, for how many; the links that live, and ending them.
import { html, view } from '../ui/html.js';
import { Button, Empty, List, Page, Panes, Row, Skeleton, toast, toastError } from '../ui/parts.js';
import { Choice } from '../ui/form.js';
import { confirm } from '../ui/dialogs.js';
import { invites, newInvite, revoke } from './group_store.js';
import { isLocal, Qr, Ways } from '../ui/sharing.js';
import { formatDate, formatTime, t } from '../text/index.js';
import { me } from '../accounts/session.js';
import { RoomList } from './room_list.js';
import { roomOf, rooms, titleOf } from './rooms.js';

const DAYS = ['1', '7', '30'];
const USES = ['1', '5', '50'];

/** @type {(props: { place: import('../router.js').Place }) => any} */
export const RoomInvite = view(({ place }) => {
  const roomId = Number(place.params.id);
  return html`<${Panes} showing="main" list=${html`<${RoomList} current=${roomId} />`} main=${html`<${Invite} key=${roomId} roomId=${roomId} />`} />`;
});

/** @type {(props: { roomId: number }) => any} */
const Invite = view(({ roomId }, self) => {
  const days = self.local('days', '7');
  const uses = self.local('uses', '1');
  const fresh = self.local('fresh', /** @type {import('./group_store.js').NewRoomInvite | null} */ (null));
  const living = self.local('living', /** @type {import('./group_store.js').RoomInvite[] | null} */ (null));
  const isGoing = self.local('going', false);
  const asked = self.ref('asked');
  const room = roomOf(roomId);
  const count = room?.members.length ?? 0;
  const load = () => invites(roomId).then((all) => { living.value = all; }, () => {});
  // Whoever came in has used one up.
  const counted = self.ref('counted');
  if (room?.isOwner && counted.current !== count) { counted.current = count; self.after(() => { load(); }); }
  if (!room?.isOwner || room.archived) {
    return html`<${Page} title=${t('rooms.invite')} backTo=${`/chat/${roomId}`} look="page--low">
      ${rooms.value ? html`<${Empty} title=${t('error.6403')} />` : html`<${Skeleton} lines=${4} />`}
    <//>`;
  }
  const make = async () => {
    isGoing.value = true;
    const terms = `${days.value} ${uses.value}`;
    // Where the answer was lost, the same link is asked for again.
    if (asked.current?.terms !== terms) asked.current = { terms, make: newInvite(roomId, Number(days.value), Number(uses.value)) };
    try {
      fresh.value = await asked.current.make();
      asked.current = null;
      await load();
    } catch (error) {
      toastError(error);
    }
    isGoing.value = false;
  };
  const end = async (/** @type {import('./group_store.js').RoomInvite} */ invite) => {
    if (!await confirm({ title: t('rooms.revoke.ask'), text: t('rooms.revoke.text'), ok: t('rooms.revoke'), isDanger: true })) return;
    await revoke(invite.inviteId).then(() => toast(t('rooms.revoked')), toastError);
    if (fresh.value?.inviteId === invite.inviteId) fresh.value = null;
    await load();
  };
  const isAlive = fresh.value && (!living.value || living.value.some(({ inviteId }) => inviteId === fresh.value?.inviteId));
  return html`
    <${Page} title=${t('rooms.invite')} backTo=${`/chat/${roomId}/info`} look="page--low">
      <p class="pair__lead">${t('rooms.invite.lead')}</p>
      ${fresh.value && isAlive ? html`
        <section class="invite" aria-label=${t('rooms.link')}>
          <${Qr} svg=${fresh.value.qrSvg} alt=${t('invite.qr')} size=${232} />
          <p class="invite__left">${termsOf(fresh.value, ` ${formatTime(fresh.value.expiredAt)}`)}</p>
          ${isLocal() && html`<p class="invite__note">${t('invite.local')}</p>`}
          <${Ways} url=${fresh.value.inviteUrl} text=${t('rooms.letter', { name: me.value?.nickname ?? '', title: titleOf(room) })} />
          <${Button} kind="plain" onClick=${() => { fresh.value = null; }}>${t('rooms.link.another')}<//>
        </section>` : html`
        <div class="form">
          <${Choice} label=${t('rooms.days')} value=${days.value} onChange=${(/** @type {string} */ value) => { days.value = value; }}
            options=${DAYS.map((value) => ({ value, label: t('rooms.days.count', { count: Number(value) }) }))} />
          <${Choice} label=${t('rooms.uses')} value=${uses.value} onChange=${(/** @type {string} */ value) => { uses.value = value; }}
            options=${USES.map((value) => ({ value, label: t('rooms.uses.count', { count: Number(value) }) }))} />
          <${Button} isWide=${true} isBusy=${isGoing.value} onClick=${make}>${t('rooms.link.make')}<//>
        </div>`}
      ${living.value && living.value.length > 0 && html`
        <${List} title=${t('rooms.links')} note=${t('rooms.links.note')}>
          ${living.value.map((invite) => html`
            <${Row} key=${invite.inviteId} icon="link" title=${termsOf(invite)} detail=${nameOf(roomId, invite)}>
              <${Button} kind="plain" onClick=${() => end(invite)}>${t('rooms.revoke')}<//>
            <//>`)}
        <//>`}
    <//>`;
});

/** @param {number} roomId @param {import('./group_store.js').RoomInvite} invite */
function nameOf(roomId, { inviterId, createdAt }) {
  const inviter = roomOf(roomId)?.members.find(({ userId }) => userId === inviterId)?.nickname ?? '';
  return t('rooms.link.of', { name: inviter, when: formatDate(createdAt, 'short') });
}

/** @param {import('./group_store.js').RoomInvite} invite @param {string} [hour] */
const termsOf = ({ usesLeft, expiredAt }, hour = '') => t('rooms.terms', { until: formatDate(expiredAt, 'day') + hour, count: usesLeft });
