// About a room: who is in it, who is here now; for the couple that looks after it also its name, who comes and who goes.
import { html, view } from '../ui/html.js';
import { Avatar, Button, Empty, IconButton, List, Page, Panes, Row, Skeleton, toast, toastError } from '../ui/parts.js';
import { confirm, Dialog } from '../ui/dialogs.js';
import { Field, Form } from '../ui/form.js';
import { acquaintances, addPeople, leaveGroup, mayLeave, mayRemove, rename, sendOut } from './group_store.js';
import { t } from '../text/index.js';
import { isGuest, myId } from '../accounts/session.js';
import { navigate } from '../router.js';
import { People } from './people.js';
import { RoomList } from './room_list.js';
import { presentIn, roomOf, rooms, titleOf } from './rooms.js';

/** @typedef {import('./shapes.js').Room} Room */

/** @type {(props: { place: import('../router.js').Place }) => any} */
export const RoomInfo = view(({ place }) => {
  const roomId = Number(place.params.id);
  return html`<${Panes} showing="main" list=${html`<${RoomList} current=${roomId} />`} main=${html`<${Info} key=${roomId} roomId=${roomId} />`} />`;
});

/** @type {(props: { roomId: number }) => any} */
const Info = view(({ roomId }, self) => {
  const opened = self.local('opened', /** @type {'' | 'rename' | 'add'} */ (''));
  const room = roomOf(roomId);
  const close = () => { opened.value = ''; };
  if (!room) {
    return html`<${Page} title=${t('rooms.info')} backTo="/chat/rooms" look="page--low">
      ${rooms.value ? html`<${Empty} title=${t('rooms.gone')} text=${t('rooms.gone.text')}><${Button} kind="soft" href="/chat/rooms">${t('chat.rooms')}<//><//>` : html`<${Skeleton} lines=${4} />`}
    <//>`;
  }
  const cares = room.isOwner && !room.archived;
  const away = acquaintances.value.filter(({ userId }) => !room.members.some((member) => member.userId === userId));
  return html`
    <${Page} title=${t('rooms.info')} backTo=${`/chat/${roomId}`} look="page--low">
      <section class="about">
        <h2 class="about__title">${titleOf(room)}</h2>
        ${cares && html`<${IconButton} icon="pencil" label=${t('rooms.rename')} onClick=${() => { opened.value = 'rename'; }} />`}
        ${room.archived && html`<p class="about__note">${t('chat.archived')}</p>`}
      </section>
      ${cares && html`
        <${List}>
          <${Row} icon="user-plus" href=${`/chat/${roomId}/invite`} title=${t('rooms.invite')} detail=${t('rooms.invite.text')} />
          ${away.length > 0 && html`<${Row} icon="plus" title=${t('rooms.add')} detail=${t('rooms.add.text')} onClick=${() => { opened.value = 'add'; }} />`}
        <//>`}
      <${List}>
        <${Row} icon="image" href=${`/chat/${roomId}/album`} title=${t('rooms.album')} />
        <${Row} icon="search" href=${`/chat/${roomId}/search`} title=${t('rooms.searchHere')} />
      <//>
      <${Members} room=${room} />
      ${mayLeave(room) && html`<${List}><${Row} icon="log-out" isDanger=${true} title=${t('rooms.leave')} onClick=${() => leave(room)} /><//>`}
      ${opened.value === 'rename' && html`<${Rename} room=${room} onClose=${close} />`}
      ${opened.value === 'add' && html`<${Add} roomId=${roomId} people=${away} onClose=${close} />`}
    <//>`;
});

/** Me first, then by name. @param {Room} room */
const inOrder = (room) => [...room.members].sort((a, b) => Number(b.userId === myId.value) - Number(a.userId === myId.value) || a.nickname.localeCompare(b.nickname, 'ko'));

/** @type {(props: { room: Room }) => any} */
const Members = view(({ room }) => html`
  <${List} title=${t('rooms.members', { count: room.members.length })}>
    ${inOrder(room).map((person) => {
      const isHere = presentIn(room).includes(person.userId) && person.userId !== myId.value;
      const face = html`<span class="who__face"><${Avatar} person=${/** @type {any} */ (person)} size=${40} />${isHere && html`<span class="who__dot"></span>`}</span>`;
      const part = [t(`role.${person.role}`), person.userId === myId.value ? t('chat.me') : isHere ? t('chat.here') : ''].filter(Boolean).join(' · ');
      return html`
        <${Row} key=${person.userId} face=${face} title=${person.nickname} detail=${part}>
          ${mayRemove(room, person.userId) && html`<${IconButton} icon="user-minus" label=${t('rooms.remove', { name: person.nickname })} onClick=${() => remove(room, person)} />`}
        <//>`;
    })}
  <//>`);

/** @param {Room} room @param {import('./shapes.js').RoomMember} person */
async function remove(room, person) {
  const name = person.nickname;
  const isGuestSeat = person.role === 'GUEST';
  const isSure = await confirm({ title: t('rooms.remove.ask', { name }), text: t(isGuestSeat ? 'rooms.remove.guest' : 'rooms.remove.text'), ok: t('rooms.remove.ok'), isDanger: true });
  if (isSure) await sendOut(room.roomId, person.userId).then(() => toast(t('rooms.removed', { name })), toastError);
}

/** @param {Room} room */
async function leave(room) {
  const isSure = await confirm({ title: t('rooms.leave.ask'), text: t(isGuest.value ? 'rooms.leave.guest' : 'rooms.leave.text'), ok: t('rooms.leave'), isDanger: true });
  if (!isSure) return;
  try {
    await leaveGroup(room.roomId);
    if (!isGuest.value) { navigate('/chat/rooms', { replace: true }); toast(t('rooms.left')); }
  } catch (error) {
    toastError(error);
  }
}

/** @type {(props: { room: Room, onClose: () => void }) => any} */
const Rename = view(({ room, onClose }, self) => {
  const title = self.local('title', room.title ?? '');
  const submit = async () => {
    await rename(room.roomId, title.value.trim());
    onClose();
  };
  return html`
    <${Dialog} title=${t('rooms.rename')} onClose=${onClose}>
      <${Form} submit=${t('save')} onSubmit=${submit} fieldOf=${{ 1400: 'title', 6411: 'title' }}>
        ${(/** @type {(field: string) => string | undefined} */ errorOf) => html`
          <${Field} label=${t('rooms.title')} name="title" autocomplete="off" maxlength="40" value=${title.value}
            onInput=${(/** @type {string} */ value) => { title.value = value; }} error=${errorOf('title') && t('rooms.title.wrong')} />`}
      <//>
    <//>`;
});

/** @type {(props: { roomId: number, people: import('./shapes.js').RoomMember[], onClose: () => void }) => any} */
const Add = view(({ roomId, people, onClose }, self) => {
  const chosen = self.local('chosen', /** @type {number[]} */ ([]));
  const submit = async () => {
    if (chosen.value.length > 0) await addPeople(roomId, chosen.value);
    onClose();
  };
  return html`
    <${Dialog} title=${t('rooms.add')} kind="sheet" onClose=${onClose}>
      <${Form} submit=${t('rooms.add.ok')} onSubmit=${submit}>
        ${() => html`<${People} label=${t('rooms.who')} people=${people} chosen=${chosen.value} onChange=${(/** @type {number[]} */ ids) => { chosen.value = ids; }} />`}
      <//>
    <//>`;
});
