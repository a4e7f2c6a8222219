// My rooms, the newest first; those from before at the end. Beside the conversation on a wide window.
import { html, view } from '../ui/html.js';
import { Avatar, Button, IconButton, Page, Skeleton } from '../ui/parts.js';
import { mainRoom, othersIn, rooms, summaryOf, titleOf } from './rooms.js';
import { dayOf, formatCount, formatDate, formatTime, t } from '../text/index.js';
import { isGuest } from '../accounts/session.js';

const COUNTED_MAX = 999;
const FACES_MAX = 4;

/** @type {(props: { current: number }) => any} */
export const RoomList = view(({ current }) => {
  const all = rooms.value;
  const [live, before] = [all?.filter(({ archived }) => !archived) ?? [], all?.filter(({ archived }) => archived) ?? []];
  const list = (/** @type {import('./shapes.js').Room[]} */ some) => some.map((room) => html`<${RoomRow} key=${room.roomId} room=${room} isCurrent=${room.roomId === current} />`);
  const fresh = !isGuest.value && html`<${IconButton} icon="message-circle-plus" label=${t('rooms.new')} href="/chat/new" />`;
  return html`
    <${Page} title=${t('chat.rooms')} backTo="/chat" actions=${html`<${IconButton} icon="search" label=${t('rooms.search')} href="/chat/search" />${fresh}`} look="page--rooms">
      ${all ? html`<nav class="rooms" aria-label=${t('chat.rooms')}>${list(live)}</nav>` : html`<${Skeleton} lines=${6} />`}
      ${all && !isGuest.value && !live.some(({ kind }) => kind === 'GROUP') && html`
        <aside class="rooms__invite">
          <p class="rooms__ask">${t('rooms.empty')}</p>
          <p class="rooms__text">${t('rooms.empty.text')}</p>
          <${Button} kind="soft" icon="message-circle-plus" href="/chat/new">${t('rooms.new')}<//>
        </aside>`}
      ${before.length > 0 && html`<nav class="rooms" aria-label=${t('rooms.archived')}><h2 class="list__title rooms__title">${t('rooms.archived')}</h2>${list(before)}</nav>`}
    <//>`;
});

/** @type {(props: { room: import('./shapes.js').Room, isCurrent: boolean }) => any} */
const RoomRow = view(({ room, isCurrent }) => {
  const { lastMessage: last, unreadCount } = room;
  const isMain = room.roomId === mainRoom.value?.roomId;
  return html`
    <a class="room" href=${isMain ? '/chat' : `/chat/${room.roomId}`} aria-current=${isCurrent ? 'page' : undefined}>
      <${Faces} room=${room} />
      <span class="room__words">
        <span class="room__name"><span class="room__title">${titleOf(room)}</span>
          ${room.kind === 'GROUP' && html`<span class="room__members"><span aria-hidden="true">${formatCount(room.members.length)}</span><span class="unseen">${t('rooms.members', { count: room.members.length })}</span></span>`}</span>
        <span class="room__last">${(last && summaryOf(last, room)) || t('chat.quiet')}</span>
      </span>
      <span class="room__side">
        ${room.archived ? html`<span class="room__mark">${t('rooms.archived')}</span>` : last && html`<time class="room__time" datetime=${last.sentAt}>${whenOf(last.sentAt)}</time>`}
        ${unreadCount > 0 && html`<span class="room__count"><span aria-hidden="true">${unreadCount > COUNTED_MAX ? '999+' : formatCount(unreadCount)}</span>
          <span class="unseen">${t('chat.unread', { count: unreadCount })}</span></span>`}
      </span>
    </a>`;
});

/** Who is in a room, at a glance. @type {(props: { room: import('./shapes.js').Room }) => any} */
const Faces = view(({ room }) => {
  const others = othersIn(room);
  if (others.length < 2) return html`<${Avatar} person=${/** @type {any} */ (others[0] ?? room.members[0])} size=${40} />`;
  return html`<span class="faces" data-count=${Math.min(FACES_MAX, others.length)}>${others.slice(0, FACES_MAX).map((person) => html`<${Avatar} key=${person.userId} person=${/** @type {any} */ (person)} size=${24} />`)}</span>`;
});

/** @param {string} instant */
const whenOf = (instant) => (dayOf(instant) === dayOf() ? formatTime(instant) : formatDate(instant, 'short'));
