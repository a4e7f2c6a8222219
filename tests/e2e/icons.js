'use strict';
// Draws the PNGs that phones want: `node tests/e2e/icons.js` after changing one of these SVGs.
const fs = require('node:fs');
const path = require('node:path');
const { launch } = require('./browser.js');
const { ROOT } = require('./server.js');

const ICON = 'assets/icons/icon.svg';
// Seen by nobody but this program.
const MASKABLE = 'packaging/icons/maskable.svg';
const BADGE = 'packaging/icons/badge.svg';
const DRAWN = [[ICON, 'icon-192', 192], [ICON, 'icon-512', 512], [MASKABLE, 'maskable-512', 512], [MASKABLE, 'apple-touch-icon', 180], [BADGE, 'badge-96', 96]];

(async () => {
  const browser = await launch();
  for (const [source, name, size] of DRAWN) {
    const page = await browser.newPage({ viewport: { width: size, height: size } });
    const svg = fs.readFileSync(path.join(ROOT, source)).toString('base64');
    await page.setContent(`<body style="margin:0"><img width="${size}" height="${size}" style="display:block" src="data:image/svg+xml;base64,${svg}">`);
    await page.screenshot({ path: path.join(ROOT, 'assets/icons', `${name}.png`), omitBackground: true });
    await page.close();
  }
  await browser.close();
})();
