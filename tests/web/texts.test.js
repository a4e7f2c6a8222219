// Every word on screen is there in both languages, and none is there for nothing.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { ASSETS } from './graph.js';

const LANGUAGES = ['ko', 'en'];
const FORM = /\.(zero|one|two|few|many|other)$/;
const files = (language) => fs.readdirSync(path.join(ASSETS, 'text', language)).sort();
const words = async (language, file) => (await import(path.join(ASSETS, 'text', language, file))).default;

/** All sources but the words themselves and what is not ours. */
const sources = fs.readdirSync(ASSETS, { recursive: true })
  .filter((name) => name.endsWith('.js') && !/^(vendor\/|text\/(ko|en)\/)/.test(name))
  .map((name) => [name, fs.readFileSync(path.join(ASSETS, name), 'utf8').replace(/^\s*(\/\/|\/?\*).*$/gm, '')]);

/** Keys that stand in the code: whole, and beginnings of `t(\`error.${code}\`)`, ends open. */
function used() {
  const whole = new Map();
  const patterns = [];
  for (const [name, text] of sources) {
    for (const [, key] of text.matchAll(/\b(?:t|has)\(\s*'([^']+)'/g)) whole.set(key, name);
    for (const [call] of text.matchAll(/\b(?:t|has)\(\s*[^()]*\?[^()]*\)/g)) for (const [, key] of call.matchAll(/[?:]\s*'([\w-]+(?:\.[\w-]+)*)'/g)) whole.set(key, name);
    for (const [, key] of text.matchAll(/\b(?:t|has)\(\s*`([^`]+)`/g)) patterns.push(new RegExp(`^${key.split(/\$\{[^}]*\}/).map((part) => part.replaceAll('.', '\\.')).join('[\\w-]+')}$`));
  }
  return { whole, patterns };
}

test('both languages have the same files, keys and values to fill in', async () => {
  assert.deepEqual(files('ko'), files('en'));
  for (const file of files('ko')) {
    const [korean, english] = await Promise.all(LANGUAGES.map((language) => words(language, file)));
    const bare = (all) => [...new Set(Object.keys(all).map((key) => key.replace(FORM, '')))].sort();
    assert.deepEqual(bare(korean), bare(english), file);
    const holes = (text) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();
    for (const [key, text] of Object.entries(korean)) {
      const other = english[key] ?? english[key.replace(FORM, '.other')];
      assert.deepEqual(holes(text), holes(other), `${file}: ${key}`);
      assert.ok(text.trim() && other.trim(), `${file}: ${key} is empty`);
    }
  }
});

test('a key stands in one file only, and every counted form in English has one and other', async () => {
  for (const language of LANGUAGES) {
    const homes = new Map();
    for (const file of files(language)) {
      for (const key of Object.keys(await words(language, file))) {
        assert.ok(!homes.has(key), `${key} is in ${homes.get(key)} and ${file}`);
        homes.set(key, file);
      }
    }
    const counted = [...homes.keys()].filter((key) => FORM.test(key)).map((key) => key.replace(FORM, ''));
    for (const key of new Set(counted)) for (const form of language === 'en' ? ['one', 'other'] : ['other']) assert.ok(homes.has(`${key}.${form}`), `${language}: ${key}.${form}`);
  }
});

test('every key that the code names has words, and all words are named somewhere', async () => {
  const all = new Set();
  for (const file of files('ko')) for (const key of Object.keys(await words('ko', file))) all.add(key.replace(FORM, ''));
  const { whole, patterns } = used();
  const missing = [...whole].filter(([key]) => !all.has(key.replace(FORM, '')));
  assert.deepEqual(missing, []);
  assert.ok(whole.size > 50, 'the code was read');
  // Every string of the code that is a key counts: some are kept in tables.
  const quoted = new Set(sources.flatMap(([, text]) => [...text.matchAll(/'([\w-]+(?:\.[\w-]+)+|\w+)'/g)].map(([, key]) => key)));
  const unused = [...all].filter((key) => !whole.has(key) && !quoted.has(key) && !patterns.some((pattern) => pattern.test(key)));
  assert.deepEqual(unused, []);
});

test('every code with a sentence is one that the server knows', async () => {
  const table = fs.readFileSync(path.join(ASSETS, '../packaging/errors.md'), 'utf8');
  const known = new Set([...table.matchAll(/^\| (\d{4}) \|/gm)].map(([, code]) => code));
  for (const key of Object.keys(await words('ko', 'app.js'))) {
    const [, code] = /^error\.(\d{4})$/.exec(key) ?? [];
    if (code) assert.ok(known.has(code), `${code} is not in packaging/errors.md`);
  }
});


test('Korean is spoken kindly: no 합니다, no blame', async () => {
  for (const file of files('ko')) {
    for (const [key, text] of Object.entries(await words('ko', file))) assert.doesNotMatch(text, /(합니다|입니다|하십시오|습니까)/, key);
  }
});
