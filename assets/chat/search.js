// Finding what was said, in one room or in all of mine; a hit opens where it stands.
import { html, view } from '../ui/html.js';
import { effect } from '../signal.js';
import { announce, Avatar, Button, Empty, Icon, Page, Panes, Skeleton } from '../ui/parts.js';
import { excerptOf, search } from './find_store.js';
import { nameIn, personIn, roomOf, titleOf } from './rooms.js';
import { RoomList } from './room_list.js';
import { myId } from '../accounts/session.js';
import { formatDate, formatTime, t } from '../text/index.js';

const AFTER_MS = 250;
/** What was last looked for: coming back from a hit, it stands there still. */
let last = { words: '', roomId: 0, userId: 0 };

/** @type {(props: { place: import('../router.js').Place }) => any} */
export const Search = view(({ place }) => {
  const roomId = Number(place.params.id ?? 0);
  return html`<${Panes} showing="main" list=${html`<${RoomList} current=${roomId} />`} main=${html`<${Finder} key=${roomId} roomId=${roomId} />`} />`;
});

/** @type {(props: { roomId: number }) => any} */
const Finder = view(({ roomId }, self) => {
  const words = self.local('words', () => (last.roomId === roomId && last.userId === myId.peek() ? last.words : ''));
  const found = self.local('found', /** @type {{ hits: import('./find_store.js').Hit[], next: string | null } | null} */ (null));
  const wrong = self.local('wrong', '');
  const isBusy = self.local('busy', false);
  const box = self.ref('box');
  const asked = self.ref('asked');
  asked.current ??= new AbortController();
  const ask = async (/** @type {string | null} */ before) => {
    asked.current.abort();
    const mine = asked.current = new AbortController();
    isBusy.value = true;
    try {
      const page = await search({ words: words.peek(), roomId, before }, mine.signal);
      if (mine.signal.aborted) return;
      found.value = before ? { hits: [...found.peek()?.hits ?? [], ...page.hits], next: page.next } : page;
      wrong.value = '';
      announce(t('search.found', { count: found.value.hits.length }));
    } catch (error) {
      if (mine.signal.aborted) return;
      found.value = null;
      wrong.value = /** @type {any} */ (error).code === '6415' ? '' : /** @type {Error} */ (error).message;
    }
    isBusy.value = false;
  };
  self.once(() => {
    box.current.focus({ preventScroll: true });
    let timer = 0;
    const stop = effect(() => {
      const now = words.value.trim();
      last = { words: words.value, roomId, userId: myId.peek() };
      clearTimeout(timer);
      asked.current.abort();
      if (now === '') { found.value = null; wrong.value = ''; isBusy.value = false; return; }
      timer = /** @type {any} */ (setTimeout(() => ask(null), AFTER_MS));
    });
    return () => { stop(); clearTimeout(timer); asked.current.abort(); };
  });
  const room = roomOf(roomId);
  const hits = found.value?.hits ?? [];
  return html`
    <${Page} title=${room ? t('search.in', { room: titleOf(room) }) : t('search.title')} backTo=${roomId ? `/chat/${roomId}` : '/chat/rooms'} look="page--search">
      <form class="finder" role="search" onSubmit=${(/** @type {Event} */ event) => { event.preventDefault(); if (words.value.trim()) ask(null); }}>
        <${Icon} name="search" size=${20} />
        <input class="finder__words" ref=${box} type="search" enterkeyhint="search" autocomplete="off" maxlength="100" aria-label=${t('search.title')} placeholder=${t('search.hint')}
          value=${words.value} onInput=${(/** @type {any} */ event) => { words.value = event.target.value; }} />
      </form>
      ${wrong.value && html`<p class="form__error" role="alert">${wrong.value}</p>`}
      ${hits.length > 0 && html`<ul class="hits" role="list">${hits.map((hit) => html`<li key=${`${hit.message.roomId} ${hit.message.id}`}><${HitRow} hit=${hit} isHere=${roomId > 0} /></li>`)}</ul>`}
      ${found.value?.next && html`<${Button} kind="soft" isWide=${true} isBusy=${isBusy.value} onClick=${() => ask(found.value?.next ?? null)}>${t('search.more')}<//>`}
      ${isBusy.value && hits.length === 0 && html`<${Skeleton} lines=${4} />`}
      ${!isBusy.value && !wrong.value && hits.length === 0 && html`<${Nothing} isFound=${found.value === null} isVague=${words.value.trim() !== ''} />`}
    <//>`;
});

/** Nothing was looked for yet, too little, or nothing is there. @param {{ isFound: boolean, isVague: boolean }} props */
function Nothing({ isFound, isVague }) {
  if (!isFound) return html`<${Empty} icon="search" title=${t('search.none')} text=${t('search.none.text')} />`;
  return html`<${Empty} icon="search" title=${t(isVague ? 'search.vague' : 'search.begin')} text=${t('search.begin.text')} />`;
}

/** @type {(props: { hit: import('./find_store.js').Hit, isHere: boolean }) => any} */
const HitRow = view(({ hit, isHere }) => {
  const { message, marks } = hit;
  const room = roomOf(message.roomId);
  const name = message.senderId === myId.value ? t('chat.me') : nameIn(room, message.senderId);
  const text = message.schedule?.title ?? message.content;
  return html`
    <a class="hit" href=${`/chat/${message.roomId}/${message.id}`}>
      <${Avatar} person=${/** @type {any} */ (personIn(room, message.senderId))} size=${40} />
      <span class="hit__words">
        <span class="hit__head"><span class="hit__name">${isHere || !room ? name : `${name} · ${titleOf(room)}`}</span>
          <time class="hit__time" datetime=${message.sentAt}>${formatDate(message.sentAt, 'date')} ${formatTime(message.sentAt)}</time></span>
        <span class="hit__text" dir="auto">${excerptOf(text, marks).map(({ text: words, isMark }) => (isMark ? html`<mark class="hit__mark">${words}</mark>` : words))}</span>
      </span>
    </a>`;
});
