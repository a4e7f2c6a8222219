// Every screen on one page: path → page, its words, its stylesheets. They are fetched, all at once, when they are first needed.
import { loadTexts } from './text/index.js';
/** @type {import('./router.js').Screen[]} */
export const screens = [
  // Coming in
  { path: '/', page: async () => (await import('./accounts/doors.js')).Welcome, texts: ['doors'], styles: ['doors'], who: 'out' },
  { path: '/login', page: async () => (await import('./accounts/doors.js')).Login, texts: ['doors'], styles: ['doors'], who: 'out' },
  { path: '/create', page: async () => (await import('./accounts/doors.js')).Create, texts: ['doors'], styles: ['doors'], who: 'out' },
  { path: '/join', page: async () => (await import('./couples/join.js')).Join, texts: ['doors'], styles: ['doors'], who: 'both', isBare: true },
  { path: '/join/:code', page: async () => (await import('./couples/join.js')).Join, texts: ['doors'], styles: ['doors'], who: 'both', isBare: true },
  { path: '/guest/:token', page: async () => (await import('./chat/door.js')).Door, texts: ['doors', 'rooms'], styles: ['doors'], who: 'both', isBare: true },
  { path: '/login-link', page: async () => (await import('./accounts/link_door.js')).LinkDoor, texts: ['doors', 'links'], styles: ['doors'], who: 'both', isBare: true },
  { path: '/rescue', page: async () => (await import('./accounts/link_door.js')).LinkDoor, texts: ['doors', 'links'], styles: ['doors'], who: 'both', isBare: true },

  // Becoming two
  { path: '/pair', page: async () => (await import('./couples/pair.js')).Pair, texts: ['doors'], styles: ['doors'], who: 'family', isBare: true },

  // Calendar
  { path: '/calendar/:rest*', page: async () => (await import('./schedules/page.js')).Schedules, texts: ['days'], styles: ['schedules'], tab: 'calendar', who: 'family' },

  // Chat
  { path: '/chat/new', page: async () => (await import('./chat/new_room.js')).NewRoom, texts: ['rooms'], styles: ['chat', 'rooms'], tab: 'chat', who: 'family' },
  { path: '/chat/search', page: async () => (await import('./chat/search.js')).Search, texts: ['rooms', 'search'], styles: ['chat', 'rooms', 'search'], tab: 'chat' },
  { path: '/chat/:id/search', page: async () => (await import('./chat/search.js')).Search, texts: ['rooms', 'search'], styles: ['chat', 'rooms', 'search'], tab: 'chat' },
  { path: '/chat/:id/album', page: async () => (await import('./chat/album.js')).RoomAlbum, texts: ['rooms', 'search', 'acts'], styles: ['chat', 'rooms', 'search'], tab: 'chat' },
  { path: '/chat/:id/info', page: async () => (await import('./chat/info.js')).RoomInfo, texts: ['rooms'], styles: ['chat', 'rooms'], tab: 'chat' },
  { path: '/chat/:id/invite', page: async () => (await import('./chat/invite.js')).RoomInvite, texts: ['rooms', 'doors'], styles: ['chat', 'rooms', 'doors'], tab: 'chat', who: 'family' },
  { path: '/chat/:rest*', page: async () => (await import('./chat/page.js')).Chat, styles: ['chat'], tab: 'chat' },

  // Child
  { path: '/child/:rest*', page: async () => (await import('./children/page.js')).Children, texts: ['days'], styles: ['children'], tab: 'child', who: 'family' },

  // Settings
  { path: '/settings/:rest*', page: async () => (await import('./settings/page.js')).Settings, texts: ['settings', 'links', 'leaving', 'doors'], styles: ['settings', 'doors'], tab: 'settings' },
];

const RELOADED = 'reloaded';

/** The component that draws a screen. @param {import('./router.js').Screen} screen @returns {Promise<any>} */
export async function loadScreen(screen) {
  try {
    const [Page] = await Promise.all([screen.page(), loadTexts(...screen.texts ?? []), ...(screen.styles ?? []).map(loadStyle)]);
    sessionStorage.removeItem(RELOADED);
    return Page;
  } catch (error) {
    // A server that was renewed meanwhile has other files than this page: start over with them, once.
    if (navigator.onLine && !sessionStorage.getItem(RELOADED)) {
      sessionStorage.setItem(RELOADED, '1');
      location.reload();
      return new Promise(() => {});
    }
    throw error;
  }
}

/** @type {Map<string, Promise<void>>} */
const styles = new Map();

/** Adds a stylesheet of style/ once, and waits for it, so that nothing is ever shown bare. @param {string} name @returns {Promise<void>} */
function loadStyle(name) {
  const href = new URL(`style/${name}.css`, import.meta.url).pathname;
  if (document.querySelector(`link[rel="stylesheet"][href="${href}"]:not([data-late])`)) return Promise.resolve();
  const loading = styles.get(name) ?? new Promise((resolve, reject) => {
    const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href });
    link.dataset.late = '';
    link.onload = () => resolve(undefined);
    link.onerror = () => { styles.delete(name); link.remove(); reject(new Error(`no stylesheet ${name}`)); };
    document.head.append(link);
  });
  styles.set(name, loading);
  return loading;
}
