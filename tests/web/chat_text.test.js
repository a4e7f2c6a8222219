// What is in a text: links, emoji, too much; hostile strings among them.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { emojiCount, folded, lengthOf, partsOf, wellFormed } from '../../assets/chat/text.js';

const links = (text) => partsOf(text).filter(({ href }) => href).map(({ text: shown, href }) => [shown, href]);
const joined = (text) => partsOf(text).map(({ text: part }) => part).join('');

test('addresses are found where people write them', () => {
  const cases = [
    ['https://naver.com', [['https://naver.com', 'https://naver.com/']]],
    ['여기 http://a.kr/b?c=d#e 봐', [['http://a.kr/b?c=d#e', 'http://a.kr/b?c=d#e']]],
    ['www.a.kr.', [['www.a.kr', 'https://www.a.kr/']]],
    ['(https://a.kr/b)', [['https://a.kr/b', 'https://a.kr/b']]],
    ['https://ko.wikipedia.org/wiki/밤비_(영화)', [['https://ko.wikipedia.org/wiki/밤비_(영화)', 'https://ko.wikipedia.org/wiki/%EB%B0%A4%EB%B9%84_(%EC%98%81%ED%99%94)']]],
    ['https://a.kr/b를 보고 https://c.kr에서 사', [['https://a.kr/b', 'https://a.kr/b'], ['https://c.kr', 'https://c.kr/']]],
    ['https://a.kr/b, https://c.kr!', [['https://a.kr/b', 'https://a.kr/b'], ['https://c.kr', 'https://c.kr/']]],
    ['http://localhost:8080/x', [['http://localhost:8080/x', 'http://localhost:8080/x']]],
    ['HTTPS://A.KR', [['HTTPS://A.KR', 'https://a.kr/']]],
  ];
  for (const [text, expected] of cases) assert.deepEqual(links(text), expected, text);
});

test('nothing else becomes a link, whatever it looks like', () => {
  const hostile = [
    'javascript:alert(1)', 'JaVaScRiPt://a.kr/%0aalert(1)', 'data:text/html,<script>alert(1)</script>', 'vbscript:x', 'file:///etc/passwd',
    '<a href="javascript:alert(1)">x</a>', '<img src=x onerror=alert(1)>', 'https://', 'http://?', 'https://bank.kr@evil.kr/', 'https://user:pass@evil.kr',
    'a@www.b.kr', 'https://a', 'xhttps://a.kr', 'ftp://a.kr', '\u0000', '\ud800', 'https:/a.kr',
  ];
  for (const text of hostile) assert.deepEqual(links(text), [], text);
});

test('a link ends where something hostile begins, and never changes what is shown', () => {
  const cases = ['https://a.kr/"onmouseover="alert(1)', 'https://a.kr/<script>', 'https://a.kr/\u202egpj.exe', 'https://a.kr/\u0000x', 'http://a.kr/\ud800', '가'.repeat(9_000), 'https://a.kr/'.repeat(500), '('.repeat(3_000)];
  for (const text of cases) {
    assert.equal(joined(text), text);
    for (const [shown, href] of links(text)) {
      assert.doesNotMatch(shown, /["<>\u0000\u202e]/);
      assert.match(href, /^https?:\/\//);
    }
  }
});

/** What this process has worked so far: how busy the machine is with others does not count. */
const workedMs = () => Object.values(process.cpuUsage()).reduce((sum, part) => sum + part / 1_000, 0);

test('long hostile texts are read in no time', () => {
  const cases = ['www.'.repeat(1_250), `https://a.kr/${')'.repeat(4_900)}`, `https://a.kr/${'.'.repeat(4_900)}x`, `https://a.kr/${'가'.repeat(4_900)}`, '👶'.repeat(5_000), 'e\u0301'.repeat(2_500), `https://a.kr/${'(.'.repeat(2_400)}`];
  for (const text of cases) {
    const begun = workedMs();
    partsOf(text);
    emojiCount(text);
    folded(text);
    assert.ok(workedMs() - begun < 100, `${text.slice(0, 20)}: ${workedMs() - begun} ms`);
  }
});

test('a few emoji and nothing else are big', () => {
  const cases = [
    ['👶', 1], ['❤️', 1], ['👨‍👩‍👧', 1], ['🙋🏻‍♀️🙋🏻‍♂️', 2], ['🇰🇷', 1], ['1️⃣', 1], [' 😍 😍 ', 2], ['👶👶👶👶👶👶', 6],
    ['👶👶👶👶👶👶👶', 0], ['👶!', 0], ['123', 0], ['#', 0], ['', 0], [' ', 0], ['ㅋㅋ', 0], ['©', 0], ['\u200d', 0], ['❤️'.repeat(300), 0],
  ];
  for (const [text, expected] of cases) assert.equal(emojiCount(text), expected, text);
});

test('a long text is folded, never through a character', () => {
  assert.equal(folded('짧아요'), null);
  assert.equal(folded('a'.repeat(600)), null, 'a fold hides something worth a tap');
  assert.equal(folded('a'.repeat(700))?.length, 500);
  assert.equal(folded('가'.repeat(400))?.length, 294, 'wide letters fill more');
  for (const text of ['👶'.repeat(400), `a${'👶'.repeat(400)}`]) assert.doesNotMatch(folded(text) ?? '\ud800', /[\ud800-\udbff]$/);
  assert.equal(folded('줄\n'.repeat(40))?.split('\n').length, 14);
  assert.equal(folded(`줄${'\n'.repeat(13)}끝`), null);
});

test('what goes out is well formed and counted as the server counts', () => {
  assert.equal(wellFormed('a\ud800b\udc00👶'), 'a\ufffdb\ufffd👶');
  assert.equal(lengthOf('👶가a'), 3);
});
