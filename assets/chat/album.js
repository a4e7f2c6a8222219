// The album of a room: every photo and film, month by month, the newest first.
import { html, view } from '../ui/html.js';
import { Button, Empty, Icon, Page, Panes, Skeleton } from '../ui/parts.js';
import { album, ALBUM_PAGE } from './find_store.js';
import { roomOf } from './rooms.js';
import { RoomList } from './room_list.js';
import { Viewer } from './viewer.js';
import { dayOf, formatDate, formatRun, t } from '../text/index.js';

/** @typedef {import('./shapes.js').Message} Message */

/** @type {(props: { place: import('../router.js').Place }) => any} */
export const RoomAlbum = view(({ place }) => {
  const roomId = Number(place.params.id);
  return html`<${Panes} showing="main" list=${html`<${RoomList} current=${roomId} />`} main=${html`<${Album} key=${roomId} roomId=${roomId} />`} />`;
});

/** @type {(props: { roomId: number }) => any} */
const Album = view(({ roomId }, self) => {
  const shown = self.local('shown', /** @type {Message[]} */ ([]));
  const state = self.local('state', /** @type {'' | 'loading' | 'more' | 'failed'} */ (''));
  const viewed = self.local('viewed', /** @type {{ id: number, from: DOMRect } | null} */ (null));
  const end = self.ref('end');
  const load = async () => {
    if (state.peek() === 'loading') return;
    state.value = 'loading';
    try {
      const page = await album(roomId, shown.peek().at(-1)?.id);
      shown.value = [...shown.peek(), ...page];
      state.value = page.length >= ALBUM_PAGE ? 'more' : '';
    } catch {
      state.value = 'failed';
    }
  };
  self.once(() => {
    load();
    // More comes before the end is seen.
    const near = new IntersectionObserver(([entry]) => { if (entry.isIntersecting && state.peek() === 'more') load(); }, { rootMargin: '800px' });
    near.observe(end.current);
    return () => near.disconnect();
  });
  const isBare = shown.value.length === 0;
  return html`
    <${Page} title=${t('album.title')} backTo=${`/chat/${roomId}/info`} look="page--album">
      ${monthsOf(shown.value).map(({ month, messages }) => html`
        <section class="shelf" key=${month} aria-label=${formatDate(month, 'month')}>
          <h2 class="shelf__month">${formatDate(month, 'month')}</h2>
          <div class="shelf__photos">${messages.map((message) => html`<${Photo} key=${message.id} message=${message} onView=${(/** @type {DOMRect} */ from) => { viewed.value = { id: message.id, from }; }} />`)}</div>
        </section>`)}
      ${isBare && state.value === 'loading' && html`<${Skeleton} lines=${6} />`}
      ${isBare && state.value === '' && html`<${Empty} icon="image" title=${t('album.empty')} text=${t('album.empty.text')}><${Button} kind="soft" href=${`/chat/${roomId}`}>${t('album.send')}<//><//>`}
      ${state.value === 'failed' && html`<${Empty} icon="cloud-off" title=${t('album.stuck')}><${Button} onClick=${load}>${t('again')}<//><//>`}
      <div class="shelf__end" ref=${end}></div>
    <//>
    ${viewed.value && roomOf(roomId) && html`<${Viewer} id=${viewed.value.id} from=${viewed.value.from} among=${shown.value} onClose=${() => { viewed.value = null; }} />`}`;
});

/** By the couple's months. @param {Message[]} messages @returns {{ month: string, messages: Message[] }[]} */
export function monthsOf(messages) {
  /** @type {{ month: string, messages: Message[] }[]} */
  const months = [];
  for (const message of messages) {
    const month = dayOf(message.sentAt).slice(0, 7);
    if (months.at(-1)?.month === month) months[months.length - 1].messages.push(message);
    else months.push({ month, messages: [message] });
  }
  return months;
}

/** @type {(props: { message: Message, onView: (from: DOMRect) => void }) => any} */
const Photo = view(({ message, onView }, self) => {
  const button = self.ref('button');
  const isVideo = message.type === 'VIDEO';
  const length = isVideo && message.durationMs ? formatRun(message.durationMs) : '';
  return html`
    <button class="shelf__photo" type="button" ref=${button} aria-label=${`${t(isVideo ? 'chat.video' : 'chat.photo')} ${length} ${formatDate(message.sentAt, 'day')}`}
      onClick=${() => onView(button.current.getBoundingClientRect())}>
      ${message.thumbnailUrl && html`<img class="shelf__image" src=${message.thumbnailUrl} alt="" loading="lazy" decoding="async" />`}
      ${isVideo && html`<span class="shelf__film"><${Icon} name="play" size=${16} />${length}</span>`}
    </button>`;
});
