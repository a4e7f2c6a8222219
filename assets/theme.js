// Runs before the first paint, so that nobody is dazzled at night: light or dark, how large the letters are, the language of the page and of what is installed, its words on their way.
(() => {
  const root = document.documentElement;
  const system = matchMedia('(prefers-color-scheme: dark)');
  const kept = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
  const apply = () => {
    const wanted = kept('theme');
    const isDark = wanted === 'dark' || (wanted !== 'light' && system.matches);
    root.dataset.theme = isDark ? 'dark' : 'light';
    root.dataset.size = kept('size') ?? 'normal';
    document.querySelector('meta[name="theme-color"]')?.setAttribute('content', isDark ? '#1e1a1c' : '#ffffff');
  };
  apply();
  system.addEventListener('change', apply);
  addEventListener('themechange', apply);
  const korean = (navigator.languages ?? [navigator.language]).find((tag) => /^(ko|en)\b/.test(tag))?.startsWith('ko');
  root.lang = kept('language') ?? (korean ? 'ko' : 'en');
  const link = (rel, href) => document.head.append(Object.assign(document.createElement('link'), { rel, href }));
  link('modulepreload', document.currentScript.src.replace('theme', `text/${root.lang}/app`));
  link('manifest', `/manifest.${root.lang}.webmanifest`);
})();
