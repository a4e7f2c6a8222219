// Which modules the browser fetches before the first screen: the static imports of app.js, all the way down.
import fs from 'node:fs';
import path from 'node:path';

export const ASSETS = path.resolve(import.meta.dirname, '../../assets');

/** Every module that `entry` needs before it runs, by path below assets/. */
export function needed(entry) {
  const found = new Set();
  const visit = (file) => {
    if (found.has(file)) return;
    found.add(file);
    if (file.startsWith('vendor/')) return;
    const text = fs.readFileSync(path.join(ASSETS, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
    for (const [, wanted] of text.matchAll(/^(?:import|export)\b[^;]*?from '([^']+)';/gm)) visit(path.join(path.dirname(file), wanted));
    for (const [, wanted] of text.matchAll(/^import '([^']+)';/gm)) visit(path.join(path.dirname(file), wanted));
  };
  visit(entry);
  return [...found];
}

/** What is imported while the app runs, on the way to the chat of who is signed in. */
const ON_THE_WAY = ['shell/shell.js', 'chat/page.js', 'vendor/socket.io.esm.min.js'];

/** What index.html asks for ahead: all modules of the start and of the first screen that most see. */
export const ahead = () => [...new Set(['app.js', ...ON_THE_WAY].flatMap(needed))].filter((file) => file !== 'app.js');

if (process.argv[1] === import.meta.filename) {
  console.log(ahead().map((file) => `  <link rel="modulepreload" href="/${file}">`).join('\n'));
}
