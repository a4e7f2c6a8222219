// The service worker: the app's files of one build, kept whole, so that it opens without a network and never mixes two builds.
// The server puts `const BUILD = { version, files }` above this line; so this file changes whenever any other does.

const SHELL = `app-${BUILD.version}`;
const PHOTOS = 'data-photos';
const PHOTOS_MAX = 300;
/** Licences, type declarations, icons that only the system shows. */
const isLeftOut = (name) => /^(sw\.js$|vendor\/(LICENSE|README))|\.d\.m?ts$|\.png$/.test(name);
/** As the page asks for them. */
const addressOf = (name) => (name === 'index.html' ? '/' : /\.(m?js|css)$/.test(name) ? `/@${BUILD.version}/${name}` : `/${name}`);
const FILES = new Set(BUILD.files.filter((name) => !isLeftOut(name)).map(addressOf));

self.addEventListener('install', (event) => event.waitUntil(fetchAll()));
self.addEventListener('activate', (event) => event.waitUntil(dropOthers()));
self.addEventListener('message', (event) => {
  if (event.data === 'take over') self.skipWaiting();
  if (event.data === 'begun') event.waitUntil(dropOthers());
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin) return;
  // A page that is older than this worker has its own build's files.
  if (url.pathname.startsWith('/@')) event.respondWith(caches.match(url.pathname).then((kept) => kept ?? fetch(request)));
  else if (FILES.has(url.pathname) && url.pathname !== '/') event.respondWith(fromShell(url.pathname, request));
  else if (request.mode === 'navigate' && isScreen(url.pathname)) event.respondWith(fromShell('/', request));
  else if (/^\/media\/[^/]+\/(thumb|poster)$/.test(url.pathname)) event.respondWith(photo(url, request));
});

/** As the server decides which addresses are the app's. */
function isScreen(path) {
  return /^\/[\w/-]*$/.test(path) && !/^\/(api|media|metrics|healthz|calendar\/[\w-]{20,})(\/|$)/.test(path);
}

async function fetchAll() {
  const cache = await caches.open(SHELL);
  await Promise.all([...FILES].map(async (path) => {
    const response = await fetch(path, { cache: 'no-cache' });
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    await cache.put(path, response);
  }));
  // A server that was renewed in the middle of this has given us files of two builds.
  const now = await (await fetch('/sw.js', { cache: 'no-store' })).text();
  if (!now.includes(BUILD.version)) {
    await caches.delete(SHELL);
    throw new Error('the server was renewed meanwhile');
  }
}

/** Builds before this one go, once no page is of them: each holds a lock of that name (pwa.js). */
async function dropOthers() {
  const names = (await caches.keys()).filter((name) => name.startsWith('app-'));
  const inUse = new Set((await navigator.locks.query()).held.map(({ name }) => name));
  // What comes after it is a newer one that is still being fetched.
  const before = names.slice(0, names.indexOf(SHELL)).filter((name) => !inUse.has(name));
  await Promise.all(before.map((name) => caches.delete(name)));
}

async function fromShell(path, request) {
  const cache = await caches.open(SHELL);
  return (await cache.match(path)) ?? fetch(request);
}

/** Small pictures by their id: links change daily, the picture never does. */
async function photo(url, request) {
  const cache = await caches.open(PHOTOS);
  const kept = await cache.match(url.pathname);
  if (kept) return kept;
  const response = await fetch(request);
  // A plain frame stands there until the picture is drawn; that is not kept.
  if (response.status === 200 && /max-age=[1-9]/.test(response.headers.get('Cache-Control') ?? '')) {
    await cache.put(url.pathname, response.clone());
    const keys = await cache.keys();
    await Promise.all(keys.slice(0, Math.max(0, keys.length - PHOTOS_MAX)).map((key) => cache.delete(key)));
  }
  return response;
}
