// Writes the icons of assets/index.html from lucide: `npm ci && npm run sprite` after adding a name here.
import fs from 'node:fs';

const NAMES = `
  arrow-down arrow-up baby calendar calendar-plus camera check chevron-left chevron-right circle-alert clock cloud-off copy download ellipsis-vertical eye
  eye-off file-text globe heart image info key-round life-buoy link log-out menu message-circle message-circle-plus monitor palette paperclip pencil play plus qr-code
  refresh-cw reply search settings share smartphone sparkles square trash-2 user-minus user-plus users video wifi-off x
`.trim().split(/\s+/);

const source = new URL('./node_modules/lucide-static/icons/', import.meta.url);
const symbols = NAMES.map((name) => {
  const shapes = fs.readFileSync(new URL(`${name}.svg`, source), 'utf8').replace(/^[\s\S]*?>\s*(?=<(?!svg|!--))/, '').replace(/<\/svg>\s*$/, '');
  return `<symbol id="icon-${name}" viewBox="0 0 24 24">${shapes.replace(/\s*\n\s*/g, '').replaceAll(' />', '/>')}</symbol>`;
});
const sprite = `<svg hidden>\n${symbols.join('\n')}\n</svg>`;
const page = new URL('../../assets/index.html', import.meta.url);
fs.writeFileSync(page, fs.readFileSync(page, 'utf8').replace(/<svg hidden>\n(<symbol id="fawn"[^\n]*\n)[\s\S]*?<\/svg>/, (_, fawn) => sprite.replace('\n', `\n${fawn}`)));
